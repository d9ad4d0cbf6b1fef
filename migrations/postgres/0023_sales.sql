-- What tells sales apart: what was bought, how its buyer came, and where they are.

ALTER TABLE orders ADD COLUMN kind TEXT NOT NULL DEFAULT 'buy';         -- of the offer at the time
ALTER TABLE orders ADD COLUMN source TEXT NOT NULL DEFAULT 'unknown';   -- direct, tag:…, site:…

-- The figures of each transfer of an order, a row per currency, written with its entries and never
-- changed. They follow from the entries and only make sums quick.
CREATE TABLE ledger_figure (
    transfer_id        TEXT   NOT NULL REFERENCES ledger_transfer (id),
    currency           TEXT   NOT NULL,
    studio_id          TEXT   NOT NULL,
    title_id           TEXT   NOT NULL,
    posted_at          BIGINT NOT NULL,
    territory          TEXT   NOT NULL,           -- ISO 3166; empty where it is not known
    source             TEXT   NOT NULL,
    kind               TEXT   NOT NULL,
    orders             BIGINT NOT NULL,           -- 1 for a sale, in the currency of its price
    gross_minor        BIGINT NOT NULL,
    tax_minor          BIGINT NOT NULL,
    provider_fee_minor BIGINT NOT NULL,
    operator_fee_minor BIGINT NOT NULL,
    returned_minor     BIGINT NOT NULL,
    exchanged_minor    BIGINT NOT NULL,
    net_minor          BIGINT NOT NULL,
    PRIMARY KEY (transfer_id, currency)
);
CREATE INDEX ledger_figure_of_studio ON ledger_figure (studio_id, posted_at);

INSERT INTO ledger_figure
SELECT t.id, e.currency, t.studio_id, t.title_id, t.posted_at, COALESCE(o.billing_country, ''), 'unknown',
    'buy',
    SUM(CASE WHEN t.kind = 'sale' AND e.line = 1 AND s.side = 1 THEN 1 ELSE 0 END),
    SUM(CASE WHEN a.purpose = 'customer' THEN -s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose = 'tax' THEN s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose IN ('provider_fee', 'dispute_fees')
             THEN s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose = 'operator_fee' THEN s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose IN ('refunds', 'disputes') THEN s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose = 'exchange' THEN s.side * e.amount_minor ELSE 0 END),
    SUM(CASE WHEN a.purpose IN ('studio_net', 'participant')
             THEN s.side * e.amount_minor ELSE 0 END)
FROM ledger_transfer t
JOIN ledger_entry e ON e.transfer_id = t.id
CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) s
JOIN ledger_account a ON a.id = CASE s.side WHEN 1 THEN e.to_account ELSE e.from_account END
LEFT JOIN orders o ON o.id = t.order_id
WHERE t.kind <> 'shares'
GROUP BY t.id, e.currency, t.studio_id, t.title_id, t.posted_at, o.billing_country;

CREATE TRIGGER ledger_figure_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_figure
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
