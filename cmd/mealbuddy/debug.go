package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/disk"
	"github.com/Group-buying-service/mealbuddy/adapter/metrics"
	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
)

// newMetrics makes the metrics of this process.
func newMetrics(cfg config, s store, passwords *auth.Passwords) *metrics.Metrics {
	b := readBuild()
	m := metrics.New(b.version, b.commit, b.date, entryKinds())
	m.Passwords(passwords.Queue)
	switch s := s.(type) {
	case *postgres.Store:
		m.Pool("all", func() metrics.PoolStats {
			used, idle, most := s.Pool()
			waits, waited := s.Waits()
			return metrics.PoolStats{Max: most, InUse: used, Idle: idle, Waits: waits, WaitDuration: waited}
		})
	case *sqlite.Store:
		m.Pool("read", func() metrics.PoolStats { read, _ := s.Stats(); return pool(read) })
		m.Pool("write", func() metrics.PoolStats { _, write := s.Stats(); return pool(write) })
		m.Disk(func() (free, size uint64, err error) {
			space, err := disk.Of(cfg.Data)
			return space.Free, space.Size, err
		})
	}
	return m
}

func pool(s sql.DBStats) metrics.PoolStats {
	return metrics.PoolStats{Max: s.MaxOpenConnections, InUse: s.InUse, Idle: s.Idle, Waits: s.WaitCount, WaitDuration: s.WaitDuration}
}

// serveDebug serves metrics and profiles on an address of their own, until stop is
// called. Anybody who reaches it sees internals and can keep the processor busy.
func serveDebug(ctx context.Context, cfg config, m *metrics.Metrics, log *slog.Logger) (stop func(), err error) {
	ln, err := listen(ctx, "DEBUG_ADDR", cfg.DebugAddr)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	srv := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      2 * time.Minute, // profiles take as long as they are asked to
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	log.Info("metrics and profiles", "addr", ln.Addr().String())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics and profiles ended", "err", err) // the service goes on
		}
	}()
	return func() {
		srv.Close() // without waiting for requests
		<-ended
	}, nil
}
