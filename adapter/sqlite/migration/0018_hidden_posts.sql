-- +goose Up
-- Posts that operators have hidden, in a table of their own: there are few, so boards leave
-- them out and keep their indexes.

CREATE TABLE hidden_post (
	party_id  INTEGER PRIMARY KEY REFERENCES party,
	hidden_at INTEGER NOT NULL
) STRICT;
