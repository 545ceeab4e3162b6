#!/usr/bin/env python3
"""Holds the page's dictionaries against each other and against the page: no key is missing, none is of no use."""

import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).parent / "../../Sources/HTTPAPI/Page/Files"
# Keys that are put together from a state, a level, a role.
COMPOSED = re.compile(r"^(phase|state|done|level|role|theme|tune|card|link|nav)\.")


def dictionary(language):
    text = (PAGE / f"words/{language}.js").read_text(encoding="utf-8")
    pairs = re.findall(r"^  '([^']+)': '(.*)',$", text, re.MULTILINE)
    lines = sum(1 for line in text.splitlines() if line.startswith("  '"))
    return dict(pairs), len(pairs) - len(dict(pairs)) + lines - len(pairs)


def used():
    keys = set()
    for path in PAGE.rglob("*.js"):
        if path.parent.name == "words":
            continue
        text = path.read_text(encoding="utf-8")
        keys |= set(re.findall(r"\bt\(\s*'([^']+)'", text))
        keys |= set(re.findall(r"[?:,]\s*'((?:nav|lost)(?:\.[A-Za-z]+)*)'", text))
    return keys


def main():
    (english, oddities), (korean, more) = dictionary("en"), dictionary("ko")
    wrong = []
    if oddities or more:
        wrong.append("a key stands twice, or a line is no entry")
    wrong += [f"only in one language: {key}" for key in sorted(set(english) ^ set(korean))]
    for key in set(english) & set(korean):
        if set(re.findall(r"\{\w+\}", english[key])) != set(re.findall(r"\{\w+\}", korean[key])):
            wrong.append(f"not the same {{members}}: {key}")
    wrong += [f"used, but in no dictionary: {key}" for key in sorted(used() - set(english))]
    wrong += [f"of no use: {key}" for key in sorted(set(english) - used()) if not COMPOSED.match(key)]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
