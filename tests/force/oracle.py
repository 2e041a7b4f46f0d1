"""oracle - compares what clients were promised with what the provider took and with what the store says.

A handoff that was answered with 2xx is *lost* when, at the end, the provider never took it and the store does not show it
in a state that a person can see and act on. It was told *twice* when the provider took it twice for one person, and the
store does not say that somebody decided so (an attempt that stayed ambiguous).
"""
import collections
import re
import time

from store import counts

CONVERSATION = re.compile(r"conv_\d+")
UNDER_WAY = ("ready", "sending")
WAITING = (*UNDER_WAY, "deferred")
# Handoffs that nobody was told of, in words that a person can see.
VISIBLE = ("held", "parked", "exhausted", "cancelled", "closed")


class Restarts:
    """Whether a daemon that was killed comes back to its promises: within 2 s every attempt that was ready is sent, and
    the provider is asked about every attempt that was on its way."""

    WITHIN_SECONDS = 2.0

    def __init__(self):
        self._all = []

    def add(self, rows, started, ended=float("inf")):
        """What was pending, when the daemon was started again, and when it was killed the next time."""
        self._all.append((rows, started, ended))

    def judge(self, ledger):
        """(how many were checked, the slowest in seconds, faults)"""
        self._asks, self._sends, self._calls = _times_of_asks(ledger), _times_of_sends(ledger), _times_of_calls(ledger)
        checked, slowest, faults = 0, 0.0, []
        for rows, started, ended in self._all:
            if ended < started + self.WITHIN_SECONDS:
                continue
            delays = [(what, at - started) for what, at in self._mended(rows, started)]
            checked, slowest = checked + len(delays), max([slowest, *(delay for _, delay in delays)])
            faults += [f"{what} only after {delay:.1f} s" for what, delay in delays if delay > self.WITHIN_SECONDS]
        return checked, slowest, faults

    def _mended(self, rows, started):
        """When each was first seen to after the start: what was ready is sent; for what was on its way the provider is
        asked, or calls by itself."""
        found, asked_about = [], collections.Counter()
        for state, address, conversation in rows:
            called = first_since(started, self._calls[conversation])
            if state == "ready":
                found.append((f"{conversation}, which was ready, sent", first_since(started, self._sends[conversation])))
            elif called <= started + self.WITHIN_SECONDS:
                found.append((f"{conversation} called about", called))
            else:
                asked_about[address] += 1
                asked = first_since(started, self._asks[address], asked_about[address])
                found.append((f"{conversation} to {address} asked about", asked))
        return found


def first_since(started, times, number=1):
    """The first, or a later one of them; never: infinity."""
    since = sorted(at for at in times if at >= started)
    return since[number - 1] if len(since) >= number else float("inf")


def _times_of_asks(ledger):
    times = collections.defaultdict(list)
    for request in ledger.asks:
        times[request.query.get("To")].append(request.time)
    return times


def _times_of_calls(ledger):
    """Callbacks that the daemon took."""
    about, times = {message.sid: conversation_of(message) for message in ledger.messages}, collections.defaultdict(list)
    for callback in ledger.callbacks:
        if isinstance(callback.answer, int) and callback.answer // 100 == 2:
            times[about.get(callback.sid)].append(callback.time)
    return times


def _times_of_sends(ledger):
    times = collections.defaultdict(list)
    for request in ledger.sends:
        found = CONVERSATION.search(request.form.get("Body", "") + request.form.get("ContentVariables", ""))
        times[found and found[0]].append(request.time)
    return times


def is_busy(states, and_also=()):
    """Something is still going to happen soon, without anybody's doing."""
    return any(attempt in (*WAITING, *and_also) and handoff not in VISIBLE for handoff, attempt in states)


def wait_until_settled(path, seconds, and_also=(), every_seconds=0.2, meanwhile=lambda: None):
    """True where nothing is under way any more; the store is asked, since nothing else knows."""
    deadline = time.monotonic() + seconds
    while is_busy(counts(path), and_also):
        if time.monotonic() > deadline:
            return False
        meanwhile()
        time.sleep(every_seconds)
    return True


def conversation_of(message):
    found = CONVERSATION.search(message.text) or next(filter(None, map(CONVERSATION.search, message.variables.values())), None)
    return found[0] if found else None


def same_person(address):
    """Mexico's numbers have two forms for one telephone."""
    return re.sub(r"\+521(?=\d{10}$)", "+52", address)


class Verdict:
    """What became of all that was answered with 2xx: `answered` has the handoff's id for each conversation."""

    def __init__(self, answered, messages, rows):
        by_conversation = collections.defaultdict(list)
        for row in rows.values():
            by_conversation[row.conversation].append(row)
        # Promised and not in the store, or sent and not in the store: no loss yet, but a promise that was not kept.
        self.forgotten = [conversation for conversation in answered if not by_conversation[conversation]]
        told = collections.Counter()
        for message in messages:
            told[conversation_of(message), same_person(message.to)] += 1
        self.stored, self.told = len(answered), len({conversation for conversation, _ in told} & set(answered))
        self.states, self.lost = collections.Counter(), []
        heard = {conversation for conversation, _ in told}
        self.unannounced = [conversation for conversation in heard if not by_conversation[conversation]]
        for conversation in answered:
            state = self._state(conversation in heard, by_conversation[conversation])
            if state is None:
                self.lost.append(conversation)
            else:
                self.states[state] += 1
        self.twice = [f"{conversation} to {to}: {times} times" for (conversation, to), times in told.items()
                      if times > 1 and not any(attempt[0] == "ambiguous" for row in by_conversation[conversation]
                                               for attempt in row.attempts)]

    @staticmethod
    def _state(is_heard, rows):
        if is_heard:
            return "told"
        for row in rows:
            if row.state in VISIBLE:
                return row.state
            if row.last in (*WAITING, "unknown", "ambiguous"):
                return "waiting" if row.last in WAITING else row.last
        return None                             # not there, or there with a claim that the provider does not know of

    def __getitem__(self, state):
        return self.states[state]

    @property
    def faults(self):
        return ([f"lost: {conversation}" for conversation in self.lost] +
                [f"not in the store: {conversation}" for conversation in self.forgotten if conversation not in self.lost] +
                [f"sent, and not in the store: {conversation}" for conversation in self.unannounced
                 if conversation not in self.forgotten] +
                [f"twice: {line}" for line in self.twice])
