#!/usr/bin/env python3
"""disk - the disk is full, the disk fails, the process sleeps, the clock jumps: nothing is lost, nobody is told twice.

Agents post all the time and ask again with the same key. A full disk, a pause and a jumping clock must pass without a hand:
the same process goes on. A disk that fails may end the daemon; whatever restarts services (here: this script) starts it
again. 20 times each (--short: once or twice), 40 s of sleep (--short: 3 s).
"""
import os
import signal
import struct
import subprocess
import threading
import time

import force

OPTIONS = force.arguments(__doc__, (("cases",), {"nargs": "*", "metavar": "CASE", "help": "only those whose name has this"}),
                          (("--times",), {"type": int}))

import behaviours       # noqa: E402
import story            # noqa: E402
from callers import Callers     # noqa: E402
from daemon import Daemon       # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from oracle import Verdict, wait_until_settled      # noqa: E402
from store import read_store        # noqa: E402

TIMES = OPTIONS.times or (2 if OPTIONS.short else 20)
SLEEP_SECONDS = 3 if OPTIONS.short else 40
AGENTS, EACH_TIME, HOUR = 8, 40, 3600
SMALL_DISK_BYTES = 8 * 1024 * 1024


def company(twilio, store):
    sections = story.company(twilio, story.ANA, story.LUIS, story.DIEGO, server={"reply_within": "300ms"},
                             channel={"timeout": "2s"}, store=store)
    sections["unknown"] = {"ask_for": "3s", "times": 3, "give_up": "8s"}
    return story.called_back(sections)


class Trial:
    """A daemon with agents and a provider that is busy now and then; what becomes of it is judged at the end."""

    def __init__(self, folder, store=None, wrapper=(), env=None):
        """Under a wrapper it runs for the second time: making a store is another matter."""
        self.twilio = FakeTwilio().start()
        self.twilio.always(behaviours.alternate(*[behaviours.accept] * 5, behaviours.slow(0.1), behaviours.error(429, 20429)))
        store = store or {"path": "data/handoffd.db"}
        self.daemon = Daemon(folder, company(self.twilio, store), env=env)
        self.store = folder / store["path"]
        self.daemon.start()
        if wrapper:
            self.daemon.stop()
            self.daemon.wrapper = wrapper
            self.daemon.start()
        self.restarts, self.callers, self.faults = 0, Callers(self.daemon, AGENTS).start(), []

    def restart_where_needed(self):
        """What systemd does."""
        if not self.daemon.is_running:
            self.daemon.wait_for_exit()
            self.restarts, self.daemon.wrapper = self.restarts + 1, ()
            self.daemon.restart()

    def wait_for_more(self, count=EACH_TIME, seconds=60):
        """So many more answers."""
        target, deadline = self.callers.answered_count + count, time.monotonic() + seconds
        while self.callers.answered_count < target:
            self.restart_where_needed()
            if time.monotonic() > deadline:
                self.faults.append(f"no service for {seconds} s")
                return
            time.sleep(0.005)

    def judge(self, may_restart=False):
        self.twilio.always(behaviours.accept)
        waiting = threading.Thread(target=self.callers.stop)
        waiting.start()
        while waiting.is_alive():
            self.restart_where_needed()
            waiting.join(0.05)
        if not wait_until_settled(self.store, 30, ("unknown",), meanwhile=self.restart_where_needed):
            self.faults.append("still under way after 30 s")
        verdict = Verdict(self.callers.answered, self.twilio.reached, read_store(self.store))
        if self.restarts and not may_restart:
            self.faults.append(f"the daemon ended, {self.restarts} times")
        self.faults += verdict.faults + self.callers.faults + self.twilio.problems
        return verdict

    def end(self):
        if self.daemon.is_running:
            self.daemon.stop()
        self.twilio.stop()


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
            while file.write(b"\0"):
                pass
        except OSError:
            pass


