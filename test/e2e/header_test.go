package e2e

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// always lists the headers of every answer.
var always = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "geolocation=(self), camera=(), microphone=()",
}

// ofPages is the policy of the app's pages: no inline scripts or styles, and nothing
// from other sites except the address search.
var ofPages = map[string]string{
	"default-src":     "'none'",
	"script-src":      "'self' https://t1.kakaocdn.net https://t1.daumcdn.net",
	"frame-src":       "https://postcode.map.kakao.com https://postcode.map.daum.net",
	"style-src":       "'self'",
	"img-src":         "'self' data: blob:",
	"font-src":        "'self'",
	"connect-src":     "'self'",
	"manifest-src":    "'self'",
	"worker-src":      "'self'",
	"form-action":     "'self'",
	"base-uri":        "'none'",
	"object-src":      "'none'",
	"frame-ancestors": "'none'",
}

var ofTheAPI = map[string]string{"default-src": "'none'", "frame-ancestors": "'none'"}

// protected checks the headers of every answer, and the policy for its content.
func protected(t *testing.T, what string, h http.Header, policy map[string]string) {
	t.Helper()
	for name, want := range always {
		assert.Equal(t, []string{want}, h.Values(name), "%s: %s", what, name)
	}
	allows := map[string]string{}
	for directive := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		allows[name] = sources
	}
	assert.Equal(t, policy, allows, what)
	if !strings.HasPrefix(h.Get("Content-Range"), "bytes */") { // net/http answers an invalid range this way
		assert.NotEmpty(t, h.Get("Cache-Control"), what)
	}
	assert.NotEmpty(t, h.Get("X-Request-Id"), what)
	for name := range h {
		assert.False(t, name == "Server" || strings.HasPrefix(name, "Access-Control-"), "%s: %s", what, name)
	}
}

