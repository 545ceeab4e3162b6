#!/usr/bin/env python3
"""The page in a real browser, before a real fablined and virtual printers: what a person does, and what they see.

usage: run.py PROGRAMS PICTURES [WORD ...]

With words only the steps whose name holds one of them are played, behind signing in and clearing the beds.
"""

import json
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.request

import accessibility
from browser import Browser
from camera import Camera
from parts import ring
from stage import Stage, free_port, reaches_port

PASSWORD = "brass-lantern-41"
PEOPLE = {"mira": "admin", "otto": "member", "vera": "viewer"}
VIEWS = ["", "queue", "files", "log", "more", "submit", "machine/atlas", "job/1"]
STATE = "document.querySelector('[data-key={}] .state')?.innerText"


def listen(stage):
    """Starts the supervisor with a door for browsers, and people who may come in; answers the page's address."""
    port = free_port()
    stage.supervisor("--listen", f"127.0.0.1:{port}")
    stage.wait(lambda: reaches_port(port), "the TCP port")
    for name, role in PEOPLE.items():
        stage.ask("POST", "/users", {"name": name, "role": role, "password": PASSWORD})
    return f"https://127.0.0.1:{port}/"


class Play:
    """Everything in the order in which a day goes."""

    def __init__(self, programs, pictures):
        os.makedirs(pictures, exist_ok=True)
        self.stage = Stage(programs)
        self.browser = Browser()
        self.browser.folder = pictures
        self.camera = Camera()
        self.failures = []

    def set_up(self):
        stage = self.stage
        ports = {
            "atlas": stage.printer("atlas", "--time-factor", "12"),
            "birch": stage.printer("birch", "--time-factor", "12", "--executed", f"{stage.folder}/birch.executed"),
            "cedar": stage.printer("cedar", "--time-factor", "12", "--profile", "marlin21full", "--faults", "prompt@40"),
            "fern": stage.printer("fern", "--time-factor", "12"),
            "gale": stage.printer("gale", "--time-factor", "12"),
        }
        self.address = listen(stage)
        for name, port in ports.items():
            stage.fabline("machine", "add", name, "--port", port, "--baud", "4000000", "--pool", "lab", "--material", "PLA")
        stage.fabline("machine", "set", "atlas", "--camera", self.camera.address + "/snap")
        stage.fabline("machine", "set", "birch", "--camera-stream", self.camera.address + "/film", "--macro", "park=G1 X10 Y150 Z10 F6000")
        stage.fabline("machine", "set", "gale", "--holds-z", "yes", "--homes-xy", "yes", "--volume", "220x220x250")
        for name, layers in (("vase", 900), ("clip", 6), ("hook", 40)):
            with open(f"{stage.folder}/{name}.gcode", "w") as file:
                file.write(ring(layers, 150 if name == "vase" else 60))

    def part(self, name):
        return f"{self.stage.folder}/{name}.gcode"

    def sign_in(self, name, password=PASSWORD):
        browser = self.browser
        browser.until(browser.has("#sign-name"))
        browser.type("#sign-name", name)
        browser.type("#sign-password", password)
        browser.key("Enter")

    def at(self, view):
        self.browser.value(f"location.hash = '#/{view}'")
        self.browser.until("document.querySelector('main h1') && document.querySelector('main [data-key^=\"%s/\"]')" % view.split("/")[0] + " !== null")

    def step(self, name, work):
        began = time.monotonic()
        try:
            work()
            print(f"  well    {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # One failure does not hide the next.
            self.failures.append(name)
            print(f"  FAILED  {name}: {error}", flush=True)

    # What is played.

    def a_wrong_password_is_told_and_the_right_one_opens(self):
        browser = self.browser
        browser.screen(390, 844)
        browser.go(self.address)
        self.sign_in("mira", "not this one")
        browser.until("document.querySelector('.field-failure')?.innerText.length > 10")
        browser.shot("sign-in")
        self.failures += accessibility.look(browser, "sign in")
        self.sign_in("mira")
        browser.until("document.querySelectorAll('.plate').length === 5 && document.querySelector('.link-live') !== null")

    def the_bed_is_cleared_by_a_person(self):
        for name in ("atlas", "birch", "cedar", "fern", "gale"):
            self.browser.click(f"[data-key={name}] [data-act=ready]")
            self.browser.until(f"!document.querySelector('[data-key={name}] [data-act=ready]')")

    def a_file_is_brought_and_printed(self):
        browser = self.browser
        self.at("submit")
        browser.choose_file("#submit-file", self.part("vase"))
        browser.value("document.querySelector('[name=target]').value = 'machine:atlas'")
        browser.type("#submit-copies", "2")
        browser.click("form[data-key=submit] button[type=submit]")
        browser.until("location.hash.startsWith('#/job/')")
        browser.until("document.querySelector('.job-page .state.tone-run') !== null")

    def progress_comes_by_itself(self):
        browser = self.browser
        self.at("")
        percent = "Number(document.querySelector('[data-key=atlas] [role=progressbar]')?.getAttribute('aria-valuenow'))"
        browser.until(f"{percent} >= 1", 120)
        first = browser.value(percent)
        browser.until(f"{percent} > {first}", 120)
        browser.until("/°/.test(document.querySelector('[data-key=atlas] .heaters').innerText)")

    def it_is_paused_and_goes_on(self):
        browser = self.browser
        browser.click("[data-key=atlas] [data-word=pause]")
        browser.until(STATE.format("atlas") + " === 'Paused'", 120)
        browser.until("/atlas: (Paused|Pausing)/.test(document.getElementById('polite').textContent)")
        browser.shot("paused")
        browser.click("[data-key=atlas] [data-word=resume]")
        browser.until(STATE.format("atlas") + " === 'Printing'", 120)

    def a_question_of_the_firmware_is_answered(self):
        browser = self.browser
        self.stage.fabline("submit", self.part("hook"), "--machine", "cedar")
        browser.until("document.querySelectorAll('[data-key=cedar] [data-act=answer]').length === 2", 120)
        browser.until("document.title.startsWith('(1)')")
        browser.shot("question")
        browser.click("[data-key=cedar] [data-act=answer]")
        browser.until(STATE.format("cedar") + " === 'Printing'", 60)

    def the_finished_part_is_taken_off(self):
        browser = self.browser
        self.stage.fabline("submit", self.part("clip"), "--machine", "birch")
        browser.until("document.querySelector('[data-key=birch] [data-act=ready]')?.dataset.job > 0", 180)
        browser.shot("part-on-the-bed")
        browser.click("[data-key=birch] [data-act=ready]")
        browser.until("!document.querySelector('[data-key=birch] [data-act=ready]')")
        assert "clear" in self.stage.fabline("machine", "list").split("birch")[1].splitlines()[0]

    def the_queue_is_put_in_order_by_keyboard(self):
        browser = self.browser
        for name in ("clip", "hook"):
            self.stage.fabline("submit", self.part(name), "--machine", "atlas")
        self.at("queue")
        order = "[...document.querySelectorAll('ol.jobs .job')].map((e) => e.dataset.key).join()"
        browser.until("document.querySelectorAll('ol.jobs .job').length >= 3")
        before = browser.value(order).split(",")
        browser.shot("queue")
        browser.value("document.querySelector('ol.jobs .job:first-child [data-act=place][data-to=\"1\"]').focus()")
        browser.key("Enter")
        browser.until(f"{order} === {','.join([before[1], before[0], *before[2:]])!r}")
        # The focus went along with the job: the same key moves it on.
        assert browser.value("document.activeElement.dataset.job") == before[0], "the focus was lost"
        browser.key("Enter")
        browser.until(f"{order} === {','.join([before[1], before[2], before[0], *before[3:]])!r}")

    def the_queue_is_put_in_order_by_mouse(self):
        browser = self.browser
        browser.screen(1280, 900)
        self.at("queue")
        order = "[...document.querySelectorAll('ol.jobs .job')].map((e) => e.dataset.key).join()"
        browser.until("document.querySelectorAll('ol.jobs .job').length >= 3")
        before = browser.value(order).split(",")
        browser.drag("ol.jobs .job:nth-child(1) .grip", "ol.jobs .job:nth-child(3)")
        browser.until(f"{order} === {','.join([before[1], before[2], before[0], *before[3:]])!r}")
        browser.until("!document.querySelector('.job-over')")
        browser.screen(390, 844)

    def every_move_in_a_queue_leads_where_it_should(self):
        module = "document.querySelector('script[type=module]').src"
        with open(os.path.join(os.path.dirname(__file__), "order.js"), encoding="utf-8") as file:
            source = file.read()
        result = self.browser.value(f"({source[source.index('async ('):].strip()})({module})")
        assert result["moves"] > 3000 and not result["failure"], result

    def the_camera_shows_what_it_sees(self):
        browser, camera = self.browser, self.camera
        image = "document.querySelector('.camera img')"
        self.at("machine/atlas")
        browser.until(f"{image}?.naturalWidth === 320 && {image}.alt.includes('atlas')")
        first = browser.value(f"{image}.src")
        browser.until(f"{image}.src !== {first!r} && {image}.naturalWidth === 320")
        browser.shot("camera")
        camera.is_on = False
        browser.until("document.querySelector('.camera .barred')?.innerText.includes('503') && document.querySelector('.camera img.old') !== null")
        browser.shot("camera-away")
        self.failures += accessibility.look(browser, "camera away")
        camera.is_on = True
        browser.until("!document.querySelector('.camera .barred') && !document.querySelector('.camera img.old')")
        # A stream; whoever cannot see it does not ask for it.
        self.at("machine/birch")
        browser.until(f"{image}?.naturalWidth === 320 && {image}.alt.includes('birch')")
        first = browser.value(f"{image}.src")
        browser.until(f"{image}.src !== {first!r} && {image}.naturalWidth === 320")
        browser.wait(lambda: camera.watching == 1, "one watches")
        hide = "Object.defineProperty(document, 'hidden', {{value: {}, configurable: true}}); document.dispatchEvent(new Event('visibilitychange'))"
        browser.value(hide.format("true"))
        browser.wait(lambda: camera.watching == 0, "nobody watches what is hidden")
        browser.value(hide.format("false"))
        browser.wait(lambda: camera.watching == 1, "it is watched again")
        self.at("")
        browser.wait(lambda: camera.watching == 0, "nobody watches what was left")
        self.at("machine/cedar")
        assert not browser.value(browser.has(".camera")), "a machine without a camera shows none"

    def temperatures_have_a_past(self):
        browser = self.browser
        browser.call("Page.reload")
        self.at("machine/atlas")
        # A line that begins more than a minute ago was not drawn by this page, which is just opened.
        browser.until("(() => { const d = document.querySelector('.plot-line')?.getAttribute('d'); if (!d) return false;"
                      " const xs = [...d.matchAll(/[ML]([\\d.]+)/g)].map((m) => Number(m[1])); return xs.length >= 4 && Math.max(...xs) - Math.min(...xs) > 30; })()")
        browser.shot("temperatures")

    def acts_by_hand_reach_the_machine(self):
        browser, stage = self.browser, self.stage
        self.at("machine/birch")
        machine = lambda: stage.ask("GET", "/machines/birch", {})
        def executed(pattern):
            with open(f"{stage.folder}/birch.executed", encoding="utf-8") as file:
                return len(re.findall(pattern, file.read(), re.MULTILINE))

        homed = executed(r" G28$")
        browser.click("[data-act=home][data-axes='']")
        browser.wait(lambda: executed(r" G28$") == homed + 1, "homing")
        browser.click("[data-act=macro]")
        browser.wait(lambda: executed(r" G1 X10 Y150 Z10 F6000$") == 1, "the macro")
        browser.click("[data-act=step][data-by='50']")
        browser.click("[data-act=jog][data-axis=y][data-by='-50']")
        browser.wait(lambda: executed(r" G91$") > 0 and executed(r" G1 Y-50 F3000$") == 1, "a relative move")
        browser.type("#heat-T0", "50")
        browser.click("[data-act=heatTo][data-heater=T0]")
        browser.wait(lambda: any(each["target"] == 50 for each in machine()["heaters"]), "the target")
        browser.click("[data-act=cool]")
        browser.wait(lambda: all(each["target"] == 0 for each in machine()["heaters"]), "all heaters off")
        browser.type("#console-line", "M115")
        browser.key("Enter")
        browser.until("/FIRMWARE_NAME/.test(document.querySelector('.console').innerText)")
        browser.click("[data-act=disable]")
        browser.type("#dialog-text", "a new belt")
        browser.click("dialog .button.primary")
        browser.until("document.querySelector('.need-detail')?.innerText === 'a new belt'")
        browser.click("main [data-act=enable]")
        browser.until("!document.querySelector('.need-detail')")

    def the_wire_is_followed(self):
        browser = self.browser
        self.at("machine/birch")
        lines = "document.querySelectorAll('.console .console-wire').length"
        browser.click("[data-act=wireLog][data-on=yes]")
        browser.until(f"{lines} > 3")
        browser.shot("wire")
        browser.click("[data-act=wireLog][data-on=no]")
        browser.until(browser.has("[data-act=wireLog][data-on=yes]"))
        browser.click("[data-act=recorder]")
        browser.until(f"{lines} > 20")

    def people_and_tokens_come_and_go(self):
        browser = self.browser
        self.at("more")
        browser.click("[data-act=addPerson]")
        browser.type("#person-name", "nils")
        browser.type("#person-password", PASSWORD)
        browser.shot("person")
        browser.click("dialog .button.primary")
        row = "[data-key=nils]"
        browser.until(f"/member/.test(document.querySelector('{row}')?.innerText)")
        browser.click(f"{row} [data-role=operator]")
        browser.until(f"/nils · operator/.test(document.querySelector('{row}')?.innerText)")
        browser.click(f"{row} [data-disabled=yes]")
        browser.until(browser.has(f"{row} [data-disabled=no]"))
        browser.click(f"{row} [data-act=removePerson]")
        browser.click("dialog .button.danger")
        browser.until(f"!document.querySelector('{row}')")
        browser.click("[data-act=addToken]")
        browser.type("#dialog-text", "slicer")
        browser.click("dialog .button.primary")
        secret = browser.until("document.querySelector('dialog .secret')?.innerText")
        browser.shot("token")
        self.failures += accessibility.look(browser, "token")
        assert self.status_with(secret) == 200
        browser.click("dialog .button.primary")
        browser.until("!document.querySelector('dialog') && /slicer/.test(document.querySelector('main').innerText)")
        assert not browser.value(f"document.body.innerText.includes({secret!r})"), "a secret is shown once"
        browser.click("[data-act=revoke]")
        browser.until("!document.querySelector('[data-act=revoke]')")
        assert self.status_with(secret) == 401

    def status_with(self, token):
        """What the API says to a program with this token."""
        trusting = ssl._create_unverified_context()
        request = urllib.request.Request(self.address + "api/v1/status", headers={"Authorization": f"Bearer {token}"})
        try:
            return urllib.request.urlopen(request, context=trusting).status
        except urllib.error.HTTPError as error:
            return error.code

    def the_workshop_is_drained_and_goes_on(self):
        browser = self.browser
        self.at("more")
        browser.click("[data-act=drain][data-on=yes]")
        browser.until(browser.has("[data-act=drain][data-on=no]"))
        assert self.stage.ask("GET", "/status", {}).get("draining")
        self.at("")
        browser.shot("drained")
        self.at("more")
        browser.click("[data-act=drain][data-on=no]")
        browser.until(browser.has("[data-act=drain][data-on=yes]"))
        assert not self.stage.ask("GET", "/status", {}).get("draining")

    def a_cut_print_is_decided_about(self):
        browser, stage = self.browser, self.stage
        stage.fabline("submit", self.part("hook"), "--machine", "gale")
        self.at("")
        percent = "Number(document.querySelector('[data-key=gale] [role=progressbar]')?.getAttribute('aria-valuenow'))"
        browser.until(f"{percent} >= 5", 120)
        stage.cut_power("gale", "--time-factor", "12")
        browser.until("document.querySelector('[data-key=gale] .need a.button') !== null", 120)
        browser.click("[data-key=gale] .need a.button")
        browser.until("document.querySelector('form.recover [data-act=recover]') !== null")
        browser.shot("recovery")
        self.failures += accessibility.look(browser, "recovery")
        # A plan asks what only a person at the machine knows, and does not run without.
        browser.click("[data-act=recover]")
        browser.until("document.querySelector('.notice-failure') !== null")
        browser.click(".notice-close")
        for field in browser.value("[...document.querySelectorAll('form.recover select')].map((e) => e.id)"):
            browser.value(f"(() => {{ const e = document.getElementById({field!r}); e.value = [...e.options].find((o) => o.value === 'yes')?.value ?? e.options[1].value; }})()")
        browser.click("[data-act=recover]")
        browser.until("document.querySelector('.job-page .state.tone-run') !== null", 120)
        # Cut again, the part is given up.
        browser.until("document.querySelector('.job-page [role=progressbar]') !== null", 120)
        stage.cut_power("gale", "--time-factor", "12")
        browser.until("document.querySelector('[data-act=decide][data-decision=failed]') !== null", 180)
        # Whoever stays on the page sees the new plan, or why there is none.
        browser.until("document.querySelector('form.recover, .tone-alert > .barred') !== null")
        number = browser.value("location.hash.split('/').pop()")
        said = [row["why"] for row in stage.ask("GET", f"/jobs/{number}/history?limit=100", {})["items"] if row["what"] == "recovered"]
        assert len(said) == 1 and "stuck yes" in said[0] and "measured" not in said[0], said
        browser.shot("uncertain")
        browser.click("[data-act=decide][data-decision=failed]")
        browser.until("document.querySelector('.job-page .view-head .state')?.innerText === 'Failed'")

    def why_not_now_is_answered(self):
        browser = self.browser
        browser.click("ol.jobs [data-act=why]")
        browser.until("document.querySelector('.why')?.innerText.length > 10")
        browser.click("ol.jobs [data-act=why]")

    def a_program_that_asks_gets_its_key_on_a_persons_word(self):
        browser = self.browser
        trusting = ssl.create_default_context(cafile=f"{self.stage.folder}/state/tls/certificate.pem")

        def ask(path, body=None):
            with urllib.request.urlopen(urllib.request.Request(path, body), context=trusting) as answer:
                return answer.status, json.load(answer)

        def asked():
            return ask(self.address + "plugin/appkeys/request", b'{"app": "Cura"}')[1]

        first = asked()
        browser.go("about:blank")
        browser.go(first["auth_dialog"])
        browser.until(browser.has("[data-act=decideKey][data-allow=yes]"))
        browser.shot("asking")
        self.failures += accessibility.look(browser, "asking")
        poll = self.address + "plugin/appkeys/request/"
        assert ask(poll + first["app_token"])[0] == 202
        browser.click("[data-act=decideKey][data-allow=yes]")
        browser.until("!document.querySelector('[data-act=decideKey]')")
        status, key = ask(poll + first["app_token"])
        assert status == 200 and key["api_key"].startswith("fabline_"), key

    def a_job_is_cancelled_after_a_question(self):
        browser = self.browser
        self.at("")
        browser.click("[data-key=atlas] [data-word=cancel]")
        browser.until("document.querySelector('dialog[open]') !== null")
        assert browser.value("document.querySelector('dialog .stop') !== null"), "a question bars the stop"
        browser.shot("cancel")
        self.failures += accessibility.look(browser, "cancel")
        browser.click("dialog .button.danger")
        browser.until("!document.querySelector('[data-key=atlas] [role=progressbar]')", 120)

    def stop_is_one_tap_from_every_page(self):
        browser = self.browser
        for view in VIEWS:
            self.at(view)
            assert browser.value("document.querySelector('.stop-all').getBoundingClientRect().height >= 44"), view
        self.stage.fabline("submit", self.part("vase"), "--machine", "fern")
        self.at("machine/fern")
        browser.until("document.querySelector('.state')?.innerText === 'Printing'")
        browser.click(".view-head .stop")
        browser.until("document.querySelector('.state')?.innerText === 'Stopped'", 20)
        assert not browser.value("document.querySelector('dialog')"), "a stop asks nothing"
        browser.shot("stopped")
        browser.click("[data-word=reset]")
        # What the board does with it is its own affair: this one stays silent until its power is cut.
        browser.until("document.querySelector('.state')?.innerText !== 'Stopped'", 60)

    def a_lost_link_is_told_and_nothing_old_passes_for_new(self):
        browser = self.browser
        self.at("")
        browser.offline(True)
        browser.until("document.querySelector('main.stale') !== null && document.querySelector('.lost') !== null", 60)
        browser.shot("lost")
        browser.offline(False)
        browser.click("[data-act=retry]")
        browser.until("!document.querySelector('main.stale') && document.querySelector('.link-live') !== null", 60)

    def it_speaks_korean_and_remembers(self):
        browser = self.browser
        self.at("more")
        browser.click("[data-tag=ko]")
        browser.until("document.documentElement.lang === 'ko' && document.querySelector('.ways').innerText.includes('장비')")
        browser.call("Page.reload")
        browser.until("document.querySelector('.ways')?.innerText.includes('대기열')")
        for view in VIEWS:
            self.at(view)
            # What is left in Latin letters is a name, a unit or what others say.
            stray = browser.value("[...document.querySelectorAll('main button, main label, main h1, main h2')]"
                                  ".map((e) => e.innerText.trim()).filter((t) => /^[a-z]{3,}( [a-z]+)*$/i.test(t))")
            names = {"atlas", "birch", "cedar", "fern", "gale", "vase", "clip", "hook", "park", "English"}
            assert not set(stray) - names, f"{view}: {stray}"

    def it_is_for_everybody(self):
        browser = self.browser
        found = []
        for width, height, dark, language in ((360, 740, False, "ko"), (360, 740, True, "en"), (1280, 900, False, "en"), (1280, 900, True, "ko")):
            browser.screen(width, height, dark)
            self.at("more")
            browser.click(f"main [data-tag={language}]")
            browser.until(f"document.documentElement.lang === '{language}'")
            for view in VIEWS:
                self.at(view)
                browser.until("!document.querySelector('main .waiting')")
                if view == "more":
                    browser.until(browser.has("[data-act=addPerson]"))
                if view.startswith(("job", "machine")):
                    browser.until("document.querySelectorAll('.history li').length > 2")
                name = f"{view.replace('/', '-') or 'machines'}-{width}-{'dark' if dark else 'light'}-{language}"
                browser.shot(name)
                found += accessibility.look(browser, name)
        browser.value("localStorage.setItem('fabline.language', 'en')")
        assert not found, "\n    " + "\n    ".join(found)

    def roles_are_offered_what_they_may_do(self):
        browser = self.browser
        browser.screen(390, 844)
        for name, role in (("vera", "viewer"), ("otto", "member")):
            self.at("more")
            browser.click("[data-act=leave]")
            self.sign_in(name)
            browser.until("document.querySelector('.link-live') !== null")
            self.at("")
            browser.until("document.querySelectorAll('.plate').length === 5")
            acts = set(browser.value("[...document.querySelectorAll('[data-act]')].map((e) => e.dataset.act)"))
            assert "estop" in acts, f"{role} may stop"
            assert not acts & {"machine", "enable"}, f"{role}: {acts}"
            assert ("ready" in acts) == (role == "member"), f"{role}: {acts}"
            self.at("machine/birch")
            browser.until(browser.has(".machine"))
            acts = set(browser.value("[...document.querySelectorAll('main [data-act]')].map((e) => e.dataset.act)"))
            assert not acts & {"jog", "home", "heatTo", "tune", "macro", "cool", "disable"}, f"{role}: {acts}"
            browser.shot(f"machine-{role}")

    def it_is_light(self):
        """Bytes of the first page, from nothing; the time is told and not judged."""
        browser = self.browser
        browser.screen(390, 844)
        for words, latency, speed in (("10 Mbit/s, 40 ms", 40, 10e6), ("1.6 Mbit/s, 150 ms", 150, 1.6e6)):
            for visit in ("first", "next"):
                if visit == "first":
                    browser.call("Network.clearBrowserCache")
                browser.go("about:blank")
                browser.until("location.href === 'about:blank'")
                browser.call("Network.emulateNetworkConditions", offline=False, latency=latency,
                             downloadThroughput=speed / 8, uploadThroughput=speed / 16)
                browser.call("Emulation.setCPUThrottlingRate", rate=4)
                browser.events.clear()
                browser.go(self.address)
                browser.until("performance.getEntriesByName('fabline-usable').length === 1")
                ready = browser.value("Math.round(performance.getEntriesByName('fabline-usable')[0].startTime)")
                browser.call("Emulation.setCPUThrottlingRate", rate=1)
                browser.offline(False)
                total = sum(event["params"]["encodedDataLength"] for event in browser.events
                            if event["method"] == "Network.loadingFinished")
                asked = [event["params"]["request"]["url"] for event in browser.events
                         if event["method"] == "Network.requestWillBeSent"]
                assert sum(url.endswith("/api/v1/session") for url in asked) == 1, f"asked for ahead and not taken: {asked}"
                print(f"  {visit} visit: {total / 1000:.0f} kB, usable after {ready} ms at {words}, a processor four times slower")
                assert total < 150_000, f"{total} bytes"

    def nothing_was_thrown(self):
        assert not self.browser.complaints(), self.browser.complaints()

    def run(self, words=()):
        self.set_up()
        first = (self.a_wrong_password_is_told_and_the_right_one_opens, self.the_bed_is_cleared_by_a_person)
        for work in (
            self.a_wrong_password_is_told_and_the_right_one_opens, self.the_bed_is_cleared_by_a_person,
            self.a_file_is_brought_and_printed, self.progress_comes_by_itself, self.it_is_paused_and_goes_on,
            self.a_question_of_the_firmware_is_answered, self.the_finished_part_is_taken_off,
            self.the_queue_is_put_in_order_by_keyboard, self.every_move_in_a_queue_leads_where_it_should,
            self.the_queue_is_put_in_order_by_mouse, self.why_not_now_is_answered,
            self.the_camera_shows_what_it_sees, self.temperatures_have_a_past, self.acts_by_hand_reach_the_machine,
            self.the_wire_is_followed, self.people_and_tokens_come_and_go, self.the_workshop_is_drained_and_goes_on,
            self.a_cut_print_is_decided_about, self.a_program_that_asks_gets_its_key_on_a_persons_word,
            self.a_job_is_cancelled_after_a_question, self.stop_is_one_tap_from_every_page,
            self.a_lost_link_is_told_and_nothing_old_passes_for_new, self.it_speaks_korean_and_remembers,
            self.it_is_for_everybody, self.roles_are_offered_what_they_may_do, self.it_is_light, self.nothing_was_thrown,
        ):
            if not words or work in first or any(word in work.__name__ for word in words):
                self.step(re.sub("_", " ", work.__name__), work)
        return self.failures


def main():
    play = None
    try:
        play = Play(*sys.argv[1:3])
        failures = play.run(sys.argv[3:])
    finally:
        if play:
            play.camera.end()
            play.browser.end()
            play.stage.end()
    for failure in failures:
        print(f"failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
