"""What axe-core finds, and what it does not look for: targets of 24 px (WCAG 2.2, 2.5.8) and text that is cut off."""

import glob
import json
import sys

TARGETS = """
[...document.querySelectorAll('a[href], button, input, select, summary')].filter((e) => {
  const r = e.getBoundingClientRect();
  // Links in a sentence are exempt, and what is not shown is no target.
  if (!r.width || e.matches('.skip') || (e.matches('a') && getComputedStyle(e).display === 'inline')) return false;
  return r.width < 24 || r.height < 24;
}).map((e) => e.outerHTML.slice(0, 120))
"""

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def axe_source():
    """axe-core as the package axe-playwright-python carries it."""
    for place in sys.path:
        for path in glob.glob(place + "/axe_playwright_python/axe.min.js"):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise RuntimeError("axe.min.js is missing: pip install --no-deps axe-playwright-python")


def look(browser, where):
    """Every violation of WCAG 2.2 A and AA in what is shown now, as lines of text."""
    if not browser.value("typeof window.axe === 'object'"):
        browser.call("Runtime.evaluate", expression=axe_source())
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    result = browser.value(
        "axe.run(document, {runOnly: %s}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => "
        "`${v.id}: ${n.html.slice(0, 140)} ${(n.any[0] ?? n.all[0] ?? n.none[0] ?? {}).message ?? ''}`)))" % tags)
    found = [f"{where}: {each}" for each in result]
    found += [f"{where}: a target under 24 px: {each}" for each in browser.value(TARGETS)]
    if browser.value(SIDEWAYS):
        found.append(f"{where}: the page scrolls sideways")
    return found
