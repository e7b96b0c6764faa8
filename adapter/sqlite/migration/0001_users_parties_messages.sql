-- +goose Up
-- Times are microseconds since 1970, in UTC. Lengths are bytes of UTF-8.

CREATE TABLE user (
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	email         TEXT    NOT NULL CHECK (length(CAST(email AS BLOB)) BETWEEN 1 AND 254),
	email_key     TEXT    NOT NULL CHECK (length(CAST(email_key AS BLOB)) BETWEEN 1 AND 254),
	username      TEXT    NOT NULL CHECK (length(CAST(username AS BLOB)) BETWEEN 1 AND 1500),
	name_key      TEXT    NOT NULL CHECK (length(CAST(name_key AS BLOB)) BETWEEN 1 AND 1500),
	neighborhood  TEXT    NOT NULL CHECK (length(CAST(neighborhood AS BLOB)) BETWEEN 1 AND 1000),
	password_hash TEXT    NOT NULL,
	generation    INTEGER NOT NULL CHECK (generation >= 1),
	created_at    INTEGER NOT NULL,
	withdrawn_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX user_email ON user (email_key) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX user_name ON user (name_key) WHERE withdrawn_at IS NULL;

CREATE TABLE party (
	id              INTEGER PRIMARY KEY,
	leader_id       INTEGER NOT NULL REFERENCES user,
	neighborhood    TEXT    NOT NULL CHECK (length(CAST(neighborhood AS BLOB)) BETWEEN 1 AND 1000),
	category        TEXT    NOT NULL CHECK (category IN (
		'족발,보쌈', '찜,탕,찌개', '돈까스,회,일식', '피자', '고기구이', '양식', '치킨',
		'중식', '아시안', '백반,죽,국수', '도시락', '분식', '카페,디저트', '패스트푸드')),
	title           TEXT    NOT NULL CHECK (length(CAST(title AS BLOB)) BETWEEN 1 AND 2500),
	content         TEXT    NOT NULL CHECK (length(CAST(content AS BLOB)) BETWEEN 1 AND 40000),
	seats           INTEGER NOT NULL CHECK (seats BETWEEN 2 AND 10),
	closed          INTEGER NOT NULL CHECK (closed IN (0, 1)),
	last_seq        INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0), -- of the newest message
	created_at      INTEGER NOT NULL,
	room_deleted_at INTEGER,
	deleted_at      INTEGER
) STRICT;

-- The boards: counted from the index alone, and paged by walking it backwards.
-- SQLite looks at deleted_at in spite of the WHERE, so it is there to be seen.
CREATE INDEX party_board_category ON party (neighborhood, category, id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX party_board ON party (neighborhood, id, deleted_at) WHERE deleted_at IS NULL;

CREATE TABLE member (
	party_id  INTEGER NOT NULL REFERENCES party,
	user_id   INTEGER NOT NULL REFERENCES user,
	place     INTEGER NOT NULL CHECK (place >= 0), -- in the order of first joining
	standing  TEXT    NOT NULL CHECK (standing IN ('in', 'left', 'banned')),
	joined_at INTEGER NOT NULL, -- the newest time
	PRIMARY KEY (party_id, user_id),
	UNIQUE (party_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_user ON member (user_id, standing);

CREATE TABLE message (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	party_id  INTEGER NOT NULL REFERENCES party,
	seq       INTEGER NOT NULL CHECK (seq >= 1),
	kind      TEXT    NOT NULL CHECK (kind IN ('said', 'joined', 'departed', 'room_deleted')),
	who_id    INTEGER NOT NULL REFERENCES user,
	body      TEXT    NOT NULL CHECK (length(CAST(body AS BLOB)) <= 4096),
	client_id TEXT             CHECK (length(CAST(client_id AS BLOB)) BETWEEN 1 AND 64),
	at        INTEGER NOT NULL,
	UNIQUE (party_id, seq),
	CHECK ((kind = 'said') = (body <> '')),
	CHECK (kind = 'said' OR client_id IS NULL)
) STRICT;

CREATE UNIQUE INDEX message_client ON message (party_id, who_id, client_id) WHERE client_id IS NOT NULL;
