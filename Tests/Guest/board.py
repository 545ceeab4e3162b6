"""A printer's board on this side of the cable: `virtual-printer`, opened and closed as DTR of the adapter goes."""

import fcntl
import json
import os
import pathlib
import select
import signal
import struct
import subprocess
import threading
import time

from guest import GuestError

# The kernel's termios2 with a speed of any number; <asm-generic/termbits.h>.
TCGETS2, TCSETS2 = 0x802C542A, 0x402C542B
BOTHER, SPEED_BITS = 0o010000, 0o010017
TERMIOS2 = struct.Struct("<IIIIB19sII")


class Board:
    """A virtual printer with power of its own: what happens at its USB port does not switch it off.

    A board that DTR resets is one that is given `resets`: each time its port is opened it boots.
    """

    def __init__(self, program, folder, name, *options, resets=False, baud=250000, factor=1):
        self.folder = pathlib.Path(folder)
        self.report_file = self.folder / f"{name}.json"
        self.executed_file = self.folder / f"{name}.executed"
        self.baud = baud
        self.openings = []
        self.closings = []
        command = [program, "--baud", str(baud), "--time-factor", str(factor), "--report", str(self.report_file),
                   "--executed", str(self.executed_file), *options] + (["--reset-on-open"] if resets else [])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        word, _, self.port = self.process.stdout.readline().strip().partition(" ")
        if word != "port":
            raise GuestError(f"virtual-printer does not start: {command}")
        self.lock = threading.Lock()
        self.terminal = None
        self.speed = 0

    # The adapter's side

    def opened(self, adapter):
        """DTR rises: the board's port is open."""
        with self.lock:
            self.terminal = os.open(self.port, os.O_RDWR | os.O_NOCTTY)
            self._apply_speed()
            self.openings.append(time.time())
            self.bell = os.eventfd(0)
            self.listener = threading.Thread(target=self._listen, args=(adapter,), daemon=True)
            self.listener.start()

    def closed(self):
        """DTR drops, or the cable is pulled."""
        with self.lock:
            if self.terminal is None:
                return
            self.closings.append(time.time())
            os.eventfd_write(self.bell, 1)
            self.listener.join()
            os.close(self.terminal)
            os.close(self.bell)
            self.terminal = None

    def set_speed(self, speed):
        with self.lock:
            self.speed = speed
            if self.terminal is not None:
                self._apply_speed()

    def write(self, data):
        with self.lock:
            if self.terminal is not None:
                os.write(self.terminal, data)

    def _apply_speed(self):
        if not self.speed:
            return
        settings = list(TERMIOS2.unpack(fcntl.ioctl(self.terminal, TCGETS2, bytes(TERMIOS2.size))))
        settings[2] = settings[2] & ~(SPEED_BITS | SPEED_BITS << 16) | BOTHER | BOTHER << 16
        settings[6] = settings[7] = self.speed
        fcntl.ioctl(self.terminal, TCSETS2, TERMIOS2.pack(*settings))

    def _listen(self, adapter):
        poller = select.poll()
        poller.register(self.terminal, select.POLLIN)
        poller.register(self.bell, select.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self.bell in ready:
                return
            try:
                data = os.read(self.terminal, 4096)
            except OSError:
                data = b""
            if not data:
                # The board itself is gone.
                poller.unregister(self.terminal)
            adapter.transmit(data)

    # The suite's side

    def executed(self):
        """The lines that it executed so far, without their numbers."""
        lines = self.executed_file.read_text(errors="replace").splitlines() if self.executed_file.exists() else []
        return [line.partition(" ")[2] for line in lines]

    def wait_for(self, lines, seconds=180):
        """Waits until it has executed so many lines."""
        end = time.monotonic() + seconds
        while len(self.executed()) < lines:
            if self.process.poll() is not None:
                raise GuestError("virtual-printer ended")
            if time.monotonic() > end:
                raise GuestError(f"{len(self.executed())} of {lines} lines executed after {seconds} s; the last: "
                                 f"{self.executed()[-3:]}")
            time.sleep(0.05)

    def end(self):
        """Switches it off and gives its report."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return json.loads(self.report_file.read_text())

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
