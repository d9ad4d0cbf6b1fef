-- A right is kept per order, with what became of it: a film whose money went back may be bought
-- again, and the first order keeps its history. The state is computed from the facts of the order
-- (library::Facts) and written here so that a look is one row.

CREATE TABLE entitlement_per_order (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL,
    title_id   TEXT   NOT NULL,
    order_id   TEXT   NOT NULL UNIQUE,        -- why; an order grants once
    state      TEXT   NOT NULL,
    granted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT entitlement_state CHECK (state IN ('owned', 'suspended', 'ended'))
);
INSERT INTO entitlement_per_order
    SELECT id, account_id, title_id, order_id, 'owned', granted_at, granted_at FROM entitlement;
DROP TABLE entitlement;
ALTER TABLE entitlement_per_order RENAME TO entitlement;
CREATE INDEX entitlement_of_account ON entitlement (account_id, title_id);
