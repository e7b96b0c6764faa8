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
	// crowd is more people than a program remembers: it keeps two times 4,096 sign-ins, and as many tokens. When all
	// of them ask by turns, nobody who asks is remembered.
	crowd = 20_000
)

// What is cached while a figure is measured.
const (
	warmPeople = "sign-ins"
	warmShared = "sign-ins; one look-up for all who ask at once"
	coldPeople = "nobody is remembered"
)

// hello is the limit of HTTP.
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

// requests measures what each page of the app begins with: who am I?
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

// current asks who p is.
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
		if in == postgreSQL { // where the limit is the query alone
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
	}
	return b.compare(ctx, p)
}

// bareList is the limit of boards over PostgreSQL.
func bareList(ctx context.Context, s *stage) (seen, error) {
	rate, err := s.bench.pg.bench(ctx, s.database, s.list, s.bench.span)
	return one(rate), err
}

// page asks for a page of the board of p, who lives in the nth neighbourhood.
func (s *stage) page(ctx context.Context, p person, n, page int, m *memo) error {
	return ask(ctx, "GET", s.url+"/api/post/?page="+strconv.Itoa(page), p.Token, nil, http.StatusOK, m.or(s.fill.page(n, page)))
}

// at gives the ith person of the nth neighbourhood.
func (s *stage) at(n, i int) person {
	first := n - 1 // as fill counts from 1
	if n == 0 {
		first = s.fill.places - 1
	}
	return s.people[first+i*s.fill.places]
}

// boards asks for first pages. next gives each asker a person, and the number of that person's neighbourhood.
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

// quietPage has one person of the nth neighbourhood ask for a page, again and again.
func (s *stage) quietPage(ctx context.Context, n, page int) (seen, error) {
	var m memo
	return s.quietly(ctx, func(int, int) error { return s.page(ctx, s.at(n, 0), n, page, &m) })
}

// writes measures new posts, and people who join.
func writes(ctx context.Context, b *bench) error {
	// Each join takes a room of its own: one of the first half, and for the limit of the second.
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
			// The limit stores rows like those of the program.
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

// stored wants one more row of a table for each thing that do has done. The table of lines goes by the name of "log".
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

// barePosts is the limit of new posts: it stores the same rows, without the program.
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
			case t.postgres: // in one statement, since either may refer to the other
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

// bareJoins is the limit of joins. Each takes a room of the second half of those that there are.
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
		if t.postgres { // SQLite has one writer, so nobody else wants the room
			statements = append([]string{fmt.Sprintf(`SELECT FROM %s WHERE id = %s FOR NO KEY UPDATE`, t.head, id)}, statements...)
		}
		return statements, 2 + s.fill.posts/2 + s.spent, nil
	})
	if s.spent += done; err == nil && s.spent > s.fill.posts/2 {
		err = fmt.Errorf("there are no more than %d rooms to join", s.fill.posts/2)
	}
	return saw, err
}

// bare runs statements in transactions by the database alone: through pgbench by as many clients as there are askers, or
// through the driver of SQLite with as many transactions in a commit. It tells how many it ran. Ids count on from next, in
// PostgreSQL by a sequence.
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

// signIns measures people who sign in by a password.
func signIns(ctx context.Context, b *bench) error {
	at, span := string(sqlite), 3*b.span // of which there are few in a second
	var p plan
	// One more than can be looked at, so that one always waits, but nobody so long as to be sent away.
	p.set(setting{name: at, store: sqlite, fill: filling{people: runtime.NumCPU() + 1}})
	p.limit("", figure{name: "argon2id", hidden: true}, func(context.Context, *stage) (seen, error) {
		return one(hashes(47104, 1, span)), nil
	})
	p.measure(at, figure{name: "sign-ins, beside argon2id alone", unit: "/s", warm: "nothing", limit: "argon2id", bar: atLeast(0.85)},
		func(ctx context.Context, s *stage) (seen, error) {
			return s.loadFor(ctx, span, len(s.people), func(asker, _ int) error { return s.signIn(ctx, s.people[asker]) })
		})
	return b.compare(ctx, p)
}

// signIn signs p in once more.
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

// sizes measures whether more rows cost more.
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

// longRoom fills a room of two people with lines like one that was said.
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

// starts measures how a program starts, and what it takes then.
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
		if err := sleep(ctx, 3*time.Second); err != nil { // at rest
			return seen{}, err
		}
		return seen{values: []float64{s.ready.Seconds(), s.memory()}}, nil
	}})
	return b.compare(ctx, p)
}

// alone adds what SQLite and Redis do without any program.
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
