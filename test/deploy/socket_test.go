package deploy

import (
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// line is the relevant part of a room's line.
type line struct {
	Seq      int64  `json:"seq"`
	Message  string `json:"message"`
	ClientID string `json:"client_id"`
}

// listener is a socket that reconnects and resumes when the server asks it to. It
// records violations.
type listener struct {
	d     *deployment
	path  string
	token string
	done  chan struct{} // closed at the end

	mu     sync.Mutex
	conn   *websocket.Conn
	over   bool
	lines  []line
	closed int // number of disconnects by the server
	faults []string
	news   chan struct{} // closed and replaced on each change
}

// listens opens a socket for a room and keeps it open.
func (d *deployment) listens(token string, room int64) *listener {
	l := &listener{d: d, path: fmt.Sprintf("/ws/chat/%d/", room), token: token, done: make(chan struct{}), news: make(chan struct{})}
	conn := l.open(0)
	go l.listen(conn)
	d.t.Cleanup(l.end)
	return l
}

// change modifies l and notifies waiting goroutines.
func (l *listener) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
	close(l.news)
	l.news = make(chan struct{})
}

func (l *listener) fault(format string, args ...any) {
	l.change(func() { l.faults = append(l.faults, fmt.Sprintf(format, args...)) })
}

func (l *listener) open(after int64) *websocket.Conn {
	query := url.Values{"token": {l.token}}
	if after > 0 {
		query.Set("after", strconv.FormatInt(after, 10))
	}
	dialer := websocket.Dialer{TLSClientConfig: l.d.tls, HandshakeTimeout: 15 * time.Second}
	conn, resp, err := dialer.Dial("wss://"+l.d.name()+l.path+"?"+query.Encode(), nil)
	if resp != nil {
		resp.Body.Close()
	}
	if err != nil {
		l.fault("open after %d: %v", after, err)
		return nil
	}
	l.change(func() {
		l.conn = conn
		if l.over {
			conn.Close()
		}
	})
	return conn
}

func (l *listener) listen(conn *websocket.Conn) {
	defer close(l.done)
	for last := int64(0); conn != nil; {
		var f struct {
			Type    string `json:"type"`
			Message *line  `json:"message"`
		}
		err := conn.ReadJSON(&f)
		l.mu.Lock()
		over := l.over
		l.mu.Unlock()
		switch {
		case over:
			return
		case err != nil:
			conn.Close()
			if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				l.fault("ended by %v", err)
			}
			l.change(func() { l.closed++ })
			conn = l.open(last)
		case f.Message == nil:
		case last > 0 && f.Message.Seq != last+1:
			l.fault("line %d after %d", f.Message.Seq, last)
			fallthrough
		default:
			last = f.Message.Seq
			l.change(func() { l.lines = append(l.lines, *f.Message) })
		}
	}
}

// await waits until a condition holds.
func (l *listener) await(holds func() bool, late time.Duration) bool {
	for timer := time.After(late); ; {
		l.mu.Lock()
		ok, news := holds(), l.news
		l.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-news:
		case <-timer:
			return false
		}
	}
}

// heard reports whether a line came back; call it in await.
func (l *listener) heard(id string) bool {
	for i := len(l.lines) - 1; i >= 0; i-- {
		if l.lines[i].ClientID == id {
			return true
		}
	}
	return false
}

// say repeats a message until it comes back, like the app.
func (l *listener) say(id string) bool {
	for range 20 {
		l.mu.Lock()
		conn := l.conn
		l.mu.Unlock()
		if conn != nil {
			conn.WriteJSON(map[string]string{"message": "말 " + id, "client_id": id}) // the reader notices errors
		}
		if l.await(func() bool { return l.heard(id) }, time.Second) {
			return true
		}
	}
	l.fault("said %s in vain", id)
	return false
}

// end closes the socket.
func (l *listener) end() {
	l.change(func() {
		l.over = true
		if l.conn != nil {
			l.conn.Close()
		}
	})
	<-l.done
}

// state returns the current state of l.
func (l *listener) state() (closed int, lines []line, faults []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed, append([]line(nil), l.lines...), append([]string(nil), l.faults...)
}
