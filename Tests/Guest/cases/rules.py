"""udev's rules, judged by udev."""

import adapters
from cases.case import case

RULES = "udev-rules/70-fabline.rules"


def install_rules(bench):
    """The file of the repository, where the installation did not bring it."""
    if bench.guest.ask("test -e /etc/udev/rules.d/70-fabline.rules -o -e /usr/lib/udev/rules.d/70-fabline.rules")[0]:
        text = (bench.lab.root / RULES).read_text()
        bench.guest.write("/etc/udev/rules.d/70-fabline.rules", text)
    bench.guest.run("udevadm control --reload")


@case("rules", "group, mode and ModemManager's marks: on a printer's board, and not on every CH340 or FTDI", quick=True)
def rules(bench, seed):
    install_rules(bench)
    kinds = {1: adapters.CdcAcm(), 2: adapters.Ch340(), 3: adapters.Ftdi()}
    for socket, adapter in kinds.items():
        bench.board(f"board{socket}", adapter)
        bench.plug(adapter, socket)
    for socket in kinds:
        node = bench.node(socket)
        properties = bench.properties(node)
        group, mode = bench.guest.run(f"stat -c '%G %a' {node}").split()
        device = bench.guest.run(f"d=$(readlink -f /sys/class/tty/{node[5:]}/device); until test -e $d/idVendor; do "
                                 "d=${d%/*}; done; udevadm info -q property -p $d")
        marks = "ID_MM_DEVICE_IGNORE=1" in device, properties.get("ID_MM_PORT_IGNORE") == "1"
        bench.check(marks == (socket == 1, socket == 1), f"{node}: ModemManager's marks on device and port: {marks}")
        bench.check(mode == "660" and group in ("dialout", "fabline"), f"{node}: {group} {mode}")
        bench.note(f"{node[5:]} {group} {mode}{', marked' if all(marks) else ''}")


@case("alias", "`fabline machine udev` prints rules that make /dev/fabline/NAME")
def alias(bench, seed):
    install_rules(bench)
    adapter = adapters.Ftdi()
    bench.board("one", adapter)
    bench.start()
    bench.plug(adapter, 1)
    bench.add("one", bench.by_path(1), ready=False)
    bench.wait_machine("one", "idle")
    bench.guest.run("fabline machine udev > /etc/udev/rules.d/71-fabline-machines.rules && udevadm control --reload && "
                    "udevadm trigger --subsystem-match=tty --action=change && udevadm settle")
    bench.check(bench.guest.run("readlink -f /dev/fabline/one") == bench.node(1), "no alias")
    adapter.unplug()
    bench.guest.until("test ! -e /dev/fabline/one")
    bench.plug(adapter, 1)
    bench.guest.until("test -e /dev/fabline/one")
    properties = bench.properties(bench.node(1))
    bench.check(properties.get("ID_MM_PORT_IGNORE") == "1" and "systemd" in properties.get("TAGS", ""),
                f"{properties}")
