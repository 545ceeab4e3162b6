"""`fabline install --system`, from the clean image, and what is left after `fabline uninstall`."""

from cases.case import case


@case("install", "from a clean image: programs, user, units, rules; again as an upgrade; uninstalled without a trace",
      quick=True)
def install(bench, seed):
    guest = bench.guest
    check = guest.run
    check("test -x /usr/local/bin/fablined -a -x /usr/local/bin/fabline-driver")
    check("systemd-analyze verify /etc/systemd/system/fablined.service /etc/systemd/system/fabline-driver.socket")
    bench.check(check("systemctl is-enabled fablined") == "enabled", "the service is not enabled")
    check("getent passwd fabline && getent group fabline")
    bench.start()
    bench.check(check("ps -o user= -p $(systemctl show -P MainPID fablined)") == "fabline", "it does not run as fabline")
    exposure = check("systemd-analyze security --no-pager fablined | tail -1")
    # Only who is in the group may ask.
    check("useradd --no-create-home stranger; ! setpriv --reuid stranger --regid stranger --clear-groups fabline jobs")
    # An upgrade is an installation once more; a configuration that was edited stays.
    check("echo 'FABLINED_OPTIONS=--log-level debug' > /etc/fabline/fablined.env")
    check("/mnt/share/programs/fabline install --system")
    bench.check("debug" in check("cat /etc/fabline/fablined.env"), "the edited configuration was replaced")
    guest.until("fabline status >/dev/null 2>&1")
    files = check("sed -n 's/^file [^ ]* //p' /usr/local/lib/fabline/installed").split()
    check("fabline uninstall --system")
    left = [file for file in files if guest.ask(f"test -f {file}")[0] == 0 and "fablined.env" not in file]
    bench.check(not left, f"left behind: {left}")
    bench.check(guest.ask("systemctl is-active fablined")[1].strip() != "active", "the service still runs")
    check("test -e /var/lib/fabline")
    bench.note(f"{len(files)} paths; {exposure.strip()}")
