// Command load measures a built program on this machine. Each figure stands beside its
// limit: the figure of a minimal server, driven by the same generator in the same run.
// The command checks every answer that it counts and fails if one is wrong. See `make
// bench`.
package main

import (
	"context"
	"errors"
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
	if len(os.Args) > 1 && limits[os.Args[1]] != nil { // run as a limit server
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

// A bench is one run of the command.
type bench struct {
	programs []program     // the program to measure, and optionally one to compare with
	span     time.Duration // duration of one measurement
	rounds   int           // measurements per figure
	report   report
	pg       *postgres // nil without PostgreSQL
}

// A program is a binary to measure.
type program struct {
	path  string
	redis string // URL of the program's own Redis, so that programs do not receive each other's hints
}

// A scenario measures some figures.
type scenario struct {
	name string
	run  func(context.Context, *bench) error
}

var scenarios = []scenario{
	{"http", requests},
	{"lists", lists},
	{"places", places},
	{"writes", writes},
	{"chat", chats},
	{"stored", stored},
	{"latency", latencies},
	{"due", due},
	{"idle", idle},
	{"signin", signIns},
	{"size", sizes},
	{"start", starts},
	{"guess", guesses},
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	binary := flags.String("binary", "bin/mealbuddy", "the program to measure")
	beside := flags.String("beside", "", "another program, say an older one, to measure in turn with it")
	span := flags.Duration("span", 1200*time.Millisecond, "how long one measurement takes")
	rounds := flags.Int("rounds", 5, "how often each figure is measured")
	out := flags.String("out", "test/output", "folder for load.md and load.json")
	only := flags.String("only", "", "names of scenarios, with a comma between; all if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *span <= 0 || *rounds < 1 {
		return errors.New("span and rounds must be more than 0")
	}
	b := &bench{span: *span, rounds: *rounds}
	b.report.Began = time.Now()
	var err error
	if b.pg, err = startPostgres(ctx); err != nil {
		b.report.note("Without PostgreSQL: %v", err)
	} else {
		defer b.pg.stop()
	}
	for _, path := range []string{*binary, *beside} {
		if path == "" {
			continue
		}
		p := program{}
		if p.path, err = filepath.Abs(path); err != nil {
			return err
		}
		if b.pg != nil {
			var stop func()
			if p.redis, stop, err = startRedis(ctx); err != nil {
				b.report.note("Without Redis: %v", err)
			} else {
				defer stop()
			}
		}
		b.programs = append(b.programs, p)
		commit, err := build(p.path)
		if err != nil {
			return err
		}
		b.report.Programs = append(b.report.Programs, commit)
	}
	var wrong []error
	for _, s := range scenarios {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s  %s …\n", time.Now().Format(time.TimeOnly), s.name)
		if err := s.run(ctx, b); err != nil {
			err = fmt.Errorf("%s: %w", s.name, err)
			if ctx.Err() != nil {
				return err
			}
			wrong = append(wrong, err)
			b.report.note("NOT MEASURED: %v", err)
		}
	}
	return errors.Join(append(wrong, b.report.write(*out, os.Stdout))...)
}
