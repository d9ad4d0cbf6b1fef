-- Whose words a receipt is in: what a browser would say about languages, `de-DE,de;q=0.5`. The
-- receipt is written when the money comes, and nobody is there to ask then. Empty means English.
ALTER TABLE orders ADD COLUMN reader TEXT NOT NULL DEFAULT '';
