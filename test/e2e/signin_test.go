package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// A client that is closed and reopened is still signed in, even after a restart of the
// server.
func TestStayingSignedIn(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	on := serve(t, data)
	ann := newcomer(t, on, "ann")
	jar := filepath.Join(t.TempDir(), "jar")
	status, _ := curl(t, jar, "-d", "email="+ann.Email, "-d", "password="+password, "http://"+on.addr+"/api/user/login/")
	require.Equal(t, http.StatusOK, status)
	again := func() person {
		status, body := curl(t, jar, "-X", "POST", "http://"+on.addr+refreshPath)
		require.Equal(t, http.StatusOK, status, body)
		var s signed
		require.NoError(t, json.Unmarshal([]byte(body), &s))
		assert.Equal(t, ann.ID, s.User.ID)
		s.User.on = on
		s.User.as(t).get(currentPath).is(http.StatusOK)
		return s.User
	}
	first := again().signIn(t)
	assert.Equal(t, first, again().signIn(t))
	require.NoError(t, on.stop())
	on = serve(t, data)
	me := again()
	assert.Equal(t, first, me.signIn(t), "still the same sign-in")
	assert.Contains(t, me.sessions(t)[0].Device, "curl")

	status, _ = curl(t, jar, "-X", "POST", "http://"+on.addr+logoutPath)
	require.Equal(t, http.StatusNoContent, status)
	status, _ = curl(t, jar, "-X", "POST", "http://"+on.addr+refreshPath)
	assert.Equal(t, http.StatusUnauthorized, status)
	me.as(t).get(currentPath).refused(http.StatusUnauthorized, "not_signed_in")
}

func TestRefresh(t *testing.T) {
	ann := newcomer(t, shared, "refresher")
	d := ann.enters(t)
	next := d.refreshes(t)
	assert.Equal(t, ann.ID, next.ID)
	assert.NotEqual(t, d.kept, next.kept)
	assert.Equal(t, d.signIn(t), next.signIn(t))
	next.as(t).get(currentPath).is(http.StatusOK)
	assert.Equal(t, next.kept, d.refreshes(t).kept, "an answer that was lost is given again")

	nobody := stranger(t, shared)
	for _, cookie := range []string{"", "mealbuddy_sign_in=", "mealbuddy_sign_in=x", "mealbuddy_sign_in=" + strings.Repeat("A", 64), "mealbuddy_device=" + next.kept} {
		c := nobody
		if cookie != "" {
			c = c.with("Cookie", cookie)
		}
		a := c.post(refreshPath, nil)
		a.refused(http.StatusUnauthorized, "not_signed_in")
		assert.Empty(t, keptIn(t, a))
	}
	next.as(t).post(refreshPath, nil).refused(http.StatusUnauthorized, "not_signed_in")

	t.Run("is nothing that another site can bring about", func(t *testing.T) {
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			for _, path := range []string{refreshPath, logoutPath} {
				next.keeper(t).with(header, value).meaning(Unexpected).post(path, nil).refused(http.StatusForbidden, "cross_origin")
			}
		}
		next = next.refreshes(t)
	})
}

// If a token is used again once its successor was used, one of the users has stolen it, so
// the sign-in ends for both. Within ten seconds of that use, it is another tab.
func TestAStolenTokenIsGoodForNobody(t *testing.T) {
	ann, bob := newcomer(t, shared, "robbed"), people(t, 1)[0]
	party := bob.opens(t, 3)
	ann.joins(t, party)
	d, other := ann.enters(t), ann.enters(t)
	second := d.refreshes(t)
	third := second.refreshes(t)
	assert.Equal(t, second.kept, d.refreshes(t).kept, "another tab")
	third = third.refreshes(t)
	byToken, byTicket, safe := third.listens(t, party), shows(t, shared, party, second.ticket(t, party)), other.listens(t, party)
	before := recorded(t, shared, ann.ID)["token_reused"]

	a := d.keeper(t).post(refreshPath, nil) // the thief or the owner
	a.refused(http.StatusUnauthorized, "not_signed_in")
	assert.Empty(t, keptIn(t, a))
	byToken.ends(4401)
	byTicket.ends(4401)
	for _, each := range []device{d, second, third} {
		each.isOut(t)
	}
	assert.Equal(t, before+1, recorded(t, shared, ann.ID)["token_reused"])
	other.as(t).get(currentPath).is(http.StatusOK)
	safe.says("나는 그대로", "")
	safe.hearsWords("나는 그대로")
}

