-- +goose Up
-- Nothing of a person is left of an account that has ended. Earlier programs kept all of it.

UPDATE user
SET email = '-', email_key = '-', username = '탈퇴한 사용자', name_key = '-', neighborhood = '-', password_hash = '', skeleton = NULL
WHERE withdrawn_at IS NOT NULL;
