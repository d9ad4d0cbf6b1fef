-- Up to which share of the film its buyer may have watched and still give it back: fixed with the
-- order, so that a studio that changes its terms changes them for later orders only. Orders from
-- before keep what held for them until today.

ALTER TABLE orders ADD COLUMN return_share_bp BIGINT NOT NULL DEFAULT 1000;
UPDATE orders SET return_share_bp = COALESCE(
    (SELECT watched_bp FROM refund_terms WHERE refund_terms.studio_id = orders.studio_id),
    return_share_bp);
