package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Listen returns a listener for an http.Server that serves the API. The server answers
// what it cannot read as HTTP before it calls any handler; these answers become problems
// with the headers of all others.
func (a *API) Listen(ln net.Listener) net.Listener { return &listener{ln, a} }

type listener struct {
	net.Listener
	api *API
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &bareConn{tcp, l.api}, err
	}
	return conn, err
}

// bareConn embeds a TCPConn for what else net/http uses of that.
type bareConn struct {
	*net.TCPConn
	api *API
}

// bareHeaders follow the status line in each answer of net/http itself, and in no other.
var bareHeaders = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

func (c *bareConn) Write(b []byte) (int, error) {
	line, _, _ := bytes.Cut(b, []byte("\r\n"))
	if !bytes.HasPrefix(b[len(line):], bareHeaders) {
		return c.TCPConn.Write(b)
	}
	if _, err := c.TCPConn.Write(c.api.bare(string(line))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// bare is the answer in place of one with this status line.
func (a *API) bare(line string) []byte {
	var status int
	fmt.Sscanf(line, "HTTP/1.1 %d", &status) // else it is 0
	e := errUnsupported
	switch status {
	case http.StatusBadRequest:
		e = errRequest
	case http.StatusRequestHeaderFieldsTooLarge:
		e = errHeaderSize
	}
	if status == 0 {
		status = e.status
	}
	id := a.newID()
	body, _ := json.Marshal(problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: e.detail, Code: e.code, RequestID: id}) // cannot fail
	h := protection.Clone()
	if strings.HasPrefix(a.edge.Public, "https://") {
		h["Strict-Transport-Security"] = protectionByTLS["Strict-Transport-Security"]
	}
	h.Set("X-Request-Id", id)
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	h.Set("Connection", "close")
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	h.Write(&answer) // a Buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(body)
	return answer.Bytes()
}
