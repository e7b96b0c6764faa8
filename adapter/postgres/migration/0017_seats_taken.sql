-- +goose Up
-- Posts keep how many of their seats are taken, beside complete, so that nobody counts
-- members to show a board. The triggers of complete keep it, for programs of before, too.
-- They lock the post, so that what they count is all that is there.

ALTER TABLE party ADD COLUMN seated integer NOT NULL DEFAULT 0 CHECK (seated >= 0);
ALTER TABLE party SET (fillfactor = 80); -- for the next version of a post that somebody joins

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION party_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.complete := NEW.closed OR NEW.seats <= NEW.seated;
	RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM party WHERE id = NEW.party_id FOR NO KEY UPDATE;
	UPDATE party p
	SET seated = now.seated, complete = p.closed OR p.seats <= now.seated
	FROM (SELECT count(*) AS seated FROM member WHERE party_id = NEW.party_id AND standing = 'in') now
	WHERE p.id = NEW.party_id AND p.seated <> now.seated;
	RETURN NULL;
END
$$;
-- +goose StatementEnd

UPDATE party
SET seated = now.seated, complete = closed OR seats <= now.seated
FROM (SELECT party_id, count(*) AS seated FROM member WHERE standing = 'in' GROUP BY party_id) now
WHERE id = now.party_id;