func TestLogout(t *testing.T) {
	ann, bob := newcomer(t, shared, "logout"), people(t, 1)[0]
	party := bob.opens(t, 3)
	ann.joins(t, party)
	d, other := ann.enters(t), ann.enters(t)
	s := d.listens(t, party)
	a := d.keeper(t).post(logoutPath, nil).is(http.StatusNoContent)
	assert.Empty(t, keptIn(t, a))
	s.ends(4401)
	d.isOut(t)
	other.as(t).get(currentPath).is(http.StatusOK)
	for _, c := range []caller{d.keeper(t), d.as(t), stranger(t, shared)} {
		c.post(logoutPath, nil).is(http.StatusNoContent)
	}
	other.as(t).post(logoutPath, nil).is(http.StatusNoContent)
	other.isOut(t)
	assert.Equal(t, 2, recorded(t, shared, ann.ID)["signed_out"])
}

func TestSessions(t *testing.T) {
	ann, bob := newcomer(t, shared, "sessions"), people(t, 1)[0]
	party := bob.opens(t, 3)
	ann.joins(t, party)
	phone := deviceOf(t, shared, stranger(t, shared).with("User-Agent", "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile").
		post("/api/user/login/", fields{"email": ann.Email, "password": password}))
	desk := ann.enters(t)
	all := desk.sessions(t)
	require.Len(t, all, 3)
	assert.Equal(t, "Chrome · Android", all[1].Device)
	assert.Equal(t, "지금과 같은 네트워크", all[1].Place)
	assert.Equal(t, []bool{true, false, false}, []bool{all[0].Current, all[1].Current, all[2].Current})

	s := phone.listens(t, party)
	end := phone.current(t)
	bob.as(t).delete(end).refused(http.StatusNotFound, "session_not_found")
	for _, id := range []string{"0", "-1", "x", "9223372036854775808"} {
		desk.as(t).meaning(Request).delete(sessionsPath+id+"/").refused(http.StatusNotFound, "session_not_found")
	}
	stranger(t, shared).delete(end).refused(http.StatusUnauthorized, "not_signed_in")
	desk.as(t).delete(end).is(http.StatusNoContent)
	s.ends(4401)
	phone.isOut(t)
	desk.as(t).delete(end).refused(http.StatusNotFound, "session_not_found")
	assert.Len(t, desk.sessions(t), 2)

	stranger(t, shared).get(sessionsPath).refused(http.StatusUnauthorized, "not_signed_in")
	stranger(t, shared).delete(sessionsPath).refused(http.StatusUnauthorized, "not_signed_in")
	s = desk.listens(t, party)
	a := desk.as(t).delete(sessionsPath).is(http.StatusNoContent)
	assert.Empty(t, keptIn(t, a))
	s.ends(4401)
	desk.isOut(t)
	ann.as(t).get(currentPath).refused(http.StatusUnauthorized, "not_signed_in")
	bob.as(t).get(currentPath).is(http.StatusOK)
}

