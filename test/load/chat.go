package main

import (
	"context"
	"fmt"
)

// chats measures 50 rooms of 5 people who wait for their own messages, and the latency
// in these rooms at low load.
func chats(ctx context.Context, b *bench) error {
	const rooms, seats = 50, 5
	var p plan
	p.limit("", figure{name: "hub", hidden: true}, b.bareTalk(rooms, seats))
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		least := atLeast(0.45)
		if in == postgreSQL {
			least = atLeast(0.30)
		}
		saturated := "CPU per delivered message in the closed loop, " + at
		p.set(setting{name: at, store: in, fill: filling{people: rooms * seats}, prepare: talking(rooms, seats)})
		p.measures = append(p.measures, measure{at: at, run: inTurn, figures: []figure{
			{name: "chat, 50 rooms × 5, closed loop, " + at, unit: " delivered/s", warm: openSockets, limit: "hub", bar: least},
			{name: saturated, hidden: true},
		}})
		p.measure(at, figure{name: "CPU per delivered message at 100 messages/s in these rooms, beside the closed loop, " + at, unit: " µs", warm: openSockets, limit: saturated, bar: atMost(3)},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "log", func() (seen, error) {
					before := s.cpu()
					r, said, err := s.talk.atRate(ctx, 100, 2*b.span)
					saw := one((s.cpu() - before) / float64(len(r.times)))
					saw.done = said
					return saw, err
				})
			})
	}
	return b.compare(ctx, p)
}

const openSockets = "sockets are open"

// inTurn measures the messages per second and the processor time per message.
func inTurn(ctx context.Context, s *stage) (seen, error) {
	return s.stored(ctx, "log", func() (seen, error) {
		before := s.cpu()
		rate, said, err := s.talk.inTurn(ctx, s.bench.span)
		if err != nil {
			return seen{}, err
		}
		seats := float64(s.town.seats)
		each := (s.cpu() - before) / (float64(said) * seats)
		return seen{values: []float64{rate * seats, each}, cpu: each, done: said}, nil
	})
}

// bareTalk measures the messages per second of a hub that stores nothing.
func (b *bench) bareTalk(rooms, seats int) trial {
	return func(ctx context.Context, _ *stage) (seen, error) {
		bare, err := startLimit(ctx, "limit-hub")
		if err != nil {
			return seen{}, err
		}
		defer bare.stop()
		t, err := connect(ctx, rooms, seats, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
		if err != nil {
			return seen{}, err
		}
		defer t.close()
		rate, _, err := t.inTurn(ctx, b.span)
		return one(rate * float64(seats)), err
	}
}

// stored measures the messages per second that are stored in PostgreSQL. Everybody is
// alone in a room, so that each message is delivered only to its sender: fan-out is a
// separate figure.
func stored(ctx context.Context, b *bench) error {
	const rooms, seats = 1000, 1
	at := string(postgreSQL)
	var p plan
	p.set(setting{name: at, store: postgreSQL, fill: filling{people: rooms}, prepare: talking(rooms, seats)})
	p.limit(at, figure{name: "single rows", hidden: true}, func(ctx context.Context, s *stage) (seen, error) {
		rate, err := b.pg.singleRows(ctx, s.database, b.span)
		return one(rate), err
	})
	p.measures = append(p.measures, measure{at: at, run: inTurn, figures: []figure{
		{name: "stored messages, 1,000 rooms of one person, PostgreSQL, beside single-row commits of pgbench", unit: "/s", warm: openSockets, limit: "single rows", bar: atLeast(2)},
		{name: "CPU per stored message", hidden: true},
	}})
	p.limit("", figure{name: "the bare hub in 1,000 such rooms, which stores nothing", unit: "/s"}, b.bareTalk(rooms, seats))
	b.alone(&p)
	return b.compare(ctx, p)
}

// latencies measures the delivery time at 1,000 messages per second in 200 rooms of 5.
func latencies(ctx context.Context, b *bench) error {
	const rooms, seats, rate = 200, 5, 1000
	var p plan
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		most := atMost(30)
		if in == postgreSQL {
			most = atMost(50)
		}
		p.set(setting{name: at, store: in, fill: filling{people: 250}, prepare: talking(rooms, seats)})
		p.measure(at, figure{name: "chat, 200 rooms × 5, 1,000 messages/s, send to delivery, p99, none lost, " + at, unit: " ms", warm: openSockets, bar: most},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "log", func() (seen, error) {
					r, said, err := s.talk.atRate(ctx, rate, 2*b.span)
					return seen{values: []float64{r.at(0.99)}, done: said, note: fmt.Sprintf("p50 %.1f ms, max %.1f ms", r.at(0.5), r.at(1))}, err
				})
			})
	}
	return b.compare(ctx, p)
}

// idle measures the memory of 10,000 idle sockets: of rooms, and of people in ten rooms each.
func idle(ctx context.Context, b *bench) error {
	const rooms, seats, each = 200, 10, 5 // sockets per person and room
	const crowd, own = 1000, 10           // people in ten rooms, and personal sockets per person
	weigh := func(ctx context.Context, s *server, url func(room, seat int) string) (seen, error) {
		before := s.memory()
		t, err := connect(ctx, rooms, seats*each, url)
		if err != nil {
			return seen{}, err
		}
		defer t.close()
		if err := t.settled(ctx); err != nil {
			return seen{}, err
		}
		return one((s.memory() - before) * 1024 / (rooms * seats * each)), nil
	}
	at := string(sqlite)
	var p plan
	p.set(setting{name: at, store: sqlite, fill: filling{people: 250},
		prepare: func(ctx context.Context, s *stage) error { return s.found(ctx, rooms, seats) }})
	p.limit("", figure{name: "hub", hidden: true}, func(ctx context.Context, _ *stage) (seen, error) {
		bare, err := startLimit(ctx, "limit-hub")
		if err != nil {
			return seen{}, err
		}
		defer bare.stop()
		return weigh(ctx, bare, func(room, _ int) string { return fmt.Sprintf("%s/%d", bare.url, room) })
	})
	p.measure(at, figure{name: "memory of an idle socket, 10,000 open, beside a bare server", unit: " KB", limit: "hub", bar: atMost(0.9)},
		func(ctx context.Context, s *stage) (seen, error) {
			if err := s.restart(ctx); err != nil { // start with a fresh process
				return seen{}, err
			}
			return weigh(ctx, s.server, s.socket)
		})
	const many = "people in ten rooms"
	p.set(setting{name: many, store: sqlite, fill: filling{people: crowd},
		prepare: func(ctx context.Context, s *stage) error { return s.found(ctx, crowd, seats) }})
	p.measures = append(p.measures, measure{at: many, once: true, figures: []figure{
		{name: "memory of an idle personal socket, 10,000 open, of people in 10 rooms each", unit: " KB", bar: atMost(16)},
	}, run: func(ctx context.Context, s *stage) (seen, error) {
		if err := s.restart(ctx); err != nil {
			return seen{}, err
		}
		return weigh(ctx, s.server, func(room, seat int) string {
			return fmt.Sprintf("%s/ws/me/?token=%s", s.url, s.people[(room*seats*each+seat)/own].Token)
		})
	}})
	return b.compare(ctx, p)
}
