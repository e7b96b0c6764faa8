package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"time"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/kakao"
	"github.com/Group-buying-service/mealbuddy/adapter/kma"
	"github.com/Group-buying-service/mealbuddy/adapter/openai"
	"github.com/Group-buying-service/mealbuddy/adapter/pantry"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/adapter/web"
	"github.com/Group-buying-service/mealbuddy/adapter/ws"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// grace is how long requests may take to finish once a signal came.
const grace = 10 * time.Second

// serve runs the service until ctx ends, and then lets it finish cleanly.
func serve(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr) // first: it fails soonest
	if err != nil {
		return err
	}
	defer ln.Close() // the server closes it too
	store, err := sqlite.Open(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	tokens, err := newTokens(cfg, log)
	if err != nil {
		return err
	}
	passwords, err := auth.NewPasswords(cfg.cost())
	if err != nil {
		return err
	}

	app, err := web.New()
	if err != nil {
		return err
	}

	client := outbound()
	defer client.CloseIdleConnections()
	quota := inproc.NewQuota(time.Now)
	regions := usecase.NewRegions(store, places(cfg, client, quota, log), time.Now)
	menus := &usecase.Menus{
		Pantry:        pantry.Chef{Chance: mathrand.Float64},
		Places:        regions,
		Quota:         quota,
		Conversations: inproc.NewConversations(time.Now),
		Now:           time.Now,
	}
	model := chef(cfg, client, log)
	if model != nil {
		menus.Chef = model
	}
	if cfg.KMAKey != "" {
		weather := kma.New(kma.Options{
			Key: string(cfg.KMAKey), KeyParam: cfg.KMAKeyParam, URL: cfg.KMAURL, HTTP: client, Now: time.Now, Log: log,
		})
		defer weather.Close() // no request runs any more
		menus.Forecaster = weather
	}

	bus := &inproc.Bus{}
	accounts := usecase.NewAccounts(store, bus, passwords, tokens, time.Now)
	hub := ws.NewHub(func(l port.Line) any { return httpapi.ToMessageJSON(l) })
	defer hub.Close() // waits for the sockets, before the store closes
	defer bus.Subscribe(hub)()
	sockets := &ws.Handler{
		Accounts: accounts,
		Chat:     usecase.NewChat(store, bus, time.Now),
		Hub:      hub,
		Token:    httpapi.Token,
		Log:      log,
		Now:      time.Now,
	}
	api := &httpapi.API{
		Accounts: accounts,
		Parties:  usecase.NewParties(store, bus, time.Now),
		Regions:  regions,
		Menus:    menus,
		Socket:   socket(sockets),
		App:      app,
		Document: mealbuddy.OpenAPI,
		Log:      log,
		NewID:    rand.Text,
	}
	srv := &http.Server{
		Handler:           api.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	srv.RegisterOnShutdown(hub.Close)
	if model != nil {
		srv.RegisterOnShutdown(model.Close) // which may think for longer than grace
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	log.Info("serving", "addr", ln.Addr().String(), "data", cfg.Data)
	fmt.Fprintf(stdout, "밀버디 → %s\n", address(ln.Addr()))

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return errors.Join(err, srv.Close()) // what still runs has had its time
	}
	return nil
}

// newTokens takes the keys of the configuration, or the data folder's own.
func newTokens(cfg config, log *slog.Logger) (*auth.Tokens, error) {
	signing := cfg.TokenKeys
	if len(signing) == 0 {
		own, made, err := auth.OwnKey(cfg.Data)
		if err != nil {
			return nil, err
		}
		if made {
			log.Info("made a token key, kept in the data folder", "data", cfg.Data)
		}
		signing = keys{own}
	}
	return auth.NewTokens(cfg.TokenLife, time.Now, rand.Text, signing[0], signing[1:]...), nil
}

// places asks Kakao, if there is a key for it; else there is nobody to ask.
func places(cfg config, client *http.Client, quota port.Quota, log *slog.Logger) port.Places {
	if cfg.KakaoKey == "" {
		return nil
	}
	return kakao.New(kakao.Service{
		Client: client, URL: cfg.KakaoURL, Key: string(cfg.KakaoKey), Quota: quota, Now: time.Now, Log: log,
	})
}

// chef is a language model, if there is one; else the pantry has to do.
func chef(cfg config, client *http.Client, log *slog.Logger) *openai.Chef {
	switch {
	case cfg.OpenAIModel == "" && cfg.OpenAIKey == "" && cfg.OpenAIURL == "":
		return nil
	case cfg.OpenAIModel == "" || cfg.OpenAIKey == "" && cfg.OpenAIURL == "":
		log.Warn("a language model needs MEALBUDDY_OPENAI_MODEL, and MEALBUDDY_OPENAI_KEY or MEALBUDDY_OPENAI_URL; it is off")
		return nil
	}
	return openai.New(openai.Options{
		Key: string(cfg.OpenAIKey), URL: cmp.Or(cfg.OpenAIURL, openai.URL), Model: cfg.OpenAIModel, HTTP: client, Now: time.Now, Log: log,
	})
}

// socket opens sockets as the API does everything: what they refuse is a problem.
func socket(h *ws.Handler) httpapi.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h.Open(w, r)
		switch {
		case errors.Is(err, ws.ErrOrigin):
			return httpapi.ErrCrossOrigin
		case errors.Is(err, ws.ErrUpgrade):
			return httpapi.ErrUpgrade
		}
		return err
	}
}

// address says where a browser on this machine finds the service.
func address(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	host := "localhost"
	if !tcp.IP.IsUnspecified() {
		host = tcp.IP.String()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}
