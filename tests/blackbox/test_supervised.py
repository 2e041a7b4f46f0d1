"""Under a service manager: its listener taken over, so that a restart loses no client; its questions answered."""
import concurrent.futures
import json
import signal
import socket
import sys
import threading

import pytest

import behaviours
import story
from client import Client, request_bytes
from daemon import EXIT_WRONG
from ledger import WAIT_SECONDS
from story import a_handoff

# As systemd does it: the descriptor is 3, and LISTEN_PID the process that becomes the daemon.
HAND_OVER = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[2])), LISTEN_FDS="1")
os.execv(sys.argv[3], sys.argv[3:])"""


def listen(host="127.0.0.1"):
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024)
    return listener, listener.getsockname()[1]


def hand_over(daemon, listener, other_process=0):
    """The daemon inherits the listener at its next start."""
    daemon.descriptors = (listener.fileno(),)
    daemon.wrapper = (sys.executable, "-c", HAND_OVER, str(listener.fileno()), str(other_process))


@pytest.fixture
def listener():
    made, _ = listen()
    with made:
        yield made


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify.sock"))
        manager.settimeout(WAIT_SECONDS)
        yield manager


def supervised(office, manager, **variables):
    office.kill()
    office.env = {**(office.env or {}), "NOTIFY_SOCKET": manager.getsockname(), **variables}
    return office


# -- its listener --

def test_it_serves_where_it_was_told_to(daemon, listener):
    daemon.kill()
    hand_over(daemon, listener)
    daemon.restart()
    assert daemon.port == listener.getsockname()[1]
    assert daemon.post(a_handoff()).status == 200


def test_who_comes_while_nobody_serves_is_served_later(daemon, listener):
    daemon.stop()
    handoff = a_handoff()
    with Client(listener.getsockname()[1]) as client, concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.post, handoff)
        hand_over(daemon, listener)
        daemon.restart()
        assert waiting.result().status == 200


def test_a_restart_loses_no_client(daemon, twilio, listener):
    """Twelve clients, a connection for every handoff, while the daemon is stopped and started five times."""
    hand_over(daemon, listener)
    daemon.stop()
    daemon.restart()
    port, is_over = daemon.port, threading.Event()

    def client():
        sent = []
        while not is_over.is_set():
            handoff = a_handoff()
            with Client(port) as one:
                sent.append((handoff["conversation_id"], one.post(handoff).status))
        return sent
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        clients = [pool.submit(client) for _ in range(12)]
        for number in range(5):
            twilio.ledger.wait_for_sends(100 * (number + 1))
            daemon.stop()
            daemon.restart()
        is_over.set()
        sent = [pair for done in clients for pair in done.result(WAIT_SECONDS)]
    assert {status for _, status in sent} <= {200, 202} and len(sent) > 500
    for conversation, _ in sent:
        twilio.ledger.wait_about(conversation)
    assert twilio.ledger.message_count == len(sent)


def test_who_has_just_connected_may_still_ask(daemon, twilio):
    begun = request_bytes(body=json.dumps(a_handoff()).encode())
    with daemon.raw() as newcomer, daemon.raw() as half, daemon.raw() as kept:
        half.send(begun[:100])
        kept.send(request_bytes(method="GET", path="/healthz"))
        assert kept.read_answer().status == 200
        daemon.signal(signal.SIGTERM)
        daemon.wait_for_log("stopping")
        kept.expect_close()                                     # so the stop has begun
        half.send(begun[100:])
        newcomer.send(request_bytes(body=json.dumps(a_handoff()).encode()))
        for one in (half, newcomer):
            answer = one.read_answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert daemon.wait_for_exit() == 0
    assert twilio.ledger.message_count == 2


@pytest.mark.parametrize("host", ["127.0.0.2", "::1"])
def test_another_address_than_that_of_the_file_is_refused(daemon, host):
    made, port = listen(host)
    daemon.kill()
    with made:
        hand_over(daemon, made)
        assert daemon.spawn().wait_for_exit() == EXIT_WRONG
        assert "ListenStream" in daemon.log and str(port) in daemon.log


def test_one_that_is_for_another_process_is_none_of_ours(daemon, listener):
    daemon.kill()
    hand_over(daemon, listener, other_process=1)
    daemon.restart()
    assert daemon.port != listener.getsockname()[1]


# -- its questions --

def test_it_is_told_when_we_serve_and_when_we_stop(daemon, manager):
    supervised(daemon, manager).spawn()
    assert manager.recv(100) == b"READY=1"
    port = int(daemon.wait_for_log("listening .*:([0-9]+) people", this_run=True)[1])
    with Client(port) as client:
        assert client.post(a_handoff()).status == 200           # not a moment too early
    daemon.signal(signal.SIGTERM)
    assert manager.recv(100) == b"STOPPING=1"
    assert daemon.wait_for_exit() == 0


def test_the_watchdog_hears_from_it_until_it_hangs(daemon, manager):
    supervised(daemon, manager, WATCHDOG_USEC="300000").restart()
    assert manager.recv(100) == b"READY=1"
    assert [manager.recv(100) for _ in range(5)] == [b"WATCHDOG=1"] * 5
    daemon.signal(signal.SIGSTOP)
    manager.settimeout(1)
    with pytest.raises(TimeoutError):
        while manager.recv(100) == b"WATCHDOG=1":               # those sent before it hung
            pass
    daemon.signal(signal.SIGCONT)
    assert manager.recv(100) == b"WATCHDOG=1"


def test_a_watchdog_that_is_for_another_process_is_none_of_ours(daemon, manager):
    supervised(daemon, manager, WATCHDOG_USEC="1000", WATCHDOG_PID="1").restart()
    assert daemon.post(a_handoff()).status == 200
    daemon.stop()
    assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]


def test_a_start_that_fails_is_never_ready(daemon, manager):
    daemon.configure("nonsense: {}")
    supervised(daemon, manager).spawn()
    assert daemon.wait_for_exit() == EXIT_WRONG
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(100)


def test_one_that_is_not_there_is_said_and_nothing_more(daemon):
    daemon.kill()
    daemon.env = {"NOTIFY_SOCKET": "/nowhere/notify.sock"}
    daemon.restart()
    daemon.wait_for_log("service manager cannot be reached", this_run=True)
    assert daemon.post(a_handoff()).status == 200


def test_nobody_else_speaks_in_its_name(daemon, manager, twilio):
    daemon.configure(story.company(twilio, alerts={"command": "env > seen; echo done > said"}))
    supervised(daemon, manager, WATCHDOG_USEC="60000000").restart()
    twilio.always(behaviours.error(401, 20003))
    daemon.post(a_handoff())
    daemon.turn_until(lambda: (daemon.folder / "said").exists(), "the command")
    seen = (daemon.folder / "seen").read_text("utf-8")
    assert "PATH=" in seen and "NOTIFY_SOCKET" not in seen and "WATCHDOG" not in seen
