-- +goose Up
-- What requests with an idempotency key were answered, so that one that is sent again has
-- its effect once. A row without until is kept for ever.

CREATE TABLE answer (
	id      INTEGER PRIMARY KEY,
	user_id INTEGER NOT NULL REFERENCES user,
	route   TEXT    NOT NULL CHECK (length(CAST(route AS BLOB)) BETWEEN 1 AND 200),
	key     TEXT    NOT NULL CHECK (length(CAST(key AS BLOB)) BETWEEN 16 AND 128),
	content BLOB    NOT NULL CHECK (length(content) = 32), -- a digest of the request
	status  INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
	body    BLOB    NOT NULL,
	until   INTEGER,
	UNIQUE (user_id, route, key)
) STRICT;

CREATE INDEX answer_until ON answer (until) WHERE until IS NOT NULL;
