package oidc

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestEachProviderSaysWhoItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		s             *scene
		shown, scopes string
		want          port.Identity
		userinfo      int // expected number of requests
	}{
		"kakao": {kakao(), "카카오", "openid profile_nickname account_email",
			port.Identity{Provider: "kakao", Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: true}, 0},
		"google": {google(), "Google", "openid email profile",
			port.Identity{Provider: "google", Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: true}, 0},
		"naver": {naver(), "네이버", "openid profile",
			port.Identity{Provider: "naver", Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: false}, 1},
		"oidc": {other(), "우리 회사", "openid email profile",
			port.Identity{Provider: "oidc", Subject: "1001", Name: "민지", Email: "minji@example.com", EmailVerified: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := tt.s
			require.Equal(t, []port.Provider{{ID: name, Name: tt.shown}}, s.Providers())
			address, a, err := s.Begin(t.Context(), name, redirect)
			require.NoError(t, err)
			u, err := url.Parse(address)
			require.NoError(t, err)
			assert.Equal(t, s.stub.URL, "https://"+u.Host+strings.TrimSuffix(u.Path, "/authorize"))
			assert.Equal(t, url.Values{
				"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {redirect}, "scope": {tt.scopes},
				"state": {a.State}, "nonce": {a.Nonce},
				"code_challenge": {oauth2.S256ChallengeFromVerifier(a.Verifier)}, "code_challenge_method": {"S256"},
			}, u.Query())

			answer := s.browse(t, address)
			id, err := s.Finish(t.Context(), a, redirect, answer)
			require.NoError(t, err)
			assert.Equal(t, tt.want, id)
			assert.Empty(t, s.log.String())

			asked := s.stub.Asked(issuer.Token)
			require.Len(t, asked, 1)
			assert.Equal(t, url.Values{
				"grant_type": {"authorization_code"}, "code": answer["code"], "redirect_uri": {redirect},
				"client_id": {clientID}, "client_secret": {clientSecret}, "code_verifier": {a.Verifier}, "state": {a.State},
			}, asked[0].Values)
			assert.Empty(t, asked[0].Header.Get("Authorization"))
			assert.Len(t, s.stub.Asked(issuer.Userinfo), tt.userinfo)
		})
	}
}

func TestAnAttemptIsUnlikeEveryOther(t *testing.T) {
	s := kakao()
	_, a, err := s.Begin(t.Context(), "kakao", redirect)
	require.NoError(t, err)
	_, b, err := s.Begin(t.Context(), "kakao", redirect)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, secret := range []string{a.State, a.Nonce, a.Verifier, b.State, b.Nonce, b.Verifier} {
		assert.Regexp(t, `^[\w-]{43}$`, secret, "256 bits")
		assert.False(t, seen[secret])
		seen[secret] = true
	}
	kept, err := json.Marshal(a)
	require.NoError(t, err)
	var back port.Attempt
	require.NoError(t, json.Unmarshal(kept, &back))
	assert.Equal(t, a, back)
}

func TestProvidersAreListedAsTheyAreSetUp(t *testing.T) {
	c := Client{Issuer: "https://login.example", ID: clientID}
	s := New(Options{Providers: []Provider{Naver(c), Kakao(c)}, HTTP: http.DefaultClient})
	assert.Equal(t, []port.Provider{{ID: "naver", Name: "네이버"}, {ID: "kakao", Name: "카카오"}}, s.Providers())
	assert.Empty(t, New(Options{HTTP: http.DefaultClient}).Providers())
}

func TestAProviderThatIsNotSetUp(t *testing.T) {
	s := kakao()
	for _, name := range []string{"google", "", "KAKAO"} {
		_, _, err := s.Begin(t.Context(), name, redirect)
		assert.ErrorIs(t, err, social.ErrNoProvider)
		_, err = s.Finish(t.Context(), port.Attempt{Provider: name, State: "s", Nonce: "n", Verifier: "v"}, redirect, url.Values{"state": {"s"}, "code": {"c"}})
		assert.ErrorIs(t, err, social.ErrNoProvider)
	}
	assert.Empty(t, s.stub.Asked(issuer.Discovery))
}

