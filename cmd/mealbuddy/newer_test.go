package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// During a rolling upgrade nodes of the next version append entries of kinds that this
// one does not know. They reach everybody here, without a sentence.
func TestEntriesOfANewerNodePassThrough(t *testing.T) {
	for name, environ := range map[string]func(*testing.T) map[string]string{"sqlite": environ, "postgres": onPostgres} {
		t.Run(name, func(t *testing.T) {
			env := environ(t)
			s := start(t, env)
			defer s.stop()
			ann, bob := s.register("ann"), s.register("bob")
			status, post := s.ask("POST", "/api/post/write/", ann, `{"title":"치킨","category":"치킨","content":"같이","target_number":4}`)
			require.Equal(t, 201, status)
			room := fmt.Sprintf("/api/chat/%v/", post["chat_id"])
			status, _ = s.ask("POST", room, bob, "")
			require.Equal(t, 201, status)
			conn := s.follow(bob, post["chat_id"])
			defer conn.Close()

			db := databaseOf(t, env)
			defer db.Close()
			appendUnknown(t, db, post["chat_id"])
			var frame map[string]any
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Second))) // found by the next look at heads
			require.NoError(t, conn.ReadJSON(&frame))
			assert.Equal(t, "chat.v2_order", frame["type"])
			message := frame["message"].(map[string]any)
			assert.Equal(t, map[string]any{"state": "LOCKED", "fee": 3000.0}, message["v2_order"])
			assert.Equal(t, "", message["message"])
			assert.Equal(t, "chat.v2_order", message["type"])
			assert.Nil(t, message["user"])
			assert.Equal(t, 2.0, message["seq"])

			status, answer := s.ask("GET", room, ann, "")
			require.Equal(t, 200, status)
			assert.Equal(t, message, answer["messages"].([]any)[1], "on REST as in the frame")

			require.NoError(t, conn.WriteMessage(1, []byte(`{"message":"네"}`)))
			var said json.RawMessage
			require.NoError(t, conn.ReadJSON(&said))
			assert.Contains(t, string(said), `"seq":3`)
		})
	}
}

// appendUnknown does what a newer node would, on either store.
func appendUnknown(t *testing.T, db *sql.DB, room any) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	for _, step := range []string{
		`UPDATE room SET last_seq = last_seq + 1 WHERE id = %[1]v`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, data, at)
			SELECT id, last_seq, 'v2_order', NULL, '', '{"state":"LOCKED","fee":3000}', active_at FROM room WHERE id = %[1]v`,
	} {
		_, err := tx.ExecContext(context.WithoutCancel(t.Context()), fmt.Sprintf(step, room))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
}
