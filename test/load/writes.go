package main

import (
	"context"
	"fmt"
)

// writes measures new posts and joins.
func writes(ctx context.Context, b *bench) error {
	// Each join uses a new room: one of the first half, or of the second half for the
	// limit.
	half := int(float64(b.rounds) * 1.2 * b.span.Seconds() * 10_000)
	var p plan
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		posts, joins := "posts by the database alone, "+at, "joins by the database alone, "+at
		least := bar{}
		if in == postgreSQL {
			least = atLeast(0.5)
		}
		p.set(setting{name: at, store: in, fill: filling{people: askers, posts: 2 * half, places: 1},
			// The limit stores rows like the program's.
			prepare: func(ctx context.Context, s *stage) error { return s.join(ctx, s.people[0], 1, 2) }})
		p.limit(at, figure{name: posts, hidden: true}, barePosts)
		p.measure(at, figure{name: "POST post/write/, beside the same rows by the database alone, " + at, unit: "/s", warm: warmPeople, limit: posts, bar: least},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "party", func() (seen, error) {
					return s.load(ctx, askers, func(asker, i int) error {
						_, err := s.open(ctx, s.people[asker], fmt.Sprintf("치킨 같이 시켜요 %d-%d", asker, i))
						return err
					})
				})
			})
		p.limit(at, figure{name: joins, hidden: true}, bareJoins)
		p.measure(at, figure{name: "POST chat/{id}/ (join), beside the same rows by the database alone, " + at, unit: "/s", warm: warmPeople, limit: joins},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.stored(ctx, "member", func() (seen, error) {
					return s.load(ctx, askers, func(asker, _ int) error {
						i := s.next()
						if i >= half {
							return fmt.Errorf("there are no more than %d rooms to join", half)
						}
						return s.join(ctx, s.people[asker], int64(2+i), 2)
					})
				})
			})
	}
	return b.compare(ctx, p)
}

// stored checks that table has one more row for each operation of do. "log" stands for
// the table of lines.
func (s *stage) stored(ctx context.Context, table string, do func() (seen, error)) (seen, error) {
	t, err := s.tables(ctx)
	if err != nil {
		return seen{}, err
	}
	defer t.close()
	if table == "log" {
		table = t.log
	}
	before, err := t.count(ctx, table)
	if err != nil {
		return seen{}, err
	}
	saw, err := do()
	if err != nil {
		return seen{}, err
	}
	after, err := t.count(ctx, table)
	if err == nil && after-before != saw.done {
		err = fmt.Errorf("%d were acknowledged, and %d are stored", saw.done, after-before)
	}
	return saw, err
}

// barePosts is the limit for new posts: it stores the same rows without the program.
func barePosts(ctx context.Context, s *stage) (seen, error) {
	saw, _, err := s.bare(ctx, (*tables).numbers, func(t *tables, id, who string) (statements []string, next int, err error) {
		set := columns{"id": id, "party_id": id, "leader_id": who, "user_id": who}
		party, err := t.like(ctx, "party", "id = 1", set)
		if err != nil {
			return nil, 0, err
		}
		member, err := t.like(ctx, "member", "party_id = 1 AND place = 0", set)
		if err != nil {
			return nil, 0, err
		}
		statements = []string{party.one(), member.one()}
		if t.head == "room" {
			room, err := t.like(ctx, "room", "id = 1", set)
			switch {
			case err != nil:
				return nil, 0, err
			case t.postgres: // one statement, because either row may refer to the other
				statements[0] = "WITH head AS (" + room.one() + ") " + party.one()
			default:
				statements = append(statements, room.one())
			}
		}
		err = t.db.QueryRowContext(ctx, `SELECT max(id) + 1 FROM party`).Scan(&next)
		return statements, next, err
	})
	return saw, err
}

// bareJoins is the limit for joins. Each uses a room of the second half.
func bareJoins(ctx context.Context, s *stage) (seen, error) {
	saw, done, err := s.bare(ctx, func(*tables) string { return "load_id" }, func(t *tables, id, who string) (statements []string, next int, err error) {
		member, err := t.like(ctx, "member", "party_id = 1 AND place = 1", columns{"party_id": id, "user_id": who})
		if err != nil {
			return nil, 0, err
		}
		room, err := t.room(ctx)
		if err != nil {
			return nil, 0, err
		}
		entry, err := t.like(ctx, t.log, t.newest(room, 1), columns{"id": "", room: id, "who_id": who})
		if err != nil {
			return nil, 0, err
		}
		statements = []string{member.one(), fmt.Sprintf(`UPDATE %s SET last_seq = last_seq + 1 WHERE id = %s`, t.head, id), entry.one()}
		if t.postgres { // SQLite has a single writer, so it needs no lock
			statements = append([]string{fmt.Sprintf(`SELECT FROM %s WHERE id = %s FOR NO KEY UPDATE`, t.head, id)}, statements...)
		}
		return statements, 2 + s.fill.posts/2 + s.spent, nil
	})
	if s.spent += done; err == nil && s.spent > s.fill.posts/2 {
		err = fmt.Errorf("there are no more than %d rooms to join", s.fill.posts/2)
	}
	return saw, err
}

// bare runs statements in transactions without the program: with pgbench and one client
// per asker, or with the SQLite driver and the same number of transactions per commit.
// It returns the number of runs. Ids count up from next, in PostgreSQL through a
// sequence.
func (s *stage) bare(ctx context.Context, sequence func(*tables) string, of func(t *tables, id, who string) (statements []string, next int, err error)) (saw seen, done int, err error) {
	t, err := s.tables(ctx)
	if err != nil {
		return seen{}, 0, err
	}
	defer t.close()
	first := s.people[0].ID
	var rate float64
	if t.postgres {
		statements, next, err := of(t, ":id", fmt.Sprintf("(%d + :client_id)", first))
		if err != nil {
			return seen{}, 0, err
		}
		rate, done, err = s.bench.pg.transactions(ctx, s.database, sequence(t), next, statements, s.bench.span)
		return one(rate), done, err
	}
	statements, next, err := of(t, "?1", fmt.Sprint(first))
	if err != nil {
		return seen{}, 0, err
	}
	rate, done, err = groupCommits(ctx, t.db, s.bench.span, askers, next, statements...)
	return one(rate), done, err
}
