package e2e

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // to open the file after a kill
)

// kept is everything that the server has acknowledged.
type kept struct {
	mu     sync.Mutex
	posts  []post
	joined []post             // by the one who joins
	said   map[string]message // by client id
	acks   chan struct{}
}

func (k *kept) note(add func()) {
	k.mu.Lock()
	add()
	k.mu.Unlock()
	k.acks <- struct{}{}
}

// talk sends messages until the socket breaks and returns the client id without an
// acknowledgement.
func (k *kept) talk(s *socket, name string) (pending string, err error) {
	for i := 0; ; i++ {
		id := fmt.Sprint(name, "-", i)
		if err := s.conn.WriteJSON(fields{"message": "말 " + id, "client_id": id}); err != nil {
			return id, err
		}
		for {
			f, err := s.take()
			if err != nil {
				return id, err
			}
			if f.named(id) {
				k.note(func() { k.said[id] = *f.Message })
				break
			}
		}
	}
}

// recruit writes posts, and another person joins them.
func (k *kept) recruit(writer, joiner caller) error {
	for {
		a, err := writer.try(http.MethodPost, "/api/post/write/", asJSON(draft(3)))
		if err != nil {
			return err
		}
		if a.status != http.StatusCreated {
			return fmt.Errorf("%d: %s", a.status, a.body)
		}
		p := read[post](a)
		k.note(func() { k.posts = append(k.posts, p) })
		if a, err = joiner.try(http.MethodPost, p.room(), nothing); err != nil {
			return err
		}
		if a.status != http.StatusCreated {
			return fmt.Errorf("%d: %s", a.status, a.body)
		}
		k.note(func() { k.joined = append(k.joined, p) })
	}
}

func TestWhatIsAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	on := serve(t, data)
	all := []person{newcomer(t, on, "ann"), newcomer(t, on, "bob"), newcomer(t, on, "cho")}
	party := meet(t, all...)
	k := &kept{said: map[string]message{}, acks: make(chan struct{})}
	for round := range 5 {
		killed, over := make(chan struct{}), make(chan error, 1)
		pending := make([]string, len(all))
		var clients errgroup.Group
		work := func(do func() error) {
			clients.Go(func() error {
				err := do()
				select {
				case <-killed:
					return nil
				default:
					return fmt.Errorf("before the kill: %w", err)
				}
			})
		}
		for i, p := range all {
			s := p.listens(t, party)
			work(func() (err error) {
				pending[i], err = k.talk(s, fmt.Sprint(p.Username, "-", round))
				return err
			})
			work(func() error { return k.recruit(p.as(t), all[(i+1)%len(all)].as(t)) })
		}
		go func() { over <- clients.Wait() }()

		for acks, dead := 0, false; !dead; {
			select {
			case <-k.acks:
				if acks++; acks == 20+7*round {
					close(killed)
					on.kill(t)
				}
			case err := <-over:
				require.NoError(t, err)
				dead = true
			}
		}
		sound(t, data)
		on = serve(t, data)
		for i := range all {
			all[i].on = on
		}
		k.isThere(t, all, party, pending)
	}
	t.Logf("%d posts, %d joins and %d messages", len(k.posts), len(k.joined), len(k.said))
}

// isThere checks that everything acknowledged exists, with tokens from before the kill.
func (k *kept) isThere(t *testing.T, all []person, party post, pending []string) {
	t.Helper()
	for i, id := range pending { // it may have been stored; repeat it
		s := all[i].listens(t, party)
		s.says("말 "+id, id)
		m := s.hearsWords("말 " + id)
		k.said[id] = m
		s.conn.Close()
	}
	log := map[string]message{}
	for after := int64(0); ; {
		r := read[room](all[0].as(t).get(fmt.Sprint(party.room(), "?limit=200&after=", after)).is(http.StatusOK))
		for _, m := range r.Messages {
			require.Equal(t, after+1, m.Seq, "no line is missing")
			after = m.Seq
			if m.ClientID != nil {
				require.NotContains(t, log, *m.ClientID, "no line is there twice")
				log[*m.ClientID] = m
			}
		}
		if !r.HasMore {
			require.Equal(t, after, r.LastSeq)
			break
		}
	}
	assert.Equal(t, k.said, log)
	joined := map[int64]bool{}
	for _, p := range k.joined {
		joined[p.ID] = true
	}
	for _, p := range k.posts {
		now := read[post](all[0].as(t).get(p.detail()).is(http.StatusOK))
		assert.Equal(t, p.Title, now.Title)
		assert.Equal(t, p.Writer, now.Writer)
		if joined[p.ID] {
			assert.Equal(t, 2, now.JoinNumber)
		}
	}
}

// sound checks the integrity of the database.
func sound(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "mealbuddy.db"))
	require.NoError(t, err)
	defer db.Close()
	var verdict string
	require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict))
	require.Equal(t, "ok", verdict)
	var broken sql.NullString
	err = db.QueryRowContext(t.Context(), `SELECT "table" FROM pragma_foreign_key_check`).Scan(&broken)
	require.Truef(t, errors.Is(err, sql.ErrNoRows), "a row of %s refers to nothing: %v", broken.String, err)
}
