#!/usr/bin/env python3
"""attack - strangers do what they like to a running daemon; a good client must not notice.

One after the other: hostile bytes (every case of tests/blackbox/data/hostile_http.txt, over and over), keys guessed, requests
without a key, one key used without end, 20,000 connections that say nothing, that say a little, and that never read, and
slowhttptest's three kinds of slowness where it is installed. Meanwhile a client with a key of its own hands over customers.
10 s each (--short: 1 s, 2,000 connections, and no verdict on how long the good client waited: other tests run beside it).
"""
import multiprocessing
import os
import random
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import threading
import time

import force

OPTIONS = force.arguments(__doc__, (("--seconds",), {"type": float, "help": "of each"}),
                          (("--connections",), {"type": int, "help": "held open"}))

import story            # noqa: E402
from client import Client, request_bytes    # noqa: E402
from daemon import Daemon       # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from hostile import CASES       # noqa: E402
from story import a_handoff     # noqa: E402

SECONDS = OPTIONS.seconds or (1 if OPTIONS.short else 10)
CONNECTIONS = OPTIONS.connections or (2_000 if OPTIONS.short else 20_000)
MOST_P99_MS, MOST_MEMORY_MB = 250, 64
PER_PROCESS = 9_000         # connections: fewer than a process may have files
CUSTOMER_EVERY = 0.02


def from_address(number):
    """As it comes through the proxy."""
    return f"X-Forwarded-For: 203.0.113.{number % 250 + 1}"


# -- the strangers: each a process --

def wait_for_close(sock):
    try:
        while sock.recv(65536):
            pass
    except OSError:
        pass


def throw(port, data):
    """Sends, and reads what comes until the other side has had enough."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.settimeout(0.5)
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        wait_for_close(sock)


def hostile_bytes(port, secrets):
    while True:
        for case in random.sample(CASES, len(CASES)):
            throw(port, case.wire("localhost", random.choice(secrets)).data)


def repeated(port, make_request):
    """As fast as the answers come, on connections that are kept as long as they are."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as sock:
                while True:
                    sock.sendall(make_request())
                    if not sock.recv(65536):
                        break
        except OSError:
            pass


def guessed_keys(port, _):
    guesses = random.Random(os.getpid())
    repeated(port, lambda: request_bytes(headers=("Host: localhost", from_address(7), f"X-API-Key: hk_{guesses.randrange(10**12)}"), body=b"{}"))


def no_key(port, _):
    numbers = random.Random(os.getpid())
    repeated(port, lambda: request_bytes(headers=("Host: localhost", from_address(numbers.randrange(250))), body=b"x" * 1000))


def one_key_without_end(port, secrets):
    body = b'{"user_phone": "+5215512345678", "reason": "otra vez"}'
    repeated(port, lambda: request_bytes(headers=("Host: localhost", from_address(9), f"X-API-Key: {secrets[0]}"), body=body))


class Holders:
    """Connections that are opened again whenever they are closed."""

    def __init__(self, port, count, first_words):
        self._port, self._first_words, self._selector = port, first_words, selectors.DefaultSelector()
        self._source = f"127.0.0.{random.randrange(2, 250)}"
        for _ in range(count):
            self._open()

    def _open(self):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        try:
            sock.bind((self._source, 0))
            sock.connect_ex(("127.0.0.1", self._port))
            self._selector.register(sock, selectors.EVENT_WRITE)
        except OSError:
            sock.close()

    def run(self, reads):
        while True:
            for key, events in self._selector.select(1):
                self._step(key.fileobj, events, reads)

    def _step(self, sock, events, reads):
        try:
            if events & selectors.EVENT_WRITE:
                sock.send(self._first_words)
                self._selector.modify(sock, selectors.EVENT_READ) if reads else self._selector.unregister(sock)
            elif not sock.recv(65536):
                raise OSError
        except BlockingIOError:
            pass
        except (OSError, ValueError):
            self._selector.unregister(sock)
            sock.close()
            self._open()


def held(port, first_words, reads=True):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Holders(port, min(PER_PROCESS, CONNECTIONS), first_words).run(reads)


def silent_connections(port, _):
    held(port, b"")


def begun_requests(port, _):
    held(port, b"POST /api/elevenlabs/handoff HTTP/1.1\r\nHost: ")


def answers_never_read(port, _):
    held(port, request_bytes(headers=("Host: localhost",), body=b"{}") * 20, reads=False)


def great_heads(port, _):
    """As much as a head may have, but for its end."""
    held(port, request_bytes(headers=("Host: localhost", *(f"X-{number}: {'x' * 250}" for number in range(55))))[:-2])


def requests_kept_waiting(port, _):
    """As much as is taken behind a request whose answer nobody reads."""
    held(port, request_bytes("GET", "/healthz", headers=("Host: localhost",)) * 2000, reads=False)


