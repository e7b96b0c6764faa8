package container

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// RedisServer is a Redis server for a single test, which may stop and change it. Its
// methods fail the test on errors.
type RedisServer struct {
	*process
	t    testing.TB // nil for a server of a suite
	args []string
}

// StartRedis starts a server for the test, with arguments such as "--maxclients", "5".
// It is killed at the end of the test.
func StartRedis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	s, err := newRedis(args...)
	if errors.Is(err, errNoProgram) {
		redis.missing(t, err)
	}
	require.NoError(t, err)
	s.t = t
	t.Cleanup(func() { assert.NoError(t, s.end()) })
	return s
}

func newRedis(args ...string) (*RedisServer, error) {
	name, err := program("redis-server")
	if err != nil {
		return nil, fmt.Errorf("%w: redis-server", errNoProgram)
	}
	p, err := newProcess("redis")
	if err != nil {
		return nil, err
	}
	s := &RedisServer{process: p, args: append([]string{name, "--bind", "127.0.0.1", "--port", fmt.Sprint(p.port), "--save", ""}, args...)}
	if err := s.run(); err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

func (s *RedisServer) run() error {
	return s.launch(func() error { return answersRedis(s.addr()) }, s.args[0], s.args[1:]...)
}

// Addr returns the server's address.
func (s *RedisServer) Addr() string { return s.addr() }

// URL returns the server's URL.
func (s *RedisServer) URL() string { return "redis://" + s.addr() }

// Kill ends the server at once, like a power failure.
func (s *RedisServer) Kill() {
	s.t.Helper()
	require.NoError(s.t, s.kill())
}

// Stop shuts the server down.
func (s *RedisServer) Stop() {
	s.t.Helper()
	require.NoError(s.t, s.stop(syscall.SIGTERM))
}

// Start restarts a server after Kill or Stop, empty and on the same port.
func (s *RedisServer) Start() {
	s.t.Helper()
	require.NoError(s.t, s.run())
}

// Flush deletes all data.
func (s *RedisServer) Flush() {
	s.t.Helper()
	said, err := tellRedis(s.Addr(), "FLUSHALL")
	require.NoError(s.t, err)
	require.Equal(s.t, "+OK\r\n", said)
}
