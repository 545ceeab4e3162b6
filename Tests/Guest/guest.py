"""A guest: QEMU's process, its control protocol, and commands run as root inside."""

import base64
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import time

# Deadlines that only a failure reaches, also in software emulation on a busy machine.
BOOT = 300
PATIENCE = 120


class GuestError(Exception):
    """A command in the guest failed, or what was waited for did not come."""


def connect(path, seconds):
    """Connects to a Unix socket that may not be there yet."""
    end = time.monotonic() + seconds
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
            return link
        except OSError:
            link.close()
            if time.monotonic() > end:
                raise GuestError(f"nobody listens on {path}") from None
            time.sleep(0.02)


class Monitor:
    """QEMU's machine protocol (QMP)."""

    def __init__(self, path):
        self.link = connect(path, 30)
        self.lines = self.link.makefile("rwb", 0)
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self.lines.readline()
            if not line:
                raise GuestError(f"QEMU ended at {command}")
            answer = json.loads(line)
            if "error" in answer:
                raise GuestError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def command(self, line):
        """One line for the monitor that people use; a text in return means that it failed."""
        text = self.ask("human-monitor-command", **{"command-line": line}).strip()
        if text:
            raise GuestError(f"{line}: {text}")


def accelerator():
    """Software unless told otherwise: a device /dev/kvm that is there need not work."""
    return os.environ.get("FABLINE_GUEST_ACCEL", "tcg")


class Guest:
    """A guest that runs. `lab` is the folder of its disk and sockets, `share` the folder that it mounts at /mnt/share."""

    def __init__(self, image, lab, share, snapshot=None, fresh=True, memory=512):
        self.lab = pathlib.Path(lab)
        self.lab.mkdir(parents=True, exist_ok=True)
        self.disk = self.lab / "disk.qcow2"
        if fresh:
            self.disk.unlink(missing_ok=True)
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(image.disk), "-F", "qcow2",
                            str(self.disk)], check=True)
        for name in ("monitor", "door"):
            (self.lab / name).unlink(missing_ok=True)
        self.began = time.monotonic()
        self.process = subprocess.Popen(self._command(image, share, snapshot, memory), stdin=subprocess.DEVNULL)
        try:
            self.monitor = Monitor(self.lab / "monitor")
            self.door = connect(self.lab / "door", 30)
            self.answers = b""
            self._wait_for_door(again=snapshot is None)
            self.run(f"date -s @{time.time():.3f}; mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 "
                     "share /mnt/share")
        except BaseException:
            self.kill()
            raise

    def _command(self, image, share, snapshot, memory):
        accel = accelerator()
        words = ["quiet", "loglevel=4", "console=ttyS0", "mitigations=off", "audit=0", "apparmor=0",
                 "random.trust_cpu=on", "systemd.show_status=false"]
        command = [
            "qemu-system-x86_64", "-M", "pc", "-accel", "tcg,thread=multi,tb-size=256" if accel == "tcg" else accel,
            "-cpu", "qemu64", "-smp", "2", "-m", str(memory), "-nodefaults",
            "-display", "none", "-no-reboot", "-kernel", str(image.kernel), "-initrd", str(image.ramdisk),
            "-append", " ".join(words), "-serial", f"file:{self.lab}/console.log",
            # A killed QEMU is a power cut: what the guest did not flush is gone, what it flushed is there.
            "-drive", f"file={self.disk},if=none,id=disk,cache=writeback",
            "-device", "virtio-blk-pci,drive=disk", "-device", "virtio-rng-pci",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=door,path={self.lab}/door,server=on,wait=off",
            "-device", "virtserialport,chardev=door,name=door", "-device", "qemu-xhci,id=usb,p2=8,p3=8",
            "-fsdev", f"local,id=share,path={share},security_model=none",
            "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
            "-qmp", f"unix:{self.lab}/monitor,server=on,wait=off",
        ]
        return command + (["-loadvm", snapshot] if snapshot else [])

    # Commands inside

    def _wait_for_door(self, again):
        """While it boots nobody reads the door, and what was asked too early is lost: ask again."""
        end = time.monotonic() + BOOT
        while True:
            try:
                self._exchange("true", 1 if again else PATIENCE)
                break
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise GuestError(f"the guest does not answer; see {self.lab}/console.log") from None
        # Late answers to early questions come before this one's.
        marker = f"{time.monotonic_ns()}"
        self._send(f"echo {marker}")
        while self._receive(PATIENCE)[1].strip() != marker:
            pass

    def _exchange(self, script, seconds):
        self._send(script)
        return self._receive(seconds)

    def _send(self, script):
        self.door.sendall(base64.b64encode(script.encode()) + b"\n")

    def _receive(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.answers:
            self.door.settimeout(max(0.01, end - time.monotonic()))
            piece = self.door.recv(1 << 16)
            if not piece:
                raise GuestError("the door is shut")
            self.answers += piece
        line, self.answers = self.answers.split(b"\n", 1)
        status, _, text = line.partition(b" ")
        return int(status), base64.b64decode(text).decode(errors="replace")

    def ask(self, script, seconds=PATIENCE):
        """Runs a script as root; its status and what it wrote."""
        try:
            return self._exchange(script, seconds)
        except TimeoutError:
            raise GuestError(f"no end within {seconds} s: {script}") from None

    def run(self, script, seconds=PATIENCE):
        """Runs a script that has to succeed; what it wrote."""
        status, text = self.ask(script, seconds)
        if status != 0:
            raise GuestError(f"{script}: status {status}\n{text}")
        return text.strip()

    def until(self, test, seconds=PATIENCE):
        """Waits in the guest until a test holds."""
        script = f"end=$((SECONDS+{seconds})); until {test}; do [ $SECONDS -lt $end ] || exit 9; sleep 0.05; done"
        status, text = self.ask(script, seconds + 30)
        if status != 0:
            raise GuestError(f"not within {seconds} s: {test}\n{text}")

    def write(self, path, text):
        """Writes a file."""
        self.run(f"mkdir -p {shlex.quote(os.path.dirname(path))}; cat > {shlex.quote(path)} <<'END_OF_TEXT'\n{text}\n"
                 "END_OF_TEXT")

    def clock(self):
        """Guest's wall clock less ours and its monotonic clock less ours, in seconds, and how far that may be off."""
        best = None
        for _ in range(5):
            before = time.time(), time.monotonic()
            wall, up = self.run("echo $EPOCHREALTIME; cut -d' ' -f1 /proc/uptime").split()
            after = time.time(), time.monotonic()
            error = (after[0] - before[0]) / 2
            if best is None or error < best[2]:
                best = (float(wall) - (before[0] + after[0]) / 2, float(up) - (before[1] + after[1]) / 2, error)
        return best

    # Life

    def save(self, name):
        """A snapshot that later guests start from; nothing may be plugged in or mounted."""
        self.run("umount /mnt/share; sync; udevadm settle")
        self.monitor.command(f"savevm {name}")

    def stop(self):
        """Ends the guest without a word to it."""
        if self.process.poll() is None:
            try:
                self.monitor.ask("quit")
                self.process.wait(10)
            except (GuestError, OSError, subprocess.TimeoutExpired):
                self.kill()

    def kill(self):
        """Pulls its plug."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
