package metrics

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sockets counts what happens to WebSockets.
type Sockets struct {
	open    prometheus.Gauge
	closed  *prometheus.CounterVec
	lag     map[string]prometheus.Observer // by what it counts from
	ack     prometheus.Histogram
	dropped *prometheus.CounterVec
	refused *prometheus.CounterVec
	fetches *prometheus.CounterVec
	fetched prometheus.Counter
}

// codes are those by which sockets close. A client may send any other.
var codes = []int{1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1013, 4040, 4401, 4403, 4408, 4429}

// quick are buckets, in seconds, for what people wait for as they talk.
var quick = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

// Sockets makes the metrics of sockets.
func (m *Metrics) Sockets() *Sockets {
	s := &Sockets{
		open: m.make.NewGauge(prometheus.GaugeOpts{
			Name: namespace + "sockets_open",
			Help: "Sockets that are open.",
		}),
		closed: m.counters("sockets_closed_total", "Sockets that were closed, by the code of the close frame; 1006 where there was none.", "code"),
		lag:    map[string]prometheus.Observer{},
		ack: m.make.NewHistogram(prometheus.HistogramOpts{
			Name:    namespace + "socket_ack_seconds",
			Help:    "Time from the moment that a message had come in until its sender's socket was told that it is stored.",
			Buckets: quick,
		}),
		dropped: m.counters("socket_frames_dropped_total", "Frames that clients were too slow for. Each of them ends a socket, whose client comes back for what it missed.", "what"),
		refused: m.counters("messages_refused_total", "Messages that came over a socket and were not stored, by the code that their senders were told.", "code"),
		fetches: m.counters("log_fetches_total", "Reads of a room's log for its sockets, after a hint or to mend a hole.", "result"),
		fetched: m.make.NewCounter(prometheus.CounterOpts{
			Name: namespace + "log_fetched_lines_total",
			Help: "Lines that those reads found.",
		}),
	}
	lag := m.make.NewHistogramVec(prometheus.HistogramOpts{
		Name: namespace + "socket_delivery_seconds",
		Help: "Time until a line was written to a socket. From commit: since its commit, where this process stored it. " +
			"From log: where it was read from there, since another process stored it or a hint was lost: since it was said, by the clock of who stored it.",
		Buckets: quick,
	}, []string{"from"})
	for _, from := range []string{"commit", "log"} {
		s.lag[from] = lag.WithLabelValues(from)
	}
	for _, what := range []string{"line", "bytes", "reply"} {
		s.dropped.WithLabelValues(what)
	}
	for _, result := range []string{"ok", "failed"} {
		s.fetches.WithLabelValues(result)
	}
	return s
}

// Opened counts a socket that opens.
func (s *Sockets) Opened() { s.open.Inc() }

// Closed counts the end of one that opened.
func (s *Sockets) Closed(code int) {
	s.open.Dec()
	label := other
	if slices.Contains(codes, code) {
		label = strconv.Itoa(code)
	}
	s.closed.WithLabelValues(label).Inc()
}

// Sent tells how long a line was on its way to a socket: from its "commit" here,
// or, where it was read from the "log", from when it was said.
func (s *Sockets) Sent(from string, lag time.Duration) {
	s.lag[from].Observe(lag.Seconds())
}

// Acked tells how long a sender waited to hear that a message is stored.
func (s *Sockets) Acked(took time.Duration) { s.ack.Observe(took.Seconds()) }

// Dropped counts a frame for which a client was too slow: "line", "bytes" or "reply".
func (s *Sockets) Dropped(what string) { s.dropped.WithLabelValues(what).Inc() }

// Refused counts a message that was not stored.
func (s *Sockets) Refused(code string) { s.refused.WithLabelValues(code).Inc() }

// Fetched counts a read of a log.
func (s *Sockets) Fetched(lines int, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	s.fetches.WithLabelValues(result).Inc()
	s.fetched.Add(float64(lines))
}
