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

-- The books learn of exchange between currencies. The kind of a transfer repeats the beginning of
-- its cause and needs no list of its own.
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_kind;
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_purpose;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_purpose
    CHECK (purpose IN ('customer', 'gross', 'tax', 'provider_fee', 'operator_fee', 'studio_net',
                       'participant', 'refunds', 'disputes', 'dispute_fees', 'exchange'));
