"""One case's bench: a guest from the snapshot, fabline in it, boards beside it, cables between them."""

import datetime
import json
import pathlib
import re
import shlex
import time

from board import Board
from guest import Guest, GuestError, PATIENCE

LOG = "/var/lib/fabline/log/fablined.log"


class Bench:
    """What a case works with. Everything of it ends with the case."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.boards = []
        self.adapters = []
        self.sockets = set()
        self.notes = []
        self.guest = lab.start_guest()

    # Words for the report

    def note(self, text):
        """A fact for the summary."""
        self.notes.append(text)

    def check(self, holds, what):
        """Something that has to hold."""
        if not holds:
            raise GuestError(what)

    # Boards and cables

    def board(self, name, adapter, **options):
        """A board behind an adapter, not plugged in yet."""
        extra = options.pop("options", [])
        board = Board(self.lab.programs / "virtual-printer", self.folder, name, *extra, **options)
        adapter.board = board
        self.boards.append(board)
        self.adapters.append(adapter)
        return board

    def plug(self, adapter, socket):
        """Puts an adapter's plug into a socket, 1 to 8."""
        path = self.lab.folder / f"usb{socket}"
        if socket not in self.sockets:
            path.unlink(missing_ok=True)
            self.guest.monitor.ask("chardev-add", id=f"cable{socket}", backend={"type": "socket", "data": {
                "addr": {"type": "unix", "data": {"path": str(path)}}, "server": True, "wait": False}})
            self.guest.monitor.ask("device_add", driver="usb-redir", id=f"socket{socket}", chardev=f"cable{socket}",
                                   bus="usb.0", port=str(socket))
            self.sockets.add(socket)
        adapter.plug(path)

    def node(self, socket):
        """The node of the serial port in a socket; waits for it and for udev."""
        test = f"ls /dev/serial/by-path/*usb-0:{socket}:1.0* >/dev/null 2>&1"
        self.guest.until(test)
        self.guest.run("udevadm settle")
        return self.guest.run(f"readlink -f /dev/serial/by-path/*usb-0:{socket}:1.0* | head -1")

    def by_path(self, socket):
        """The lasting name of what is plugged into a socket."""
        self.node(socket)
        return self.guest.run(f"ls /dev/serial/by-path/*usb-0:{socket}:1.0* | head -1")

    def properties(self, node):
        """What udev knows of a node."""
        text = self.guest.run(f"udevadm info -q property -n {node}")
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    def watch_udev(self):
        """Writes the kernel's and udev's events of serial ports down, with times."""
        self.guest.run("systemd-run -q --unit=watch sh -c 'exec udevadm monitor --kernel --udev "
                       "--subsystem-match=tty > /run/udev.events'; until grep -q KERNEL /run/udev.events; do sleep "
                       "0.05; done")

    def udev_events(self):
        """Those events: (source, monotonic seconds, action, node)."""
        text = self.guest.run("cat /run/udev.events")
        found = re.findall(r"^(KERNEL|UDEV) *\[([\d.]+)\] (\w+) .*/(tty\w+) \(tty\)$", text, re.MULTILINE)
        return [(source, float(at), action, node) for source, at, action, node in found]

    # fabline

    def fabline(self, *words, fails=False):
        """Runs the command line; what it wrote."""
        script = "fabline " + " ".join(shlex.quote(str(word)) for word in words)
        return self.guest.ask(script) if fails else self.guest.run(script)

    def agree(self, *words):
        """Runs what asks a person, on a terminal, and says yes."""
        command = "fabline " + " ".join(shlex.quote(str(word)) for word in words)
        return self.guest.run(f"script -qec {shlex.quote(command)} /dev/null < <(exec 2>&-; echo y; sleep 30)")

    def answer(self, *words):
        """What it wrote as JSON."""
        return json.loads(self.fabline(*words, "--json"))

    def start(self):
        """Starts the service and waits until it answers."""
        self.guest.run("systemctl start fablined")
        self.guest.until("fabline status >/dev/null 2>&1")

    def add(self, name, port, *settings, ready=True, baud=250000):
        """Adds a machine; the bed is clear."""
        self.fabline("machine", "add", name, "--port", port, "--baud", baud, *settings)
        if ready:
            self.wait_machine(name, "idle")
            self.fabline("ready", name)

    def machine(self, name):
        return next(one for one in self.answer("machine", "list")["items"] if one["settings"]["name"] == name)

    def wait_machine(self, name, *phases, seconds=PATIENCE):
        """Waits until a machine is in one of these phases."""
        end = time.monotonic() + seconds
        while True:
            machine = self.machine(name)
            if machine["phase"] in phases:
                return machine
            if time.monotonic() > end:
                raise GuestError(f"{name} is {machine['phase']}, not {phases}: {machine.get('reason')}")
            time.sleep(0.1)

    def submit(self, text, machine, name="part.gcode"):
        """Puts a file into the queue; the job's number."""
        (self.lab.share / name).write_text(text)
        return self.answer("submit", f"/mnt/share/{name}", "--machine", machine)["id"]

    def job(self, number):
        return self.answer("show", number)["job"]

    def wait_job(self, number, *states, seconds=180):
        """Waits until a job is in one of these states."""
        end = time.monotonic() + seconds
        while True:
            job = self.job(number)
            if job["state"] in states:
                return job
            if time.monotonic() > end:
                raise GuestError(f"job {number} is {job['state']}, not {states}: {job.get('reason')}")
            time.sleep(0.1)

    # Times

    def log(self, pattern):
        """The times of log lines that match, in seconds since 1970 by the guest's clock, and their texts."""
        found = []
        for line in self.guest.run(f"cat {LOG}").splitlines():
            if re.search(pattern, line):
                stamp = line.split(" ", 1)[0]
                found.append((datetime.datetime.fromisoformat(stamp).timestamp(), line))
        return found

    def uptime_of(self, wall):
        """A time of the guest's wall clock on its monotonic one."""
        now, up = self.guest.run("echo $EPOCHREALTIME; cut -d' ' -f1 /proc/uptime").split()
        return wall - float(now) + float(up)

    # The end

    def evidence(self):
        """What helps to understand a failure, kept in the case's folder."""
        for file, command in {
            "fablined.log": f"cat {LOG}", "journal": "journalctl -b --no-pager -o short-monotonic | tail -300",
            "kernel": "dmesg | tail -100", "status": "fabline machine list; fabline jobs --all; ps axf",
            "recorders": "for m in $(fabline machine list --names); do fabline logs --machine $m; done; "
                         "cat /var/lib/fabline/drivers/*/*.recorder 2>/dev/null | tail -300",
        }.items():
            try:
                (self.folder / file).write_text(self.guest.ask(command, 30)[1])
            except (GuestError, OSError):
                pass

    def end(self):
        for adapter in self.adapters:
            adapter.unplug()
        self.guest.kill()
        for board in self.boards:
            board.kill()
