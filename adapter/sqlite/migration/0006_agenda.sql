-- +goose Up
-- What is to be done later. An item that was claimed ten times (agenda.Tries) and is
-- not done is set aside.

CREATE TABLE agenda (
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	kind          TEXT    NOT NULL CHECK (length(CAST(kind AS BLOB)) BETWEEN 1 AND 60 AND kind GLOB '[a-z]*' AND kind NOT GLOB '*[^a-z0-9_.]*'),
	key           TEXT    NOT NULL CHECK (length(CAST(key AS BLOB)) <= 200 AND key NOT GLOB '[^A-Za-z0-9]*' AND key NOT GLOB '*[^A-Za-z0-9._:/-]*'),
	due_at        INTEGER NOT NULL,
	data          TEXT             CHECK (length(CAST(data AS BLOB)) <= 4096 AND json_valid(data)),
	version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1), -- goes up with each put and claim
	attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 10),
	claimed_until INTEGER,
	failure       TEXT    NOT NULL DEFAULT '' CHECK (length(CAST(failure AS BLOB)) <= 500),
	UNIQUE (kind, key)
) STRICT;

CREATE INDEX agenda_due ON agenda (due_at, id) WHERE attempts < 10;
CREATE INDEX agenda_set_aside ON agenda (id) WHERE attempts >= 10;

-- What is long over is forgotten by the clock, whoever's it is.
CREATE INDEX sign_in_expires ON sign_in (expires_at);
