-- Who may watch what. A row follows from a paid order and from nothing else.

CREATE TABLE entitlement (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL,
    title_id   TEXT   NOT NULL,
    order_id   TEXT   NOT NULL UNIQUE,        -- why; an order grants once
    granted_at BIGINT NOT NULL,
    CONSTRAINT entitlement_one UNIQUE (account_id, title_id)
);
CREATE INDEX entitlement_of_account ON entitlement (account_id, granted_at);
