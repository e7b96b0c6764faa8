package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is a process to measure.
type server struct {
	cmd   *exec.Cmd // nil before it starts
	url   string
	dir   string
	own   bool          // delete dir at the end
	ready time.Duration // time from start to first answer
}

// start starts a program and waits until its log names its address.
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
		time.Sleep(time.Millisecond) // poll the log
	}
	s.stop()
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("%s does not serve: %s", program, said)
}

func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait()
	if s.own {
		os.RemoveAll(s.dir)
	}
}

// memory returns the resident memory of the process, in MB.
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

// tick is the unit of times in /proc, in µs, the same on all Linux platforms of Go.
const tick = 10_000

// cpu returns the processor time of the process since its start, in µs, without separate
// database processes.
func (s *server) cpu() float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // skip the name, which may contain anything
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) * tick
}

// startLimit starts one of limits as a separate process.
func startLimit(ctx context.Context, name string) (*server, error) {
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

// app starts a program with SQLite in dir, or with PostgreSQL and Redis, and waits until
// it is ready.
func app(ctx context.Context, p program, dir, database string, more ...string) (*server, error) {
	env := append([]string{
		"MEALBUDDY_ADDR=127.0.0.1:0",
		"MEALBUDDY_DATA=" + dir,
		"MEALBUDDY_LIMITS=off",
		"MEALBUDDY_TOKEN_LIFE=1h",
		"MEALBUDDY_TOKEN_KEYS=" + tokenKey,
		"MEALBUDDY_DATABASE_URL=" + database,
	}, more...)
	if database != "" {
		env = append(env, "MEALBUDDY_REDIS_URL="+p.redis)
	}
	began := time.Now()
	s, err := start(ctx, dir, env, p.path)
	if err != nil {
		return nil, err
	}
	for {
		err := ask(ctx, "GET", s.url+"/readyz", "", nil, http.StatusOK, nil)
		s.ready = time.Since(began)
		switch {
		case err == nil:
			return s, nil
		case s.ready > 30*time.Second || ctx.Err() != nil:
			s.stop()
			said, _ := os.ReadFile(filepath.Join(dir, "log"))
			return nil, fmt.Errorf("%w: its log: %s", err, said)
		}
		time.Sleep(time.Millisecond) // poll until it is ready
	}
}

// build returns the commit of a program, or its digest if the commit is unknown.
func build(path string) (string, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return "", err
	}
	commit, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "commit " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ", modified"
		}
	}
	if commit == "" {
		file, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		commit = fmt.Sprintf("SHA-256 %.6x…", sha256.Sum256(file))
	}
	return commit + modified, nil
}

// client has a connection for each asker.
var client = &http.Client{
	Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true},
	Timeout:   30 * time.Second,
}

// ask sends a request. It checks the status of the answer and, unless look is nil, its
// body.
func ask(ctx context.Context, method, url, token string, body any, status int, look func(answer []byte) error) error {
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
	case resp.StatusCode != status:
		return fmt.Errorf("%s %s: %s instead of %d: %s", method, url, resp.Status, status, answer)
	case look == nil:
		return nil
	}
	if err := look(answer); err != nil {
		return fmt.Errorf("%s %s: a wrong answer: %w: %.300s", method, url, err, answer)
	}
	return nil
}

// A person is a signed-in user.
type person struct {
	ID    int64  `json:"id"`
	Name  string `json:"username"`
	Token string `json:"token"`
}

const (
	password = "correct horse battery"
	home     = "서울특별시 종로구 혜화동" // the writer's address, which nobody else has
)

// register creates the writer of the initial posts.
func (s *server) register(ctx context.Context) (person, error) {
	var answer struct{ User person }
	err := ask(ctx, "POST", s.url+"/api/user/register/", "", map[string]string{
		"email": "writer@example.com", "username": "writer", "password": password, "password2": password, "address": home,
	}, http.StatusCreated, into(&answer))
	return answer.User, err
}

// open writes a post and returns the id of its room.
func (s *server) open(ctx context.Context, who person, title string) (room int64, err error) {
	var post struct {
		Title  string `json:"title"`
		ChatID int64  `json:"chat_id"`
		Joined int    `json:"join_number"`
		Writer struct{ ID int64 }
	}
	draft := map[string]any{"title": title, "category": "치킨", "content": content, "target_number": 10}
	err = ask(ctx, "POST", s.url+"/api/post/write/", who.Token, draft, http.StatusCreated, func(answer []byte) error {
		if err := json.Unmarshal(answer, &post); err != nil {
			return err
		}
		if post.Title != title || post.Writer.ID != who.ID || post.ChatID < 1 || post.Joined != 1 {
			return fmt.Errorf("not a new post of user %d called %q", who.ID, title)
		}
		return nil
	})
	return post.ChatID, err
}

const content = "두 마리 세트면 배달비가 무료예요. 저녁 7시에 정문에서 받아요."

// join takes a seat and checks the number of members afterwards.
func (s *server) join(ctx context.Context, who person, room int64, seated int) error {
	return ask(ctx, "POST", fmt.Sprintf("%s/api/chat/%d/", s.url, room), who.Token, nil, http.StatusCreated, func(answer []byte) error {
		var found struct {
			Joined   int   `json:"join_number"`
			LastSeq  int64 `json:"last_seq"`
			Messages []struct {
				Type string `json:"type"`
				Room int64  `json:"chatroom"`
				Seq  int64  `json:"seq"`
			}
		}
		if err := json.Unmarshal(answer, &found); err != nil {
			return err
		}
		if n := len(found.Messages); found.Joined != seated || n == 0 || found.Messages[n-1].Type != "chat.user.join" ||
			found.Messages[n-1].Room != room || found.Messages[n-1].Seq != found.LastSeq {
			return fmt.Errorf("not a room %d with %d people, the last of whom has just come", room, seated)
		}
		return nil
	})
}
