// Package deploy tests docker-compose.yml with real containers: the images, the proxy,
// two nodes, PostgreSQL and Redis. It needs Docker, Compose and the images that the file
// names, or others set with MEALBUDDY_*_IMAGE. It runs only if MEALBUDDY_TEST_REQUIRE
// names "deploy", as in CI.
package deploy

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is the timeout of operations.
const patience = 3 * time.Minute

func required(t *testing.T) {
	t.Helper()
	if !slices.Contains(strings.Split(os.Getenv("MEALBUDDY_TEST_REQUIRE"), ","), "deploy") {
		t.Skip(`MEALBUDDY_TEST_REQUIRE does not name "deploy"`)
	}
}

// deployment is a running docker-compose.yml with its own project name.
type deployment struct {
	t       *testing.T
	environ []string
	secrets []string // must not appear in logs
	http    string   // addresses of the proxy
	https   string
	client  *http.Client
	tls     *tls.Config
}

// deploy starts everything, with TLS certificates from the proxy's own authority. It
// removes everything at the end of the test and shows the logs if the test failed.
func deploy(t *testing.T) *deployment {
	t.Helper()
	dir := t.TempDir()
	key, word := make([]byte, 32), strings.ToLower(rand.Text())
	rand.Read(key)
	keys := base64.StdEncoding.EncodeToString(key)
	for name, secret := range map[string]string{
		"token-keys":        keys,
		"postgres-password": word,
		"grafana-password":  word,
		"database-url":      "postgres://mealbuddy:" + word + "@postgres:5432/mealbuddy",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(secret+"\n"), 0o644)) // readable by users in containers
	}
	d := &deployment{t: t, secrets: []string{keys, word}, http: freePort(t), https: freePort(t)}
	d.environ = append(os.Environ(),
		"COMPOSE_PROJECT_NAME=mealbuddy-"+strings.ToLower(rand.Text()[:8]), "MEALBUDDY_SECRETS="+dir,
		"MEALBUDDY_DOMAIN=localhost", "MEALBUDDY_HTTP="+d.http, "MEALBUDDY_HTTPS="+d.https,
		"MEALBUDDY_PUBLIC_URL=https://"+d.name())
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(d.try("ps", "-a"))
			t.Log(d.try("logs", "--timestamps", "--tail", "200"))
		}
		d.t = t
		d.compose("--profile", "monitoring", "down", "--volumes", "--timeout", "5")
	})
	d.up()
	d.trust()
	return d
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return ln.Addr().String()
}

func (d *deployment) up() {
	d.t.Helper()
	d.compose("up", "--detach", "--no-build", "--pull", "never", "--wait", "--wait-timeout", "180")
}

// trust makes d.client trust only the proxy's authority.
func (d *deployment) trust() {
	d.t.Helper()
	root := d.compose("exec", "-T", "proxy", "cat", "/var/tmp/caddy/pki/authorities/local/root.crt")
	d.tls = &tls.Config{RootCAs: x509.NewCertPool()}
	require.True(d.t, d.tls.RootCAs.AppendCertsFromPEM([]byte(root)), root)
	d.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: d.tls.Clone(), ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}
}

// nextImage builds an image of the next release: the app's files have other names.
func nextImage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "node", "../release/build.mjs", filepath.Join(dir, "mealbuddy"))
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-tags=timetzdata")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	from := "FROM " + cmp.Or(os.Getenv("MEALBUDDY_IMAGE"), "mealbuddy") + "\nCOPY mealbuddy /mealbuddy\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(from), 0o644))
	name := "mealbuddy-next-" + strings.ToLower(rand.Text()[:8])
	docker(t, "build", "--quiet", "--tag", name, dir)
	t.Cleanup(func() { docker(t, "image", "rm", name) })
	return name
}

// visit has strangers open a page in a browser until end is called, which waits until the
// app runs in all visits.
func visit(t *testing.T, url string) (end func()) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "node", "../release/visit.mjs", url)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return func() {
		t.Helper()
		require.NoError(t, stdin.Close())
		require.NoError(t, cmd.Wait(), "%s", &stderr)
		var seen struct{ Visits, Told int }
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &seen), "%s", &stdout)
		t.Logf("%d first visits, %d were told of the update", seen.Visits, seen.Told)
		require.GreaterOrEqual(t, seen.Visits, 4)
	}
}

// compose runs a command that must succeed.
func (d *deployment) compose(args ...string) string {
	d.t.Helper()
	return d.feed(nil, args...)
}

// feed is compose with input.
func (d *deployment) feed(in io.Reader, args ...string) string {
	d.t.Helper()
	out, said, err := d.run(in, args...)
	require.NoError(d.t, err, "docker compose %s: %s", strings.Join(args, " "), said)
	require.NotRegexp(d.t, "(?i)warn", said, "docker compose %s", strings.Join(args, " "))
	return out
}

// try runs a command that may fail.
func (d *deployment) try(args ...string) string {
	out, said, err := d.run(nil, args...)
	if err != nil {
		return fmt.Sprint(out, said, err)
	}
	return out
}

// run returns what a command writes to stdout and to stderr.
func (d *deployment) run(in io.Reader, args ...string) (out, said string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.t.Context()), patience+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", append([]string{"compose", "--progress", "quiet", "--file", "../../docker-compose.yml"}, args...)...)
	cmd.Env, cmd.Stdin = d.environ, in
	return output(cmd)
}

// output returns what a command writes to stdout and to stderr.
func output(cmd *exec.Cmd) (out, said string, err error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	out, said, err := output(exec.CommandContext(ctx, "docker", args...))
	require.NoError(t, err, "docker %s: %s", strings.Join(args, " "), said)
	return strings.TrimSpace(out)
}

// answer is a response with its body.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request and may be called in any goroutine. With a body, it sends a POST
// with JSON.
func ask(client *http.Client, url, token, body string) (answer, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}

// ask sends a request to the proxy and checks the status.
func (d *deployment) ask(status int, path, token, body string) answer {
	d.t.Helper()
	a, err := ask(d.client, "https://"+d.name()+path, token, body)
	require.NoError(d.t, err)
	require.Equal(d.t, status, a.status, "%s: %s", path, a.body)
	return a
}

// name is the host name of the certificate.
func (d *deployment) name() string { return strings.Replace(d.https, "127.0.0.1", "localhost", 1) }

// serves waits until a page is available.
func serves(t *testing.T, client *http.Client, url string) {
	t.Helper()
	var last any
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(200 * time.Millisecond) {
		a, err := ask(client, url, "", "")
		if err == nil && a.status == http.StatusOK {
			return
		}
		last = fmt.Sprint(a.status, err)
	}
	require.Fail(t, "it does not serve", "%s: %v", url, last)
}

func read[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

type account struct {
	Token string `json:"token"`
}

// registration is the input to register a person.
func registration(name string) string {
	return fmt.Sprintf(`{"email":"%s@deploy.test","username":%[1]q,"password":"goodenough-8822","password2":"goodenough-8822","address":"제주특별자치도 제주시 용담이동"}`, name)
}

// person registers a person.
func (d *deployment) person(name string) (token string) {
	d.t.Helper()
	a := d.ask(http.StatusCreated, "/api/user/register/", "", registration(name))
	return read[struct{ User account }](d.t, a).User.Token
}
