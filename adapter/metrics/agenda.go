package metrics

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Agenda has the metrics of agenda items.
type Agenda struct {
	kinds    []agenda.Kind
	worked   *prometheus.CounterVec
	late     prometheus.Histogram
	due      prometheus.Gauge
	overdue  prometheus.Gauge
	setAside prometheus.Gauge
}

// Agenda adds the metrics of the agenda. kinds lists the kinds of items that the process
// handles.
func (m *Metrics) Agenda(kinds []agenda.Kind) *Agenda {
	gauge := func(name, help string) prometheus.Gauge {
		return m.factory.NewGauge(prometheus.GaugeOpts{Name: namespace + name, Help: help})
	}
	a := &Agenda{
		kinds:  kinds,
		worked: m.counters("agenda_worked_total", "Items of the agenda that this process has run, by what became of them.", "kind", "outcome"),
		late: m.factory.NewHistogram(prometheus.HistogramOpts{
			Name:    namespace + "agenda_late_seconds",
			Help:    "Time from when an item was due, or was to be tried again, until this process claimed it.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}),
		due:      gauge("agenda_due", "Items of the agenda that are due and that nobody works on, for all processes."),
		overdue:  gauge("agenda_overdue_seconds", "Time for which the oldest of them has been due."),
		setAside: gauge("agenda_set_aside", "Items of the agenda that are set aside after their last try, for all processes."),
	}
	for _, kind := range kinds {
		for _, outcome := range []string{"done", "failed", "set_aside"} {
			a.worked.WithLabelValues(string(kind), outcome)
		}
	}
	return a
}

// Worked counts an item that was run, with outcome "done", "failed" or "set_aside".
func (a *Agenda) Worked(kind agenda.Kind, outcome string, late time.Duration) {
	label := other
	if slices.Contains(a.kinds, kind) {
		label = string(kind)
	}
	a.worked.WithLabelValues(label, outcome).Inc()
	a.late.Observe(late.Seconds())
}

// Backlog sets the gauges of the backlog.
func (a *Agenda) Backlog(b port.Backlog) {
	a.due.Set(float64(b.Due))
	a.overdue.Set(b.Late.Seconds())
	a.setAside.Set(float64(b.SetAside))
}
