package usecase_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/template"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	password = "correct horse"
	jongno   = "서울특별시 종로구 혜화동"
	jeju     = "제주특별자치도 제주시 용담이동"
)

// cheap is the least work that a hash may take.
var cheap = auth.Cost{Memory: 19456, Time: 2}

// a town is the use cases over a store of its own, and what the bus told.
type town struct {
	*testing.T
	*clock
	store     port.Store
	sound     port.Store // the store at first
	bus       *inproc.Bus
	passwords port.Passwords
	tokens    *auth.Tokens
	quota     port.Quota
	secrets   atomic.Int64
	accounts  *usecase.Accounts
	parties   *usecase.Parties
	chat      *usecase.Chat
	*ear
}

// migrated returns a folder with a store that has its tables and no rows.
var migrated = template.Folder(func(dir string) error {
	store, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	return store.Close()
})

func newTown(t *testing.T) *town {
	t.Helper()
	file, err := sqlite.Open(t.Context(), migrated(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, file.Close()) })
	store := orderly{file, func(what string) { assert.Fail(t, what) }}
	tn := &town{T: t, clock: &clock{at: noon}, store: store, sound: store, bus: &inproc.Bus{}, passwords: hasher(t)}
	tn.tokens = auth.NewTokens(15*time.Minute, tn.now, func() string { return "one" }, auth.Key{1})
	tn.ear = &ear{store: store}
	tn.bus.FollowRooms(tn.ear)
	tn.bus.FollowPeople(tn.ear)
	tn.build()
	return tn
}

var cheaply = sync.OnceValues(func() (*auth.Passwords, error) { return auth.NewPasswords(cheap) })

func hasher(t *testing.T) *auth.Passwords {
	t.Helper()
	p, err := cheaply()
	require.NoError(t, err)
	return p
}

func newPasswords(t *testing.T, c auth.Cost) *auth.Passwords {
	t.Helper()
	p, err := auth.NewPasswords(c)
	require.NoError(t, err)
	return p
}

// build makes the use cases of what the town has now.
func (tn *town) build() {
	tn.accounts = usecase.NewAccounts(tn.accountsConfig())
	tn.parties = usecase.NewParties(tn.store, usecase.NewChanges(tn.store, tn.bus, tn.now, func() {}), party.Limits{})
	tn.chat = usecase.NewChat(tn.store, tn.bus, tn.chance, tn.now)
}

func (tn *town) accountsConfig() usecase.AccountsConfig {
	return usecase.AccountsConfig{
		Store: tn.store, Bus: tn.bus, Passwords: tn.passwords, Confirms: tn.passwords, Tokens: tn.tokens, Quota: tn.quota,
		Random: tn.chance, Now: tn.now, Wake: func() {},
	}
}

// chance makes secrets that differ.
func (tn *town) chance() (s signin.Secret) {
	binary.BigEndian.PutUint64(s[:], uint64(tn.secrets.Add(1))<<20)
	return s
}

// here is where people of the tests sign in.
var here = signin.Origin{Device: "Chrome · Android", Network: "203.0.113.0/24"}

// me signs who in, by no password.
func (tn *town) me(who user.ID) usecase.Me {
	tn.Helper()
	s := signin.Open(signin.NewID(tn.chance()), who, here, signin.NewToken(tn.chance(), tn.chance()), tn.now())
	me := usecase.Me{State: user.State{ID: who}, SignIn: s.State()}
	if person, err := tn.store.Read().Users.Get(tn.Context(), who); err == nil {
		me.State = person.State()
	}
	require.NoError(tn, tn.sound.Write(tn.Context(), func(r port.Repos) error { return r.SignIns.Save(tn.Context(), s) }))
	return me
}

// over makes the use cases work over another store.
func (tn *town) over(store func(port.Store) port.Store) {
	tn.store = store(tn.store)
	tn.build()
}

// A clock is as late as the test says, and a second later each time it is read.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at
}

// later lets time pass.
func (c *clock) later(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// An ear notes what the bus tells, and whether the store knows of it by then.
type ear struct {
	store port.Store
	mu    sync.Mutex
	heard []string
	news  []string
	lines []port.Line
}

func (e *ear) Wake(party.ID, int64) {}

func (e *ear) Resync() {}

func (e *ear) Notified(who user.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	of, err := e.store.Read().Heads.Memberships(context.Background(), []user.ID{who})
	if err != nil {
		of = map[user.ID]int64{who: -1}
	}
	e.news = append(e.news, fmt.Sprintf("%d is in %d", who, of[who]))
}

// notified returns whom the bus has told that there is something new since the last
// time, and what the sum of their rooms' ids was by then.
func (e *ear) notified() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	news := e.news
	e.news = nil
	return news
}

func (e *ear) Deliver(l port.Line) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, l)
	stored, err := e.store.Read().Log.After(context.Background(), l.Room, l.Seq-1, 1)
	if err != nil || len(stored) != 1 || !reflect.DeepEqual(stored[0], l) {
		e.heard = append(e.heard, fmt.Sprintf("a line that is not stored: %+v", l))
		return
	}
	e.heard = append(e.heard, fmt.Sprintf("%d/%d %s %s%s", l.Room, l.Seq, l.Person.Username, l.Kind, l.Body))
}

func (e *ear) AccountChanged(who user.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf("%d changed", who))
}

