"""The cable in mid-print: pulled and put back, on boards that keep their memory and on boards that DTR resets."""

import time

import adapters
from cases.case import case, each_kind, finished, intact, printing
from part import commands, part


@each_kind("glitch", "pulled for two seconds in mid-print: goes on by itself, each line once", quick=("cdc",))
def glitch(bench, seed, kind):
    run = printing(bench, kind, seed, "--resets-on-open", "no")
    run.adapter.unplug()
    at = len(run.board.executed())
    time.sleep(2)
    bench.plug(run.adapter, 1)
    report = finished(bench, run)
    bench.check(report["resets"] == 0, f"the board was reset {report['resets']} times")
    bench.check(bench.log("the link is back"), "no word of the glitch in the log")
    bench.note(f"pulled after {at} of {report['executed']} lines")


@case("glitch-port", "the same, and the device comes back under another number")
def other_number(bench, seed):
    run = printing(bench, "ftdi", seed, "--resets-on-open", "no")
    before = bench.node(1)
    run.adapter.unplug()
    bench.guest.until(f"test ! -e {before}")
    # Somebody else takes the number.
    other = adapters.Ftdi("B0000001")
    bench.board("other", other)
    bench.plug(other, 2)
    taken = bench.node(2)
    bench.plug(run.adapter, 1)
    after = bench.node(1)
    bench.check(taken == before and after != before, f"{before} was taken by {taken}, the printer came back as {after}")
    finished(bench, run)
    bench.note(f"{before} came back as {after}")


@each_kind("reset-board", "a board that DTR resets: pulled and put back, nothing is opened before a person is told")
def reset_board(bench, seed, kind):
    run = printing(bench, kind, seed, "--resets-on-open", "yes", "--host-only", "yes", resets=True)
    openings = len(run.board.openings)
    run.adapter.unplug()
    executed = len(run.board.executed())
    job = bench.wait_job(run.job, "uncertain", "needsAttention")
    bench.plug(run.adapter, 1)
    bench.node(1)
    time.sleep(5)
    bench.check(len(run.board.openings) == openings, "the port was opened, which reset the board")
    job = bench.wait_job(run.job, "uncertain", "needsAttention", seconds=5)
    bench.check(len(run.board.executed()) - executed < 60, "the board went on without its host")
    bench.note(f"job {job['state']}: {job.get('reason')}")


@case("unplug-long", "pulled for longer than the firmware holds its motors: does not go on by itself")
def too_long(bench, seed):
    # Two minutes of the firmware are six seconds here.
    run = printing(bench, "cdc", seed, "--resets-on-open", "no", factor=20, baud=2000000, moves=8000)
    run.adapter.unplug()
    time.sleep(32)
    bench.plug(run.adapter, 1)
    bench.node(1)
    job = bench.wait_job(run.job, "uncertain", "needsAttention")
    executed = len(run.board.executed())
    time.sleep(3)
    bench.check(len(run.board.executed()) - executed < 30, "it went on although the gap was too long")
    bench.note(f"job {job['state']}: {job.get('reason')}")


@case("swap-serials", "two adapters with serial numbers swap their sockets: the machines follow them")
def swap_with_serials(bench, seed):
    first, second = adapters.Ftdi("A1000001"), adapters.Ftdi("A1000002")
    boards = bench.board("left", first), bench.board("right", second)
    bench.start()
    for socket, (name, adapter) in enumerate([("left", first), ("right", second)], 1):
        bench.plug(adapter, socket)
        bench.add(name, bench.by_path(socket), "--resets-on-open", "no", ready=False)
        bench.wait_machine(name, "idle")
    first.unplug()
    second.unplug()
    for name in ("left", "right"):
        bench.wait_machine(name, "linkLost", "disconnected", "opening", "noDriver")
    bench.plug(first, 2)
    bench.plug(second, 1)
    texts = []
    for number, name in enumerate(("left", "right")):
        bench.wait_machine(name, "idle")
        bench.fabline("ready", name)
        texts.append(part(60, seed + number))
        job = bench.submit(texts[-1], name, name=f"{name}.gcode")
        bench.wait_job(job, "done")
    for board, text in zip(boards, texts):
        intact(bench, board, text)


@case("swap-bare", "two bare CH340 adapters swap their sockets: a person decides, nothing prints on the wrong one")
def swap_bare(bench, seed):
    first, second = adapters.Ch340(), adapters.Ch340()
    boards = (bench.board("left", first), bench.board("right", second, options=["--profile", "prusa"]))
    bench.start()
    for socket, (name, adapter) in enumerate([("left", first), ("right", second)], 1):
        bench.plug(adapter, socket)
        bench.add(name, bench.by_path(socket), "--resets-on-open", "no", ready=False, baud=boards[socket - 1].baud)
        bench.wait_machine(name, "idle")
    first.unplug()
    second.unplug()
    for name in ("left", "right"):
        bench.wait_machine(name, "linkLost", "disconnected", "opening", "noDriver")
    bench.plug(first, 2)
    bench.plug(second, 1)
    bench.node(1), bench.node(2)
    job = bench.submit(part(60, seed), "left", name="left.gcode")
    time.sleep(10)
    bench.fabline("ready", "left", fails=True)
    time.sleep(5)
    state = bench.job(job)["state"]
    bench.check(state in ("queued", "held"), f"the job is {state} although another board stands in left's socket")
    for board in boards:
        bench.check(not [line for line in board.executed() if line in commands(part(60, seed))], "lines were executed")
    machine = bench.machine("left")
    bench.note(f"left is {machine['phase']}: {machine.get('reason')}; {bench.answer('why', job)['summary']}")
