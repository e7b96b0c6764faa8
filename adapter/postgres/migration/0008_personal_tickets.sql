-- +goose Up
-- A ticket without a room is for the person's own socket.

ALTER TABLE ticket ALTER COLUMN party_id DROP NOT NULL;
