-- People. One row a person; viewers, members of studios and operators alike.

CREATE TABLE account (
    id                TEXT   NOT NULL PRIMARY KEY,
    email             TEXT   NOT NULL UNIQUE,        -- lower case
    name              TEXT   NOT NULL,
    password_hash     TEXT   NOT NULL,               -- argon2id, PHC string with its parameters
    email_verified_at BIGINT,                        -- the owner of the address has opened our link
    is_operator       BIGINT NOT NULL DEFAULT 0,
    has_studio        BIGINT NOT NULL DEFAULT 0,     -- kept by studios, read by the header of every page
    session_epoch     BIGINT NOT NULL DEFAULT 0,     -- sessions of an earlier epoch are over
    created_at        BIGINT NOT NULL,
    CONSTRAINT account_operator_flag CHECK (is_operator IN (0, 1)),
    CONSTRAINT account_studio_flag CHECK (has_studio IN (0, 1))
);

-- Links sent by mail. The mail holds 32 random bytes, the table their SHA-256; using one deletes it.
CREATE TABLE account_link (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    purpose    TEXT   NOT NULL,
    email      TEXT   NOT NULL,                      -- the address the link was sent to
    expires_at BIGINT NOT NULL,
    CONSTRAINT account_link_purpose CHECK (purpose IN ('verify', 'reset', 'move'))
);
CREATE INDEX account_link_of_account ON account_link (account_id, purpose);
CREATE INDEX account_link_expiry ON account_link (expires_at);
