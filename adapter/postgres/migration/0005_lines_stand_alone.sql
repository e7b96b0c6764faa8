-- +goose Up
-- Who speaks is looked at under the lock of the party, right before a line is stored,
-- and neither parties nor people are ever removed. To look once more for each line,
-- and to lock who speaks for it, cost more than the line itself.
ALTER TABLE message
	DROP CONSTRAINT message_party_id_fkey,
	DROP CONSTRAINT message_who_id_fkey;