// Attacks by a provider, or by somebody in between.
func TestAttacksAndFailures(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   func() *scene
		at   issuer.Endpoint
		f    issuer.Fault
		want *fault.Error
		told string // part of the only log line; no log line if empty
	}{
		{"the person cancels", kakao, issuer.Authorize, issuer.Cancelled, social.ErrCancelled, ""},
		{"the provider is busy", kakao, issuer.Authorize, issuer.Busy, social.ErrAway, "temporarily_unavailable"},
		{"the client may not", kakao, issuer.Authorize, issuer.Unfit, social.ErrSetup, "unauthorized_client"},
		{"an error that nobody knows", kakao, issuer.Authorize, issuer.Odd, social.ErrFailed, "the error unknown"},
		{"another state", kakao, issuer.Authorize, issuer.OtherState, social.ErrFailed, ""},
		{"no state", kakao, issuer.Authorize, issuer.NoState, social.ErrFailed, ""},
		{"a state and another one", kakao, issuer.Authorize, issuer.TwoStates, social.ErrFailed, ""},
		{"no code", kakao, issuer.Authorize, issuer.NoCode, social.ErrFailed, "no code"},
		{"a code and another one", kakao, issuer.Authorize, issuer.TwoCodes, social.ErrFailed, "no code"},
		{"an answer of another issuer", kakao, issuer.Authorize, issuer.OtherIssuer, social.ErrFailed, "another issuer"},
		{"an answer that names no issuer although it should", kakao, issuer.Authorize, issuer.Silent, social.ErrFailed, "does not name its issuer"},

		{"a nonce of another attempt", kakao, issuer.Token, issuer.OtherNonce, social.ErrFailed, "another nonce"},
		{"no nonce", kakao, issuer.Token, issuer.NoNonce, social.ErrFailed, "another nonce"},
		{"a token for another client", kakao, issuer.Token, issuer.OtherAudience, social.ErrFailed, "audience"},
		{"a token for another client as well", kakao, issuer.Token, issuer.TwoAudiences, social.ErrFailed, "another party"},
		{"a token issued to another party", kakao, issuer.Token, issuer.OtherParty, social.ErrFailed, "another party"},
		{"a token of another issuer", kakao, issuer.Token, issuer.OtherIssuer, social.ErrFailed, "different provider"},
		{"an issuer without its scheme, which is not Google", kakao, issuer.Token, issuer.NoScheme, social.ErrFailed, "different provider"},
		{"an expired token", kakao, issuer.Token, issuer.Expired, social.ErrFailed, "expired"},
		{"a token that never expires", kakao, issuer.Token, issuer.Endless, social.ErrFailed, "expired"},
		{"a token for tomorrow", kakao, issuer.Token, issuer.Early, social.ErrFailed, "nbf"},
		{"a token beside another access token", kakao, issuer.Token, issuer.OtherHash, social.ErrFailed, "another access token"},
		{"a key that nobody knows", kakao, issuer.Token, issuer.UnknownKey, social.ErrFailed, "signature does not hold"},
		{"another key by the same name", kakao, issuer.Token, issuer.WrongKey, social.ErrFailed, "signature does not hold"},
		{"claims that were changed", kakao, issuer.Token, issuer.Tampered, social.ErrFailed, "signature does not hold"},
		{"alg none", kakao, issuer.Token, issuer.Unsigned, social.ErrFailed, "not one that is signed with RS256 or ES256"},
		{"HS256 with the public key", kakao, issuer.Token, issuer.Symmetric, social.ErrFailed, "not one that is signed with RS256 or ES256"},
		{"RS512 with the right key", kakao, issuer.Token, issuer.OtherHasher, social.ErrFailed, "not one that is signed with RS256 or ES256"},
		{"no token at all", kakao, issuer.Token, issuer.Garbled, social.ErrFailed, "not one that is signed with RS256 or ES256"},
		{"nobody", kakao, issuer.Token, issuer.NoSubject, social.ErrFailed, "names nobody"},
		{"a subject that is too long", kakao, issuer.Token, issuer.LongSubject, social.ErrFailed, "names nobody"},
		{"a subject of two lines", kakao, issuer.Token, issuer.OddSubject, social.ErrFailed, "names nobody"},
		{"a number for a name", kakao, issuer.Token, issuer.Mistyped, social.ErrFailed, "makes no sense"},
		{"no id_token", kakao, issuer.Token, issuer.NoToken, social.ErrSetup, "switched on"},
		{"an empty access token", kakao, issuer.Token, issuer.NoAccess, social.ErrFailed, "makes no sense"},

		{"500 for a code", kakao, issuer.Token, issuer.Internal, social.ErrAway, "status 500"},
		{"429 for a code", kakao, issuer.Token, issuer.Throttled, social.ErrAway, "status 429, error invalid_request KOE320"},
		{"200 with an error for a code", naver, issuer.Token, issuer.Refused, social.ErrFailed, "status 200, error invalid_request"},
		{"half an answer for a code", kakao, issuer.Token, issuer.Broken, social.ErrFailed, "makes no sense"},
		{"a page for a code", kakao, issuer.Token, issuer.Page, social.ErrFailed, "makes no sense"},
		{"an answer without end for a code", kakao, issuer.Token, issuer.Huge, social.ErrFailed, "makes no sense"},
		{"a redirect for a code", kakao, issuer.Token, issuer.Elsewhere, social.ErrFailed, "status 307"},

		{"500 for the keys", kakao, issuer.Keys, issuer.Internal, social.ErrAway, "keys of the provider do not come"},
		{"half an answer for the keys", kakao, issuer.Keys, issuer.Broken, social.ErrAway, "keys of the provider do not come"},
		{"an answer without end for the keys", kakao, issuer.Keys, issuer.Huge, social.ErrAway, "keys of the provider do not come"},
		{"a redirect for the keys", kakao, issuer.Keys, issuer.Elsewhere, social.ErrAway, "keys of the provider do not come"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tt.of()
				s.stub.Fail(tt.at, tt.f)
				id, err := s.signIn(t)
				assert.ErrorIs(t, err, tt.want)
				assert.Zero(t, id)
				assert.Contains(t, s.log.String(), tt.told)
				lines := 0
				if tt.told != "" {
					lines = 1
					assert.Contains(t, s.log.String(), "level=WARN")
				}
				assert.Equal(t, lines, strings.Count(s.log.String(), "\n"), s.log.String())
				if tt.at == issuer.Authorize {
					assert.Empty(t, s.stub.Asked(issuer.Token))
				}

				synctest.Wait() // until the key set allows another request
				s.stub.Fail(tt.at, issuer.None)
				_, err = s.signIn(t)
				assert.NoError(t, err, "it is over")
			})
		})
	}
}

