"""The guest suite: fabline under real systemd, udev and USB drivers. See README.md beside this file."""

import argparse
import os
import pathlib
import sys
import time
import traceback

import cases
from bench import Bench
from lab import Lab, ROOT


def main():
    parser = argparse.ArgumentParser(prog=".ci/guest", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names, or beginnings of names; all without")
    parser.add_argument("--quick", action="store_true", help="the short ones, as CI runs them")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    parser.add_argument("--seed", type=int, default=1, help="of files and moments (1)")
    parser.add_argument("--lab", default=os.environ.get("FABLINE_GUEST_LAB", str(ROOT / ".build/guest")),
                        help="folder for image, disk and evidence")
    parser.add_argument("--programs", default=os.environ.get("FABLINE_GUEST_PROGRAMS"),
                        help="folder of the built programs")
    options = parser.parse_args()
    names = {case.name for case in cases.ALL}
    chosen = [case for case in cases.ALL if not options.cases or any(
        case.name == word or word not in names and case.name.startswith(word) for word in options.cases)]
    if options.quick:
        chosen = [case for case in chosen if case.quick]
    if options.list:
        for case in chosen:
            print(f"{case.name:28} {'quick ' if case.quick else '      '}{case.purpose}")
        return 0
    if not chosen:
        parser.error("no such case; --list names them")
    lab = Lab(options.lab, options.programs)
    print(f"the guest is ready: {lab.prepare():.1f} s", flush=True)
    began = time.monotonic()
    failed = [case.name for case in chosen if not run(lab, case, options.seed)]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} cases passed in {time.monotonic() - began:.0f} s, "
          f"seed {options.seed}" + (f"; failed: {' '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def run(lab, case, seed):
    """Runs one case; whether it passed."""
    began = time.monotonic()
    folder = lab.folder / "cases" / case.name
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    bench = None
    failure = None
    try:
        bench = Bench(lab, folder)
        case.body(bench, seed)
    except Exception as error:  # whatever goes wrong in a case is that case's failure
        failure = error
        (folder / "failure").write_text(traceback.format_exc())
        if bench:
            bench.evidence()
    finally:
        if bench:
            bench.end()
    word = "FAILED" if failure else "ok"
    print(f"{word:6} {case.name:28} {time.monotonic() - began:6.1f} s  {'; '.join(bench.notes) if bench else ''}",
          flush=True)
    if failure:
        print(f"       {failure}\n       evidence in {folder}", flush=True)
    return failure is None


if __name__ == "__main__":
    sys.exit(main())
