-- +goose Up
-- Where people are signed in, the tickets for sockets, and what is on record.
-- Of secrets there are only SHA-256 digests, and a salt that makes a token only of
-- the one before.

CREATE TABLE sign_in (
	id         INTEGER PRIMARY KEY CHECK (id >= 1),
	user_id    INTEGER NOT NULL REFERENCES user,
	device     TEXT    NOT NULL CHECK (length(CAST(device AS BLOB)) BETWEEN 1 AND 400),
	network    TEXT    NOT NULL CHECK (length(CAST(network AS BLOB)) <= 64),
	mark       BLOB    CHECK (length(mark) = 32),
	family     BLOB    NOT NULL UNIQUE CHECK (length(family) = 32),
	newest     BLOB    NOT NULL CHECK (length(newest) = 32),
	former     BLOB    CHECK (length(former) = 32),
	salt       BLOB    CHECK (length(salt) = 32),
	created_at INTEGER NOT NULL,
	rotated_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	ended_at   INTEGER
) STRICT;

CREATE INDEX sign_in_user ON sign_in (user_id, expires_at);

CREATE TABLE ticket (
	digest     BLOB    PRIMARY KEY CHECK (length(digest) = 32),
	sign_in_id INTEGER NOT NULL,
	user_id    INTEGER NOT NULL REFERENCES user,
	party_id   INTEGER NOT NULL REFERENCES party,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX ticket_expires ON ticket (expires_at);

CREATE TABLE audit (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	at         INTEGER NOT NULL,
	kind       TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) BETWEEN 1 AND 40),
	who_id     INTEGER REFERENCES user,
	sign_in_id INTEGER,
	of_id      INTEGER REFERENCES user,
	party_id   INTEGER REFERENCES party,
	network    TEXT    NOT NULL CHECK (length(CAST(network AS BLOB)) <= 64)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
-- +goose StatementEnd
