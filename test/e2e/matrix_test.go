package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// column is who asks.
type column int

const (
	noToken  column = iota
	badToken        // signed by a foreign key
	aMember
	exMember // has left
	theBanned
	theWriter
	otherWriter // of another post; never in this room
	withdrawn   // by the token from before; so are the last two, who are members
	oldToken    // from before a new password
	signedOut
	columns
)

var columnNames = [columns]string{
	"stranger", "bad token", "member", "ex-member", "banned", "writer", "other writer", "withdrawn", "old token", "signed out",
}

// inTurn is the order in which they ask, so that nobody ends what another one asks for.
var inTurn = []column{noToken, badToken, withdrawn, oldToken, signedOut, theBanned, exMember, otherWriter, aMember, theWriter}

// A right says what an operation answers to each column.
type right struct {
	operation string
	body      fields
	want      string
	ends      bool // the sign-in of who asks, or changes its cookie
	once      bool // it creates something; with an Idempotency-Key once
}

// rights has one line for each operation of openapi.yaml.
var rights = []right{
	//                                                           stranger, bad token, member, ex-member, banned, writer, other writer, withdrawn, old token, signed out
	{operation: "POST /api/user/register/", body: fields{}, want: "400 400 400 400 400 400 400 400 400 400"},
	{operation: "POST /api/user/login/", body: fields{}, want: "   400 400 400 400 400 400 400 400 400 400"},
	{operation: "POST /api/user/delete/", body: fields{"password": "wrong-word-1"}, want: "401 401 400 400 400 400 400 401 401 401"},
	{operation: "POST /api/user/changepassword/", body: wrongChange, want: "401 401 400 400 400 400 400 401 401 401"},
	{operation: "GET /api/user/current/", want: "                 401 401 200 200 200 200 200 401 401 401"},
	{operation: "POST /api/user/update/", body: fields{}, want: " 401 401 200 200 200 200 200 401 401 401"},
	{operation: "POST /api/user/refresh/", want: "                401 401 200 200 200 200 200 401 401 401", ends: true},
	{operation: "POST /api/user/logout/", want: "                 204 204 204 204 204 204 204 204 204 204", ends: true},
	{operation: "GET /api/user/sessions/", want: "                401 401 200 200 200 200 200 401 401 401"},
	{operation: "DELETE /api/user/sessions/", want: "             401 401 204 204 204 204 204 401 401 401", ends: true},
	{operation: "POST /api/user/ticket/", want: "                 401 401 201 201 201 201 201 401 401 401"},
	{operation: "DELETE /api/user/sessions/{id}/", want: "        401 401 204 404 404 404 404 401 401 401", ends: true}, // the member's own
	{operation: "GET /api/user/social/", want: "                  200 200 200 200 200 200 200 200 200 200"},
	{operation: "POST /api/user/social/start/{provider}/", want: "404 404 404 404 404 404 404 404 404 404"}, // there are no providers
	{operation: "GET /api/user/social/callback/{provider}/", want: "303 303 303 303 303 303 303 303 303 303"},
	{operation: "GET /api/user/social/linked/", want: "           401 401 200 200 200 200 200 401 401 401"},
	{operation: "DELETE /api/user/social/linked/{provider}/", body: fields{"password": password}, want: "401 401 404 404 404 404 404 401 401 401"},
	{operation: "GET /api/user/social/pending/", want: "          404 404 404 404 404 404 404 404 404 404"},
	{operation: "POST /api/user/social/pending/", want: "404 404 404 404 404 404 404 404 404 404"},
	{operation: "GET /api/post/", want: "                         401 401 200 200 200 200 200 401 401 401"},
	{operation: "POST /api/post/write/", body: draft(2), want: "  401 401 201 201 201 201 201 401 401 401", once: true},
	{operation: "GET /api/post/detail/{id}/", want: "             401 401 200 200 200 200 200 401 401 401"},
	{operation: "GET /api/post/detail/{id}/edit/", want: "        401 401 403 403 403 200 403 401 401 401"},
	{operation: "POST /api/post/detail/{id}/edit/", body: fields{"title": "고침"}, want: "401 401 403 403 403 200 403 401 401 401"},
	{operation: "POST /api/post/detail/{id}/delete/", want: "     401 401 403 403 403 204 403 401 401 401"},
	{operation: "GET /api/shared/{code}/", want: "                200 200 200 200 200 200 200 200 200 200"},
	{operation: "GET /api/rooms/", want: "                        401 401 200 200 200 200 200 401 401 401"},
	{operation: "GET /api/chat/{id}/", want: "                    401 401 200 403 403 200 403 401 401 401"},
	{operation: "POST /api/chat/{id}/", want: "                   401 401 200 201 403 200 201 401 401 401", once: true},
	{operation: "DELETE /api/chat/{id}/", want: "                 401 401 403 403 403 204 403 401 401 401"},
	{operation: "GET /api/chat/{id}/user/", want: "               401 401 200 403 403 200 403 401 401 401"},
	{operation: "DELETE /api/chat/{id}/user/", want: "            401 401 204 403 403 409 403 401 401 401"},
	{operation: "POST /api/chat/{id}/user/ban/", want: "          401 401 403 403 403 204 403 401 401 401"}, // of the member
	{operation: "POST /api/chat/{id}/ticket/", want: "            401 401 201 403 403 201 403 401 401 401"},
	{operation: "GET /api/region/search/?q=종로", want: "           200 200 200 200 200 200 200 200 200 200"},
	{operation: "GET /api/region/near/?lat=37.57&lon=126.98", want: "200 200 200 200 200 200 200 200 200 200"},
	{operation: "GET /api/openAPI/", want: "                      200 200 200 200 200 200 200 200 200 200"},
	{operation: "GET /api/openAPI/weather/", want: "              401 401 503 503 503 503 503 401 401 401"}, // there is none
	{operation: "GET /api/openAPI/foodchoicer/", want: "          401 401 200 200 200 200 200 401 401 401"},
	{operation: "POST /api/openAPI/foodchoicer/", body: fields{"message": "국물"}, want: "401 401 200 200 200 200 200 401 401 401"},
	{operation: "DELETE /api/openAPI/foodchoicer/", want: "       401 401 204 204 204 204 204 401 401 401"},
	{operation: "GET /ws/chat/{id}/", want: "                     401 401 101 403 403 101 403 401 401 401"},
	{operation: "GET /ws/me/", want: "                            401 401 101 101 101 101 101 401 401 401"},
	{operation: "GET /livez", want: "                             200 200 200 200 200 200 200 200 200 200"},
	{operation: "GET /readyz", want: "                            200 200 200 200 200 200 200 200 200 200"},
}

