package httpapi

import (
	"bufio"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// recorder records the outcome of a request.
type recorder struct {
	http.ResponseWriter
	status   int
	code     string // of the refusal
	who      user.ID
	quiet    bool          // logged at level debug
	ended    func()        // observes the end; nil once it is called
	admitted *atomic.Int64 // counts requests in flight; nil once this one is not
}

// end says that the request is answered, or has become a socket.
func (rec *recorder) end() {
	if rec.admitted != nil {
		rec.admitted.Add(-1)
		rec.admitted = nil
	}
	if rec.ended != nil {
		rec.ended()
		rec.ended = nil
	}
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	return rec.ResponseWriter.Write(b)
}

// Hijack hands over the connection, as a WebSocket upgrade asks for.
func (rec *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(rec.ResponseWriter).Hijack()
	if err == nil {
		rec.status = http.StatusSwitchingProtocols
		rec.end()
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the real writer.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// note tells the access log who asks.
func note(w http.ResponseWriter, who user.ID) {
	if rec, ok := w.(*recorder); ok {
		rec.who = who
	}
}
