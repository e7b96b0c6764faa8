package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server is a running program.
type server struct {
	addr string
	data string
	cmd  *exec.Cmd
	log  *journal
	gone chan struct{} // closed when the process has ended
}

// start starts the program with a data directory and waits until it serves.
func start(data string, environ ...string) (*server, error) {
	return launch(data, command(data, environ))
}

// launch is start for a command that is made already.
func launch(data string, cmd *exec.Cmd) (*server, error) {
	s := &server{data: data, cmd: cmd, log: newJournal(), gone: make(chan struct{})}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.gone)
		s.cmd.Wait() // stop checks the exit code
		s.log.close()
	}()
	line, err := s.log.find(func(e entry) bool { return e.Msg == "serving" })
	if err != nil {
		s.cmd.Process.Kill() // it may have ended
		<-s.gone
		return nil, fmt.Errorf("the program does not serve: %w\n%s", err, s.log)
	}
	s.addr = line.Addr
	return s, nil
}

// tokenLife is the lifetime of tokens: the maximum in `make soak`, where clients do not
// refresh them.
func tokenLife() string {
	if soaking() {
		return "1h"
	}
	return ""
}

// command runs the program with a minimal environment and cheap password hashes.
func command(data string, environ []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), binary, args...)
	cmd.Env = append([]string{
		"MEALBUDDY_ADDR=127.0.0.1:0",
		"MEALBUDDY_DATA=" + data,
		"MEALBUDDY_PASSWORD_MEMORY=19456",
		"MEALBUDDY_PASSWORD_TIME=2",
		"MEALBUDDY_LIMITS=off",
		"MEALBUDDY_TOKEN_LIFE=" + tokenLife(),
	}, environ...)
	return cmd
}

// serve starts a server for the test, which is stopped at its end.
func serve(t *testing.T, data string, environ ...string) *server {
	t.Helper()
	s, err := start(data, environ...)
	require.NoError(t, err)
	s.ends(t)
	return s
}

// ends stops the server at the end of the test.
func (s *server) ends(t *testing.T) {
	t.Cleanup(func() {
		select {
		case <-s.gone: // the test has stopped it
		default:
			require.NoError(t, s.stop())
		}
	})
}

// stop stops the server gracefully. It returns an error if it did not end cleanly or its
// log contains errors.
func (s *server) stop() error { return s.signal(syscall.SIGTERM) }

func (s *server) signal(sig os.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return err
	}
	return s.ended()
}

// ended waits for the end of the process after a signal.
func (s *server) ended() error {
	select {
	case <-s.gone:
	case <-time.After(patience):
		s.cmd.Process.Kill() // it did not react
		<-s.gone
		return fmt.Errorf("the program did not stop\n%s", s.log)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("exit code %d\n%s", code, s.log)
	}
	return s.healthy()
}

// kill ends the server with SIGKILL.
func (s *server) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Kill())
	<-s.gone
	require.NoError(t, s.healthy())
}

// healthy checks the log for lines that must never appear.
func (s *server) healthy() error {
	log := s.log.String()
	for _, bad := range []string{"DATA RACE", "panic", `"level":"ERROR"`, "eyJ", password} {
		if i := strings.Index(log, bad); i >= 0 {
			return fmt.Errorf("the log says %q:\n%.4000s", bad, log[max(0, i-200):])
		}
	}
	return nil
}

// entry is a line of the log.
type entry struct {
	Msg    string `json:"msg"`
	Addr   string `json:"addr"`
	Route  string `json:"route"`
	Status int    `json:"status"`
	Room   int64  `json:"room"`
	User   int64  `json:"user"`
	Code   int    `json:"code"`
}

// journal records a program's output and lets tests wait for a line.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines []entry
	rest  []byte        // an incomplete line
	grown chan struct{} // closed at the next line and at the end
	over  bool
}

func newJournal() *journal { return &journal{grown: make(chan struct{})} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Write(p)
	j.rest = append(j.rest, p...)
	for {
		line, rest, whole := bytes.Cut(j.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		j.rest = rest
		var e entry
		if json.Unmarshal(line, &e) == nil {
			j.lines = append(j.lines, e)
		}
		close(j.grown)
		j.grown = make(chan struct{})
	}
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.over = true
	close(j.grown)
	j.grown = make(chan struct{})
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

var stamps = regexp.MustCompile(`"time":"[^"]*"`)

// said is String without timestamps, which could look like other data.
func (j *journal) said() string { return stamps.ReplaceAllString(j.String(), "") }

// count returns the number of matching lines.
func (j *journal) count(fits func(entry) bool) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.lines {
		if fits(e) {
			n++
		}
	}
	return n
}

// find waits for a matching line.
func (j *journal) find(fits func(entry) bool) (entry, error) {
	late := time.After(patience)
	for seen := 0; ; {
		j.mu.Lock()
		for ; seen < len(j.lines); seen++ {
			if e := j.lines[seen]; fits(e) {
				j.mu.Unlock()
				return e, nil
			}
		}
		grown, over := j.grown, j.over
		j.mu.Unlock()
		if over {
			return entry{}, io.ErrUnexpectedEOF
		}
		select {
		case <-grown:
		case <-late:
			return entry{}, errors.New("no such line in the log")
		}
	}
}
