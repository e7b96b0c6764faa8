-- +goose Up
-- By way of which providers people can sign in.

CREATE TABLE identity (
	provider  text        COLLATE "C" NOT NULL CHECK (octet_length(provider) BETWEEN 1 AND 40),
	subject   text        COLLATE "C" NOT NULL CHECK (octet_length(subject) BETWEEN 1 AND 255),
	user_id   bigint      NOT NULL REFERENCES "user",
	linked_at timestamptz NOT NULL,
	PRIMARY KEY (provider, subject),
	UNIQUE (user_id, provider)
);
