"""The units for systemd: well formed, as closed as is promised, and not more closed than the daemon needs."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/blackbox"))

import behaviours                                   # noqa: E402
import story                                        # noqa: E402
from daemon import BINARY, Daemon                   # noqa: E402
from fake_twilio import FakeTwilio                  # noqa: E402
from story import a_handoff                         # noqa: E402

SERVICE, SOCKET = ROOT / "packaging/handoffd.service", ROOT / "packaging/handoffd.socket"
MOST_EXPOSURE = 15                                  # tenths: 1.5

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze (package systemd) is not installed")


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, encoding="utf-8", timeout=60, check=False,
                          env={"PATH": "/usr/bin:/bin", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"})


def setting(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)


@needs_systemd
def test_it_is_as_closed_as_is_promised():
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", SERVICE)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_systemd
def test_they_are_well_formed(tmp_path):
    """With the program where it is now: verify looks whether it is there."""
    for unit in (SERVICE, SOCKET):
        text = unit.read_text("utf-8").replace("/usr/local/bin/handoffd", str(BINARY))
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = analyze("verify", "--man=no", "--recursive-errors=no", tmp_path / SERVICE.name, tmp_path / SOCKET.name)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "handoffd" in line]
    assert ours == []


def test_the_port_is_the_one_that_vendors_yaml_says():
    """Where nothing is said of it."""
    rows = (ROOT / "core/settings/own.c").read_text("utf-8")
    assert setting(SOCKET, "ListenStream") == [re.search(r'"listen".*?"(127[^"]*)"', rows, re.DOTALL)[1]]


def test_the_user_is_the_one_that_is_made():
    made = re.search(r"^u (\w+) ", (ROOT / "packaging/handoffd.sysusers").read_text("utf-8"), re.MULTILINE)[1]
    assert setting(SERVICE, "User") == setting(SERVICE, "Group") == [made]


def members(name, sets):
    """The calls of @name, and of the sets that it names."""
    found = set()
    for word in sets.get(name, ()):
        found |= members(word, sets) if word.startswith("@") else {word}
    return found


def allowed_calls():
    sets, name = {}, None
    for line in analyze("syscall-filter").stdout.splitlines():
        if line.startswith("@"):
            name = line.split()[0]
            sets[name] = []
        elif name and line.strip() and not line.strip().startswith("#"):
            sets[name].append(line.split()[0])
    allowed = set()
    for rule in setting(SERVICE, "SystemCallFilter"):
        for word in rule.removeprefix("~").split():
            allowed = allowed - members(word, sets) if rule.startswith("~") else allowed | members(word, sets)
    return allowed | members("@default", sets)


@needs_systemd
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.skipif("asan" in subprocess.run(["ldd", BINARY], capture_output=True, encoding="utf-8", check=False).stdout
                    or b"__asan_init" in BINARY.read_bytes(), reason="sanitizers make calls of their own")
def test_every_call_that_the_daemon_makes_is_allowed(tmp_path):
    """From its start, with every plugin, to its end: handoffs, a provider's callbacks, keys, a reload, a backup, an alert."""
    trace, twilio = tmp_path / "trace", FakeTwilio().start()
    daemon = Daemon(tmp_path, story.company(twilio, routing=("keyword", "round_robin"), alerts={"command": "true"}))
    daemon.wrapper = ("strace", "-D", "-f", "-qq", "-o", str(trace))
    try:
        daemon.start()
        key = daemon.run("key", "new", "elevenlabs").stdout.strip()
        assert daemon.post(a_handoff(), X_API_Key=key).status == 200
        assert daemon.run("reload").returncode == daemon.run("backup", "copy.db").returncode == 0
        twilio.always(behaviours.error(401, 20003))
        daemon.post(a_handoff(), X_API_Key=key)
        daemon.wait_for_log("alert raised")
        daemon.stop()
    finally:
        daemon.clean_up()
        twilio.stop()
    daemon_itself = trace.read_text("utf-8").split("execve(\"/bin/sh\"")[0]      # what an alert runs is the operator's
    made = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)[( ]", daemon_itself, re.MULTILINE)) - {"resumed"}
    made = {call for call in made if not call.startswith("_")}
    assert len(made) > 40
    as_root = {"fchown"} if os.geteuid() == 0 else set()                # of SQLite, of nobody else
    assert made - allowed_calls() - as_root == set()
