-- +goose Up
-- The token before the former one, and the salt that makes the former one of it: for a few
-- seconds after the former one was first used, the elder one still gives it.

ALTER TABLE sign_in ADD COLUMN elder BLOB CHECK (length(elder) = 32);
ALTER TABLE sign_in ADD COLUMN elder_salt BLOB CHECK (length(elder_salt) = 32);