var wrongChange = fields{"current_password": "wrong-word-1", "new_password1": "another-1", "new_password2": "another-1"}

// verbs are what is done with sockets. A status is that of a handshake that was
// refused, and 44xx is how a socket was closed that was open when the right to it ended.
var verbs = []struct {
	name string
	do   func(m *matrix, who column) int
	want string
}{
	//                                                       stranger, bad token, member, ex-member, banned, writer, other writer, withdrawn, old token, signed out
	{"open by a token in the URL", (*matrix).opensByToken, "  401  401  101  403  403  101  403  401  401  401"},
	{"open by the header", (*matrix).opensByHeader, "         401  401  101  403  403  101  403  401  401  401"},
	{"open by a ticket from before", (*matrix).opensByTicket, "401 401  101  403  403  101  401  401  401  401"},
	{"open one's own by a ticket from before", (*matrix).opensOwn, "401 401  101  101  101  101  101  401  401  401"},
	{"open one's own by a room's ticket", (*matrix).opensOwnByRoom, "401 401 401  401  401  401  401  401  401  401"},
	{"say", (*matrix).speaks, "                               401  401  101 4403 4403  101  403 4401 4401 4401"},
	{"resume from the beginning", (*matrix).resumes, "        401  401  101  403  403  101  403  401  401  401"},
}

// matrix is the people of the columns at a server, with one room that each of them
// stands to as the column says.
type matrix struct {
	t       *testing.T
	on      *server
	devices [columns]device // what each column asks by
	owners  [columns]device // who the last two are, when they are signed in
	party   post
	tickets [columns]string  // for the room, but of the other writer for another one
	own     [columns]string  // personal tickets
	rooms   [columns]string  // more tickets for the room
	sockets [columns]*socket // opened while it was allowed
	key     string           // that everybody asks with, unless it is ""
}

