-- What the law asks at the till, and the terms on which money goes back.

-- What the buyer agreed to before paying; nothing where the right of withdrawal stands.
ALTER TABLE orders ADD COLUMN consent_version TEXT;                 -- of the words they saw
ALTER TABLE orders ADD COLUMN consent_at BIGINT;
ALTER TABLE orders ADD COLUMN consent_from TEXT;                    -- network address

-- The operator, too, may ask for a refund.
ALTER TABLE refund DROP CONSTRAINT refund_asked_by;
ALTER TABLE refund ADD CONSTRAINT refund_asked_by
    CHECK (asked_by IN ('viewer', 'studio', 'store', 'operator', 'provider'));

-- A studio's own terms: up to which share of the film a viewer may still give it back.
CREATE TABLE refund_terms (
    studio_id  TEXT   NOT NULL PRIMARY KEY REFERENCES studio (id),
    watched_bp BIGINT NOT NULL,
    CONSTRAINT refund_terms_share CHECK (watched_bp BETWEEN 0 AND 10000)
);

-- Contracts that buyers withdrew from.
CREATE TABLE withdrawal (
    order_id    TEXT   NOT NULL PRIMARY KEY REFERENCES orders (id),
    declared_at BIGINT NOT NULL
);

-- Links by mail for buyers without a session; only the SHA-256 is kept, and using one deletes it.
CREATE TABLE withdrawal_link (
    token_hash BYTEA  NOT NULL PRIMARY KEY,
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX withdrawal_link_expiry ON withdrawal_link (expires_at);

-- How films were watched: one row for each time somebody opened one. It says whether a film may be
-- given back, and is evidence when a payment is disputed.
CREATE TABLE viewing (
    lease_id         TEXT   NOT NULL PRIMARY KEY,
    account_id       TEXT   NOT NULL REFERENCES account (id),
    title_id         TEXT   NOT NULL REFERENCES title (id),
    device           TEXT   NOT NULL,                -- words for people: Firefox on Linux
    address          TEXT   NOT NULL,                -- network address
    begun_at         BIGINT NOT NULL,
    last_at          BIGINT NOT NULL,
    position_seconds BIGINT NOT NULL,                -- where it stood last
    watched_seconds  BIGINT NOT NULL
);
CREATE INDEX viewing_of_account ON viewing (account_id, title_id);
CREATE INDEX viewing_by_age ON viewing (last_at);

-- Sign-ins, kept as long as a payment may be disputed.
CREATE TABLE sign_in (
    account_id   TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    signed_in_at BIGINT NOT NULL,
    address      TEXT   NOT NULL
);
CREATE INDEX sign_in_of_account ON sign_in (account_id, signed_in_at);
CREATE INDEX sign_in_by_age ON sign_in (signed_in_at);

-- Evidence against a dispute, as it was handed to the bank. Written before it is sent, so that
-- sending it again sends the same.
CREATE TABLE dispute_evidence (
    dispute_id   TEXT   NOT NULL PRIMARY KEY REFERENCES dispute (id),
    evidence     TEXT   NOT NULL,                    -- JSON
    asked_at     BIGINT NOT NULL,
    submitted_at BIGINT
);

-- Comparisons with the provider, for the operator.
CREATE TABLE reconcile_run (
    began_at  BIGINT NOT NULL PRIMARY KEY,
    ended_at  BIGINT NOT NULL,
    asked     BIGINT NOT NULL,
    mended    BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    differing BIGINT NOT NULL
);
