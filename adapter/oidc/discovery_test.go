package oidc

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
)

func TestAProviderThatIsDownAtStart(t *testing.T) {
	for f, told := range map[issuer.Fault]string{
		issuer.Internal:    "status 500",
		issuer.Throttled:   "status 429",
		issuer.Slow:        "deadline exceeded",
		issuer.Refused:     `the issuer is \"\"`,
		issuer.Broken:      "makes no sense",
		issuer.Page:        "makes no sense",
		issuer.Huge:        "too long",
		issuer.Elsewhere:   "status 307",
		issuer.OtherIssuer: "evil.example",
		issuer.Plain:       "no token endpoint, or not by https",
	} {
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := kakao()
				s.stub.Fail(issuer.Discovery, f)
				for range 3 {
					_, _, err := s.Begin(t.Context(), "kakao", redirect)
					assert.ErrorIs(t, err, social.ErrAway)
				}
				assert.Len(t, s.stub.Asked(issuer.Discovery), 1)
				assert.Contains(t, s.log.String(), told)
				assert.Equal(t, 1, strings.Count(s.log.String(), "\n"), s.log.String())

				time.Sleep(pause - time.Nanosecond)
				_, _, err := s.Begin(t.Context(), "kakao", redirect)
				assert.ErrorIs(t, err, social.ErrAway)
				assert.Len(t, s.stub.Asked(issuer.Discovery), 1, "it is left alone for a while")

				time.Sleep(time.Nanosecond)
				_, _, err = s.Begin(t.Context(), "kakao", redirect)
				assert.ErrorIs(t, err, social.ErrAway)
				assert.Len(t, s.stub.Asked(issuer.Discovery), 2)

				s.stub.Fail(issuer.Discovery, issuer.None)
				time.Sleep(pause)
				for range 3 {
					_, err = s.signIn(t)
					require.NoError(t, err)
				}
				assert.Len(t, s.stub.Asked(issuer.Discovery), 3, "it is asked no more once it has answered")
			})
		})
	}
}

// A restarted server discovers again.
func TestAProviderThatIsDownAtTheEnd(t *testing.T) {
	s := kakao()
	a, answer := s.begin(t)
	cancelled, _ := s.begin(t)
	s.relyingParties[0].known = nil
	s.stub.Fail(issuer.Discovery, issuer.Internal)
	_, err := s.Finish(t.Context(), a, redirect, answer)
	assert.ErrorIs(t, err, social.ErrAway)
	assert.Empty(t, s.stub.Asked(issuer.Token))
	_, err = s.Finish(t.Context(), cancelled, redirect, map[string][]string{"state": {cancelled.State}, "error": {"access_denied"}})
	assert.ErrorIs(t, err, social.ErrCancelled, "which needs nobody to be known")
}

func TestManyWhoWaitShareOneQuestion(t *testing.T) {
	for name, f := range map[string]issuer.Fault{"that is answered": issuer.None, "that is not": issuer.Slow} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := kakao()
				s.stub.Fail(issuer.Discovery, f)
				began := time.Now()
				var crowd sync.WaitGroup
				var refused atomic.Int32
				for range 20 {
					crowd.Go(func() {
						if _, _, err := s.Begin(t.Context(), "kakao", redirect); err != nil {
							assert.ErrorIs(t, err, social.ErrAway)
							refused.Add(1)
						}
					})
				}
				crowd.Wait()
				assert.Len(t, s.stub.Asked(issuer.Discovery), 1)
				if f == issuer.None {
					assert.Zero(t, refused.Load())
				} else {
					assert.EqualValues(t, 20, refused.Load())
					assert.Equal(t, 3*time.Second, time.Since(began))
				}
			})
		})
	}
}

func TestWhoGoesSpoilsNothingForThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kakao()
		s.wire.to = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(2 * time.Second)
			s.stub.ServeHTTP(w, r)
		})
		begin := func(ctx context.Context) chan error {
			done := make(chan error, 1)
			go func() {
				_, _, err := s.Begin(ctx, "kakao", redirect)
				done <- err
			}()
			synctest.Wait()
			return done
		}
		going, cancel := context.WithCancel(t.Context())
		asks, gives, waits := begin(going), begin(going), begin(t.Context())
		began := time.Now()
		time.Sleep(time.Second)
		cancel()
		assert.ErrorIs(t, <-gives, social.ErrAway)
		assert.Equal(t, time.Second, time.Since(began), "who waits for the answer to another may go")
		assert.NoError(t, <-asks)
		assert.NoError(t, <-waits)
		assert.Len(t, s.stub.Asked(issuer.Discovery), 1)
		assert.Empty(t, s.log.String())
	})
}

// RS256 is required, whatever discovery offers.
func TestWeakAlgorithmsArePromisedInVain(t *testing.T) {
	for _, f := range []issuer.Fault{issuer.Unsigned, issuer.Symmetric, issuer.OtherHasher} {
		s := kakao()
		s.stub.Fail(issuer.Discovery, issuer.Weak)
		_, _, err := s.Begin(t.Context(), "kakao", redirect)
		require.NoError(t, err)
		s.stub.Fail(issuer.Token, f)
		_, err = s.signIn(t)
		assert.ErrorIs(t, err, social.ErrFailed, f)
	}
}

func TestAnIssuerThatDoesNotPromiseToNameItself(t *testing.T) {
	s := kakao()
	s.stub.Fail(issuer.Discovery, issuer.Silent)
	_, _, err := s.Begin(t.Context(), "kakao", redirect)
	require.NoError(t, err)
	s.stub.Fail(issuer.Authorize, issuer.Silent)
	_, err = s.signIn(t)
	require.NoError(t, err, "need not")
	s.stub.Fail(issuer.Authorize, issuer.OtherIssuer)
	_, err = s.signIn(t)
	assert.ErrorIs(t, err, social.ErrFailed, "and is not another when it does")
}

func TestCheckIssuer(t *testing.T) {
	for _, good := range []string{
		KakaoIssuer, GoogleIssuer, NaverIssuer, "https://login.example/realm/", "https://login.example:8443",
		"http://127.0.0.1:1234", "http://[::1]:1234", "http://localhost:1234/a", "http://127.8.0.1",
	} {
		assert.NoError(t, CheckIssuer(good), good)
	}
	for _, bad := range []string{
		"", "login.example", "http://login.example", "http://localhost.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://0.0.0.0",
		"https://", "https:///a", "ftp://login.example", "file:///etc/passwd", "https://me:pass@login.example", "https://login.example?a=b",
		"https://login.example?", "https://login.example#a", "https://login example", "//login.example", "http://me@127.0.0.1",
	} {
		assert.Error(t, CheckIssuer(bad), bad)
	}
}

func TestEndpointsAreTrustedOnlyAsFarAsTheirIssuer(t *testing.T) {
	assert.True(t, trusted("https://a.example", "https://b.example/token"))
	assert.True(t, trusted("http://127.0.0.1:1", "http://localhost:2/token"))
	assert.False(t, trusted("https://a.example", "http://127.0.0.1/token"), "which would be ours")
	assert.False(t, trusted("https://a.example", "http://b.example/token"))
	assert.False(t, trusted("http://127.0.0.1:1", "http://b.example/token"))
	assert.False(t, trusted("https://a.example", ""))
	assert.False(t, trusted("https://a.example", "/token"))
}
