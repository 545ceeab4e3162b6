"""The guest's disk: Debian with systemd and udev, the stock kernel, and a door for the suite. Only Debian's packages.

A first build takes a minute; it is kept under a name made from this file, and built anew when this file changes.
"""

import gzip
import hashlib
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import time

RELEASE = "bookworm"
# What the guest holds beyond Debian's essential packages: systemd and udev, and the libraries of our programs.
PACKAGES = ["systemd-sysv", "udev", "kmod", "procps", "dbus", "passwd", "polkitd", "libstdc++6", "libsqlite3-0", "zlib1g"]
# Needed before the root is mounted.
ROOT_MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]
MODULES = ROOT_MODULES + [
    "virtio_console", "virtio_rng", "9p", "9pnet_virtio", "autofs4", "xhci_pci", "usbserial", "ftdi_sio",
    "ch341", "cdc_acm",
]
# What would only cost time at boot.
MASKED = [
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "e2scrub_reap.service", "fstrim.timer", "systemd-timesyncd.service", "systemd-hwdb-update.service",
    "systemd-pstore.service", "systemd-network-generator.service", "getty@tty1.service",
    "modprobe@drm.service",
]

# One request a line, one answer a line, both in Base64, so that nothing in them can be taken for a frame.
DOOR = r"""#!/bin/bash
port=/dev/virtio-ports/door
until [ -e $port ]; do sleep 0.1; done
exec 3<>$port
while IFS= read -r request <&3; do
  output=$(bash -c "$(base64 -d <<<"$request")" 2>&1 </dev/null 3>&-)
  status=$?
  printf '%s %s\n' "$status" "$(base64 -w0 <<<"$output")" >&3
done
"""

DOOR_UNIT = """[Unit]
Description=The suite's door
[Service]
ExecStart=/usr/local/sbin/door
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Restart=always
OOMScoreAdjust=-1000
[Install]
WantedBy=multi-user.target
"""

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*; do /bin/busybox insmod $module; done
while [ ! -b /dev/vda ]; do /bin/busybox usleep 50000; done
/bin/busybox mount -t ext4 -o noatime /dev/vda /root
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""


def run(*command, **options):
    """Runs a program; its output is shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def kernel_image(compressed):
    """The ELF inside Debian's bzImage: QEMU starts it at once, where unpacking it in the guest takes seconds."""
    header = compressed[: 0x260]
    start = (header[0x1F1] + 1) * 512
    offset, length = struct.unpack_from("<II", header, 0x248)
    payload = compressed[start + offset:][:length]
    if payload.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b"\x1f\x8b"):
        return gzip.decompress(payload)
    raise SystemExit("the kernel is packed in a way this script does not know")


