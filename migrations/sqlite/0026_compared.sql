-- Whether a line of the balance was held against the books of its order. A walk that was cut off
-- between keeping and comparing goes on with what is left.
ALTER TABLE balance_line ADD COLUMN compared BIGINT NOT NULL DEFAULT 0
    CONSTRAINT balance_line_compared CHECK (compared IN (0, 1));
UPDATE balance_line SET compared = 1;
CREATE INDEX balance_line_to_compare ON balance_line (account, created_at) WHERE compared = 0;
