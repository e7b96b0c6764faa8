-- +goose Up
-- Boards are filtered by whether a party takes people. Triggers keep complete, because
-- programs of before, which run beside this one during an update, know nothing of it.

ALTER TABLE party ADD COLUMN complete boolean NOT NULL DEFAULT false;

-- +goose StatementBegin
CREATE FUNCTION party_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.complete := NEW.closed OR NEW.seats <= (SELECT count(*) FROM member m WHERE m.party_id = NEW.id AND m.standing = 'in');
	RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE party p
	SET complete = now.complete
	FROM (
		SELECT closed OR seats <= (SELECT count(*) FROM member m WHERE m.party_id = NEW.party_id AND m.standing = 'in') AS complete
		FROM party
		WHERE id = NEW.party_id
	) now
	WHERE p.id = NEW.party_id AND p.complete <> now.complete;
	RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER party_changed BEFORE INSERT OR UPDATE OF closed, seats ON party FOR EACH ROW EXECUTE FUNCTION party_changed();
CREATE TRIGGER member_came AFTER INSERT ON member FOR EACH ROW EXECUTE FUNCTION member_changed();
CREATE TRIGGER member_changed AFTER UPDATE OF standing ON member FOR EACH ROW WHEN (OLD.standing <> NEW.standing) EXECUTE FUNCTION member_changed();

UPDATE party SET complete = true
WHERE closed OR seats <= (SELECT count(*) FROM member m WHERE m.party_id = party.id AND m.standing = 'in');

CREATE INDEX party_board_state ON party (neighborhood, complete, id) WHERE deleted_at IS NULL;
CREATE INDEX party_board_category_state ON party (neighborhood, category, complete, id) WHERE deleted_at IS NULL;
