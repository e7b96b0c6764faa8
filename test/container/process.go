package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a server process with its own directory. It must not be used concurrently.
type process struct {
	dir     string
	port    int
	account *account
	cmd     *exec.Cmd
	log     *journal
	gone    chan struct{} // closed when cmd has ended
}

// account is the user that a server runs as if the tests run as root, which PostgreSQL
// refuses.
type account struct{ uid, gid uint32 }

// unprivileged returns an account for servers, or nil for the current user.
func unprivileged() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &account{uint32(uid), uint32(gid)}, err
	}
	return nil, errors.New("no unprivileged account to run a server")
}

// newProcess creates a directory that belongs to its account and picks a port.
func newProcess(name string) (*process, error) {
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	p := &process{account: who, log: &journal{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.port = ln.Addr().(*net.TCPAddr).Port
	if err := ln.Close(); err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp("", "mealbuddy-"+name+"-"); err != nil {
		return nil, err
	}
	if who != nil {
		err = os.Chown(p.dir, int(who.uid), int(who.gid))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.dir))
	}
	return p, nil
}

func (p *process) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

func (p *process) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + p.dir}
	cmd.SysProcAttr = attributes(p.account)
	return cmd
}

// do runs a program and waits for its end.
func (p *process) do(name string, args ...string) error {
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
	}
	return nil
}

// launch starts the server and waits until ready returns nil.
func (p *process) launch(ready func() error, name string, args ...string) error {
	p.cmd = p.command(name, args...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) {
		defer close(gone)
		cmd.Wait() // the exit status does not matter
	}(p.cmd, p.gone)
	return p.await(ready)
}

// await waits until ready returns nil.
func (p *process) await(ready func() error) error {
	if err := await(p.gone, ready); err != nil {
		return fmt.Errorf("%w: %s", err, p.log)
	}
	return nil
}

// await waits until ready returns nil or the server has ended.
func await(gone <-chan struct{}, ready func() error) error {
	for late := time.After(patience); ; {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-gone:
			return errors.New("the server has ended")
		case <-late:
			return fmt.Errorf("the server is not ready: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// running reports whether the server has started and not ended.
func (p *process) running() bool {
	if p.gone == nil {
		return false
	}
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// kill kills the server and its child processes.
func (p *process) kill() error {
	if !p.running() {
		return nil
	}
	all := append([]int{p.cmd.Process.Pid}, children(p.cmd.Process.Pid)...)
	var errs []error
	for _, pid := range all {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, err)
		}
	}
	<-p.gone
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		if !slices.ContainsFunc(all, func(pid int) bool { return syscall.Kill(pid, 0) == nil }) {
			return errors.Join(errs...)
		}
	}
	return errors.Join(append(errs, errors.New("the server does not die"))...)
}

// stop makes the server shut down.
func (p *process) stop(sig syscall.Signal) error {
	if !p.running() {
		return nil
	}
	if err := p.cmd.Process.Signal(sig); err != nil {
		return err
	}
	select {
	case <-p.gone:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("the server does not stop: %s", p.log), p.kill())
	}
}

func (p *process) end() error { return errors.Join(p.kill(), os.RemoveAll(p.dir)) }

// children lists the child processes of a process, on Linux.
func children(pid int) (pids []int) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := bytes.Cut(text, []byte(") ")) // skip the program's name
		if f := bytes.Fields(rest); len(f) > 1 && string(f[1]) == strconv.Itoa(pid) {
			if child, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// journal keeps the end of the server's output.
type journal struct {
	mu   sync.Mutex
	text []byte
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, b...)
	if long := len(j.text) - 16<<10; long > 0 {
		j.text = append(j.text[:0], j.text[long:]...)
	}
	return len(b), nil
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.text)
}

// program finds a program by name, in PATH and in places.
func program(name string, places ...string) (string, error) {
	for _, pattern := range places {
		found, err := filepath.Glob(filepath.Join(pattern, name))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
		}
	}
	return exec.LookPath(name)
}

// version returns the first number in a path.
func version(path string) (n int) {
	digits := bytes.TrimLeftFunc([]byte(path), func(r rune) bool { return r < '0' || r > '9' })
	for _, d := range digits {
		if d < '0' || d > '9' {
			break
		}
		n = 10*n + int(d-'0')
	}
	return n
}
