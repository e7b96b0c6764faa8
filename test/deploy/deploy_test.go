package deploy

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDeployment(t *testing.T) {
	required(t)
	next := nextImage(t)
	d := deploy(t)
	ann, bob := d.person("ann"), d.person("bob")
	a := d.ask(http.StatusCreated, "/api/post/write/", ann, `{"title":"치킨 같이 시켜요","category":"치킨","content":"두 마리면 배달비가 없어요","target_number":4}`)
	room := read[struct {
		ID int64 `json:"chat_id"`
	}](t, a).ID
	chat := fmt.Sprintf("/api/chat/%d/", room)
	_, err := ask(d.client, "https://"+d.name()+chat, bob, "{}")
	require.NoError(t, err)
	talk := func(token string) (seqs []int64, last string) {
		d.t.Helper()
		r := read[struct{ Messages []line }](d.t, d.ask(http.StatusOK, chat+"?limit=200", token, ""))
		for _, m := range r.Messages {
			seqs, last = append(seqs, m.Seq), m.Message
		}
		return seqs, last
	}

	step := func(name string, do func(t *testing.T)) {
		ok := t.Run(name, func(t *testing.T) {
			d.t = t
			do(t)
		})
		d.t = t
		require.True(t, ok, "the next step builds on this one")
	}

	step("is started without warnings, whatever is set", func(t *testing.T) {
		all := d.environ
		defer func() { d.environ = all }()
		d.environ = slices.DeleteFunc(slices.Clone(all), func(v string) bool { return strings.HasPrefix(v, "MEALBUDDY_") })
		d.compose("--profile", "monitoring", "config", "--quiet")
	})

	step("is watched by Prometheus, which alone reaches the metrics", func(t *testing.T) {
		d.compose("up", "--detach", "--pull", "never", "--wait", "prometheus")
		d.compose("exec", "-T", "prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml")
		require.Eventually(t, func() bool { return d.watched() }, patience, time.Second)
		rules := 0
		for _, g := range prometheus[struct{ Groups []struct{ Rules []rule } }](d, "rules").Groups {
			for _, r := range g.Rules {
				assert.Equal(t, "ok", r.Health, "%s: %s", r.Name, r.LastError)
				rules++
			}
		}
		text, err := os.ReadFile("../../adapter/metrics/alerts.yaml")
		require.NoError(t, err)
		assert.Equal(t, strings.Count(string(text), "- alert:"), rules)
		for _, node := range []string{"app-1", "app-2"} {
			_, _, err := d.run(nil, "exec", "-T", "proxy", "wget", "-q", "-T", "5", "-O", "-", "http://"+node+":6060/metrics")
			assert.Error(t, err, "the proxy reads the metrics of %s", node)
		}
	})

	step("gives containers no more than they need", func(t *testing.T) {
		for _, id := range strings.Fields(d.compose("ps", "--quiet")) {
			text := docker(t, "inspect", id)
			var all []struct {
				Name   string
				Config struct {
					User   string
					Labels map[string]string
				}
				HostConfig struct {
					ReadonlyRootfs bool
					CapDrop        []string
					CapAdd         []string
					SecurityOpt    []string
					Memory         int64
					PortBindings   map[string]any
					RestartPolicy  struct{ Name string }
				}
				Mounts []struct{ Type, Name, Destination string }
			}
			require.NoError(t, json.Unmarshal([]byte(text), &all))
			c := all[0]
			service := c.Config.Labels["com.docker.compose.service"]
			assert.NotContains(t, []string{"", "0", "root"}, strings.Split(c.Config.User, ":")[0], service)
			assert.True(t, c.HostConfig.ReadonlyRootfs, service)
			assert.Equal(t, []string{"ALL"}, c.HostConfig.CapDrop, service)
			assert.Contains(t, c.HostConfig.SecurityOpt, "no-new-privileges:true", service)
			assert.Positive(t, c.HostConfig.Memory, service)
			assert.Equal(t, "unless-stopped", c.HostConfig.RestartPolicy.Name, service)
			assert.Equal(t, service == "proxy", len(c.HostConfig.PortBindings) > 0, service)
			assert.Equal(t, service == "proxy", len(c.HostConfig.CapAdd) > 0, service)
			for _, m := range c.Mounts {
				if m.Type == "volume" {
					assert.Contains(t, m.Name, "mealbuddy-", "%s keeps %s in a volume without a name", service, m.Destination)
				}
			}
			for _, secret := range d.secrets {
				assert.NotContains(t, text, secret, service)
			}
		}
	})

	d.compose("rm", "--stop", "--force", "prometheus")

	step("speaks TLS to the world", func(t *testing.T) {
		page := d.ask(http.StatusOK, "/", "", "")
		assert.Equal(t, []string{"max-age=63072000; includeSubDomains"}, page.header.Values("Strict-Transport-Security"))
		assert.Empty(t, page.header.Get("Server"))
		moved, err := ask(d.client, strings.Replace("http://"+d.http, "127.0.0.1", "localhost", 1)+"/x", "", "")
		require.NoError(t, err)
		assert.Equal(t, http.StatusPermanentRedirect, moved.status)
		assert.Equal(t, "https://localhost/x", moved.header.Get("Location"))
	})

	var before []int64
	step("is updated node by node without anybody noticing", func(t *testing.T) {
		visits := visit(t, "https://"+d.name()+"/")
		d.environ = append(d.environ, "MEALBUDDY_IMAGE="+next)
		listeners := []*listener{d.listens(ann, room), d.listens(bob, room), d.listens(ann, room), d.listens(bob, room)}
		reaches := func(id string) {
			require.True(t, listeners[0].say(id), "%v", listeners[0].faults)
			for _, l := range listeners {
				require.True(t, l.await(func() bool { return l.heard(id) }, 10*time.Second), "%v", l.faults)
			}
		}
		reaches("first")

		l := newLoad(d, ann, bob)
		var talking sync.WaitGroup
		over := make(chan struct{})
		talking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				case <-time.After(200 * time.Millisecond): // the rate of the chat
					if !listeners[i%4].say(fmt.Sprint("line-", i)) {
						return
					}
				}
			}
		})
		var sentAway []int
		for _, node := range []string{"app-1", "app-2"} {
			old := d.compose("ps", "--quiet", node)
			d.compose("up", "--detach", "--no-build", "--pull", "never", "--no-deps", "--force-recreate", "--wait", node)
			assert.NotEqual(t, old, d.compose("ps", "--quiet", node))
			count := 0
			for _, l := range listeners {
				closed, _, _ := l.state()
				count += closed
			}
			sentAway = append(sentAway, count)
		}
		close(over)
		talking.Wait()
		visits()
		asked, failed := l.end()
		t.Logf("%d requests, %d failed; sockets sent away: %v", asked, len(failed), sentAway)
		assert.Empty(t, failed)
		assert.Greater(t, asked, 200)
		assert.True(t, 0 < sentAway[0] && sentAway[0] < len(listeners), "both nodes had some: %v", sentAway)
		assert.Greater(t, sentAway[1], sentAway[0])

		reaches("last")
		for _, l := range listeners {
			_, lines, faults := l.state()
			assert.Empty(t, faults)
			_, first, _ := listeners[0].state()
			assert.Equal(t, first, lines, "everybody heard the same")
			l.end()
		}
		before, _ = talk(ann)
		assert.Greater(t, len(before), 10)
	})

	step("keeps everything over a restart", func(t *testing.T) {
		d.compose("restart")
		serves(t, d.client, "https://"+d.name()+"/readyz")
		after, last := talk(bob)
		assert.Equal(t, before, after)
		assert.Equal(t, "말 last", last)
	})

	step("comes back from a backup", func(t *testing.T) {
		dump := d.compose("exec", "-T", "postgres", "pg_dump", "-U", "mealbuddy", "-Fc", "mealbuddy")
		said := d.compose("logs")
		for _, secret := range append(d.secrets, ann, bob, "goodenough-8822", "deploy.test", "말 last") {
			assert.NotContains(t, said, secret, "the logs tell")
		}
		d.compose("down", "--volumes")
		d.up()
		d.trust()
		d.ask(http.StatusUnauthorized, "/api/user/current/", ann, "")
		d.compose("stop", "app-1", "app-2")
		d.feed(strings.NewReader(dump), "exec", "-T", "postgres", "pg_restore", "-U", "mealbuddy", "-d", "mealbuddy", "--clean", "--if-exists", "--single-transaction")
		d.up()
		after, _ := talk(bob)
		assert.Equal(t, before, after)
	})

	step("serves localhost without TLS where no domain is given", func(t *testing.T) {
		d.environ = append(d.environ, "MEALBUDDY_DOMAIN=", "MEALBUDDY_PUBLIC_URL=")
		d.up()
		plain := strings.Replace("http://"+d.http, "127.0.0.1", "localhost", 1)
		serves(t, d.client, plain+"/readyz")
		page, err := ask(d.client, plain+"/", "", "")
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, page.status)
		assert.Empty(t, page.header.Get("Strict-Transport-Security"))
	})
}

