package e2e

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// weight is the resource usage of a server.
type weight struct {
	goroutines     int
	sockets        int
	heap, resident float64 // bytes; heap is measured after a garbage collection
}

// scales measure a server that was started with MEALBUDDY_DEBUG_ADDR.
type scales struct {
	t    *testing.T
	addr string
	http http.Client
}

func scalesFor(t *testing.T, on *server) *scales {
	t.Helper()
	debug, err := on.log.find(func(e entry) bool { return e.Msg == "metrics and profiles" })
	require.NoError(t, err)
	return &scales{t, debug.Addr, http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// weigh collects garbage first.
func (s *scales) weigh() (w weight) {
	s.t.Helper()
	client.CloseIdleConnections() // each of which is a goroutine of the server
	w.heap = s.figure("/debug/pprof/heap?gc=1&debug=1", `(?m)^# HeapAlloc = (\d+)$`)
	w.goroutines = int(s.figure("/metrics", `(?m)^go_goroutines (\S+)$`))
	w.sockets = int(s.figure("/metrics", `(?m)^mealbuddy_sockets_open (\S+)$`))
	w.resident = s.figure("/metrics", `(?m)^process_resident_memory_bytes (\S+)$`)
	return w
}

func (s *scales) figure(path, pattern string) float64 {
	s.t.Helper()
	resp, err := s.http.Get("http://" + s.addr + path)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	require.NotNil(s.t, found, "%s has no %s", path, pattern)
	n, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(s.t, err)
	return n
}

// about reports whether w is within 5 % of was.
func (w weight) about(was weight) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= .05*b }
	return near(float64(w.goroutines), float64(was.goroutines)) && near(w.heap, was.heap)
}

// rest measures a server repeatedly until it has no sockets and three measurements in a
// row are alike.
func (s *scales) rest() (w weight) {
	s.t.Helper()
	alike := 0
	return s.until("comes to rest", func(now weight) bool {
		// allow for a goroutine of the last measurement itself
		if now.sockets == 0 && math.Abs(now.heap-w.heap) <= .01*w.heap && abs(now.goroutines-w.goroutines) <= 1 {
			alike++
		} else {
			alike = 0
		}
		w = now
		return alike == 2
	})
}

func abs(n int) int { return max(n, -n) }

// until measures a server twice a second until done returns true.
func (s *scales) until(what string, done func(weight) bool) weight {
	s.t.Helper()
	for late := time.Now().Add(4 * patience); ; time.Sleep(500 * time.Millisecond) {
		w := s.weigh()
		if done(w) {
			return w
		}
		require.False(s.t, time.Now().After(late), "the server never %s: %s", what, w)
	}
}

func (w weight) String() string {
	return fmt.Sprintf("%d sockets, %d goroutines, %.3f MB on the heap, %.1f MB resident", w.sockets, w.goroutines, w.heap/1e6, w.resident/1e6)
}

// After any number of chats and disconnects, a server without sockets uses the same
// resources as before, within 5 %.
func TestALongChatLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_DEBUG_ADDR=127.0.0.1:0")
	crowd, _ := neighboursOf(t, on, 5, 0)
	wire := lay(t, func() string { return on.addr }, nil)
	far := *on
	far.addr = wire.Addr().String()
	chat := func() {
		rooms := []post{meet(t, crowd...), meet(t, crowd...)}
		c := chatting(t, &nodes{all: []*server{&far}}, crowd, rooms, nil)
		for range 2 {
			c.goesOn(int64(often(100, 1000)))
			wire.cut()
			c.struck(fmt.Sprint(len(c.chatters), " sockets cut at once"))
		}
		c.goesOn(int64(often(100, 1000)))
		c.holds()
	}
	s := scalesFor(t, on)
	var before weight
	for warm := 0; ; warm++ { // some memory is allocated once and kept, such as that of connections to the store
		require.Less(t, warm, 8, "the server grows with every chat, now to %s", before)
		chat()
		now := s.rest()
		if warm > 1 && now.about(before) {
			before = now
			break
		}
		before = now
	}
	t.Log("before:", before)
	for range rounds(2, math.MaxInt) {
		chat()
	}
	after := s.until("is again as light as before, with "+before.String(), func(w weight) bool {
		toll.weigh(before, w)
		return w.sockets == 0 && w.about(before)
	})
	t.Log("after:", after)
}