func TestTickets(t *testing.T) {
	ann, bob, cho := three(t)
	party, ended := meet(t, ann, bob), meet(t, ann, bob)
	s := shows(t, shared, party, bob.ticket(t, party))
	s.says("입장권으로 왔어요", "")
	assert.Equal(t, bob.ID, s.hearsWords("입장권으로 왔어요").User.ID)

	used := bob.ticket(t, party)
	shows(t, shared, party, used)
	elsewhere := bob.ticket(t, party)
	for _, try := range []struct { // in this order
		name   string
		at     post
		ticket string
	}{
		{"used", party, used},
		{"of another room", ended, elsewhere},
		{"and used up then", party, elsewhere},
		{"none", party, ""},
		{"odd", party, "odd"},
		{"a token", party, ann.Token},
	} {
		_, a := handshake(t, shared, try.at.socket(), url.Values{"ticket": {try.ticket}}, nil)
		assert.Equal(t, http.StatusUnauthorized, a.status, try.name)
	}

	stranger(t, shared).post(party.tickets(), nil).refused(http.StatusUnauthorized, "not_signed_in")
	cho.as(t).post(party.tickets(), nil).refused(http.StatusForbidden, "not_a_member")
	bob.as(t).post("/api/chat/999999/ticket/", nil).refused(http.StatusNotFound, "post_not_found")
	late := bob.ticket(t, ended)
	ann.as(t).delete(ended.room()).is(http.StatusNoContent)
	bob.as(t).post(ended.tickets(), nil).refused(http.StatusGone, "room_deleted")
	_, a := handshake(t, shared, ended.socket(), url.Values{"ticket": {late}}, nil)
	a.refused(http.StatusGone, "room_deleted")
}

// If tokens in URLs are switched off, only tickets and headers open a socket.
func TestTokensInURLsSwitchedOff(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_WS_URL_TOKEN=off")
	ann := newcomer(t, on, "ann")
	party := ann.opens(t, 2)
	_, a := handshake(t, on, party.socket(), url.Values{"token": {ann.Token}}, nil)
	a.refused(http.StatusUnauthorized, "not_signed_in")
	conn, a := handshake(t, on, party.socket(), nil, http.Header{"Authorization": {"token " + ann.Token}})
	a.is(http.StatusSwitchingProtocols)
	follow(t, conn)
	shows(t, on, party, ann.ticket(t, party))
}

func TestTooManyWrongPasswords(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_LIMITS=on")
	ann, bob := newcomer(t, on, "ann"), newcomer(t, on, "bob")
	d := ann.enters(t)
	registered := stranger(t, on).post("/api/user/register/", registration("cho@newcomer.test", "cho")).is(http.StatusCreated)
	var said []string
	for _, email := range []string{ann.Email, "cho@newcomer.test", "nobody@newcomer.test"} {
		for range 5 {
			login(t, on, email, "wrong-word-1").refused(http.StatusUnauthorized, "invalid_credentials")
		}
		for _, typed := range []string{"wrong-word-1", password} {
			a := login(t, on, email, typed)
			p := a.refused(http.StatusTooManyRequests, "too_many_logins")
			wait, err := strconv.Atoi(a.header.Get("Retry-After"))
			require.NoError(t, err)
			assert.InDelta(t, 180, wait, 60)
			said = append(said, p.Detail)
		}
	}
	for _, words := range said {
		assert.Equal(t, said[0], words, "nobody learns who has an account")
	}
	bob.enters(t)
	d.refreshes(t).as(t).get(currentPath).is(http.StatusOK)
	assert.Equal(t, 5, recorded(t, on, ann.ID)["sign_in_failed"])

	change := fields{"current_password": password, "new_password1": "another-word-1", "new_password2": "another-word-1"}
	ann.as(t).post("/api/user/changepassword/", change).refused(http.StatusTooManyRequests, "too_many_logins")
	ann.as(t).post("/api/user/delete/", fields{"password": password}).refused(http.StatusTooManyRequests, "too_many_logins")
	ann.as(t).post(socialAPI+"start/kakao/", fields{"link": true, "password": password}).refused(http.StatusTooManyRequests, "too_many_logins")
	ann.as(t).do(http.MethodDelete, socialAPI+"linked/kakao/", asJSON(fields{"password": password})).refused(http.StatusTooManyRequests, "too_many_logins")

	t.Run("of a neighbour do not lock out a known device", func(t *testing.T) {
		for _, c := range (&http.Response{Header: registered.header}).Cookies() {
			if c.Name == "mealbuddy_device" {
				known := stranger(t, on).with("Cookie", "mealbuddy_device="+c.Value)
				known.post("/api/user/login/", fields{"email": "cho@newcomer.test", "password": password}).is(http.StatusOK)
				return
			}
		}
		t.Fatal("the device has no mark")
	})
}

