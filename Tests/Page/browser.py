"""Chromium without a window, driven by its DevTools protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request

import websocket


class Browser:
    """One browser with one tab. What is waited for is looked at, never slept for."""

    def __init__(self, port=9377):
        self.profile = tempfile.mkdtemp(prefix="fabline-page")
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--force-prefers-reduced-motion", f"--remote-debugging-port={port}", "--remote-allow-origins=*",
             "--ignore-certificate-errors", f"--user-data-dir={self.profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = websocket.create_connection(self._tab(port), timeout=60)
        self.number = 0
        self.events = []
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(domain + ".enable")

    def _tab(self, port):
        for _ in range(300):
            try:
                tabs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
                return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            except (OSError, StopIteration):
                time.sleep(0.1)
        raise RuntimeError("chromium did not start")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def value(self, expression):
        """What an expression is worth in the page, once promises are kept."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", expression))
        return answer["result"].get("value")

    def until(self, expression, seconds=60):
        """Looks until an expression is true; says what it was where it never is."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.value(expression)
            except RuntimeError as error:
                found = None if "null" in str(error) or "undefined" in str(error) else str(error)
            if found and not isinstance(found, str):
                return found
            if isinstance(found, str) and found and "Error" not in found:
                return found
            if time.monotonic() > end:
                self.shot("failed")
                raise AssertionError(f"never true in {seconds} s: {expression}\nthe page says: {self.text('body')[:1500]}")
            time.sleep(0.1)

    def text(self, selector):
        return self.value(f"document.querySelector({selector!r})?.innerText ?? ''")

    def has(self, selector):
        return f"!!document.querySelector({selector!r})"

    def click(self, selector, seconds=60):
        """Clicks with the mouse where the element is, once nothing lies above it."""
        self.until(self.has(selector), seconds)
        place = self.until(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); const [x, y] = [r.x + r.width / 2, r.y + r.height / 2];"
            " return e.contains(document.elementFromPoint(x, y)) && [x, y]; })()", seconds)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def drag(self, selector, onto, seconds=60):
        """Drags an element with the mouse onto the middle of another."""
        places = self.until(
            f"(() => {{ const at = (s) => {{ const r = document.querySelector(s).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }};"
            f" document.querySelector({selector!r}).scrollIntoView({{block: 'center'}}); return [at({selector!r}), at({onto!r})]; }})()", seconds)
        (x, y), (to_x, to_y) = places
        self.call("Input.setInterceptDrags", enabled=True)
        self.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
        for part in (0.2, 0.5):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + (to_x - x) * part, y=y + (to_y - y) * part, button="left", buttons=1)
        end = time.monotonic() + seconds
        while not (found := [e for e in self.events if e["method"] == "Input.dragIntercepted"]):
            if time.monotonic() > end:
                raise AssertionError(f"{selector} cannot be dragged")
            self.value("1")
        data = found[-1]["params"]["data"]
        self.events = [e for e in self.events if e["method"] != "Input.dragIntercepted"]
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=to_x, y=to_y, data=data)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=to_x, y=to_y, button="left", clickCount=1)
        self.call("Input.setInterceptDrags", enabled=False)

    def wait(self, is_there, what, seconds=60):
        """Waits for something outside of the page while the page goes on."""
        end = time.monotonic() + seconds
        while not is_there():
            if time.monotonic() > end:
                self.shot("failed")
                raise AssertionError(f"never: {what}")
            self.value("1")
            time.sleep(0.05)

    def key(self, name, code=None, text=None):
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, " ": 32}
        more = {"text": "\r"} if name == "Enter" else {"text": " "} if name == " " else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=code or name,
                      windowsVirtualKeyCode=codes.get(name, 0), **(more if kind == "keyDown" else {}))

    def type(self, selector, text):
        self.click(selector)
        self.value(f"document.querySelector({selector!r}).select?.()")
        self.call("Input.insertText", text=text)

    def choose_file(self, selector, path):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[path])

    def go(self, address):
        self.call("Page.navigate", url=address)

    def screen(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 700)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def offline(self, is_offline):
        self.call("Network.emulateNetworkConditions", offline=is_offline, latency=0, downloadThroughput=-1,
                  uploadThroughput=-1)

    folder = "."

    def shot(self, name):
        """The whole page as a picture."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                            clip={"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1})
        with open(f"{self.folder}/{name}.png", "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """What the page threw, and what its policy refused; a picture that a file has not got is no complaint."""
        self.value("1")
        found = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["source"] in ("security", "javascript"):
                found.append(event["params"]["entry"]["text"])
        return found

    def end(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.profile, ignore_errors=True)