// newMatrix makes the people of all columns: accounts take work, rooms do not.
func newMatrix(t *testing.T, on *server) *matrix {
	m := &matrix{t: t, on: on}
	for who := range columns {
		if who != noToken && who != badToken {
			p := newcomer(t, on, fmt.Sprint("matrix", int(who)))
			m.devices[who] = p.enters(t)
			m.owners[who] = device{person: p}
		}
	}
	m.devices[badToken] = device{person{ID: m.devices[aMember].ID, on: on, Token: forged(t, m.devices[aMember].person, foreignKey, nil)}, strings.Repeat("A", 64)}
	m.devices[noToken].on = on

	m.party = m.devices[theWriter].opens(t, 10)
	for _, who := range []column{aMember, exMember, theBanned, withdrawn, oldToken, signedOut} {
		m.devices[who].joins(t, m.party)
	}
	elsewhere := m.devices[otherWriter].opens(t, 2)
	for who := range columns {
		switch who {
		case noToken, badToken:
			none := strings.Repeat("A", 43)
			m.tickets[who], m.own[who], m.rooms[who] = none, none, none
		case otherWriter:
			m.tickets[who], m.rooms[who] = m.devices[who].ticket(t, elsewhere), m.devices[who].ticket(t, elsewhere)
			m.own[who] = m.devices[who].personalTicket(t)
		default:
			m.tickets[who], m.rooms[who] = m.devices[who].ticket(t, m.party), m.devices[who].ticket(t, m.party)
			m.own[who] = m.devices[who].personalTicket(t)
			m.sockets[who] = m.devices[who].listens(t, m.party)
		}
	}
	m.devices[exMember].as(t).delete(m.party.members()).is(http.StatusNoContent)
	m.devices[theWriter].as(t).post(m.party.ban(), fields{"target_user_id": m.devices[theBanned].ID}).is(http.StatusNoContent)
	m.devices[signedOut].as(t).post(logoutPath, nil).is(http.StatusNoContent)
	m.devices[oldToken].as(t).post("/api/user/changepassword/", fields{"current_password": password, "new_password1": "another-word-9", "new_password2": "another-word-9"}).is(http.StatusOK)
	m.owners[oldToken] = deviceOf(t, on, login(t, on, m.devices[oldToken].Email, "another-word-9"))
	m.devices[withdrawn].as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	return m
}

// fresh makes a new room that everybody stands to as before, and new sign-ins where
// those have ended.
func (m *matrix) fresh(signIn bool) post {
	if signIn {
		for _, who := range []column{aMember, exMember, theBanned, theWriter, otherWriter} {
			m.devices[who] = m.devices[who].enters(m.t)
		}
	}
	party := m.devices[theWriter].opens(m.t, 10)
	for _, p := range []device{m.devices[aMember], m.devices[exMember], m.devices[theBanned], m.owners[oldToken], m.owners[signedOut]} {
		p.joins(m.t, party)
	}
	m.devices[exMember].as(m.t).delete(party.members()).is(http.StatusNoContent)
	m.devices[theWriter].as(m.t).post(party.ban(), fields{"target_user_id": m.devices[theBanned].ID}).is(http.StatusNoContent)
	return party
}

// ask sends an operation about a room, and gives the status.
func (m *matrix) ask(who column, of right, party post, session int64) int {
	m.t.Helper()
	method, path, _ := strings.Cut(of.operation, " ")
	id := party.ID
	if strings.Contains(path, "/sessions/") {
		id = session
	}
	path, query, _ := strings.Cut(strings.NewReplacer("{id}", fmt.Sprint(id), "{provider}", "kakao", "{code}", m.code(party)).Replace(path), "?")
	if query != "" {
		values, err := url.ParseQuery(query)
		require.NoError(m.t, err)
		path += "?" + values.Encode()
	}
	body := of.body
	if strings.HasSuffix(path, "/ban/") {
		body = fields{"target_user_id": m.devices[aMember].ID}
	}
	d := m.devices[who]
	switch {
	case m.key != "":
		return m.askTwice(d, method, path, body)
	case strings.HasPrefix(path, "/ws/"):
		return m.opens(path, nil, header(d))
	case of.operation == "POST /api/user/social/pending/":
		return d.as(m.t).do(method, path, asJSON(fields{"username": "x", "email": "x@example.com", "address": "서울특별시 종로구 혜화동"})).status
	case path == refreshPath:
		return d.keeper(m.t).post(path, nil).status
	case body != nil:
		return d.as(m.t).meaning(Request).do(method, path, asJSON(body)).status
	}
	return d.as(m.t).do(method, path, nothing).status
}

// askTwice sends an operation twice with the key. The second answer is the first one if that
// is a success.
func (m *matrix) askTwice(d device, method, path string, f fields) int {
	m.t.Helper()
	var first answer
	for i := range 2 {
		b := nothing
		if f != nil {
			b = asJSON(f)
		}
		a := d.as(m.t).with(keyHeader, m.key).do(method, path, b)
		if i == 0 {
			first = a
		}
		assert.Equal(m.t, first.status, a.status)
		replayed := i == 1 && a.status < 300
		assert.Equal(m.t, replayed, a.header.Get(replayedHeader) == "true")
		if replayed {
			assert.Equal(m.t, string(first.body), string(a.body))
		}
	}
	return first.status
}

// code returns the code in the shared link of a post.
func (m *matrix) code(party post) string {
	m.t.Helper()
	shown := read[post](m.devices[theWriter].as(m.t).get(party.detail()).is(http.StatusOK))
	return strings.TrimPrefix(shown.SharedPath, "/s/")
}

func header(d device) http.Header {
	if d.Token == "" {
		return nil
	}
	return http.Header{"Authorization": {"token " + d.Token}}
}

