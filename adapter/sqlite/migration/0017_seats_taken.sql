-- +goose Up
-- Posts keep how many of their seats are taken, beside complete, so that nobody counts
-- members to show a board. The triggers of complete keep it, too.

ALTER TABLE party ADD COLUMN seated INTEGER NOT NULL DEFAULT 0 CHECK (seated >= 0);

DROP TRIGGER party_changed;
DROP TRIGGER member_came;
DROP TRIGGER member_changed;

UPDATE party SET seated = (SELECT count(*) FROM member m WHERE m.party_id = party.id AND m.standing = 'in');
UPDATE party SET complete = closed OR seats <= seated WHERE complete <> (closed OR seats <= seated);

-- +goose StatementBegin
CREATE TRIGGER party_changed AFTER UPDATE OF closed, seats ON party BEGIN
	UPDATE party SET complete = closed OR seats <= seated WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_came AFTER INSERT ON member WHEN NEW.standing = 'in' BEGIN
	UPDATE party SET (seated, complete) = (
		SELECT count(*), party.closed OR party.seats <= count(*) FROM member m WHERE m.party_id = NEW.party_id AND m.standing = 'in')
	WHERE id = NEW.party_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_changed AFTER UPDATE OF standing ON member WHEN 'in' IN (OLD.standing, NEW.standing) AND OLD.standing <> NEW.standing BEGIN
	UPDATE party SET (seated, complete) = (
		SELECT count(*), party.closed OR party.seats <= count(*) FROM member m WHERE m.party_id = NEW.party_id AND m.standing = 'in')
	WHERE id = NEW.party_id;
END;
-- +goose StatementEnd
