-- Studios and the people who work for them.

CREATE TABLE studio (
    id         TEXT   NOT NULL PRIMARY KEY,
    slug       TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- A person works for at most one studio.
CREATE TABLE studio_member (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    studio_id  TEXT   NOT NULL REFERENCES studio (id) ON DELETE CASCADE,
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT studio_member_role CHECK (role IN ('owner', 'editor'))
);
CREATE INDEX studio_member_of_studio ON studio_member (studio_id);

-- Keys of programs that act for a studio, such as `matinee upload`. Only the SHA-256 is kept.
CREATE TABLE studio_token (
    id           TEXT   NOT NULL PRIMARY KEY,
    studio_id    TEXT   NOT NULL REFERENCES studio (id) ON DELETE CASCADE,
    name         TEXT   NOT NULL,
    token_hash   BYTEA   NOT NULL UNIQUE,
    prefix       TEXT   NOT NULL,                    -- its first letters, to tell it from others
    created_by   TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,                             -- noted once an hour at most
    revoked_at   BIGINT
);
CREATE INDEX studio_token_of_studio ON studio_token (studio_id);

-- Invitations by mail, each good for one person once.
CREATE TABLE studio_invitation (
    token_hash BYTEA   NOT NULL PRIMARY KEY,
    studio_id  TEXT   NOT NULL REFERENCES studio (id) ON DELETE CASCADE,
    email      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT studio_invitation_one UNIQUE (studio_id, email),
    CONSTRAINT studio_invitation_role CHECK (role = 'editor')
);
