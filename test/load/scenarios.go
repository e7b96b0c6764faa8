package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

const (
	askers = 16
	// crowd is more people than a program caches: it keeps twice 4,096 sign-ins and as
	// many tokens. If all of them send requests in turn, no request finds its person in
	// the cache.
	crowd = 20_000
)

// The state of caches during a measurement.
const (
	warmPeople = "sign-ins"
	warmShared = "sign-ins; one look-up for all who ask at once"
	coldPeople = "nobody is remembered"
)

// hello is the limit for HTTP.
func (b *bench) hello(ctx context.Context, _ *stage) (seen, error) {
	bare, err := startLimit(ctx, "limit-hello")
	if err != nil {
		return seen{}, err
	}
	defer bare.stop()
	memos := make([]memo, askers)
	r, err := closed(ctx, askers, b.span, func(asker, _ int) error {
		return ask(ctx, "GET", bare.url, "", nil, http.StatusOK, memos[asker].or(mentions(greeting)))
	})
	return one(r.perSecond()), err
}

// requests measures the first request of each page of the app: who am I?
func requests(ctx context.Context, b *bench) error {
	var p plan
	p.limit("", figure{name: "hello", hidden: true}, b.hello)
	for _, in := range []store{sqlite, postgreSQL} {
		at := string(in)
		known, unknown := atLeast(0.45), atLeast(0.3)
		if in == postgreSQL {
			known, unknown = bar{}, bar{}
		}
		p.set(setting{name: at, store: in, fill: filling{people: crowd, places: 200}})
		p.measure(at, figure{name: "GET current, " + at, unit: "/s", warm: warmPeople, limit: "hello", bar: known},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.load(ctx, askers, func(asker, _ int) error { return s.current(ctx, s.people[asker]) })
			})
		p.measure(at, figure{name: "GET current of people not seen for a minute, " + at, unit: "/s", warm: coldPeople, limit: "hello", bar: unknown},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.load(ctx, askers, func(int, int) error { return s.current(ctx, s.people[s.next()%crowd]) })
			})
	}
	return b.compare(ctx, p)
}

// current requests the account of p.
func (s *stage) current(ctx context.Context, p person) error {
	return ask(ctx, "GET", s.url+"/api/user/current/", p.Token, nil, http.StatusOK, mentions(`"username":"`+p.Name+`"`, `"token":"`+p.Token[:10]))
}

// lists measures boards.
func lists(ctx context.Context, b *bench) error {
	const board, places = 7, 200
	var p plan
	p.limit("", figure{name: "hello", hidden: true}, b.hello)
	for _, in := range []store{sqlite, postgreSQL} {
		many := setting{name: string(in) + " with 200 boards", store: in, fill: filling{people: crowd, posts: 10_000, places: places}}
		big := setting{name: string(in) + " with one board", store: in, fill: filling{people: askers, posts: 10_000, places: 1}}
		limitMany, limitBig, least := "hello", "hello", atLeast(0.12)
		if in == postgreSQL { // the limit is the query alone
			limitMany, limitBig, least = "pgbench, 200 boards", "pgbench, one board", atLeast(0.40)
			many.prepare = func(ctx context.Context, s *stage) error { return s.findList(ctx, board) }
			big.prepare = func(ctx context.Context, s *stage) error { return s.findList(ctx, 0) }
			p.limit(many.name, figure{name: limitMany, hidden: true}, bareList)
			p.limit(big.name, figure{name: limitBig, hidden: true}, bareList)
		}
		p.set(many)
		p.set(big)
		name := func(what string) string { return what + ", " + string(in) }
		p.measure(many.name, figure{name: name("first page, 10,000 posts in 200 neighbourhoods, all at one"), unit: "/s", warm: warmShared, limit: limitMany, bar: least},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.boards(ctx, func(asker int) (person, int) { return s.at(board, asker), board })
			})
		p.measure(many.name, figure{name: name("first page, each at another"), unit: "/s", warm: warmPeople, limit: limitMany, bar: least},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.boards(ctx, func(asker int) (person, int) { return s.at(asker, 0), asker })
			})
		p.measure(many.name, figure{name: name("first page, each at another, people not seen for a minute"), unit: "/s", warm: coldPeople, limit: limitMany},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.boards(ctx, func(int) (person, int) {
					i := s.next() % crowd
					return s.people[i], (i + 1) % places
				})
			})
		p.measure(big.name, figure{name: name("first page, 10,000 posts in one neighbourhood, all at it"), unit: "/s", warm: warmShared, limit: limitBig},
			func(ctx context.Context, s *stage) (seen, error) {
				return s.boards(ctx, func(asker int) (person, int) { return s.at(0, asker), 0 })
			})
		few := name("first page of a board of 50")
		p.measure(many.name, figure{name: few, hidden: true}, func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, board, 1) })
		first := name("first page of a board of 10,000 posts, one asker, beside one of 50")
		p.measure(big.name, figure{name: first, unit: " ms", warm: warmPeople, limit: few},
			func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 0, 1) })
		for _, page := range []int{500, 1000} {
			p.measure(big.name, figure{name: name(fmt.Sprintf("page %d of its 1,000, beside the first", page)), unit: " ms", warm: warmPeople, limit: first, bar: atMost(2)},
				func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 0, page) })
		}
		huge := setting{name: string(in) + " with 200,000 posts", store: in, fill: filling{people: 1, posts: 200_000, places: 1}}
		p.set(huge)
		p.measure(huge.name, figure{name: name("first page of a board of 200,000 posts, beside one of 50"), unit: " ms", warm: warmPeople, limit: few, bar: atMost(1.3)},
			func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 0, 1) })
		for _, page := range []int{100, 20_000} {
			p.measure(huge.name, figure{name: name(fmt.Sprintf("page %d of it", page)), unit: " ms", warm: warmPeople, limit: few},
				func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 0, page) })
		}
		merged := setting{name: string(in) + " with merged boards", store: in, fill: filling{people: 44, posts: 11_000, places: 22, merged: true}}
		p.set(merged)
		plain := name("first page of a board of one neighbourhood with 5,500 posts")
		p.measure(merged.name, figure{name: plain, unit: " ms", warm: warmPeople}, func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 11, 1) })
		p.measure(merged.name, figure{name: name("first page of a board that merges 11 neighbourhoods with 5,500 posts"), unit: " ms", warm: warmPeople, limit: plain, bar: atMost(1.3)},
			func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, 0, 1) })
	}
	return b.compare(ctx, p)
}