// TestEveryAnswerIsProtected requests every path with every method, correctly and
// incorrectly.
func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	const public = "mealbuddy.example"
	on := serve(t, t.TempDir(), "MEALBUDDY_PUBLIC_URL=https://"+public)
	plain := &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       patience,
	}
	defer plain.CloseIdleConnections()
	seen := map[int]bool{}
	ask := func(method, path, host string, headers ...string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+on.addr+path, http.NoBody)
		require.NoError(t, err)
		r.Host = host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		resp, err := plain.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		seen[resp.StatusCode] = true
		return resp, string(text)
	}
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}
	safe := []string{"GET", "HEAD", "OPTIONS"}

	paths := slices.Collect(maps.Keys(witness.doc.Paths.Map()))
	paths = append(paths, "/openapi.yaml", "/api/", "/api/nowhere/", "/ws/", "/ws/nowhere", "//api/post/", "/api/../api/post/")
	for _, path := range paths {
		path = strings.ReplaceAll(path, "{id}", "1")
		for _, method := range methods {
			for _, form := range []string{path, strings.TrimSuffix(path, "/"), path + "?" + strings.Repeat("x", 8<<10)} {
				if form == "" {
					continue
				}
				what := method + " " + form[:min(len(form), 60)]
				resp, _ := ask(method, form, public)
				policy := ofTheAPI
				if resp.Header.Get("Content-Type") == "text/html; charset=utf-8" {
					policy = ofPages // paths without an operation belong to the app
				}
				protected(t, what, resp.Header, policy)
				if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/ws/") {
					assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"), what)
				}
				assert.Equal(t, "max-age=63072000; includeSubDomains", resp.Header.Get("Strict-Transport-Security"), what)
			}
			if !slices.Contains(safe, method) {
				for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
					resp, text := ask(method, path, public, headers...)
					if resp.StatusCode != http.StatusNotFound { // not found for everybody
						assert.Equal(t, http.StatusForbidden, resp.StatusCode, "%s %s %v", method, path, headers)
						assert.Contains(t, text, `"cross_origin"`)
					}
					protected(t, "cross-site "+path, resp.Header, ofTheAPI)
				}
			}
			for _, host := range []string{"evil.example", "localhost.evil.example", public + ".evil.example"} {
				resp, text := ask(method, path, host)
				protected(t, method+" "+path+" of "+host, resp.Header, ofTheAPI)
				if path == "/livez" || path == "/readyz" {
					continue
				}
				assert.Equal(t, http.StatusMisdirectedRequest, resp.StatusCode, path)
				if method != "HEAD" {
					assert.Contains(t, text, `"wrong_host"`)
				}
			}
		}
	}

	resp, _ := ask("GET", "/openapi.yaml", public, "Accept-Encoding", "gzip")
	assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"), "long answers of the API are compressed, without a proxy")
	_, page := ask("GET", "/", public)
	assets := regexp.MustCompile(`(?:src|href)="(/[^"#]+)`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, assets)
	pages := []string{"/", "/board", "/index.html", "/posts/1", "/docs/"}
	for _, a := range assets {
		pages = append(pages, a[1])
	}
	slices.Sort(pages)
	pages = slices.Compact(pages)
	for _, path := range pages {
		for _, headers := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Range", "bytes=0-1"}, {"Range", "bytes=9999999-"}, {"If-None-Match", "*"}} {
			resp, _ := ask("GET", path, public, headers...)
			assert.Contains(t, []int{200, 206, 304, 416}, resp.StatusCode, path)
			protected(t, path, resp.Header, ofPages)
		}
	}
	for _, path := range []string{"/healthz", "/metrics", "/nowhere", "/posts/1/2"} {
		resp, text := ask("GET", path, public)
		assert.Equal(t, http.StatusNotFound, resp.StatusCode, "no probe takes the page for an answer")
		assert.Contains(t, text, "<!doctype html>", "and people get one that says so")
		protected(t, path, resp.Header, ofPages)
	}
	for _, path := range []string{"/docs", "/assets/gone.js", "/assets/", "/gone.png"} {
		resp, _ := ask("GET", path, public)
		assert.Contains(t, []int{308, 404}, resp.StatusCode, path)
		protected(t, path, resp.Header, ofTheAPI)
	}
	for _, method := range methods[2:] {
		resp, _ := ask(method, "/", public)
		assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		protected(t, method+" /", resp.Header, ofTheAPI)
	}
	resp, _ = ask("GET", "/ws/chat/1/", public, "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Origin", "https://evil.example")
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	protected(t, "a socket for another site", resp.Header, ofTheAPI)
	for _, status := range []int{200, 206, 304, 308, 400, 401, 403, 404, 405, 414, 416, 421} {
		assert.True(t, seen[status], status)
	}

	t.Run("about the server itself", func(t *testing.T) {
		conn, err := net.Dial("tcp", on.addr)
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: "+public+"\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, http.StatusNotFound, resp.StatusCode)
		protected(t, "OPTIONS *", resp.Header, ofTheAPI)
	})

	t.Run("with too many headers, which nobody reads", func(t *testing.T) {
		resp, _ := ask("GET", "/livez", public, "X-Long", strings.Repeat("x", 32<<10))
		assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode)
		protected(t, "too many headers", resp.Header, ofTheAPI)
	})
}

func TestSocketsOfThePublicOrigin(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_PUBLIC_URL=http://mealbuddy.example", "MEALBUDDY_TRUSTED_PROXIES=127.0.0.0/8")
	ann := newcomer(t, on, "ann") // from this machine, with its own name
	party := ann.opens(t, 2)
	for origin, status := range map[string]int{
		"http://mealbuddy.example":  http.StatusSwitchingProtocols,
		"https://mealbuddy.example": http.StatusForbidden,
		"http://evil.example":       http.StatusForbidden,
		"http://" + on.addr:         http.StatusForbidden,
	} {
		header := http.Header{
			"Host": {"mealbuddy.example"}, "Origin": {origin}, "Authorization": {"token " + ann.Token}, "X-Forwarded-For": {"203.0.113.7"},
		}
		conn, a := handshake(t, on, party.socket(), nil, header)
		a.is(status)
		if conn != nil {
			conn.Close()
		}
	}
	code, stdout, stderr := ending(t, t.TempDir(), []string{"MEALBUDDY_ADDR=" + on.addr, "MEALBUDDY_PUBLIC_URL=http://mealbuddy.example"}, "health")
	assert.Equal(t, 0, code, stderr)
	line(t, stdout, "ready")
}