def archive(entries):
    """An initial RAM disk: a `newc` archive of (path, mode, bytes)."""
    out = bytearray()
    for number, (path, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")], 1):
        name = path.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


class Image:
    """The three files a guest starts from."""

    def __init__(self, lab):
        key = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:12]
        self.folder = pathlib.Path(lab) / f"image-{key}"
        self.kernel = self.folder / "vmlinux"
        self.ramdisk = self.folder / "ramdisk"
        self.disk = self.folder / "disk.qcow2"

    def build(self):
        """Builds it where it is not there yet."""
        if self.disk.exists():
            return self
        began = time.monotonic()
        if os.geteuid() != 0:
            raise SystemExit("the image is built as root (mmdebstrap and chroot); the suite itself needs no root")
        work = self.folder.with_suffix(".work")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self.folder.mkdir(exist_ok=True)
        unpacked, version = self._unpack_kernel(work)
        root = work / "root"
        sources = run("apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {RELEASE}").split()
        exclude = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "i18n")]
        run("mmdebstrap", "--quiet", "--variant=essential", "--aptopt=APT::Sandbox::User \"root\"",
            f"--include={','.join(PACKAGES)}", *exclude, RELEASE, str(root), sources[0])
        self._install_modules(unpacked, version, root)
        self._configure(root)
        self._write_ramdisk(unpacked, version)
        self._write_disk(work, root)
        shutil.rmtree(work)
        print(f"image built in {time.monotonic() - began:.0f} s: {self.folder}", file=sys.stderr)
        return self

    def _unpack_kernel(self, work):
        lines = run("apt-cache", "depends", "linux-image-amd64").splitlines()
        package = next(line.split()[1] for line in lines if "Depends:" in line)
        run("apt-get", "download", "-q", package, "busybox-static", cwd=work)
        unpacked = work / "unpacked"
        for file in work.glob("*.deb"):
            run("dpkg-deb", "-x", str(file), str(unpacked))
        version = os.listdir(unpacked / "lib/modules")[0]
        self.kernel.write_bytes(kernel_image((unpacked / f"boot/vmlinuz-{version}").read_bytes()))
        run("depmod", "-b", str(unpacked), version)
        return unpacked, version

    @staticmethod
    def _module_files(unpacked, version, names):
        files = []
        for name in names:
            for line in run("modprobe", "-d", str(unpacked), "-S", version, "--show-depends", name).splitlines():
                words = line.split()
                if words[0] == "insmod" and words[1] not in files:
                    files.append(words[1])
        return [pathlib.Path(file) for file in files]

    def _install_modules(self, unpacked, version, root):
        for file in self._module_files(unpacked, version, MODULES):
            place = root / file.relative_to(unpacked)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(unpacked / "lib/modules" / version / name, root / "lib/modules" / version / name)
        run("depmod", "-b", str(root), version)

    @staticmethod
    def _configure(root):
        def write(path, text, mode=0o644):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_symlink() or file.exists():
                file.unlink()
            file.write_text(text)
            file.chmod(mode)

        write("etc/hostname", "guest\n")
        write("etc/hosts", "127.0.0.1 localhost guest\n")
        write("etc/fstab", "/dev/vda / ext4 rw,noatime 0 1\n")
        write("etc/machine-id", "5eed0000000000000000000000000001\n")
        write("etc/systemd/journald.conf.d/small.conf", "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n")
        write("usr/local/sbin/door", DOOR, 0o755)
        write("etc/systemd/system/door.service", DOOR_UNIT)
        (root / "mnt/share").mkdir(parents=True)
        units = root / "etc/systemd/system"
        (units / "multi-user.target.wants").mkdir(exist_ok=True)
        (units / "multi-user.target.wants/door.service").symlink_to("../door.service")
        (units / "default.target").unlink(missing_ok=True)
        (units / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
        for unit in MASKED:
            (units / unit).unlink(missing_ok=True)
            (units / unit).symlink_to("/dev/null")
        run("chroot", str(root), "systemd-hwdb", "update")

    def _write_ramdisk(self, unpacked, version):
        busybox = next(path for path in unpacked.rglob("busybox") if path.is_file() and os.access(path, os.X_OK))
        entries = [(name, 0o040755, b"") for name in ("bin", "dev", "modules", "root")]
        entries.append(("init", 0o100755, INIT.encode()))
        entries.append(("bin/busybox", 0o100755, busybox.read_bytes()))
        for number, file in enumerate(self._module_files(unpacked, version, ROOT_MODULES)):
            entries.append((f"modules/{number:02}-{file.name}", 0o100644, file.read_bytes()))
        self.ramdisk.write_bytes(archive(entries))

    def _write_disk(self, work, root):
        raw = work / "disk"
        with open(raw, "wb") as file:
            file.truncate(1 << 30)
        run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", "-d", str(root), str(raw))
        fresh = self.disk.with_suffix(".new")
        # A format that keeps snapshots.
        run("qemu-img", "convert", "-O", "qcow2", str(raw), str(fresh))
        fresh.rename(self.disk)


if __name__ == "__main__":
    Image(sys.argv[1]).build()
