package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
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

// An explainer remembers how PostgreSQL goes about the queries that run through
// it: with the arguments before it, and as a plan that stands for any arguments,
// which a prepared statement may get after some runs.
type explainer struct {
	pgx.Tx
	t     *testing.T
	plans []string
}

func (e *explainer) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	e.explain(ctx, sql, args)
	return e.Tx.Query(ctx, sql, args...)
}

func (e *explainer) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		e.explain(ctx, q.SQL, q.Arguments)
	}
	return e.Tx.SendBatch(ctx, b)
}

func (e *explainer) explain(ctx context.Context, sql string, args []any) {
	e.t.Helper()
	rows, err := e.Tx.Query(ctx, `EXPLAIN `+sql, args...)
	steps, err := collect(rows, err, func(step *string) []any { return []any{step} })
	require.NoError(e.t, err, sql)
	e.plans = append(e.plans, strings.Join(steps, "\n"))
	if len(args) == 0 {
		return
	}
	name := fmt.Sprintf("plan_%d", len(e.plans))
	require.NoError(e.t, exec(ctx, e.Tx, `PREPARE `+name+` AS `+sql))
	require.NoError(e.t, exec(ctx, e.Tx, `SET LOCAL plan_cache_mode = force_generic_plan`))
	var places []string
	values := []any{pgx.QueryExecModeSimpleProtocol}
	for i, arg := range args {
		places, values = append(places, fmt.Sprint("$", i+1)), append(values, literal(arg))
	}
	rows, err = e.Tx.Query(ctx, fmt.Sprintf(`EXPLAIN EXECUTE %s (%s)`, name, strings.Join(places, ", ")), values...)
	steps, err = collect(rows, err, func(step *string) []any { return []any{step} })
	require.NoError(e.t, err, sql)
	e.plans = append(e.plans, strings.Join(steps, "\n"))
	require.NoError(e.t, exec(ctx, e.Tx, `SET LOCAL plan_cache_mode = auto`))
	require.NoError(e.t, exec(ctx, e.Tx, `DEALLOCATE `+name))
}

// literal is what the simple protocol can write out.
func literal(arg any) any {
	switch ids := arg.(type) {
	case []party.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []user.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []int64:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []agenda.Kind:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	case []signin.ID:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") + "}"
	}
	return arg
}

// nothing takes for granted that there is nobody to be found.
func nothing(err error) error {
	if errors.Is(err, user.ErrSignedOut) {
		return nil
	}
	return err
}

// aKey is the key of an answer of TestPlans.
var aKey = idempotency.ID{Who: 9, Route: "POST /api/post/write/", Key: "0000000000000008"}

// A board that most posts are on is read from its own index, too, not by the primary key
// past all that was posted elsewhere since.
func TestPlansOfABoardThatMostPostsAreOn(t *testing.T) {
	s := openEmpty(t)
	_, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	for _, fill := range []string{
		`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			SELECT n, 1, CASE WHEN n <= 20000 THEN '역삼동' ELSE '종로구' END, '치킨', '제목', '내용', 4, false, now() FROM generate_series(1, 21000) n`,
		`INSERT INTO room (id, last_seq, active_at) SELECT id, 1, now() FROM party`,
		`ANALYZE`,
	} {
		_, err := s.pool.Exec(t.Context(), fill)
		require.NoError(t, err)
	}
	for _, f := range []party.Filter{{}, {Category: "치킨"}, {State: party.Recruiting}, {Category: "치킨", State: party.Recruiting}} {
		for _, where := range [][]user.Neighborhood{{"역삼동"}, {"역삼동", "내이동"}} {
			e := &explainer{Tx: begun(t, s), t: t}
			page, n, err := repos(e).Boards.Page(t.Context(), where, f, 0, 10, party.Ahead)
			require.NoError(t, err)
			assert.Len(t, page, 10)
			assert.Equal(t, 10+party.Ahead, n)
			for _, plan := range e.plans {
				assert.Contains(t, plan, "Backward using party_board", "%v %v", where, f)
				assert.NotContains(t, plan, "Backward using party_pkey", "%v %v", where, f)
			}
		}
	}
}

