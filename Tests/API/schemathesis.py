"""Asks a running fablined everything that its own description allows, and much that it does not, with schemathesis.

    python3 Tests/API/schemathesis.py BUILD SECONDS SEED

A throw-away fablined with a virtual printer, a machine, a file and some jobs listens on the loopback; requests go there as an
operator with a token, for SECONDS. No answer may be an error of ours (5xx) or differ from the description. Ends with 1 otherwise.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD, SECONDS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
CHECKS = ",".join([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "unsupported_method", "missing_required_header", "ignored_auth",
])
# Streams never end; the copy of the database is written where the request says.
LEFT_OUT = ["/api/v1/events", "/api/v1/backup"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Workshop:
    """fablined, a virtual printer, and the command line against them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fl-api-")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.programs = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name, *arguments):
        log = open(self.path(name + ".log"), "wb")
        program = subprocess.Popen([os.path.join(BUILD, name), *arguments], stdout=log, stderr=log)
        self.programs.append(program)
        return program

    def fabline(self, *arguments):
        command = [os.path.join(BUILD, "fabline"), *arguments, "--run", self.path("run"), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr or done.stdout}")
        return json.loads(done.stdout or "null")

    def until(self, what, found):
        deadline = time.monotonic() + 60
        while not found():
            if time.monotonic() > deadline or any(p.poll() is not None for p in self.programs):
                raise SystemExit(f"{what} did not come; logs: {self.logs()}")
            time.sleep(0.05)

    def logs(self):
        texts = []
        for name in os.listdir(self.folder):
            if name.endswith(".log"):
                with open(self.path(name), errors="replace") as file:
                    texts.append(f"{name}:\n{file.read()[-2000:]}")
        return "\n".join(texts)

    def open(self):
        with open(self.path("fabline.yaml"), "w") as file:
            file.write(f"network:\n  listen: {self.url[7:]}\n  tls: off\n")
        self.start("virtual-printer", "--link", self.path("port"), "--time-factor", "20", "--baud", "4000000")
        self.until("the printer's port", lambda: os.path.exists(self.path("port")))
        self.start("fablined", "--state", self.path("state"), "--run", self.path("run"),
                   "--config", self.path("fabline.yaml"))
        self.until("the API", lambda: os.path.exists(self.path("run/api.sock")))
        self.fabline("machine", "add", "ender", "--port", self.path("port"), "--baud", "4000000")
        with open(self.path("part.gcode"), "w") as file:
            file.write("G28\nM104 S200\n" + "".join(f"G1 X{x} Y10 E{x}\n" for x in range(1, 200)) + "M104 S0\n")
        jobs = [self.fabline("submit", self.path("part.gcode"), "--machine", "ender") for _ in range(3)]
        return jobs[0], self.fabline("token", "create", "schemathesis", "--role", "operator")["secret"]

    def close(self):
        for program in reversed(self.programs):
            program.send_signal(signal.SIGTERM)
        for program in self.programs:
            try:
                program.wait(30)
            except subprocess.TimeoutExpired:
                program.kill()
        # Drivers outlive their supervisor by design: here nobody is to come after it.
        subprocess.run(["pkill", "-f", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def configuration(job):
    """What stands for the path's parameters: half of the requests find something there."""
    return "\n".join([
        "[parameters]", f'"path.id" = {job["id"]}', '"path.name" = "ender"', f'"path.hash" = "{job["file"]}"', ""])


def main():
    workshop = Workshop()
    try:
        job, token = workshop.open()
        with open(workshop.path("schemathesis.toml"), "w") as file:
            file.write(configuration(job))
        command = [
            "schemathesis", "--config-file", workshop.path("schemathesis.toml"), "run",
            f"{workshop.url}/api/v1/openapi.json", "--url", workshop.url, "-H", f"Authorization: Bearer {token}",
            "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-time", str(SECONDS),
            "--seed", str(SEED), "--continue-on-failure", "--request-timeout", "60",
            "--suppress-health-check", "all", "--warnings", "off",
        ]
        for path in LEFT_OUT:
            command += ["--exclude-path", path]
        result = subprocess.run(command, timeout=SECONDS + 240, cwd=workshop.folder).returncode
        if result:
            print(workshop.logs())
        return result
    finally:
        workshop.close()


if __name__ == "__main__":
    sys.exit(main())
