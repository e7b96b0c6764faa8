package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// visit asks for a page as browsers do.
func (s *site) visit(path string) *answer {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	return s.send(r)
}

// page expects a refusal that people can read.
func (a *answer) page(status int, sentence string) {
	a.Helper()
	require.Equal(a, status, a.Code, "%s", a.Body)
	assert.Equal(a, "text/html; charset=utf-8", a.Header().Get("Content-Type"))
	assert.Equal(a, "noindex", a.Header().Get("X-Robots-Tag"))
	assert.Contains(a, a.Header().Get("Content-Security-Policy"), "default-src 'none'")
	assert.Equal(a, "no-store", a.Header().Get("Cache-Control"))
	assert.Contains(a, a.Body.String(), `<html lang="ko">`)
	assert.Contains(a, a.Body.String(), "<h1>"+sentence+"</h1>")
	assert.Contains(a, a.Body.String(), `<meta name="robots" content="noindex">`)
}

func TestRefusalsOfPagesArePages(t *testing.T) {
	s := newSite(t)
	later := s.limit()
	for range 300 {
		require.Equal(t, 404, s.visit("/s/x").Code)
	}
	a := s.visit("/s/x")
	a.page(429, errTooOften.Detail)
	assert.Equal(t, "1", a.Header().Get("Retry-After"))
	assert.Contains(t, a.Body.String(), `<a href="">다시 시도하기</a>`)
	s.ask(nobody, "GET", "/s/x", "").refused(429, "too_many_requests") // to a program
	later(time.Minute)

	s.visit("//evil.example/").page(404, errNoPath.detail)

	s.inFlight.Store(maxInFlight)
	s.visit("/board").page(503, errSlow.detail)
	s.visit("/api/post/").refused(503, "busy")
	s.visit("/api").refused(503, "busy")
	s.visit("/openapi.yaml").refused(503, "busy")
	s.inFlight.Store(0)

	s.Edge.Public = "https://mealbuddy.example"
	s.build()
	a = s.visit("/board")
	a.page(421, errHost.detail)
	assert.NotContains(t, a.Body.String(), "<a ", "no page of this host is there")
}

func TestSharedLinksHaveALimitOfTheirOwn(t *testing.T) {
	s := newSite(t)
	s.limit()
	only(t, 300, func() *answer { return s.ask(nobody, "GET", "/s/x", "") })
	s.ask(nobody, "GET", "/api/shared/x/", "").refused(429, "too_many_requests")
	assert.Equal(t, 200, s.ask(nobody, "GET", "/api/region/search/?q=%EA%B0%95", "").Code, "others behind the same network go on")
	assert.Equal(t, 200, s.ask(nobody, "GET", "/api/user/social/", "").Code)
}
