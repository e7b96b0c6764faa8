package ws

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// endedPause comes before a read once the socket has ended, if there is more than a
// buffer full: nothing but the client's close frame is of interest then.
const endedPause = 10 * time.Millisecond

// wire is the connection of a socket. It follows the frames that come in, because gorilla
// tells nothing of fragments, and of other frames only once their headers are complete.
type wire struct {
	net.Conn
	socket *socket
	in     frames
	full   bool // the last read filled its buffer, so there may be more
}

// Read gives a frame or a message that has begun frameWait to end.
func (c *wire) Read(p []byte) (int, error) {
	if c.full && c.socket.ended() {
		time.Sleep(endedPause)
	}
	due := c.socket.readDeadline()
	if began := c.in.began; !began.IsZero() && began.Add(frameWait).Before(due) {
		due = began.Add(frameWait)
	}
	c.Conn.SetReadDeadline(due) // the read reports the error
	n, err := c.Conn.Read(p)
	c.full = n == len(p)
	for range c.in.follow(p[:n], time.Now()) {
		c.socket.countFrame()
	}
	return n, err
}

// wired makes the connection of a handshake the wire of a socket.
type wired struct {
	http.ResponseWriter
	socket *socket
}

func (w wired) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	return &wire{Conn: conn, socket: w.socket}, rw, err
}

// frames follows a stream of frames.
type frames struct {
	began  time.Time // of the frame or the message that is under way; zero if none is
	open   bool      // a message in fragments is under way
	header [14]byte
	have   int    // bytes of the header
	left   uint64 // bytes of the payload that are to come
}

// follow reads on, and returns how many frames began that are no message by themselves:
// pings, pongs and all fragments but the first.
func (f *frames) follow(stream []byte, now time.Time) (extra int) {
	for len(stream) > 0 {
		if f.began.IsZero() {
			f.began = now
		}
		if f.left > 0 {
			n := min(f.left, uint64(len(stream)))
			f.left -= n
			stream = stream[n:]
		} else {
			f.header[f.have] = stream[0]
			f.have++
			stream = stream[1:]
			if f.have < f.size() {
				continue
			}
			f.have = 0
			f.left = f.payload()
			kind := int(f.header[0] & 0x0f)
			switch kind {
			case websocket.PingMessage, websocket.PongMessage:
				extra++
			case websocket.CloseMessage:
			default:
				if f.open {
					extra++
				}
				f.open = f.header[0]&0x80 == 0
			}
		}
		if f.left == 0 && !f.open {
			f.began = time.Time{}
		}
	}
	return extra
}

// size returns how long the header is, as far as its beginning says.
func (f *frames) size() int {
	n := 2
	if f.have < n {
		return n
	}
	switch f.header[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.header[1]&0x80 != 0 {
		n += 4 // the mask
	}
	return n
}

// payload returns how many bytes follow a complete header.
func (f *frames) payload() uint64 {
	switch n := f.header[1] & 0x7f; n {
	case 126:
		return uint64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		return binary.BigEndian.Uint64(f.header[2:])
	default:
		return uint64(n)
	}
}
