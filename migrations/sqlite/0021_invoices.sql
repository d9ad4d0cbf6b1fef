-- Invoices and credit notes. A document is written once, with everything that it says; its number
-- comes from a counter in the same transaction, so a series has no gaps.

-- Where the buyer's network address is registered when they go to pay: a third proof of place.
ALTER TABLE orders ADD COLUMN network_country TEXT;
-- The rate of the tax, in thousandths of a percent, where the provider names one.
ALTER TABLE orders ADD COLUMN tax_rate BIGINT;

-- What a studio's invoices say of it.
CREATE TABLE invoice_seller (
    studio_id    TEXT   NOT NULL PRIMARY KEY REFERENCES studio (id),
    legal_name   TEXT   NOT NULL,
    street       TEXT   NOT NULL,                   -- one line or two
    postal_code  TEXT   NOT NULL,
    city         TEXT   NOT NULL,
    country      TEXT   NOT NULL,                   -- ISO 3166
    vat_id       TEXT,
    registration TEXT,
    email        TEXT,
    prefix       TEXT   NOT NULL,                   -- stands before every number; may be empty
    note         TEXT   NOT NULL,                   -- stands below every document; may be empty
    changed_at   BIGINT NOT NULL
);

-- Counters: the last number of a studio's series in a year (UTC). Invoices are one series, credit
-- notes and their corrections are another, because some countries ask for that.
CREATE TABLE invoice_series (
    studio_id   TEXT   NOT NULL,
    series      TEXT   NOT NULL,
    year        BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (studio_id, series, year),
    CONSTRAINT invoice_series_word CHECK (series IN ('invoice', 'credit')),
    CONSTRAINT invoice_series_counts CHECK (last_number > 0)
);

CREATE TABLE invoice (
    id          TEXT   NOT NULL PRIMARY KEY,
    studio_id   TEXT   NOT NULL,                    -- no reference: documents outlive the studio
    order_id    TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    series      TEXT   NOT NULL,
    year        BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    refund      TEXT,                               -- re_…; what a credit note is for
    currency    TEXT   NOT NULL,
    net_minor   BIGINT NOT NULL,                    -- below zero in a credit note, as the others
    tax_minor   BIGINT NOT NULL,
    gross_minor BIGINT NOT NULL,
    issued_at   BIGINT NOT NULL,
    content     TEXT   NOT NULL,                    -- JSON: all that the document says
    CONSTRAINT invoice_number UNIQUE (studio_id, series, year, number),
    CONSTRAINT invoice_kind CHECK (kind IN ('invoice', 'credit_note', 'correction')),
    CONSTRAINT invoice_series_of_kind CHECK (series = CASE kind WHEN 'invoice' THEN 'invoice' ELSE 'credit' END),
    CONSTRAINT invoice_refund CHECK ((kind = 'invoice') = (refund IS NULL)),
    CONSTRAINT invoice_sum CHECK (gross_minor = net_minor + tax_minor),
    CONSTRAINT invoice_sign CHECK (
        (kind = 'credit_note' AND gross_minor < 0 AND net_minor <= 0 AND tax_minor <= 0)
        OR (kind <> 'credit_note' AND gross_minor > 0 AND net_minor >= 0 AND tax_minor >= 0))
);
CREATE UNIQUE INDEX invoice_one_of_order ON invoice (order_id) WHERE kind = 'invoice';
CREATE UNIQUE INDEX invoice_one_of_refund ON invoice (refund, kind);
CREATE INDEX invoice_of_order ON invoice (order_id);
CREATE INDEX invoice_of_studio ON invoice (studio_id, year);

CREATE TRIGGER invoice_no_update BEFORE UPDATE ON invoice
BEGIN SELECT RAISE(ABORT, 'invoices are append-only'); END;
CREATE TRIGGER invoice_no_delete BEFORE DELETE ON invoice
BEGIN SELECT RAISE(ABORT, 'invoices are append-only'); END;
CREATE TRIGGER invoice_series_by_one BEFORE UPDATE ON invoice_series
WHEN NEW.last_number <> OLD.last_number + 1 OR NEW.studio_id <> OLD.studio_id
  OR NEW.series <> OLD.series OR NEW.year <> OLD.year
BEGIN SELECT RAISE(ABORT, 'a series counts up by one'); END;
CREATE TRIGGER invoice_series_from_one BEFORE INSERT ON invoice_series
WHEN NEW.last_number <> 1
BEGIN SELECT RAISE(ABORT, 'a series begins with one'); END;
CREATE TRIGGER invoice_series_no_delete BEFORE DELETE ON invoice_series
BEGIN SELECT RAISE(ABORT, 'a series counts up by one'); END;