func TestPlans(t *testing.T) {
	const posts, lines = 100_000, 50_000
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	for _, fill := range []string{
		`INSERT INTO "user" (email, email_key, username, name_key, neighborhood, password_hash, generation, created_at)
			SELECT n || '@x', n || '@X', 'user' || n, 'USER' || n, '종로구', '', 1, now() FROM generate_series(1, 5000) n`,
		`INSERT INTO party (id, leader_id, neighborhood, category, title, content, seats, closed, created_at)
			SELECT n, 1 + n % 5000, (ARRAY['종로구', '용담이동', '내이동', '역삼동'])[1 + n % 4],
				CASE WHEN n % 5 = 0 THEN '치킨' ELSE '피자' END, '제목', '내용', 4, n / 4 % 5 = 0, now()
			FROM generate_series(1, 100000) n`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at)
			SELECT id, leader_id, 0, CASE WHEN id % 7 = 0 THEN 'left' ELSE 'in' END, now() FROM party`,
		`INSERT INTO member (party_id, user_id, place, standing, joined_at) SELECT 4, n, n, 'left', now() FROM generate_series(100, 199) n`,
		`INSERT INTO hidden_post (party_id, hidden_at) SELECT id, now() FROM party WHERE id % 100 = 7`,
		`INSERT INTO room (id, last_seq, active_at) SELECT id, 1, now() FROM party`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, client_id, at)
			SELECT 4, n, 'said', 1 + n % 5000, '안녕', 'c' || n, now() FROM generate_series(1, 50000) n`,
		`INSERT INTO entry (room_id, seq, kind, who_id, body, at) SELECT id, 1, 'said', leader_id, '안녕', now() FROM party WHERE id > 50000`,
		`UPDATE room SET last_seq = 50000 WHERE id = 4`,
		`INSERT INTO sign_in (id, user_id, device, network, family, newest, created_at, rotated_at, seen_at, expires_at)
			SELECT n, 1 + n % 5000, 'Chrome', '', sha256(n::text::bytea), sha256(n::text::bytea), now(), now(), now(), now() + interval '14 days'
			FROM generate_series(1, 50000) n`,
		`INSERT INTO ticket (digest, sign_in_id, user_id, party_id, expires_at)
			SELECT sha256(n::text::bytea), n, 1 + n % 5000, 1 + n, now() FROM generate_series(1, 5000) n`,
		`INSERT INTO audit (at, kind, who_id, network) SELECT now(), 'signed_in', 1 + n % 5000, '' FROM generate_series(1, 20000) n`,
		`INSERT INTO answer (user_id, route, key, content, status, body, until)
			SELECT 1 + n % 5000, 'POST /api/post/write/', lpad(n::text, 16, '0'), sha256(n::text::bytea), 201, '{}', now() + n * interval '1 second'
			FROM generate_series(1, 50000) n`,
		`ANALYZE`,
	} {
		_, err := s.pool.Exec(t.Context(), `SET statement_timeout = 0`)
		require.NoError(t, err)
		_, err = s.pool.Exec(t.Context(), fill)
		require.NoError(t, err)
	}
	_, err = s.pool.Exec(t.Context(), `VACUUM party`) // what autovacuum does before long: pages that all can see
	require.NoError(t, err)
	s.pool.Reset()
	newest := party.ID(posts)
	leader := user.ID(ask[int64](t, s, `SELECT leader_id FROM party WHERE id = 4`))

	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  []string
	}{
		{"Page of many, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{}, 0, 10, party.Ahead)
			assert.Equal(t, 10+party.Ahead, n)
			return err
		}, []string{"Index Only Scan Backward using party_board on party", "(ROW(neighborhood, id) < ROW($"}},
		{"Page of many of a category, counted", func(r port.Repos) error {
			_, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{Category: "치킨"}, 0, 10, party.Ahead)
			assert.Equal(t, 10+party.Ahead, n)
			return err
		}, []string{"Index Only Scan Backward using party_board_category on party", "(ROW(neighborhood, category, id) < ROW($"}},
		{"Page", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board on party", "party_pkey on party"}},
		{"Page in the midst", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{}, 10_000, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board on party", "party_pkey on party"}},
		{"Page of neighbourhoods that overlap", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구", "용담이동", "역삼동"}, party.Filter{}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Function Scan on unnest name", "Index Only Scan Backward using party_board on party", "party_pkey on party"}},
		{"Page of those that recruit, counted", func(r port.Repos) error {
			page, n, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{State: party.Recruiting}, 10_000, 10, party.Ahead)
			assert.Len(t, page, 10)
			assert.Equal(t, 10_010+party.Ahead, n)
			return err
		}, []string{"Index Only Scan Backward using party_board_state on party", "party_pkey on party"}},
		{"Page of those that are complete in neighbourhoods that overlap", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구", "용담이동", "역삼동"}, party.Filter{State: party.Completed}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Function Scan on unnest name", "Index Only Scan Backward using party_board_state on party", "party_pkey on party"}},
		{"Page of those of a category that recruit", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{Category: "피자", State: party.Recruiting}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board_category_state on party", "party_pkey on party"}},
		{"Page of a category", func(r port.Repos) error {
			page, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"용담이동"}, party.Filter{Category: "치킨"}, 0, 10, party.Ahead)
			assert.Len(t, page, 10)
			return err
		}, []string{"Index Only Scan Backward using party_board_category on party", "party_pkey on party"}},
		{"Post", func(r port.Repos) error {
			_, err := r.Boards.Post(t.Context(), newest, ann)
			return err
		}, []string{"party_pkey on party", "member_p"}},
		{"Members", func(r port.Repos) error {
			_, err := r.Boards.Members(t.Context(), newest)
			return err
		}, []string{"party_pkey on party", "member_p", "user_pkey"}},
		{"Get", func(r port.Repos) error {
			_, err := r.Parties.Get(t.Context(), newest)
			return err
		}, []string{"party_pkey on party"}},
		{"Lock", func(r port.Repos) error {
			_, err := r.Parties.Lock(t.Context(), newest)
			return err
		}, []string{"room_pkey on room", "party_pkey on party"}},
		{"Before", func(r port.Repos) error {
			got, err := r.Log.Before(t.Context(), 4, lines, 50)
			assert.Len(t, got, 50)
			return err
		}, []string{"Index Scan Backward using entry_room_id_seq_key on entry m"}},
		{"After", func(r port.Repos) error {
			got, err := r.Log.After(t.Context(), 4, lines/2, 50)
			assert.Len(t, got, 50)
			return err
		}, []string{"Index Scan using entry_room_id_seq_key on entry m"}},
		{"Say", func(r port.Repos) error {
			_, err := r.Log.Say(t.Context(), room.Entry{Room: 4, Kind: chat.Said, Who: leader, Body: "안녕", ClientID: "a", At: noon})
			return err
		}, []string{"room_pkey on room", "party_pkey on party", "entry_client on entry", "member_p"}},
		{"Say again", func(r port.Repos) error {
			m := room.Entry{Room: 4, Kind: chat.Said, Who: leader, Body: "안녕", ClientID: "c" + fmt.Sprint(leader-1), At: noon}
			said, err := r.Log.Say(t.Context(), m)
			assert.True(t, said[0].Repeated)
			return err
		}, []string{"entry_client on entry"}},
		{"Append", func(r port.Repos) error {
			_, err := r.Log.Append(t.Context(), []room.Entry{{Room: 4, Kind: party.EntryJoined, Who: ann, At: noon}})
			return err
		}, []string{"room_pkey on room"}},
		{"Rooms", func(r port.Repos) error {
			_, err := r.Heads.Rooms(t.Context(), []party.ID{1, newest})
			return err
		}, []string{"room_pkey on room"}},
		{"Rooms of a person", func(r port.Repos) error {
			ids, err := r.Rooms.Of(t.Context(), leader, 10)
			assert.Len(t, ids, 10)
			return err
		}, []string{"member_user", "party_pkey on party", "room_pkey on room"}},
		{"Rooms after one", func(r port.Repos) error {
			ids, err := r.Rooms.After(t.Context(), leader, 0, 10)
			assert.Len(t, ids, 10)
			return err
		}, []string{"member_user", "party_pkey on party"}},
		{"SignIns", func(r port.Repos) error {
			_, err := r.Heads.SignIns(t.Context(), []signin.ID{7, 8}, noon)
			return err
		}, []string{"sign_in_pkey on sign_in"}},
		{"Holder", func(r port.Repos) error {
			_, _, err := r.SignIns.Holder(t.Context(), 7, noon)
			return nothing(err)
		}, []string{"sign_in_pkey on sign_in", "user_pkey on"}},
		{"Lock a sign-in", func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), signin.Digest{1})
			return nothing(err)
		}, []string{"sign_in_family_key on sign_in"}},
		{"Of", func(r port.Repos) error {
			_, err := r.SignIns.Of(t.Context(), ann, noon)
			return err
		}, []string{"sign_in_user"}},
		{"LockOf", func(r port.Repos) error {
			_, err := r.SignIns.LockOf(t.Context(), ann, noon)
			return err
		}, []string{"sign_in_user"}},
		{"Known", func(r port.Repos) error {
			_, err := r.Devices.Known(t.Context(), "ann@example.com", signin.Digest{1})
			return err
		}, []string{"user_email", "sign_in_user"}},
		{"Take a ticket", func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), signin.Digest{1})
			return nothing(err)
		}, []string{"ticket_pkey on ticket"}},
		{"Forget tickets", func(r port.Repos) error {
			_, err := r.Cleanup.Tickets(t.Context(), noon, 500)
			return err
		}, []string{"ticket_expires on ticket", "ticket_pkey"}},
		{"Forget sign-ins", func(r port.Repos) error {
			_, err := r.Cleanup.SignIns(t.Context(), noon, 500)
			return err
		}, []string{"sign_in_expires on sign_in", "sign_in_pkey"}},
		{"Claim a key", func(r port.Repos) error {
			_, found, err := r.Answers.Claim(t.Context(), aKey, noon)
			assert.True(t, found)
			return err
		}, []string{"answer_user_id_route_key_key on answer"}},
		{"Forget a person's answers", func(r port.Repos) error {
			n, err := r.Answers.Forget(t.Context(), 9, 500)
			assert.Equal(t, 10, n)
			return err
		}, []string{"answer_user_id_route_key_key on answer"}},
		{"Forget answers", func(r port.Repos) error {
			_, err := r.Cleanup.Answers(t.Context(), noon, 500)
			return err
		}, []string{"answer_until on answer", "answer_pkey"}},
		{"Audit", func(r port.Repos) error {
			_, err := r.Audit.Before(t.Context(), 0, audit.Filter{}, 10)
			return err
		}, []string{"audit_pkey on audit"}},
		{"ByEmail", func(r port.Repos) error {
			_, err := r.Users.ByEmail(t.Context(), "ann@example.com")
			return err
		}, []string{"user_email on"}},
		{"Taken", func(r port.Repos) error {
			_, _, err := r.Users.Taken(t.Context(), "ann@example.com", "ann", 0)
			return err
		}, []string{"user_email on", "user_name on", "user_skeleton on"}},
		{"Count", func(r port.Repos) error {
			_, _, err := r.Parties.Count(t.Context(), 1, time.Now())
			return err
		}, []string{"using party_leader on", "on party_recruiting"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &explainer{Tx: begun(t, s), t: t}
			require.NoError(t, tt.query(repos(e)))
			all := strings.Join(e.plans, "\n---\n")
			t.Log("\n" + all)
			for _, index := range tt.uses {
				assert.Contains(t, all, index)
			}
			for _, plan := range e.plans {
				assert.NotContains(t, withoutHidden(plan), "Seq Scan")
				if slices.Contains([]string{"Page of many, counted", "Page of many of a category, counted", "Page", "Page in the midst", "Page of those that recruit, counted", "Page of those of a category that recruit", "Page of a category", "Before", "After"}, tt.name) {
					assert.NotContains(t, strings.ReplaceAll(plan, "Sort Key: p.id DESC", ""), "Sort Key") // but for the rows of a page
				}
			}
		})
	}
}

