-- People who left: their row stays as a stand-in, because fiscal records name it, and says nothing
-- of them any more. Their orders stay, and give no right to watch.

ALTER TABLE account ADD COLUMN erased_at BIGINT;
ALTER TABLE orders ADD COLUMN erased_at BIGINT;   -- the account of its buyer was erased
