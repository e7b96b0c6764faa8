package oidc

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	redirect     = "https://mealbuddy.example/api/user/social/callback/"
	clientID     = "client-1"
	clientSecret = "hunter2hunter2"
)

// A scene is a server with one provider, which is a stub.
type scene struct {
	*Social
	stub *issuer.Stub
	wire *wire
	log  *bytes.Buffer
	now  func() time.Time
}

// wire sends every request to a stub, whatever its host, and records the answers of the
// token endpoint. It opens no sockets.
type wire struct {
	to http.Handler

	mu     sync.Mutex
	tokens []string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	answer := httptest.NewRecorder()
	w.to.ServeHTTP(answer, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if strings.HasSuffix(r.URL.Path, string(issuer.Token)) {
		var told map[string]any
		_ = json.Unmarshal(answer.Body.Bytes(), &told)
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, name := range []string{"access_token", "id_token"} {
			if token, ok := told[name].(string); ok {
				w.tokens = append(w.tokens, strings.Split(token, ".")...)
			}
		}
	}
	return answer.Result(), nil
}

// stage sets up a known provider at its real address.
func stage(of func(Client) Provider, address string) *scene {
	s := &scene{stub: &issuer.Stub{URL: address, Client: clientID, Secret: clientSecret}, log: &bytes.Buffer{}, now: time.Now}
	s.stub.Now = func() time.Time { return s.now() }
	s.wire = &wire{to: s.stub}
	s.Social = New(Options{
		Providers: []Provider{of(Client{Issuer: address, ID: clientID, Secret: clientSecret})},
		HTTP:      &http.Client{Transport: s.wire},
		Secret:    oauth2.GenerateVerifier,
		Now:       func() time.Time { return s.now() },
		Log:       slog.New(slog.NewTextHandler(s.log, nil)),
	})
	return s
}

func kakao() *scene  { return stage(Kakao, KakaoIssuer) }
func google() *scene { return stage(Google, GoogleIssuer) }
func naver() *scene {
	s := stage(Naver, NaverIssuer)
	s.stub.Nested = true
	return s
}
func other() *scene {
	return stage(func(c Client) Provider { return Other("우리 회사", c) }, "https://login.example/realm")
}

// begin runs the flow up to the redirect back from the provider.
func (s *scene) begin(t *testing.T) (port.Attempt, url.Values) {
	t.Helper()
	address, a, err := s.Begin(t.Context(), s.Providers()[0].ID, redirect)
	require.NoError(t, err)
	return a, s.browse(t, address)
}

// browse opens a URL of the provider, which redirects at once.
func (s *scene) browse(t *testing.T, address string) url.Values {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	res, err := s.wire.RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusFound, res.StatusCode)
	back, err := res.Location()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(back.String(), redirect+"?"))
	return back.Query()
}

func (s *scene) signIn(t *testing.T) (port.Identity, error) {
	t.Helper()
	a, answer := s.begin(t)
	id, err := s.Finish(t.Context(), a, redirect, answer)
	s.keepsSecrets(t, a, answer, err)
	return id, err
}

// keepsSecrets checks the logs and errors.
func (s *scene) keepsSecrets(t *testing.T, a port.Attempt, answer url.Values, err error) {
	t.Helper()
	said := s.log.String()
	if err != nil {
		said += err.Error()
	}
	secrets := append([]string{a.State, a.Nonce, a.Verifier, clientSecret, "minji@example.com", "김민지"}, answer["code"]...)
	for _, secret := range append(secrets, s.wire.tokens...) {
		if len(secret) > 8 {
			assert.NotContains(t, said, secret)
			assert.NotContains(t, said, url.QueryEscape(secret))
		}
	}
}
