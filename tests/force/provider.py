#!/usr/bin/env python3
"""provider - the provider misbehaves in every way that is known, and nothing is lost and nobody is told twice.

For each way a fresh daemon: one recipient (or, where connections themselves are bad, the channel of that recipient) gets
the misbehaviour once for each of 250 handoffs (--short: 8); as many handoffs go to three others meanwhile. Then the
provider is well again, and everything must come to an end: told, told to the next person, or visibly held. The others
must not notice: 99 of 100 are accepted within 2 s.
"""
import dataclasses
import subprocess
import time
from typing import Callable, Optional

import force

OPTIONS = force.arguments(__doc__, (("ways",), {"nargs": "*", "metavar": "WAY", "help": "only those whose name has this"}),
                          (("--count",), {"type": int, "help": "handoffs to the bad recipient"}))

import behaviours as b      # noqa: E402  (the path to them is force's)
import callbacks as c       # noqa: E402
import fates as f           # noqa: E402
import story                # noqa: E402
import wire                 # noqa: E402
from callers import Callers     # noqa: E402
from daemon import Daemon       # noqa: E402
from fake_twilio import FakeTwilio      # noqa: E402
from oracle import Verdict, conversation_of, wait_until_settled     # noqa: E402
from store import read_store        # noqa: E402

COUNT = OPTIONS.count or (8 if OPTIONS.short else 250)
OTHERS_WITHIN_SECONDS, SETTLED_WITHIN_SECONDS = 2.0, 15 if OPTIONS.short else 60
MALA = {"id": "mala", "name": "Mala Suerte", "notify": {"bad": "+5214420000009"}, "keywords": ["mala"]}
BAD = "whatsapp:+5214420000009"


@dataclasses.dataclass(frozen=True)
class Way:
    name: str
    behaviour: Optional[Callable] = None    # of requests to send to the bad recipient, once for each handoff
    door: Optional[Callable] = None         # of connections to the bad recipient's provider
    is_down: bool = False                   # that provider refuses connections
    is_impostor: bool = False               # that provider's certificate is from nobody
    fate: Optional[list] = None             # of the messages that it took
    lag: int = 0                            # asks for which they are not in the list
    asks: Optional[Callable] = None         # what becomes of the first asks


WAYS = [
    Way("refuses connections", is_down=True),
    Way("never reads", door=wire.silent),
    Way("resets before reading", door=wire.slammed),
    Way("has a wrong certificate", is_impostor=True),
    Way("hangs, taken", b.hang()),
    Way("hangs, not taken", b.hang(accepted=False)),
    Way("resets after reading, taken", b.reset()),
    Way("resets after, not taken", b.reset(accepted=False)),
    Way("closes after reading", b.close_after_reading()),
    Way("closes, not taken", b.close_after_reading(accepted=False)),
    Way("cuts the 201 in its head", b.cut_in_head()),
    Way("cuts the 201 in its body", b.cut_in_body()),
    Way("answers garbage", b.garbage()),
    Way("answers nonsense", b.nonsense()),
    Way("drips", b.drip(0.05)),
    Way("answers after 0.5 s", b.slow(0.5)),
    Way("400 bad number", b.error(400, 21211)),
    Way("400 opted out", b.error(400, 21610)),
    Way("401 bad token", b.error(401, 20003)),
    Way("404 no such account", b.error(404, 20404)),
    Way("429 too many", b.error(429, 20429)),
    Way("429 with Retry-After", b.error(429, 20429, retry_after=1)),
    Way("500 with a code", b.error(500, 20500)),
    Way("502 in HTML", b.html_error(502)),
    Way("503 unavailable", b.error(503, 20503)),
    Way("calls before it answers", fate=f.early(f.delivered())),
    Way("calls and never answers", b.hang(), fate=f.delivered()),
    Way("calls three times", fate=f.told(f.read(), c.repeated(3))),
    Way("calls in the wrong order", fate=f.backwards(f.read())),
    Way("adds parameters", fate=f.told(f.read(), c.with_more_fields)),
    *(Way(f"forged: {name}", fate=f.forged(f.undelivered(63024), way)) for name, way in c.FORGED.items()),
    *(Way(f"about {name}", fate=f.forged(f.undelivered(63024), way)) for name, way in c.MISLEADING.items()),
    Way("cannot deliver", fate=f.undelivered(63024)),
    Way("cannot deliver, tells when asked", fate=f.untold(f.undelivered(63024))),
    Way("shows it late in the list", b.cut_in_body(), lag=2),
    Way("lost, and the list is 500", b.close_after_reading(), asks=b.error(500, 20500)),
    Way("lost, and the list is garbage", b.close_after_reading(), asks=b.garbage()),
    Way("lost, and the list is nonsense", b.close_after_reading(), asks=b.nonsense()),
    Way("lost, and the list is cut", b.close_after_reading(), asks=b.cut_in_body()),
]


