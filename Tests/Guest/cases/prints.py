"""Prints through the kernel's drivers, with nothing going wrong."""

from cases.case import each_kind, finished, printing


@each_kind("print", "a print through the kernel's driver, at the speed of a real printer", quick=("ftdi",))
def through_driver(bench, seed, kind):
    run = printing(bench, kind, seed, moves=250)
    node = bench.node(1)
    properties = bench.properties(node)
    bench.check(properties["ID_USB_DRIVER"] == run.adapter.driver and run.adapter.node in node,
                f"{node}: {properties}")
    report = finished(bench, run)
    bench.note(f"{report['executed']} lines through {run.adapter.driver} at {report['baudAsked']} baud, "
               f"{report['resends']} resends, {report['underruns']} underruns")
