#!/usr/bin/env python3
"""PrusaSlicer's own window against a real fablined and a virtual printer: Test, Upload, Upload and Print, a wrong key.

usage: prusaslicer.py PROGRAMS PICTURES
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Page"))

from screen import Screen
from stage import Stage, free_port, reaches_port

PART = os.path.join(HERE, "..", "Fixtures", "gcode", "cable-clip.stl")
MAIN = "PrusaSlicer-"
# What asks at the first start, or looks up something on the network, is answered beforehand.
ANSWERS = """version = 2.5.0
version_check = 0
version_system_info_sent = 2.5.0
preset_update = 0
notify_release = none
show_hints = 0
show_splash_screen = 0
single_instance = 0
background_processing = 0
default_action_on_close_application = discard
default_action_on_dirty_project = discard
view_mode = simple

[presets]
filament = shop
physical_printer = Fabline * shop
print = shop
printer = shop
"""
PROFILES = {
    "printer": "printer_technology = FFF\nbed_shape = 0x0,200x0,200x200,0x200\nnozzle_diameter = 0.4\ngcode_flavor = marlin2\n",
    "filament": "filament_type = PLA\ntemperature = 205\nfirst_layer_temperature = 210\n",
    "print": "layer_height = 0.3\nperimeters = 2\n",
}


class Slicer:
    """One run of the window with one physical printer in its settings."""

    def __init__(self, screen, address, certificate, host_type, key):
        self.screen = screen
        self.name = host_type
        self.data = tempfile.mkdtemp(prefix="slicer", dir=screen.folder)
        for kind, text in PROFILES.items():
            self.write(f"{kind}/shop.ini", text)
        self.write("PrusaSlicer.ini", ANSWERS)
        self.write("physical_printer/Fabline.ini", "\n".join([
            f"host_type = {host_type}", "preset_names = shop", f"print_host = {address}", "printer_technology = FFF",
            f"printhost_apikey = {key}", "printhost_authorization_type = key", f"printhost_cafile = {certificate}", ""]))
        self.process = screen.start(["dbus-run-session", "--", "prusa-slicer", "--datadir", self.data, PART])
        self.main, _ = screen.window(MAIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends the window and the session around it, which were started together."""
        os.killpg(self.process.pid, 15)
        self.process.wait()
        self.screen.gone(self.main)

    def write(self, name, text):
        path = os.path.join(self.data, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def test(self):
        """Presses Test among the printer's settings; whether it says that the connection works."""
        screen = self.screen
        # The wheel beside the printer's name opens a menu; its second entry is the physical printer.
        def opened():
            screen.click(self.main, -13, 240)
            return screen.is_soon(lambda: len(screen.windows()) > 1)
        screen.until("a menu", opened)
        screen.hand("key", "Down", "Down", "Return")
        dialog, _ = screen.window("Physical Printer")
        screen.click(dialog, -105, 222)
        answer, title = screen.window("PrusaSlicer - Success!", "PrusaSlicer error")
        screen.shot(f"test-{self.name}-{title.split()[-1].strip('!').lower()}")
        screen.hand("key", "Return")
        screen.gone(answer)
        screen.hand("key", "Escape")
        screen.gone(dialog)
        return title.endswith("Success!")

    def slice(self):
        self.screen.click(self.main, 1050, -20)

    def send(self, prints):
        """Opens the dialog that sends, as soon as there is something to send, and presses one of its buttons."""
        screen = self.screen
        def opened():
            screen.hand("windowactivate", "--sync", self.main)
            screen.hand("key", "ctrl+shift+g")
            return screen.is_soon(lambda: any(title.startswith("Send G-Code") for title in screen.windows().values()))
        screen.until("the dialog that sends", opened)
        dialog, _ = screen.window("Send G-Code")
        screen.click(dialog, -170 if prints else -285, -35)
        screen.gone(dialog)


class Play:
    def __init__(self, programs, pictures):
        self.stage = Stage(os.path.realpath(programs))
        self.port = free_port()
        self.stage.supervisor("--listen", f"127.0.0.1:{self.port}")
        self.stage.wait(lambda: reaches_port(self.port), "the TCP port")
        port = self.stage.printer("ender", "--time-factor", "20")
        self.stage.fabline("machine", "add", "ender", "--port", port, "--baud", "4000000", "--material", "PLA")
        self.key = json.loads(self.stage.fabline("token", "create", "slicer", "--scope", "submit", "--json"))["secret"]
        self.screen = Screen(self.stage.folder)
        os.makedirs(pictures, exist_ok=True)
        self.screen.pictures = pictures

    def slicer(self, host_type, key):
        return Slicer(self.screen, f"https://127.0.0.1:{self.port}/m/ender",
                      f"{self.stage.folder}/state/tls/certificate.pem", host_type, key)

    def count(self, what):
        return len(json.loads(self.stage.fabline(what, "--json"))["items"])

    def sends(self, host_type):
        with self.slicer(host_type, self.key) as slicer:
            files, jobs = self.count("files"), self.count("jobs")
            assert slicer.test(), "Test says that the connection does not work"
            slicer.slice()
            slicer.send(prints=False)
            self.screen.until("the file", lambda: self.count("files") == files + 1)
            assert self.count("jobs") == jobs, "an upload without print made a job"
            slicer.send(prints=True)
            self.screen.until("the job", lambda: self.count("jobs") == jobs + 1)

    def is_refused(self, host_type):
        with self.slicer(host_type, "wrong") as slicer:
            files, jobs = self.count("files"), self.count("jobs")
            assert not slicer.test(), "Test says that a wrong key works"
            slicer.slice()
            slicer.send(prints=True)
            self.screen.window("PrusaSlicer error", "Print host upload queue")
            self.screen.shot(f"refused-{host_type}")
            assert (self.count("files"), self.count("jobs")) == (files, jobs), "a wrong key left something behind"


def main():
    play = Play(sys.argv[1], sys.argv[2])
    failed = False
    try:
        for host_type in ("octoprint", "prusalink"):
            for step in (play.sends, play.is_refused):
                play.screen.act = f"{step.__name__}-{host_type}"
                try:
                    step(host_type)
                    print(f"  well    {step.__name__} {host_type}", flush=True)
                except Exception as error:  # One failure does not hide the next.
                    failed = True
                    print(f"  FAILED  {step.__name__} {host_type}: {error}", flush=True)
    finally:
        play.screen.end()
        play.stage.end()
    sys.exit(failed)


main()