// bareList is the limit for boards with PostgreSQL.
func bareList(ctx context.Context, s *stage) (seen, error) {
	rate, err := s.bench.pg.bench(ctx, s.database, s.list, s.bench.span)
	return one(rate), err
}

// page requests a page of the board of p, who lives in the nth neighbourhood.
func (s *stage) page(ctx context.Context, p person, n, page int, m *memo) error {
	return ask(ctx, "GET", s.url+"/api/post/?page="+strconv.Itoa(page), p.Token, nil, http.StatusOK, m.or(s.fill.page(n, page)))
}

// at returns the ith person of the nth neighbourhood.
func (s *stage) at(n, i int) person {
	first := n - 1 // fill counts from 1
	if n == 0 {
		first = s.fill.places - 1
	}
	return s.people[first+i*s.fill.places]
}

// boards requests first pages. next returns a person for each asker and the number of
// that person's neighbourhood.
func (s *stage) boards(ctx context.Context, next func(asker int) (person, int)) (seen, error) {
	memos := make([][]memo, askers)
	for i := range memos {
		memos[i] = make([]memo, s.fill.places)
	}
	return s.load(ctx, askers, func(asker, _ int) error {
		p, n := next(asker)
		return s.page(ctx, p, n, 1, &memos[asker][n])
	})
}

// quietPage has one person of the nth neighbourhood request a page repeatedly.
func (s *stage) quietPage(ctx context.Context, n, page int) (seen, error) {
	var m memo
	return s.quietly(ctx, func(int, int) error { return s.page(ctx, s.at(n, 0), n, page, &m) })
}

// signIns measures sign-ins with a password.
func signIns(ctx context.Context, b *bench) error {
	at, span := string(sqlite), 3*b.span // longer, because there are few per second
	var p plan
	// One more person than can be checked at a time, so that one always waits, but not
	// long enough to be refused.
	p.set(setting{name: at, store: sqlite, fill: filling{people: runtime.NumCPU() + 1}})
	p.limit("", figure{name: "argon2id", hidden: true}, func(context.Context, *stage) (seen, error) {
		return one(hashes(47104, 1, span)), nil
	})
	p.measure(at, figure{name: "sign-ins, beside argon2id alone", unit: "/s", warm: "nothing", limit: "argon2id", bar: atLeast(0.85)},
		func(ctx context.Context, s *stage) (seen, error) {
			return s.loadFor(ctx, span, len(s.people), func(asker, _ int) error { return s.signIn(ctx, s.people[asker]) })
		})

	const rooms, seats = 500, 10
	alone := func(ctx context.Context, s *stage) (seen, error) {
		r, err := closed(ctx, 1, span, func(_, i int) error { return s.signIn(ctx, s.people[i%len(s.people)]) })
		return one(r.at(0.5)), err
	}
	p.set(setting{name: "no sockets", store: sqlite, fill: filling{people: 10}})
	p.measure("no sockets", figure{name: "a sign-in", hidden: true}, alone)
	p.set(setting{name: "5,000 sockets", store: sqlite, fill: filling{people: rooms}, prepare: talking(rooms, seats)})
	p.measure("5,000 sockets", figure{name: "a sign-in with 5,000 sockets open, beside one without", unit: " ms", warm: "nothing", limit: "a sign-in", bar: atMost(1.1)}, alone)
	return b.compare(ctx, p)
}

