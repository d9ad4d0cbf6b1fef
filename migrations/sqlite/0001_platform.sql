-- What every part of the store stands on: work to do, mail to send, sessions, limits, settings.
-- Times are milliseconds since 1970 (BIGINT); truth values are 0 or 1 (BIGINT).

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Background work. A row is claimed by a conditional UPDATE that sets a lease; a worker that dies
-- lets the lease run out, and the next one takes the row. Handlers may run twice and must not mind.
CREATE TABLE job (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    unique_key   TEXT   UNIQUE,               -- at most one waiting job of a key; NULL: any number
    payload      TEXT   NOT NULL,             -- JSON
    run_at       BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    attempts     BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT,
    failed_at    BIGINT,                      -- given up; kept for the operator
    created_at   BIGINT NOT NULL
);
CREATE INDEX job_due ON job (run_at) WHERE failed_at IS NULL;

-- The outbox. Mail is written in the transaction that causes it and sent by a job.
CREATE TABLE mail (
    id         TEXT   NOT NULL PRIMARY KEY,
    cause      TEXT   UNIQUE,                 -- what the mail is about; never sent twice for one cause
    recipient  TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    body_text  TEXT   NOT NULL,
    body_html  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at    BIGINT
);
CREATE INDEX mail_by_age ON mail (created_at);

-- Browser sessions. The cookie holds a random token; only its SHA-256 stands here.
CREATE TABLE session (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    account_id TEXT,                          -- set at sign-in, so that all of a person's can be ended
    data       TEXT   NOT NULL,               -- JSON
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_of_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

-- Counters that must hold over several nodes: sign-in, sign-up, checkout. One row a key and window.
CREATE TABLE limit_counter (
    limit_key    TEXT   NOT NULL,
    window_start BIGINT NOT NULL,
    count        BIGINT NOT NULL,
    PRIMARY KEY (limit_key, window_start)
);
CREATE INDEX limit_by_age ON limit_counter (window_start);
