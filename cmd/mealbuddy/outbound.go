package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxAnswer bounds what is read of an answer, in bytes once unpacked.
const maxAnswer = 256 << 10

// outbound makes the client by which the services of others are asked. It goes
// through the proxy that the environment names, follows no redirect, and gives
// up on one that cannot be reached; how long one may think is up to the context of
// each request, since weather takes a second and a language model twenty. Its
// errors name the URL: unwrap a *url.Error before it is logged, since a key may
// be in there.
func outbound() *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &polite{&http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    3 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			MaxConnsPerHost:        16,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        90 * time.Second,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// polite says who asks, and reads no more than maxAnswer.
type polite struct{ *http.Transport }

func (p *polite) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", "MealBuddy (+https://github.com/Group-buying-service/mealbuddy)")
	res, err := p.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &atMost{res.Body, maxAnswer}
	return res, nil
}

// atMost fails once more than left bytes have come.
type atMost struct {
	io.ReadCloser
	left int64
}

func (b *atMost) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	b.left -= int64(n)
	return n, err
}
