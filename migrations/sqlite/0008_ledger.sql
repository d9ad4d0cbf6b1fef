-- The books: double entry, append-only. An entry moves an amount from one account to another, so
-- every transfer sums to zero in every currency because it cannot be written otherwise. Rows are
-- never changed and never deleted; a correction is another transfer.

CREATE TABLE ledger_account (
    id        TEXT NOT NULL PRIMARY KEY,      -- studio_…:purpose:CUR
    studio_id TEXT NOT NULL,                  -- no reference: the books outlive the studio
    purpose   TEXT NOT NULL,
    currency  TEXT NOT NULL,
    CONSTRAINT ledger_account_one UNIQUE (studio_id, purpose, currency),
    CONSTRAINT ledger_account_currency UNIQUE (id, currency),
    CONSTRAINT ledger_account_purpose
        CHECK (purpose IN ('customer', 'gross', 'provider_fee', 'operator_fee', 'studio_net'))
);

CREATE TABLE ledger_transfer (
    id         TEXT   NOT NULL PRIMARY KEY,
    cause      TEXT   NOT NULL UNIQUE,        -- sale:order_…; nothing is posted twice for one cause
    kind       TEXT   NOT NULL,
    studio_id  TEXT   NOT NULL,
    title_id   TEXT   NOT NULL,
    order_id   TEXT   NOT NULL,
    line_count BIGINT NOT NULL,               -- entries it has; one that is missing or extra shows
    posted_at  BIGINT NOT NULL,
    CONSTRAINT ledger_transfer_kind CHECK (kind IN ('sale', 'provider_fee')),
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
