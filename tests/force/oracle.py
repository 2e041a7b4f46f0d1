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

    def __init__(self, is_asking):
        self._is_asking, self._all = is_asking, []

    def add(self, rows, started, ended=float("inf")):
        """What was pending, when the daemon was started again, and when it was killed the next time."""
        self._all.append((rows, started, ended))

    def judge(self, ledger):
        """(how many were checked, the slowest in seconds, faults)"""
        asks, sends, checked, slowest, faults = _times_by_address(ledger.asks), _times_of_sends(ledger), 0, 0.0, []
        for rows, started, ended in self._all:
            if ended < started + self.WITHIN_SECONDS:
                continue
            for address, wanted in collections.Counter(a for state, a, _ in rows if state == "sending").items():
                delays = [at - started for at in asks[address] if at >= started][:wanted]
                if self._is_asking:
                    checked, slowest = checked + wanted, max(slowest, *delays, 0.0)
                    missing = wanted - sum(delay <= self.WITHIN_SECONDS for delay in delays)
                    faults += [f"{missing} of {wanted} attempts for {address} not asked about within 2 s"] if missing else []
            for conversation in (conversation for state, _, conversation in rows if state == "ready"):
                delay = min((at - started for at in sends[conversation] if at >= started), default=float("inf"))
                checked, slowest = checked + 1, max(slowest, delay)
                if delay > self.WITHIN_SECONDS:
                    faults.append(f"{conversation} was ready, and sent after {delay:.1f} s")
        return checked, slowest, faults


def _times_by_address(asks):
    times = collections.defaultdict(list)
    for request in asks:
        times[request.query.get("To")].append(request.time)
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


def wait_until_settled(path, seconds, and_also=(), every_seconds=0.2):
    """True where nothing is under way any more; the store is asked, since nothing else knows."""
    deadline = time.monotonic() + seconds
    while is_busy(counts(path), and_also):
        if time.monotonic() > deadline:
            return False
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
