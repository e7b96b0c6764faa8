package deploy

import (
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// line is a line of a room, as far as it matters here.
type line struct {
	Seq      int64  `json:"seq"`
	Message  string `json:"message"`
	ClientID string `json:"client_id"`
}

// listener is somebody's socket that comes back when it is told to, and asks for
// what it missed. What it should not have met is a fault.
type listener struct {
	d     *deployment
	path  string
	token string
	done  chan struct{} // closed once it has ended

	mu     sync.Mutex
	conn   *websocket.Conn
	over   bool
	lines  []line
	closed int // how often it was sent away
	faults []string
	news   chan struct{} // closed, and made anew, whenever one of these changes
}

// listens opens a socket of a room, and keeps it open.
func (d *deployment) listens(token string, room int64) *listener {
	l := &listener{d: d, path: fmt.Sprintf("/ws/chat/%d/", room), token: token, done: make(chan struct{}), news: make(chan struct{})}
	conn := l.open(0)
	go l.listen(conn)
	d.t.Cleanup(l.end)
	return l
}

// change does something to l, and tells those who wait.
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

// await waits until what is asked of l holds, or it is late.
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

// heard tells whether a line came back; call it in await.
func (l *listener) heard(id string) bool {
	for i := len(l.lines) - 1; i >= 0; i-- {
		if l.lines[i].ClientID == id {
			return true
		}
	}
	return false
}

// say sends a line until it has come back, as the app does.
func (l *listener) say(id string) bool {
	for range 20 {
		l.mu.Lock()
		conn := l.conn
		l.mu.Unlock()
		if conn != nil {
			conn.WriteJSON(map[string]string{"message": "말 " + id, "client_id": id}) // an error is for the reader too
		}
		if l.await(func() bool { return l.heard(id) }, time.Second) {
			return true
		}
	}
	l.fault("said %s in vain", id)
	return false
}

// end closes the socket for good.
func (l *listener) end() {
	l.change(func() {
		l.over = true
		if l.conn != nil {
			l.conn.Close()
		}
	})
	<-l.done
}

// state is what l has met so far.
func (l *listener) state() (closed int, lines []line, faults []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed, append([]line(nil), l.lines...), append([]string(nil), l.faults...)
}
