-- +goose Up
-- Boards are filtered by whether a party takes people. Triggers keep complete, because
-- programs of before, which run beside this one during an update, know nothing of it.

ALTER TABLE party ADD COLUMN complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1));

UPDATE party SET complete = 1
WHERE closed OR seats <= (SELECT count(*) FROM member m WHERE m.party_id = party.id AND m.standing = 'in');

-- +goose StatementBegin
CREATE TRIGGER party_opened AFTER INSERT ON party WHEN NEW.closed BEGIN
	UPDATE party SET complete = 1 WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER party_changed AFTER UPDATE OF closed, seats ON party BEGIN
	UPDATE party SET complete = NEW.closed OR NEW.seats <= (SELECT count(*) FROM member m WHERE m.party_id = NEW.id AND m.standing = 'in')
	WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_came AFTER INSERT ON member BEGIN
	UPDATE party SET complete = closed OR seats <= (SELECT count(*) FROM member m WHERE m.party_id = party.id AND m.standing = 'in')
	WHERE id = NEW.party_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_changed AFTER UPDATE OF standing ON member WHEN OLD.standing <> NEW.standing BEGIN
	UPDATE party SET complete = closed OR seats <= (SELECT count(*) FROM member m WHERE m.party_id = party.id AND m.standing = 'in')
	WHERE id = NEW.party_id;
END;
-- +goose StatementEnd

CREATE INDEX party_board_state ON party (neighborhood, complete, id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX party_board_category_state ON party (neighborhood, category, complete, id, deleted_at) WHERE deleted_at IS NULL;
