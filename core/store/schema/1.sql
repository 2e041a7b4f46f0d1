-- 1.sql - the first schema. Keys are integers that only rise: random text under an index would cost three commits.

CREATE TABLE store (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE handoff (
    number         INTEGER PRIMARY KEY,
    state          TEXT    NOT NULL,
    is_open        INTEGER NOT NULL, -- 1: somebody is still to be told
    received_ms    INTEGER NOT NULL,
    request_key    TEXT,
    request_digest INTEGER NOT NULL
) STRICT;

-- What a start has to look at, however many are done.
CREATE INDEX handoff_open ON handoff (number) WHERE is_open = 1;

-- Further Idempotency-Keys that a handoff was asked for with: few, and read only at start.
CREATE TABLE request_key (
    handoff INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    digest  INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (handoff, key)
) STRICT, WITHOUT ROWID;

-- All that is personal: erasing a customer is deleting these rows.
CREATE TABLE customer (
    handoff            INTEGER PRIMARY KEY,
    user_phone         TEXT NOT NULL,
    reason             TEXT NOT NULL,
    user_name          TEXT,
    conversation_id    TEXT,
    additional_context TEXT,
    fields             TEXT
) STRICT;

CREATE TABLE attempt (
    handoff    INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    vendor     TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    message_id TEXT,
    code       INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    PRIMARY KEY (handoff, number)
) STRICT, WITHOUT ROWID;

-- Append-only: the story of each handoff.
CREATE TABLE event (
    handoff INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    detail  TEXT,
    PRIMARY KEY (handoff, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE turn (
    step   TEXT    NOT NULL,
    vendor TEXT    NOT NULL,
    turn   INTEGER NOT NULL,
    PRIMARY KEY (step, vendor)
) STRICT, WITHOUT ROWID;
