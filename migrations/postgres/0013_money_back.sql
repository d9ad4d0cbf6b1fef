-- The books learn of money that goes back: more purposes and more kinds of transfers. SQLite cannot
-- change a CHECK, so the tables are made anew with their rows; PostgreSQL changes the rule itself.

ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_purpose;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_purpose
    CHECK (purpose IN ('customer', 'gross', 'tax', 'provider_fee', 'operator_fee', 'studio_net',
                       'participant', 'refunds', 'disputes', 'dispute_fees'));
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_kind;
ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_kind
    CHECK (kind IN ('sale', 'provider_fee', 'refund', 'refund_failed', 'dispute'));
