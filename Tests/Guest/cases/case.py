"""What a case is, and what most cases begin and end with."""

import dataclasses
import random

import adapters
from part import commands, fingerprint, part


@dataclasses.dataclass
class Case:
    """A name, what it shows, whether it is one of the short ones, and its body: `body(bench, seed)`."""

    name: str
    purpose: str
    quick: bool
    body: object


ALL = []


def case(name, purpose, quick=False):
    """Registers a case."""
    def register(body):
        ALL.append(Case(name, purpose, quick, body))
        return body
    return register


def each_kind(name, purpose, quick=()):
    """Registers a case for each kind of adapter: `body(bench, seed, kind)`."""
    def register(body):
        for kind in adapters.KINDS:
            def bound(bench, seed, kind=kind):
                body(bench, seed, kind)
            ALL.append(Case(f"{name}-{kind}", f"{purpose} ({kind})", kind in quick, bound))
        return body
    return register


@dataclasses.dataclass
class Print:
    """A print under way on the machine `one`."""

    adapter: object
    board: object
    job: int
    text: str
    socket: int = 1


def printing(bench, kind, seed, *settings, moves=500, hot=False, **options):
    """Starts a print on a machine behind an adapter and waits until it is well under way."""
    adapter = adapters.KINDS[kind]()
    board = bench.board("one", adapter, **options)
    bench.start()
    bench.plug(adapter, 1)
    bench.add("one", bench.by_path(1), *settings, baud=board.baud)
    text = part(moves, seed, hot)
    job = bench.submit(text, "one")
    board.wait_for(random.Random(seed).randint(40, 80))
    return Print(adapter, board, job, text)


def intact(bench, board, text):
    """The board executed the file, each line once and in order; its report."""
    wanted = commands(text)
    report = board.end()
    lines = [line for line in board.executed() if line.split()[0] in ("G1", "G0", "G28")]
    where = next((place for place, (is_, should) in enumerate(zip(lines, wanted)) if is_ != should), None)
    bench.check(report["hash"] == fingerprint(text) and report["executed"] == len(wanted),
                f"executed {report['executed']} lines with hash {report['hash']}, the file has {len(wanted)} with "
                f"{fingerprint(text)}; the first motion that differs is number {where}")
    return report


def finished(bench, run, seconds=240):
    """Waits for the print's end and checks that it is the file."""
    bench.wait_job(run.job, "done", seconds=seconds)
    return intact(bench, run.board, run.text)
