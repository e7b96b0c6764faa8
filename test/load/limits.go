package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/crypto/argon2"
)

// limits are minimal servers for comparison, and what is measured in a process of its own.
var limits = map[string]func() error{
	"first-search": printFirstSearch,

	"limit-hello": hello,
	"limit-hub":   hub,
}

func serve(h http.Handler) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	json.NewEncoder(os.Stderr).Encode(map[string]string{"msg": "serving", "addr": ln.Addr().String()})
	return http.Serve(ln, h)
}

const greeting = `{"hello":"world"}`

// hello answers each request with a short JSON text.
func hello() error {
	return serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, greeting)
	}))
}

// hub forwards each message to all sockets of its room, in a frame like the program's,
// and stores nothing.
func hub() error {
	type room struct {
		mu      sync.Mutex
		seq     int64
		sockets []chan *websocket.PreparedMessage
	}
	var mu sync.Mutex
	rooms := map[string]*room{}
	upgrader := websocket.Upgrader{ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, WriteBufferPool: &sync.Pool{}}
	return serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		mine := rooms[r.URL.Path]
		if mine == nil {
			mine = &room{}
			rooms[r.URL.Path] = mine
		}
		mu.Unlock()
		out := make(chan *websocket.PreparedMessage, 256)
		mine.mu.Lock() // lock before the client knows that it is connected, or it could miss a message
		mine.sockets = append(mine.sockets, out)
		mine.mu.Unlock()
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		go func() {
			for m := range out {
				conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
				if conn.WritePreparedMessage(m) != nil {
					return
				}
			}
		}()
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				return
			}
			var said struct {
				Message  string `json:"message"`
				ClientID string `json:"client_id"`
			}
			if json.Unmarshal(text, &said) != nil {
				return
			}
			mine.mu.Lock()
			mine.seq++
			frame := fmt.Appendf(nil, `{"type":"chat.message","message":{"id":%d,"seq":%d,"type":"chat.message","message":%q,"created_at":"2026-11-27T06:00:00.123456Z","chatroom":1,"client_id":%q,"user":{"id":1,"username":"p1","email":"p1@example.com"}}}`,
				mine.seq, mine.seq, said.Message, said.ClientID)
			m, _ := websocket.NewPreparedMessage(websocket.TextMessage, frame)
			for _, s := range mine.sockets {
				s <- m
			}
			mine.mu.Unlock()
		}
	}))
}

// hashes measures the argon2id hashes per second on all cores.
func hashes(memory, passes uint32, d time.Duration) float64 {
	var n atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(d)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for time.Now().Before(end) {
				argon2.IDKey([]byte(password), []byte("0123456789abcdef"), passes, memory, 1, 32)
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / d.Seconds()
}

// groupCommits measures how often per second SQLite runs statements, with size runs in a
// commit, and returns the total. ?1 in statements counts up from a number.
func groupCommits(ctx context.Context, db *sql.DB, d time.Duration, size, from int, statements ...string) (rate float64, n int, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	var prepared []*sql.Stmt
	for _, s := range statements {
		stmt, err := conn.PrepareContext(ctx, s)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", s, err)
		}
		defer stmt.Close()
		prepared = append(prepared, stmt)
	}
	began := time.Now()
	for time.Since(began) < d {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return 0, 0, err
		}
		for range size {
			for i, stmt := range prepared {
				if _, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, from+n); err != nil {
					tx.Rollback()
					return 0, 0, fmt.Errorf("%s: %w", statements[i], err)
				}
			}
			n++
		}
		if err := tx.Commit(); err != nil {
			return 0, 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), n, nil
}
