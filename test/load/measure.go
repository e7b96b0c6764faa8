package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// A plan is what a scenario measures.
type plan struct {
	settings []setting
	measures []measure
}

func (p *plan) set(s setting) { p.settings = append(p.settings, s) }

// measure adds a measure of the program over the setting at.
func (p *plan) measure(at string, f figure, run trial) {
	p.measures = append(p.measures, measure{at: at, figures: []figure{f}, run: run})
}

// limit adds a measure that others stand beside.
func (p *plan) limit(at string, f figure, run trial) {
	p.measures = append(p.measures, measure{at: at, once: true, figures: []figure{f}, run: run})
}

// A setting is a store with something in it, over which programs are measured.
type setting struct {
	name    string // by which measures choose it
	store   store
	fill    filling
	prepare func(ctx context.Context, s *stage) error // may be nil
}

// A store is what a program keeps everything in.
type store string

const (
	sqlite     store = "SQLite"
	postgreSQL store = "PostgreSQL"
)

// A measure is something that is measured once in each round.
type measure struct {
	at      string // the name of its setting; "" if it needs none
	once    bool   // it is measured once a round, however many programs there are: a limit, or what older programs cannot do
	figures []figure
	run     trial
}

// A trial measures once. The stage is nil where the measure needs no setting.
type trial func(ctx context.Context, s *stage) (seen, error)

// A figure is one of the values that a measure sees, and a row of the report.
type figure struct {
	name   string
	unit   string
	warm   string // what is cached while it is measured
	limit  string // the name of the figure, measured in the same rounds, that it stands beside; "" if none
	bar    bar
	hidden bool // it is there only for others to stand beside
}

// seen is what a measure saw in one round.
type seen struct {
	values []float64 // one for each figure
	cpu    float64   // µs of processor time that the program took for each thing that it did; 0 if that was not measured
	note   string    // what else there is to tell
	done   int       // how many things were done, if that can be checked
}

func one(value float64) seen { return seen{values: []float64{value}} }

// A stage is a program that runs over a store with something in it.
type stage struct {
	*server
	bench    *bench
	program  program
	store    store
	database string // name of the PostgreSQL database
	fill     filling
	people   []person // all of them signed in
	town     *town
	talk     *talk
	list     string       // the query of a board's first page, for pgbench
	used     atomic.Int64 // counts what can be used only once by the program,
	spent    int          // and by its limit
	last     int64        // seq of the last line of the room that was filled
}

// compare measures in rounds: in each round every measure has its turn, and in that
// every program. So what the machine does meanwhile hits all of them alike.
func (b *bench) compare(ctx context.Context, p plan) error {
	stages := map[string][]*stage{} // of each setting, in the order of the programs
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
	runs := make([][][]seen, len(measures)) // of each measure, each program, each round
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

// turns gives the order of the programs in a round, which changes from round to round.
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

// stage starts a program over a store of its own and fills it.
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

// settle lets the program make its tables and a pattern of what fills them.
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

// start starts the program over the store as it is.
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

// past stops the program, lets do write into its tables, and starts it again.
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

// close ends the program, and what it stored.
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

// next counts from 0.
func (s *stage) next() int { return int(s.used.Add(1) - 1) }

// load lets so many askers ask for a span. The figure is how many answers came in a
// second, and the processor time is that of each.
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

// quietly lets one asker ask for half a span. The figure is how long half of the answers took at most, in ms.
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
