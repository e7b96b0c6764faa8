package e2e

import (
	"crypto/rand"
	"database/sql"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

func newKey() string { return rand.Text() }

func TestARequestThatIsSentAgain(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	ann, bob := newcomer(t, on, "ann"), newcomer(t, on, "bob")
	key := newKey()
	first := ann.as(t).with(keyHeader, key).post("/api/post/write/", draft(2)).is(http.StatusCreated)
	party := read[post](first)
	for _, again := range []body{asJSON(draft(2)), asURLEncoded(draft(2)), asMultipart(draft(2))} {
		a := ann.as(t).with(keyHeader, key).do(http.MethodPost, "/api/post/write/", again).is(http.StatusCreated)
		assert.Equal(t, "true", a.header.Get(replayedHeader))
		assert.Equal(t, string(first.body), string(a.body))
	}
	ann.as(t).with(keyHeader, key).post("/api/post/write/", draft(3)).refused(http.StatusUnprocessableEntity, "idempotency_conflict")
	ann.as(t).meaning(Request).with(keyHeader, "short").post("/api/post/write/", draft(2)).refused(http.StatusBadRequest, "invalid_idempotency_key")
	assert.Equal(t, 1, ann.posts(t))

	joined := bob.as(t).with(keyHeader, key).post(party.room(), nil).is(http.StatusCreated)
	assert.Equal(t, string(joined.body), string(bob.as(t).with(keyHeader, key).post(party.room(), nil).is(http.StatusCreated).body))
	other := ann.opens(t, 2)
	bob.as(t).with(keyHeader, key).post(other.room(), nil).refused(http.StatusUnprocessableEntity, "idempotency_conflict")
	bob.as(t).meaning(Request).with(keyHeader, "with blank "+key).post(other.room(), nil).refused(http.StatusBadRequest, "invalid_idempotency_key")
}

// A connection breaks, or the program is killed, when the answer is on its way and so the
// post is stored. The same request again has the first answer.
func TestAnAnswerThatIsLost(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]bool{"the connection is cut": false, "the program is killed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			on := serve(t, data)
			ann := newcomer(t, on, "ann")
			var wire *cable
			var once sync.Once
			answered := make(chan struct{})
			wire = lay(t, func() string { return on.addr }, func([]byte) {
				once.Do(func() {
					if kill {
						on.kill(t)
					}
					wire.cut()
					close(answered)
				})
			})
			key := newKey()
			through := ann.at(&server{addr: wire.Addr().String()})
			_, err := through.as(t).with(keyHeader, key).with("Connection", "close").try(http.MethodPost, "/api/post/write/", asJSON(draft(2)))
			require.Error(t, err)
			<-answered
			if kill {
				on = serve(t, data)
				ann = ann.at(on)
			}
			a := ann.as(t).with(keyHeader, key).post("/api/post/write/", draft(2)).is(http.StatusCreated)
			assert.Equal(t, "true", a.header.Get(replayedHeader))
			assert.Equal(t, 1, ann.posts(t))
			assert.Equal(t, read[post](a), ann.sees(t, read[post](a)))
		})
	}
}

// Fifty requests with one key come at once, to two nodes: there is one post. What one node
// has answered, the other one answers again.
func TestNodesMakeOnePostOfManyRequests(t *testing.T) {
	t.Parallel()
	s := stand(t, 2, container.Postgres(t), nil, "MEALBUDDY_LIMITS=off")
	ann := newcomer(t, s.at(0), "ann")
	key := newKey()
	var all errgroup.Group
	bodies, fresh := make([]string, 50), make([]bool, 50)
	for i := range bodies {
		all.Go(func() error {
			for {
				a, err := ann.at(s.at(i%2)).as(t).with(keyHeader, key).try(http.MethodPost, "/api/post/write/", asJSON(draft(2)))
				if err != nil {
					return err
				}
				if a.status == http.StatusConflict { // it waited for two seconds
					assert.NotEmpty(t, a.header.Get("Retry-After"))
					continue
				}
				assert.Equal(t, http.StatusCreated, a.status, "%s", a.body)
				bodies[i], fresh[i] = string(a.body), a.header.Get(replayedHeader) == ""
				return nil
			}
		})
	}
	require.NoError(t, all.Wait())
	firsts := 0
	for i, text := range bodies {
		assert.Equal(t, bodies[0], text)
		if fresh[i] {
			firsts++
		}
	}
	assert.Equal(t, 1, firsts)
	assert.Equal(t, 1, ann.posts(t))
	for i := range 2 {
		ann.at(s.at(i)).as(t).with(keyHeader, key).post("/api/post/write/", draft(3)).refused(http.StatusUnprocessableEntity, "idempotency_conflict")
	}
}

// The store holds up a post, and its repeat is sent away after two seconds.
func TestARepeatDoesNotWaitForLong(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ann := newcomer(t, serve(t, data), "ann")
	db, err := sql.Open("sqlite", filepath.Join(data, "mealbuddy.db"))
	require.NoError(t, err)
	defer db.Close()
	held, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer held.Close()
	_, err = held.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	key := newKey()
	answers := make(chan answer, 2)
	for range cap(answers) {
		go func() {
			a, err := ann.as(t).with(keyHeader, key).try(http.MethodPost, "/api/post/write/", asJSON(draft(2)))
			assert.NoError(t, err)
			answers <- a
		}()
	}
	again := <-answers
	again.refused(http.StatusConflict, "idempotency_in_progress")
	assert.NotEmpty(t, again.header.Get("Retry-After"))
	_, err = held.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	(<-answers).is(http.StatusCreated)
	assert.Equal(t, 1, ann.posts(t))
}
