package httpapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// limit makes the site count by a clock that the test sets.
func (s *site) limit() (later func(time.Duration)) {
	now := noon
	clock := func() time.Time { return now }
	s.Limits = Limits{Local: inproc.NewQuota(clock), Cluster: inproc.NewQuota(clock)}
	s.build()
	return func(d time.Duration) { now = now.Add(d) }
}

// only expects that n requests are let through, and then no more.
func only(t *testing.T, n int, ask func() *answer) (refused *answer) {
	t.Helper()
	for i := range n {
		require.NotEqual(t, 429, ask().Code, "number %d", i+1)
	}
	refused = ask()
	refused.refused(429, "too_many_requests")
	return refused
}

func TestEverybodyMayAskSoOften(t *testing.T) {
	s := newSite(t)
	later := s.limit()
	ann, bob := s.person("ann"), s.person("bob")
	read := func(who someone) func() *answer {
		return func() *answer { return s.ask(who, "GET", "/api/user/current/", "") }
	}
	write := func(who someone) func() *answer {
		return func() *answer { return s.ask(who, "POST", "/api/post/write/", "{") }
	}
	first := read(ann)()
	assert.Equal(t, []string{`"reads";q=300;w=60`}, first.Header()["Ratelimit-Policy"])
	assert.Equal(t, []string{`"reads";r=299;t=1`}, first.Header()["Ratelimit"])
	a := only(t, 299, read(ann))
	assert.Equal(t, "1", a.Header().Get("Retry-After"))
	assert.Equal(t, []string{`"reads";r=0;t=60`}, a.Header()["Ratelimit"])
	s.ask(ann, "HEAD", "/api/post/", "").refused(429, "too_many_requests")
	only(t, 60, write(ann)) // though she may read no more
	assert.Equal(t, 200, read(bob)().Code)
	s.ask(s.signIn(ann.id), "GET", "/api/post/", "").refused(429, "too_many_requests") // by whatever sign-in
	later(200 * time.Millisecond)
	only(t, 1, read(ann))
	later(time.Minute)
	only(t, 300, read(ann))
}

func TestPagesFarBackCountAsTenReads(t *testing.T) {
	s := newSite(t)
	later := s.limit()
	ann := s.person("ann")
	read := func(query string) func() *answer {
		return func() *answer { return s.ask(ann, "GET", "/api/post/"+query, "") }
	}
	for _, query := range []string{"", "?page=1", "?page=100", "?page=-101", "?page=x"} {
		assert.Equal(t, []string{`"reads";r=299;t=1`}, read(query)().Header()["Ratelimit"], query)
		later(time.Minute)
	}
	for _, page := range []string{"101", "20000", "99999999999999999999"} {
		a := read("?page=" + page)()
		assert.Equal(t, 200, a.Code)
		assert.Equal(t, []string{`"reads";q=300;w=60`}, a.Header()["Ratelimit-Policy"])
		assert.Equal(t, []string{`"reads";r=290;t=2`}, a.Header()["Ratelimit"], page)
		later(time.Minute)
	}
	a := only(t, 30, read("?page=101"))
	assert.Equal(t, "2", a.Header().Get("Retry-After"))
	later(time.Minute)
	only(t, 300, read("?page=100"))
}

func TestEveryRouteHasItsLimit(t *testing.T) {
	s := newSite(t)
	s.limit()
	ann := s.person("ann")
	for _, rt := range s.routes {
		a := s.ask(s.signIn(ann.id), rt.method, strings.ReplaceAll(rt.path, "{id}", "99"), "")
		want := `"writes";q=60;w=60`
		switch {
		case rt.path == "/api/user/register/", rt.path == "/api/user/social/pending/" && rt.method == "POST":
			want = `"registrations";q=20;w=3600`
		case rt.path == "/api/user/login/":
			want = `"sign-in-tries";q=300;w=60`
		case rt.path == "/api/user/refresh/", rt.path == "/api/user/logout/":
			want = `"network-refreshes";q=300;w=60`
		case strings.HasPrefix(rt.path, "/ws/"):
			want = `"handshakes";q=30;w=60`
		case strings.HasPrefix(rt.path, "/api/user/social/start/"), strings.HasPrefix(rt.path, "/api/user/social/callback/"):
			want = `"social-logins";q=60;w=60`
		case strings.HasPrefix(rt.path, "/api/region/"), rt.path == "/api/user/social/", rt.path == "/api/user/social/pending/", rt.path == "/api/openAPI/", rt.path == "/openapi.yaml":
			want = `"public-reads";q=300;w=60`
		case strings.HasPrefix(rt.path, "/api/shared/"):
			want = `"shared-reads";q=300;w=60`
		case rt.method == "GET":
			want = `"reads";q=300;w=60`
		}
		assert.Equal(t, want, a.Header().Get("RateLimit-Policy"), "%s %s", rt.method, rt.path)
	}
	for _, path := range []string{livez, readyz} {
		assert.Equal(t, `"probes";q=300;w=60`, s.ask(nobody, "GET", path, "").Header().Get("RateLimit-Policy"), path)
	}
	for _, path := range []string{"/", "/assets/x.js", "/api/nothing/"} {
		assert.Empty(t, s.ask(nobody, "GET", path, "").Header().Get("RateLimit-Policy"), path)
	}
}

