"""store - what the daemon's database says of every handoff; only ever read, also while a daemon has it open.

Few tests may look here: what a client, a provider or an operator can see is the better witness. But some promises are about
what nobody has seen yet.
"""
import dataclasses
import sqlite3


@dataclasses.dataclass
class Row:
    """A handoff as the store has it."""
    number: int
    state: str
    conversation: str
    attempts: list = dataclasses.field(default_factory=list)    # (state, vendor, message_id), in order

    @property
    def last(self):
        return self.attempts[-1][0] if self.attempts else None


def query_all(path, *queries):
    """Rows out of a store that a daemon may have open; the connection only reads."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return [database.execute(query).fetchall() for query in queries]
    finally:
        database.close()


def read_store(path):
    """Every handoff, by number."""
    handoffs, attempts = query_all(
        path, "SELECT number, state, conversation_id FROM handoff LEFT JOIN customer ON customer.handoff = number",
        "SELECT handoff, state, vendor, message_id FROM attempt ORDER BY handoff, number")
    rows = {number: Row(number, state, conversation) for number, state, conversation in handoffs}
    for handoff, *attempt in attempts:
        if handoff in rows:
            rows[handoff].attempts.append(tuple(attempt))
    return rows


def pending(path):
    """What a daemon that was just killed had under way: (state, address, conversation) of each attempt."""
    try:
        (rows,) = query_all(path, "SELECT state, address, conversation_id FROM attempt a JOIN customer c "
                                  "ON c.handoff = a.handoff WHERE state IN ('ready', 'sending')")
    except sqlite3.OperationalError:            # it died before there was a table
        return []
    return rows


def counts(path):
    """How many handoffs have a last attempt in each state."""
    (rows,) = query_all(path, "SELECT h.state, a.state, count(*) FROM handoff h LEFT JOIN attempt a ON a.handoff = h.number "
                              "AND a.number = (SELECT max(number) FROM attempt WHERE handoff = h.number) GROUP BY 1, 2")
    return {(handoff, attempt): count for handoff, attempt, count in rows}
