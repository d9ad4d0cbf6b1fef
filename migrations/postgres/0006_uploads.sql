-- Uploads of sealed films, and the wrapped keys of all containers.

-- The key of a container, wrapped by a key-encryption key. The commitment shows at every unwrap
-- that it is the one key that was promised.
CREATE TABLE film_key (
    container   TEXT   NOT NULL PRIMARY KEY,
    kek_version BIGINT NOT NULL,
    wrapped_dek BYTEA  NOT NULL,
    commitment  BYTEA  NOT NULL
);

CREATE TABLE upload (
    id                TEXT   NOT NULL PRIMARY KEY,
    studio_id         TEXT   NOT NULL REFERENCES studio (id),
    title_id          TEXT   NOT NULL REFERENCES title (id),
    container         TEXT   NOT NULL UNIQUE REFERENCES film_key (container),
    kind              TEXT   NOT NULL CHECK (kind IN ('feature', 'trailer')),
    metadata          TEXT   NOT NULL,         -- Upload-Metadata as it came; HEAD echoes it
    plaintext_length  BIGINT NOT NULL CHECK (plaintext_length > 0),
    ciphertext_length BIGINT NOT NULL CHECK (ciphertext_length > plaintext_length),
    received_bytes    BIGINT NOT NULL DEFAULT 0, -- all of them synced to disk before it moves
    state             TEXT   NOT NULL CHECK (state IN ('receiving', 'refused', 'finished')),
    root              TEXT,                    -- of the stored bytes, once finished
    created_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,         -- moves on with every byte; finished ones stay
    finished_at       BIGINT,
    CHECK (received_bytes BETWEEN 0 AND ciphertext_length),
    CHECK ((state = 'finished') = (root IS NOT NULL))
);
CREATE INDEX upload_of_title ON upload (title_id, created_at);
CREATE INDEX upload_of_studio ON upload (studio_id);
CREATE INDEX upload_expiry ON upload (expires_at) WHERE state <> 'finished';

-- One row that every creation writes to first, so that on either engine only one at a time adds
-- up the room that is promised.
CREATE TABLE upload_gate (
    id BIGINT NOT NULL PRIMARY KEY
);
INSERT INTO upload_gate (id) VALUES (1);