func TestStrangersAreCountedByWhereTheyAre(t *testing.T) {
	s := newSite(t)
	later := s.limit()
	from := func(method, path, at string, headers ...string) func() *answer {
		return func() *answer { return calls(s, method, path, "example.com", net.JoinHostPort(at, "1"), headers...) }
	}
	free := func(ask func() *answer) { t.Helper(); assert.NotEqual(t, 429, ask().Code) }

	a := only(t, 20, from("POST", "/api/user/register/", "198.51.100.7"))
	assert.Equal(t, "180", a.Header().Get("Retry-After"))
	from("POST", "/api/user/register/", "198.51.100.200")().refused(429, "too_many_requests") // a neighbour
	free(from("POST", "/api/user/register/", "198.51.101.7"))

	only(t, 300, from("GET", "/api/region/search/", "198.51.100.7"))
	from("GET", "/openapi.yaml", "198.51.100.8")().refused(429, "too_many_requests")
	free(from("GET", "/api/region/search/", "198.51.101.7"))

	only(t, 30, from("GET", "/ws/chat/1/", "198.51.100.7"))
	free(from("GET", "/ws/chat/1/", "198.51.100.8"))
	from("GET", "/ws/me/", "198.51.100.7")().refused(429, "too_many_requests") // by the same count
	free(from("GET", "/ws/me/", "198.51.100.8"))
	only(t, 30, from("GET", "/ws/chat/1/", "2001:db8:1:2::3"))
	from("GET", "/ws/chat/1/", "2001:db8:1:2:ffff::4")().refused(429, "too_many_requests")
	free(from("GET", "/ws/chat/1/", "2001:db8:1:3::3"))
	later(2 * time.Second)
	only(t, 1, from("GET", "/ws/chat/1/", "198.51.100.7"))

	t.Run("those who come back by a cookie are told apart", func(t *testing.T) {
		cookie := func() []string {
			return []string{"Cookie", signInCookie + "=" + signin.NewToken(chance(), chance()).String()}
		}
		mine := cookie()
		only(t, 30, from("POST", "/api/user/refresh/", "198.51.100.7", mine...))
		from("POST", "/api/user/logout/", "203.0.113.1", mine...)().refused(429, "too_many_requests")
		for range 300 - 31 { // the classmates of a school
			free(from("POST", "/api/user/refresh/", "198.51.100.7", cookie()...))
		}
		from("POST", "/api/user/refresh/", "198.51.100.7", cookie()...)().refused(429, "too_many_requests")
	})
}

func TestHandshakesByTicketAreNotCountedByAddress(t *testing.T) {
	s := newSite(t)
	later := s.limit()
	s.Socket = func(_ http.ResponseWriter, r *http.Request) error { // of the sign-in that the ticket names
		switch ticket := r.URL.Query().Get("ticket"); ticket {
		case "":
			return ErrUpgrade
		case "bad":
			return user.ErrSignedOut
		default:
			by, err := strconv.ParseInt(ticket, 10, 64)
			require.NoError(t, err)
			return cmp.Or(s.Limits.Handshake(r.Context(), signin.ID(by)), error(ErrUpgrade))
		}
	}
	s.build()
	knock := func(query string) func() *answer {
		return func() *answer { return calls(s, "GET", "/ws/chat/1/"+query, "example.com", "198.51.100.7:1") }
	}
	for by := range 100 { // who come back after a node has stopped
		knock(fmt.Sprint("?ticket=", by))().refused(426, "upgrade_required")
	}
	only(t, 29, knock("?ticket=7"))
	only(t, 30, knock("?ticket=bad"))
	knock("?ticket=8")().refused(429, "too_many_requests")
	only(t, 30, knock("")) // without a ticket: by a count of its own
	later(2 * time.Second)
	only(t, 1, knock("?ticket=7"))
	only(t, 1, knock("?ticket=bad"))
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	assert.Fail(u.t, "the body is read")
	return 0, io.EOF
}

func TestLimitsComeBeforeWhatTheBodySays(t *testing.T) {
	s := newSite(t)
	s.limit()
	ann := s.person("ann")
	for path, n := range map[string]int{"/api/user/register/": 20, "/api/user/update/": 60} {
		for range n {
			s.ask(ann, "POST", path, "{").refused(400, "malformed_body")
		}
		s.ask(ann, "POST", path, "{").refused(429, "too_many_requests")
	}
}

// counting is a store that counts who is looked up.
type counting struct {
	port.Store
	looks int
}

func (c *counting) Read() port.Repos {
	r := c.Store.Read()
	r.SignIns = countingSignIns{r.SignIns, c}
	return r
}

