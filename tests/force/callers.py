"""callers - agents that do as they are told: while there is no definite answer, they ask again with the same key."""
import http.client
import threading
import time

import story
from client import Client

GIVE_UP_SECONDS = 60


class Caller(threading.Thread):
    """Posts handoffs one after the other, until it is stopped or `limit` were answered."""

    def __init__(self, daemon, stopping, limit=None, fields=None):
        super().__init__(daemon=True)
        self._daemon, self._stopping, self._limit, self._fields = daemon, stopping, limit, fields or {}
        self._client = None
        self.answered, self.given_up, self.refused, self.times = {}, [], [], {}

    def run(self):
        while not self._stopping.is_set() and (self._limit is None or len(self.answered) < self._limit):
            self.post(story.a_handoff(**self._fields))
        self._hang_up()

    def post(self, handoff):
        conversation, started = handoff["conversation_id"], time.time()
        self.times[conversation] = started
        answer = self._definite(handoff)
        if answer is None:
            self.given_up.append(conversation)
        elif answer.status in (200, 202) or (answer.status == 500 and answer["stored"]):
            self.answered[conversation] = answer["handoff_id"]
        else:
            self.refused.append(f"{conversation}: {answer.status} {answer.body!r}")

    def _definite(self, handoff):
        """429 and 503 say that nothing was stored; other 5xx without an id, and broken connections, say nothing."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                self._client = self._client or Client(self._daemon.port)
                answer = self._client.post(handoff, Idempotency_Key=handoff["conversation_id"])
                if answer.status < 500 or (answer.status == 500 and "handoff_id" in answer.json):
                    return answer
            except (OSError, http.client.HTTPException, AssertionError):
                self._hang_up()
            time.sleep(0.02)                        # the daemon is being killed or started: no event tells when it is back
        return None

    def _hang_up(self):
        if self._client is not None:
            self._client.close()
            self._client = None


class Callers:
    """Many of them at once."""

    def __init__(self, daemon, count, limit_each=None, fields=None):
        self._stopping = threading.Event()
        self._all = [Caller(daemon, self._stopping, limit_each, fields) for _ in range(count)]

    def start(self):
        for caller in self._all:
            caller.start()
        return self

    def stop(self):
        """Lets everybody get an answer to what they last asked."""
        self._stopping.set()
        return self.join()

    def join(self):
        for caller in self._all:
            caller.join(GIVE_UP_SECONDS + 30)
            assert not caller.is_alive(), "an agent hangs"
        return self

    @property
    def answered(self):
        """The handoff's id for each conversation that was promised something."""
        return {conversation: handoff for caller in self._all for conversation, handoff in caller.answered.items()}

    @property
    def answered_count(self):
        return sum(len(caller.answered) for caller in self._all)

    @property
    def times(self):
        return {conversation: at for caller in self._all for conversation, at in caller.times.items()}

    @property
    def faults(self):
        return ([f"no definite answer in {GIVE_UP_SECONDS} s: {c}" for caller in self._all for c in caller.given_up] +
                [f"refused: {line}" for caller in self._all for line in caller.refused])
