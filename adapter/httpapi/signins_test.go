package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// cookies are those that an answer sets, by name.
func (a *answer) cookies() map[string]*http.Cookie {
	a.Helper()
	all := map[string]*http.Cookie{}
	for _, c := range a.Result().Cookies() {
		require.NotContains(a, all, c.Name, "set once")
		all[c.Name] = c
	}
	return all
}

// kept is the cookie that keeps the browser signed in.
func (a *answer) kept() *http.Cookie {
	a.Helper()
	c := a.cookies()[signInCookie]
	require.NotNil(a, c)
	return c
}

// forgets requires that the browser forgets the cookie that kept it signed in.
func (a *answer) forgets() {
	a.Helper()
	c := a.kept()
	assert.Empty(a, c.Value)
	assert.Negative(a, c.MaxAge)
	assert.Equal(a, cookiePath, c.Path)
}

// browse sends a request with cookies.
func (s *site) browse(who someone, method, path string, cookies ...*http.Cookie) *answer {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, nil)
	if who != nobody {
		r.Header.Set("Authorization", "token "+who.token)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return s.send(r)
}

// login signs somebody in by the password, and gives the token and the cookies.
func (s *site) login(name string, cookies ...*http.Cookie) (someone, map[string]*http.Cookie) {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), "POST", "/api/user/login/", strings.NewReader(fmt.Sprintf(`{"email":"%s@example.com","password":"%s"}`, name, password)))
	r.Header.Set("Content-Type", "application/json")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	a := s.send(r)
	account := a.json(200)["user"].(object)
	return someone{user.ID(account["id"].(float64)), account["token"].(string)}, a.cookies()
}

func TestCookies(t *testing.T) {
	s := newSite(t)
	s.person("ann")
	_, set := s.login("ann")
	require.Len(t, set, 2)
	for name, life := range map[string]time.Duration{signInCookie: 14 * 24 * time.Hour, deviceCookie: 400 * 24 * time.Hour} {
		c := set[name]
		require.NotNil(t, c, name)
		assert.True(t, c.HttpOnly)
		assert.Equal(t, http.SameSiteStrictMode, c.SameSite)
		assert.Equal(t, "/api/user/", c.Path)
		assert.Empty(t, c.Domain)
		assert.EqualValues(t, life/time.Second, c.MaxAge)
		assert.False(t, c.Secure, "this came by http")
	}
	token, ok := signin.ParseToken(set[signInCookie].Value)
	require.True(t, ok)
	_, ok = signin.ParseSecret(set[deviceCookie].Value)
	require.True(t, ok)

	t.Run("know a device again", func(t *testing.T) {
		_, again := s.login("ann", set[deviceCookie])
		assert.NotContains(t, again, deviceCookie)
		second, ok := signin.ParseToken(again[signInCookie].Value)
		require.True(t, ok)
		assert.NotEqual(t, token.Family(), second.Family(), "each login is another sign-in")
		for _, odd := range []string{"", "x", set[deviceCookie].Value + "A"} {
			_, again := s.login("ann", &http.Cookie{Name: deviceCookie, Value: odd})
			assert.Contains(t, again, deviceCookie)
		}
	})

	t.Run("are not given to whoever does not get in, but for the mark of the device", func(t *testing.T) {
		a := s.ask(nobody, "POST", "/api/user/login/", `{"email":"ann@example.com","password":"wrong horse"}`)
		a.refused(401, "invalid_credentials")
		assert.NotContains(t, a.cookies(), signInCookie)
		a = s.ask(nobody, "POST", "/api/user/register/", `{}`)
		a.refused(400, "invalid")
		assert.NotContains(t, a.cookies(), signInCookie)
	})

	t.Run("are for https alone where that is spoken", func(t *testing.T) {
		s := newSite(t)
		s.person("ann")
		s.Edge.Public = "https://mealbuddy.example"
		s.build()
		ask := func(path, body string, cookies ...*http.Cookie) *answer {
			r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
			r.Host = "mealbuddy.example"
			r.Header.Set("Content-Type", "application/json")
			for _, c := range cookies {
				r.AddCookie(c)
			}
			return s.send(r)
		}
		a := ask("/api/user/login/", `{"email":"ann@example.com","password":"correct horse"}`)
		a.json(200)
		set := a.cookies()
		require.Len(t, set, 2)
		for _, name := range []string{signInCookie, deviceCookie} {
			c := set["__Secure-"+name]
			require.NotNil(t, c, name)
			assert.True(t, c.Secure)
			assert.True(t, c.HttpOnly)
		}
		secure := set["__Secure-"+signInCookie]
		ask("/api/user/refresh/", "", &http.Cookie{Name: signInCookie, Value: secure.Value}).refused(401, "not_signed_in") // which http may have set
		ask("/api/user/refresh/", "", secure).json(200)
	})

	t.Run("are given at registration, and by a new password", func(t *testing.T) {
		a := s.ask(nobody, "POST", "/api/user/register/",
			`{"email":"new@example.com","username":"newcomer","password":"correct horse","password2":"correct horse","address":"서울특별시 종로구 혜화동"}`)
		fresh := someone{0, a.json(201)["user"].(object)["token"].(string)}
		before, ok := signin.ParseToken(a.kept().Value)
		require.True(t, ok)
		a = s.ask(fresh, "POST", "/api/user/changepassword/", `{"current_password":"correct horse","new_password1":"another horse","new_password2":"another horse"}`)
		fresh = someone{0, a.json(200)["user"].(object)["token"].(string)}
		after, ok := signin.ParseToken(a.kept().Value)
		require.True(t, ok)
		assert.NotEqual(t, before.Family(), after.Family())
		a = s.ask(fresh, "POST", "/api/user/delete/", `{"password":"another horse"}`)
		a.empty(204)
		a.forgets()
	})
}

