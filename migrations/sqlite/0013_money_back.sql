-- The books learn of money that goes back: more purposes and more kinds of transfers. SQLite cannot
-- change a CHECK, so the tables are made anew with their rows; PostgreSQL changes the rule itself.

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
                           'participant', 'refunds', 'disputes', 'dispute_fees'))
);

CREATE TABLE ledger_transfer (
    id         TEXT   NOT NULL PRIMARY KEY,
    cause      TEXT   NOT NULL UNIQUE,        -- sale:order_…, refund:re_…; posted once
    kind       TEXT   NOT NULL,
    studio_id  TEXT   NOT NULL,
    title_id   TEXT   NOT NULL,
    order_id   TEXT   NOT NULL,
    line_count BIGINT NOT NULL,               -- entries it has; one that is missing or extra shows
    posted_at  BIGINT NOT NULL,
    CONSTRAINT ledger_transfer_kind
        CHECK (kind IN ('sale', 'provider_fee', 'refund', 'refund_failed', 'dispute')),
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
