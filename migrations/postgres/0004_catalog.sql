-- Titles: the works a studio sells. Genres and credits stand in the row, so that one read gives a
-- whole title; genres also in a table of their own, for filters.

CREATE TABLE title (
    id              TEXT   NOT NULL PRIMARY KEY,
    studio_id       TEXT   NOT NULL REFERENCES studio (id),
    slug            TEXT   NOT NULL UNIQUE,
    name            TEXT   NOT NULL,
    synopsis        TEXT   NOT NULL,
    year            BIGINT NOT NULL,
    runtime_minutes BIGINT NOT NULL,
    genres          TEXT   NOT NULL,          -- slugs with commas
    credits         TEXT   NOT NULL,          -- JSON: [[role, name], …]
    language        TEXT   NOT NULL,
    rating          BIGINT NOT NULL CHECK (rating IN (0, 6, 12, 16, 18)),
    search_text     TEXT   NOT NULL,          -- folded name, credits and studio
    sort_name       TEXT   NOT NULL,
    poster          TEXT,                     -- version of the stored poster
    film            TEXT,                     -- container its rights were last attested for
    state           TEXT   NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    created_at      BIGINT NOT NULL,
    published_at    BIGINT,
    withdrawn_at    BIGINT,
    CONSTRAINT published_with CHECK (state <> 'published'
        OR (published_at IS NOT NULL AND poster IS NOT NULL AND film IS NOT NULL))
);
CREATE INDEX title_newest ON title (state, published_at, id);
CREATE INDEX title_by_year ON title (state, year, id);
CREATE INDEX title_by_name ON title (state, sort_name, id);
CREATE INDEX title_of_studio ON title (studio_id, created_at);

CREATE TABLE title_genre (
    title_id TEXT NOT NULL REFERENCES title (id),
    genre    TEXT NOT NULL,
    PRIMARY KEY (genre, title_id)
);
CREATE INDEX genre_of_title ON title_genre (title_id);

-- What a member of the studio signed when a title was published: the words, who, when, from where,
-- and the root of exactly the bytes it is about. Never changed.
CREATE TABLE attestation (
    id           TEXT   NOT NULL PRIMARY KEY,
    title_id     TEXT   NOT NULL REFERENCES title (id),
    account_id   TEXT   NOT NULL REFERENCES account (id),
    signed_name  TEXT   NOT NULL,
    text_version TEXT   NOT NULL,
    text         TEXT   NOT NULL,
    container    TEXT   NOT NULL,
    root         BYTEA   NOT NULL,
    address      TEXT   NOT NULL,
    signed_at    BIGINT NOT NULL
);
CREATE INDEX attestation_of_title ON attestation (title_id, signed_at);
