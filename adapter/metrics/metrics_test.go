package metrics

import (
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// newMetrics returns the metrics of a program that knows three kinds of entries.
func newMetrics() *Metrics {
	return New("0.2.0", "abc", "2026-11-30T00:00:00Z", []room.Kind{chat.Said, party.EntryJoined, party.EntryDeparted})
}

// newWhole returns Metrics with every metric added.
func newWhole() (*Metrics, *Sockets) {
	m := newMetrics()
	sockets := m.Sockets()
	m.Load(func() (limit int, shed int64) { return 256, 8 })
	m.Passwords(func() (working, waiting int) { return 2, 7 })
	for _, name := range []string{"read", "write"} {
		m.Pool(name, func() PoolStats {
			return PoolStats{Max: 20, InUse: len(name), Idle: 3, Waits: 4, WaitDuration: 1500 * time.Millisecond}
		})
	}
	m.Chat(func() int { return 6 }, func() (total, longest int) { return 9, 4 })(3)
	m.Hints(func() BusStats { return BusStats{Up: true, Waiting: 1, Sent: 2, Dropped: 3, Received: 4, Bad: 5} })
	m.Disk(func() (free, size uint64, err error) { return 1, 2, nil })
	agenda := m.Agenda([]agenda.Kind{"test.chore"})
	agenda.Worked("test.chore", "failed", 3*time.Second)
	agenda.Worked("test.unknown", "done", 700*time.Millisecond)
	agenda.Backlog(port.Backlog{Due: 3, Late: 1500 * time.Millisecond, SetAside: 2})
	return m, sockets
}

// scrape reads the metrics and checks that they contain these lines.
func scrape(t *testing.T, m *Metrics, want ...string) (text string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	require.Equal(t, 200, w.Code)
	text = w.Body.String()
	for _, line := range want {
		assert.Contains(t, text, "\nmealbuddy_"+line+"\n")
	}
	return text
}

func TestRequests(t *testing.T) {
	m := newMetrics()
	done := m.Request()
	m.Request()
	scrape(t, m, "http_requests_in_flight 2")
	done("/api/chat/{id}/", "GET", 200, "", 30*time.Millisecond)
	m.Request()("", "GET", 404, "not_found", time.Millisecond)
	m.Request()("/api/post/", "BREW", 405, "method_not_allowed", time.Millisecond)
	scrape(t, m,
		"http_requests_in_flight 1",
		`http_requests_total{method="GET",route="/api/chat/{id}/",status="200"} 1`,
		`http_requests_total{method="GET",route="unknown",status="404"} 1`,
		`http_requests_total{method="other",route="/api/post/",status="405"} 1`,
		`http_request_duration_seconds_bucket{method="GET",route="/api/chat/{id}/",le="0.025"} 0`,
		`http_request_duration_seconds_bucket{method="GET",route="/api/chat/{id}/",le="0.05"} 1`,
		`refusals_total{code="not_found"} 1`,
		`refusals_total{code="method_not_allowed"} 1`,
	)
}

func TestSockets(t *testing.T) {
	m, s := newWhole()
	scrape(t, m, "sockets_open 0", `socket_frames_dropped_total{what="line"} 0`, `log_fetches_total{result="failed"} 0`)
	for range 4 {
		s.Opened()
	}
	s.Closed(4408)
	s.Closed(3999)
	s.Closed(4001)
	s.Sent("commit", 3*time.Millisecond)
	s.Sent("log", 2*time.Second)
	s.Acked(3 * time.Millisecond)
	s.Dropped("line")
	s.Refused("busy")
	s.Fetched(12, nil)
	s.Fetched(0, errors.New("away"))
	scrape(t, m,
		"sockets_open 1",
		`sockets_closed_total{code="4408"} 1`,
		`sockets_closed_total{code="other"} 2`,
		`socket_delivery_seconds_bucket{from="commit",le="0.0025"} 0`,
		`socket_delivery_seconds_bucket{from="commit",le="0.005"} 1`,
		`socket_delivery_seconds_bucket{from="log",le="1"} 0`,
		`socket_delivery_seconds_bucket{from="log",le="2.5"} 1`,
		`socket_ack_seconds_bucket{le="0.0025"} 0`,
		`socket_ack_seconds_bucket{le="0.005"} 1`,
		`socket_frames_dropped_total{what="line"} 1`,
		`messages_refused_total{code="busy"} 1`,
		`socket_frames_dropped_total{what="bytes"} 0`,
		`log_fetches_total{result="ok"} 1`,
		`log_fetches_total{result="failed"} 1`,
		"log_fetched_lines_total 12",
	)
}

// heard is a bus that records calls.
type heard struct {
	lines   []port.Line
	changes []user.ID

	notified []user.ID
}

func (h *heard) Publish(_ context.Context, lines ...port.Line) { h.lines = append(h.lines, lines...) }

func (h *heard) AccountChanged(_ context.Context, who user.ID) { h.changes = append(h.changes, who) }

func (h *heard) Notify(_ context.Context, who ...user.ID) { h.notified = append(h.notified, who...) }

func TestBus(t *testing.T) {
	m := newMetrics()
	var next heard
	b := m.Bus(&next)
	lines := []port.Line{
		{Entry: room.Entry{Kind: party.EntryJoined}}, {Entry: room.Entry{Kind: chat.Said}},
		{Entry: room.Entry{Kind: chat.Said}}, {Entry: room.Entry{Kind: "new"}},
	}
	b.Publish(t.Context(), lines...)
	b.Publish(t.Context())
	b.AccountChanged(t.Context(), 7)
	b.Notify(t.Context(), 8, 9)
	assert.Equal(t, heard{lines, []user.ID{7}, []user.ID{8, 9}}, next, "all of it is told on")
	scrape(t, m,
		`lines_stored_total{kind="said"} 2`,
		`lines_stored_total{kind="joined"} 1`,
		`lines_stored_total{kind="departed"} 0`,
		`lines_stored_total{kind="other"} 1`,
		"account_changes_total 1",
	)
}

func TestWhatIsAskedFor(t *testing.T) {
	m, _ := newWhole()
	scrape(t, m,
		`build_info{date="2026-11-30T00:00:00Z",revision="abc",version="0.2.0"} 1`,
		`password_hashes{state="working"} 2`, `password_hashes{state="waiting"} 7`,
		`pool_connections_in_use{pool="read"} 4`, `pool_connections_in_use{pool="write"} 5`, `pool_connections_idle{pool="read"} 3`,
		`pool_max_connections{pool="read"} 20`, `pool_waits_total{pool="read"} 4`, `pool_wait_seconds_total{pool="read"} 1.5`,
		"http_requests_in_flight_limit 256", "http_requests_shed_total 8",
		"lines_waiting 6", "socket_news_waiting 9", "socket_news_waiting_most 4",
		`line_group_size_bucket{le="2"} 0`, `line_group_size_bucket{le="4"} 1`, `line_group_size_bucket{le="256"} 1`,
		"bus_up 1", "bus_hints_waiting 1",
		`bus_hints_total{fate="sent"} 2`, `bus_hints_total{fate="dropped"} 3`, `bus_hints_total{fate="received"} 4`, `bus_hints_total{fate="bad"} 5`,
		"disk_free_bytes 1", "disk_size_bytes 2",
		`agenda_worked_total{kind="test.chore",outcome="done"} 0`, `agenda_worked_total{kind="test.chore",outcome="failed"} 1`,
		`agenda_worked_total{kind="other",outcome="done"} 1`,
		`agenda_late_seconds_bucket{le="1"} 1`, `agenda_late_seconds_bucket{le="5"} 2`,
		"agenda_due 3", "agenda_overdue_seconds 1.5", "agenda_set_aside 2",
	)
}

func TestMetricsMayBeUsedByMany(t *testing.T) {
	m, s := newWhole()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				m.Request()("/", "GET", 200, "", time.Millisecond)
				s.Opened()
				s.Closed(1000)
			}
		})
		all.Go(func() { m.registry.Gather() })
	}
	all.Wait()
	scrape(t, m, `http_requests_total{method="GET",route="/",status="200"} 400`, `sockets_closed_total{code="1000"} 400`, "sockets_open 0")
}

