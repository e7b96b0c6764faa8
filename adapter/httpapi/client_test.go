package httpapi

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// proxied trusts a private network and an address of another kind.
var proxied = Edge{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}}

func TestClientIsWhomTheLastTrustedProxySpeaksFor(t *testing.T) {
	for name, tt := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"nobody speaks":                       {"203.0.113.9:1", nil, "203.0.113.9"},
		"a stranger speaks":                   {"203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		"a proxy says nothing":                {"10.0.0.1:1", nil, "10.0.0.1"},
		"a proxy speaks":                      {"10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"what the client made up":             {"10.0.0.1:1", []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		"even if that looks like a proxy":     {"10.0.0.1:1", []string{"1.2.3.4, 10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		"two proxies":                         {"10.0.0.1:1", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"two proxies on a line each":          {"10.0.0.1:1", []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"a made up line before":               {"10.0.0.1:1", []string{"127.0.0.1", "198.51.100.1"}, "198.51.100.1"},
		"proxies all the way":                 {"10.0.0.1:1", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3"},
		"a wrapped peer":                      {"[::ffff:10.0.0.1]:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"a wrapped client":                    {"10.0.0.1:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"a wrapped proxy":                     {"10.0.0.1:1", []string{"198.51.100.1, ::ffff:10.0.0.2"}, "198.51.100.1"},
		"of IPv6":                             {"[2001:db8::1]:1", []string{"2001:db8:5::7"}, "2001:db8:5::7"},
		"with a port":                         {"10.0.0.1:1", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"of IPv6 with a port":                 {"10.0.0.1:1", []string{"[2001:db8:5::7]:4711"}, "2001:db8:5::7"},
		"of IPv6 in brackets":                 {"10.0.0.1:1", []string{"[2001:db8:5::7]"}, "2001:db8:5::7"},
		"a zone":                              {"10.0.0.1:1", []string{"fe80::1%eth0"}, "fe80::1"},
		"a zone of the peer":                  {"[fe80::1%eth0]:1", nil, "fe80::1"},
		"words":                               {"10.0.0.1:1", []string{"unknown"}, "10.0.0.1"},
		"words before a proxy":                {"10.0.0.1:1", []string{"198.51.100.1, _hidden, 10.0.0.2"}, "10.0.0.2"},
		"nothing before a comma":              {"10.0.0.1:1", []string{"198.51.100.1,,10.0.0.2"}, "10.0.0.2"},
		"an empty line":                       {"10.0.0.1:1", []string{""}, "10.0.0.1"},
		"an address with too much":            {"10.0.0.1:1", []string{"198.51.100.1.1"}, "10.0.0.1"},
		"a network":                           {"10.0.0.1:1", []string{"198.51.100.0/24"}, "10.0.0.1"},
		"a connection that is not TCP, alone": {"@", []string{"198.51.100.1"}, "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			r.Header["X-Forwarded-For"] = tt.forwarded
			assert.Equal(t, tt.want, proxied.caller(r, "").at.String())
			assert.False(t, Edge{}.trusts(Edge{}.caller(r, "").at), "nobody is trusted by default")
		})
	}
}

func TestAProxyThatIsNotTrustedIsWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newProbed(t)
		s.Edge = proxied
		s.build()
		warnings := func(peer, forwarded string) (peers []any) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = peer
			if forwarded != "" {
				r.Header.Set("X-Forwarded-For", forwarded)
			}
			s.send(r)
			for _, line := range s.lines() {
				if line["level"] == "WARN" {
					peers = append(peers, line["peer"])
				}
			}
			return peers
		}
		assert.Empty(t, warnings("10.0.0.1:1", "198.51.100.1"))
		assert.Empty(t, warnings("192.168.0.1:1", ""))
		assert.Equal(t, []any{"192.168.0.1"}, warnings("192.168.0.1:1", "198.51.100.1"))
		assert.Empty(t, warnings("192.168.0.1:1", "198.51.100.1"), "once is enough")
		time.Sleep(proxyWarningEvery)
		assert.Equal(t, []any{"192.168.0.2"}, warnings("192.168.0.2:1", "198.51.100.1"))
	})
}

func FuzzForwardedFor(f *testing.F) {
	f.Add("10.0.0.1", "198.51.100.1, 10.0.0.2\n10.0.0.3:80")
	f.Add("2001:db8::1", "[::1]:1, ::ffff:1.2.3.4, fe80::1%eth0,,unknown")
	f.Add("203.0.113.9", ",")
	f.Fuzz(func(t *testing.T, from, words string) {
		peer, err := netip.ParseAddr(from)
		if err != nil {
			return
		}
		peer = normal(peer)
		lines := strings.Split(words, "\n")
		at := clientBehind(peer, lines, proxied.trusts)
		switch {
		case at != normal(at) || !at.IsValid():
			t.Fatalf("%s is not in its only form", at)
		case !proxied.trusts(peer) && at != peer:
			t.Fatalf("a stranger was believed: %s", at)
		}
		// What a client writes before what a proxy adds changes nothing.
		const client = "198.51.100.77"
		if proxied.trusts(peer) {
			lines[len(lines)-1] += "," + client
			if at := clientBehind(peer, lines, proxied.trusts); at.String() != client {
				t.Fatalf("a client made itself %s", at)
			}
		}
	})
}

func TestSecure(t *testing.T) {
	for name, tt := range map[string]struct {
		edge  Edge
		peer  string
		proto []string
		tls   bool
		want  bool
	}{
		"in the clear":                 {proxied, "203.0.113.9:1", nil, false, false},
		"by TLS":                       {Edge{}, "203.0.113.9:1", nil, true, true},
		"as a stranger says":           {proxied, "203.0.113.9:1", []string{"https"}, false, false},
		"as a proxy says":              {proxied, "10.0.0.1:1", []string{"HTTPS"}, false, true},
		"as a proxy denies":            {proxied, "10.0.0.1:1", []string{"http"}, false, false},
		"as a client says to a proxy":  {proxied, "10.0.0.1:1", []string{"https, http"}, false, false},
		"on another line":              {proxied, "10.0.0.1:1", []string{"https", "http"}, false, false},
		"as anybody says, by default":  {Edge{}, "10.0.0.1:1", []string{"https"}, false, false},
		"as people find it":            {Edge{Public: "https://mealbuddy.example"}, "203.0.113.9:1", nil, false, true},
		"as people find it, and clear": {Edge{Public: "http://mealbuddy.example"}, "203.0.113.9:1", nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			r.Header["X-Forwarded-Proto"] = tt.proto
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			assert.Equal(t, tt.want, tt.edge.caller(r, "").secure)
		})
	}
}