func TestRefresh(t *testing.T) {
	s := newSite(t)
	s.person("ann")
	ann, set := s.login("ann")
	const path = "/api/user/refresh/"

	a := s.browse(nobody, "POST", path, set[signInCookie])
	account := a.json(200)["user"].(object)
	assert.EqualValues(t, ann.id, account["id"])
	assert.Equal(t, "ann@example.com", account["email"])
	s.ask(someone{ann.id, account["token"].(string)}, "GET", "/api/user/current/", "").json(200)
	next := a.kept()
	assert.NotEqual(t, set[signInCookie].Value, next.Value)
	assert.True(t, next.HttpOnly)
	assert.EqualValues(t, signin.Idle/time.Second, next.MaxAge)
	again := s.browse(nobody, "POST", path, set[signInCookie])
	assert.Equal(t, next.Value, again.kept().Value, "an answer that was lost is given again")

	t.Run("goes by the cookie alone", func(t *testing.T) {
		a := s.browse(ann, "POST", path)
		a.refused(401, "not_signed_in")
		a.forgets()
		s.browse(someone{1, "odd"}, "POST", path, next).json(200)
	})

	t.Run("takes away what is good for nothing", func(t *testing.T) {
		for _, value := range []string{"", "x", next.Value[1:], signin.NewToken(chance(), chance()).String()} {
			a := s.browse(nobody, "POST", path, &http.Cookie{Name: signInCookie, Value: value})
			a.refused(401, "not_signed_in")
			assert.NotEmpty(t, a.Header().Get("WWW-Authenticate"))
			a.forgets()
		}
		a := s.browse(nobody, "POST", path, &http.Cookie{Name: deviceCookie, Value: next.Value})
		a.refused(401, "not_signed_in")
	})

	t.Run("needs no body and minds none", func(t *testing.T) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader("{"))
		r.AddCookie(next)
		current := s.send(r)
		current.json(200)
		next = current.kept()
	})

	t.Run("does not explain that a token was used again", func(t *testing.T) {
		s.browse(nobody, "POST", path, next).json(200) // twice, so that the first is a former one
		a := s.browse(nobody, "POST", path, set[signInCookie])
		plain := s.browse(nobody, "POST", path)
		assert.Equal(t, plain.refused(401, "not_signed_in"), a.refused(401, "not_signed_in"))
		a.forgets()
		s.browse(nobody, "POST", path, next).refused(401, "not_signed_in")
		s.ask(ann, "GET", "/api/user/sessions/", "").refused(401, "not_signed_in")
	})
}

