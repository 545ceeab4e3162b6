"""The host's power is cut, or it is shut down, in mid-print."""

import time

import adapters
from cases.case import case, printing
from part import commands


@case("power-off", "the guest's plug is pulled in mid-print: the next start asks a person, and `recover` has a plan")
def power_off(bench, seed):
    run = printing(bench, "cdc", seed, "--resets-on-open", "yes", "--holds-z", "yes", resets=True, moves=900)
    run.board.wait_for(250)
    bench.guest.kill()
    run.adapter.unplug()
    time.sleep(1)
    executed = len(run.board.executed())
    bench.sockets.clear()
    bench.guest = bench.lab.boot_again()
    bench.guest.until("fabline status >/dev/null 2>&1")
    bench.check(bench.guest.run("systemctl is-active fablined") == "active", "the service does not start")
    openings = len(run.board.openings)
    bench.plug(run.adapter, 1)
    bench.node(1)
    job = bench.wait_job(run.job, "uncertain", "needsAttention")
    time.sleep(3)
    bench.check(len(run.board.openings) == openings, "a board that opening resets was opened")
    plan = bench.fabline("recover", run.job, "--show")
    bench.check("G28 X" in plan or "G28" in plan, f"no plan:\n{plan}")
    (bench.folder / "plan").write_text(plan)
    bench.note(f"{executed} of {len(commands(run.text))} lines executed; job {job['state']}: {job.get('reason')}")


@case("shutdown", "a forced shutdown in mid-print: parked and cold before the power goes")
def shutdown(bench, seed):
    run = printing(bench, "cdc", seed, "--resets-on-open", "no", moves=900)
    began = time.monotonic()
    bench.guest.ask("systemctl poweroff -i --no-block")
    bench.guest.process.wait(120)
    seconds = time.monotonic() - began
    run.adapter.unplug()
    before = len(run.board.executed())
    time.sleep(2)
    after = run.board.executed()
    bench.check(len(after) - before < 5, "the board still had work")
    bench.check(not commands(run.text)[-1] == after[-1], "it printed to the end")
    bench.note(f"off after {seconds:.1f} s, the board's last lines: {after[-4:]}")
    bench.sockets.clear()
    bench.guest = bench.lab.boot_again()
    bench.guest.until("fabline status >/dev/null 2>&1")
    job = bench.job(run.job)
    bench.check(job["state"] in ("uncertain", "needsAttention", "paused"), f"job {job['state']}: {job.get('reason')}")
    bench.note(f"job {job['state']}: {job.get('reason')}")
