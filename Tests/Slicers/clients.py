#!/usr/bin/env python3
"""Python clients of print hosts against a real fablined: octorest, requests-toolbelt's streamed forms, and plain requests.

usage: clients.py PROGRAMS
"""

import io
import json
import os
import sys

import requests
from octorest import OctoRest
from requests_toolbelt import MultipartEncoder

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Page"))

from parts import ring
from stage import Stage, free_port, reaches_port


def listed(stage, what):
    return json.loads(stage.fabline(what, "--json"))["items"]


def by_octorest(stage, address, key, certificate):
    """It takes no path behind the host, and gets its certificates from the environment alone."""
    os.environ["REQUESTS_CA_BUNDLE"] = certificate
    client = OctoRest(url=address, apikey=key)
    assert client.version["text"].startswith("OctoPrint"), client.version
    assert client.settings()["feature"]["sdSupport"] is False
    assert client.state().startswith("Operational"), client.state()
    client.upload(("clip.gcode", io.BytesIO(ring(3).encode())))
    assert [file["name"] for file in client.files()["files"]] == ["clip.gcode"]
    assert listed(stage, "jobs") == [], "an upload alone made a job"
    # Its upload never sends `print` (it hands requests a form and JSON, of which one alone is sent): to select does.
    client.select("clip.gcode", print=True)
    assert [job["name"] for job in listed(stage, "jobs")] == ["clip.gcode"], listed(stage, "jobs")
    assert client.printer()["temperature"]["bed"]["actual"] > 0


def by_a_streamed_form(stage, address, key, certificate):
    """Moonraker's upload as programs with large files write it: the form is made while it is sent."""
    before = len(listed(stage, "jobs"))
    form = MultipartEncoder({"root": "gcodes", "print": "true",
                             "file": ("vase.gcode", io.BytesIO(ring(2000).encode()), "application/octet-stream")})
    answer = requests.post(f"{address}/m/ender/server/files/upload", data=form, verify=certificate,
                           headers={"Content-Type": form.content_type, "X-Api-Key": key})
    assert answer.status_code == 201, answer.text
    assert answer.json()["result"]["print_queued"] is True
    assert len(listed(stage, "jobs")) == before + 1


def by_put(stage, address, key, certificate):
    """PrusaLink's upload, in chunks of no known length."""
    def pieces():
        for line in ring(5).splitlines(keepends=True):
            yield line.encode()
    before = len(listed(stage, "jobs"))
    answer = requests.put(f"{address}/m/ender/api/v1/files/local/a%20part.gcode", data=pieces(), verify=certificate,
                          headers={"X-Api-Key": key, "Print-After-Upload": "?1", "Overwrite": "?1"})
    assert answer.status_code == 201, answer.text
    assert len(listed(stage, "jobs")) == before + 1


def with_a_wrong_key(stage, address, _, certificate):
    before = (len(listed(stage, "files")), len(listed(stage, "jobs")))
    answer = requests.post(f"{address}/m/ender/api/files/local", headers={"X-Api-Key": "wrong"}, verify=certificate,
                           files={"file": ("x.gcode", ring(6))}, data={"print": "true"})
    assert answer.status_code == 401 and "token" in answer.json()["error"], answer.text
    assert (len(listed(stage, "files")), len(listed(stage, "jobs"))) == before


def main():
    stage = Stage(os.path.realpath(sys.argv[1]))
    failed = False
    try:
        port = free_port()
        stage.supervisor("--listen", f"127.0.0.1:{port}")
        stage.wait(lambda: reaches_port(port), "the TCP port")
        printer = stage.printer("ender", "--time-factor", "20")
        stage.fabline("machine", "add", "ender", "--port", printer, "--baud", "4000000", "--material", "PLA")
        stage.wait(lambda: "idle" in stage.fabline("status"), "the machine")
        key = json.loads(stage.fabline("token", "create", "python", "--scope", "submit", "--json"))["secret"]
        for client in (by_octorest, by_a_streamed_form, by_put, with_a_wrong_key):
            try:
                client(stage, f"https://127.0.0.1:{port}", key, f"{stage.folder}/state/tls/certificate.pem")
                print(f"  well    {client.__name__}", flush=True)
            except Exception as error:  # One failure does not hide the next.
                failed = True
                print(f"  FAILED  {client.__name__}: {type(error).__name__} {error}", flush=True)
    finally:
        stage.end()
    sys.exit(failed)


main()
