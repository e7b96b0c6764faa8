package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// Ending a sign-in at one node ends its sockets and tokens at the other.
func TestSignInsOverTwoNodes(t *testing.T) {
	t.Parallel()
	redis := container.StartRedis(t)
	s := stand(t, 2, container.Postgres(t), redis)
	t.Run("with Redis", func(t *testing.T) { signOuts(t, s, "with", time.Second) })
	t.Run("a ticket of one is good at the other, once", func(t *testing.T) { ticketsOver(t, s) })
	redis.Stop()
	s.each(func(on *server) {
		_, err := on.log.find(isGone)
		require.NoError(t, err)
	})
	t.Run("while Redis is gone", func(t *testing.T) { signOuts(t, s, "while", 10*time.Second) })
}

// A remoteSignOut is a sign-in with sockets at one node, and an action that ends it
// at the other.
type remoteSignOut struct {
	name    string
	end     func(d, other device)
	d       device
	sockets []*socket
	began   time.Time
}

// ended checks that all parts of the sign-in end in time.
func (g *remoteSignOut) ended(t *testing.T, within time.Duration) {
	t.Helper()
	for _, s := range g.sockets {
		assert.Equal(t, 4401, s.closes(), g.name)
	}
	sockets := time.Since(g.began)
	for g.d.as(t).get(currentPath).status != http.StatusUnauthorized {
		require.Less(t, time.Since(g.began), patience, g.name)
		pause(t.Context(), 5*time.Millisecond)
	}
	token := time.Since(g.began)
	t.Logf("%s: sockets after %s, token after %s", g.name, sockets, token)
	assert.Less(t, max(sockets, token), within, g.name)
	g.d.isOut(t)
}

// signOuts ends sign-ins at one node while the other is in use.
func signOuts(t *testing.T, s *service, prefix string, within time.Duration) {
	const next = "another-word-9"
	all := []*remoteSignOut{
		{name: "from another device", end: func(d, other device) {
			other.as(t).delete(fmt.Sprint(sessionsPath, d.signIn(t), "/")).is(http.StatusNoContent)
		}},
		{name: "signing out", end: func(d, other device) { d.onto(other.on).keeper(t).post(logoutPath, nil).is(http.StatusNoContent) }},
		{name: "signing out everywhere", end: func(_, other device) { other.as(t).delete(sessionsPath).is(http.StatusNoContent) }},
		{name: "a token used again", end: func(d, other device) {
			d = d.onto(other.on)
			d.refreshes(t).refreshes(t).refreshes(t) // its successor was used, and is not the newest but one
			d.keeper(t).post(refreshPath, nil).is(http.StatusUnauthorized)
		}},
		{name: "a new password", end: func(_, other device) {
			other.as(t).post("/api/user/changepassword/", fields{"current_password": password, "new_password1": next, "new_password2": next}).is(http.StatusOK)
		}},
		{name: "withdrawal", end: func(_, other device) {
			other.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
		}},
	}
	others := make([]device, len(all))
	for i, g := range all {
		others[i].person = newcomer(t, s.at(0), fmt.Sprint(prefix, "-out-", i))
		g.d = others[i].at(s.at(1)).enters(t)
		party := others[i].opens(t, 2)
		g.sockets = []*socket{g.d.listens(t, party), shows(t, s.at(1), party, g.d.ticket(t, party))}
	}
	for i, g := range all {
		g.d.as(t).get(currentPath).is(http.StatusOK) // so that the node has the person in its cache
		g.end(g.d, others[i])
		g.began = time.Now() // when the action was confirmed
		if within == time.Second {
			g.ended(t, within)
		}
	}
	if within > time.Second { // concurrently, because each may take that long
		for _, g := range all {
			g.ended(t, within)
		}
	}
}

func ticketsOver(t *testing.T, s *service) {
	ann := newcomer(t, s.at(0), "ticket-ann")
	party := ann.opens(t, 2)
	a := shows(t, s.at(1), party, ann.ticket(t, party))
	a.says("건너왔어요", "")
	a.hearsWords("건너왔어요")

	for round := range 5 {
		ticket := ann.ticket(t, party)
		var mu sync.Mutex
		statuses := map[int]int{}
		var doors errgroup.Group
		for i := range 20 {
			on := s.at(i % 2)
			doors.Go(func() error {
				var a answer
				for began := time.Now(); a.status == 0 || a.status == http.StatusServiceUnavailable && time.Since(began) < patience; { // a busy store refuses tickets
					var conn *websocket.Conn
					var err error
					if conn, a, err = knock(websocket.Dialer{HandshakeTimeout: patience}, on, party.socket(), url.Values{"ticket": {ticket}}, nil); err != nil {
						return err
					}
					if conn != nil {
						conn.Close()
					}
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
				return nil
			})
		}
		require.NoError(t, doors.Wait(), "round %d", round)
		require.Equal(t, map[int]int{http.StatusSwitchingProtocols: 1, http.StatusUnauthorized: 19}, statuses, "round %d", round)
	}
}
