package metrics

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sockets has the metrics of WebSockets. It implements ws.Meter.
type Sockets struct {
	open    prometheus.Gauge
	closed  *prometheus.CounterVec
	lag     map[string]prometheus.Observer // by starting point
	ack     prometheus.Histogram
	dropped *prometheus.CounterVec
	refused *prometheus.CounterVec
	fetches *prometheus.CounterVec
	fetched prometheus.Counter
}

// codes are the known close codes. Clients may send any other.
var codes = []int{1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1013, 4040, 4401, 4403, 4408, 4429}

// quick are histogram buckets, in seconds, for the delays of a chat.
var quick = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

// Sockets adds the metrics of sockets.
func (m *Metrics) Sockets() *Sockets {
	s := &Sockets{
		open: m.factory.NewGauge(prometheus.GaugeOpts{
			Name: namespace + "sockets_open",
			Help: "Sockets that are open.",
		}),
		closed: m.counters("sockets_closed_total", "Sockets that were closed, by the code of the close frame; 1006 where there was none.", "code"),
		lag:    map[string]prometheus.Observer{},
		ack: m.factory.NewHistogram(prometheus.HistogramOpts{
			Name:    namespace + "socket_ack_seconds",
			Help:    "Time from the moment that a message had come in until its sender's socket was told that it is stored.",
			Buckets: quick,
		}),
		dropped: m.counters("socket_frames_dropped_total", "Frames that clients were too slow for. Each of them ends a socket, whose client comes back for what it missed.", "what"),
		refused: m.counters("messages_refused_total", "Messages that came over a socket and were not stored, by the code that their senders were told.", "code"),
		fetches: m.counters("log_fetches_total", "Reads of a room's log for its sockets, after a hint or to mend a hole.", "result"),
		fetched: m.factory.NewCounter(prometheus.CounterOpts{
			Name: namespace + "log_fetched_lines_total",
			Help: "Lines that those reads found.",
		}),
	}
	lag := m.factory.NewHistogramVec(prometheus.HistogramOpts{
		Name: namespace + "socket_delivery_seconds",
		Help: "Time until a line was written to a socket. From commit: since its commit, where this process stored it. " +
			"From log: where it was read from there, since another process stored it or a hint was lost: since it was said, by the clock of the process that stored it.",
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

// Opened counts an opened socket.
func (s *Sockets) Opened() { s.open.Inc() }

// Closed counts a closed socket.
func (s *Sockets) Closed(code int) {
	s.open.Dec()
	label := other
	if slices.Contains(codes, code) {
		label = strconv.Itoa(code)
	}
	s.closed.WithLabelValues(label).Inc()
}

// Sent records the delay of a line until it was written to a socket: from its "commit"
// in this process or, if it was read from the "log", from its own time.
func (s *Sockets) Sent(from string, lag time.Duration) {
	s.lag[from].Observe(lag.Seconds())
}

// Acked records the delay until a sender got the acknowledgement of a message.
func (s *Sockets) Acked(took time.Duration) { s.ack.Observe(took.Seconds()) }

// Dropped counts an item that a slow client did not get: "line", "bytes" or "reply".
func (s *Sockets) Dropped(what string) { s.dropped.WithLabelValues(what).Inc() }

// Refused counts a refused message.
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
