#!/usr/bin/env python3
"""kill_random - kill -9 at random moments under load: nothing is lost, nobody is told twice.

Agents post all the time and ask again with the same key whenever an answer is missing; the provider is at times slow, busy,
or loses its answer. 1,000 kills and at least 50,000 handoffs stored (--short: 10 kills, 500 handoffs). After some of the kills
the daemon is left alone for 2 s: by then whatever was ready is sent and whatever was on its way is asked about.
"""
import random
import time

import force

OPTIONS = force.arguments(__doc__, (("--kills",), {"type": int}), (("--stored",), {"type": int, "help": "at least so many"}))

import behaviours       # noqa: E402
import story            # noqa: E402
from callers import Callers     # noqa: E402
from daemon import Daemon       # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from oracle import Restarts, Verdict, wait_until_settled     # noqa: E402
from store import pending, read_store       # noqa: E402

KILLS = OPTIONS.kills or (10 if OPTIONS.short else 1000)
STORED = OPTIONS.stored or (500 if OPTIONS.short else 50_000)
AGENTS, LEFT_ALONE_EVERY = 12, 5 if OPTIONS.short else 20
SETTLED_WITHIN_SECONDS = 60


def company(twilio):
    sections = story.company(twilio, story.ANA, story.LUIS, story.DIEGO, server={"reply_within": "200ms"},
                             channel={"timeout": "2s"})
    sections["unknown"] = {"ask_for": "3s", "times": 3, "give_up": "20s"}
    return story.called_back(sections)


def moody(twilio):
    """Mostly well; at times slow, busy, or mute after having taken the message."""
    twilio.always(behaviours.alternate(*[behaviours.accept] * 12, behaviours.slow(0.05), behaviours.error(429, 20429),
                                       *[behaviours.accept] * 12, behaviours.cut_in_body()))


def kill_and_restart(daemon, store, restarts):
    daemon.kill()
    rows, restarted = pending(store), time.time()
    daemon.restart()
    return lambda ended: restarts.add(rows, restarted, ended)


def run(daemon, twilio, store, restarts, table):
    """Kills until there were enough of them, then leaves the agents alone until enough is stored."""
    callers, done = Callers(daemon, AGENTS).start(), lambda ended: None
    between = 2 * STORED // KILLS
    for number in range(1, KILLS + 1):
        target = callers.answered_count + random.randint(1, between)
        while callers.answered_count < target:
            time.sleep(0.002)
        if number % LEFT_ALONE_EVERY == 0:
            time.sleep(Restarts.WITHIN_SECONDS)       # the bound itself: what is asked about later must not count
        time.sleep(random.random() * 0.005)
        done(time.time())
        done = kill_and_restart(daemon, store, restarts)
        if number % max(1, KILLS // 10) == 0:
            table.row(f"{number} kills", callers.answered_count, twilio.ledger.message_count)
    while callers.answered_count < STORED:
        time.sleep(0.05)
    twilio.always(behaviours.accept)
    callers.stop()
    time.sleep(Restarts.WITHIN_SECONDS)               # the same, for the last restart
    done(time.time())
    return callers


def main():
    started, restarts = time.monotonic(), Restarts()
    twilio = FakeTwilio().start()
    moody(twilio)
    table = force.Table("", "stored", "taken", first=16)
    with force.folder(OPTIONS) as folder:
        daemon, store = Daemon(folder, company(twilio)).start(), folder / "data/handoffd.db"
        callers = run(daemon, twilio, store, restarts, table)
        is_settled = wait_until_settled(store, SETTLED_WITHIN_SECONDS, ("unknown",))
        verdict = Verdict(callers.answered, twilio.reached, read_store(store))
        daemon.stop()
    twilio.stop()
    checked, slowest, late = restarts.judge(twilio.ledger)
    states = ", ".join(f"{count} {state}" for state, count in verdict.states.most_common())
    print(f"\n{KILLS} kills, {verdict.stored} stored: {states}; {len(verdict.lost)} lost, {len(verdict.twice)} twice; "
          f"{checked} checked after a restart, the slowest after {slowest:.2f} s; {time.monotonic() - started:.0f} s")
    faults = verdict.faults + callers.faults + late + twilio.problems
    if not is_settled:
        faults.append(f"still under way after {SETTLED_WITHIN_SECONDS} s")
    if len(set(callers.answered.values())) != len(callers.answered):
        faults.append("two handoffs with one id")
    force.finish(faults, OPTIONS.seed)


if __name__ == "__main__":
    main()
