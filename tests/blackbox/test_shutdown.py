"""Endings in good order, and one daemon to a store."""
import concurrent.futures
import signal
import socket

import behaviours
import story
from behaviours import Gate
from client import Client
from daemon import BINARY, EXIT_WRONG, LISTENING, Daemon
from ledger import WAIT_SECONDS
from store import read_store
from story import a_handoff
from terminal import Terminal


def refuses_connections(daemon):
    try:
        socket.create_connection(("127.0.0.1", daemon.port), timeout=1).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def wait_until_refusing(daemon):
    """No line of the log is promised for this; knocking is harmless."""
    for _ in range(20000):
        if refuses_connections(daemon):
            return
    raise AssertionError("connections are still taken after SIGTERM")


def test_sigterm_ends_an_idle_daemon(daemon):
    daemon.stop()


def test_sigint_ends_it_too(daemon):
    daemon.signal(signal.SIGINT)
    assert daemon.wait_for_exit() == 0


def test_a_closed_terminal_ends_it_in_good_order(tmp_path, twilio):
    """Somebody tries it in a window, and closes the window."""
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    daemon = Daemon(tmp_path, story.company(twilio, server={"reply_within": "300ms"}))
    with Terminal() as terminal:
        process = terminal.run(BINARY, "serve", "-c", daemon.file)
        port = int(terminal.wait_for(LISTENING)[1])
        with Client(port) as client:
            handoff = client.post(a_handoff())["handoff_id"]
        twilio.ledger.wait_for_sends(1)
    gate.open()                                         # what was on its way still arrives, and is written down
    assert process.wait(WAIT_SECONDS) == 0
    (row,) = read_store(tmp_path / "data/handoffd.db").values()
    assert (row.state, row.last, len(twilio.ledger.messages)) == ("notified", "sent", 1), handoff


def test_sighup_with_the_terminal_still_there_only_reads_the_file_anew(tmp_path, twilio):
    daemon = Daemon(tmp_path, story.company(twilio))
    with Terminal() as terminal:
        process = terminal.run(BINARY, "serve", "-c", daemon.file)
        terminal.wait_for(LISTENING)
        process.send_signal(signal.SIGHUP)
        terminal.wait_for(r"the configuration was read anew")
        terminal.type(b"\x03")                          # Ctrl-C
        assert process.wait(WAIT_SECONDS) == 0


def test_sighup_without_a_terminal_reads_the_file_anew(daemon):
    daemon.signal(signal.SIGHUP)
    daemon.wait_for_log(r"^\[INFO\] the configuration was read anew people=1$")
    assert daemon.is_running and daemon.post(a_handoff()).status == 200


def test_signals_that_mean_nothing_to_it_change_nothing(daemon):
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGPIPE):
        daemon.signal(number)
    assert daemon.post(a_handoff()).status == 200
    daemon.stop()


def test_sigterm_answers_who_waits_and_takes_nobody_new(daemon, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(daemon.post, a_handoff())
        twilio.ledger.wait_for_sends(1)
        daemon.signal(signal.SIGTERM)
        wait_until_refusing(daemon)
        assert daemon.is_running and not waiting.done()
        gate.open()
        assert waiting.result().status == 200
    assert daemon.wait_for_exit() == 0


def test_sigterm_does_not_wait_for_idle_connections(daemon):
    with daemon.raw() as idle, daemon.raw() as half:
        half.send(b"POST /api")
        daemon.ask("GET", "/healthz")
        daemon.stop()
        idle.expect_close()


def test_sigterm_does_not_wait_for_what_is_deferred(start, twilio):
    twilio.always(behaviours.error(429, 20429, retry_after=60))
    daemon = start(story.company(twilio, server={"reply_within": "300ms"}))
    assert daemon.post(a_handoff()).status == 202
    daemon.stop()


def test_a_second_daemon_on_the_same_store_is_refused_and_told_why(daemon, spawn, twilio):
    sections = story.company(twilio, store={"path": str(daemon.folder / "data/handoffd.db")})
    second = spawn(sections)
    assert second.wait_for_exit() == EXIT_WRONG
    assert str(daemon.process.pid) in second.log, "it does not name the first one"
    assert daemon.post(a_handoff()).status == 200


def test_a_store_is_free_again_after_kill_9(daemon):
    daemon.kill()
    daemon.restart()
    assert daemon.post(a_handoff()).status == 200


def test_a_port_that_is_taken_is_a_clear_end(daemon, spawn, twilio):
    second = spawn(story.company(twilio, server={"listen": f"127.0.0.1:{daemon.port}"}))
    assert second.wait_for_exit() == EXIT_WRONG
    assert str(daemon.port) in second.log


def test_a_start_that_fails_leaves_open_handoffs_as_they_are(daemon, start, spawn, twilio):
    twilio.always(behaviours.error(429, 20429, retry_after=3))
    waiting = start(story.company(twilio, server={"reply_within": "100ms"}))
    handoff = a_handoff()
    assert waiting.post(handoff).status == 202
    waiting.kill()
    twilio.always(behaviours.accept)
    sections = story.company(twilio, server={"listen": f"127.0.0.1:{daemon.port}"},
                             store={"path": str(waiting.folder / "data/handoffd.db")})
    second = spawn(sections)
    assert second.wait_for_exit() == EXIT_WRONG
    waiting.restart()
    twilio.ledger.wait_about(handoff["conversation_id"])
