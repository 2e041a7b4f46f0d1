#!/usr/bin/env python3
"""power_cut - the power goes off under load: what was answered is there afterwards, and nobody is told twice.

power_cut.c, preloaded into the daemon, keeps what a power cut would leave: bytes that were synced, names that were synced.
45 cuts at random moments and at random writes (--short: 4), once clean and once with torn sectors. Two controls show that
the method sees what it should: without syncs answered handoffs *must* be lost; on a disk that lies for a moment, so that the
intent to send becomes durable only after the sending, people *must* be told twice.
"""
import dataclasses
import os
import random
import shutil
import time
from pathlib import Path

import force

OPTIONS = force.arguments(__doc__, (("modes",), {"nargs": "*", "metavar": "MODE", "help": "only these"}),
                          (("--cuts",), {"type": int}))

import behaviours       # noqa: E402
import fates        # noqa: E402
import story            # noqa: E402
from callers import Callers     # noqa: E402
from daemon import LISTENING, Daemon        # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from oracle import Verdict, counts, wait_until_settled      # noqa: E402
from store import read_store        # noqa: E402

CUTS = OPTIONS.cuts or (4 if OPTIONS.short else 45)
AGENTS, MOST_BETWEEN_CUTS, MOST_WRITES = 8, 200, 400
SETTLED_WITHIN_SECONDS = 90     # one answer in three is 429: the seventh in a row is waited for up to 64 s


@dataclasses.dataclass
class Mode:
    name: str
    sync: str = "honest"
    is_torn: bool = False
    must_lose: bool = False
    must_repeat: bool = False       # one agent and a provider that is always late: cuts come while an answer is awaited


MODES = [Mode("honest"), Mode("torn", is_torn=True), Mode("never", "never", must_lose=True),
         Mode("late", "late", must_repeat=True)]


def company(twilio):
    sections = story.company(twilio, story.ANA, story.LUIS, story.DIEGO, server={"reply_within": "200ms"},
                             channel={"timeout": "2s"})
    sections["unknown"] = {"ask_for": "3s", "times": 3, "give_up": "20s"}
    return story.called_back(sections)


class Machine:
    """A daemon on a disk whose power can go off."""

    def __init__(self, folder, twilio, mode, shim):
        self.mode, self.shim = mode, shim
        self.data, self.shadow = folder / "data", folder / "shadow"
        self.store = self.data / "handoffd.db"
        self.data.mkdir(mode=0o700)
        self.daemon = Daemon(folder, company(twilio))

    def power_on(self, at=None):
        """What is on the disk is durable. With `at`, the power goes off again at that write."""
        shutil.rmtree(self.shadow, ignore_errors=True)
        for name in ("content", "durable"):
            (self.shadow / name).mkdir(parents=True)
        for file in filter(Path.is_file, self.data.iterdir()):
            content = self.shadow / "content" / str(file.stat().st_ino)
            shutil.copyfile(file, content)
            os.link(content, self.shadow / "durable" / file.name)
        env = {"LD_PRELOAD": str(self.shim), "POWER_CUT_FOLDER": str(self.data), "POWER_CUT_SHADOW": str(self.shadow),
               "POWER_CUT_SYNC": self.mode.sync}
        if at is not None:
            env["POWER_CUT_AT"] = str(at)
            if self.mode.is_torn:
                env["POWER_CUT_TORN"] = str(random.randrange(10**6))
        self.daemon.env = env
        self.daemon.spawn()
        try:
            self.daemon.port = int(self.daemon.wait_for_log(LISTENING, this_run=True)[1])
        except AssertionError:
            assert not self.daemon.is_running, self.daemon.log

    def power_off(self):
        """Now, or it went off by itself; then only what survives is there."""
        if self.daemon.is_running:
            self.daemon.kill()
        else:
            self.daemon.wait_for_exit()
        shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        for file in (self.shadow / "durable").iterdir():
            shutil.copyfile(file, self.data / file.name)
            (self.data / file.name).chmod(0o600)


def new_store(machine):
    """Both controls need a store that is there: without one a lost store would be no store at all."""
    sync, machine.mode = machine.mode, Mode("first", "honest")
    machine.power_on()
    machine.daemon.stop()
    machine.mode = sync


def cut_again_and_again(machine, callers):
    for _ in range(CUTS):
        by_itself = machine.mode.is_torn or (not machine.mode.must_repeat and random.random() < 0.5)
        machine.power_on(at=random.randint(1, MOST_WRITES) if by_itself else None)
        target = callers.answered_count + random.randint(1, 10 if machine.mode.must_repeat else MOST_BETWEEN_CUTS)
        while machine.daemon.is_running and (by_itself or callers.answered_count < target):
            time.sleep(0.002)
        time.sleep(random.random() * 0.02)
        machine.power_off()


def taken_and_answered_late(exchange):
    """So that a cut finds messages that were taken and whose answers have not come."""
    body = exchange.accept()
    exchange.pause(0.1)
    exchange.answer(exchange.fine_status, body)


def run(mode, shim, table):
    twilio = FakeTwilio().start()
    twilio.always(taken_and_answered_late if mode.must_repeat else behaviours.alternate(
        behaviours.accept, taken_and_answered_late, behaviours.error(429, 20429)))
    if mode.must_repeat:
        twilio.fate(fates.nothing())        # a callback would be written, and what came before it with it
    with force.folder(OPTIONS) as folder:
        machine = Machine(folder, twilio, mode, shim)
        if mode.sync != "honest":
            new_store(machine)
        callers = Callers(machine.daemon, 1 if mode.must_repeat else AGENTS).start()
        cut_again_and_again(machine, callers)
        machine.mode = Mode("last", "honest")
        machine.power_on()
        callers.stop()
        twilio.always(behaviours.accept)
        under_way = {} if wait_until_settled(machine.store, SETTLED_WITHIN_SECONDS, ("unknown",)) else counts(machine.store)
        verdict = Verdict(callers.answered, twilio.reached, read_store(machine.store))
        machine.daemon.stop()
    twilio.stop()
    faults = [f"still under way after {SETTLED_WITHIN_SECONDS} s: {under_way}"] if under_way else []
    if mode.must_lose or mode.must_repeat:
        seen = verdict.lost if mode.must_lose else verdict.twice
        faults = [] if seen else ["this control shows nothing: the method would not see a fault"]
    else:
        faults += verdict.faults + callers.faults + twilio.problems
    table.row(mode.name, CUTS, verdict.stored, verdict.told, verdict["unknown"], len(verdict.forgotten), len(verdict.lost),
              len(verdict.twice), "must show it" if mode.must_lose or mode.must_repeat else "", len(faults))
    return [f"{mode.name}: {fault}" for fault in faults]


def main():
    started, faults = time.monotonic(), []
    with force.folder(OPTIONS) as folder:
        shim = force.compiled("power_cut.c", folder)
        table = force.Table("disk", "cuts", "answered", "told", "unknown", "forgotten", "lost", "twice", "control", "faults",
                            first=10)
        for mode in MODES:
            if not OPTIONS.modes or mode.name in OPTIONS.modes:
                faults += run(mode, shim, table)
    print(f"\n{time.monotonic() - started:.0f} s")
    force.finish(faults, OPTIONS.seed)


if __name__ == "__main__":
    main()
