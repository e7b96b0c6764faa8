package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

func TestProblems(t *testing.T) {
	kinds := map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 400, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404,
		fault.Conflict: 409, fault.Gone: 410, fault.Unprocessable: 422, fault.Unavailable: 503, fault.TooMany: 429, fault.Absent: 503,
	}
	assert.Len(t, statusOf, len(kinds))
	serve := func(t *testing.T, err error) (*site, *answer) {
		t.Helper()
		s := newSite(t)
		s.Socket = always(err)
		s.build()
		return s, s.ask(nobody, "GET", "/ws/chat/1/", "")
	}
	for kind, status := range kinds {
		_, a := serve(t, fmt.Errorf("do it: %w", fault.New(kind, "a_code", "한 문장.")))
		assert.Empty(t, a.refused(status, "a_code"))
		assert.Contains(t, a.Body.String(), "한 문장.")
		assert.Equal(t, status == 503, a.Header().Get("Retry-After") != "")
		assert.Equal(t, status == 401, a.Header().Get("WWW-Authenticate") != "")
	}
	t.Run("of fields", func(t *testing.T) {
		_, a := serve(t, fault.Fields{"a": {"x"}, "b": {"y", "z"}}.Err())
		assert.ElementsMatch(t, []string{"a", "b"}, a.refused(400, "invalid"))
	})
	t.Run("of our own are logged in full and shown to nobody", func(t *testing.T) {
		s, a := serve(t, errors.New("SELECT secret FROM /var/lib"))
		a.refused(500, "internal")
		assert.NotContains(t, a.Body.String(), "SELECT")
		assert.Contains(t, s.log.String(), "SELECT secret FROM /var/lib")
	})
	t.Run("that took too long say so, unless they know a better word", func(t *testing.T) {
		_, a := serve(t, fmt.Errorf("ask: %w", context.DeadlineExceeded))
		a.refused(503, "busy")
		_, a = serve(t, fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "a_code", "한 문장."), context.DeadlineExceeded))
		a.refused(503, "a_code")
	})
	t.Run("of an upgrade", func(t *testing.T) {
		_, a := serve(t, ErrUpgrade)
		a.refused(426, "upgrade_required")
		assert.Equal(t, "websocket", a.Header().Get("Upgrade"))
		assert.Equal(t, "upgrade_required: 웹소켓으로 연결해 주세요.", ErrUpgrade.Error())
	})
	t.Run("of a large body end the connection", func(t *testing.T) {
		_, a := serve(t, errBodySize)
		a.refused(413, "body_too_large")
		assert.Equal(t, "close", a.Header().Get("Connection"))
	})
	t.Run("that cannot be answered", func(t *testing.T) {
		err := respond(httptest.NewRecorder(), 200, make(chan int))
		assert.Error(t, err)
	})
}
