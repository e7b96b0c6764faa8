package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

// A row is a figure beside its limit.
type row struct {
	Figure   string  `json:"figure"`
	Measured string  `json:"measured"`
	Limit    string  `json:"limit"` // what the limit did in the same run
	Value    float64 `json:"value"` // what is compared with the bar
	Bar      string  `json:"bar"`
	Met      bool    `json:"met"`
}

type report struct {
	Rows  []row    `json:"rows"`
	Notes []string `json:"notes"`
}

func (r *report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// atLeast adds a figure that should be at least bar times its limit.
func (r *report) atLeast(figure string, measured, limit, bar float64, unit string) {
	ratio := measured / limit
	r.Rows = append(r.Rows, row{figure, amount(measured) + unit, amount(limit) + unit, ratio, fmt.Sprintf("≥ %g", bar), ratio >= bar})
}

// atMost adds a figure that should be at most bar times its limit.
func (r *report) atMost(figure string, measured, limit, bar float64, unit string) {
	ratio := measured / limit
	r.Rows = append(r.Rows, row{figure, amount(measured) + unit, amount(limit) + unit, ratio, fmt.Sprintf("≤ %g", bar), ratio <= bar})
}

// within adds a figure that should be at most a bar that no limit gives.
func (r *report) within(figure string, measured, bar float64, unit string) {
	r.Rows = append(r.Rows, row{figure, amount(measured) + unit, "–", measured, "≤ " + amount(bar) + unit, measured <= bar})
}

func amount(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// write prints the table and keeps it as Markdown and as JSON.
func (r *report) write(dir string, w io.Writer) error {
	cells := [][]string{{"figure", "measured", "limit", "ratio", "bar", ""}}
	for _, one := range r.Rows {
		met := "ok"
		if !one.Met {
			met = "NOT MET"
		}
		ratio := fmt.Sprintf("%.2f", one.Value)
		if one.Limit == "–" {
			ratio = "–"
		}
		cells = append(cells, []string{one.Figure, one.Measured, one.Limit, ratio, one.Bar, met})
	}
	widths := make([]int, len(cells[0]))
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
	load, _ := os.ReadFile("/proc/loadavg") // none on other systems
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	fmt.Fprintf(&text, "\n%s, %d processors, commit %s, load average %s\n",
		time.Now().UTC().Format(time.RFC3339), runtime.NumCPU(), strings.TrimSpace(string(commit)), strings.TrimSpace(string(load)))
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
