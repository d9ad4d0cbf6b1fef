-- Offers: what a title costs. A new price is a new row; orders refer to the offer they saw.

CREATE TABLE offer (
    id          TEXT   NOT NULL PRIMARY KEY,
    title_id    TEXT   NOT NULL REFERENCES title (id),
    kind        TEXT   NOT NULL CHECK (kind IN ('buy')),
    price_minor BIGINT NOT NULL CHECK (price_minor > 0 AND price_minor <= 99999999),
    currency    TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    retired_at  BIGINT
);
-- One live offer of a kind for a title.
CREATE UNIQUE INDEX offer_live ON offer (title_id, kind) WHERE retired_at IS NULL;
CREATE INDEX offer_of_title ON offer (title_id, created_at);
