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
    query: dict = dataclasses.field(default_factory=dict)
    time: float = dataclasses.field(default_factory=time.time)

    @property
    def is_send(self):
        return self.method == "POST" and self.path.endswith("/Messages.json")

    @property
    def is_ask(self):
        """A look at the list of messages, or at one of them."""
        return self.method == "GET" and "/Messages" in self.path


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


@dataclasses.dataclass(frozen=True)
class Callback:
    """One status callback that the provider posted, and what it was answered: a status, or why there was no answer."""
    sid: str
    status: str
    way: str
    url: str
    answer: object
    is_retry: bool
    time: float = dataclasses.field(default_factory=time.time)


class Ledger:
    def __init__(self):
        self._changed = threading.Condition(threading.RLock())
        self._requests, self._messages, self._callbacks = [], [], []

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

    def add_callback(self, callback):
        with self._changed:
            self._callbacks.append(callback)
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
    def asks(self):
        """The requests to see messages."""
        return [request for request in self.requests if request.is_ask]

    @property
    def messages(self):
        with self._changed:
            return list(self._messages)

    @property
    def message_count(self):
        with self._changed:
            return len(self._messages)

    @property
    def callbacks(self):
        with self._changed:
            return list(self._callbacks)

    def callbacks_of(self, sid):
        return [callback for callback in self.callbacks if callback.sid == sid]

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

    def wait_for_asks(self, count, timeout=WAIT_SECONDS):
        self.wait_until(lambda: sum(r.is_ask for r in self._requests) >= count, f"{count} requests to see messages", timeout)
        return self.asks

    def wait_for_callbacks(self, count, timeout=WAIT_SECONDS):
        """Waits until so many callbacks were answered, or given up."""
        self.wait_until(lambda: len(self._callbacks) >= count, f"{count} callbacks", timeout)
        return self.callbacks

    def wait_about(self, word, timeout=WAIT_SECONDS):
        """Waits for a message that mentions a word, and returns it."""
        self.wait_until(lambda: any(m.mentions(word) for m in self._messages), f"a message with {word!r}", timeout)
        return self.about(word)[0]

    # -- rates --

    def times(self, to=None, sender=None):
        """When the requests to send arrived: all, those for one address, those from one sender; accepted or not."""
        return sorted(r.time for r in self.sends if to in (None, r.form.get("To"))
                      and sender in (None, r.form.get("From"), r.form.get("MessagingServiceSid")))

    def most_within(self, seconds, to=None, sender=None):
        """The largest number of requests to send in any window of so many seconds."""
        times, first, most = self.times(to, sender), 0, 0
        for last, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def expect_rate(self, count, per_seconds, burst, to=None, sender=None, slack_seconds=0.1):
        """No window, however short or long, has more than a full bucket and what drips into it meanwhile.

        The slack is for the way from there to here, where a request may overtake time, but not another request."""
        times = self.times(to, sender)
        for first, start in enumerate(times):
            for last in range(first + burst, len(times)):
                allowed = burst + (times[last] - start + slack_seconds) * count / per_seconds
                assert last - first + 1 <= allowed, (
                    f"{last - first + 1} requests in {times[last] - start:.3f} s; at {count} in {per_seconds} s and {burst} "
                    f"at once {allowed:.1f} may come")

    def describe(self):
        lines = [f"  request {r.number} on connection {r.connection}: {r.method} {r.path} "
                 f"To={r.form.get('To')} {r.form.get('Body', '')[-60:]!r}" for r in self.requests[-20:]]
        lines += [f"  accepted {m.sid} for {m.to} (request {m.request})" for m in self.messages[-20:]]
        lines += [f"  called back {c.sid} {c.status} ({c.way}): {c.answer}" for c in self.callbacks[-20:]]
        return "\n".join(lines) or "  nothing"

    def as_json(self):
        return {"requests": [dataclasses.asdict(r) for r in self.requests],
                "messages": [dataclasses.asdict(m) for m in self.messages],
                "callbacks": [dataclasses.asdict(c) for c in self.callbacks]}
