package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/clock"
	"github.com/Group-buying-service/mealbuddy/adapter/disk"
	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/kakao"
	"github.com/Group-buying-service/mealbuddy/adapter/kma"
	"github.com/Group-buying-service/mealbuddy/adapter/metrics"
	"github.com/Group-buying-service/mealbuddy/adapter/openai"
	"github.com/Group-buying-service/mealbuddy/adapter/pantry"
	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/redis"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/adapter/web"
	"github.com/Group-buying-service/mealbuddy/adapter/ws"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// grace is how long requests may take to finish once nobody is let in any more.
const grace = 10 * time.Second

// baseMemory is room for what a process needs besides hashing passwords: 10,000 sockets
// of 14.4 KB each, and 16 MiB for the rest.
const baseMemory = 160 << 20

// limitMemory sets the soft limit of the Go runtime, unless GOMEMLIMIT does: baseMemory,
// and a password hash for each processor. Without a limit the garbage of hashes, of
// 46 MiB each, doubles the heap. On two processors a process takes 26 MB at rest, 120 MB
// after 50 sign-ins in turn, and 212 MB at most with four at a time; 257 MB without a
// limit. A limit that is less than what is in use costs up to half the processor time,
// so more sockets need a higher GOMEMLIMIT.
func limitMemory(cfg config) {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return // GOMEMLIMIT is set
	}
	hashes := int64(runtime.GOMAXPROCS(0)) * int64(cfg.PasswordMemory) << 10
	debug.SetMemoryLimit(baseMemory + hashes)
}

// serve runs the service until ctx ends, and then lets it finish cleanly.
func serve(ctx context.Context, cfg config, _ string, stdout, stderr io.Writer) (err error) {
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	if cfg.DatabaseURL != "" && len(cfg.TokenKeys) == 0 {
		return errNoKeys
	}
	limitMemory(cfg)
	ln, err := listen(ctx, "ADDR", cfg.Addr) // first: it fails soonest
	if err != nil {
		return err
	}
	defer ln.Close() // the server closes it too
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	signing, err := signingKeys(cfg, log)
	if err != nil {
		return err
	}
	tokens := auth.NewTokens(cfg.TokenLife, time.Now, rand.Text, signing[0], signing[1:]...)
	seal, err := auth.NewSeal(signing[0], signing[1:]...)
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

	meter := newMetrics(cfg, store, passwords)
	if cfg.DebugAddr != "" {
		stop, err := serveDebug(ctx, cfg, meter, log)
		if err != nil {
			return err
		}
		defer stop()
	}
	joint := join(cfg, meter, log)
	defer func() { err = errors.Join(err, joint.end()) }()
	bus := meter.Bus(joint.bus)
	client := outbound()
	defer client.CloseIdleConnections()
	regions := usecase.NewRegions(store, places(cfg, client, joint.quota, log), time.Now)
	cooking := usecase.MenusConfig{
		Pantry:        pantry.Chef{Chance: mathrand.Float64},
		Places:        regions,
		Quota:         joint.quota,
		Conversations: joint.conversations,
		Now:           time.Now,
	}
	model := chef(cfg, client, log)
	if model != nil {
		cooking.Chef = model
	}
	if cfg.KMAKey != "" {
		weather := kma.New(kma.Options{
			Key: string(cfg.KMAKey), KeyParam: cfg.KMAKeyParam, URL: cfg.KMAURL, HTTP: client, Now: time.Now, Log: log,
		})
		defer weather.Close() // no request runs any more
		cooking.Forecaster = weather
	}
	menus := usecase.NewMenus(cooking)

	limits := httpapi.Limits{Local: inproc.NewQuota(time.Now), Cluster: joint.quota}
	if cfg.Limits == off {
		log.Warn("limits are off: anybody may do anything any number of times, and try any number of passwords")
		limits = httpapi.Limits{}
	}
	agenda := usecase.NewAgenda(store)
	accounts := usecase.NewAccounts(usecase.AccountsConfig{
		Store:     store,
		Bus:       bus,
		Passwords: passwords,
		Tokens:    tokens,
		Social:    social(cfg, client, log),
		Quota:     limits.Cluster,
		Random:    random,
		Now:       time.Now,
		Wake:      agenda.Wake,
		Trust:     joint.trust,
	})
	defer joint.bus.FollowPeople(accounts.Follower())()
	messages := httpapi.Messages{Sentences: party.Sentences}
	parties := usecase.NewParties(store, usecase.NewChanges(store, bus, time.Now, agenda.Wake))
	chat := usecase.NewChat(store, bus, random, time.Now)
	hub := ws.NewHub(ws.Config{
		Chat:     chat,
		Accounts: accounts,
		Show:     messages.Frame,
		Log:      log,
		Check:    joint.check,
		Meter:    meter.Sockets(),
	})
	store.Observe(meter.Talk(store.Waiting, hub.Waiting))
	defer joint.bus.FollowRooms(hub)()
	defer joint.bus.FollowPeople(hub)()
	defer hub.Close() // waits for the sockets, before the bus is deaf and the store closes
	agenda.Handle(usecase.Withdrawal, parties.Withdraw)
	cleanup := usecase.NewCleanup(store)
	agenda.Handle(usecase.SweepTickets, cleanup.Tickets)
	agenda.Handle(usecase.SweepSignIns, cleanup.SignIns)
	if err := cleanup.Schedule(ctx); err != nil { // with a full disk, say, a node can still serve
		log.Warn("cleaning up is not scheduled; the next start tries again", "err", err)
	}
	due := clock.Start(clock.Config{Agenda: agenda, Log: log, Meter: meter.Agenda(agenda.Kinds())})
	defer due.Close() // before that: sockets hear what it does
	edge := httpapi.Edge{Proxies: cfg.TrustedProxies, Public: string(cfg.PublicURL)}
	sockets := &ws.Handler{
		Accounts: accounts,
		Chat:     chat,
		Hub:      hub,
		Token:    httpapi.Token,
		Own:      edge.Owns,
		Quota:    limits.Local,
		Log:      log,
		Now:      time.Now,

		NoURLToken: cfg.WSURLToken == off,
	}
	api := httpapi.New(httpapi.Config{
		Accounts: accounts,
		Parties:  parties,
		Chat:     chat,
		Regions:  regions,
		Menus:    menus,
		Messages: messages,
		Seal:     seal,
		Socket:   socket(sockets.Open),
		Personal: socket(sockets.OpenPersonal),
		App:      app,
		Document: mealbuddy.OpenAPI,
		Edge:     edge,
		Limits:   limits,
		Checks:   checks(cfg, store),
		Log:      log,
		NewID:    rand.Text,
		Random:   random,
		Now:      time.Now,
		Observe:  meter.Request,
	})
	meter.Load(api.Load)
	srv := &http.Server{
		Handler:           api.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // which would answer OPTIONS * without our headers
	}
	srv.RegisterOnShutdown(hub.Close)
	srv.RegisterOnShutdown(due.Close)
	if model != nil {
		srv.RegisterOnShutdown(model.Close) // which may think for longer than grace
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	where := slog.String("data", cfg.Data)
	if cfg.DatabaseURL != "" {
		where = slog.String("data", "PostgreSQL")
	}
	log.Info("serving", "addr", ln.Addr().String(), where)
	fmt.Fprintf(stdout, "밀버디 → %s\n", address(ln.Addr()))

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	api.Drain() // so that a proxy sends requests elsewhere
	if cfg.Drain > 0 {
		log.Info("draining", "for", cfg.Drain.String())
		select {
		case err := <-served:
			return err
		case <-time.After(cfg.Drain):
		}
	}
	log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return errors.Join(err, srv.Close()) // what still runs has had its time
	}
	return nil
}

