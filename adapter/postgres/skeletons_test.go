package postgres

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

// Rows of before names were compared by how they look.
func TestOldNames(t *testing.T) {
	dsn := container.Postgres(t)
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	steps, err := allSteps(db)
	require.NoError(t, err)
	_, err = steps.UpTo(t.Context(), 9)
	require.NoError(t, err)
	for i, name := range []string{"밥친구", "밥 친구", "\u200b", "운영자", "밥 친구"} {
		_, err := db.ExecContext(t.Context(), `
			INSERT INTO "user" (id, email, email_key, username, name_key, neighborhood, password_hash, generation, created_at, withdrawn_at)
			VALUES ($1::bigint, $2, $2, $3, $3, '제주특별자치도 제주시 용담이동', '', 1, now(), CASE WHEN $1::bigint = 5 THEN now() END)`, i+1, fmt.Sprint("p", i), name)
		require.NoError(t, err)
	}
	s := openOn(t, dsn)
	contract.LookAlikes(t, s, [2]user.ID{1, 2})
	gone := ask[string](t, s, `SELECT concat_ws(' ', email, email_key, username, name_key, neighborhood, password_hash) FROM "user" WHERE id = 5`)
	assert.Equal(t, "- - 탈퇴한 사용자 - - ", gone, "of people who had withdrawn before the update nothing is left")
}
