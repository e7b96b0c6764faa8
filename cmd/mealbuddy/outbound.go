package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/kakao"
	"github.com/Group-buying-service/mealbuddy/adapter/kma"
	"github.com/Group-buying-service/mealbuddy/adapter/openai"
	"github.com/Group-buying-service/mealbuddy/port"
)

// maxAnswer bounds an answer, in bytes after decompression.
const maxAnswer = 256 << 10

// outbound makes the client for the services of others. It goes through the proxy of
// the environment, follows no redirect, and has timeouts for connecting; the context of
// each request bounds the rest, since weather takes a second and a language model
// twenty. Its errors name the URL: unwrap a *url.Error before you log it, since the URL
// may have a key in it.
func outbound() *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &limited{&http.Transport{
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

// limited sets the User-Agent, and bounds answers by maxAnswer.
type limited struct{ *http.Transport }

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", "MealBuddy (+https://github.com/Group-buying-service/mealbuddy)")
	res, err := l.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &atMost{res.Body, maxAnswer}
	return res, nil
}

// atMost fails after more than left bytes.
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

// places is Kakao, if there is a key for it; else nil.
func places(cfg config, client *http.Client, quota port.Quota, log *slog.Logger) port.Places {
	if cfg.KakaoKey == "" {
		return nil
	}
	return kakao.New(kakao.Service{
		Client: client, URL: cfg.KakaoURL, Key: string(cfg.KakaoKey), Quota: quota, Now: time.Now, Log: log,
	})
}

// weather is the KMA, if there is a key for it; else nil.
func weather(cfg config, client *http.Client, log *slog.Logger) *kma.Service {
	if cfg.KMAKey == "" {
		return nil
	}
	return kma.New(kma.Options{
		Key: string(cfg.KMAKey), KeyParam: cfg.KMAKeyParam, URL: cfg.KMAURL, HTTP: client, Now: time.Now, Log: log,
	})
}

// chef is a language model, if one is configured; else nil, and the pantry has to do.
func chef(cfg config, client *http.Client, log *slog.Logger) *openai.Chef {
	if cfg.OpenAIModel == "" {
		return nil
	}
	return openai.New(openai.Options{
		Key: string(cfg.OpenAIKey), URL: cmp.Or(cfg.OpenAIURL, openai.URL), Model: cfg.OpenAIModel, HTTP: client, Now: time.Now, Log: log,
	})
}
