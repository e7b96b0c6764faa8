package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

type health struct {
	Status string `json:"status"`
}

type notReady struct {
	Failed []string `json:"failed"`
}

func TestProbes(t *testing.T) {
	nobody := stranger(t, shared)
	assert.Equal(t, health{"live"}, read[health](nobody.get("/livez").is(http.StatusOK)))
	assert.Equal(t, health{"ready"}, read[health](nobody.get("/readyz").is(http.StatusOK)))
	for _, path := range []string{"/livez", "/readyz"} {
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			a := nobody.meaning(Elsewhere).do(method, path, nothing)
			a.refused(http.StatusMethodNotAllowed, "method_not_allowed")
			assert.Equal(t, "GET, HEAD", a.header.Get("Allow"))
		}
	}
	code, stdout, stderr := ending(t, t.TempDir(), []string{"MEALBUDDY_ADDR=" + shared.addr}, "health")
	assert.Equal(t, 0, code, stderr)
	line(t, stdout, "ready")
	for _, route := range []string{"GET /livez", "GET /readyz"} {
		assert.NotContains(t, shared.log.String(), route, "probes fill no log")
	}
}

// A proxy sends requests to a server while it is ready. No request fails when the server
// stops.
func TestAServerThatStopsFailsNoRequest(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_DRAIN=10s")
	crowd := []person{newcomer(t, on, "ann"), newcomer(t, on, "bob"), newcomer(t, on, "cho"), newcomer(t, on, "dan")}
	party := meet(t, crowd...)
	s := crowd[0].listens(t, party)

	away := make(chan struct{}) // closed when the proxy has noticed
	var answered atomic.Int64
	var clients errgroup.Group
	for i, p := range crowd {
		c := p.as(t)
		if i%2 == 0 {
			c = c.with("Connection", "close") // a new connection each time
		}
		clients.Go(func() error {
			for {
				select {
				case <-away:
					return nil
				default:
				}
				for _, ask := range []struct {
					method, path string
					body         body
					want         int
				}{
					{http.MethodGet, party.room(), nothing, http.StatusOK},
					{http.MethodPost, "/api/post/write/", asJSON(draft(3)), http.StatusCreated},
				} {
					a, err := c.try(ask.method, ask.path, ask.body)
					if err != nil {
						return fmt.Errorf("after %d answers: %w", answered.Load(), err)
					}
					if a.status != ask.want {
						return fmt.Errorf("%s: %d: %s", a.asked, a.status, a.body)
					}
					answered.Add(1)
				}
			}
		})
	}
	clients.Go(func() error { // the proxy
		defer close(away)
		for signalled := false; ; {
			a, err := stranger(t, on).try(http.MethodGet, "/readyz", nothing)
			if err != nil {
				return fmt.Errorf("nobody was told: %w", err)
			}
			if a.status != http.StatusOK {
				assert.True(t, signalled, "ready until the signal")
				assert.Equal(t, []string{"draining"}, read[notReady](a).Failed)
				break
			}
			if !signalled && answered.Load() > 40 {
				signalled = true
				if err := on.cmd.Process.Signal(syscall.SIGTERM); err != nil {
					return err
				}
			}
		}
		// Clients that have not noticed are still served.
		before := answered.Load()
		for answered.Load() < before+20 {
			if a, err := stranger(t, on).try(http.MethodGet, "/livez", nothing); err != nil || a.status != http.StatusOK {
				return fmt.Errorf("not alive while draining: %d: %w", a.status, err)
			}
		}
		return nil
	})
	require.NoError(t, clients.Wait())
	stranger(t, on).get("/readyz").refused(http.StatusServiceUnavailable, "not_ready")
	code, _, stderr := ending(t, t.TempDir(), []string{"MEALBUDDY_ADDR=" + on.addr}, "health")
	assert.Equal(t, 1, code)
	line(t, stderr, "draining")
	s.says("아직 들려요", "")
	s.hearsWords("아직 들려요")

	s.ends(websocket.CloseGoingAway)
	require.NoError(t, on.ended())
	t.Logf("%d requests", answered.Load())
}

