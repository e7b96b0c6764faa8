package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A spread is the values of a figure in all rounds.
type spread struct {
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Rounds []float64 `json:"rounds"`
}

func spreadOf(values []float64) *spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return &spread{(sorted[(n-1)/2] + sorted[n/2]) / 2, sorted[0], sorted[n-1], values}
}

// over divides a by b, round by round.
func over(a, b []float64) *spread {
	ratios := make([]float64, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return spreadOf(ratios)
}

// A line is a figure with its limit.
type line struct {
	Figure   string  `json:"figure"`
	Unit     string  `json:"unit"`
	Warm     string  `json:"warm,omitempty"` // what is cached
	Measured *spread `json:"measured"`
	CPU      *spread `json:"cpu_us,omitempty"`  // of the program, per operation
	Limit    *spread `json:"limit,omitempty"`   // in the same rounds
	Ratio    *spread `json:"ratio,omitempty"`   // measured / limit, by round
	Bar      string  `json:"bar,omitempty"`     // for the ratio, or for the figure if it has no limit
	Met      *bool   `json:"met,omitempty"`     // by the median
	Beside   *spread `json:"beside,omitempty"`  // the other program
	Against  *spread `json:"against,omitempty"` // measured / beside, by round

	BesideCPU  *spread `json:"beside_cpu_us,omitempty"`
	AgainstCPU *spread `json:"against_cpu,omitempty"`
}

type report struct {
	Began    time.Time `json:"began"`
	Programs []string  `json:"programs"` // their builds
	Lines    []line    `json:"lines"`
	Notes    []string  `json:"notes"`
}

func (r *report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// A bar is the target of a figure; the zero value is none.
type bar struct {
	sign  string
	value float64
}

func atLeast(value float64) bar { return bar{"≥", value} }
func atMost(value float64) bar  { return bar{"≤", value} }

func (b bar) met(v float64) bool {
	return b.sign == "≥" && v >= b.value || b.sign == "≤" && v <= b.value
}

// add adds the figures of measures. runs has their results by program and round.
func (r *report) add(measures []measure, runs [][][]seen) {
	values := func(all []seen, i int) (vs []float64) {
		for _, s := range all {
			vs = append(vs, s.values[i])
		}
		return vs
	}
	cpu := func(all []seen) (vs []float64) {
		for _, s := range all {
			vs = append(vs, s.cpu)
		}
		return vs
	}
	known := map[string][]float64{}
	for m := range measures {
		for i, f := range measures[m].figures {
			known[f.name] = values(runs[m][0], i)
		}
	}
	for m := range measures {
		main, beside := runs[m][0], []seen(nil)
		if len(runs[m]) > 1 {
			beside = runs[m][1]
		}
		for i, f := range measures[m].figures {
			if f.hidden {
				continue
			}
			measured := values(main, i)
			l := line{Figure: f.name, Unit: f.unit, Warm: f.warm, Measured: spreadOf(measured)}
			compared := l.Measured
			if limit := known[f.limit]; limit != nil {
				l.Limit, l.Ratio = spreadOf(limit), over(measured, limit)
				compared = l.Ratio
			}
			if f.bar != (bar{}) {
				l.Bar = fmt.Sprintf("%s %g", f.bar.sign, f.bar.value)
				if l.Limit == nil {
					l.Bar += f.unit
				}
				l.Met = new(f.bar.met(compared.Median))
			}
			if beside != nil {
				others := values(beside, i)
				l.Beside, l.Against = spreadOf(others), over(measured, others)
			}
			if i == 0 && main[0].cpu > 0 {
				l.CPU = spreadOf(cpu(main))
				if beside != nil {
					l.BesideCPU, l.AgainstCPU = spreadOf(cpu(beside)), over(cpu(main), cpu(beside))
				}
			}
			r.Lines = append(r.Lines, l)
		}
		for n, all := range runs[m] {
			var notes []string
			for _, s := range all {
				if s.note != "" {
					notes = append(notes, s.note)
				}
			}
			if len(notes) > 0 {
				which := ""
				if n > 0 {
					which = ", the program beside"
				}
				r.note("%s%s: %s", measures[m].figures[0].name, which, strings.Join(notes, " | "))
			}
		}
	}
}

func amount(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// show formats the median with the minimum and maximum in brackets.
func (s *spread) show(unit string) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s%s (%s–%s)", amount(s.Median), unit, amount(s.Min), amount(s.Max))
}

// write prints the table and saves it as Markdown and JSON.
func (r *report) write(dir string, w io.Writer) error {
	two := len(r.Programs) > 1
	head := []string{"figure", "warm", "measured", "CPU each", "limit", "ratio", "bar", ""}
	if two {
		head = append(head, "beside", "÷ beside", "its CPU", "÷ its CPU")
	}
	cells := [][]string{head}
	for _, l := range r.Lines {
		met := ""
		if l.Met != nil {
			met = "ok"
			if !*l.Met {
				met = "NOT MET"
			}
		}
		shown := []string{l.Figure, l.Warm, l.Measured.show(l.Unit), l.CPU.show(" µs"), l.Limit.show(l.Unit), l.Ratio.show(""), l.Bar, met}
		if two {
			shown = append(shown, l.Beside.show(l.Unit), l.Against.show(""), l.BesideCPU.show(" µs"), l.AgainstCPU.show(""))
		}
		cells = append(cells, shown)
	}
	widths := make([]int, len(head))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var text strings.Builder
	for n, line := range cells {
		for i, cell := range line {
			fmt.Fprintf(&text, "| %s%s ", cell, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		text.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				fmt.Fprintf(&text, "| %s ", strings.Repeat("-", width))
			}
			text.WriteString("|\n")
		}
	}
	load, _ := os.ReadFile("/proc/loadavg") // Linux only
	fmt.Fprintf(&text, "\nThe median of the rounds, and the least and the most. A ratio is that of what was measured one after the other.\n"+
		"CPU is the processor time that the program took for each, a database in another process apart.\n")
	fmt.Fprintf(&text, "%s, %s, %d processors, load average %s; the program: %s\n", r.Began.UTC().Format(time.RFC3339),
		time.Since(r.Began).Round(time.Second), runtime.NumCPU(), strings.TrimSpace(string(load)), strings.Join(r.Programs, ", beside "))
	for _, note := range r.Notes {
		fmt.Fprintf(&text, "- %s\n", note)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "load.md"), []byte("# What was measured\n\n"+text.String()), 0o644); err != nil {
		return err
	}
	machine, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "load.json"), append(machine, '\n'), 0o644)
}
