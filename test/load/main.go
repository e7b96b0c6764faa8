// Command load measures the built program on this machine beside the limit of
// what it is made of: each figure stands next to the figure of a server that
// does less, driven by the same generator in the same run. `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && limits[os.Args[1]] != nil { // what the program is measured against, in a process of its own
		if err := limits[os.Args[1]](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// A bench is one run.
type bench struct {
	binary string
	span   time.Duration // for which each figure is measured
	report report
	pg     *postgres // nil without PostgreSQL
	redis  string    // URL; "" without Redis
}

// A scenario measures some figures.
type scenario struct {
	name string
	run  func(context.Context, *bench) error
}

var scenarios = []scenario{
	{"http", requests},
	{"lists", lists},
	{"writes", writes},
	{"chat", chats},
	{"stored", stored},
	{"latency", latencies},
	{"idle", idle},
	{"signin", signIns},
	{"size", sizes},
	{"start", starts},
	{"guess", guesses},
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	binary := flags.String("binary", "bin/mealbuddy", "the program to measure")
	span := flags.Duration("span", 5*time.Second, "for how long each figure is measured")
	out := flags.String("out", "test/output", "folder for load.md and load.json")
	only := flags.String("only", "", "names of scenarios, with a comma between; all if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	path, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	b := &bench{binary: path, span: *span}
	if b.pg, err = startPostgres(ctx); err != nil {
		b.report.note("Without PostgreSQL: %v", err)
	} else {
		defer b.pg.stop()
	}
	stopRedis, err := b.startRedis(ctx)
	if err != nil {
		b.report.note("Without Redis: %v", err)
	} else {
		defer stopRedis()
	}
	for _, s := range scenarios {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", s.name)
		if err := s.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.report.write(*out, os.Stdout)
}