def full_disk(folder, least_free_mb):
    """A small disk that fills up and empties again and again; without a floor SQLite itself meets the end of it."""
    disk = folder / "disk"
    disk.mkdir()
    size = SMALL_DISK_BYTES + least_free_mb * 2**20
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk],
                                                   capture_output=True, check=False).returncode == 0
    if not mounted:
        return None
    try:
        trial = Trial(folder, {"path": "disk/handoffd.db", "min_free_mb": least_free_mb})
        for _ in range(TIMES):
            trial.wait_for_more()
            fill(disk / "ballast")
            time.sleep(0.3)
            (disk / "ballast").unlink()
        trial.wait_for_more()
        verdict = trial.judge()
        trial.end()
        return trial, verdict
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def failing_disk(folder, call, error, number):
    """One call fails, somewhere in the middle; later ones do not."""
    strace = ("strace", "-D", "-f", "-qq", "-e", f"trace={call}", "-e", "signal=none", "-e",
              f"inject={call}:error={error}:when={number}", "-o", "/dev/null")
    trial = Trial(folder, wrapper=strace)
    trial.wait_for_more()
    verdict = trial.judge(may_restart=error == "EIO")
    trial.end()
    return trial, verdict


def sleeping_process(folder):
    trial = Trial(folder)
    trial.wait_for_more()
    trial.daemon.signal(signal.SIGSTOP)
    time.sleep(SLEEP_SECONDS)
    trial.daemon.signal(signal.SIGCONT)
    trial.wait_for_more()
    verdict = trial.judge()
    trial.end()
    return trial, verdict


def jumping_clock(folder, shim, jumps, is_restarted):
    """An hour forwards, an hour back; with a restart in between, the store's times are from another hour."""
    file = folder / "seconds"
    file.write_bytes(struct.pack("=q", 0))
    trial = Trial(folder, env={"LD_PRELOAD": str(shim), "MOVING_CLOCK": str(file)})
    for seconds in jumps:
        trial.wait_for_more()
        with open(file, "r+b") as shared:
            shared.write(struct.pack("=q", seconds))
        if is_restarted:
            trial.daemon.kill()
            trial.daemon.restart()
    trial.wait_for_more()
    verdict = trial.judge()
    trial.end()
    return trial, verdict


def cases(shim):
    """(name, how often, function of a folder)"""
    found = [("full, a floor of 1 MB", 1, lambda folder, _: full_disk(folder, 1)),
             ("full, no floor", 1, lambda folder, _: full_disk(folder, 0))]
    for call in ("pwrite64", "fdatasync"):
        for error in ("ENOSPC", "EIO"):
            if (call, error) != ("fdatasync", "ENOSPC"):
                found.append((f"{error} at {call}", TIMES, lambda folder, turn, call=call, error=error:
                              failing_disk(folder, call, error, 40 + 7 * turn)))
    # Its repeats wait out what is under way: too slow for the short form.
    back = ("back, and a restart", 1, lambda folder, _: jumping_clock(folder, shim, [HOUR, 0], True))
    return found + ([] if OPTIONS.short else [back]) + [
        (f"asleep for {SLEEP_SECONDS} s", 1, lambda folder, _: sleeping_process(folder)),
        ("an hour forwards", 1, lambda folder, _: jumping_clock(folder, shim, [HOUR], False)),
        ("an hour back", 1, lambda folder, _: jumping_clock(folder, shim, [-HOUR], False)),
        ("there and back", 1, lambda folder, _: jumping_clock(folder, shim, [HOUR, 0, -HOUR, 0] * (TIMES // 2), False)),
        ("forwards, and a restart", 1, lambda folder, _: jumping_clock(folder, shim, [HOUR], True)),
    ]


def run(name, times, function, table):
    stored = told = unknown = lost = twice = restarts = 0
    faults = []
    for turn in range(times):
        with force.folder(OPTIONS) as folder:
            done = function(folder, turn)
        if done is None:
            table.row(name, "no right to mount a disk here")
            return []
        trial, verdict = done
        stored, told, unknown = stored + verdict.stored, told + verdict.told, unknown + verdict["unknown"]
        lost, twice, restarts = lost + len(verdict.lost), twice + len(verdict.twice), restarts + trial.restarts
        faults += [f"{name}: {fault}" for fault in trial.faults]
    table.row(name, times, stored, told, unknown, restarts, lost, twice, len(faults))
    return faults


def main():
    started, faults = time.monotonic(), []
    force.need_tool("strace")
    with force.folder(OPTIONS) as folder:
        shim = force.compiled("moving_clock.c", folder)
        table = force.Table("trouble", "runs", "stored", "told", "unknown", "restarts", "lost", "twice", "faults", first=26)
        for name, times, function in cases(shim):
            if not OPTIONS.cases or any(word in name for word in OPTIONS.cases):
                faults += run(name, times, function, table)
    print(f"\n{time.monotonic() - started:.0f} s")
    force.finish(faults, OPTIONS.seed)


if __name__ == "__main__":
    main()
