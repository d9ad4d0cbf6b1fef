-- Whether the provider's balance lines of a refund, and of its failure, are in the books. Stripe may
-- book them later than it tells of them.
ALTER TABLE refund ADD COLUMN out_booked BIGINT NOT NULL DEFAULT 1
    CONSTRAINT refund_out_booked CHECK (out_booked IN (0, 1));
ALTER TABLE refund ADD COLUMN back_booked BIGINT NOT NULL DEFAULT 1
    CONSTRAINT refund_back_booked CHECK (back_booked IN (0, 1));
