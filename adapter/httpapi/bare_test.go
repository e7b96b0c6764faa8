package httpapi

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsNoHTTPIsAnsweredLikeEverythingElse(t *testing.T) {
	s := newProbed(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := &httptest.Server{Listener: s.Listen(ln), Config: &http.Server{Handler: s.server, MaxHeaderBytes: 1 << 10}}
	srv.Start()
	defer srv.Close()
	for sent, want := range map[string]struct {
		status int
		code   string
	}{
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n": {400, "malformed_request"},
		"GET / HTTP/1.1\r\n\r\n":               {400, "malformed_request"},
		"what\r\n\r\n":                         {400, "malformed_request"},
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 9<<10) + "\r\n\r\n": {431, "headers_too_large"},
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n":              {501, "unsupported_request"},
		"GET / HTTP/4.0\r\nHost: x\r\n\r\n":                                          {505, "unsupported_request"},
		"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":                {200, ""},
	} {
		conn, err := net.Dial("tcp", ln.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, sent)
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		resp.Body.Close()
		w := httptest.NewRecorder()
		w.Code = resp.StatusCode
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.Body.Write(text)
		a := &answer{t, w}
		for name, values := range protection {
			assert.Equal(t, values, resp.Header.Values(name), "%s of %.30s", name, sent)
		}
		assert.True(t, resp.Close)
		if want.code == "" {
			a.json(want.status)
			continue
		}
		a.refused(want.status, want.code)
	}
}
