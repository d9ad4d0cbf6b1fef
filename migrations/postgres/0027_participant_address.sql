-- When the studio gave a participant another address; what signed in by the one before ended then.
ALTER TABLE participant ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
