package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

// grace is how long requests may take to finish once no new ones are accepted.
const grace = 10 * time.Second

// newLog is the log of a process: JSON, a line each.
func newLog(cfg config, w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: cfg.LogLevel}))
}

// serve runs the service until ctx ends, and then shuts it down:
//
//  1. start: listen, since that fails soonest; compose the program; accept requests
//  2. drain: /readyz says no, so that a proxy sends requests elsewhere
//  3. stop: accept nothing more, begin to end sockets and items of the agenda, and give
//     requests grace to finish
//  4. close: await what step 3 has begun, and close what compose has opened, in reverse
//     order
func serve(ctx context.Context, cfg config, _ string, stdout, stderr io.Writer) (err error) {
	log := newLog(cfg, stderr)
	if cfg.DatabaseURL != "" && len(cfg.TokenKeys) == 0 {
		return errNoKeys
	}
	tuneMemory(cfg)
	ln, err := listen(ctx, "ADDR", cfg.Addr)
	if err != nil {
		return err
	}
	defer ln.Close() // the server closes it too
	p, err := compose(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	srv := newServer(p, log)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(p.api.Listen(ln)) }()
	where := slog.String("data", cfg.Data)
	if cfg.DatabaseURL != "" {
		where = slog.String("data", "PostgreSQL")
	}
	log.Info("serving", "addr", ln.Addr().String(), where)
	if isTerminal(stdout) {
		fmt.Fprintf(stdout, "밀버디 → %s\n", address(ln.Addr()))
	}

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	p.api.Drain()
	if cfg.Drain > 0 {
		log.Info("draining", "for", cfg.Drain.String())
		select {
		case err := <-served:
			return err
		case <-time.After(cfg.Drain):
		}
	}
	log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return errors.Join(err, srv.Close()) // cuts off what still runs after grace
	}
	return nil
}

// isTerminal reports whether a person reads what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newServer(p *program, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler:           p.api.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // which would answer OPTIONS * without our headers
	}
	for _, stop := range p.onShutdown {
		srv.RegisterOnShutdown(stop)
	}
	return srv
}

// baseMemory is room for what a process needs besides hashing passwords: 6,500 sockets
// of 13.5 KB each, and 16 MiB for the rest.
const baseMemory = 104 << 20

// gcPercent lets the heap grow to five times what is in use between collections. With the
// usual 100, and the few MB that a process uses, the collector runs dozens of times a
// second: a chat message then takes a third more processor time, and a board a quarter.
const gcPercent = 400

// tuneMemory sets how often the Go runtime collects garbage, and its soft limit of memory,
// unless GOGC or GOMEMLIMIT do. The limit is baseMemory, and a password hash for each
// processor: without one the garbage of hashes, of 46 MiB each, would multiply the heap.
// A limit that is less than what is in use costs up to half the processor time, so more
// sockets need a higher GOMEMLIMIT.
func tuneMemory(cfg config) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return // GOMEMLIMIT is set
	}
	hashes := int64(runtime.GOMAXPROCS(0)) * int64(cfg.PasswordMemory) << 10
	debug.SetMemoryLimit(baseMemory + hashes)
}

// listen listens on the address that a variable names.
func listen(ctx context.Context, variable, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program listens on %s already; choose another address with %s%s", addr, prefix, variable)
	}
	return ln, err
}

// address says where a browser on this machine finds the service.
func address(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	host := "localhost"
	if !tcp.IP.IsUnspecified() {
		host = tcp.IP.String()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}
