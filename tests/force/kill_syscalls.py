#!/usr/bin/env python3
"""kill_syscalls - kill -9 at every kind of system call of storing and sending; nothing is lost, nobody is told twice.

strace counts: the daemon serves a few handoffs and is killed as it enters its Nth write, fsync, send, … Then it is started
again, the agents ask again with the same keys, and within 2 s whatever was ready is sent and whatever was on its way is
asked about. At least 400 kills (--short: 25), spread over all calls and over their whole number.
"""
import collections
import itertools
import re
import signal
import subprocess
import time

import force

OPTIONS = force.arguments(__doc__, (("calls",), {"nargs": "*", "metavar": "CALL", "help": "only these system calls"}),
                          (("--kills",), {"type": int, "help": "how many"}))

import behaviours       # noqa: E402
import story            # noqa: E402
from callers import Callers     # noqa: E402
from daemon import LISTENING, Daemon        # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from oracle import Restarts, Verdict, wait_until_settled     # noqa: E402
from store import pending, read_store       # noqa: E402

KILLS = OPTIONS.kills or (25 if OPTIONS.short else 400)
CALLS = OPTIONS.calls or ["pwrite64", "fdatasync", "fsync", "openat", "unlink", "ftruncate", "write", "sendto", "sendmsg",
                          "writev", "read", "recvfrom", "recvmsg", "epoll_ctl", "epoll_wait", "epoll_pwait", "accept4",
                          "futex", "connect", "socket", "close", "fcntl", "pread64", "mmap", "rename", "flock", "bind"]
AGENTS, HANDOFFS_EACH = 4, 3
ROUNDS = 4


def company(twilio):
    sections = story.company(twilio, story.ANA, story.LUIS, story.DIEGO, server={"reply_within": "300ms"},
                             channel={"timeout": "2s"})
    sections["unknown"] = {"ask_for": "3s", "times": 3, "give_up": "8s"}
    return story.called_back(sections)


def provider():
    twilio = FakeTwilio().start()
    twilio.always(behaviours.alternate(behaviours.accept, behaviours.slow(0.02)))
    return twilio


def is_listening_or_gone(daemon):
    """A daemon that may die at any moment, also before it listens."""
    try:
        daemon.port = int(daemon.wait_for_log(LISTENING, this_run=True)[1])
    except AssertionError:
        assert not daemon.is_running


def serve(daemon):
    """Handoffs, then an ending in good order; under strace it may all end at any point."""
    daemon.spawn()
    is_listening_or_gone(daemon)
    callers = Callers(daemon, AGENTS, HANDOFFS_EACH).start()
    while daemon.is_running and callers.answered_count < AGENTS * HANDOFFS_EACH:
        time.sleep(0.005)
    if daemon.is_running:
        daemon.signal(signal.SIGTERM)
    daemon.process.wait(30)
    return callers


def count_calls():
    """How often each call is made by the thread that makes it most: strace counts each thread for itself."""
    twilio = provider()
    with force.folder(OPTIONS) as folder:
        daemon = Daemon(folder, company(twilio))
        trace = folder / "trace"
        daemon.wrapper = ("strace", "-D", "-f", "-qq", "-e", "trace=" + ",".join(CALLS), "-e", "signal=none", "-o", trace)
        serve(daemon).join()
        daemon.wait_for_exit()
        found = collections.Counter(re.findall(r"^(\d+) +(\w+)\(", trace.read_text("utf-8", "replace"), re.MULTILINE))
    twilio.stop()
    most = collections.Counter()
    for (_, call), count in found.items():
        most[call] = max(most[call], count)
    return most


def points(most, kills):
    """(call, N) pairs: every call gets its share, each spread evenly over its number; the busy ones take what is left."""
    share, left, chosen = {}, kills, []
    for call in sorted(most, key=most.get):
        share[call] = min(most[call], left // (len(most) - len(share)))
        left -= share[call]
    for call, count in share.items():
        chosen += [(call, 1 + (2 * number + 1) * most[call] // (2 * count)) for number in range(count)]
    return [(call, min(number, most[call])) for call, number in chosen]


class Tally:
    def __init__(self):
        self.kills, self.stored, self.told, self.unknown, self.checked, self.slowest = 0, 0, 0, 0, 0, 0.0
        self.faults = []


def kill_at(call, number, tally):
    twilio, restarts = provider(), Restarts()
    with force.folder(OPTIONS) as folder:
        daemon = Daemon(folder, company(twilio))
        store = folder / "data/handoffd.db"
        daemon.wrapper = ("strace", "-D", "-f", "-qq", "-e", f"trace={call}", "-e",
                          f"inject={call}:signal=SIGKILL:when={number}", "-o", "/dev/null")
        callers = serve(daemon)
        is_hit = daemon.wait_for_exit() == -signal.SIGKILL
        rows = pending(store) if store.exists() else []
        daemon.wrapper, restarted = (), time.time()
        daemon.restart()
        restarts.add(rows, restarted)
        callers.join()
        is_settled = wait_until_settled(store, 20, ("unknown",))
        verdict = Verdict(callers.answered, twilio.reached, read_store(store))
        daemon.stop()
    twilio.stop()
    checked, slowest, late = restarts.judge(twilio.ledger)
    faults = verdict.faults + callers.faults + late + twilio.problems + ([] if is_settled else ["still under way after 20 s"])
    tally.kills += is_hit
    tally.stored, tally.told, tally.unknown = tally.stored + verdict.stored, tally.told + verdict.told, tally.unknown + verdict["unknown"]
    tally.checked, tally.slowest = tally.checked + checked, max(tally.slowest, slowest)
    tally.faults += [f"{call} number {number}: {fault}" for fault in faults]


def main():
    force.need_tool("strace")
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode != 0:
        force.skip("strace may not trace here")
    started, most = time.monotonic(), count_calls()
    faults, kills, tried = [], 0, 0
    table = force.Table("killed as it enters", "points", "kills", "stored", "told", "unknown", "checked", "slowest s", "faults",
                        first=22)
    for _ in range(ROUNDS):         # no two runs make the same calls: a late point may not be reached
        for call, group in itertools.groupby(points(most, KILLS - kills), key=lambda point: point[0]):
            tally, numbers = Tally(), [number for _, number in group]
            for number in numbers:
                kill_at(call, number, tally)
            table.row(call, len(numbers), tally.kills, tally.stored, tally.told, tally.unknown, tally.checked,
                      f"{tally.slowest:.2f}", len(tally.faults))
            faults, kills, tried = faults + tally.faults, kills + tally.kills, tried + len(numbers)
    print(f"\n{kills} kills at {tried} points, {time.monotonic() - started:.0f} s")
    if kills < KILLS:
        faults.append("these are fewer than were asked for: this shows too little")
    force.finish(faults, OPTIONS.seed)


if __name__ == "__main__":
    main()
