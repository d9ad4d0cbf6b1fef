-- The studios' own accounts at the payment provider, where the money of their sales goes. A row
-- stays when the account was cut off: orders name the account that sold them.

CREATE TABLE payment_account (
    id                TEXT   NOT NULL PRIMARY KEY,   -- acct_…
    studio_id         TEXT   NOT NULL REFERENCES studio (id),
    number            BIGINT NOT NULL,               -- from 1; the studio sells by the last one
    charges_enabled   BIGINT NOT NULL,
    details_submitted BIGINT NOT NULL,
    currency          TEXT,                          -- what it settles in
    country           TEXT,
    created_at        BIGINT NOT NULL,
    asked_at          BIGINT NOT NULL,               -- when the provider was asked how it stands
    cut_off_at        BIGINT,                        -- when it stopped letting us act for it
    CONSTRAINT payment_account_one UNIQUE (studio_id, number),
    CONSTRAINT payment_account_flags
        CHECK (charges_enabled IN (0, 1) AND details_submitted IN (0, 1)),
    CONSTRAINT payment_account_cut_off CHECK (cut_off_at IS NULL OR charges_enabled = 0)
);

-- The account that sells is fixed when the order is made; nothing is the operator's own.
ALTER TABLE orders ADD COLUMN seller_account TEXT REFERENCES payment_account (id);
CREATE INDEX orders_of_seller ON orders (seller_account) WHERE seller_account IS NOT NULL;

-- How far each account was compared with the provider's lists.
CREATE TABLE payment_mark (
    account   TEXT   NOT NULL PRIMARY KEY,           -- acct_…, or `operator`
    walked_at BIGINT NOT NULL                        -- when the last comparison that ended began
);
