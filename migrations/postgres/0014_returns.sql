-- Money that goes back: refunds and disputes, as the payment provider has them. Their sums stand at
-- the order, so that the right to watch is read from one row; `matinee verify` adds them up again.

ALTER TABLE orders ADD COLUMN payment_intent TEXT;                  -- pi_…, once it is paid
ALTER TABLE orders ADD COLUMN refunded_minor BIGINT NOT NULL DEFAULT 0
    CONSTRAINT orders_refunded CHECK (refunded_minor >= 0 AND refunded_minor <= amount_minor);
ALTER TABLE orders ADD COLUMN lost_minor BIGINT NOT NULL DEFAULT 0;      -- by disputes that were lost
ALTER TABLE orders ADD COLUMN withheld_minor BIGINT NOT NULL DEFAULT 0;  -- by disputes that are open
ALTER TABLE orders ADD COLUMN returned_at BIGINT;                   -- when all of it had gone back
CREATE UNIQUE INDEX orders_of_payment ON orders (payment_intent);

-- A film whose money went back may be bought again.
DROP INDEX orders_one_live;
CREATE UNIQUE INDEX orders_one_live ON orders (account_id, title_id)
    WHERE state IN ('open', 'pending', 'paid') AND returned_at IS NULL;

-- A row of our own is written before Stripe is asked; one that somebody made in Stripe's dashboard
-- is written when it is seen.
CREATE TABLE refund (
    id           TEXT   NOT NULL PRIMARY KEY,
    order_id     TEXT   NOT NULL REFERENCES orders (id),
    provider_id  TEXT   UNIQUE,                     -- re_…, once Stripe has it
    amount_minor BIGINT NOT NULL,                   -- in the order's currency
    state        TEXT   NOT NULL,
    asked_by     TEXT   NOT NULL,
    asked_at     BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    CONSTRAINT refund_amount CHECK (amount_minor > 0),
    CONSTRAINT refund_state CHECK (state IN
        ('requested', 'pending', 'succeeded', 'failed', 'canceled', 'refused')),
    CONSTRAINT refund_asked_by CHECK (asked_by IN ('viewer', 'studio', 'store', 'provider')),
    CONSTRAINT refund_known
        CHECK (provider_id IS NOT NULL OR state IN ('requested', 'refused'))
);
CREATE INDEX refund_of_order ON refund (order_id);
CREATE INDEX refund_unfinished ON refund (changed_at) WHERE state IN ('requested', 'pending');

CREATE TABLE dispute (
    id              TEXT   NOT NULL PRIMARY KEY,
    order_id        TEXT   NOT NULL REFERENCES orders (id),
    provider_id     TEXT   NOT NULL UNIQUE,         -- dp_… or du_…
    amount_minor    BIGINT NOT NULL,                -- in the order's currency
    state           TEXT   NOT NULL,
    reason          TEXT   NOT NULL,                -- the bank's, in Stripe's word
    movements       BIGINT NOT NULL,                -- of the balance; they only become more
    evidence_due_at BIGINT,
    opened_at       BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    CONSTRAINT dispute_amount CHECK (amount_minor > 0),
    CONSTRAINT dispute_state CHECK (state IN ('warning', 'open', 'won', 'lost', 'closed'))
);
CREATE INDEX dispute_of_order ON dispute (order_id);
CREATE INDEX dispute_undecided ON dispute (changed_at) WHERE state IN ('warning', 'open');