func TestNetwork(t *testing.T) {
	for at, want := range map[string]string{
		"198.51.100.77": "198.51.100.0/24", "2001:db8:5:6::7": "2001:db8:5::/48", "::1": "::/48",
	} {
		assert.Equal(t, want, Network(netip.MustParseAddr(at)))
	}
	assert.Empty(t, Network(netip.Addr{}))
}

// calls makes a request to host from an address.
func calls(s *site, method, path, host, from string, headers ...string) *answer {
	s.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Host, r.RemoteAddr = host, from
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.send(r)
}

func TestHosts(t *testing.T) {
	s := newSite(t)
	const stranger, here = "203.0.113.9:1", "127.0.0.1:1"
	for _, host := range []string{"mealbuddy.example", "evil.example", "127.0.0.1:8080", ""} {
		assert.Equal(t, 200, calls(s, "GET", "/", host, stranger).Code, "any host will do")
	}

	s.Edge = Edge{Public: "https://mealbuddy.example"}
	s.build()
	for _, host := range []string{"mealbuddy.example", "MealBuddy.Example", "mealbuddy.example:443"} {
		a := calls(s, "GET", "/", host, stranger)
		assert.Equal(t, 200, a.Code, host)
		assert.Equal(t, "max-age=63072000; includeSubDomains", a.Header().Get("Strict-Transport-Security"))
	}
	for _, host := range []string{"", "evil.example", "mealbuddy.example:80", "mealbuddy.example.", "mealbuddy.example.evil.example",
		"a.mealbuddy.example", "mealbuddy.example@evil.example", "localhost", "127.0.0.1:8080", "203.0.113.1"} {
		for _, path := range []string{"/", "/assets/x.js", "/api/post/", "/api/post", "/api/nothing/", "/ws/chat/1/", "/openapi.yaml"} {
			for _, method := range []string{"GET", "POST", "PUT"} {
				calls(s, method, path, host, stranger).refused(421, "wrong_host")
			}
		}
		for _, path := range []string{livez, readyz} {
			assert.Equal(t, 200, calls(s, "GET", path, host, stranger).Code, "probes go by any name")
		}
	}

	t.Run("of this machine are for this machine", func(t *testing.T) {
		for _, host := range []string{"localhost", "localhost:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "[::1]"} {
			assert.Equal(t, 200, calls(s, "GET", "/", host, here).Code, host)
			assert.Equal(t, 200, calls(s, "GET", "/", host, "[::1]:1").Code, host)
			calls(s, "GET", "/", host, stranger).refused(421, "wrong_host")
		}
		calls(s, "GET", "/", "evil.example", here).refused(421, "wrong_host")
		s.Edge.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		s.build()
		calls(s, "GET", "/", "localhost", here, "X-Forwarded-For", "203.0.113.9").refused(421, "wrong_host")
	})

	s.Edge = Edge{Public: "http://mealbuddy.example:8080"}
	s.build()
	assert.Equal(t, 200, calls(s, "GET", "/", "mealbuddy.example:8080", stranger).Code)
	calls(s, "GET", "/", "mealbuddy.example", stranger).refused(421, "wrong_host")
	assert.Empty(t, calls(s, "GET", "/", "mealbuddy.example:8080", stranger).Header().Get("Strict-Transport-Security"))
}

