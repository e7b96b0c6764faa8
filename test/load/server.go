package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is a process to be measured.
type server struct {
	cmd   *exec.Cmd
	url   string
	dir   string
	own   bool          // dir goes when the process goes
	ready time.Duration // from its start until it served
}

// start runs a program until it says in the file of its log where it serves.
func start(ctx context.Context, dir string, env []string, program string, args ...string) (*server, error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{cmd: exec.CommandContext(ctx, program, args...), dir: dir}
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stderr = log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 15 * time.Second
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < 30*time.Second {
		said, _ := os.ReadFile(log.Name())
		for line := range bytes.Lines(said) {
			var l struct{ Msg, Addr string }
			if json.Unmarshal(line, &l) == nil && l.Msg == "serving" {
				s.ready = time.Since(began)
				s.url = "http://" + l.Addr
				return s, nil
			}
		}
		time.Sleep(time.Millisecond) // the log is the only thing that tells
	}
	s.stop()
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("%s does not serve: %s", program, said)
}

func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait()
	if s.own {
		os.RemoveAll(s.dir)
	}
}

// memory is what the process holds of it, in MB.
func (s *server) memory() float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024
		}
	}
	return 0
}

// limit starts one of limits in a process of its own.
func (b *bench) limit(ctx context.Context, name string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mealbuddy-load-")
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, dir, nil, self, name)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.own = true
	return s, nil
}

// app starts the program over SQLite in dir, or over PostgreSQL and Redis.
func (b *bench) app(ctx context.Context, dir, database string, more ...string) (*server, error) {
	env := append([]string{
		"MEALBUDDY_ADDR=127.0.0.1:0",
		"MEALBUDDY_DATA=" + dir,
		"MEALBUDDY_LIMITS=off",
		"MEALBUDDY_TOKEN_LIFE=1h",
		"MEALBUDDY_TOKEN_KEYS=bWVhbGJ1ZGR5LWxvYWQtdGVzdC1rZXktMzItYnl0ZXM=",
		"MEALBUDDY_DATABASE_URL=" + database,
	}, more...)
	if database != "" {
		env = append(env, "MEALBUDDY_REDIS_URL="+b.redis)
	}
	return start(ctx, dir, env, b.binary)
}

// client asks servers, over as many connections as there are askers.
var client = &http.Client{
	Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true},
	Timeout:   30 * time.Second,
}

// ask sends a request and wants a good answer. The answer is read into v unless that is nil.
func ask(ctx context.Context, method, url, token string, body, v any) error {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		text = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, text)
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, answer)
	case v != nil:
		return json.Unmarshal(answer, v)
	}
	return nil
}

// A person is somebody who is signed in.
type person struct {
	ID    int64
	Token string
}

const password = "correct horse battery"

// register makes n people in the neighbourhood where.
func (s *server) register(ctx context.Context, n int, where string) ([]person, error) {
	people := make([]person, n)
	errs := make([]error, n)
	gate := make(chan struct{}, runtime.NumCPU()) // as many as can be hashed at once, so that none is refused
	done := make(chan struct{})
	for i := range n {
		go func() {
			gate <- struct{}{}
			defer func() { <-gate; done <- struct{}{} }()
			name := fmt.Sprintf("p%d", i)
			var answer struct{ User person }
			errs[i] = ask(ctx, "POST", s.url+"/api/user/register/", "", map[string]string{
				"email": name + "@example.com", "username": name, "password": password, "password2": password, "address": where,
			}, &answer)
			people[i] = answer.User
		}()
	}
	for range n {
		<-done
	}
	return people, errors.Join(errs...)
}