def slow(*how):
    """One of slowhttptest's attacks."""
    def attack(port, _):
        url = f"http://127.0.0.1:{port}/api/elevenlabs/handoff"
        os.execvp("slowhttptest", ["slowhttptest", *how, "-c", "4000", "-r", "2000", "-l", "3600", "-i", "2", "-t", "POST", "-u", url])
    return attack


class Strangers:
    """So many processes of an attack, until the end of the with-block."""

    def __init__(self, attack, count, port, secrets):
        self._processes = [multiprocessing.get_context("fork").Process(target=self._run, args=(attack, port, secrets), daemon=True)
                           for _ in range(count)]

    @staticmethod
    def _run(attack, port, secrets):
        os.nice(10)             # they would be on other machines
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        random.seed(os.getpid())
        attack(port, secrets)

    def __enter__(self):
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()


# -- the good client, and what it costs the daemon meanwhile --

class GoodClient:
    """Hands over a customer every few milliseconds, on a connection of its own each time."""

    def __init__(self, port, secret):
        self._port, self._secret = port, secret
        self.milliseconds, self.faults, self.told = [], [], []

    def work(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            self._hand_over()
            time.sleep(max(0.0, CUSTOMER_EVERY - (time.monotonic() - began)))

    def _hand_over(self):
        handoff, began = a_handoff(), time.monotonic()
        try:
            with Client(self._port) as client:
                answer = client.post(handoff, X_API_Key=self._secret, X_Forwarded_For="198.51.100.1")
        except (OSError, AssertionError) as fault:
            self.faults.append(f"no answer: {fault!r}")
            return
        self.milliseconds.append(1000 * (time.monotonic() - began))
        if answer.status in (200, 202):
            self.told.append(handoff["conversation_id"])
        else:
            self.faults.append(f"{answer.status} {answer.body[:100]!r}")


class Memory:
    """The most that the daemon had at once, in MB."""

    def __init__(self, pid):
        self._status, self.most, self._is_over = f"/proc/{pid}/status", 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self._is_over.wait(0.05):
            with open(self._status, encoding="ascii") as file:
                kilobytes = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
            self.most = max(self.most, kilobytes / 1024)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()


def attacks():
    """(name, attack, processes)"""
    holders = -(-CONNECTIONS // PER_PROCESS)
    found = [("nobody else", None, 0), ("hostile bytes", hostile_bytes, 2), ("keys guessed", guessed_keys, 2), ("no key", no_key, 2),
             ("one key without end", one_key_without_end, 2), (f"{CONNECTIONS} that say nothing", silent_connections, holders),
             (f"{CONNECTIONS} that begin", begun_requests, holders), (f"{CONNECTIONS} that never read", answers_never_read, holders),
             (f"{CONNECTIONS} great heads", great_heads, holders), (f"{CONNECTIONS} in long rows", requests_kept_waiting, holders)]
    if shutil.which("slowhttptest"):
        found += [("slow headers", slow("-H"), 1), ("slow bodies", slow("-B"), 1), ("slow readers", slow("-X", "-w", "1", "-y", "2", "-n", "5", "-z", "1"), 1)]
    else:
        print("slowhttptest is not installed: its attacks are left out")
    return found


def new_key(daemon, name):
    done = daemon.run("key", "new", name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def judge(name, client, memory):
    p99 = force.percentile(client.milliseconds, 0.99)
    faults = [f"{name}: {fault}" for fault in client.faults[:5]]
    if p99 > MOST_P99_MS and not OPTIONS.short:
        faults.append(f"{name}: p99 {p99:.0f} ms, more than {MOST_P99_MS}")
    if memory.most > MOST_MEMORY_MB:
        faults.append(f"{name}: {memory.most:.0f} MB, more than {MOST_MEMORY_MB}")
    return faults


def main():
    faults, twilio = [], FakeTwilio().start()
    with force.folder(OPTIONS) as folder:
        daemon = Daemon(folder, story.company(twilio, access={"per_key": 6000, "per_address": 6000})).start()
        own, stolen = new_key(daemon, "good"), new_key(daemon, "stolen")
        table = force.Table("attack", "answers", "p50 ms", "p99 ms", "slowest", "not 2xx", "MB", first=30)
        for name, attack, processes in attacks():
            client = GoodClient(daemon.port, own)
            with Strangers(attack, processes, daemon.port, [stolen, "wrong"]), Memory(daemon.process.pid) as memory:
                time.sleep(SECONDS / 4)
                client.work(SECONDS)
            table.row(name, len(client.milliseconds), *(f"{force.percentile(client.milliseconds, part):.1f}" for part in (0.5, 0.99, 1)),
                      len(client.faults), f"{memory.most:.1f}")
            faults += judge(name, client, memory)
            for conversation in client.told:
                twilio.ledger.wait_about(conversation)
        with Client(daemon.port) as client:
            assert client.ask("GET", "/healthz").status == 200
        daemon.stop()
    twilio.stop()
    force.finish(faults, OPTIONS.seed, "the good client noticed nothing")


if __name__ == "__main__":
    main()
