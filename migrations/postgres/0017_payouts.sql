-- Who shares in what films bring, and the statements about it. Splits and statements are appended
-- and never changed: a new split is for later sales, and a statement holds the hash of the one
-- before it.

CREATE TABLE participant (
    id         TEXT   NOT NULL PRIMARY KEY,
    studio_id  TEXT   NOT NULL,               -- no reference: statements outlive the studio
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT participant_one UNIQUE (studio_id, email)
);
CREATE INDEX participant_of_email ON participant (email);

-- One-time links that sign a participant in; only the hash of the token is kept.
CREATE TABLE participant_link (
    token_hash     BYTEA  NOT NULL PRIMARY KEY,
    participant_id TEXT   NOT NULL REFERENCES participant (id),
    expires_at     BIGINT NOT NULL
);
CREATE INDEX participant_link_expired ON participant_link (expires_at);

CREATE TABLE split (
    title_id   TEXT   NOT NULL,
    number     BIGINT NOT NULL,               -- counts the splits of the title from 1
    studio_id  TEXT   NOT NULL,
    valid_from BIGINT NOT NULL,
    made_by    TEXT   NOT NULL,               -- the member's name at the time
    made_at    BIGINT NOT NULL,
    PRIMARY KEY (title_id, number),
    CONSTRAINT split_number CHECK (number > 0),
    CONSTRAINT split_not_back CHECK (valid_from >= made_at)
);
CREATE INDEX split_of_studio ON split (studio_id);

CREATE TABLE split_share (
    title_id       TEXT   NOT NULL,
    number         BIGINT NOT NULL,
    position       BIGINT NOT NULL,
    participant_id TEXT   REFERENCES participant (id),   -- null is the studio itself
    share_bp       BIGINT NOT NULL,
    PRIMARY KEY (title_id, number, position),
    FOREIGN KEY (title_id, number) REFERENCES split (title_id, number),
    CONSTRAINT split_share_part CHECK (share_bp BETWEEN 1 AND 10000)
);
CREATE INDEX split_share_of_participant ON split_share (participant_id);

CREATE TABLE split_first (
    title_id       TEXT   NOT NULL,
    number         BIGINT NOT NULL,
    position       BIGINT NOT NULL,           -- the order in which it is recouped
    participant_id TEXT   REFERENCES participant (id),
    currency       TEXT   NOT NULL,
    amount_minor   BIGINT NOT NULL,
    PRIMARY KEY (title_id, number, position),
    FOREIGN KEY (title_id, number) REFERENCES split (title_id, number),
    CONSTRAINT split_first_amount CHECK (amount_minor > 0)
);
CREATE INDEX split_first_of_participant ON split_first (participant_id);

-- How far a studio's statements go; the row that the closing of a month begins with.
CREATE TABLE statement_chain (
    studio_id TEXT   NOT NULL PRIMARY KEY,
    month     TEXT   NOT NULL,                -- 2026-10, the last that is closed
    number    BIGINT NOT NULL,                -- of the last statement
    digest    TEXT   NOT NULL                 -- its SHA-256 in hex
);

CREATE TABLE statement (
    id             TEXT   NOT NULL PRIMARY KEY,
    studio_id      TEXT   NOT NULL,
    participant_id TEXT   REFERENCES participant (id),   -- null: about the studio itself
    month          TEXT   NOT NULL,
    currency       TEXT   NOT NULL,
    number         BIGINT NOT NULL,           -- without gaps within a studio
    content        TEXT   NOT NULL,           -- the JSON that is hashed and signed, byte for byte
    digest         TEXT   NOT NULL,
    previous       TEXT   NOT NULL,           -- digest of the statement before, or zeros
    key            TEXT   NOT NULL,           -- public half of the key that signed
    signature      TEXT   NOT NULL,
    closed_at      BIGINT NOT NULL,
    CONSTRAINT statement_chain_link UNIQUE (studio_id, number),
    CONSTRAINT statement_number CHECK (number > 0)
);
CREATE UNIQUE INDEX statement_one ON statement
    (studio_id, month, currency, COALESCE(participant_id, ''));
CREATE INDEX statement_of_participant ON statement (participant_id, month);

-- An era of a title: sales from its beginning on are summed apart, until the next one begins.
CREATE TABLE ledger_era (
    title_id  TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    begins_at BIGINT NOT NULL,
    PRIMARY KEY (title_id, number),
    CONSTRAINT ledger_era_number CHECK (number > 0)
);
CREATE INDEX ledger_era_begins ON ledger_era (title_id, begins_at, number);

CREATE FUNCTION payouts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'splits and statements are append-only'; END $$;
CREATE TRIGGER split_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON split
FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER split_share_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON split_share
FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER split_first_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON split_first
FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement
FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_era_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_era
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
