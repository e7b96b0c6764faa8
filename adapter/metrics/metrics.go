// Package metrics exports Prometheus metrics of the service. All labels have small,
// fixed sets of values; none contains an address, a person or a room.
package metrics

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// namespace is the prefix of our metrics.
const namespace = "mealbuddy_"

// other replaces unknown label values.
const other = "other"

// Metrics holds the metrics of a process. Its methods are safe for concurrent use. Each
// method that adds metrics may be called once per name.
type Metrics struct {
	registry *prometheus.Registry
	factory  promauto.Factory
	kinds    []room.Kind

	inFlight prometheus.Gauge
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	refusals *prometheus.CounterVec

	lines   *prometheus.CounterVec
	changes prometheus.Counter
}

// New returns the metrics of a build that stores entries of these kinds.
func New(version, revision, date string, kinds []room.Kind) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := &Metrics{registry: registry, factory: promauto.With(registry), kinds: kinds}
	m.factory.NewGauge(prometheus.GaugeOpts{
		Name:        namespace + "build_info",
		Help:        "1, and in its labels which build this is.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "date": date},
	}).Set(1)
	m.inFlight = m.factory.NewGauge(prometheus.GaugeOpts{
		Name: namespace + "http_requests_in_flight",
		Help: "Requests that are being answered. An open socket is none.",
	})
	m.requests = m.counters("http_requests_total", "Requests that were answered.", "route", "method", "status")
	m.took = m.factory.NewHistogramVec(prometheus.HistogramOpts{
		Name:    namespace + "http_request_duration_seconds",
		Help:    "Time from a request's headers to the end of its answer, or to the socket that it became.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"route", "method"})
	m.refusals = m.counters("refusals_total", "Requests that were refused, by the code that the client was told.", "code")
	m.lines = m.counters("lines_stored_total", "Lines that were stored in the logs of rooms.", "kind")
	for _, kind := range kinds {
		m.lines.WithLabelValues(string(kind))
	}
	m.changes = m.factory.NewCounter(prometheus.CounterOpts{
		Name: namespace + "account_changes_total",
		Help: "Times that others were told of a change of an account: of its profile or password, or its end.",
	})
	return m
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	return m.factory.NewCounterVec(prometheus.CounterOpts{Name: namespace + name, Help: help}, labels)
}

// Handler serves all metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// Request counts a request that begins. The caller must call ended once: code is "" for
// a success, and status is 0 if the client got no answer.
func (m *Metrics) Request() (ended func(route, method string, status int, code string, took time.Duration)) {
	m.inFlight.Inc()
	return m.answered
}

func (m *Metrics) answered(route, method string, status int, code string, took time.Duration) {
	m.inFlight.Dec()
	if route == "" {
		route = "unknown"
	}
	if !slices.Contains(methods, method) {
		method = other
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route, method).Observe(took.Seconds())
	if code != "" {
		m.refusals.WithLabelValues(code).Inc()
	}
}

// Bus wraps next and counts the calls.
func (m *Metrics) Bus(next port.Bus) port.Bus { return bus{m, next} }

type bus struct {
	m    *Metrics
	next port.Bus
}

func (b bus) Publish(ctx context.Context, lines ...port.Line) {
	for _, l := range lines {
		kind := string(l.Kind)
		if !slices.Contains(b.m.kinds, l.Kind) {
			kind = other
		}
		b.m.lines.WithLabelValues(kind).Inc()
	}
	b.next.Publish(ctx, lines...)
}

func (b bus) AccountChanged(ctx context.Context, who user.ID) {
	b.m.changes.Inc()
	b.next.AccountChanged(ctx, who)
}

func (b bus) Notify(ctx context.Context, who ...user.ID) { b.next.Notify(ctx, who...) }
