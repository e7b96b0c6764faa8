package oidc

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/port"
)

const realSecret = "the+secret/of:mealbuddy"

// build builds the provider of test/provider.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "provider")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../../test/provider", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// start starts it, and returns its issuer.
func start(t *testing.T, program string, flags ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, append(flags, "-redirect", redirect)...)
	in, err := cmd.StdinPipe() // it ends with this
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	issuer, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	t.Cleanup(func() {
		in.Close()
		assert.NoError(t, cmd.Wait())
	})
	return strings.TrimSpace(issuer)
}

var hidden = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signInAt opens an address of the provider in a browser, fills in its form, and returns
// the parameters with which it leads back.
func signInAt(t *testing.T, client *http.Client, address, who string) url.Values {
	t.Helper()
	page, err := client.Get(address)
	require.NoError(t, err)
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	id := hidden.FindSubmatch(text)
	require.NotNil(t, id, "%s", text)
	back, err := client.PostForm(page.Request.URL.String(), url.Values{"id": {string(id[1])}, "username": {who}, "password": {"verysecure"}})
	require.NoError(t, err)
	defer back.Body.Close()
	to, err := back.Location()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(to.String(), redirect+"?"), "%s", to)
	return to.Query()
}

// A provider that others wrote signs people in, however it wants to be asked.
func TestARealProvider(t *testing.T) {
	program := build(t)
	for name, tt := range map[string]struct {
		flags []string
		c     Client
		want  error
	}{
		"with Basic":                    {[]string{"-auth", "basic"}, Client{Secret: realSecret}, nil},
		"with post":                     {[]string{"-auth", "post"}, Client{Secret: realSecret}, nil},
		"with post, as it is set":       {[]string{"-auth", "post"}, Client{Secret: realSecret, Auth: Post}, nil},
		"with ES256 and a final slash":  {[]string{"-alg", "ES256", "-slash", "/"}, Client{Secret: realSecret}, nil},
		"with the wrong secret":         {nil, Client{Secret: "wrong"}, social.ErrSetup},
		"with Basic, but post is set":   {[]string{"-auth", "basic"}, Client{Secret: realSecret, Auth: Post}, social.ErrSetup},
		"without a secret, but it asks": {nil, Client{}, social.ErrSetup},
	} {
		t.Run(name, func(t *testing.T) {
			tt.c.Issuer, tt.c.ID = strings.TrimSuffix(start(t, program, tt.flags...), "/"), "mealbuddy"
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			browser := &http.Client{Transport: transport, Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
				if strings.HasPrefix(r.URL.String(), redirect) {
					return http.ErrUseLastResponse
				}
				return nil
			}}
			log := &bytes.Buffer{}
			s := New(Options{
				Providers: []Provider{Other("동네 계정", tt.c)}, HTTP: &http.Client{Transport: transport},
				Secret: oauth2.GenerateVerifier, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
			})
			wrong := ""
			for _, f := range s.Check(t.Context(), "oidc", redirect) {
				if f.Wrong {
					wrong += f.Text
				}
			}
			if tt.want == nil {
				assert.Empty(t, wrong)
			} else if tt.c.Secret != "" {
				assert.Contains(t, wrong, "refuses the client id and secret")
			}
			for who, want := range map[string]port.Identity{
				"net":  {Provider: "oidc", Subject: "net", Name: "그물 김", Email: "net@example.com", EmailVerified: true},
				"five": {Provider: "oidc", Subject: "five", Name: "다섯 오", Email: "five@example.com", EmailVerified: true},
			} {
				address, a, err := s.Begin(t.Context(), "oidc", redirect)
				require.NoError(t, err)
				answer := signInAt(t, browser, address, who)
				got, err := s.Finish(t.Context(), a, redirect, answer)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
					assert.Contains(t, log.String(), "client id and secret")
					continue
				}
				require.NoError(t, err, log.String())
				assert.Equal(t, want, got)

				_, err = s.Finish(t.Context(), a, redirect, answer)
				assert.ErrorIs(t, err, social.ErrFailed, "once")
			}
		})
	}
}