// A plan that is made while the tables are new is kept until PostgreSQL counts the rows, which
// takes it up to a minute; no query may read all of a table, or of an index, until then.
func TestPlansOfANewDatabase(t *testing.T) {
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	p, err := party.Open(1, ann, "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: 4}, noon)
	require.NoError(t, err)
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		if _, err := r.Rooms.Open(t.Context(), noon); err != nil {
			return err
		}
		return r.Parties.Save(t.Context(), p)
	}))
	line := func(clientID string) []room.Entry {
		return []room.Entry{{Room: 1, Kind: chat.Said, Who: ann, Body: "안녕", ClientID: clientID, At: noon}}
	}
	stored := func(said []port.Said, err error) error {
		require.NoError(t, err)
		return said[0].Err
	}
	for _, tt := range []struct {
		name  string
		query func(r port.Repos) error
		uses  []string
		board bool // reads a board by its index
	}{
		{name: "Say", query: func(r port.Repos) error { return stored(r.Log.Say(t.Context(), line("a")...)) }, uses: []string{
			"Index Cond: ((room_id = l.room_id) AND (who_id = l.who_id) AND (client_id = l.client_id))",
			"Index Cond: ((party_id = l.room_id) AND (user_id = l.who_id))",
			"room_pkey", "party_pkey on party", "user_pkey on",
		}},
		{name: "Say, free rooms", query: func(r port.Repos) error { return stored(r.Log.(logs).say(t.Context(), line("b"), true)) }, uses: []string{"room_pkey"}},
		{name: "Append", query: func(r port.Repos) error {
			_, err := r.Log.Append(t.Context(), []room.Entry{{Room: 1, Kind: party.EntryJoined, Who: ann, At: noon}})
			return err
		}, uses: []string{"room_pkey", "user_pkey on"}},
		{name: "Page", query: func(r port.Repos) error {
			_, _, err := r.Boards.Page(t.Context(), []user.Neighborhood{"종로구"}, party.Filter{}, 0, 10, party.Ahead)
			return err
		}, uses: []string{"party_board on party", "party_pkey on party", "room_pkey on room"}, board: true},
		{name: "Post", query: func(r port.Repos) error { _, err := r.Boards.Post(t.Context(), 1, ann); return err }, uses: []string{"party_pkey on party"}},
		{name: "Talk", query: func(r port.Repos) error { _, _, err := r.Boards.Talk(t.Context(), 1, ann, 51); return err }, uses: []string{"party_pkey on party", "entry_room_id_seq_key on entry"}},
		{name: "Open", query: func(r port.Repos) error { _, err := r.Parties.Open(t.Context(), ann, noon, noon); return err }, uses: []string{"user_pkey on", "party_leader"}},
		{name: "Members", query: func(r port.Repos) error { _, err := r.Boards.Members(t.Context(), 1); return err }, uses: []string{"party_pkey on party"}},
		{name: "Get", query: func(r port.Repos) error { _, err := r.Parties.Get(t.Context(), 1); return err }, uses: []string{"party_pkey on party"}},
		{name: "Lock", query: func(r port.Repos) error { _, err := r.Parties.Lock(t.Context(), 1); return err }, uses: []string{"room_pkey", "party_pkey on party"}},
		{name: "Before", query: func(r port.Repos) error { _, err := r.Log.Before(t.Context(), 1, 9, 50); return err }, uses: []string{"entry_room_id_seq_key on entry"}},
		{name: "After", query: func(r port.Repos) error { _, err := r.Log.After(t.Context(), 1, 0, 50); return err }, uses: []string{"entry_room_id_seq_key on entry"}},
		{name: "Rooms of a person", query: func(r port.Repos) error { _, err := r.Rooms.Of(t.Context(), ann, 10); return err }, uses: []string{"member_user", "party_pkey on party", "room_pkey on room"}},
		{name: "Posts of a person's rooms", query: func(r port.Repos) error { _, err := r.Boards.Joined(t.Context(), ann, 10); return err }, uses: []string{"member_user", "party_pkey on party", "room_pkey on room"}},
		{name: "Rooms after one", query: func(r port.Repos) error { _, err := r.Rooms.After(t.Context(), ann, 0, 10); return err }, uses: []string{"member_user", "party_pkey on party"}},
		{name: "Heads", query: func(r port.Repos) error { _, err := r.Heads.Rooms(t.Context(), []party.ID{1}); return err }, uses: []string{"room_pkey"}},
		{name: "SignIns", query: func(r port.Repos) error {
			_, err := r.Heads.SignIns(t.Context(), []signin.ID{7}, noon)
			return err
		}, uses: []string{"sign_in_pkey"}},
		{name: "Holder", query: func(r port.Repos) error { _, _, err := r.SignIns.Holder(t.Context(), 7, noon); return nothing(err) }, uses: []string{"sign_in_pkey on sign_in", "user_pkey on"}},
		{name: "Lock a sign-in", query: func(r port.Repos) error {
			_, err := r.SignIns.Lock(t.Context(), signin.Digest{1})
			return nothing(err)
		}, uses: []string{"sign_in_family_key on sign_in"}},
		{name: "Lock an account", query: func(r port.Repos) error { _, err := r.Users.Lock(t.Context(), ann); return err }, uses: []string{"user_pkey on"}},
		{name: "Claim a key", query: func(r port.Repos) error { _, _, err := r.Answers.Claim(t.Context(), aKey, noon); return err }, uses: []string{"answer_user_id_route_key_key on answer"}},
		{name: "Take a ticket", query: func(r port.Repos) error {
			_, err := r.Tickets.Take(t.Context(), signin.Digest{1})
			return nothing(err)
		}, uses: []string{"ticket_pkey on ticket"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &explainer{Tx: begun(t, s), t: t}
			require.NoError(t, tt.query(repos(e)))
			all := strings.Join(e.plans, "\n---\n")
			t.Log("\n" + all)
			for _, index := range tt.uses {
				assert.Contains(t, all, index)
			}
			whole := []string{"Seq Scan", "user_name"}
			if !tt.board {
				whole = append(whole, "party_board")
			}
			for _, name := range whole {
				assert.NotContains(t, withoutHidden(all), name)
			}
		})
	}
}

