-- 3.sql - who may ask, and who did.

-- Keys that let clients in; of each only its SHA-256.
CREATE TABLE api_key (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL,
    scope      TEXT    NOT NULL,
    digest     BLOB    NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, -- 0: never
    used_ms    INTEGER NOT NULL  -- 0: not yet
) STRICT, WITHOUT ROWID;

ALTER TABLE handoff ADD COLUMN caller TEXT; -- the name of the key or signer that it came with
