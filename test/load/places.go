package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// places measures the table of official neighbourhoods, without any program.
func places(ctx context.Context, b *bench) error {
	const wrong = "서울 감남구 없는동네 823-1 어느아파트 102호"
	var p plan
	add := func(f figure, run func(context.Context) (float64, error)) {
		p.measures = append(p.measures, measure{once: true, figures: []figure{f}, run: func(ctx context.Context, _ *stage) (seen, error) {
			value, err := run(ctx)
			return one(value), err
		}})
	}
	add(figure{name: "table of neighbourhoods, with the first search of a process", unit: " ms", warm: "nothing", bar: atMost(5)}, firstSearch)
	add(figure{name: "search of a dong by its name", unit: " ms", warm: "the table", bar: atMost(1)}, func(context.Context) (float64, error) {
		return each(b.span, time.Millisecond, func() bool { return len(place.Search("역삼", 10)) == 3 })
	})
	add(figure{name: "address with a lot, read", unit: " µs", warm: "the table", bar: atMost(100)}, func(context.Context) (float64, error) {
		return each(b.span, time.Microsecond, func() bool { _, ok := place.Resolve("서울 강남구 역삼일동 823-1 102호"); return ok })
	})
	add(figure{name: "suggestions for an address that is far off", unit: " ms", warm: "the table", bar: atMost(5)}, func(context.Context) (float64, error) {
		return each(b.span, time.Millisecond, func() bool { return len(place.Suggest(wrong, 3)) <= 3 })
	})
	return b.compare(ctx, p)
}

// each returns the mean time that right takes, which reports whether its answer was.
func each(span, unit time.Duration, right func() bool) (float64, error) {
	n, began := 0, time.Now()
	for ; time.Since(began) < span; n++ {
		if !right() {
			return 0, fmt.Errorf("a wrong answer about a neighbourhood")
		}
	}
	return float64(time.Since(began)) / float64(unit) / float64(n), nil
}

// firstSearch returns the milliseconds of the first search of a new process.
func firstSearch(ctx context.Context) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, self, "first-search").Output() // #nosec G204 -- this program
	if err != nil {
		return 0, fmt.Errorf("search in a new process: %w", err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// printFirstSearch is what that process does.
func printFirstSearch() error {
	began := time.Now()
	if len(place.Search("역삼", 10)) != 3 {
		return fmt.Errorf("a wrong answer about a neighbourhood")
	}
	fmt.Println(float64(time.Since(began)) / float64(time.Millisecond))
	return nil
}