func TestASecondSignalDoesNotWait(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_DRAIN=5m")
	require.NoError(t, on.cmd.Process.Signal(syscall.SIGTERM))
	_, err := on.log.find(func(e entry) bool { return e.Msg == "draining" })
	require.NoError(t, err)
	require.NoError(t, on.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-on.gone:
		assert.NotZero(t, on.cmd.ProcessState.ExitCode())
	case <-time.After(patience):
		on.kill(t)
		t.Fatal("it waits")
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_TOKEN_KEYS="+ownKey.text())
	ann, bob := newcomer(t, on, "ann"), newcomer(t, on, "bob")
	party := meet(t, ann, bob)
	s := ann.listens(t, party)
	talking, hush := make(chan struct{}), make(chan struct{})
	var talk errgroup.Group
	talk.Go(func() error {
		for i := 0; ; i++ {
			if err := s.conn.WriteJSON(fields{"message": fmt.Sprint("말 ", i)}); err != nil {
				return err
			}
			if _, err := s.take(); err != nil {
				return err
			}
			if i == 20 {
				close(talking)
			}
			select {
			case <-hush:
				return nil
			default:
			}
		}
	})
	<-talking
	before := read[room](ann.as(t).get(party.room() + "?limit=200&after=0").is(http.StatusOK))
	file := filepath.Join(t.TempDir(), "backup.db")
	code, stdout, stderr := ending(t, on.data, nil, "backup", file)
	require.Equal(t, 0, code, stderr)
	line(t, stdout, file)
	close(hush)
	require.NoError(t, talk.Wait())
	code, _, stderr = ending(t, on.data, nil, "backup", file)
	assert.Equal(t, 2, code)
	line(t, stderr, file, "exists")

	other := filepath.Join(t.TempDir(), "restored")
	code, stdout, stderr = ending(t, other, nil, "restore", file)
	require.Equal(t, 0, code, stderr)
	line(t, stdout, file, other)
	sound(t, other)
	code, stdout, _ = ending(t, other, nil, "migrate")
	assert.Equal(t, 0, code)
	line(t, stdout, "up to date")

	restored := serve(t, other, "MEALBUDDY_TOKEN_KEYS="+ownKey.text())
	bob.on = restored
	after := read[room](bob.as(t).get(party.room() + "?limit=200&after=0").is(http.StatusOK))
	require.GreaterOrEqual(t, len(after.Messages), len(before.Messages))
	assert.Equal(t, before.Messages, after.Messages[:len(before.Messages)], "all that was there before is in it")
}

func TestDebugAddress(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir(), "MEALBUDDY_DEBUG_ADDR=127.0.0.1:0")
	debug, err := on.log.find(func(e entry) bool { return e.Msg == "metrics and profiles" })
	require.NoError(t, err)
	newcomer(t, on, "ann")
	plain := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := plain.Get("http://" + debug.Addr + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Contains(t, string(text), `mealbuddy_http_requests_total{method="POST",route="/api/user/register/",status="201"} 1`)
}

func TestASecretFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(file, []byte(ownKey.text()+"\n"), 0o600))
	on := serve(t, t.TempDir(), "MEALBUDDY_TOKEN_KEYS_FILE="+file)
	assert.NoFileExists(t, filepath.Join(on.data, "token.key"))
	assert.NotContains(t, on.log.String(), ownKey.text())

	code, _, stderr := ending(t, t.TempDir(), []string{"MEALBUDDY_TOKEN_KEYS_FILE=" + file, "MEALBUDDY_TOKEN_KEYS=" + ownKey.text()})
	assert.Equal(t, 2, code)
	line(t, stderr, "MEALBUDDY_TOKEN_KEYS_FILE")
	assert.NotContains(t, stderr, ownKey.text())
}

func TestVersion(t *testing.T) {
	code, stdout, _ := ending(t, t.TempDir(), nil, "-version")
	assert.Equal(t, 0, code)
	line(t, stdout, "mealbuddy ", "go1.")
	assert.Len(t, strings.Split(stdout, "\n"), 2)
}
