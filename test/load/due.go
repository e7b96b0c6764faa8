package main

import (
	"context"
	"fmt"
	"time"
)

// due measures how a talk fares while 10,000 things that are due at once are done: people have withdrawn, each of whom
// leads a room, so that each item ends a room in a transaction of its own.
func due(ctx context.Context, b *bench) error {
	const (
		items              = 10_000
		rooms, seats, rate = 20, 5, 100
		span               = 8 * time.Second // in which the talk goes on: about as long as the items take
	)
	all := rooms*seats + items*b.rounds // the first of them talk
	var p plan
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		p.set(setting{name: at, store: in, fill: filling{people: all, posts: all, places: 200},
			prepare: func(ctx context.Context, s *stage) error {
				if err := s.past(ctx, func(t *tables) error { return leads(ctx, t) }); err != nil {
					return err
				}
				return talking(rooms, seats)(ctx, s)
			}})
		p.measures = append(p.measures, measure{at: at, once: true, figures: []figure{
			{name: fmt.Sprintf("chat, 100 messages/s, while 10,000 items that are due at once are done, p99, none lost, %s", in), unit: " ms", warm: openSockets, bar: atMost(100)},
			{name: "10,000 items that are due at once, until all are done, " + at, unit: " s", bar: atMost(60)},
		}, run: func(ctx context.Context, s *stage) (seen, error) {
			t, err := s.tables(ctx)
			if err != nil {
				return seen{}, err
			}
			defer t.close()
			first := s.people[rooms*seats+items*s.next()].ID
			begin := time.Now().Add(2 * time.Second) // the talk goes on by then
			if err := t.withdraw(ctx, first, items, begin); err != nil {
				return seen{}, err
			}
			type drain struct {
				took time.Duration
				err  error
			}
			worked := make(chan drain, 1)
			go func() {
				took, err := t.drained(ctx, begin)
				worked <- drain{took, err}
			}()
			r, said, err := s.talk.atRate(ctx, rate, span+time.Until(begin))
			work := <-worked
			if err == nil {
				err = work.err
			}
			if err == nil {
				err = t.ended(ctx, first, items)
			}
			return seen{values: []float64{r.at(0.99), work.took.Seconds()}, done: said, note: fmt.Sprintf("p50 %.1f ms, max %.1f ms", r.at(0.5), r.at(1))}, err
		}})
	}
	return b.compare(ctx, p)
}

// leads gives each person that was filled in one of the posts that were.
func leads(ctx context.Context, t *tables) error {
	writer := `(SELECT leader_id FROM party WHERE id = 1)`
	return t.do(ctx,
		`UPDATE member SET user_id = `+writer+` + party_id - 1 WHERE party_id > 1`,
		`UPDATE party SET leader_id = `+writer+` + id - 1 WHERE id > 1`)
}

// withdraw ends the accounts of n people, and puts on the agenda what follows of it.
func (t *tables) withdraw(ctx context.Context, first int64, n int, at time.Time) error {
	moment := fmt.Sprint(at.UnixMicro())
	if t.postgres {
		moment = fmt.Sprintf(`to_timestamp(%d / 1e6)`, at.UnixMicro())
	}
	these := fmt.Sprintf(`id >= %d AND id < %d`, first, first+int64(n))
	return t.do(ctx,
		fmt.Sprintf(`UPDATE "user" SET withdrawn_at = %s WHERE %s`, moment, these),
		fmt.Sprintf(`INSERT INTO agenda (kind, key, due_at) SELECT 'withdrawal', CAST(id AS text), %s FROM "user" WHERE %s`, moment, these))
}

// drained waits until nothing is left that withdraw put on the agenda, and tells how long after begin that was.
func (t *tables) drained(ctx context.Context, begin time.Time) (time.Duration, error) {
	for {
		var left int
		if err := t.db.QueryRowContext(ctx, `SELECT count(*) FROM agenda WHERE kind = 'withdrawal'`).Scan(&left); err != nil {
			return 0, err
		}
		took := time.Since(begin)
		switch {
		case left == 0:
			return took, nil
		case took > 2*time.Minute:
			return took, fmt.Errorf("%d items are not done after two minutes", left)
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return took, err
		}
	}
}

// ended wants the rooms of n withdrawn people to be over.
func (t *tables) ended(ctx context.Context, first int64, n int) error {
	var over int
	err := t.db.QueryRowContext(ctx, fmt.Sprintf(
		`SELECT count(*) FROM party WHERE leader_id >= %d AND leader_id < %d AND room_deleted_at IS NOT NULL`, first, first+int64(n))).Scan(&over)
	if err == nil && over != n {
		err = fmt.Errorf("%d of %d rooms are over", over, n)
	}
	return err
}