// withoutHidden is a plan but for what it reads whole by design: the hidden posts, which are
// few and hashed once.
func withoutHidden(plan string) string {
	return regexp.MustCompile(`SubPlan \d+\n *->  Seq Scan on hidden_post(?: hidden_post_\d+)?  \(\S+ rows=\d+ width=8\)(\n|$)`).ReplaceAllString(plan, "")
}

// begun begins a transaction that ends with the test.
func begun(t *testing.T, s *Store) pgx.Tx {
	t.Helper()
	conn, err := s.pool.Acquire(t.Context())
	require.NoError(t, err)
	t.Cleanup(conn.Release)
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
}

func TestPlansOfTheAgenda(t *testing.T) {
	const kind agenda.Kind = "test.a"
	queries := []struct {
		name  string
		query func(r port.Repos) error
		uses  string
	}{
		{"Claim", func(r port.Repos) error {
			items, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind, "test.b"}, 4, time.Minute)
			assert.NotEmpty(t, items)
			return err
		}, "Index Scan using agenda_due on agenda"},
		{"Put", func(r port.Repos) error {
			return r.Agenda.Put(t.Context(), agenda.Item{Kind: kind, Key: "7"}, agenda.Item{Kind: kind, Key: "8", UnlessWaiting: true})
		}, "agenda_kind_key_key"},
		{"Done", func(r port.Repos) error { return r.Agenda.Done(t.Context(), agenda.Item{ID: 7, Version: 1}) }, "agenda_pkey on agenda"},
		{"Later", func(r port.Repos) error { return r.Agenda.Later(t.Context(), agenda.Item{ID: 7, Version: 1}, "") }, "agenda_pkey on agenda"},
		{"Backlog", func(r port.Repos) error {
			b, err := r.AgendaAdmin.Backlog(t.Context())
			assert.Positive(t, b.Due)
			return err
		}, "agenda_set_aside on agenda"},
		{"Due", func(r port.Repos) error { _, err := r.AgendaAdmin.Due(t.Context(), 10); return err }, "agenda_due on agenda"},
		{"SetAside", func(r port.Repos) error { _, err := r.AgendaAdmin.SetAside(t.Context(), 10); return err }, "agenda_set_aside on agenda"},
	}
	look := func(t *testing.T, s *Store, few int) {
		t.Helper()
		for _, tt := range queries[:few] {
			tx := begun(t, s)
			e := &explainer{Tx: tx, t: t}
			require.NoError(t, tt.query(repos(e)))
			require.NoError(t, tx.Rollback(t.Context()))
			all := strings.Join(e.plans, "\n---\n")
			t.Log(tt.name + "\n" + all)
			assert.Contains(t, all, tt.uses)
			for _, plan := range e.plans {
				assert.NotContains(t, plan, "Seq Scan", tt.name)
				if tt.name != "Put" { // which sorts what it is given
					assert.NotContains(t, plan, "Sort Key", tt.name)
				}
			}
		}
	}
	fill := func(t *testing.T, s *Store, rows int) {
		_, err := s.pool.Exec(t.Context(), `
			INSERT INTO agenda (kind, key, due_at, attempts, claimed_until)
			SELECT
				(ARRAY['test.a', 'test.b', 'test.unknown'])[1 + n % 3],
				n,
				now() + ((n % 1000 - 5) || ' minutes')::interval,
				CASE WHEN n % 500 = 0 THEN 10 ELSE 0 END,
				CASE WHEN n % 1000 = 1 THEN now() + interval '1 minute' END
			FROM generate_series(1, $1) n`, rows)
		require.NoError(t, err)
	}
	t.Run("full", func(t *testing.T) {
		s := openEmpty(t)
		fill(t, s, 100_000)
		_, err := s.pool.Exec(t.Context(), `ANALYZE agenda`)
		require.NoError(t, err)
		look(t, s, len(queries))
		began := time.Now()
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			_, err := r.Agenda.Claim(t.Context(), []agenda.Kind{kind}, 4, time.Minute)
			return err
		}))
		t.Log("a claim took", time.Since(began))
	})
	t.Run("new", func(t *testing.T) { // the plan of Claim is kept while the table grows
		s := openEmpty(t)
		fill(t, s, 10)
		look(t, s, 1)
	})
}