func TestAnAnswerIsGoodForItsAttemptAlone(t *testing.T) {
	t.Run("not twice", func(t *testing.T) {
		s := kakao()
		a, answer := s.begin(t)
		_, err := s.Finish(t.Context(), a, redirect, answer)
		require.NoError(t, err)
		_, err = s.Finish(t.Context(), a, redirect, answer)
		assert.ErrorIs(t, err, social.ErrFailed)
		assert.Contains(t, s.log.String(), "status 400, error invalid_grant KOE320")
		s.keepsSecrets(t, a, answer, err)
	})
	t.Run("not for that of another browser", func(t *testing.T) {
		s := kakao()
		_, answer := s.begin(t)
		b, _ := s.begin(t)
		_, err := s.Finish(t.Context(), b, redirect, answer)
		assert.ErrorIs(t, err, social.ErrFailed)
		assert.Empty(t, s.stub.Asked(issuer.Token))
	})
	t.Run("not with a code that was put in", func(t *testing.T) {
		s := kakao()
		_, theirs := s.begin(t)
		b, answer := s.begin(t)
		answer["code"] = theirs["code"]
		_, err := s.Finish(t.Context(), b, redirect, answer)
		assert.ErrorIs(t, err, social.ErrFailed)
		assert.Contains(t, s.log.String(), "invalid_grant", "the verifier is another")
	})
	t.Run("not with another verifier or redirect", func(t *testing.T) {
		for _, change := range []func(*port.Attempt, *string){
			func(a *port.Attempt, _ *string) { a.Verifier = oauth2.GenerateVerifier() },
			func(a *port.Attempt, _ *string) { a.Verifier = "" },
			func(_ *port.Attempt, to *string) { *to += "x" },
		} {
			s := kakao()
			a, answer := s.begin(t)
			to := redirect
			change(&a, &to)
			_, err := s.Finish(t.Context(), a, to, answer)
			assert.ErrorIs(t, err, social.ErrFailed)
		}
	})
	t.Run("not for an attempt without secrets", func(t *testing.T) {
		s := kakao()
		_, err := s.Finish(t.Context(), port.Attempt{Provider: "kakao"}, redirect, url.Values{"state": {""}, "code": {"c"}})
		assert.ErrorIs(t, err, social.ErrFailed)
		assert.Empty(t, s.stub.Asked(issuer.Token))

		a, answer := s.begin(t)
		a.Nonce = ""
		s.stub.Fail(issuer.Token, issuer.NoNonce)
		_, err = s.Finish(t.Context(), a, redirect, answer)
		assert.ErrorIs(t, err, social.ErrFailed, "none is not equal to none")
	})
	t.Run("not at another provider", func(t *testing.T) {
		s := kakao()
		there := &issuer.Stub{URL: GoogleIssuer}
		s.wire.to = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Host, "google") {
				there.ServeHTTP(w, r)
				return
			}
			s.stub.ServeHTTP(w, r)
		})
		google := Google(Client{Issuer: GoogleIssuer, ID: clientID, Secret: clientSecret})
		s.relyingParties = append(s.relyingParties, newRelyingParty(google, Options{Now: time.Now, Log: s.relyingParties[0].log}, s.relyingParties[0].http))
		a, answer := s.begin(t)
		a.Provider = "google"
		_, err := s.Finish(t.Context(), a, redirect, answer)
		assert.ErrorIs(t, err, social.ErrFailed)
		assert.Empty(t, there.Asked(issuer.Token), "it is not told the code")
	})
}

