package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// A plan lists the measurements of a scenario.
type plan struct {
	settings []setting
	measures []measure
}

func (p *plan) set(s setting) { p.settings = append(p.settings, s) }

// measure adds a measurement of the program in the setting at.
func (p *plan) measure(at string, f figure, run trial) {
	p.measures = append(p.measures, measure{at: at, figures: []figure{f}, run: run})
}

// limit adds a measurement of a limit.
func (p *plan) limit(at string, f figure, run trial) {
	p.measures = append(p.measures, measure{at: at, once: true, figures: []figure{f}, run: run})
}

// A setting is a store with data, for measurements of programs.
type setting struct {
	name    string // referenced by measures
	store   store
	fill    filling
	prepare func(ctx context.Context, s *stage) error // may be nil
}

// A store is the database of a program.
type store string

const (
	sqlite     store = "SQLite"
	postgreSQL store = "PostgreSQL"
)

// A measure is measured once per round.
type measure struct {
	at      string // name of its setting; "" if it needs none
	once    bool   // runs once per round, for the first program only: a limit, or what older programs can't do
	figures []figure
	run     trial
}

// A trial measures once. The stage is nil if the measure needs no setting.
type trial func(ctx context.Context, s *stage) (seen, error)

// A figure is one value of a measure and a row of the report.
type figure struct {
	name   string
	unit   string
	warm   string // what is cached during the measurement
	limit  string // name of the figure of its limit, measured in the same rounds; "" if none
	bar    bar
	hidden bool // only shown as a limit
}

// seen is the result of a measure in one round.
type seen struct {
	values []float64 // one for each figure
	cpu    float64   // processor time of the program per operation, in µs; 0 if not measured
	note   string    // additional information
	done   int       // number of operations, if it can be verified
}

func one(value float64) seen { return seen{values: []float64{value}} }

// A stage is a running program with a filled store.
type stage struct {
	*server
	bench    *bench
	program  program
	store    store
	database string // name of the PostgreSQL database
	fill     filling
	people   []person // all signed in
	town     *town
	talk     *talk
	list     string       // the query for the first page of a board, for pgbench
	used     atomic.Int64 // number of single-use objects used by the program
	spent    int          // and by its limit
	last     int64        // seq of the last line of the filled room
}

// compare runs all measures in rounds. Every program has its turn in each round, so that
// disturbances affect all programs alike.
func (b *bench) compare(ctx context.Context, p plan) error {
	stages := map[string][]*stage{} // by setting, in the order of the programs
	defer func() {
		for _, all := range stages {
			for _, s := range all {
				s.close()
			}
		}
	}()
	for _, set := range p.settings {
		if set.store == postgreSQL && b.pg == nil {
			continue
		}
		for _, program := range b.programs {
			s, err := b.stage(ctx, program, set)
			if err != nil {
				return fmt.Errorf("%s over %s: %w", set.name, set.store, err)
			}
			stages[set.name] = append(stages[set.name], s)
			if set.prepare == nil {
				continue
			}
			if err := set.prepare(ctx, s); err != nil {
				return fmt.Errorf("prepare %s over %s: %w", set.name, set.store, err)
			}
		}
	}
	measures := slices.DeleteFunc(p.measures, func(m measure) bool { return m.at != "" && stages[m.at] == nil })
	runs := make([][][]seen, len(measures)) // by measure, program and round
	for i := range runs {
		runs[i] = make([][]seen, len(b.programs))
	}
	for round := range b.rounds {
		for i, m := range measures {
			for _, n := range b.turns(round, m.once) {
				var s *stage
				if m.at != "" {
					s = stages[m.at][n]
				}
				saw, err := m.run(ctx, s)
				if err != nil {
					return fmt.Errorf("%s: %w", m.figures[0].name, err)
				}
				runs[i][n] = append(runs[i][n], saw)
			}
		}
	}
	b.report.add(measures, runs)
	return nil
}

// turns returns the order of the programs in a round, which varies between rounds.
func (b *bench) turns(round int, once bool) []int {
	order := []int{0}
	if !once && len(b.programs) > 1 {
		order = []int{0, 1}
	}
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// stage starts a program with its own store and fills it.
func (b *bench) stage(ctx context.Context, p program, set setting) (*stage, error) {
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return nil, err
	}
	s := &stage{bench: b, program: p, store: set.store, fill: set.fill, server: &server{dir: dir}}
	if set.store == postgreSQL {
		if s.database, err = b.pg.fresh(ctx); err != nil {
			s.close()
			return nil, err
		}
	}
	if err := s.settle(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// settle has the program create its tables and the rows to copy from.
func (s *stage) settle(ctx context.Context) error {
	if err := s.start(ctx); err != nil {
		return err
	}
	writer, err := s.register(ctx)
	if err != nil {
		return err
	}
	if _, err := s.open(ctx, writer, "무늬"); err != nil {
		return err
	}
	s.people, err = signed(writer, s.fill.people)
	if err != nil {
		return err
	}
	return s.past(ctx, func(t *tables) error { return s.fill.into(ctx, t, writer) })
}

// start starts the program with the existing store.
func (s *stage) start(ctx context.Context, env ...string) error {
	url := ""
	if s.store == postgreSQL {
		url = s.bench.pg.url(s.database)
	}
	fresh, err := app(ctx, s.program, s.dir, url, env...)
	if err != nil {
		return err
	}
	s.server = fresh
	return nil
}

func (s *stage) restart(ctx context.Context, env ...string) error {
	s.stop()
	return s.start(ctx, env...)
}

// past stops the program, changes its tables, and starts it again.
func (s *stage) past(ctx context.Context, do func(*tables) error) error {
	s.stop()
	t, err := s.tables(ctx)
	if err != nil {
		return err
	}
	err = do(t)
	t.close()
	if err != nil {
		return err
	}
	return s.start(ctx)
}

// close stops the program and deletes its store.
func (s *stage) close() {
	if s.talk != nil {
		s.talk.close()
	}
	s.stop()
	os.RemoveAll(s.dir)
	if s.database != "" {
		s.bench.pg.drop(s.database)
	}
}

// next counts up from 0.
func (s *stage) next() int { return int(s.used.Add(1) - 1) }

// load has a number of clients send requests for a span. It returns the answers per
// second and the processor time per answer.
func (s *stage) load(ctx context.Context, askers int, do func(asker, i int) error) (seen, error) {
	return s.loadFor(ctx, s.bench.span, askers, do)
}

func (s *stage) loadFor(ctx context.Context, d time.Duration, askers int, do func(asker, i int) error) (seen, error) {
	before := s.cpu()
	r, err := closed(ctx, askers, d, do)
	if err != nil {
		return seen{}, err
	}
	saw := one(r.perSecond())
	saw.done = r.done
	saw.cpu = (s.cpu() - before) / float64(r.done)
	return saw, nil
}

// quietly has one client send requests for half a span. It returns the median time in
// ms.
func (s *stage) quietly(ctx context.Context, do func(asker, i int) error) (seen, error) {
	before := s.cpu()
	r, err := closed(ctx, 1, s.bench.span/2, do)
	if err != nil {
		return seen{}, err
	}
	saw := one(r.at(0.5))
	saw.cpu = (s.cpu() - before) / float64(r.done)
	return saw, nil
}
