package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"
)

// overSQLite measures the program over an empty SQLite store.
func (b *bench) overSQLite(ctx context.Context, measure func(s *server) error) error {
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := b.app(ctx, dir, "")
	if err != nil {
		return err
	}
	defer s.stop()
	return measure(s)
}

// overPostgres measures the program over an empty database, where there is one.
func (b *bench) overPostgres(ctx context.Context, measure func(s *server) error) error {
	if b.pg == nil {
		return nil
	}
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	url, err := b.pg.fresh(ctx)
	if err != nil {
		return err
	}
	s, err := b.app(ctx, dir, url)
	if err != nil {
		return err
	}
	defer s.stop()
	return measure(s)
}

// overStores measures the program over both stores.
func (b *bench) overStores(ctx context.Context, measure func(s *server, name string, sqlite bool) error) error {
	if err := b.overSQLite(ctx, func(s *server) error { return measure(s, "SQLite FULL", true) }); err != nil {
		return err
	}
	return b.overPostgres(ctx, func(s *server) error { return measure(s, "PostgreSQL + Redis", false) })
}

const askers = 16

// hello measures the limit of HTTP.
func (b *bench) hello(ctx context.Context) (result, error) {
	bare, err := b.limit(ctx, "limit-hello")
	if err != nil {
		return result{}, err
	}
	defer bare.stop()
	return closed(ctx, askers, b.span, func(int, int) error { return ask(ctx, "GET", bare.url, "", nil, nil) })
}

func requests(ctx context.Context, b *bench) error {
	limit, err := b.hello(ctx)
	if err != nil {
		return err
	}
	return b.overSQLite(ctx, func(s *server) error {
		people, err := s.register(ctx, 1, chatHome)
		if err != nil {
			return err
		}
		r, err := closed(ctx, askers, b.span, func(int, int) error {
			return ask(ctx, "GET", s.url+"/api/user/current/", people[0].Token, nil, nil)
		})
		if err != nil {
			return err
		}
		b.report.atLeast("GET current", r.perSecond(), limit.perSecond(), 0.45, "/s")
		return nil
	})
}

// town names the n-th of the neighbourhoods that fill makes.
func where(n int) string { return fmt.Sprintf("서울특별시 종로구 %d동", n) }

func lists(ctx context.Context, b *bench) error {
	limit, err := b.hello(ctx)
	if err != nil {
		return err
	}
	// Who is at the same board shares what is read, so the two are measured apart.
	first := func(s *server) (same, others result, err error) {
		people, err := s.register(ctx, askers, where(7))
		if err != nil {
			return same, others, err
		}
		look := func() (result, error) {
			return closed(ctx, askers, b.span, func(who, _ int) error {
				return ask(ctx, "GET", s.url+"/api/post/", people[who].Token, nil, nil)
			})
		}
		if same, err = look(); err != nil {
			return same, others, err
		}
		for i, p := range people {
			if err := ask(ctx, "POST", s.url+"/api/user/update/", p.Token, map[string]string{"address": where(i)}, nil); err != nil {
				return same, others, err
			}
		}
		others, err = look()
		return same, others, err
	}
	err = b.filledSQLite(ctx, 10_000, 200, func(s *server) error {
		same, others, err := first(s)
		if err == nil {
			b.report.atLeast("GET post/, first page, 10,000 posts in 200 neighbourhoods, all at one, SQLite", same.perSecond(), limit.perSecond(), 0.12, "/s")
			b.report.atLeast("the same, each at another", others.perSecond(), limit.perSecond(), 0.12, "/s")
		}
		return err
	})
	if err != nil {
		return err
	}
	err = b.filledPostgres(ctx, 10_000, 200, func(s *server) error {
		same, others, err := first(s)
		if err != nil {
			return err
		}
		tps, err := b.pg.sameList(ctx, where(7), b.span)
		if err == nil {
			b.report.atLeast("all at one, PostgreSQL, beside pgbench", same.perSecond(), tps, 0.40, "/s")
			b.report.atLeast("each at another, PostgreSQL, beside pgbench", others.perSecond(), tps, 0.40, "/s")
		}
		return err
	})
	if err != nil {
		return err
	}
	deep := func(name string) func(s *server) error {
		return func(s *server) error {
			people, err := s.register(ctx, 1, where(0))
			if err != nil {
				return err
			}
			var middles []float64
			for _, page := range []int{1, 500, 1000} {
				r, err := closed(ctx, 1, b.span/2, func(int, int) error {
					return ask(ctx, "GET", fmt.Sprintf("%s/api/post/?page=%d", s.url, page), people[0].Token, nil, nil)
				})
				if err != nil {
					return err
				}
				middles = append(middles, r.at(0.5))
			}
			b.report.atMost("page 500 of 1,000 of a neighbourhood, beside its first, "+name, middles[1], middles[0], 2, " ms")
			b.report.atMost("the last page, beside the first, "+name, middles[2], middles[0], 2, " ms")
			return nil
		}
	}
	if err := b.filledSQLite(ctx, 10_000, 1, deep("SQLite")); err != nil {
		return err
	}
	return b.filledPostgres(ctx, 10_000, 1, deep("PostgreSQL"))
}