func TestGoogleMayLeaveOutTheSchemeOfItsIssuer(t *testing.T) {
	s := google()
	s.stub.Fail(issuer.Token, issuer.NoScheme)
	id, err := s.signIn(t)
	require.NoError(t, err)
	assert.Equal(t, "1001", id.Subject)
}

func TestTokensAreHeldToTheClockThatIsGiven(t *testing.T) {
	s := kakao()
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	s.now = func() time.Time { return then }
	_, err := s.signIn(t)
	require.NoError(t, err)

	a, answer := s.begin(t)
	s.stub.Now = func() time.Time { return then.Add(-7 * time.Hour) }
	_, err = s.Finish(t.Context(), a, redirect, answer)
	assert.ErrorIs(t, err, social.ErrFailed)
}

func TestAClientWithoutASecretSendsNone(t *testing.T) {
	s := kakao()
	s.stub.Secret = ""
	s.relyingParties[0].client.Secret = ""
	_, err := s.signIn(t)
	require.NoError(t, err)
	assert.False(t, s.stub.Asked(issuer.Token)[0].Values.Has("client_secret"))
}

func TestASecretThatIsWrong(t *testing.T) {
	s := kakao()
	s.relyingParties[0].client.Secret = "another-secret"
	_, err := s.signIn(t)
	assert.ErrorIs(t, err, social.ErrSetup)
	assert.Contains(t, s.log.String(), "status 401, error invalid_client")
	assert.NotContains(t, s.log.String(), "another-secret")
	assert.Len(t, s.stub.Asked(issuer.Token), 1, "no second try in another style")
}

func TestASlowProviderIsNotWaitedForLong(t *testing.T) {
	for _, tt := range []struct {
		of   func() *scene
		at   issuer.Endpoint
		want error
	}{
		{kakao, issuer.Token, social.ErrAway},
		{kakao, issuer.Keys, social.ErrAway},
		{naver, issuer.Userinfo, nil},
	} {
		t.Run(string(tt.at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tt.of()
				a, answer := s.begin(t)
				s.stub.Fail(tt.at, issuer.Slow)
				began := time.Now()
				_, err := s.Finish(t.Context(), a, redirect, answer)
				assert.ErrorIs(t, err, tt.want)
				assert.Equal(t, 3*time.Second, time.Since(began))
				assert.Len(t, s.stub.Asked(tt.at), 1)
				assert.Equal(t, 1, strings.Count(s.log.String(), "\n"))
				s.keepsSecrets(t, a, answer, err)
			})
		})
	}
}

