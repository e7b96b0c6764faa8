-- +goose Up
-- By way of which providers people can sign in.

CREATE TABLE identity (
	provider  TEXT    NOT NULL CHECK (length(CAST(provider AS BLOB)) BETWEEN 1 AND 40),
	subject   TEXT    NOT NULL CHECK (length(CAST(subject AS BLOB)) BETWEEN 1 AND 255),
	user_id   INTEGER NOT NULL REFERENCES user,
	linked_at INTEGER NOT NULL,
	PRIMARY KEY (provider, subject),
	UNIQUE (user_id, provider)
) STRICT, WITHOUT ROWID;
