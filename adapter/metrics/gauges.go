package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gauge and counter add a metric whose value is read on each scrape.
func (m *Metrics) gauge(name, help string, labels prometheus.Labels, value func() float64) {
	m.make.NewGaugeFunc(prometheus.GaugeOpts{Name: namespace + name, Help: help, ConstLabels: labels}, value)
}

func (m *Metrics) counter(name, help string, labels prometheus.Labels, value func() float64) {
	m.make.NewCounterFunc(prometheus.CounterOpts{Name: namespace + name, Help: help, ConstLabels: labels}, value)
}

// Pool is the usage of a connection pool, with the number and total duration of waits
// for a connection since the start.
type Pool struct {
	Max, InUse, Idle int
	Waits            int64
	Waited           time.Duration
}

// Pool adds the metrics of a database connection pool.
func (m *Metrics) Pool(name string, look func() Pool) {
	pool := prometheus.Labels{"pool": name}
	m.gauge("pool_max_connections", "Connections that a pool may open.", pool, func() float64 { return float64(look().Max) })
	m.gauge("pool_connections_in_use", "Connections that are at work.", pool, func() float64 { return float64(look().InUse) })
	m.gauge("pool_connections_idle", "Connections that are open and wait for work.", pool, func() float64 { return float64(look().Idle) })
	m.counter("pool_waits_total", "Times that all connections of a pool were at work.", pool, func() float64 { return float64(look().Waits) })
	m.counter("pool_wait_seconds_total", "Time that was spent waiting for a connection.", pool, func() float64 { return look().Waited.Seconds() })
}

// Load adds the metrics of load shedding: the limit of concurrent requests, without
// probes, and the number of requests refused above it.
func (m *Metrics) Load(look func() (most int, shed int64)) {
	m.gauge("http_requests_in_flight_limit", "Requests that may be answered at once.", nil, func() float64 { most, _ := look(); return float64(most) })
	m.counter("http_requests_shed_total", "Requests that were sent away because too many were being answered.", nil, func() float64 { _, shed := look(); return float64(shed) })
}

// Passwords adds the metrics of the password hashes that are computed and that wait.
func (m *Metrics) Passwords(look func() (working, waiting int)) {
	const name, help = "password_hashes", "Password hashes that are being made, or wait for their turn."
	m.gauge(name, help, prometheus.Labels{"state": "working"}, func() float64 { n, _ := look(); return float64(n) })
	m.gauge(name, help, prometheus.Labels{"state": "waiting"}, func() float64 { _, n := look(); return float64(n) })
}

// Talk adds the metrics of chat messages: how many wait to be stored, and how many
// batches wait to be written, to all sockets and to the slowest one. The caller passes
// the size of each group commit to group.
func (m *Metrics) Talk(lines func() int, news func() (all, most int)) (group func(size int)) {
	m.gauge("lines_waiting", "Lines that wait to be stored.", nil, func() float64 { return float64(lines()) })
	m.gauge("socket_news_waiting", "Pieces of news that wait to be written, of all sockets.", nil, func() float64 { all, _ := news(); return float64(all) })
	m.gauge("socket_news_waiting_most", "Pieces of news that wait to be written, of the socket that is furthest behind.", nil, func() float64 { _, most := news(); return float64(most) })
	sizes := m.make.NewHistogram(prometheus.HistogramOpts{
		Name:    namespace + "line_group_size",
		Help:    "Lines that were stored in one transaction.",
		Buckets: prometheus.ExponentialBuckets(1, 2, 9), // up to 256, the largest group
	})
	return func(size int) { sizes.Observe(float64(size)) }
}

// Hints is the state of a bus between processes and its counters since the start.
type Hints struct {
	Up       bool   // connected, as far as it knows
	Waiting  int    // to be sent
	Sent     uint64 // to others
	Dropped  uint64 // because too many waited
	Received uint64 // from others
	Bad      uint64 // invalid messages
}

// Hints adds the metrics of the bus between processes.
func (m *Metrics) Hints(look func() Hints) {
	m.gauge("bus_up", "1 while the bus between processes works, 0 while its hints are made up for by reading the database.", nil, func() float64 {
		if look().Up {
			return 1
		}
		return 0
	})
	m.gauge("bus_hints_waiting", "Hints that are to be sent.", nil, func() float64 { return float64(look().Waiting) })
	const name, help = "bus_hints_total", "Hints that were sent, received, dropped because too many waited, or not understood."
	for fate, count := range map[string]func(Hints) uint64{
		"sent":     func(h Hints) uint64 { return h.Sent },
		"received": func(h Hints) uint64 { return h.Received },
		"dropped":  func(h Hints) uint64 { return h.Dropped },
		"bad":      func(h Hints) uint64 { return h.Bad },
	} {
		m.counter(name, help, prometheus.Labels{"fate": fate}, func() float64 { return float64(count(look())) })
	}
}

// Disk adds the metrics of disk space for data, in bytes; 0 if it cannot be read.
func (m *Metrics) Disk(look func() (free, size uint64, err error)) {
	m.gauge("disk_free_bytes", "Bytes that are free on the disk of the data folder.", nil, func() float64 {
		free, _, _ := look() // 0 on error
		return float64(free)
	})
	m.gauge("disk_size_bytes", "Size of the disk of the data folder.", nil, func() float64 {
		_, size, _ := look() // 0 on error
		return float64(size)
	})
}
