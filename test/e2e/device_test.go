package e2e

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	refreshPath  = "/api/user/refresh/"
	logoutPath   = "/api/user/logout/"
	sessionsPath = "/api/user/sessions/"
	currentPath  = "/api/user/current/"
)

// device is a signed-in device: an access token, and a cookie with the refresh token.
type device struct {
	person
	kept string
}

// keptIn returns the refresh cookie of an answer, or "" if the answer removes it.
func keptIn(t testing.TB, a answer) string {
	t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name != "mealbuddy_sign_in" {
			continue
		}
		assert.True(t, c.HttpOnly)
		assert.Equal(t, http.SameSiteStrictMode, c.SameSite)
		assert.Equal(t, "/api/user/", c.Path)
		assert.Empty(t, c.Domain)
		return c.Value
	}
	t.Fatal("no cookie: ", a.header)
	return ""
}

func deviceOf(t testing.TB, on *server, a answer) device {
	t.Helper()
	d := device{read[signed](a.is(http.StatusOK)).User, keptIn(t, a)}
	d.on = on
	return d
}

func login(t testing.TB, on *server, email, typed string) answer {
	t.Helper()
	return stranger(t, on).post("/api/user/login/", fields{"email": email, "password": typed})
}

// enters signs a person in on another device.
func (p person) enters(t testing.TB) device {
	t.Helper()
	return deviceOf(t, p.on, login(t, p.on, p.Email, password))
}

func (d device) onto(on *server) device {
	d.on = on
	return d
}

// keeper sends only the device's cookie.
func (d device) keeper(t testing.TB) caller {
	return stranger(t, d.on).with("Cookie", "mealbuddy_sign_in="+d.kept)
}

func (d device) refreshes(t testing.TB) device {
	t.Helper()
	return deviceOf(t, d.on, d.keeper(t).post(refreshPath, nil))
}

// isOut checks that a device's token and cookie are both invalid.
func (d device) isOut(t testing.TB) {
	t.Helper()
	d.as(t).get(currentPath).refused(http.StatusUnauthorized, "not_signed_in")
	d.as(t).get(sessionsPath).refused(http.StatusUnauthorized, "not_signed_in")
	a := d.keeper(t).post(refreshPath, nil)
	a.refused(http.StatusUnauthorized, "not_signed_in")
	assert.Empty(t, keptIn(t, a))
}

type session struct {
	ID       int64  `json:"id"`
	Device   string `json:"device"`
	Place    string `json:"place"`
	Current  bool   `json:"current"`
	LastSeen string `json:"last_seen_at"`
}

func (p person) sessions(t testing.TB) []session {
	t.Helper()
	return read[[]session](p.as(t).get(sessionsPath).is(http.StatusOK))
}

// current returns the sign-in of a person's token, as in the list.
func (p person) current(t testing.TB) string {
	t.Helper()
	for _, s := range p.sessions(t) {
		if s.Current {
			assert.Equal(t, p.signIn(t), s.ID)
			return fmt.Sprint(sessionsPath, s.ID, "/")
		}
	}
	t.Fatal("no session is the current one")
	return ""
}

func (p post) tickets() string { return p.room() + "ticket/" }

// ticket requests a ticket for a room.
func (p person) ticket(t testing.TB, party post) string {
	t.Helper()
	given := read[struct {
		Ticket    string `json:"ticket"`
		ExpiresIn int    `json:"expires_in"`
	}](p.as(t).post(party.tickets(), nil).is(http.StatusCreated))
	assert.Equal(t, 30, given.ExpiresIn)
	return given.Ticket
}

// shows opens a socket with a ticket.
func shows(t testing.TB, on *server, party post, ticket string) *socket {
	t.Helper()
	conn, a := handshake(t, on, party.socket(), url.Values{"ticket": {ticket}}, nil)
	a.is(http.StatusSwitchingProtocols)
	return follow(t, conn)
}

// recorded counts the audit events of a person by kind.
func recorded(t testing.TB, on *server, who int64) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(on.data, "mealbuddy.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT kind, count(*) FROM audit WHERE who_id = ? GROUP BY kind`, who)
	require.NoError(t, err)
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var kind string
		var n int
		require.NoError(t, rows.Scan(&kind, &n))
		counts[kind] = n
	}
	require.NoError(t, rows.Err())
	return counts
}

// ages lets five minutes pass since all sign-ins of a person.
func (p person) ages(t testing.TB) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.on.data, "mealbuddy.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `UPDATE sign_in SET created_at = created_at - 300000000 WHERE user_id = ?`, p.ID)
	require.NoError(t, err)
}

// curl is a client whose processes share only a cookie file.
func curl(t *testing.T, jar string, args ...string) (status int, body string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "curl", append([]string{"-s", "-b", jar, "-c", jar, "-w", "\n%{http_code}"}, args...)...).Output()
	require.NoError(t, err)
	text := string(out)
	cut := strings.LastIndexByte(text, '\n')
	status, err = strconv.Atoi(text[cut+1:])
	require.NoError(t, err)
	return status, text[:cut]
}
