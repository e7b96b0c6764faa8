-- +goose Up
-- The log of a room carries entries of any kind, with data of their own, and its head
-- stands apart from the post. This step stops the service: programs of before it
-- cannot read what is here after it.

CREATE TABLE room (
	id        INTEGER PRIMARY KEY, -- also of the post
	last_seq  INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0), -- of the newest entry
	active_at INTEGER NOT NULL -- when that was made, or the room
) STRICT;

INSERT INTO room (id, last_seq, active_at)
SELECT p.id, p.last_seq, coalesce((SELECT m.at FROM message m WHERE m.party_id = p.id AND m.seq = p.last_seq), p.created_at)
FROM party p;

CREATE TABLE entry (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	room_id   INTEGER NOT NULL REFERENCES room,
	seq       INTEGER NOT NULL CHECK (seq >= 1),
	-- Of whatever kind: newer programs know more of them.
	kind      TEXT    NOT NULL CHECK (length(kind) <= 40 AND kind GLOB '[a-z]*' AND kind NOT GLOB '*[^a-z0-9_]*'),
	who_id    INTEGER REFERENCES user,
	body      TEXT    NOT NULL CHECK (length(CAST(body AS BLOB)) <= 4096),
	data      TEXT    CHECK (length(CAST(data AS BLOB)) <= 4096 AND CASE WHEN json_valid(data) THEN json_type(data) = 'object' ELSE data IS NULL END),
	client_id TEXT    CHECK (length(CAST(client_id AS BLOB)) BETWEEN 1 AND 64),
	at        INTEGER NOT NULL,
	UNIQUE (room_id, seq)
) STRICT;

INSERT INTO entry (id, room_id, seq, kind, who_id, body, client_id, at)
SELECT id, party_id, seq, kind, who_id, body, client_id, at
FROM message
ORDER BY id;

-- An id is never given again, even if the newest message of all was not kept.
UPDATE sqlite_sequence
SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'message')
WHERE name = 'entry' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'message');

CREATE UNIQUE INDEX entry_client ON entry (room_id, who_id, client_id) WHERE client_id IS NOT NULL;

DROP TABLE message;
ALTER TABLE party DROP COLUMN last_seq;
