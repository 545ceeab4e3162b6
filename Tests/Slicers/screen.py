"""A screen that nobody sits before: Xvfb, a window manager, and a hand by xdotool."""

import os
import subprocess
import time


class Screen:
    """Programs with windows; `end` ends all of them."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        read, write = os.pipe()
        self.start(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"], keep=[write])
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not come up; see {folder}/Xvfb.log")
        locales = f"{folder}/locales"
        os.makedirs(locales)
        # PrusaSlicer asks for a locale of its language by name, and stops at a question where there is none.
        subprocess.run(["localedef", "-i", "en_US", "-f", "UTF-8", f"{locales}/en_US.UTF-8"], check=True)
        os.makedirs(f"{folder}/home", mode=0o700)
        self.environment = {**os.environ, "DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1", "GDK_BACKEND": "x11",
                            "LANG": "en_US.UTF-8", "LOCPATH": locales, "NO_AT_BRIDGE": "1",
                            "HOME": f"{folder}/home", "XDG_RUNTIME_DIR": f"{folder}/home"}
        self.start(["openbox"])
        self.until("the window manager", lambda: self.hand("get_desktop").strip().isdigit())

    def start(self, command, keep=()):
        with open(f"{self.folder}/{os.path.basename(command[0])}.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, pass_fds=keep,
                                       env=getattr(self, "environment", None), start_new_session=True)
        self.processes.append(process)
        return process

    def hand(self, *words):
        """What xdotool answers; nothing where it finds nothing."""
        return subprocess.run(["xdotool", *words], env=self.environment, text=True, capture_output=True).stdout

    def windows(self):
        """Numbers and titles of the windows that are seen."""
        numbers = self.hand("search", "--onlyvisible", "--name", ".").split()
        return {number: self.hand("getwindowname", number).strip() for number in numbers}

    def window(self, *titles, seconds=60):
        """The number and the title of the first window whose title begins with one of these, once it is seen."""
        def found():
            return next(((n, t) for n, t in self.windows().items() if t.startswith(titles)), None)
        return self.until(f"a window called {' or '.join(titles)} (there are {list(self.windows().values())})", found, seconds)

    def gone(self, number):
        self.until("the end of a window", lambda: number not in self.windows())

    def until(self, what, found, seconds=60):
        end = time.monotonic() + seconds
        while not (answer := found()):
            if time.monotonic() > end:
                self.shot(f"failed-{self.act}")
                raise RuntimeError(f"{what} did not come")
            time.sleep(0.1)
        return answer

    def is_soon(self, found):
        """Whether something comes within two seconds: what was pressed too early is pressed again."""
        end = time.monotonic() + 2
        while not found():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def click(self, number, x, y):
        """Presses at a place in a window; negative numbers count from its right and its lower edge."""
        words = dict(line.split("=") for line in self.hand("getwindowgeometry", "--shell", number).split())
        x, y = (x if x >= 0 else int(words["WIDTH"]) + x), (y if y >= 0 else int(words["HEIGHT"]) + y)
        self.hand("windowactivate", "--sync", number)
        self.hand("mousemove", "--window", number, str(x), str(y))
        self.hand("click", "1")

    def shot(self, name):
        subprocess.run(["import", "-window", "root", f"{self.pictures}/{name}.png"], env=self.environment, check=False)

    pictures = "."
    # What is being done, for the picture of a failure.
    act = "start"

    def end(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
