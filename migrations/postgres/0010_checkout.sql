-- Orders: what was asked for, at which price, and what became of it. The names are kept as they
-- were at the time, because a receipt must not change when a film is renamed.

CREATE TABLE orders (
    id                 TEXT   NOT NULL PRIMARY KEY,
    account_id         TEXT   NOT NULL,
    studio_id          TEXT   NOT NULL,
    title_id           TEXT   NOT NULL,
    offer_id           TEXT   NOT NULL,
    title_name         TEXT   NOT NULL,
    title_slug         TEXT   NOT NULL,
    studio_name        TEXT   NOT NULL,
    email              TEXT   NOT NULL,           -- where the receipt goes
    amount_minor       BIGINT NOT NULL,           -- taken from the offer by the server
    currency           TEXT   NOT NULL,
    operator_fee_bp    BIGINT NOT NULL,           -- as it was when the order was made
    state              TEXT   NOT NULL,
    attempt            BIGINT NOT NULL,           -- number of the payment page, part of its key
    session_id         TEXT   UNIQUE,             -- cs_…, once the payment page exists
    session_url        TEXT,
    session_expires_at BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    paid_at            BIGINT,
    fee_posted_at      BIGINT,                    -- what the provider kept is in the books
    CONSTRAINT orders_amount CHECK (amount_minor > 0),
    CONSTRAINT orders_fee CHECK (operator_fee_bp BETWEEN 0 AND 500),
    CONSTRAINT orders_state
        CHECK (state IN ('open', 'pending', 'paid', 'surplus', 'expired', 'failed')),
    CONSTRAINT orders_paid CHECK ((state IN ('paid', 'surplus')) = (paid_at IS NOT NULL))
);
-- A film is bought once: while an order for it is open, pending or paid, there is no second one.
CREATE UNIQUE INDEX orders_one_live ON orders (account_id, title_id)
    WHERE state IN ('open', 'pending', 'paid');
CREATE INDEX orders_of_account ON orders (account_id, created_at);
CREATE INDEX orders_unsettled ON orders (created_at) WHERE state IN ('open', 'pending');
CREATE INDEX orders_without_fee ON orders (paid_at) WHERE paid_at IS NOT NULL AND fee_posted_at IS NULL;

-- Events of the payment provider that had their effect, written in the transaction of the effect.
CREATE TABLE payment_event (
    id       TEXT   NOT NULL PRIMARY KEY,         -- evt_…
    kind     TEXT   NOT NULL,
    order_id TEXT   NOT NULL REFERENCES orders (id),
    noted_at BIGINT NOT NULL
);
