package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gauge and counter add a metric whose value is read on each scrape. value must be cheap
// and safe for concurrent use; the metrics of one scrape are not a snapshot.
func (m *Metrics) gauge(name, help string, labels prometheus.Labels, value func() float64) {
	m.factory.NewGaugeFunc(prometheus.GaugeOpts{Name: namespace + name, Help: help, ConstLabels: labels}, value)
}

func (m *Metrics) counter(name, help string, labels prometheus.Labels, value func() float64) {
	m.factory.NewCounterFunc(prometheus.CounterOpts{Name: namespace + name, Help: help, ConstLabels: labels}, value)
}

// PoolStats is the usage of a connection pool, with the number and total duration of
// waits for a connection since the start.
type PoolStats struct {
	Max, InUse, Idle int
	Waits            int64
	WaitDuration     time.Duration
}

// Pool adds the metrics of a database connection pool.
func (m *Metrics) Pool(name string, stats func() PoolStats) {
	pool := prometheus.Labels{"pool": name}
	m.gauge("pool_max_connections", "Maximum number of connections.", pool, func() float64 { return float64(stats().Max) })
	m.gauge("pool_connections_in_use", "Connections in use.", pool, func() float64 { return float64(stats().InUse) })
	m.gauge("pool_connections_idle", "Idle connections.", pool, func() float64 { return float64(stats().Idle) })
	m.counter("pool_waits_total", "Waits for a connection because all were in use.", pool, func() float64 { return float64(stats().Waits) })
	m.counter("pool_wait_seconds_total", "Time spent waiting for a connection.", pool, func() float64 { return stats().WaitDuration.Seconds() })
}

// Load adds the metrics of load shedding: the limit of concurrent requests (probes do not
// count) and the number of requests refused.
func (m *Metrics) Load(stats func() (limit int, shed int64)) {
	m.gauge("http_requests_in_flight_limit", "Requests that may be answered at once.", nil, func() float64 { limit, _ := stats(); return float64(limit) })
	m.counter("http_requests_shed_total", "Requests refused because too many were in progress.", nil, func() float64 { _, shed := stats(); return float64(shed) })
}

// Passwords adds the metrics of password hashes: how many are being computed, and how
// many wait.
func (m *Metrics) Passwords(stats func() (working, waiting int)) {
	const name, help = "password_hashes", "Password hashes that are being computed, or wait for their turn."
	m.gauge(name, help, prometheus.Labels{"state": "working"}, func() float64 { n, _ := stats(); return float64(n) })
	m.gauge(name, help, prometheus.Labels{"state": "waiting"}, func() float64 { _, n := stats(); return float64(n) })
}

// Chat adds the metrics of chat: the lines that wait to be stored, and the batches that
// wait in outboxes, in total and in the longest. The returned function observes the size
// of a group commit.
func (m *Metrics) Chat(lines func() int, outboxes func() (total, longest int)) (observe func(size int)) {
	m.gauge("lines_waiting", "Lines that wait to be stored.", nil, func() float64 { return float64(lines()) })
	m.gauge("socket_news_waiting", "Batches that wait in the outboxes of all sockets.", nil, func() float64 { total, _ := outboxes(); return float64(total) })
	m.gauge("socket_news_waiting_most", "Batches that wait in the longest outbox.", nil, func() float64 { _, longest := outboxes(); return float64(longest) })
	sizes := m.factory.NewHistogram(prometheus.HistogramOpts{
		Name:    namespace + "line_group_size",
		Help:    "Lines stored in one transaction.",
		Buckets: prometheus.ExponentialBuckets(1, 2, 9), // up to 256: maxLines of sqlite, groupSize of postgres
	})
	return func(size int) { sizes.Observe(float64(size)) }
}

// BusStats is the state of a bus between processes and its counters since the start.
type BusStats struct {
	Up       bool   // connected, as far as it knows
	Waiting  int    // to be sent
	Sent     uint64 // to others
	Dropped  uint64 // because too many waited
	Received uint64 // from others
	Bad      uint64 // invalid messages
}

// Hints adds the metrics of the bus between processes.
func (m *Metrics) Hints(stats func() BusStats) {
	m.gauge("bus_up", "1 while the bus is connected; 0 while nodes poll the database instead.", nil, func() float64 {
		if stats().Up {
			return 1
		}
		return 0
	})
	m.gauge("bus_hints_waiting", "Hints that wait to be sent.", nil, func() float64 { return float64(stats().Waiting) })
	const name, help = "bus_hints_total", "Hints that were sent, received, dropped because too many waited, or not understood."
	for fate, count := range map[string]func(BusStats) uint64{
		"sent":     func(s BusStats) uint64 { return s.Sent },
		"received": func(s BusStats) uint64 { return s.Received },
		"dropped":  func(s BusStats) uint64 { return s.Dropped },
		"bad":      func(s BusStats) uint64 { return s.Bad },
	} {
		m.counter(name, help, prometheus.Labels{"fate": fate}, func() float64 { return float64(count(stats())) })
	}
}

// Disk adds the metrics of disk space for data, in bytes; 0 if it cannot be read.
func (m *Metrics) Disk(stats func() (free, size uint64, err error)) {
	m.gauge("disk_free_bytes", "Free bytes on the disk of the data folder.", nil, func() float64 {
		free, _, _ := stats() // 0 on error
		return float64(free)
	})
	m.gauge("disk_size_bytes", "Size of the disk of the data folder.", nil, func() float64 {
		_, size, _ := stats() // 0 on error
		return float64(size)
	})
}
