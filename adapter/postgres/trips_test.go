package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// trips counts what is sent to the database, each to be waited for.
type trips struct{ n int }

func (c *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n++
	return ctx
}

func (c *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.n++
	return ctx
}

func (c *trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func TestRoundTrips(t *testing.T) {
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	bob, err := save(t.Context(), s, "bob")
	require.NoError(t, err)
	var counted trips
	cfg := s.pool.Config()
	cfg.ConnConfig.Tracer = &counted
	s.pool.Close()
	s.pool, err = pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)

	bus := &inproc.Bus{}
	changes := usecase.NewChanges(s, bus, time.Now, func() {})
	parties := usecase.NewParties(s, changes, party.Usual)
	draft := party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: 3}
	var post port.Post
	takes := func(n int, do func() error) {
		t.Helper()
		counted.n = 0
		require.NoError(t, do())
		assert.Equal(t, n, counted.n)
	}
	takes(3, func() (err error) { post, err = parties.Open(t.Context(), ann, draft); return err })
	takes(4, func() error { _, _, err := parties.Join(t.Context(), bob, post.ID); return err })
	takes(1, func() error { _, err := parties.Room(t.Context(), bob, post.ID, usecase.Window{}); return err })
	takes(1, func() error { _, err := parties.Get(t.Context(), bob, post.ID); return err })
	takes(1, func() error { _, err := parties.List(t.Context(), "종로구", party.Filter{}, 1); return err })
	takes(3, func() error { return parties.Leave(t.Context(), bob, post.ID) })
}

// What is queued for later is in its place among the other statements, and its failure is
// that of the Write.
func TestLater(t *testing.T) {
	s := openEmpty(t)
	ann, err := save(t.Context(), s, "ann")
	require.NoError(t, err)
	open := func(r port.Repos) (*party.Party, error) {
		o, err := r.Parties.Open(t.Context(), ann, noon, noon)
		if err != nil {
			return nil, err
		}
		return party.Open(o.ID, ann, "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: 3}, noon)
	}
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		p, err := open(r)
		require.NoError(t, err)
		require.NoError(t, r.Parties.Save(t.Context(), p))
		lines, err := r.Log.Append(t.Context(), []room.Entry{{Room: p.State().ID, Kind: party.EntryJoined, Who: ann, At: noon}})
		require.NoError(t, err)
		assert.Zero(t, lines[0].Seq, "it is not sent yet")
		post, err := r.Boards.Post(t.Context(), p.State().ID, ann)
		require.NoError(t, err)
		assert.Equal(t, room.In, post.Standing)
		assert.EqualValues(t, 1, post.LastSeq)
		assert.EqualValues(t, 1, lines[0].Seq)
		assert.Equal(t, "ann", lines[0].Person.Username)
		return nil
	}))
	wrong := func(then func(port.Repos) error) error {
		return s.Write(t.Context(), func(r port.Repos) error {
			p, err := open(r)
			require.NoError(t, err)
			if err := p.Join(999, noon); err != nil { // whom the database does not know
				return err
			}
			if err := r.Parties.Save(t.Context(), p); err != nil {
				return err
			}
			return then(r)
		})
	}
	parties := ask[int64](t, s, `SELECT count(*) FROM party`)
	for name, then := range map[string]func(port.Repos) error{
		"before the commit":    func(port.Repos) error { return nil },
		"with what comes next": func(r port.Repos) error { _, err := r.Users.Get(t.Context(), ann); return err },
		"with another batch":   func(r port.Repos) error { _, err := r.Parties.Lock(t.Context(), 1); return err },
	} {
		err := wrong(then)
		assert.ErrorContains(t, err, "save member", name)
		assert.True(t, is(err, "23503"), name)
	}
	assert.Equal(t, parties, ask[int64](t, s, `SELECT count(*) FROM party`))
	_, err = save(t.Context(), s, "bob") // the connections can be used again
	assert.NoError(t, err)
}
