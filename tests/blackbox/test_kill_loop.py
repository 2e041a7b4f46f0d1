"""kill -9, ten times, under load: what was answered with 2xx is known, and nobody is told twice."""
import collections
import http.client
import re
import threading
import time

import behaviours
import story
from client import Client
from story import ANA, DIEGO, LUIS, a_handoff

KILLS, CLIENTS, MESSAGES_BETWEEN_KILLS = 10, 8, 6
GIVE_UP_SECONDS = 60


class Caller(threading.Thread):
    """An agent that does as it is told: when the connection breaks or the daemon is gone, it asks again with the same key."""

    def __init__(self, daemon, stopping):
        super().__init__(daemon=True)
        self.daemon_under_test, self.stopping = daemon, stopping
        self.answered, self.unanswered, self.strange = {}, [], []

    def run(self):
        while not self.stopping.is_set():
            handoff = a_handoff()
            conversation = handoff["conversation_id"]
            answer = self._until_answered(handoff)
            if answer is None:
                self.unanswered.append(conversation)
            elif answer.status in (200, 202):
                self.answered[conversation] = answer["handoff_id"]
            else:
                self.strange.append((conversation, answer.status, answer.body))

    def _until_answered(self, handoff):
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                with Client(self.daemon_under_test.port) as client:
                    return client.post(handoff, Idempotency_Key=handoff["conversation_id"])
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.02)            # the daemon is being killed or started: no event tells when it is back
        return None


def test_ten_kills_under_load_lose_nothing_and_repeat_nothing(start, twilio):
    twilio.always(behaviours.alternate(*[behaviours.accept] * 3, behaviours.slow(0.05), behaviours.error(429, 20429)))
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO, server={"reply_within": "1s"}))
    stopping = threading.Event()
    callers = [Caller(daemon, stopping) for _ in range(CLIENTS)]
    for caller in callers:
        caller.start()
    for _ in range(KILLS):
        twilio.ledger.wait_for(len(twilio.ledger.messages) + MESSAGES_BETWEEN_KILLS)
        daemon.kill()
        daemon.restart()
    twilio.always(behaviours.accept)
    stopping.set()
    for caller in callers:
        caller.join(GIVE_UP_SECONDS)
        assert not caller.is_alive()

    assert [s for caller in callers for s in caller.strange] == []
    assert [u for caller in callers for u in caller.unanswered] == []
    answered = {c: i for caller in callers for c, i in caller.answered.items()}
    assert len(set(answered.values())) == len(answered), "two handoffs with one id"
    expect_all_known(daemon, twilio, answered)
    daemon.stop()
    told = collections.Counter(conversation_of(message) for message in twilio.ledger.messages)
    assert [c for c, times in told.items() if times > 1] == [], "somebody was told twice"


def conversation_of(message):
    return re.search(r"conv_\d+", message.text)[0]


def expect_all_known(daemon, twilio, answered):
    """Everything that got a 2xx reaches the provider, or is shown as unknown because a kill hit it on its way there."""
    def missing():
        told = {conversation_of(message) for message in twilio.ledger.messages}
        unknown = {m[1] for line in daemon.log.splitlines() if re.search("state=(unknown|parked)", line)
                   and (m := re.search(rf"handoff=({story.HANDOFF_ID})", line))}
        return {c for c, handoff in answered.items() if c not in told and handoff not in unknown}

    twilio.ledger.wait_until(lambda: not missing(), "every answered handoff to be sent or known as unknown")
