"""64 clients for a short while: no error, nobody told twice, and nothing left open afterwards."""
import collections
import concurrent.futures
import re
from pathlib import Path

import story
from client import Client
from operations import open_files
from story import ANA, DIEGO, LUIS, a_handoff

CLIENTS, REQUESTS_EACH = 64, 32


def memory_kb(daemon, line):
    return int(re.search(rf"^{line}:\s+(\d+) kB", Path(f"/proc/{daemon.process.pid}/status").read_text(), re.MULTILINE)[1])


def post_many(daemon):
    answers = []
    with Client(daemon.port) as client:
        for _ in range(REQUESTS_EACH):
            handoff = a_handoff(user_name="Juan Pérez")
            answers.append((handoff["conversation_id"], client.post(handoff, Idempotency_Key=handoff["conversation_id"])))
    return answers


def test_64_clients_at_once(start, twilio, record_property):
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO, server={"reply_within": "15s"}))
    assert daemon.post(a_handoff()).status == 200
    idle_kb, descriptors_before = memory_kb(daemon, "VmRSS"), open_files(daemon) - len(twilio.connections)

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for many in pool.map(lambda _: post_many(daemon), range(CLIENTS)) for answer in many]

    assert {answer.status for _, answer in answers} <= {200, 202}
    assert len({answer["handoff_id"] for _, answer in answers}) == CLIENTS * REQUESTS_EACH
    twilio.ledger.wait_for(1 + CLIENTS * REQUESTS_EACH)
    told = [re.search(r"conv_\d+", message.text)[0] for message in twilio.ledger.messages[1:]]
    assert sorted(told) == sorted(conversation for conversation, _ in answers)
    shares = collections.Counter(message.to for message in twilio.ledger.messages).values()
    assert len(shares) == 3 and max(shares) - min(shares) <= 1, "the turns were not fair"

    daemon.turn_until(lambda: open_files(daemon) - len(twilio.connections) <= descriptors_before, "descriptors to be closed")
    record_property("idle_rss_kb", idle_kb)
    print(f"\nRSS: idle {idle_kb} kB, after {len(answers)} handoffs {memory_kb(daemon, 'VmRSS')} kB, "
          f"peak {memory_kb(daemon, 'VmHWM')} kB")
