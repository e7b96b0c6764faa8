package main

import (
	"context"
	"encoding/json"
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

// from dials as the nth household does: from a network of its own on this machine.
func from(n int) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(1+n/250), byte(n%250), 1)}}
	return d.DialContext
}

// guessers try passwords, and count what they are told.
type guessers struct {
	url     string
	clients []*http.Client // one for each network
	gate    chan struct{}  // holds one element for each attempt under way
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

// try begins the ith attempt, unless too many are under way.
func (g *guessers) try(ctx context.Context, i int) {
	select {
	case g.gate <- struct{}{}:
	default:
		g.unsent.Add(1)
		return
	}
	g.working.Go(func() {
		defer func() { <-g.gate }()
		body := fmt.Sprintf(`{"email":"p%d@example.com","password":"wrong horse %d"}`, i%1000, i) // some of whom there are
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
		io.Copy(io.Discard, resp.Body) // so that the connection is used again
		n, _ := g.said.LoadOrStore(resp.StatusCode, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	})
}

// end waits for what is under way, and tells what became of all.
func (g *guessers) end() string {
	g.working.Wait()
	for _, c := range g.clients {
		c.CloseIdleConnections()
	}
	counts := map[string]int64{}
	g.said.Range(func(status, n any) bool {
		counts[fmt.Sprint(status)] = n.(*atomic.Int64).Load()
		return true
	})
	text, err := json.Marshal(counts)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("answered %s, %d failed, %d not sent because 2,000 were under way", text, g.failed.Load(), g.unsent.Load())
}

// guesses measures a chat beside people who try passwords: from one network, where
// soon nobody looks at them, and from hundreds, where there is always one to look at.
func guesses(ctx context.Context, b *bench) error {
	const rooms, seats, rate, tries = 20, 5, 100, 500
	for _, attack := range []struct {
		name     string
		networks int
	}{{"one network", 1}, {"400 networks", 400}} {
		err := b.overSQLite(ctx, func(quiet *server) error {
			town, err := settle(ctx, quiet, rooms, seats)
			if err != nil {
				return err
			}
			quiet.stop() // what follows is limited
			s, err := b.app(ctx, quiet.dir, "", "MEALBUDDY_LIMITS=on")
			if err != nil {
				return err
			}
			defer s.stop()
			town.server = s
			t, err := connectBy(ctx, rooms, seats, town.socket, func(room, seat int) *websocket.Dialer {
				return &websocket.Dialer{NetDialContext: from(1000 + room*seats + seat), HandshakeTimeout: 10 * time.Second}
			})
			if err != nil {
				return err
			}
			defer t.close()
			alone, _, err := t.atRate(ctx, rate, b.span) // what the chat takes by itself is no growth
			if err != nil {
				return err
			}

			before, most := s.memory(), 0.0
			g := newGuessers(s.url, attack.networks)
			attacking, call := context.WithCancel(ctx)
			var others sync.WaitGroup
			others.Go(func() {
				every := time.NewTicker(200 * time.Millisecond)
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
			span := 6 * b.span
			var attackErr error
			others.Go(func() {
				attackErr = open(ctx, tries, span, func(i int, _ time.Time) { g.try(ctx, i) })
			})
			r, said, err := t.atRate(ctx, rate, span)
			call()
			others.Wait()
			told := g.end()
			if err == nil {
				err = attackErr
			}
			if err != nil {
				return err
			}
			what := fmt.Sprintf("chat, %d messages/s beside %d wrong logins/s from %s", rate, tries, attack.name)
			b.report.within(what+", p99", r.at(0.99), 150, " ms")
			b.report.within(what+", growth of memory", most-before, 200, " MB")
			b.report.within(what+", messages lost", float64(said*seats-len(r.times)), 0, "")
			b.report.note("%s for %s: p50 %.1f ms, max %.1f ms (without them p50 %.1f ms, p99 %.1f ms); memory %.0f MB before, %.0f MB at most; logins %s", what, span, r.at(0.5), r.at(1), alone.at(0.5), alone.at(0.99), before, most, told)
			t.check(b, what)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