// opens tries a handshake, and gives the status.
func (m *matrix) opens(path string, query url.Values, header http.Header) int {
	m.t.Helper()
	conn, a := handshake(m.t, m.on, path, query, header)
	if conn != nil {
		conn.Close()
	}
	return a.status
}

func (m *matrix) byToken(who column) url.Values {
	if token := m.devices[who].Token; token != "" {
		return url.Values{"token": {token}}
	}
	return url.Values{}
}

func (m *matrix) opensByToken(who column) int {
	return m.opens(m.party.socket(), m.byToken(who), nil)
}

func (m *matrix) opensByHeader(who column) int {
	return m.opens(m.party.socket(), nil, header(m.devices[who]))
}

func (m *matrix) opensByTicket(who column) int {
	return m.opens(m.party.socket(), url.Values{"ticket": {m.tickets[who]}}, nil)
}

func (m *matrix) opensOwn(who column) int {
	return m.opens(personalSocket, url.Values{"ticket": {m.own[who]}}, nil)
}

func (m *matrix) opensOwnByRoom(who column) int {
	return m.opens(personalSocket, url.Values{"ticket": {m.rooms[who]}}, nil)
}

// speaks says something over the socket that was open before, or tries to open one.
func (m *matrix) speaks(who column) int {
	m.t.Helper()
	s := m.sockets[who]
	if s == nil {
		return m.opensByToken(who)
	}
	words := "말: " + columnNames[who]
	s.conn.WriteJSON(fields{"message": words}) // which may be closed
	if who == aMember || who == theWriter {
		s.hearsAtLast(words)
		return http.StatusSwitchingProtocols
	}
	code := s.closes()
	log := read[room](m.devices[theWriter].as(m.t).get(m.party.room() + "?after=0&limit=200").is(http.StatusOK))
	for _, line := range log.Messages {
		assert.NotEqual(m.t, words, line.Message, "it was stored")
	}
	return code
}

// resumes opens a socket that tells all that was said.
func (m *matrix) resumes(who column) int {
	m.t.Helper()
	query := m.byToken(who)
	query.Set("after", "0")
	conn, a := handshake(m.t, m.on, m.party.socket(), query, nil)
	if conn == nil {
		return a.status
	}
	s := follow(m.t, conn)
	f, err := s.take()
	require.NoError(m.t, err)
	require.EqualValues(m.t, 1, f.Message.Seq)
	conn.Close()
	return a.status
}

// compare asks for every column, and prints one line.
func (m *matrix) compare(t *testing.T, name, want string, ask func(who column) int) {
	t.Helper()
	m.t = t
	var got [columns]int
	for _, who := range inTurn {
		got[who] = ask(who)
	}
	wants := strings.Fields(want)
	require.Len(t, wants, int(columns))
	var line strings.Builder
	for who, status := range got {
		fmt.Fprintf(&line, " %4d", status)
		wanted, err := strconv.Atoi(wants[who])
		require.NoError(t, err)
		assert.Equal(t, wanted, status, "%s by %s", name, columnNames[who])
	}
	t.Logf("%-44s%s", name, line.String())
}

// Every operation of openapi.yaml and every verb of a socket answers everybody as
// the table says, on both stores.
func TestAuthorizationMatrix(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for path, item := range witness.doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+path] = true
		}
	}
	rows := map[string]bool{}
	for _, r := range rights {
		operation, _, _ := strings.Cut(r.operation, "?")
		assert.False(t, rows[operation], "%s has two rows", operation)
		rows[operation] = true
	}
	t.Logf("%d operations of openapi.yaml, %d rows", len(described), len(rights))
	assert.Equal(t, slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(rows)))

	for store, on := range map[string]func() *server{
		"SQLite":     func() *server { return shared },
		"PostgreSQL": func() *server { return stand(t, 1, container.Postgres(t), container.StartRedis(t)).at(0) },
	} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, on())
			t.Logf("columns: %s", strings.Join(columnNames[:], ", "))
			for _, v := range slices.Concat(verbs[2:5], verbs[:2], verbs[5:]) { // tickets first: they are good for 30 s
				t.Run(v.name, func(t *testing.T) {
					m.compare(t, v.name, v.want, func(who column) int { return v.do(m, who) })
				})
			}
			signIn := false
			for _, r := range rights {
				t.Run(r.operation, func(t *testing.T) {
					m.t = t
					party := m.fresh(signIn)
					session := m.devices[aMember].signIn(t)
					m.compare(t, r.operation, r.want, func(who column) int { return m.ask(who, r, party, session) })
				})
				signIn = r.ends
				if r.once {
					t.Run(r.operation+" with a key", func(t *testing.T) {
						m.t, m.key = t, newKey()
						defer func() { m.key = "" }()
						party := m.fresh(false)
						m.compare(t, r.operation+" with a key", r.want, func(who column) int { return m.ask(who, r, party, 0) })
					})
				}
			}
		})
	}
}
