package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever arrives is answered by a problem, even if no handler ever sees it.
func TestWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]struct {
		status int
		code   string
	}{
		"what\r\n\r\n":                         {400, "malformed_request"},
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n": {400, "malformed_request"},
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n":                                                 {431, "headers_too_large"},
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n":                                                               {501, "unsupported_request"},
		"GET / HTTP/4.0\r\nHost: x\r\n\r\n":                                                                                           {505, "unsupported_request"},
		"POST /api/user/login/ HTTP/1.1\r\nHost: " + shared.addr + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{": {408, "body_too_slow"},
	} {
		t.Run(want.code, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", shared.addr)
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			defer resp.Body.Close()
			p, err := witness.JudgeProblem(resp)
			require.NoError(t, err)
			assert.Equal(t, want.status, p.Status)
			assert.Equal(t, want.code, p.Code)
		})
	}
}

func TestAForeignHostIsRefused(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_PUBLIC_URL=https://mealbuddy.example")
	conn, err := net.Dial("tcp", on.addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /api/post/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	p, err := witness.JudgeProblem(resp)
	require.NoError(t, err)
	assert.Equal(t, http.StatusMisdirectedRequest, p.Status)
	assert.Equal(t, "wrong_host", p.Code)
}

func TestALinkThatLeadsNowhere(t *testing.T) {
	stranger(t, shared).get("/api/shared/AVo1B3OjUjjXYU0sgw/").refused(http.StatusNotFound, "post_not_found")
}
