-- +goose Up
-- Earlier programs left withdrawn people in their rooms, and had them lead on. They are
-- taken out by the clock as if they withdrew now, ten minutes from now: by then whoever
-- looks whether the update went well has looked.

INSERT INTO agenda (kind, key, due_at)
SELECT DISTINCT 'withdrawal', u.id::text, now() + interval '10 minutes'
FROM "user" u
JOIN member m ON m.user_id = u.id AND m.standing = 'in'
JOIN party p ON p.id = m.party_id
WHERE u.withdrawn_at IS NOT NULL AND p.room_deleted_at IS NULL AND p.deleted_at IS NULL
ON CONFLICT (kind, key) DO NOTHING;
