-- +goose Up
-- A person recruits with so many posts at once, and writes so many a day.

CREATE INDEX party_recruiting ON party (leader_id) WHERE NOT closed AND deleted_at IS NULL;
CREATE INDEX party_leader ON party (leader_id, created_at);