// Twenty tabs on each of a hundred devices refresh at once: each device gets one new
// token, which all its tabs share.
func agree(t *testing.T, devices []device, at *nodes) {
	t.Helper()
	began := time.Now()
	for _, d := range devices {
		var mu sync.Mutex
		kept := map[string]int{}
		var tabs errgroup.Group
		for range 20 {
			on := at.any()
			tabs.Go(func() error {
				a, err := d.onto(on).keeper(t).try(http.MethodPost, refreshPath, nothing)
				if err != nil {
					return err
				}
				if a.status != http.StatusOK {
					return fmt.Errorf("%d: %s", a.status, a.body)
				}
				mu.Lock()
				defer mu.Unlock()
				kept[keptIn(t, a)]++
				return nil
			})
		}
		require.NoError(t, tabs.Wait())
		require.Len(t, kept, 1)
		require.NotContains(t, kept, d.kept)
		next := d.onto(at.any())
		next.kept = slices.Collect(maps.Keys(kept))[0]
		assert.NotEqual(t, next.kept, next.refreshes(t).kept, "and it is the newest")
	}
	t.Logf("%d refreshes took %s", 21*len(devices), time.Since(began))
}

// enterMany signs people in on n devices in total, at most twenty each.
func enterMany(t *testing.T, n int, at *nodes, name string) []device {
	t.Helper()
	devices := make([]device, n)
	var entering errgroup.Group
	entering.SetLimit(2)
	for first := 0; first < n; first += 20 {
		p := newcomer(t, at.any(), fmt.Sprint(name, first))
		for i := first; i < min(n, first+20); i++ {
			c := p.at(at.any()).as(t).meaning(Unexpected)
			entering.Go(func() error {
				for began := time.Now(); ; {
					a, err := c.try(http.MethodPost, "/api/user/login/", asJSON(fields{"email": p.Email, "password": password}))
					switch {
					case err != nil:
						return err
					case a.status == http.StatusOK:
						devices[i] = device{p.at(c.on), keptIn(t, a)}
						return nil
					case a.status != http.StatusServiceUnavailable || time.Since(began) > patience: // or too many at once
						return fmt.Errorf("%d: %s", a.status, a.body)
					}
				}
			})
		}
	}
	require.NoError(t, entering.Wait())
	return devices
}

func TestAHundredDevicesRefreshTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) {
		at := &nodes{all: []*server{shared}}
		agree(t, enterMany(t, 100, at, "tabs"), at)
	})
	t.Run("on two nodes", func(t *testing.T) {
		s := stand(t, 2, container.Postgres(t), container.StartRedis(t))
		agree(t, enterMany(t, 100, &s.nodes, "tabs"), &s.nodes)
	})
}

func TestTokenKeysAreRotatedWithoutSigningAnybodyOut(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	keyOf := func(p person) any {
		token, _, err := jwt.NewParser().ParseUnverified(p.Token, jwt.MapClaims{})
		require.NoError(t, err)
		return token.Header["kid"]
	}
	on := serve(t, data, "MEALBUDDY_TOKEN_KEYS="+formerKey.text())
	d := newcomer(t, on, "ann").enters(t)
	require.Equal(t, formerKey.id(), keyOf(d.person))
	party := d.opens(t, 2)
	require.NoError(t, on.stop())

	on = serve(t, data, "MEALBUDDY_TOKEN_KEYS="+ownKey.text()+","+formerKey.text())
	d = d.onto(on)
	d.as(t).get(currentPath).is(http.StatusOK)
	d.listens(t, party)
	next := d.refreshes(t)
	assert.Equal(t, ownKey.id(), keyOf(next.person), "what is new is of the new key")
	d.as(t).get(currentPath).is(http.StatusOK)
	require.NoError(t, on.stop())

	on = serve(t, data, "MEALBUDDY_TOKEN_KEYS="+ownKey.text())
	next.onto(on).as(t).get(currentPath).is(http.StatusOK)
	d.onto(on).as(t).get(currentPath).refused(http.StatusUnauthorized, "not_signed_in")
	assert.Equal(t, d.signIn(t), next.onto(on).refreshes(t).signIn(t), "nobody is signed out")
}
