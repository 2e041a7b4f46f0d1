-- 2.sql - a handoff may rest until due, wait for somebody, or update another; an attempt says since when it is so;
-- addresses, alerts.

ALTER TABLE handoff RENAME COLUMN is_open TO wake; -- 0 done, 1 open, 2 resting until due_ms
ALTER TABLE handoff ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handoff ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0; -- in how many it was in flight
ALTER TABLE handoff ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;  -- the handoff that it is an update of; 0: none

CREATE INDEX handoff_parent ON handoff (parent) WHERE parent <> 0;

DROP INDEX handoff_open;
CREATE INDEX handoff_open ON handoff (number) WHERE wake = 1;
CREATE INDEX handoff_resting ON handoff (due_ms) WHERE wake = 2;

ALTER TABLE handoff ADD COLUMN stuck TEXT; -- what it waits for somebody because of; NULL: it does not
UPDATE handoff SET stuck = 'stuck exhausted' WHERE state = 'exhausted';
UPDATE handoff SET wake = 0, stuck = 'stuck channel ' || last.channel || ' code ' || last.code
FROM attempt AS last
WHERE handoff.state = 'held' AND last.state = 'refused' AND last.handoff = handoff.number AND
    last.number = (SELECT max(number) FROM attempt WHERE handoff = last.handoff);
CREATE INDEX handoff_stuck ON handoff (stuck) WHERE stuck IS NOT NULL;

ALTER TABLE attempt ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0; -- when it came to its state
ALTER TABLE attempt ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;    -- how often the provider was, in that state
UPDATE attempt SET since_ms = started_ms;
ALTER TABLE attempt ADD COLUMN is_guess INTEGER NOT NULL DEFAULT 0; -- 1: its message was found in the provider's list
CREATE INDEX attempt_guess ON attempt (started_ms) WHERE is_guess = 1;

-- The form of a person's address that the provider delivers to, where it is not the one in vendors.yaml.
CREATE TABLE address (
    channel TEXT NOT NULL,
    given   TEXT NOT NULL,
    works   TEXT NOT NULL,
    PRIMARY KEY (channel, given)
) STRICT, WITHOUT ROWID;

-- Trouble that somebody was told of and that is not mended.
CREATE TABLE alert (
    cause    TEXT    PRIMARY KEY,
    text     TEXT    NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
