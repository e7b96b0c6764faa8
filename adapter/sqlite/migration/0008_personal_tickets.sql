-- +goose Up
-- A ticket without a room is for the person's own socket. Tickets live for 30 seconds,
-- and whoever loses one asks for another, so they are not kept.

DROP TABLE ticket;

CREATE TABLE ticket (
	digest     BLOB    PRIMARY KEY CHECK (length(digest) = 32),
	sign_in_id INTEGER NOT NULL,
	user_id    INTEGER NOT NULL REFERENCES user,
	party_id   INTEGER REFERENCES party,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX ticket_expires ON ticket (expires_at);
