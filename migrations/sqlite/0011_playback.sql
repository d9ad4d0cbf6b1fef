-- Leases: period keys on loan to one browser. A lease lives as long as it is renewed; what was
-- lent is counted, so that fetching a whole film at once stands out.

CREATE TABLE lease (
    id            TEXT   NOT NULL PRIMARY KEY,   -- bare UUID, as the browser binds keys to it
    account_id    TEXT   NOT NULL REFERENCES account (id),
    title_id      TEXT   NOT NULL REFERENCES title (id),
    container     TEXT   NOT NULL,
    public_key    BLOB   NOT NULL,               -- the browser's; keys are wrapped to it
    device        TEXT   NOT NULL,               -- words for people: Firefox on Linux
    periods_lent  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX lease_of_account ON lease (account_id, expires_at);
CREATE INDEX lease_expiry ON lease (expires_at);

-- Where a viewer stopped.
CREATE TABLE watch_position (
    account_id TEXT   NOT NULL REFERENCES account (id),
    title_id   TEXT   NOT NULL REFERENCES title (id),
    seconds    BIGINT NOT NULL CHECK (seconds >= 0),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, title_id)
);
