"""Endings in good order, and one daemon to a store."""
import concurrent.futures
import signal
import socket

import behaviours
import story
from behaviours import Gate
from daemon import EXIT_WRONG
from story import a_handoff


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


def test_a_closed_terminal_ends_it_in_good_order(daemon):
    daemon.signal(signal.SIGHUP)
    assert daemon.wait_for_exit() == 0


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