def impostor(folder):
    """A provider whose certificate nobody has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    both = folder / "impostor.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return FakeTwilio(certificate=both)


def company(good, bad):
    others = [{**vendor, "keywords": ["buena"]} for vendor in (story.ANA, story.LUIS, story.DIEGO)]
    sections = story.company(good, MALA, *others, routing=("keyword", "round_robin"),
                             server={"reply_within": "300ms"}, channel={"timeout": "1s"})
    sections["channels"]["bad"] = story.whatsapp(bad, timeout="1s")
    # the provider is asked three times in the time that a test has
    sections["unknown"] = {"ask_for": "3s", "times": 3, "give_up": "8s"}
    sections["channels"]["bad"]["deliver_within"] = "5s"
    return story.called_back(sections)


def misbehave(way, bad):
    """From now on, until end() for what concerns connections, and once for each handoff for the rest."""
    if way.behaviour:
        bad.next(*[way.behaviour] * COUNT, to=BAD)
    if way.fate is not None:
        bad.fate(way.fate, to=BAD)
    if way.lag:
        bad.lag(asks=way.lag)
    if way.asks:
        bad.next_asks(*[way.asks] * COUNT)
    if way.door:
        bad.door(way.door)
    if way.is_down:
        bad.stop()


def behave(way, bad):
    if way.door:
        bad.door()
        for connection in bad.connections:
            connection.close()
    if way.is_down:
        bad.start()


def post(daemon):
    """As many handoffs for the bad recipient as for others, side by side."""
    crowd = min(COUNT, 50)
    each = COUNT // crowd
    for_bad = Callers(daemon, crowd, each, {"reason": "Mi mala suerte"}).start()
    for_others = Callers(daemon, min(COUNT, 10), COUNT // min(COUNT, 10), {"reason": "Mi buena suerte"}).start()
    return for_bad.join(), for_others.join()


def delays_of(others, ledgers):
    """From asking to the provider's having it, for those that are not about the bad recipient."""
    accepted = {conversation_of(message): message.time for ledger in ledgers for message in ledger.messages}
    return [accepted.get(conversation, float("inf")) - asked for conversation, asked in others.times.items()]


def judge(answered, good, bad, store):
    """What the provider said of a message may take its time to be heard: until the deadline for its delivery."""
    deadline = time.monotonic() + SETTLED_WITHIN_SECONDS
    while True:
        verdict = Verdict(answered, good.reached + bad.reached, read_store(store))
        if not verdict.lost or time.monotonic() > deadline:
            return verdict
        time.sleep(0.2)     # between two looks at the daemon's store: another process commits, and no event tells when


def run(way, table):
    with force.folder(OPTIONS) as folder:
        good, bad = FakeTwilio().start(), (impostor(folder) if way.is_impostor else FakeTwilio()).start()
        daemon = Daemon(folder, company(good, bad)).start()
        try:
            misbehave(way, bad)
            for_bad, for_others = post(daemon)
            delays = delays_of(for_others, [good.ledger])
            behave(way, bad)
            store = folder / "data/handoffd.db"
            is_settled = wait_until_settled(store, SETTLED_WITHIN_SECONDS, ("unknown",)) or way.is_impostor
            verdict = judge({**for_bad.answered, **for_others.answered}, good, bad, store)
            faults = verdict.faults + for_bad.faults + for_others.faults
            if not is_settled:
                faults.append(f"still under way after {SETTLED_WITHIN_SECONDS} s")
            if force.percentile(delays, 0.99) > OTHERS_WITHIN_SECONDS:
                faults.append(f"the others waited {force.percentile(delays, 0.99):.1f} s")
            faults += good.problems + ([] if way.is_impostor else bad.problems)
            daemon.stop()
        finally:
            if daemon.is_running:
                daemon.kill()
            good.stop()
            bad.stop()
    shown = [verdict[state] for state in ("told", "held", "exhausted", "unknown", "ambiguous", "waiting")]
    table.row(way.name, verdict.stored, *shown, len(verdict.lost), len(verdict.twice),
              f"{force.percentile(delays, 0.99):.2f}", "FAULT" if faults else "")
    return [f"{way.name}: {fault}" for fault in faults]


def main():
    started, faults = time.monotonic(), []
    chosen = [way for way in WAYS if not OPTIONS.ways or any(word in way.name for word in OPTIONS.ways)]
    table = force.Table("the provider", "stored", "told", "held", "exhausted", "unknown", "ambiguous", "waiting", "lost",
                        "twice", "p99 s", "", first=34, other=8)
    for way in chosen:
        faults += run(way, table)
    print(f"\n{len(chosen)} ways, {COUNT} handoffs each and as many to others, {time.monotonic() - started:.0f} s")
    force.finish(faults, OPTIONS.seed)


if __name__ == "__main__":
    main()
