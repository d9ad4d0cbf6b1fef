-- What the payment provider did to each balance, line by line, and where our books differ from it.

CREATE TABLE balance_line (
    id                    TEXT   NOT NULL PRIMARY KEY,  -- txn_…
    account               TEXT   NOT NULL,              -- acct_…, or `operator`
    kind                  TEXT   NOT NULL,              -- the provider's words
    category              TEXT   NOT NULL,
    source                TEXT,                         -- the charge, refund or dispute behind it
    currency              TEXT   NOT NULL,              -- in which the account is kept
    amount_minor          BIGINT NOT NULL,
    fee_minor             BIGINT NOT NULL,              -- all fees
    application_fee_minor BIGINT NOT NULL,              -- the operator's share of them
    net_minor             BIGINT NOT NULL,
    created_at            BIGINT NOT NULL,
    CONSTRAINT balance_line_net CHECK (net_minor = amount_minor - fee_minor)
);
CREATE INDEX balance_line_of_source ON balance_line (source);

CREATE TABLE balance_difference (
    order_id       TEXT   NOT NULL REFERENCES orders (id),
    currency       TEXT   NOT NULL,
    books_minor    BIGINT NOT NULL,                     -- what our books say the order left
    provider_minor BIGINT NOT NULL,                     -- what the provider's lines say
    found_at       BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL,                     -- when it was still there
    PRIMARY KEY (order_id, currency)
);

ALTER TABLE orders ADD COLUMN charge_id TEXT;            -- ch_…, once it is paid
ALTER TABLE orders ADD COLUMN tax_minor BIGINT NOT NULL DEFAULT 0
    CONSTRAINT orders_tax CHECK (tax_minor >= 0 AND tax_minor <= amount_minor);
ALTER TABLE orders ADD COLUMN billing_country TEXT;      -- ISO 3166; two proofs of where the buyer is
ALTER TABLE orders ADD COLUMN card_country TEXT;
CREATE UNIQUE INDEX orders_of_charge ON orders (charge_id);

-- Whether the provider works out and adds up the tax of a studio's sales.
ALTER TABLE studio ADD COLUMN collects_tax BIGINT NOT NULL DEFAULT 0
    CONSTRAINT studio_collects_tax CHECK (collects_tax IN (0, 1));

-- The books learn of exchange between currencies. SQLite cannot change a CHECK, so the tables are
-- made anew with their rows. The kind of a transfer repeats the beginning of its cause and needs no
-- list of its own.
CREATE TABLE kept_account AS SELECT * FROM ledger_account;
CREATE TABLE kept_transfer AS SELECT * FROM ledger_transfer;
CREATE TABLE kept_entry AS SELECT * FROM ledger_entry;
DROP TABLE ledger_entry;
DROP TABLE ledger_transfer;
DROP TABLE ledger_account;

CREATE TABLE ledger_account (
    id        TEXT NOT NULL PRIMARY KEY,      -- studio_…:purpose:CUR
    studio_id TEXT NOT NULL,                  -- no reference: the books outlive the studio
    purpose   TEXT NOT NULL,
    currency  TEXT NOT NULL,
    CONSTRAINT ledger_account_one UNIQUE (studio_id, purpose, currency),
    CONSTRAINT ledger_account_currency UNIQUE (id, currency),
    CONSTRAINT ledger_account_purpose
        CHECK (purpose IN ('customer', 'gross', 'tax', 'provider_fee', 'operator_fee', 'studio_net',
                           'participant', 'refunds', 'disputes', 'dispute_fees', 'exchange'))
);

CREATE TABLE ledger_transfer (
    id         TEXT   NOT NULL PRIMARY KEY,
    cause      TEXT   NOT NULL UNIQUE,        -- sale:order_…, refund:re_…; posted once
    kind       TEXT   NOT NULL,               -- what stands before the colon
    studio_id  TEXT   NOT NULL,
    title_id   TEXT   NOT NULL,
    order_id   TEXT   NOT NULL,
    line_count BIGINT NOT NULL,               -- entries it has; one that is missing or extra shows
    posted_at  BIGINT NOT NULL,
    CONSTRAINT ledger_transfer_lines CHECK (line_count > 0)
);
CREATE INDEX ledger_transfer_of_studio ON ledger_transfer (studio_id, posted_at);
CREATE INDEX ledger_transfer_of_order ON ledger_transfer (order_id);

CREATE TABLE ledger_entry (
    transfer_id  TEXT   NOT NULL REFERENCES ledger_transfer (id),
    line         BIGINT NOT NULL,             -- 1 to line_count
    from_account TEXT   NOT NULL,
    to_account   TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (transfer_id, line),
    -- both accounts are kept in the currency of the entry
    FOREIGN KEY (from_account, currency) REFERENCES ledger_account (id, currency),
    FOREIGN KEY (to_account, currency) REFERENCES ledger_account (id, currency),
    CONSTRAINT ledger_entry_amount CHECK (amount_minor > 0),
    CONSTRAINT ledger_entry_accounts CHECK (from_account <> to_account)
);
CREATE INDEX ledger_entry_from ON ledger_entry (from_account);
CREATE INDEX ledger_entry_to ON ledger_entry (to_account);

INSERT INTO ledger_account SELECT * FROM kept_account;
INSERT INTO ledger_transfer SELECT * FROM kept_transfer;
INSERT INTO ledger_entry SELECT * FROM kept_entry;
DROP TABLE kept_account;
DROP TABLE kept_transfer;
DROP TABLE kept_entry;

CREATE TRIGGER ledger_account_no_update BEFORE UPDATE ON ledger_account
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
-- A transfer has the lines it was written with; nothing is slipped into it later.
CREATE TRIGGER ledger_entry_in_range BEFORE INSERT ON ledger_entry
WHEN NEW.line < 1
  OR NEW.line > (SELECT line_count FROM ledger_transfer WHERE id = NEW.transfer_id)
BEGIN SELECT RAISE(ABORT, 'the transfer has no such line'); END;
