"""systemd in mid-print: the supervisor ends in each way that it can end, and the next one adopts the driver."""

import time

from cases.case import case, finished, printing


def main_process(bench):
    return bench.guest.run("systemctl show -P MainPID fablined")


def driver(bench):
    return bench.guest.run("pgrep -x fabline-driver || pgrep -f fabline-driver")


def adopted(bench, seed, end, *settings):
    """Prints, ends the supervisor by `end`, and checks that another one adopted the same driver and the print is intact."""
    run = printing(bench, "cdc", seed, *settings)
    supervisor, before = main_process(bench), driver(bench)
    executed = len(run.board.executed())
    end()
    bench.guest.until(f"p=$(systemctl show -P MainPID fablined); test $p != {supervisor} -a $p != 0", 120)
    bench.guest.until("fabline status >/dev/null 2>&1")
    during = len(run.board.executed())
    bench.check(driver(bench) == before, f"the driver was {before} and is {driver(bench)}")
    report = finished(bench, run)
    bench.note(f"{during - executed} lines executed meanwhile, {report['underruns']} underruns")


@case("service-restart", "`systemctl restart` in mid-print", quick=True)
def restart(bench, seed):
    adopted(bench, seed, lambda: bench.guest.run("systemctl restart fablined"))


@case("service-kill", "`systemctl kill -s KILL` in mid-print")
def kill(bench, seed):
    adopted(bench, seed, lambda: bench.guest.run("systemctl kill -s KILL fablined"))


@case("service-kill-main", "`systemctl kill -s KILL --kill-whom=main` in mid-print")
def kill_main(bench, seed):
    adopted(bench, seed, lambda: bench.guest.run("systemctl kill -s KILL --kill-whom=main fablined"))


@case("service-watchdog", "the supervisor is stopped by SIGSTOP, systemd's watchdog ends it, in mid-print")
def watchdog(bench, seed):
    bench.guest.write("/etc/systemd/system/fablined.service.d/short.conf", "[Service]\nWatchdogSec=10\nTimeoutAbortSec=5")
    bench.guest.run("systemctl daemon-reload")
    adopted(bench, seed, lambda: bench.guest.run(f"kill -STOP {main_process(bench)}"))
    bench.check("watchdog" in bench.guest.run("journalctl -u fablined --no-pager").lower(), "it was not the watchdog")


@case("service-memory", "the supervisor meets its memory limit in mid-print")
def memory(bench, seed):
    def limit():
        main = main_process(bench)
        bench.guest.run("systemctl set-property --runtime fablined MemoryMax=4M MemorySwapMax=0")
        for _ in range(60):
            # Makes it touch memory; its answer does not matter.
            bench.guest.ask("timeout 2 fabline jobs --all")
            if main_process(bench) != main:
                break
            time.sleep(0.2)
        bench.guest.run("systemctl set-property --runtime fablined MemoryMax=infinity")
        bench.check("oom" in bench.guest.run("journalctl -b --no-pager").lower(), "it was not the limit")
    adopted(bench, seed, limit)


@case("inhibitor", "while it prints a shutdown is held up, and no longer", quick=True)
def inhibitor(bench, seed):
    run = printing(bench, "cdc", seed, moves=250)
    held = bench.guest.run("systemd-inhibit --list --no-pager")
    bench.check("fabline" in held.lower() and "shutdown" in held, f"nothing held while it prints:\n{held}")
    finished(bench, run)
    bench.guest.until("! systemd-inhibit --list --no-pager | grep -qi fabline")