// writes measures new posts.
func writes(ctx context.Context, b *bench) error {
	return b.overPostgres(ctx, func(s *server) error {
		people, err := s.register(ctx, askers, chatHome)
		if err != nil {
			return err
		}
		draft := map[string]any{"title": "치킨 같이 시켜요", "category": "치킨", "content": "두 마리 세트면 배달비가 무료예요", "target_number": 4}
		r, err := closed(ctx, askers, b.span, func(who, _ int) error {
			return ask(ctx, "POST", s.url+"/api/post/write/", people[who].Token, draft, nil)
		})
		if err != nil {
			return err
		}
		tps, err := b.pg.samePost(ctx, b.span)
		if err != nil {
			return err
		}
		b.report.atLeast("POST post/write/, PostgreSQL, beside pgbench", r.perSecond(), tps, 0.5, "/s")
		return nil
	})
}

// stored measures how many messages PostgreSQL takes through the program. Everybody
// is alone in a room, so that a message is delivered to its sender and to nobody
// else: how many sockets can be written to is another figure.
func stored(ctx context.Context, b *bench) error {
	if err := b.notes(ctx); err != nil {
		return err
	}
	const rooms, seats = 1000, 1
	bare, err := b.bareTalk(ctx, rooms, seats)
	if err != nil {
		return err
	}
	b.report.note("The bare hub, %d rooms of one person, stores nothing and passes %.0f messages/s", rooms, bare)
	return b.overPostgres(ctx, func(s *server) error {
		tps, err := b.pg.singleRows(ctx, b.span)
		if err != nil {
			return err
		}
		town, err := settle(ctx, s, rooms, seats)
		if err != nil {
			return err
		}
		t, err := connect(ctx, rooms, seats, town.socket)
		if err != nil {
			return err
		}
		defer t.close()
		delivered, err := t.inTurn(ctx, b.span)
		if err != nil {
			return err
		}
		b.report.atLeast("stored messages, PostgreSQL, beside single-row commits of pgbench", delivered/seats, tps, 2, "/s")
		return nil
	})
}

// notes tells of limits that no bar is set by.
func (b *bench) notes(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rows, err := groupCommits(ctx, dir, b.span)
	if err != nil {
		return err
	}
	b.report.note("SQLite by its driver alone, 64 rows a commit, synchronous=FULL: %.0f rows/s", rows)
	if b.redis != "" {
		n, err := b.publishes(ctx)
		if err != nil {
			return err
		}
		b.report.note("Redis PUBLISH, %d connections: %.0f/s", askers, n)
	}
	return nil
}

func signIns(ctx context.Context, b *bench) error {
	limit := hashes(47104, 1, b.span)
	return b.overSQLite(ctx, func(s *server) error {
		if _, err := s.register(ctx, 1, chatHome); err != nil {
			return err
		}
		r, err := closed(ctx, 2*runtime.NumCPU(), b.span, func(int, int) error {
			return ask(ctx, "POST", s.url+"/api/user/login/", "", map[string]string{"email": "p0@example.com", "password": password}, nil)
		})
		if err == nil {
			b.report.atLeast("sign-ins, beside argon2id alone", r.perSecond(), limit, 0.85, "/s")
		}
		return err
	})
}

// sizes measures whether more rows cost more.
func sizes(ctx context.Context, b *bench) error {
	list := func(posts int) (ms float64, err error) {
		err = b.filledSQLite(ctx, posts, 200, func(s *server) error {
			people, err := s.register(ctx, 1, where(7))
			if err != nil {
				return err
			}
			r, err := closed(ctx, 1, b.span, func(int, int) error {
				return ask(ctx, "GET", s.url+"/api/post/", people[0].Token, nil, nil)
			})
			ms = r.at(0.5)
			return err
		})
		return ms, err
	}
	few, err := list(10_000)
	if err != nil {
		return err
	}
	many, err := list(1_000_000)
	if err != nil {
		return err
	}
	b.report.atMost("first page at 1,000,000 posts, beside 10,000, SQLite", many, few, 1.3, " ms")

	room := func(lines int) (ms float64, err error) {
		err = b.overSQLite(ctx, func(s *server) error {
			town, err := settle(ctx, s, 1, 2)
			if err != nil {
				return err
			}
			if err := fillRoom(ctx, s.dir, town.rooms[0], town.people[0].ID, lines); err != nil {
				return err
			}
			r, err := closed(ctx, 1, b.span, func(int, int) error {
				return ask(ctx, "GET", fmt.Sprintf("%s/api/chat/%d/", s.url, town.rooms[0]), town.people[0].Token, nil, nil)
			})
			ms = r.at(0.5)
			return err
		})
		return ms, err
	}
	short, err := room(200)
	if err != nil {
		return err
	}
	long, err := room(200_000)
	if err != nil {
		return err
	}
	b.report.atMost("newest page of a room with 200,000 messages, beside 200, SQLite", long, short, 1.3, " ms")
	return nil
}

func starts(ctx context.Context, b *bench) error {
	return b.filledSQLite(ctx, 100_000, 200, func(s *server) error {
		b.report.within("start until ready, 100,000 posts, SQLite", s.ready.Seconds(), 0.3, " s")
		select {
		case <-time.After(3 * time.Second): // at rest
		case <-ctx.Done():
			return ctx.Err()
		}
		b.report.within("memory at rest", s.memory(), 45, " MB")
		return nil
	})
}
