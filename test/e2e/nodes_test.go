package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// A service is several nodes of the program with one database and one Redis.
type service struct {
	nodes
	t       *testing.T
	environ []string
}

// stand starts n nodes at once. redis is nil for none; environ adds variables.
func stand(t *testing.T, n int, dsn string, redis interface{ URL() string }, environ ...string) *service {
	t.Helper()
	s := &service{t: t, environ: append([]string{
		"MEALBUDDY_DATABASE_URL=" + dsn,
		"MEALBUDDY_TOKEN_KEYS=" + ownKey.text(),
	}, environ...)}
	if redis != nil {
		s.environ = append(s.environ, "MEALBUDDY_REDIS_URL="+redis.URL())
	}
	s.all = make([]*server, n)
	var starting errgroup.Group
	for i := range s.all {
		data := t.TempDir()
		starting.Go(func() (err error) {
			s.all[i], err = start(data, s.environ...)
			return err
		})
	}
	err := starting.Wait()
	for _, node := range s.all {
		if node != nil {
			node.ends(t)
		}
	}
	require.NoError(t, err)
	return s
}

// again starts a node in the place of an ended one.
func (s *service) again(place int) {
	s.t.Helper()
	s.replace(place, serve(s.t, s.t.TempDir(), s.environ...))
}

// each calls do for every node.
func (s *service) each(do func(on *server)) {
	for i := range s.all {
		do(s.at(i))
	}
}

// at returns the same person at another node.
func (p person) at(on *server) person {
	p.on = on
	return p
}

// closes waits until the server closes the socket and returns the code. It ignores other
// frames.
func (s *socket) closes() int {
	s.t.Helper()
	for {
		f, err := s.take()
		if err == nil {
			continue
		}
		require.NoError(s.t, f.wrong)
		var closed *websocket.CloseError
		require.ErrorAs(s.t, err, &closed)
		return closed.Code
	}
}

// hearsAtLast waits for a message with these words and ignores other frames.
func (s *socket) hearsAtLast(words string) {
	s.t.Helper()
	for {
		f, err := s.take()
		require.NoError(s.t, err)
		if f.Message != nil && f.Message.Message == words {
			return
		}
	}
}

// crosses sends at one socket and waits until the message arrives at another.
func crosses(from, to *socket, words string) time.Duration {
	from.t.Helper()
	began := time.Now()
	from.says(words, fmt.Sprintf("%x", words)) // ids are ASCII
	to.hearsWords(words)
	took := time.Since(began)
	from.hearsWords(words)
	return took
}

func isGone(e entry) bool {
	return e.Msg == "redis is gone; other nodes are followed through the database"
}

func isBack(e entry) bool { return e.Msg == "redis is back" }

func TestTwoNodesAreOneService(t *testing.T) {
	t.Parallel()
	redis := container.StartRedis(t)
	dsn := container.Postgres(t)
	s := stand(t, 2, dsn, redis)
	var crowd []person
	for i := range 25 {
		crowd = append(crowd, newcomer(t, s.any(), fmt.Sprint("c", i)))
	}
	writer := newcomer(t, s.at(0), "writer")

	t.Run("two hundred join at once", func(t *testing.T) { twoHundredJoin(t, s, writer, crowd) })
	t.Run("coming and going is linearizable", func(t *testing.T) {
		for range often(3, 50) {
			party := writer.at(s.any()).opens(t, 4)
			linearizable(t, partyModel(6, 3), acts(t, &s.nodes, writer, crowd[:6], party, 12))
		}
	})
	t.Run("one person has five sockets in a room", func(t *testing.T) { fiveSockets(t, s, writer) })
	t.Run("with Redis", func(t *testing.T) { dismissals(t, s, "with", 2*time.Second) })
	redis.Stop()
	s.each(func(on *server) {
		_, err := on.log.find(isGone)
		require.NoError(t, err)
	})
	t.Run("while Redis is gone", func(t *testing.T) { dismissals(t, s, "while", 5*time.Second) })
	s.each(func(on *server) { require.NoError(t, on.stop()) })
	s = stand(t, 2, dsn, nil)
	t.Run("without Redis", func(t *testing.T) { dismissals(t, s, "without", 5*time.Second) })
}

// fiveSockets opens six sockets at two nodes in turn. The oldest ends, and those of others
// and the personal ones do not count.
func fiveSockets(t *testing.T, s *service, writer person) {
	party := writer.at(s.at(0)).opens(t, 4)
	other := newcomer(t, s.at(1), "sixth")
	other.joins(t, party)
	open := func(who person, n int) (all []*socket) {
		for i := range n {
			all = append(all, who.at(s.at(i%2)).listens(t, party))
		}
		return all
	}
	others := open(other, 4)
	own := open(writer, 6)
	assert.Equal(t, websocket.ClosePolicyViolation, own[0].closes())
	own[5].says("다섯이 들어요", "")
	for _, s := range append(own[1:], others...) {
		s.hearsWords("다섯이 들어요")
	}
}

