-- +goose Up
-- By which edition of the official neighbourhoods the addresses of people and posts are
-- spelt. The program spells them when it opens the store, as it knows the names.

CREATE TABLE address_edition (
	id      integer PRIMARY KEY CHECK (id = 1),
	edition text    COLLATE "C" NOT NULL
);
INSERT INTO address_edition (id, edition) VALUES (1, '');