func TestLogout(t *testing.T) {
	s := newSite(t)
	s.person("ann")
	const path = "/api/user/logout/"
	in := func(who someone) int { return s.ask(who, "GET", "/api/user/sessions/", "").Code }

	ann, set := s.login("ann")
	other, _ := s.login("ann")
	a := s.browse(nobody, "POST", path, set[signInCookie])
	a.empty(204)
	a.forgets()
	assert.NotContains(t, a.cookies(), deviceCookie, "it stays known")
	assert.Equal(t, 401, in(ann))
	assert.Equal(t, 200, in(other))
	s.browse(nobody, "POST", "/api/user/refresh/", set[signInCookie]).refused(401, "not_signed_in")

	t.Run("by the token, where there is no cookie", func(t *testing.T) {
		a := s.browse(other, "POST", path)
		a.empty(204)
		a.forgets()
		assert.Equal(t, 401, in(other))
	})

	t.Run("by the cookie, where there are both", func(t *testing.T) {
		ann, set := s.login("ann")
		other, _ := s.login("ann")
		s.browse(other, "POST", path, set[signInCookie]).empty(204)
		assert.Equal(t, 401, in(ann))
		assert.Equal(t, 200, in(other))
	})

	t.Run("of whoever is not signed in is fine", func(t *testing.T) {
		for _, who := range []someone{nobody, ann, {1, "odd"}} {
			for _, cookies := range [][]*http.Cookie{nil, {set[signInCookie]}, {{Name: signInCookie, Value: "odd"}}} {
				a := s.browse(who, "POST", path, cookies...)
				a.empty(204)
				a.forgets()
			}
		}
	})

	t.Run("is not said to be done when it is not", func(t *testing.T) {
		ann, set := s.login("ann")
		require.NoError(t, s.store.Close())
		for _, a := range []*answer{s.browse(nobody, "POST", path, set[signInCookie]), s.browse(ann, "POST", path)} {
			a.refused(500, "internal")
			assert.Empty(t, a.cookies())
		}
	})
}

func TestSessions(t *testing.T) {
	s := newSite(t)
	bob := s.person("bob")
	s.person("ann")
	ann, set := s.login("ann")
	other, _ := s.login("ann")
	const path = "/api/user/sessions/"
	list := func(who someone) (all []object) {
		t.Helper()
		a := s.ask(who, "GET", path, "")
		var raw any
		require.Equal(t, 200, a.Code)
		require.NoError(t, json.Unmarshal(a.Body.Bytes(), &raw))
		for _, v := range raw.([]any) {
			all = append(all, v.(object))
		}
		return all
	}
	id := func(who someone) float64 {
		for _, one := range list(who) {
			if one["current"].(bool) {
				return one["id"].(float64)
			}
		}
		t.Fatal("none is the current one")
		return 0
	}
	at := func(id float64) string { return fmt.Sprintf("%s%.0f/", path, id) }

	all := list(ann)
	require.Len(t, all, 3, "the person's own one has been made by the test")
	for _, one := range all {
		assert.Equal(t, "2026-11-22T12:00:00.123456Z", one["created_at"])
		assert.Equal(t, "2026-11-22T12:00:00.123456Z", one["last_seen_at"])
		assert.Equal(t, one["id"] == id(ann), one["current"])
		assert.Len(t, one, 6)
	}
	s.ask(bob, "DELETE", at(id(ann)), "").refused(404, "session_not_found")
	for _, odd := range []string{"0", "-1", "x", "1", "9223372036854775808"} {
		s.ask(ann, "DELETE", path+odd+"/", "").refused(404, "session_not_found")
	}

	gone := at(id(other))
	a := s.ask(ann, "DELETE", gone, "")
	a.empty(204)
	assert.Empty(t, a.cookies(), "this device stays")
	s.ask(ann, "DELETE", gone, "").refused(404, "session_not_found")
	s.ask(other, "GET", path, "").refused(401, "not_signed_in")
	s.ask(other, "DELETE", path, "").refused(401, "not_signed_in")
	s.ask(other, "DELETE", at(id(ann)), "").refused(401, "not_signed_in")

	a = s.ask(ann, "DELETE", at(id(ann)), "")
	a.empty(204)
	a.forgets()
	s.ask(ann, "GET", path, "").refused(401, "not_signed_in")
	s.browse(nobody, "POST", "/api/user/refresh/", set[signInCookie]).refused(401, "not_signed_in")

	ann, _ = s.login("ann")
	other, _ = s.login("ann")
	a = s.ask(ann, "DELETE", path, "")
	a.empty(204)
	a.forgets()
	for _, who := range []someone{ann, other} {
		s.ask(who, "GET", path, "").refused(401, "not_signed_in")
	}
	assert.Len(t, list(bob), 1)
}