// busy reports whether the store could not process the request.
func busy(got answer) bool {
	return got.status == http.StatusServiceUnavailable && read[problem](got).Code == "unavailable"
}

// twoHundredJoin lets 25 people join each of eight parties of ten at once.
func twoHundredJoin(t *testing.T, s *service, writer person, crowd []person) {
	var parties []post
	for range 8 {
		parties = append(parties, writer.at(s.any()).opens(t, 10))
	}
	var mu sync.Mutex
	said := map[int64]map[string]int{}
	in := map[int64]map[int64]bool{}
	begin, began := make(chan struct{}), time.Now()
	var storm errgroup.Group
	for _, party := range parties {
		said[party.ID], in[party.ID] = map[string]int{}, map[int64]bool{}
		for i, p := range crowd {
			p = p.at(s.at(i % 2))
			storm.Go(func() error {
				<-begin
				for {
					got, err := p.as(t).meaning(Unexpected).try(http.MethodPost, party.room(), nothing)
					if err != nil {
						return err
					}
					if busy(got) && time.Since(began) < patience {
						continue
					}
					mu.Lock()
					defer mu.Unlock()
					said[party.ID][fmt.Sprint(got.status)]++
					in[party.ID][p.ID] = got.status == http.StatusCreated
					return nil
				}
			})
		}
	}
	close(begin)
	require.NoError(t, storm.Wait())
	t.Logf("%d joins took %s", len(parties)*len(crowd), time.Since(began))
	for _, party := range parties {
		assert.Equal(t, map[string]int{"201": 9, "409": 16}, said[party.ID])
		s.each(func(on *server) {
			members := read[[]member](writer.at(on).as(t).get(party.members()).is(http.StatusOK))
			require.Len(t, members, 10)
			log := read[room](writer.at(on).as(t).get(party.room()).is(http.StatusOK))
			require.Len(t, log.Messages, 9)
			for i, m := range members[1:] {
				assert.True(t, in[party.ID][m.ID])
				assert.EqualValues(t, i+1, log.Messages[i].Seq)
			}
		})
	}
}

// dismissals ends sockets at one node through changes at the other.
func dismissals(t *testing.T, s *service, prefix string, within time.Duration) {
	const next = "another-word-9"
	a, b := s.at(0), s.at(1)
	var slowest time.Duration
	for i, tt := range []struct {
		name     string
		do       func(ann, bob person, party post)
		ann, bob int // close codes of their sockets; 0 means that they stay open
	}{
		{"leaving", func(_, bob person, party post) {
			bob.as(t).delete(party.members()).is(http.StatusNoContent)
		}, 0, 4403},
		{"a ban", func(ann, bob person, party post) {
			ann.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).is(http.StatusNoContent)
		}, 0, 4403},
		{"withdrawal", func(_, bob person, _ post) {
			bob.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
		}, 0, 4401},
		{"a new password", func(_, bob person, _ post) {
			bob.as(t).post("/api/user/changepassword/", fields{"current_password": password, "new_password1": next, "new_password2": next}).is(http.StatusOK)
		}, 0, 4401},
		{"the end of the room", func(ann, _ person, party post) {
			ann.as(t).delete(party.room()).is(http.StatusNoContent)
		}, 4040, 4040},
		{"the end of the post", func(ann, _ person, party post) {
			ann.as(t).post(party.remove(), nil).is(http.StatusNoContent)
		}, 4040, 4040},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ann, bob := newcomer(t, a, fmt.Sprint(prefix, "-ann-", i)), newcomer(t, b, fmt.Sprint(prefix, "-bob-", i))
			party := ann.opens(t, 3)
			bob.joins(t, party)
			anns, bobs := ann.at(b).listens(t, party), bob.listens(t, party)
			tt.do(ann, bob.at(a), party)
			began := time.Now()
			for _, end := range []struct {
				of   *socket
				code int
			}{{bobs, tt.bob}, {anns, tt.ann}} {
				if end.code != 0 {
					assert.Equal(t, end.code, end.of.closes())
				}
			}
			took := time.Since(began)
			slowest = max(slowest, took)
			assert.Less(t, took, within)
			if tt.ann == 0 {
				anns.says("아직 여기", "")
				anns.hearsAtLast("아직 여기")
			}
		})
	}
	t.Logf("the slowest took %s", slowest)
}
