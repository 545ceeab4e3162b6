"""A virtual laser behind a real CH340 driver."""

import time

import adapters
from cases.case import case
from part import burnt


@case("laser-cable", "a cable pulled in mid-burn: how long the beam stood still while on; nothing goes on by itself")
def cable(bench, seed):
    adapter = adapters.Ch340()
    board = bench.board("laser", adapter, baud=115200, options=["--profile", "grbl11", "--laser"])
    bench.start()
    bench.plug(adapter, 1)
    bench.add("laser", bench.by_path(1), "--class", "laser", "--dialect", "grbl", ready=False, baud=115200)
    bench.fabline("connect", "laser", fails=True)
    bench.wait_machine("laser", "idle")
    text = burnt(400, seed)
    job = bench.submit(text, "laser", name="picture.nc")
    bench.fabline("ready", "laser", fails=True)
    bench.agree("start", job, "--machine", "laser")
    board.wait_for(60)
    adapter.unplug()
    time.sleep(3)
    bench.plug(adapter, 1)
    bench.node(1)
    state = bench.wait_job(job, "uncertain", "needsAttention", "failed")
    time.sleep(5)
    executed = len(board.executed())
    time.sleep(2)
    bench.check(len(board.executed()) == executed, "the laser went on by itself")
    report = board.end()
    bench.check(report["beamOnStillSeconds"] < 0.1, f"the beam stood still while on for {report['beamOnStillSeconds']} s")
    bench.note(f"beam on {report['beamOnSeconds']} s, at a standstill {report['beamOnStillSeconds']} s, after the cable "
               f"was pulled {report['beamOnAfterHostGoneSeconds']} s; job {state['state']}: {state.get('reason')}")