// random makes a secret. It never fails: the program ends if the system has no chance.
func random() (s signin.Secret) {
	rand.Read(s[:])
	return s
}

// A joint is what joins processes: one, or with a Redis many.
type joint struct {
	bus interface {
		port.Bus
		FollowRooms(port.RoomFollower) (cancel func())
		FollowPeople(port.PeopleFollower) (cancel func())
	}
	quota         port.Quota
	conversations port.Conversations
	check         time.Duration // between two looks at what the bus may have missed; 0 where the usual will do
	trust         time.Duration // in what is remembered of people, whose changes the bus tells
	end           func() error
}

// trust is how long a sign-in that has ended may pass for one that has not, if
// all that should have told of it is lost.
const trust = 10 * time.Second

func join(cfg config, meter *metrics.Metrics, log *slog.Logger) joint {
	alone, talks := inproc.NewQuota(time.Now), inproc.NewConversations(time.Now)
	if cfg.RedisURL.IsZero() {
		one := joint{bus: &inproc.Bus{}, quota: alone, conversations: talks, trust: trust, end: func() error { return nil }}
		if cfg.DatabaseURL != "" { // nobody tells of what other nodes store
			one.check = time.Second
			one.trust = 0
		}
		return one
	}
	client := redis.Connect(cfg.RedisURL)
	bus := redis.NewBus(client, rand.Text(), log)
	meter.Hints(func() metrics.Hints { return metrics.Hints(bus.Stats()) })
	return joint{
		bus:           bus,
		quota:         redis.NewQuota(client, alone, log),
		conversations: redis.NewConversations(client, talks, time.Now),
		trust:         trust,
		end: func() error {
			bus.Close()
			return client.Close()
		},
	}
}

// store is a port.Store as this program holds it.
type store interface {
	port.Store
	Ready(ctx context.Context) error // nil if it answers and has the schema of this program
	Migrated() []string              // the steps that opening it took to bring the schema up to date
	Observe(group func(size int))    // makes group hear how many lines are stored together
	Waiting() int                    // how many lines wait to be stored
	Close() error
}

// openStore opens PostgreSQL where there is one, and else the data folder.
func openStore(ctx context.Context, cfg config) (store, error) {
	if cfg.DatabaseURL != "" {
		return postgres.Open(ctx, cfg.DatabaseURL)
	}
	return sqlite.Open(ctx, cfg.Data)
}

// errNoKeys is about nodes that would each make a key of their own.
var errNoKeys = errors.New("nodes that share a database sign with the same keys")

// checks are what must hold for requests to come here.
func checks(cfg config, s store) []httpapi.Check {
	all := []httpapi.Check{{Name: "database", Run: s.Ready}}
	if _, local := s.(*sqlite.Store); local {
		all = append(all, httpapi.Check{Name: "disk", Run: disk.Enough(cfg.Data)})
	}
	return all
}

// listen listens on the address that a variable names.
func listen(ctx context.Context, variable, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program listens on %s already; choose another address with %s%s", addr, prefix, variable)
	}
	return ln, err
}

// signingKeys gives the keys of the configuration, or the data folder's own.
func signingKeys(cfg config, log *slog.Logger) (keys, error) {
	if len(cfg.TokenKeys) > 0 {
		return cfg.TokenKeys, nil
	}
	own, made, err := auth.OwnKey(cfg.Data)
	if err != nil {
		return nil, err
	}
	if made {
		log.Info("made a token key, kept in the data folder", "data", cfg.Data)
	}
	return keys{own}, nil
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
func socket(open httpapi.Handler) httpapi.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := open(w, r)
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