func TestNobodyIsWarnedOfAPersonWhoGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kakao()
		a, answer := s.begin(t)
		s.stub.Fail(issuer.Token, issuer.Slow)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err := s.Finish(ctx, a, redirect, answer)
		assert.ErrorIs(t, err, social.ErrAway)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Empty(t, s.log.String())
	})
}

// The same over real sockets, with an issuer on this machine.
func TestOverHTTP(t *testing.T) {
	stub := &issuer.Stub{Client: clientID, Secret: clientSecret}
	srv := httptest.NewServer(stub)
	defer srv.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	log := &bytes.Buffer{}
	s := New(Options{
		Providers: []Provider{Kakao(Client{Issuer: srv.URL, ID: clientID, Secret: clientSecret})},
		HTTP:      &http.Client{Transport: transport},
		Secret:    oauth2.GenerateVerifier, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	address, a, err := s.Begin(t.Context(), "kakao", redirect)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"&person=1002", nil)
	require.NoError(t, err)
	res, err := transport.RoundTrip(r)
	require.NoError(t, err)
	io.Copy(io.Discard, res.Body)
	require.NoError(t, res.Body.Close())
	back, err := res.Location()
	require.NoError(t, err)
	id, err := s.Finish(t.Context(), a, redirect, back.Query())
	require.NoError(t, err)
	assert.Equal(t, port.Identity{Provider: "kakao", Subject: "1002", Name: "하늘", Email: "haneul@example.com"}, id)
	assert.Empty(t, log.String())
}

// No request is sent to the provider unless the state is correct and there is exactly
// one code.
func FuzzAnswer(f *testing.F) {
	s := kakao()
	a := port.Attempt{Provider: "kakao", State: "the-state", Nonce: "the-nonce", Verifier: "the-verifier"}
	for _, query := range []string{
		"state=the-state&code=c", "state=the-state&code=c&iss=https://kauth.kakao.com", "state=the-state&error=access_denied", "state=&code=c",
		"state=the-state&state=the-state&code=c", "code=c", "state=the-state", "state=the-state&error=", "STATE=the-state&code=c", "state[]=the-state", "%", ";",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		answer, _ := url.ParseQuery(query) // like a handler, it uses what can be parsed
		before := len(s.stub.Asked(issuer.Token))
		s.log.Reset()
		_, err := s.Finish(t.Context(), a, redirect, answer)
		require.Error(t, err, "no code is good here")
		assert.NotEqual(t, fault.Internal, fault.Of(err).Kind)
		asked := s.stub.Asked(issuer.Token)[before:]
		good := len(answer["state"]) == 1 && answer["state"][0] == a.State && len(answer["code"]) == 1 && answer["code"][0] != "" &&
			!answer.Has("error") && len(answer["iss"]) == 1 && answer["iss"][0] == KakaoIssuer
		if good {
			require.Len(t, asked, 1)
			assert.Equal(t, answer["code"], asked[0].Values["code"])
		} else {
			assert.Empty(t, asked)
		}
		if len(answer["state"]) != 1 || answer["state"][0] != a.State {
			assert.Empty(t, s.log.String())
		}
	})
}

// Every claim of the userinfo endpoint is either accepted or rejected.
func FuzzUserinfo(f *testing.F) {
	for _, body := range []string{
		`{"resultcode":"00","message":"success","response":{"id":"abc","email":"a@naver.com","nickname":"n","name":"m"}}`,
		`{"resultcode":"024","message":"Authentication failed (인증에 실패했습니다.)"}`,
		`{"sub":"1001","email":"a@b.kr","email_verified":"true"}`, `{"response":null}`, `{"response":[]}`, `{"response":{"email_verified":1}}`, `{}`, `null`, `7`, `{"sub":"1002"}`, ``,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := other()
		s.wire.to = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
		p, err := s.relyingParties[0].ask(t.Context(), &endpoints{userinfo: "https://login.example/me"}, "access", "1001")
		if err != nil {
			assert.Zero(t, p)
			return
		}
		assert.True(t, json.Valid(body))
		assert.NotEqual(t, "1002", p.Subject)
	})
}