// rule is an alert rule as Prometheus sees it.
type rule struct{ Name, Health, LastError string }

// watched reports whether Prometheus reads the metrics of both nodes and has tried all rules.
func (d *deployment) watched() bool {
	up := map[string]string{}
	for _, target := range prometheus[struct {
		ActiveTargets []struct {
			Labels map[string]string
			Health string
		}
	}](d, "targets").ActiveTargets {
		up[target.Labels["instance"]] = target.Health
	}
	for _, g := range prometheus[struct{ Groups []struct{ Rules []rule } }](d, "rules").Groups {
		for _, r := range g.Rules {
			if r.Health == "unknown" {
				return false
			}
		}
	}
	return maps.Equal(up, map[string]string{"app-1:6060": "up", "app-2:6060": "up"})
}

// prometheus asks the API of Prometheus.
func prometheus[T any](d *deployment, path string) T {
	d.t.Helper()
	text := d.compose("exec", "-T", "prometheus", "wget", "-q", "-O", "-", "http://127.0.0.1:9090/api/v1/"+path)
	var a struct{ Data T }
	require.NoError(d.t, json.Unmarshal([]byte(text), &a), text)
	return a.Data
}

// load requests pages and boards and changes accounts in a loop until it ends.
type load struct {
	over    chan struct{}
	workers sync.WaitGroup

	mu     sync.Mutex
	asked  int
	failed []string
}