type countingSignIns struct {
	port.SignIns
	*counting
}

func (c countingSignIns) Holder(ctx context.Context, id signin.ID, at time.Time) (*user.User, *signin.SignIn, error) {
	c.looks++
	return c.SignIns.Holder(ctx, id, at)
}

func TestLimitsComeBeforeTheStore(t *testing.T) {
	for _, path := range []string{"/api/user/current/", "/api/user/sessions/"} { // signed in, and verified
		t.Run(path, func(t *testing.T) {
			s := newSite(t)
			s.limit()
			store := &counting{Store: s.store}
			s.Accounts = usecase.NewAccounts(usecase.AccountsConfig{Store: store, Bus: &inproc.Bus{}, Tokens: s.tokens, Random: chance, Now: s.Now})
			s.build()
			ann := s.person("ann")
			only(t, 300, func() *answer { return s.ask(ann, "GET", path, "") })
			assert.LessOrEqual(t, store.looks, 300)

			bob := s.person("bob")
			old := s.signIn(bob.id)
			me, _, err := s.Accounts.WhoIs(t.Context(), old.token)
			require.NoError(t, err)
			require.NoError(t, s.Accounts.EndSignIn(t.Context(), me, me.SignIn.ID, ""))
			store.looks = 0
			for range 301 {
				s.ask(old, "GET", path, "").refused(401, "not_signed_in")
			}
			s.ask(old, "GET", path, "").refused(429, "too_many_requests")
			assert.Equal(t, 1, store.looks, "of a sign-in that has ended")
			for range 299 {
				require.Equal(t, 200, s.ask(bob, "GET", path, "").Code, "it takes nothing from the person")
			}
		})
	}
}

type brokenQuota struct{}

func (brokenQuota) Take(context.Context, string, port.Limit, int) (port.Allowance, error) {
	return port.Allowance{OK: true}, errors.New("away")
}

func TestAQuotaThatFailsLetsNobodyIn(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	s.Limits = Limits{brokenQuota{}, brokenQuota{}}
	s.build()
	s.ask(ann, "GET", "/api/user/current/", "").refused(500, "internal")
	s.ask(ann, "POST", "/api/user/delete/", `{"password":"`+password+`"}`).refused(500, "internal")
	s.ask(nobody, "POST", "/api/user/register/", "{}").refused(500, "internal")
	s.Limits = Limits{}
	s.build()
	a := s.ask(ann, "GET", "/api/user/current/", "")
	assert.Equal(t, 200, a.Code, "where there is none, nobody counts")
	assert.Empty(t, a.Header()["Ratelimit"])
}

func TestOnlySoManyRequestsAtOnce(t *testing.T) {
	s := newSite(t)
	s.NewID = rand.Text // by many at once
	leave := make(chan struct{})
	var begun sync.WaitGroup
	begun.Add(maxInFlight)
	s.Socket = func(w http.ResponseWriter, r *http.Request) error {
		begun.Done()
		<-leave
		if r.URL.Query().Has("panic") {
			panic("oh")
		}
		return ErrUpgrade
	}
	s.build()
	var all sync.WaitGroup
	for i := range maxInFlight {
		all.Go(func() {
			path := "/ws/chat/1/"
			if i%2 == 0 {
				path += "?panic"
			}
			s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		})
	}
	begun.Wait()
	waits := map[string]bool{}
	for _, path := range []string{"/", "/api/user/current/", "/api/post", "/assets/x.js", "/openapi.yaml"} {
		for range 20 {
			a := s.ask(nobody, "GET", path, "")
			a.refused(503, "busy")
			waits[a.Header().Get("Retry-After")] = true
		}
	}
	assert.Subset(t, []string{"1", "2", "3"}, slices.Collect(maps.Keys(waits)))
	assert.Greater(t, len(waits), 1, "not all come again at once")
	most, shed := s.Load()
	assert.Equal(t, maxInFlight, most)
	assert.EqualValues(t, 100, shed)
	for _, path := range []string{livez, readyz} {
		assert.Equal(t, 200, s.ask(nobody, "GET", path, "").Code, "probes are let in")
	}
	close(leave)
	all.Wait()
	assert.Equal(t, 200, s.ask(nobody, "GET", "/", "").Code)
	assert.Zero(t, s.inFlight.Load(), "also after panics")
}

func TestAnOpenSocketIsNoRequest(t *testing.T) {
	s := newSite(t)
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	s.Socket = func(w http.ResponseWriter, _ *http.Request) error {
		assert.EqualValues(t, 1, s.inFlight.Load(), "a handshake is one")
		_, _, err := w.(http.Hijacker).Hijack()
		assert.Zero(t, s.inFlight.Load())
		return err
	}
	s.build()
	s.server.ServeHTTP(hijackable{httptest.NewRecorder(), ours}, httptest.NewRequest("GET", "/ws/chat/1/", nil))
	assert.Zero(t, s.inFlight.Load())
}