func TestTicket(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	id := s.open(3, ann)
	path := at("/api/chat/%d/ticket/", id)
	got := s.ask(ann, "POST", path, "").json(201)
	assert.EqualValues(t, 30, got["expires_in"])
	assert.Len(t, got, 2)
	ticket, ok := signin.ParseSecret(got["ticket"].(string))
	require.True(t, ok)
	access, err := s.chat.Redeem(t.Context(), ticket, id)
	require.NoError(t, err)
	assert.Equal(t, ann.id, access.Who)
	assert.NotEqual(t, got["ticket"], s.ask(ann, "POST", path, "").json(201)["ticket"])

	s.ask(nobody, "POST", path, "").refused(401, "not_signed_in")
	s.ask(bob, "POST", path, "").refused(403, "not_a_member")
	s.ask(ann, "POST", "/api/chat/999/ticket/", "").refused(404, "post_not_found")
	s.ask(ann, "POST", "/api/chat/x/ticket/", "").refused(404, "post_not_found")
	require.NoError(t, s.Parties.DeleteRoom(t.Context(), ann.id, id))
	s.ask(ann, "POST", path, "").refused(410, "room_deleted")
}

func TestPersonalTicket(t *testing.T) {
	const path = "/api/user/ticket/"
	s := newSite(t)
	ann := s.person("ann")
	got := s.ask(ann, "POST", path, "").json(201)
	assert.EqualValues(t, 30, got["expires_in"])
	assert.Len(t, got, 2)
	ticket, ok := signin.ParseSecret(got["ticket"].(string))
	require.True(t, ok)
	access, err := s.chat.RedeemPersonal(t.Context(), ticket)
	require.NoError(t, err)
	assert.Equal(t, ann.id, access.Who)
	assert.NotEqual(t, got["ticket"], s.ask(ann, "POST", path, "").json(201)["ticket"])
	s.ask(nobody, "POST", path, "").refused(401, "not_signed_in")
}

func TestDeviceOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                                   "Chrome · Android",
		"Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36":               "삼성 인터넷 · Android",
		"Mozilla/5.0 (Linux; Android 14; SM-S918N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36;KAKAOTALK 2610900": "카카오톡 · Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1":                  "Safari · iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1":           "Chrome · iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 NAVER(inapp; search; 2000; 12.6.3; 15)":     "네이버 앱 · iPhone",
		"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15":                         "Firefox · iPad",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":                            "Edge · Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Whale/3.26.244.21 Safari/537.36":                        "웨일 · Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                                    "Safari · Mac",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":                                           "Chrome · Chromebook",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                                   "Firefox · Linux",
		"curl/8.5.0":                          "curl",
		"":                                    "알 수 없는 기기",
		"Go-http-client/1.1":                  "알 수 없는 기기",
		"<script>alert(1)</script>":           "알 수 없는 기기",
		"Chrome/<img src=x> Android\x00":      "Chrome · Android",
		strings.Repeat("Chrome/ Linux ", 500): "Chrome · Linux",
	} {
		assert.Equal(t, want, deviceOf(agent), "%.80q", agent)
	}
}

func TestPlaceOf(t *testing.T) {
	for _, tt := range []struct{ network, here, want string }{
		{"203.0.113.0/24", "203.0.113.0/24", "지금과 같은 네트워크"},
		{"203.0.113.0/24", "198.51.100.0/24", "네트워크 203.0.113.0/24"},
		{"2001:db8:1::/48", "203.0.113.0/24", "네트워크 2001:db8:1::/48"},
		{"192.168.0.0/24", "203.0.113.0/24", "사설 네트워크 192.168.0.0/24"},
		{"fd00::/48", "203.0.113.0/24", "사설 네트워크 fd00::/48"},
		{"127.0.0.0/24", "203.0.113.0/24", "서버와 같은 컴퓨터"},
		{"127.0.0.0/24", "127.0.0.0/24", "지금과 같은 네트워크"},
		{"", "203.0.113.0/24", "알 수 없는 곳"},
		{"", "", "알 수 없는 곳"},
		{"odd", "odd", "알 수 없는 곳"},
	} {
		assert.Equal(t, tt.want, placeOf(tt.network, tt.here), "%q, seen from %q", tt.network, tt.here)
	}
}
