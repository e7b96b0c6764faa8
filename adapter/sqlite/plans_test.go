package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// An explainer remembers how SQLite goes about the queries that run through it.
type explainer struct {
	queryer
	t     *testing.T
	steps []string
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.explain(ctx, query, args)
	return e.queryer.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	e.explain(ctx, query, args)
	return e.queryer.QueryRowContext(ctx, query, args...)
}

func (e *explainer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	e.explain(ctx, query, args)
	return e.queryer.ExecContext(ctx, query, args...)
}

func (e *explainer) explain(ctx context.Context, query string, args []any) {
	e.t.Helper()
	rows, err := e.queryer.QueryContext(ctx, `EXPLAIN QUERY PLAN `+query, args...)
	steps, err := collect(rows, err, func(step *string) []any { return []any{new(int), new(int), new(int), step} })
	require.NoError(e.t, err)
	e.steps = append(e.steps, steps...)
}

// nothing takes for granted that there is nobody to be found.
func nothing(err error) error {
	if errors.Is(err, user.ErrSignedOut) {
		return nil
	}
	return err
}

func aKey(who user.ID) idempotency.ID {
	return idempotency.ID{Who: who, Route: "POST /api/post/write/", Key: "0123456789abcdef"}
}

// How SQLite goes about a query does not hang on the number of rows while
// nothing runs ANALYZE: a hundred thousand posts have the same plans, and take
// the race detector a minute to write.
func TestPlans(t *testing.T) {
	const posts = 2_000
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	at := noon.UnixMicro()
	for _, fill := range []string{
		`WITH RECURSIVE post (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM post LIMIT @posts)
			INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			SELECT id, @who, iif(id % 2, '종로구', '용담이동'), iif(id % 5, '피자', '치킨'), '제목', '내용', 4, 0, @at
			FROM post`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT id, @who, 0, 'in', @at FROM party`,
		`UPDATE member SET standing = 'left' WHERE party_id > 3`,
		`INSERT INTO room (id, last_seq, active_at) SELECT id, 1, @at FROM party`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, at) SELECT id, 1, 'said', @who, '안녕', @at FROM party`,
	} {
		_, err := s.write.ExecContext(t.Context(), fill, sql.Named("who", ann), sql.Named("at", at), sql.Named("posts", posts))
		require.NoError(t, err)
	}
	newest := party.ID(posts)

	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Page of many, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{}, 0, 10, party.Ahead)
			assert.Equal(t, 10+party.Ahead, n)
			return err
		}, "party USING COVERING INDEX party_board (neighborhood=? AND id<?)"},
		{"Page of many of a category, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{Category: "치킨"}, 0, 10, party.Ahead)
			assert.Equal(t, 10+party.Ahead, n)
			return err
		}, "party USING COVERING INDEX party_board_category (neighborhood=? AND category=? AND id<?)"},
		{"Page", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{}, posts/4, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, "party USING COVERING INDEX party_board "},
		{"Page of neighbourhoods that overlap", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구", "용담이동"}, party.Filter{}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, "MERGE (UNION ALL)"},
		{"Page of those that recruit, counted", func(r port.Repos) error {
			page, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{State: party.Recruiting}, posts/4, 10, party.Ahead)
			assert.Len(t, page, 10)
			assert.Equal(t, posts/4+10+party.Ahead, n)
			return err
		}, "party USING COVERING INDEX party_board_state (neighborhood=? AND complete=? AND id<?)"},
		{"Page of those that recruit in neighbourhoods that overlap", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구", "용담이동"}, party.Filter{State: party.Recruiting}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, "MERGE (UNION ALL)"},
		{"Page of neighbourhoods that overlap, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구", "용담이동"}, party.Filter{}, posts/2, 10, party.Ahead)
			assert.Equal(t, posts/2+10+party.Ahead, n)
			return err
		}, "party USING COVERING INDEX party_board (neighborhood=? AND id<?)"},
		{"Page of those of a category that recruit", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{Category: "치킨", State: party.Recruiting}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, "party USING COVERING INDEX party_board_category_state "},
		{"Page of a category", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{Category: "치킨"}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, "party USING COVERING INDEX party_board_category "},
		{"Post", func(r port.Repos) error {
			_, err := r.Boards.Post(t.Context(), newest, ann)
			return err
		}, "m USING PRIMARY KEY (party_id=? AND user_id=?)"},
		{"Members", func(r port.Repos) error {
			_, err := r.Boards.Members(t.Context(), 1)
			return err
		}, "m USING PRIMARY KEY"},
		{"Get", func(r port.Repos) error {
			_, err := r.Parties.Get(t.Context(), newest)
			return err
		}, "p USING INTEGER PRIMARY KEY"},
		{"Before", func(r port.Repos) error {
			_, err := r.Log.Before(t.Context(), newest, 5, 50)
			return err
		}, "m USING INDEX"},
		{"After", func(r port.Repos) error {
			_, err := r.Log.After(t.Context(), newest, 0, 50)
			return err
		}, "m USING INDEX"},
		{"Say", func(r port.Repos) error {
			_, err := r.Log.Say(t.Context(), room.Entry{Room: 1, Kind: chat.Said, Who: ann, Body: "안녕", ClientID: "a", At: noon})
			return err
		}, "m USING INDEX entry_client"},
		{"Rooms", func(r port.Repos) error {
			_, err := r.Heads.Rooms(t.Context(), []party.ID{1, newest})
			return err
		}, "room USING INTEGER PRIMARY KEY"},
		{"Rooms of a person", func(r port.Repos) error {
			ids, err := r.Rooms.Of(t.Context(), ann, 10)
			assert.Len(t, ids, 3)
			return err
		}, "m USING COVERING INDEX member_user"},
		{"Posts of a person's rooms", func(r port.Repos) error {
			posts, err := r.Boards.Joined(t.Context(), ann, 10)
			assert.Len(t, posts, 3)
			return err
		}, "mine USING COVERING INDEX member_user"},
		{"SignIns", func(r port.Repos) error {
			_, err := r.Heads.SignIns(t.Context(), []signin.ID{7}, noon)
			return err
		}, "sign_in USING INTEGER PRIMARY KEY"},
		{"Holder", func(r port.Repos) error {
			_, _, err := r.SignIns.Holder(t.Context(), 7, noon)
			return nothing(err)
		}, "s USING INTEGER PRIMARY KEY"},
		{"Lock a sign-in", func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), signin.Digest{1})
			return nothing(err)
		}, "s USING INDEX sqlite_autoindex_sign_in_1"},
		{"Of", func(r port.Repos) error {
			_, err := r.SignIns.Of(t.Context(), ann, noon)
			return err
		}, "USING INDEX sign_in_user"},
		{"LockOf", func(r port.Repos) error {
			_, err := r.SignIns.LockOf(t.Context(), ann, noon)
			return err
		}, "USING INDEX sign_in_user"},
		{"Known", func(r port.Repos) error {
			_, err := r.Devices.Known(t.Context(), "ann@example.com", signin.Digest{1})
			return err
		}, "USING INDEX sign_in_user"},
		{"Take a ticket", func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), signin.Digest{1})
			return nothing(err)
		}, "ticket USING PRIMARY KEY"},
		{"Forget tickets", func(r port.Repos) error {
			_, err := r.Cleanup.Tickets(t.Context(), noon, 500)
			return err
		}, "SEARCH ticket USING COVERING INDEX ticket_expires (expires_at<?)"},
		{"Forget sign-ins", func(r port.Repos) error {
			_, err := r.Cleanup.SignIns(t.Context(), noon, 500)
			return err
		}, "SEARCH sign_in USING COVERING INDEX sign_in_expires (expires_at<?)"},
		{"Claim a key", func(r port.Repos) error {
			_, _, err := r.Answers.Claim(t.Context(), aKey(ann), noon)
			return err
		}, "SEARCH answer USING INDEX sqlite_autoindex_answer_1 (user_id=? AND route=? AND key=?)"},
		{"Forget a person's answers", func(r port.Repos) error {
			_, err := r.Answers.Forget(t.Context(), ann, 500)
			return err
		}, "SEARCH answer USING COVERING INDEX sqlite_autoindex_answer_1 (user_id=?)"},
		{"Forget answers", func(r port.Repos) error {
			_, err := r.Cleanup.Answers(t.Context(), noon, 500)
			return err
		}, "SEARCH answer USING COVERING INDEX answer_until (until<?)"},
		{"Audit", func(r port.Repos) error {
			_, err := r.Audit.Before(t.Context(), 0, audit.Filter{}, 10)
			return err
		}, "audit USING INTEGER PRIMARY KEY"},
		{"ByEmail", func(r port.Repos) error {
			_, err := r.Users.ByEmail(t.Context(), "ann@example.com")
			return err
		}, "u USING INDEX user_email"},
		{"Taken", func(r port.Repos) error {
			_, _, err := r.Users.Taken(t.Context(), "ann@example.com", "ann", 0)
			return err
		}, "user USING INDEX user_name"},
		{"Taken, by its look", func(r port.Repos) error {
			_, _, err := r.Users.Taken(t.Context(), "ann@example.com", "ann", 0)
			return err
		}, "user USING INDEX user_skeleton"},
		{"Count of those that recruit", func(r port.Repos) error {
			_, _, err := r.Parties.Count(t.Context(), 1, time.Now())
			return err
		}, "p USING INDEX party_recruiting"},
		{"Count of those opened", func(r port.Repos) error {
			_, _, err := r.Parties.Count(t.Context(), 1, time.Now())
			return err
		}, "p USING COVERING INDEX party_leader"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &explainer{queryer: s.write, t: t}
			began := time.Now()
			require.NoError(t, tt.query(repos(e, s.now)))
			plan := strings.Join(e.steps, "\n")
			t.Logf("%v\n%s", time.Since(began), plan)
			assert.Contains(t, plan, tt.uses)
			assert.NotRegexp(t, `SCAN (party|p|member|m|entry|room|h|user|u|sign_in|s|ticket|answer|audit|hidden_post|hidden)\b`, plan)
			if !slices.Contains([]string{"Members", "Say", "Of", "LockOf", "Rooms of a person", "Posts of a person's rooms"}, tt.name) { // a handful of rows
				assert.NotContains(t, plan, "USE TEMP B-TREE")
			}
		})
	}
}

