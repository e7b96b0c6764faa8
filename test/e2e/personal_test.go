package e2e

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

const (
	personalSocket  = "/ws/me/"
	personalTickets = "/api/user/ticket/"
)

// personalTicket asks for a ticket of the person's own socket.
func (p person) personalTicket(t testing.TB) string {
	t.Helper()
	given := read[struct {
		Ticket    string `json:"ticket"`
		ExpiresIn int    `json:"expires_in"`
	}](p.as(t).post(personalTickets, nil).is(http.StatusCreated))
	assert.Equal(t, 30, given.ExpiresIn)
	return given.Ticket
}

// listensAtHome opens a person's own socket, by a ticket.
func (p person) listensAtHome(t testing.TB) *socket {
	t.Helper()
	conn, a := handshake(t, p.on, personalSocket, url.Values{"ticket": {p.personalTicket(t)}}, nil)
	a.is(http.StatusSwitchingProtocols)
	return follow(t, conn)
}

// isOpen requires an own socket to be open, and to have told nothing so far.
func (s *socket) isOpen() {
	s.t.Helper()
	s.says("", "still here")
	id := s.hearsRefusal("malformed_frame")
	require.NotNil(s.t, id)
	require.Equal(s.t, "still here", *id)
}

func TestAPersonalSocketIsOpened(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	ticket := bob.personalTicket(t)
	for _, way := range []struct {
		query  url.Values
		header http.Header
	}{
		{url.Values{"ticket": {ticket}}, nil},
		{url.Values{"token": {bob.Token}}, nil},
		{nil, http.Header{"Authorization": {"token " + bob.Token}}},
		{nil, http.Header{"Authorization": {"Bearer " + bob.Token}, "Origin": {"http://" + shared.addr}}},
	} {
		conn, a := handshake(t, shared, personalSocket, way.query, way.header)
		a.is(http.StatusSwitchingProtocols)
		follow(t, conn).isOpen()
	}

	ofTheRoom, own := bob.ticket(t, party), bob.personalTicket(t)
	for _, try := range []struct { // in this order
		name, at, ticket string
	}{
		{"used", personalSocket, ticket},
		{"a room's", personalSocket, ofTheRoom},
		{"a room's, used up then", party.socket(), ofTheRoom},
		{"one's own at a room", party.socket(), own},
		{"one's own, used up then", personalSocket, own},
		{"none", personalSocket, ""},
		{"odd", personalSocket, "odd"},
		{"a token", personalSocket, bob.Token},
	} {
		_, a := handshake(t, shared, try.at, url.Values{"ticket": {try.ticket}}, nil)
		assert.Equal(t, http.StatusUnauthorized, a.status, try.name)
	}
	_, a := handshake(t, shared, personalSocket, nil, nil)
	a.refused(http.StatusUnauthorized, "not_signed_in")
	_, a = handshake(t, shared, personalSocket, url.Values{"token": {bob.Token}}, http.Header{"Origin": {"https://evil.example"}})
	a.refused(http.StatusForbidden, "cross_origin")
	bob.as(t).get(personalSocket).refused(http.StatusUpgradeRequired, "upgrade_required")
	stranger(t, shared).post(personalTickets, nil).refused(http.StatusUnauthorized, "not_signed_in")
}

// Whatever becomes of the rooms of a person, their own socket stays.
func TestAPersonalSocketOutlivesItsRooms(t *testing.T) {
	ann, bob := two(t)
	home := bob.listensAtHome(t)
	party, other, third := meet(t, ann, bob), meet(t, ann, bob), meet(t, ann, bob)
	a, b := ann.listens(t, party), bob.listens(t, party)
	a.says("안녕하세요", "")
	b.hearsWords("안녕하세요")
	home.isOpen()
	ann.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).is(http.StatusNoContent)
	b.hears("chat.user.leave")
	b.ends(4403)
	home.isOpen()
	bob.as(t).delete(other.members()).is(http.StatusNoContent)
	ann.as(t).delete(third.room()).is(http.StatusNoContent)
	home.isOpen()
	home.sends(`{"type":"read","chatroom":1,"seq":1}`)
	assert.Nil(t, home.hearsRefusal("malformed_frame"))
	home.sends(`{`)
	assert.Nil(t, home.hearsRefusal("malformed_frame"))
	home.conn.WriteMessage(websocket.BinaryMessage, []byte(`{}`))
	home.ends(websocket.CloseUnsupportedData)
}

func TestTheEleventhPersonalSocket(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	room := ann.listens(t, party)
	var homes []*socket
	for range 10 {
		homes = append(homes, ann.listensAtHome(t))
	}
	for _, s := range homes {
		s.isOpen()
	}
	homes = append(homes, ann.listensAtHome(t))
	homes[0].ends(websocket.ClosePolicyViolation)
	for _, s := range homes[1:] {
		s.isOpen()
	}
	room.says("방은 그대로", "")
	room.hearsWords("방은 그대로")
}

// A personal socket ends with its sign-in, whichever node ends that.
func TestPersonalSocketsEndWithTheirSignIn(t *testing.T) {
	t.Parallel()
	s := stand(t, 2, container.Postgres(t), container.StartRedis(t))
	ann := newcomer(t, s.at(0), "home-ann")
	for _, tt := range []struct {
		name string
		end  func(bob person)
	}{
		{"withdrawal", func(bob person) {
			bob.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
		}},
		{"password", func(bob person) {
			bob.as(t).post("/api/user/changepassword/", fields{"current_password": password, "new_password1": "next-word-1", "new_password2": "next-word-1"}).is(http.StatusOK)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bob := newcomer(t, s.at(0), "home-bob-"+tt.name)
			here, there := bob.listensAtHome(t), bob.at(s.at(1)).listensAtHome(t)
			meet(t, ann, bob)
			here.isOpen()
			there.isOpen()
			tt.end(bob)
			here.ends(4401)
			there.ends(4401)
		})
	}
	home := ann.at(s.at(1)).listensAtHome(t)
	home.isOpen()
	require.NoError(t, s.at(1).stop())
	home.ends(websocket.CloseGoingAway)
}