// told returns what the bus told since the last time.
func (e *ear) told() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := e.heard
	e.heard, e.lines = nil, nil
	return heard
}

var hash = sync.OnceValues(func() (string, error) {
	p, err := cheaply()
	if err != nil {
		return "", err
	}
	return p.Hash(context.Background(), password)
})

// person lets somebody live in Jongno, whose password is password.
func (tn *town) person(name string) user.ID { tn.Helper(); return tn.personIn(name, jongno) }

func (tn *town) personIn(name, where string) (id user.ID) {
	tn.Helper()
	h, err := hash()
	require.NoError(tn, err)
	u, err := user.Register(user.Registration{
		Email: name + "@example.com", Username: name, Password: password, PasswordAgain: password, Neighborhood: where,
	}, h, tn.now())
	require.NoError(tn, err)
	require.NoError(tn, tn.store.Write(tn.Context(), func(r port.Repos) error {
		id, err = r.Users.Save(tn.Context(), u)
		return err
	}))
	return id
}

func (tn *town) people(names ...string) []user.ID {
	tn.Helper()
	ids := make([]user.ID, len(names))
	for i, name := range names {
		ids[i] = tn.person(name)
	}
	return ids
}

func draft(seats int) party.Draft {
	return party.Draft{Title: "치킨", Category: "치킨", Content: "같이 먹어요", Seats: seats}
}

// open opens a party of seats, with others in it.
func (tn *town) open(seats int, leader user.ID, others ...user.ID) party.ID {
	tn.Helper()
	post, err := tn.parties.Open(tn.Context(), leader, draft(seats))
	require.NoError(tn, err)
	for _, who := range others {
		tn.join(who, post.ID)
	}
	tn.told()
	return post.ID
}

func (tn *town) join(who user.ID, id party.ID) {
	tn.Helper()
	_, _, err := tn.parties.Join(tn.Context(), who, id)
	require.NoError(tn, err)
}

func (tn *town) say(who user.ID, id party.ID, words string) port.Line {
	tn.Helper()
	l, _, err := tn.chat.Say(tn.Context(), who, id, words, "")
	require.NoError(tn, err)
	return l
}

// state is all that is kept of a party.
func (tn *town) state(id party.ID) party.State {
	tn.Helper()
	p, err := tn.store.Read().Parties.Get(tn.Context(), id)
	require.NoError(tn, err)
	return p.State()
}

// log is all lines of a party, as "seq name kind".
func (tn *town) log(id party.ID) (log []string) {
	tn.Helper()
	lines, err := tn.store.Read().Log.After(tn.Context(), id, 0, 1000)
	require.NoError(tn, err)
	for _, l := range lines {
		log = append(log, fmt.Sprintf("%d %s %s%s", l.Seq, l.Person.Username, l.Kind, l.Body))
	}
	return log
}

func (tn *town) account(id user.ID) user.State {
	tn.Helper()
	u, err := tn.store.Read().Users.Get(tn.Context(), id)
	require.NoError(tn, err)
	return u.State()
}

func (tn *town) withdraw(who user.ID) {
	tn.Helper()
	require.NoError(tn, tn.accounts.Withdraw(tn.Context(), tn.me(who), password, here))
	tn.tick()
	tn.told()
}

// tick does what is due, all of which goes well.
func (tn *town) tick() {
	tn.Helper()
	for _, err := range tn.due() {
		require.NoError(tn, err)
	}
}

// due does what is due, and gives how each item ended.
func (tn *town) due() (errs []error) {
	tn.Helper()
	due := usecase.NewAgenda(tn.store)
	due.Handle(usecase.Withdrawal, tn.parties.Withdraw)
	for {
		items, err := due.Claim(tn.Context(), 10, time.Minute)
		require.NoError(tn, err)
		if len(items) == 0 {
			return errs
		}
		for _, i := range items {
			errs = append(errs, due.Run(tn.Context(), i))
		}
	}
}

var errTorn = errors.New("the disk is full")

// torn is a store whose writes fail in the end.
type torn struct{ port.Store }

func (s torn) Write(ctx context.Context, fn func(port.Repos) error) error {
	return s.Store.Write(ctx, func(r port.Repos) error {
		if err := fn(r); err != nil {
			return err
		}
		return errTorn
	})
}

func (s torn) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	return sayIn(ctx, s.Write, e, stored)
}

// sayIn stores a line in a Write.
func sayIn(ctx context.Context, write func(context.Context, func(port.Repos) error) error, e room.Entry, stored func(port.Line)) (port.Said, error) {
	var said port.Said
	err := write(ctx, func(r port.Repos) error {
		all, err := r.Log.Say(ctx, e)
		if err != nil {
			return err
		}
		said = all[0]
		return said.Err
	})
	if err != nil {
		return port.Said{}, err
	}
	if !said.Repeated {
		stored(said.Line)
	}
	return said, nil
}

// fickle is a store that meets a conflict, and so runs each write again.
type fickle struct{ port.Store }

func (s fickle) Write(ctx context.Context, fn func(port.Repos) error) error {
	if err := (torn(s)).Write(ctx, fn); !errors.Is(err, errTorn) {
		return err
	}
	return s.Store.Write(ctx, fn)
}

func (s fickle) Say(ctx context.Context, e room.Entry, stored func(port.Line)) (port.Said, error) {
	return sayIn(ctx, s.Write, e, stored)
}