func newLoad(d *deployment, tokens ...string) *load {
	l := &load{over: make(chan struct{})}
	every := func(pause time.Duration, want int, path, token, body string) {
		l.workers.Go(func() {
			for pace := time.NewTicker(pause); ; {
				select {
				case <-l.over:
					pace.Stop()
					return
				case <-pace.C:
				}
				a, err := ask(d.client, "https://"+d.name()+path, token, body)
				l.mu.Lock()
				l.asked++
				if err != nil || a.status != want {
					l.failed = append(l.failed, fmt.Sprintf("%s: %s: %d %v", time.Now().Format(time.TimeOnly), path, a.status, err))
				}
				l.mu.Unlock()
			}
		})
	}
	every(50*time.Millisecond, http.StatusOK, "/", "", "")
	for _, token := range tokens { // below the rate limit
		every(300*time.Millisecond, http.StatusOK, "/api/post/", token, "")
		every(1500*time.Millisecond, http.StatusOK, "/api/user/update/", token, `{"address":"제주특별자치도 제주시 용담이동"}`)
	}
	return l
}

// end stops the load and returns its outcome.
func (l *load) end() (asked int, failed []string) {
	close(l.over)
	l.workers.Wait()
	return l.asked, l.failed
}

// Without other services, the image uses SQLite in its volume.
func TestImageAlone(t *testing.T) {
	required(t)
	image := cmp.Or(os.Getenv("MEALBUDDY_IMAGE"), "mealbuddy")
	name := "mealbuddy-" + strings.ToLower(rand.Text()[:8])
	for _, volume := range []string{name, name + "-restored"} {
		docker(t, "volume", "create", volume)
		t.Cleanup(func() { docker(t, "volume", "rm", volume) })
	}
	serve := func(volume string) (id, url string) {
		id = docker(t, "run", "--detach", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--publish", "127.0.0.1::8080", "--volume", volume+":/data", image)
		t.Cleanup(func() { docker(t, "rm", "--force", "--volumes", id) })
		url = "http://" + docker(t, "port", id, "8080")
		serves(t, http.DefaultClient, url+"/readyz")
		return id, url
	}
	stop := func(id string) {
		docker(t, "stop", id)
		assert.Equal(t, "0", docker(t, "inspect", "--format", "{{.State.ExitCode}}", id))
	}

	id, url := serve(name)
	a, err := ask(http.DefaultClient, url+"/api/user/register/", "", registration("ann"))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, a.status, "%s", a.body)
	docker(t, "exec", id, "/mealbuddy", "health")
	docker(t, "exec", id, "/mealbuddy", "backup", "/data/backup.db")
	stop(id)
	docker(t, "run", "--rm", "--volume", name+":/from", "--volume", name+"-restored:/data", image, "restore", "/from/backup.db")

	for _, volume := range []string{name, name + "-restored"} {
		id, url := serve(volume)
		a, err := ask(http.DefaultClient, url+"/api/user/login/", "", `{"email":"ann@deploy.test","password":"goodenough-8822"}`)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, a.status, "%s", a.body)
		stop(id)
	}

	var size int64
	require.NoError(t, json.Unmarshal([]byte(docker(t, "image", "inspect", "--format", "{{.Size}}", image)), &size))
	assert.Less(t, size, int64(40<<20))
	t.Logf("%s has %.1f MB", image, float64(size)/1e6)
}
