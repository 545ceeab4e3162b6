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
PROGRAMS = ["fabline", "fablined", "fabline-driver", "virtual-printer"]
PAGE = ROOT / "Sources/HTTPAPI/Page/Files"
SNAPSHOT = "installed"


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
        """Builds image and snapshots, where what they are made of is other than last time; how long it took."""
        began = time.monotonic()
        self.image.build()
        booted = self._key(self.image.folder.name, accelerator(), self._text("guest.py"))
        self._once("booted", booted, self._boot)
        programs = [hashlib.sha256((self.programs / name).read_bytes()).hexdigest() for name in PROGRAMS]
        page = [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(PAGE.rglob("*")) if file.is_file()]
        self._once(SNAPSHOT, self._key(booted, self._text("lab.py"), *programs, *page), self._install)
        return time.monotonic() - began

    def _once(self, snapshot, key, make):
        """Makes a snapshot unless the one that is there was made from the same."""
        mark = self.folder / f"{snapshot}.key"
        if mark.exists() and mark.read_text() == key and (self.folder / "disk.qcow2").exists():
            return
        mark.unlink(missing_ok=True)
        guest = make()
        try:
            guest.save(snapshot)
        finally:
            guest.stop()
        mark.write_text(key)

    @staticmethod
    def _key(*parts):
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @staticmethod
    def _text(name):
        return (pathlib.Path(__file__).parent / name).read_text()

    def start_guest(self):
        """A guest as it was right after the installation, nothing plugged in and the service not started."""
        return Guest(self.image, self.folder, self.share, snapshot=SNAPSHOT, fresh=False)

    def boot_again(self):
        """Boots from the disk as the last guest left it."""
        return Guest(self.image, self.folder, self.share, fresh=False)

    def _boot(self):
        guest = Guest(self.image, self.folder, self.share)
        guest.ask("systemctl is-system-running --wait")
        guest.run("modprobe -a ftdi_sio ch341 cdc_acm")
        return guest

    def _install(self):
        place = self.share / "programs"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name in PROGRAMS:
            shutil.copy(self.programs / name, place / name)
            subprocess.run(["strip", str(place / name)], check=False)
        # Laid out as an unpacked release: the page's files in share/ beside the programs' folder.
        page = self.share / "share/fabline/page"
        shutil.rmtree(page, ignore_errors=True)
        shutil.copytree(PAGE, page)
        libraries = self._runtime()
        for library in libraries:
            shutil.copy(library, place)
        guest = Guest(self.image, self.folder, self.share, snapshot="booted", fresh=False)
        try:
            if libraries:
                guest.run("mkdir -p /opt/swift && cp /mnt/share/programs/lib* /opt/swift/ && "
                          "echo /opt/swift > /etc/ld.so.conf.d/swift.conf && ldconfig")
            guest.run("/mnt/share/programs/fabline install --system")
            # What every case starts is read from the disk once, before the snapshot.
            guest.until("fabline status >/dev/null 2>&1")
            guest.run("systemctl stop fablined && rm -rf /var/lib/fabline/* /run/fabline/*")
        except BaseException:
            guest.stop()
            raise
        return guest

    def _runtime(self):
        """Swift's libraries, where the programs were not linked with them."""
        found = {}
        for name in PROGRAMS:
            text = subprocess.run(["ldd", str(self.programs / name)], capture_output=True, text=True).stdout
            for library, path in re.findall(r"(lib\S+) => (\S+/swift/linux/\S+)", text):
                found[library] = path
        return sorted(found.values())
