"""The host's power is cut, or it is shut down, in mid-print."""

import time

from cases.case import case, printing
from guest import GuestError
from part import commands


@case("power-off", "the guest's plug is pulled in mid-print: the next start asks a person, `recover` has a plan and prints it")
def power_off(bench, seed):
    run = printing(bench, "cdc", seed, "--resets-on-open", "yes", "--holds-z", "yes", resets=True, moves=6000,
                   hot=True, factor=20, baud=2000000)
    # Some seconds, so that the journal has been written more than once.
    began = time.monotonic()
    while time.monotonic() - began < 12:
        time.sleep(0.2)
    at = len(run.board.executed())
    bench.check(run.text.count("\n") > at + 500, "the print is over before the cut")
    bench.guest.kill()
    run.adapter.unplug()
    boot_again(bench)
    job = bench.wait_job(run.job, "uncertain", "needsAttention")
    # Told before anything is opened: opening resets this board, which also switches its heaters off (safety.md rule 3).
    bench.plug(run.adapter, 1)
    bench.node(1)
    bench.note(f"cut after {at} lines; job {job['state']}: {job.get('reason')}")
    bench.fabline("connect", "one", fails=True)
    bench.wait_machine("one", "idle")
    recovered(bench, run, at)


def boot_again(bench):
    """The guest starts from its disk as it was left."""
    bench.sockets.clear()
    bench.guest = bench.lab.boot_again()
    bench.guest.until("fabline status >/dev/null 2>&1")
    # The API answers a moment before the service says that it is ready.
    bench.guest.until("systemctl is-active --quiet fablined")


def recovered(bench, run, at):
    """Carries the plan out; what the board then executes is the file's rest, from a line that may not have run."""
    model = bench.answer("recover", run.job, "--show")
    (bench.folder / "plan").write_text("\n".join(model["plan"]))
    bench.check(model.get("refusal") is None, f"refused: {model.get('refusal')}")
    yes = [word for question in model["questions"] for word in ("--answer", f"{question['id']}={question['choices'][0]}")]
    before = len(run.board.executed())
    bench.fabline("recover", run.job, "--start", "--plan", model["planHash"], *yes)
    bench.wait_job(run.job, "done", seconds=240)
    wanted, later = commands(run.text), commands("\n".join(run.board.executed()[before:]))
    lifted = next(place for place, line in enumerate(later) if line.startswith("G1") and "Z" in line)
    homed = next(place for place, line in enumerate(later) if line.startswith("G28"))
    bench.check(lifted < homed and "Z" not in later[homed], f"homed before it was lifted: {later[:homed + 1]}")
    rest = 0
    while rest < min(len(wanted), len(later)) and wanted[-1 - rest] == later[-1 - rest]:
        rest += 1
    first = len(wanted) - rest
    bench.check(0 < first <= at, f"the rest begins at command {first}, the cut was at {at}")
    bench.note(f"window {model['window']}; went on at command {first} of {len(wanted)}")


@case("shutdown", "a forced shutdown in mid-print: parked and cold before the power goes")
def shutdown(bench, seed):
    run = printing(bench, "cdc", seed, "--resets-on-open", "no", moves=900)
    began = time.monotonic()
    try:
        bench.guest.ask("systemctl poweroff -i --no-block")
    except GuestError:
        pass  # The guest went down before it could say that it does.
    bench.guest.process.wait(180)
    seconds = time.monotonic() - began
    run.adapter.unplug()
    before = len(run.board.executed())
    time.sleep(2)
    after = run.board.executed()
    bench.check(len(after) - before < 5, "the board still had work")
    bench.check(not commands(run.text)[-1] == after[-1], "it printed to the end")
    bench.note(f"off after {seconds:.1f} s, the board's last lines: {after[-4:]}")
    boot_again(bench)
    job = bench.job(run.job)
    bench.check(job["state"] in ("uncertain", "needsAttention", "paused"), f"job {job['state']}: {job.get('reason')}")
    bench.note(f"job {job['state']}: {job.get('reason')}")
