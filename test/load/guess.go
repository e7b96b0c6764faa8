package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// from dials from a local address in the network of the nth household.
func from(n int) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(1+n/250), byte(n%250), 1)}}
	return d.DialContext
}

// guessers try passwords and count the answers.
type guessers struct {
	url     string
	clients []*http.Client // one for each network
	gate    chan struct{}  // holds an element for each running attempt
	working sync.WaitGroup
	said    sync.Map // status → *atomic.Int64
	failed  atomic.Int64
	unsent  atomic.Int64
}

func newGuessers(url string, networks int) *guessers {
	g := &guessers{url: url + "/api/user/login/", gate: make(chan struct{}, 2000)}
	for n := range networks {
		g.clients = append(g.clients, &http.Client{
			Transport: &http.Transport{DialContext: from(n), MaxIdleConnsPerHost: 64, DisableCompression: true},
			Timeout:   30 * time.Second,
		})
	}
	return g
}

// try starts the ith attempt, unless too many are running.
func (g *guessers) try(ctx context.Context, i int) {
	select {
	case g.gate <- struct{}{}:
	default:
		g.unsent.Add(1)
		return
	}
	g.working.Go(func() {
		defer func() { <-g.gate }()
		body := fmt.Sprintf(`{"email":"p%d@example.com","password":"wrong horse %d"}`, i%1000, i) // some of these accounts exist
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, strings.NewReader(body))
		if err != nil {
			g.failed.Add(1)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := g.clients[i%len(g.clients)].Do(r)
		if err != nil {
			g.failed.Add(1)
			return
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body) // so that the connection is reused
		n, _ := g.said.LoadOrStore(resp.StatusCode, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	})
}

// end waits for running attempts and returns the counts. Every attempt must have been
// refused: wrong password or rate limit.
func (g *guessers) end() (string, error) {
	g.working.Wait()
	for _, c := range g.clients {
		c.CloseIdleConnections()
	}
	var err error
	counts := map[string]int64{}
	g.said.Range(func(status, n any) bool {
		counts[fmt.Sprint(status)] = n.(*atomic.Int64).Load()
		switch status {
		case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		default:
			err = fmt.Errorf("a wrong password was answered with %v", status)
		}
		return true
	})
	if n := g.failed.Load(); err == nil && n > 0 {
		err = fmt.Errorf("%d attempts were not answered", n)
	}
	if err == nil && counts["401"] == 0 {
		err = errors.New("nobody looked at any password")
	}
	text, _ := json.Marshal(counts) // a map of strings and numbers cannot fail
	return fmt.Sprintf("logins answered %s, %d not sent because 2,000 were under way", text, g.unsent.Load()), err
}

// guesses measures a chat during password guessing: from one network, which is soon rate
// limited, and from hundreds of networks, whose attempts are always checked.
func guesses(ctx context.Context, b *bench) error {
	const rooms, seats, rate, tries = 20, 5, 100, 500
	at := string(sqlite)
	var p plan
	p.set(setting{name: at, store: sqlite, fill: filling{people: rooms * seats},
		prepare: func(ctx context.Context, s *stage) error { return s.found(ctx, rooms, seats) }})
	for _, attack := range []struct {
		name     string
		networks int
	}{{"one network", 1}, {"400 networks", 400}} {
		what := fmt.Sprintf("chat, %d messages/s beside %d wrong logins/s from %s", rate, tries, attack.name)
		p.measures = append(p.measures, measure{at: at, figures: []figure{
			{name: what + ", p99, none lost", unit: " ms", warm: openSockets, bar: atMost(150)},
			{name: what + ", growth of memory", unit: " MB", bar: atMost(200)},
		}, run: func(ctx context.Context, s *stage) (seen, error) {
			if err := s.restart(ctx, "MEALBUDDY_LIMITS=on"); err != nil { // with fresh rate limits
				return seen{}, err
			}
			t, err := connectBy(ctx, rooms, seats, s.socket, func(room, seat int) *websocket.Dialer {
				return &websocket.Dialer{NetDialContext: from(1000 + room*seats + seat), HandshakeTimeout: 10 * time.Second}
			})
			if err != nil {
				return seen{}, err
			}
			defer t.close()
			alone, _, err := t.atRate(ctx, rate, b.span) // to measure only the increase
			if err != nil {
				return seen{}, err
			}

			before, most := s.memory(), 0.0
			g := newGuessers(s.url, attack.networks)
			attacking, call := context.WithCancel(ctx)
			var others sync.WaitGroup
			others.Go(func() {
				every := time.NewTicker(50 * time.Millisecond)
				defer every.Stop()
				for {
					select {
					case <-every.C:
						most = max(most, s.memory())
					case <-attacking.Done():
						return
					}
				}
			})
			span := 4 * b.span
			var attackErr error
			others.Go(func() {
				attackErr = open(ctx, tries, span, func(i int, _ time.Time) { g.try(ctx, i) })
			})
			r, _, err := t.atRate(ctx, rate, span)
			call()
			others.Wait()
			told, answers := g.end()
			if err := errors.Join(err, attackErr, answers); err != nil {
				return seen{}, err
			}
			return seen{
				values: []float64{r.at(0.99), most - before},
				note: fmt.Sprintf("for %s: p50 %.1f ms, max %.1f ms (without them p50 %.1f ms, p99 %.1f ms); memory %.0f MB before, %.0f MB at most; %s",
					span, r.at(0.5), r.at(1), alone.at(0.5), alone.at(0.99), before, most, told),
			}, nil
		}})
	}
	return b.compare(ctx, p)
}
