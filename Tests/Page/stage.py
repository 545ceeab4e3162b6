"""Virtual printers and a real fablined in throw-away folders."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Stage:
    """Programs that run; `end` ends and removes all of it."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = tempfile.mkdtemp(prefix="fabline-page")
        self.processes = []
        self.environment = {**os.environ, "FABLINE_RUN": self.folder + "/run", "FABLINE_STATE": self.folder + "/state",
                            "FABLINE_CONFIG": self.folder + "/fabline.yaml"}
        open(self.environment["FABLINE_CONFIG"], "w").close()

    def start(self, program, *arguments):
        with open(f"{self.folder}/{program}-{len(self.processes)}.log", "wb") as log:
            process = subprocess.Popen([f"{self.programs}/{program}", *arguments], stdout=log, stderr=log,
                                       env=self.environment, start_new_session=True)
        self.processes.append(process)
        return process

    def printer(self, name, *arguments):
        """A printer and its machine."""
        port = f"{self.folder}/{name}"
        # On a pseudo terminal bytes take no time; the speed has to be so high that no answer comes sooner than it allows.
        self.start("virtual-printer", "--link", port, "--baud", "4000000", *arguments)
        self.wait(lambda: os.path.exists(port), name)
        return port

    def supervisor(self, *arguments):
        self.start("fablined", *arguments)
        self.wait(lambda: reaches(self.folder + "/run/api.sock"), "fablined")

    def fabline(self, *arguments):
        """What the command line answers; raises where it fails."""
        done = subprocess.run([f"{self.programs}/fabline", *arguments], env=self.environment, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"fabline {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def cut_power(self, name, *arguments):
        """The machine's power fails: driver and printer are gone, and a printer that knows nothing comes up at the same port."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            except OSError:
                continue
            mine = any(self.folder.encode() in word for word in words)
            is_driver = words[0].endswith(b"fabline-driver") and any(word.endswith(b"/" + name.encode()) or word == name.encode() for word in words)
            is_printer = words[0].endswith(b"virtual-printer") and f"{self.folder}/{name}".encode() in words
            if mine and (is_driver or is_printer):
                os.kill(int(pid), signal.SIGKILL)
        os.unlink(f"{self.folder}/{name}")
        self.printer(name, "--cold-start", *arguments)

    def ask(self, method, path, body):
        """Asks the API at the Unix socket, where whoever runs this is an administrator."""
        link = http.client.HTTPConnection("localhost")
        link.sock = socket.socket(socket.AF_UNIX)
        link.sock.connect(self.folder + "/run/api.sock")
        link.request(method, "/api/v1" + path, json.dumps(body), {"Content-Type": "application/json"})
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text}")
        return json.loads(text)

    def wait(self, is_there, what, seconds=60):
        end = time.monotonic() + seconds
        while not is_there():
            if time.monotonic() > end:
                raise RuntimeError(f"{what} did not come up")
            time.sleep(0.05)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
        # Drivers outlive their supervisor; these are the ones that serve this folder.
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = open(f"/proc/{pid}/cmdline", "rb").read()
                if b"fabline-driver" in words and self.folder.encode() in words:
                    os.kill(int(pid), signal.SIGTERM)
            except OSError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


def reaches(path):
    """Whether somebody listens at a Unix socket."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(path)
            return True
        except OSError:
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def reaches_port(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
