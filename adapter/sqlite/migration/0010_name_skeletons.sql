-- +goose Up
-- Names are compared by how they look. The store fills in the digests when it opens, also
-- for accounts that a program of before has made meanwhile.

ALTER TABLE user ADD COLUMN skeleton INTEGER; -- user.NameDigest

-- An account whose name was not compared when it was chosen has its id here, any other 0.
-- Such names stay, even if they look alike.
ALTER TABLE user ADD COLUMN uncompared INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX user_skeleton ON user (skeleton, uncompared) WHERE withdrawn_at IS NULL AND skeleton IS NOT NULL;
CREATE INDEX user_no_skeleton ON user (id) WHERE withdrawn_at IS NULL AND skeleton IS NULL;
