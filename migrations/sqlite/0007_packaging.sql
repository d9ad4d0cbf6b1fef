-- What became of each finished upload: a film that browsers can play, or the reason why not.

CREATE TABLE rendition (
    container        TEXT   NOT NULL PRIMARY KEY REFERENCES film_key (container),
    upload_id        TEXT   NOT NULL UNIQUE REFERENCES upload (id),
    title_id         TEXT   NOT NULL REFERENCES title (id),
    kind             TEXT   NOT NULL CHECK (kind IN ('feature', 'trailer')),
    plaintext_length BIGINT NOT NULL,
    root             TEXT   NOT NULL,
    state            TEXT   NOT NULL CHECK (state IN ('checking', 'playable', 'refused')),
    reason           TEXT,                 -- refused: one sentence for the studio
    hint             TEXT,                 -- playable, but: one sentence for the studio
    mime             TEXT,                 -- with its codecs
    extension        TEXT,
    duration_ms      BIGINT,
    width            BIGINT,
    height           BIGINT,
    tracks           TEXT   NOT NULL DEFAULT '[]', -- JSON, in the order of the file
    created_at       BIGINT NOT NULL,
    checked_at       BIGINT,
    CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CHECK ((state = 'playable') = (mime IS NOT NULL))
);
CREATE INDEX rendition_of_title ON rendition (title_id, created_at);