// described returns the labels of each metric by name.
func described(t *testing.T) map[string][]string {
	t.Helper()
	m, _ := newWhole()
	found := map[string][]string{}
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		m.registry.Describe(descs)
	}()
	form := regexp.MustCompile(`^Desc\{fqName: "(\w+)", .*constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)
	label := regexp.MustCompile(`(\w+)(?:="[^"]*")?`)
	for d := range descs {
		parts := form.FindStringSubmatch(d.String())
		require.NotNil(t, parts, d)
		found[parts[1]] = nil
		for _, list := range parts[2:] {
			for _, m := range label.FindAllStringSubmatch(list, -1) {
				found[parts[1]] = append(found[parts[1]], m[1])
			}
		}
	}
	return found
}

func TestNames(t *testing.T) {
	m, s := newWhole()
	m.Request()("/", "GET", 503, "busy", time.Millisecond)
	s.Closed(1000)
	s.Refused("busy")
	all, err := m.registry.Gather()
	require.NoError(t, err)
	known := described(t)
	for _, f := range all {
		assert.Contains(t, known, f.GetName())
	}
	faults, err := promlint.NewWithMetricFamilies(all).Lint()
	require.NoError(t, err)
	for _, f := range faults {
		assert.False(t, strings.HasPrefix(f.Metric, namespace), "%s: %s", f.Metric, f.Text)
	}
}
