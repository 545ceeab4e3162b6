"""What all cases share: the image, the programs under test, and a snapshot of a guest in which they are installed."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import time

from guest import Guest, accelerator
from image import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["fabline", "fablined", "fabline-driver"]
SNAPSHOT = "installed"

# Until `fabline install --system` exists, the suite installs by hand what that will install.
UNIT = """[Unit]
Description=Fabline print host
[Service]
ExecStart=/usr/local/bin/fablined
KillMode=process
OOMPolicy=continue
RuntimeDirectory=fabline
RuntimeDirectoryPreserve=yes
StateDirectory=fabline
Restart=always
RestartSec=0.2
[Install]
WantedBy=multi-user.target
"""


class Lab:
    """The lab's folder: image, disk, sockets, a folder a case."""

    def __init__(self, folder, programs):
        # Short, since the paths of Unix sockets are.
        self.folder = pathlib.Path(folder)
        self.programs = pathlib.Path(programs)
        self.share = self.folder / "share"
        self.share.mkdir(parents=True, exist_ok=True)
        self.image = Image(self.folder)
        self.root = ROOT

    def prepare(self):
        """Builds the image and the snapshot where programs or image are other than last time; how long it took."""
        began = time.monotonic()
        self.image.build()
        key = self._key()
        mark = self.folder / "snapshot.key"
        if not mark.exists() or mark.read_text() != key or not (self.folder / "disk.qcow2").exists():
            mark.unlink(missing_ok=True)
            self._install()
            mark.write_text(key)
        return time.monotonic() - began

    def start_guest(self):
        """A guest as it was right after the installation, nothing plugged in and the service not started."""
        return Guest(self.image, self.folder, self.share, snapshot=SNAPSHOT, fresh=False)

    def boot_again(self):
        """Boots from the disk as the last guest left it."""
        return Guest(self.image, self.folder, self.share, fresh=False)

    def _key(self):
        parts = [self.image.folder.name, accelerator()]
        for name in PROGRAMS:
            parts.append(hashlib.sha256((self.programs / name).read_bytes()).hexdigest())
        for name in ("lab.py", "guest.py"):
            parts.append((pathlib.Path(__file__).parent / name).read_text())
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def _install(self):
        place = self.share / "programs"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name in PROGRAMS:
            shutil.copy(self.programs / name, place / name)
            subprocess.run(["strip", str(place / name)], check=False)
        libraries = self._runtime()
        for library in libraries:
            shutil.copy(library, place)
        guest = Guest(self.image, self.folder, self.share)
        try:
            guest.until("systemctl is-system-running --wait >/dev/null; true")
            guest.run("modprobe -a ftdi_sio ch341 cdc_acm")
            if libraries:
                guest.run("mkdir -p /opt/swift && cp /mnt/share/programs/lib* /opt/swift/ && "
                          "echo /opt/swift > /etc/ld.so.conf.d/swift.conf && ldconfig")
            if guest.ask("/mnt/share/programs/fabline install --system --dry-run")[0] == 0:
                guest.run("/mnt/share/programs/fabline install --system")
                guest.run("systemctl stop fablined")
            else:
                names = " ".join(f"/mnt/share/programs/{name}" for name in PROGRAMS)
                guest.run(f"install -m 0755 {names} /usr/local/bin/")
                guest.write("/etc/systemd/system/fablined.service", UNIT)
                guest.run("systemctl daemon-reload; systemctl enable fablined")
            guest.save(SNAPSHOT)
        finally:
            guest.stop()

    def _runtime(self):
        """Swift's libraries, where the programs were not linked with them."""
        found = {}
        for name in PROGRAMS:
            text = subprocess.run(["ldd", str(self.programs / name)], capture_output=True, text=True).stdout
            for library, path in re.findall(r"(lib\S+) => (\S+/swift/linux/\S+)", text):
                found[library] = path
        return sorted(found.values())
