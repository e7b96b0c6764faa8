package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"time"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
	"github.com/Group-buying-service/mealbuddy/adapter/clock"
	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/metrics"
	"github.com/Group-buying-service/mealbuddy/adapter/pantry"
	"github.com/Group-buying-service/mealbuddy/adapter/web"
	"github.com/Group-buying-service/mealbuddy/adapter/ws"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// aggregates lists what leaves entries in the logs of rooms, with the sentences for
// them. Messages and metrics both read it.
var aggregates = []room.Sentences{party.Sentences}

// sentences are those of all aggregates.
func sentences() room.Sentences {
	all := room.Sentences{}
	for _, s := range aggregates {
		maps.Copy(all, s)
	}
	return all
}

// entryKinds are all kinds of entries.
func entryKinds() []room.Kind {
	return append(slices.Collect(maps.Keys(sentences())), chat.Said)
}

// closers close what has been opened.
type closers []func() error

// add has f called by close.
func (c *closers) add(f func() error) { *c = append(*c, f) }

// do is add for what cannot fail.
func (c *closers) do(f func()) { c.add(func() error { f(); return nil }) }

// close calls all, the last one first.
func (c closers) close() error {
	var errs []error
	for _, f := range slices.Backward(c) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// program is the service, composed and running but for the server of its API.
type program struct {
	api        *httpapi.API
	onShutdown []func() // end what keeps requests and sockets open; close ends it too
	closers
}

// compose opens and starts the parts of the program, each after those that it needs.
func compose(ctx context.Context, cfg config, log *slog.Logger) (_ *program, err error) {
	p := &program{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	app, err := web.New()
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p.add(store.Close)
	secrets, err := newSecrets(cfg, log)
	if err != nil {
		return nil, err
	}
	meter, err := p.startMetrics(ctx, cfg, store, secrets, log)
	if err != nil {
		return nil, err
	}
	cluster := joinCluster(cfg, meter, log)
	p.add(cluster.close)
	client := outbound()
	p.do(client.CloseIdleConnections)

	bus := meter.Bus(cluster.bus)
	limits := newLimits(cfg, cluster, log)
	agenda := usecase.NewAgenda(store)
	regions := usecase.NewRegions(store, places(cfg, client, cluster.quota, log), time.Now)
	menus := p.newMenus(cfg, client, cluster, regions, log)
	accounts := usecase.NewAccounts(usecase.AccountsConfig{
		Store:     store,
		Bus:       bus,
		Passwords: secrets.passwords,
		Tokens:    secrets.tokens,
		Social:    social(cfg, client, log),
		Quota:     limits.Cluster,
		Random:    random,
		Now:       time.Now,
		Wake:      agenda.Wake,
		Trust:     cluster.trust,
	})
	p.do(cluster.bus.FollowPeople(accounts.Follower()))
	parties := usecase.NewParties(store, usecase.NewChanges(store, bus, time.Now, agenda.Wake))
	chat := usecase.NewChat(store, bus, random, time.Now)
	messages := httpapi.Messages{Sentences: sentences()}
	edge := httpapi.Edge{Proxies: cfg.TrustedProxies, Public: string(cfg.PublicURL)}
	hub := p.startHub(chat, accounts, messages, cluster, meter, log)
	store.Observe(meter.Talk(store.Waiting, hub.Waiting))
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
	p.startClock(ctx, agenda, parties, usecase.NewCleanup(store), meter, log)
	p.api = httpapi.New(httpapi.Config{
		Accounts: accounts,
		Parties:  parties,
		Chat:     chat,
		Regions:  regions,
		Menus:    menus,
		Messages: messages,
		Seal:     secrets.seal,
		Socket:   handshake(sockets.Open),
		Personal: handshake(sockets.OpenPersonal),
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
	meter.Load(p.api.Load)
	return p, nil
}

// startMetrics makes the metrics, and serves them if there is an address for it.
func (p *program) startMetrics(ctx context.Context, cfg config, store store, secrets secrets, log *slog.Logger) (*metrics.Metrics, error) {
	meter := newMetrics(cfg, store, secrets.passwords)
	if cfg.DebugAddr == "" {
		return meter, nil
	}
	stop, err := serveDebug(ctx, cfg, meter, log)
	if err != nil {
		return nil, err
	}
	p.do(stop)
	return meter, nil
}

func newLimits(cfg config, cluster cluster, log *slog.Logger) httpapi.Limits {
	if cfg.Limits == off {
		log.Warn("limits are off: anybody may do anything any number of times, and try any number of passwords")
		return httpapi.Limits{}
	}
	return httpapi.Limits{Local: inproc.NewQuota(time.Now), Cluster: cluster.quota}
}

func (p *program) newMenus(cfg config, client *http.Client, cluster cluster, regions *usecase.Regions, log *slog.Logger) *usecase.Menus {
	c := usecase.MenusConfig{
		Pantry:        pantry.Chef{Chance: mathrand.Float64},
		Places:        regions,
		Quota:         cluster.quota,
		Conversations: cluster.conversations,
		Now:           time.Now,
	}
	if model := chef(cfg, client, log); model != nil {
		c.Chef = model
		p.onShutdown = append(p.onShutdown, model.Close) // it may take longer than grace
		p.do(model.Close)
	}
	if forecaster := weather(cfg, client, log); forecaster != nil {
		c.Forecaster = forecaster
		p.do(forecaster.Close)
	}
	return usecase.NewMenus(c)
}

// startHub starts the hub, which hears of all that happens until it is closed.
func (p *program) startHub(chat *usecase.Chat, accounts *usecase.Accounts, messages httpapi.Messages, cluster cluster, meter *metrics.Metrics, log *slog.Logger) *ws.Hub {
	hub := ws.NewHub(ws.Config{
		Chat:     chat,
		Accounts: accounts,
		Show:     messages.Frame,
		Log:      log,
		Check:    cluster.recheck,
		Meter:    meter.Sockets(),
	})
	p.do(cluster.bus.FollowRooms(hub))
	p.do(cluster.bus.FollowPeople(hub))
	p.do(hub.Close) // waits for the sockets, which need the bus and the store
	p.onShutdown = append(p.onShutdown, hub.Close)
	return hub
}

// startClock registers the handlers of the agenda and starts the clock, after all that
// its handlers need.
func (p *program) startClock(ctx context.Context, agenda *usecase.Agenda, parties *usecase.Parties, cleanup *usecase.Cleanup, meter *metrics.Metrics, log *slog.Logger) {
	agenda.Handle(usecase.Withdrawal, parties.Withdraw)
	agenda.Handle(usecase.SweepTickets, cleanup.Tickets)
	agenda.Handle(usecase.SweepSignIns, cleanup.SignIns)
	if err := cleanup.Schedule(ctx); err != nil { // with a full disk, say, a node can still serve
		log.Warn("cleaning up is not scheduled; the next start tries again", "err", err)
	}
	clock := clock.Start(clock.Config{Agenda: agenda, Log: log, Meter: meter.Agenda(agenda.Kinds())})
	p.do(clock.Close) // before the hub: sockets hear what its handlers do
	p.onShutdown = append(p.onShutdown, clock.Close)
}

// handshake turns the errors of a WebSocket handshake into those of the API.
func handshake(open httpapi.Handler) httpapi.Handler {
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
