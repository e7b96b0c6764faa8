package ws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestTheDoor(t *testing.T) {
	h := newFixture(t)
	ann, bob, cho := h.person("ann"), h.person("bob"), h.person("cho")
	id := h.open(ann, bob)
	left := h.open(ann, bob)
	require.NoError(t, h.parties.Leave(t.Context(), bob.id, left))
	banned := h.open(ann, bob)
	require.NoError(t, h.parties.Ban(t.Context(), ann.id, banned, bob.id))
	ended, deleted := h.open(ann, bob), h.open(ann, bob)
	require.NoError(t, h.parties.DeleteRoom(t.Context(), ann.id, ended))
	require.NoError(t, h.parties.Delete(t.Context(), ann.id, deleted))
	to := func(id any) string { return fmt.Sprintf("/ws/chat/%v/", id) }
	forged := someone{ann.id, ann.signIn, ann.token[:len(ann.token)-2] + "xx"}
	gone := h.person("gone")
	require.NoError(t, h.Accounts.Withdraw(t.Context(), h.me(gone), password, signin.Origin{}))

	refused := func(t *testing.T, r *http.Request, want error) {
		t.Helper()
		w := httptest.NewRecorder()
		assert.Equal(t, want, h.Open(w, r))
		assert.Empty(t, w.Header(), "the answer is left to the caller")
		assert.Zero(t, w.Body.Len())
		assert.Zero(t, h.followers())
	}
	for name, tt := range map[string]struct {
		r    *http.Request
		want error
	}{
		"no token":           {request(to(id), someone{}), user.ErrSignedOut},
		"a forged token":     {request(to(id), forged), user.ErrSignedOut},
		"a withdrawn person": {request(to(id), gone), user.ErrSignedOut},
		"a bad token in the address, a good one beside": {request(to(id)+"?token=x", ann), user.ErrSignedOut},
		"a stranger":       {request(to(id), cho), room.ErrNotMember},
		"who has left":     {request(to(left), bob), room.ErrNotMember},
		"the banned":       {request(to(banned), bob), room.ErrNotMember},
		"a deleted room":   {request(to(ended), ann), room.ErrDeleted},
		"a deleted post":   {request(to(deleted), ann), party.ErrNotFound},
		"an unknown room":  {request(to(9999), ann), party.ErrNotFound},
		"room 0":           {request(to(0), ann), party.ErrNotFound},
		"room -1":          {request(to(-1), ann), party.ErrNotFound},
		"room 2^63":        {request(to("9223372036854775808"), ann), party.ErrNotFound},
		"room x":           {request(to("x"), ann), party.ErrNotFound},
		"room +1":          {request(to("+1"), ann), party.ErrNotFound},
		"odd after":        {request(to(id)+"?after=x", ann), fault.Field("after", "올바른 숫자가 아니에요.")},
		"after before all": {request(to(id)+"?after=-1", ann), fault.Field("after", "올바른 숫자가 아니에요.")},
		"a recorder":       {request(to(id), ann), ErrUpgrade}, // it cannot be hijacked
	} {
		t.Run(name, func(t *testing.T) { refused(t, tt.r, tt.want) })
	}
	t.Run("no handshake", func(t *testing.T) {
		r := request(to(id), ann)
		r.Header.Del("Upgrade")
		refused(t, r, ErrUpgrade)
	})
	t.Run("an unsound handshake", func(t *testing.T) {
		r := request(to(id), ann)
		r.Header.Set("Sec-WebSocket-Version", "8")
		refused(t, r, ErrUpgrade)
	})
	t.Run("a foreign page, whoever asks", func(t *testing.T) {
		for _, who := range []someone{ann, {}} {
			r := request(to(id), who)
			r.Header.Set("Origin", "https://evil.example")
			refused(t, r, ErrOrigin)
		}
	})
	t.Run("the token in the address or in the header", func(t *testing.T) {
		for _, r := range []*http.Request{request(to(id), ann), request(to(id)+"?token="+ann.token, someone{}), request(to(id)+"?token="+ann.token, forged)} {
			s, err := h.admit(r)
			require.NoError(t, err)
			assert.Equal(t, ann.id, s.socket.who())
			assert.Equal(t, id, s.follower.room)
		}
	})
	t.Run("on the wire", func(t *testing.T) {
		_, resp, err := h.dialer.DialContext(t.Context(), fmt.Sprintf("ws://%s/ws/chat/%d/?token=%s", h.host, id, cho.token), nil)
		require.Error(t, err)
		resp.Body.Close()
		assert.Equal(t, 403, resp.StatusCode)
	})
}

func TestResumeAt(t *testing.T) {
	at, err := resumeAt("")
	require.NoError(t, err)
	assert.Nil(t, at)
	for s, want := range map[string]int64{"0": 0, "7": 7, "9223372036854775807": 1<<63 - 1} {
		at, err := resumeAt(s)
		require.NoError(t, err)
		assert.Equal(t, want, *at)
	}
	for _, s := range []string{"-1", "x", "1.5", "1e3", "9223372036854775808", " 1", "null"} {
		_, err := resumeAt(s)
		assert.Contains(t, fault.Of(err).Fields, "after", s)
	}
}
