"""ledger - what the fake provider was asked and what it took, for tests to count and to wait for."""
import dataclasses
import threading
import time

WAIT_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Request:
    """One HTTP request that arrived whole, whatever became of it."""
    number: int
    connection: int
    method: str
    path: str
    form: dict
    user: str
    time: float = dataclasses.field(default_factory=time.time)

    @property
    def is_send(self):
        return self.method == "POST" and self.path.endswith("/Messages.json")


@dataclasses.dataclass(frozen=True)
class Message:
    """One message that the provider accepted: a person's telephone will ring."""
    sid: str
    to: str
    text: str
    variables: dict
    form: dict
    request: int
    connection: int
    time: float = dataclasses.field(default_factory=time.time)

    def mentions(self, word):
        return word in self.text or any(word in value for value in self.variables.values())


class Ledger:
    def __init__(self):
        self._changed = threading.Condition(threading.RLock())
        self._requests, self._messages = [], []

    def add_request(self, **facts):
        with self._changed:
            request = Request(number=len(self._requests) + 1, **facts)
            self._requests.append(request)
            self._changed.notify_all()
            return request

    def add_message(self, message):
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    @property
    def requests(self):
        with self._changed:
            return list(self._requests)

    @property
    def sends(self):
        """The requests to send a message, accepted or not."""
        return [request for request in self.requests if request.is_send]

    @property
    def messages(self):
        with self._changed:
            return list(self._messages)

    def about(self, word):
        """The accepted messages that mention a word; tests give every handoff a conversation of its own."""
        return [message for message in self.messages if message.mentions(word)]

    def sends_about(self, word):
        return [r for r in self.sends if word in r.form.get("Body", "") + r.form.get("ContentVariables", "")]

    def wait_until(self, holds, what, timeout=WAIT_SECONDS):
        """Waits until holds() is true, looking again whenever something arrives."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (result := holds()):
                remaining = deadline - time.monotonic()
                assert remaining > 0, f"waited {timeout} s for {what}; the provider saw:\n{self.describe()}"
                self._changed.wait(remaining)
            return result

    def wait_for(self, count, timeout=WAIT_SECONDS):
        """Waits until so many messages were accepted, and returns them."""
        self.wait_until(lambda: len(self._messages) >= count, f"{count} accepted messages", timeout)
        return self.messages

    def wait_for_sends(self, count, timeout=WAIT_SECONDS):
        self.wait_until(lambda: sum(r.is_send for r in self._requests) >= count, f"{count} requests to send", timeout)
        return self.sends

    def wait_about(self, word, timeout=WAIT_SECONDS):
        """Waits for a message that mentions a word, and returns it."""
        self.wait_until(lambda: any(m.mentions(word) for m in self._messages), f"a message with {word!r}", timeout)
        return self.about(word)[0]

    def describe(self):
        lines = [f"  request {r.number} on connection {r.connection}: {r.method} {r.path} "
                 f"To={r.form.get('To')} {r.form.get('Body', '')[-60:]!r}" for r in self.requests[-20:]]
        lines += [f"  accepted {m.sid} for {m.to} (request {m.request})" for m in self.messages[-20:]]
        return "\n".join(lines) or "  nothing"

    def as_json(self):
        return {"requests": [dataclasses.asdict(r) for r in self.requests],
                "messages": [dataclasses.asdict(m) for m in self.messages]}