func TestPlansOfTheAgenda(t *testing.T) {
	const kind agenda.Kind = "test.a"
	s := openEmpty(t)
	_, err := s.write.ExecContext(t.Context(), `
		WITH RECURSIVE item (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM item LIMIT 100000)
		INSERT INTO agenda (kind, key, due_at, attempts)
		SELECT iif(n % 3, 'test.a', 'test.unknown'), n, :now + (n % 1000 - 5) * 60000000, iif(n % 500, 0, 10)
		FROM item`, sql.Named("now", time.Now().UnixMicro()))
	require.NoError(t, err)
	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Claim", func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind, "test.b"}, 4, time.Minute)
			assert.Len(t, items, 4)
			return err
		}, "SEARCH agenda USING INDEX agenda_due (due_at<?)"},
		{"Done", func(r port.Repos) error { return r.Agenda.Done(t.Context(), agenda.Item{ID: 7, Version: 1}) }, "SEARCH agenda USING INTEGER PRIMARY KEY"},
		{"Later", func(r port.Repos) error { return r.Agenda.Later(t.Context(), agenda.Item{ID: 7, Version: 1}, "") }, "SEARCH agenda USING INTEGER PRIMARY KEY"},
		{"Backlog", func(r port.Repos) error { _, err := r.AgendaAdmin.Backlog(t.Context()); return err }, "agenda USING INDEX agenda_set_aside"},
		{"Due", func(r port.Repos) error { _, err := r.AgendaAdmin.Due(t.Context(), 10); return err }, "SEARCH agenda USING INDEX agenda_due (due_at<?)"},
		{"SetAside", func(r port.Repos) error { _, err := r.AgendaAdmin.SetAside(t.Context(), 10); return err }, "agenda USING INDEX agenda_set_aside"},
	} {
		e := &explainer{queryer: s.write, t: t}
		began := time.Now()
		require.NoError(t, tt.query(repos(e, s.now)))
		plan := strings.Join(e.steps, "\n")
		t.Logf("%s: %v\n%s", tt.name, time.Since(began), plan)
		assert.Contains(t, plan, tt.uses)
		assert.NotRegexp(t, `SCAN agenda( USING INTEGER|$|\n)`, plan)
		assert.NotContains(t, plan, "USE TEMP B-TREE", tt.name)
	}
}