func TestChangesAreForPagesOfThePublicOrigin(t *testing.T) {
	s := newSite(t)
	s.Edge = Edge{Public: "https://mealbuddy.example"}
	s.build()
	for _, rt := range s.routes {
		for _, origin := range []string{"http://mealbuddy.example", "https://mealbuddy.example:8443", "https://evil.example", "null"} {
			p := strings.ReplaceAll(rt.path, "{id}", "1")
			a := calls(s, rt.method, p, "mealbuddy.example", "203.0.113.9:1", "Origin", origin)
			if rt.method == "GET" {
				assert.NotEqual(t, 403, a.Code, "is only read")
				continue
			}
			a.refused(403, "cross_origin")
			for _, site := range []string{"cross-site", "same-site"} {
				calls(s, rt.method, p, "mealbuddy.example", "203.0.113.9:1", "Sec-Fetch-Site", site).refused(403, "cross_origin")
			}
			assert.NotEqual(t, 403, calls(s, rt.method, p, "mealbuddy.example", "203.0.113.9:1", "Origin", "https://mealbuddy.example", "Sec-Fetch-Site", "same-origin").Code)
		}
	}
}

func TestOwns(t *testing.T) {
	asks := func(e Edge, host string, origin ...string) bool {
		r := httptest.NewRequest("GET", "http://example.com/ws/chat/1/", nil)
		r.Host, r.Header["Origin"] = host, origin
		return e.Owns(r)
	}
	for origin, want := range map[string]bool{
		"http://example.com":           true,
		"https://example.com":          true,
		"http://example.com:8080":      false,
		"http://example.com.evil":      false,
		"http://evil.example":          false,
		"https://evilexample.com":      false,
		"null":                         false,
		"":                             false,
		"file://":                      false,
		"example.com":                  false,
		"ws://example.com":             false,
		"http://example.com/":          false,
		"http://example.com@evil.com":  false,
		"https://sub.example.com":      false,
		"chrome-extension://abcdefghi": false,
	} {
		assert.Equal(t, want, asks(Edge{}, "example.com", origin), "%q", origin)
		public := Edge{Public: "https://example.com"}
		assert.Equal(t, origin == public.Public, asks(public, "example.com", origin), "%q", origin)
	}
	assert.True(t, asks(Edge{}, "example.com"), "no page")
	assert.True(t, asks(Edge{Public: "https://example.com"}, "example.com"), "no page")
	assert.True(t, asks(Edge{}, "localhost:8080", "http://localhost:8080"))
	assert.False(t, asks(Edge{}, "localhost:8080", "http://localhost"))
	assert.False(t, asks(Edge{}, "", "http://"))
	assert.False(t, asks(Edge{}, "example.com", "http://example.com", "http://example.com"))
}

func FuzzOwns(f *testing.F) {
	f.Add("example.com", "https://example.com", "https://example.com")
	f.Add("example.com", "http://example.com:80", "")
	f.Add("", "null", "https://example.com")
	f.Fuzz(func(t *testing.T, host, origin, public string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.Header = host, http.Header{"Origin": {origin}}
		owns := Edge{Public: public}.Owns(r)
		scheme, rest, _ := strings.Cut(origin, "://")
		switch {
		case public != "" && owns != (origin == public):
			t.Fatalf("%q for %q", origin, public)
		case public == "" && owns && (rest != host || host == "" || scheme != "http" && scheme != "https"):
			t.Fatalf("%q at %q", origin, host)
		}
	})
}