// signIn signs p in again.
func (s *stage) signIn(ctx context.Context, p person) error {
	body := map[string]string{"email": p.Name + "@example.com", "password": password}
	return ask(ctx, "POST", s.url+"/api/user/login/", "", body, http.StatusOK, func(answer []byte) error {
		var found struct{ User person }
		if err := into(&found)(answer); err != nil {
			return err
		}
		if found.User.ID != p.ID || found.User.Token == "" || found.User.Token == p.Token {
			return fmt.Errorf("not a new token of user %d", p.ID)
		}
		return nil
	})
}

// sizes measures whether cost grows with the number of rows.
func sizes(ctx context.Context, b *bench) error {
	const board = 7
	var p plan
	list := func(f figure, posts int) {
		p.set(setting{name: f.name, store: sqlite, fill: filling{people: 200, posts: posts, places: 200}})
		p.measure(f.name, f, func(ctx context.Context, s *stage) (seen, error) { return s.quietPage(ctx, board, 1) })
	}
	list(figure{name: "10,000 posts", hidden: true}, 10_000)
	list(figure{name: "first page at 1,000,000 posts in 200 neighbourhoods, beside 10,000, SQLite", unit: " ms", warm: warmPeople, limit: "10,000 posts", bar: atMost(1.3)}, 1_000_000)

	room := func(f figure, lines int64) {
		p.set(setting{name: f.name, store: sqlite, fill: filling{people: 2},
			prepare: func(ctx context.Context, s *stage) error { return s.longRoom(ctx, lines) }})
		p.measure(f.name, f, func(ctx context.Context, s *stage) (seen, error) {
			var m memo
			url := fmt.Sprintf("%s/api/chat/%d/", s.url, s.town.rooms[0])
			return s.quietly(ctx, func(int, int) error {
				return ask(ctx, "GET", url, s.town.people[0].Token, nil, http.StatusOK, m.or(newest(lines, s.last)))
			})
		})
	}
	room(figure{name: "200 messages", hidden: true}, 200)
	room(figure{name: "newest page of a room of 200,000 messages, beside 200, SQLite", unit: " ms", warm: warmPeople, limit: "200 messages", bar: atMost(1.3)}, 200_000)
	return b.compare(ctx, p)
}

// longRoom fills a room of two people with copies of a line.
func (s *stage) longRoom(ctx context.Context, lines int64) error {
	if err := s.found(ctx, 1, 2); err != nil {
		return err
	}
	t, err := connect(ctx, 1, 2, s.socket)
	if err != nil {
		return err
	}
	err = t.rooms[0][0].speak()
	if err == nil {
		err = t.settled(ctx)
	}
	s.last = t.rooms[0][0].last.Load() + lines
	t.close()
	if err != nil {
		return err
	}
	return s.past(ctx, func(t *tables) error { return t.lines(ctx, s.town.rooms[0], lines) })
}

// starts measures the start of a program and its memory afterwards.
func starts(ctx context.Context, b *bench) error {
	const board = 7
	at := string(sqlite)
	var p plan
	p.set(setting{name: at, store: sqlite, fill: filling{people: 200, posts: 100_000, places: 200}})
	p.measures = append(p.measures, measure{at: at, figures: []figure{
		{name: "start until ready, 100,000 posts, SQLite", unit: " s", warm: "the file", bar: atMost(0.3)},
		{name: "memory at rest, 3 s after a first page", unit: " MB", bar: atMost(45)},
	}, run: func(ctx context.Context, s *stage) (seen, error) {
		if err := s.restart(ctx); err != nil {
			return seen{}, err
		}
		if err := s.page(ctx, s.at(board, 0), board, 1, &memo{}); err != nil {
			return seen{}, err
		}
		if err := sleep(ctx, 3*time.Second); err != nil { // let it become idle
			return seen{}, err
		}
		return seen{values: []float64{s.ready.Seconds(), s.memory()}}, nil
	}})
	return b.compare(ctx, p)
}

// alone adds measurements of SQLite and Redis without any program.
func (b *bench) alone(p *plan) {
	p.limit("", figure{name: "SQLite by its driver alone, 64 rows a commit, synchronous=FULL", unit: " rows/s"},
		func(ctx context.Context, _ *stage) (seen, error) {
			dir, err := os.MkdirTemp("", "mealbuddy-load-")
			if err != nil {
				return seen{}, err
			}
			defer os.RemoveAll(dir)
			db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "limit.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
			if err != nil {
				return seen{}, err
			}
			defer db.Close()
			if _, err := db.ExecContext(ctx, `CREATE TABLE line (room INTEGER, seq INTEGER, body TEXT, PRIMARY KEY (room, seq)) WITHOUT ROWID`); err != nil {
				return seen{}, err
			}
			rows, _, err := groupCommits(ctx, db, b.span, 64, 0, `INSERT INTO line VALUES (?1 % 50, ?1 / 50, '`+words+`')`)
			return one(rows), err
		})
	if redis := b.programs[0].redis; redis != "" {
		p.limit("", figure{name: fmt.Sprintf("Redis PUBLISH, %d connections", askers), unit: "/s"},
			func(ctx context.Context, _ *stage) (seen, error) {
				rate, err := publishes(ctx, redis, b.span)
				return one(rate), err
			})
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
