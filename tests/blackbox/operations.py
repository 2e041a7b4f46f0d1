"""operations - a daemon as its operators see it: the commands that they type, and the socket behind them."""
import http.client
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys

import pytest

from client import TIMEOUT_SECONDS, Answer
from daemon import BINARY, EXIT_FINE, SANITIZER_REPORT, clean_environment

IN_SPANISH = {"LANG": "es_MX.UTF-8"}
SPANISH_WORD = re.compile(r"[ñáéíóúÑÁÉÍÓÚ«»¿¡]|\b(el|la|las|los|está|no|una?|de|que|por|se|ya)\b")
SOCKET = "data/handoffd.sock"


# -- commands --

def command(daemon, *arguments, env=None):
    """One that must succeed: what it printed."""
    done = daemon.run(*arguments, env=env)
    assert done.returncode == EXIT_FINE, f"{arguments}: exit {done.returncode}: {done.stderr}{done.stdout}"
    assert not done.stderr.strip(), done.stderr
    return done.stdout


def refused(daemon, *arguments, code=1, env=None):
    """One that must be refused, with nothing but words on stderr."""
    done = daemon.run(*arguments, env=env)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}: {done.stderr}{done.stdout}"
    assert done.stderr.strip() and not done.stdout.strip(), done
    return done.stderr


def handoffs(daemon, *filters):
    return json.loads(command(daemon, "handoffs", *filters, "--json"))["handoffs"]


def story_of(daemon, handoff_id):
    return json.loads(command(daemon, "handoffs", handoff_id, "--json"))


def kinds(story):
    return [event["kind"] for event in story["events"]]


def attempts(story):
    return [attempt["state"] for attempt in story["attempts"]]


# -- the socket --

class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(self._path)


def ask(daemon, method, path, body=None):
    """What the commands ask, without the cost of starting one."""
    connection = _UnixConnection(daemon.folder / SOCKET)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def state_of(daemon, handoff_id):
    """(state of the handoff, state of its last attempt)"""
    story = ask(daemon, "GET", f"/handoffs/{handoff_id}").json
    return story["state"], story.get("attempt")


def wait_for_state(daemon, handoff_id, state, attempt=None):
    """Waits for what the store says; asking is what makes the daemon's loop turn."""
    def is_so():
        found = state_of(daemon, handoff_id)
        return found[0] == state and attempt in (None, found[1])
    daemon.turn_until(is_so, f"{handoff_id} to be {state} {attempt or ''}")


def alerts(daemon):
    return ask(daemon, "GET", "/alerts").json["alerts"]


def wait_for_alerts(daemon, *causes):
    daemon.turn_until(lambda: sorted(alert["cause"] for alert in alerts(daemon)) == sorted(causes),
                      f"the alerts {causes}; they are {alerts(daemon)}")


# -- other people --

def as_nobody(daemon, *arguments, env=None):
    """The command, as a user who has no rights; None where this test has none to give away."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    nobody = pwd.getpwnam("nobody")
    done = subprocess.run(["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
                           BINARY, *map(str, arguments)], cwd="/", env=clean_environment(env), capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, encoding="utf-8", check=False)
    assert not SANITIZER_REPORT.search(done.stderr), done.stderr
    return done


def give_to_nobody(file):
    """The file is that user's, and nobody else's; nothing happens where this test has no rights to give away."""
    if os.geteuid() == 0:
        file.chmod(0o600)
        os.chown(file, pwd.getpwnam("nobody").pw_uid, -1)


def may_look_inside():
    """The daemon cannot be dumped, so only root may read what it is made of."""
    if os.geteuid() != 0:
        pytest.skip("only root may look into a process that cannot be dumped")


def open_files(daemon):
    may_look_inside()
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def memory_kb(daemon):
    """What it holds and nobody else does."""
    may_look_inside()
    with open(f"/proc/{daemon.process.pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


if sys.flags.optimize:
    raise SystemExit("these tests are made of assertions: run them without -O")
