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
	agendas "github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sentenceSets has the sentences of each aggregate that writes to room logs.
var sentenceSets = []room.Sentences{party.Sentences}

// sentences merges sentenceSets.
func sentences() room.Sentences {
	all := room.Sentences{}
	for _, s := range sentenceSets {
		maps.Copy(all, s)
	}
	return all
}

// entryKinds returns all kinds of entries, for the metrics.
func entryKinds() []room.Kind {
	return append(slices.Collect(maps.Keys(sentences())), chat.Said)
}

// closers are the functions that close what has been opened.
type closers []func() error

// add registers f to be called by close.
func (c *closers) add(f func() error) { *c = append(*c, f) }

// addFunc is add for a function that cannot fail.
func (c *closers) addFunc(f func()) { c.add(func() error { f(); return nil }) }

// close calls all functions, the last one first.
func (c closers) close() error {
	var errs []error
	for _, f := range slices.Backward(c) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// program is the running service without its HTTP server.
type program struct {
	api *httpapi.API
	// onShutdown has functions that end long-running requests, sockets and items early.
	// They run at the same time, and close calls and awaits them again, so they must be
	// idempotent.
	onShutdown []func()
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
	db, err := openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p.add(db.Close)
	if found, known := db.Schema(); found > known {
		log.Warn("a newer program has changed the schema of the database; see Versions in docs/operate.md", "schema", found, "known", known)
	}
	if a := db.Spelt(); a.People.All+a.Posts.All > 0 {
		log.Info("spelt addresses officially; mealbuddy addresses lists the people left",
			"people", a.People.All, "people_changed", a.People.Changed, "people_left", a.People.Left,
			"posts", a.Posts.All, "posts_changed", a.Posts.Changed, "posts_left", a.Posts.Left)
	}
	secret, err := newSecrets(cfg, log)
	if err != nil {
		return nil, err
	}
	meter, err := p.startMetrics(ctx, cfg, db, secret, log)
	if err != nil {
		return nil, err
	}
	shared, err := joinCluster(ctx, cfg, secret.keys, meter, log)
	if err != nil {
		return nil, err
	}
	p.add(shared.close)
	client := outbound()
	p.addFunc(client.CloseIdleConnections)

	bus := meter.Bus(shared.bus)
	limits := newLimits(cfg, shared, log)
	agenda := usecase.NewAgenda(db)
	regions := usecase.NewRegions(places(cfg, client, shared.quota, log))
	menus := p.newMenus(cfg, client, shared, regions, log)
	accounts := usecase.NewAccounts(usecase.AccountsConfig{
		Store:     db,
		Bus:       bus,
		Passwords: secret.passwords,
		Confirms:  secret.passwords.Aside(),
		Tokens:    secret.tokens,
		Social:    social(cfg, client, log),
		Quota:     limits.Cluster,
		Random:    random,
		Now:       time.Now,
		Wake:      agenda.Wake,
		Trust:     shared.trust,
	})
	p.addFunc(shared.bus.FollowPeople(accounts.Follower())) // following is not metered
	parties := usecase.NewParties(db, usecase.NewChanges(db, bus, time.Now, agenda.Wake), postLimits(cfg))
	repeats := usecase.NewOnce(db)
	chats := usecase.NewChat(db, bus, random, time.Now)
	messages := httpapi.Messages{People: httpapi.People{FullEmails: cfg.Emails == full}, Sentences: sentences()}
	edge := httpapi.Edge{Proxies: cfg.TrustedProxies, Public: string(cfg.PublicURL)}
	hub := p.startHub(chats, accounts, messages, shared, meter, log)
	db.Observe(meter.Chat(db.Waiting, hub.Waiting))
	sockets := &ws.Handler{
		Accounts: accounts,
		Chat:     chats,
		Hub:      hub,
		Token:    httpapi.Token,
		Own:      edge.Owns,
		Quota:    limits.Local,
		Count:    limits.Handshake,
		Log:      log,
		Now:      time.Now,

		NoURLToken: cfg.WSURLToken == off,
	}
	p.startClock(ctx, agenda, accounts, chats, parties, menus, repeats, usecase.NewCleanup(db), meter, log)
	p.api = httpapi.New(httpapi.Config{
		Accounts: accounts,
		Repeats:  repeats,
		Parties:  parties,
		Chat:     chats,
		Regions:  regions,
		Menus:    menus,
		Messages: messages,
		Seal:     secret.seal,
		Socket:   mapHandshakeErrors(sockets.Open),
		Personal: mapHandshakeErrors(sockets.OpenPersonal),
		App:      app,
		Shares:   usecase.NewShares(db, secret.shares),
		Shared:   sharedPage(app),
		Document: mealbuddy.OpenAPI,
		Edge:     edge,
		Limits:   limits,
		Checks:   checks(cfg, db),
		Log:      log,
		NewID:    rand.Text,
		Random:   random,
		Now:      time.Now,
		Observe:  meter.Request,
	})
	meter.Load(p.api.Load)
	return p, nil
}

// sharedPage serves pages of shared links by the app.
func sharedPage(app *web.App) httpapi.SharedPage {
	return func(w http.ResponseWriter, r *http.Request, status int, p httpapi.Preview) {
		app.ServeShared(w, r, status, web.Preview(p))
	}
}

// startMetrics makes the metrics and, if DebugAddr is set, serves them.
func (p *program) startMetrics(ctx context.Context, cfg config, db store, secret secrets, log *slog.Logger) (*metrics.Metrics, error) {
	meter := newMetrics(cfg, db, secret.passwords)
	if cfg.DebugAddr == "" {
		return meter, nil
	}
	stop, err := serveDebug(ctx, cfg, meter, log)
	if err != nil {
		return nil, err
	}
	p.addFunc(stop)
	return meter, nil
}

func newLimits(cfg config, shared cluster, log *slog.Logger) httpapi.Limits {
	if cfg.Limits == off {
		log.Warn("limits are off: anybody may do anything any number of times, and try any number of passwords")
		return httpapi.Limits{}
	}
	return httpapi.Limits{Local: inproc.NewQuota(time.Now), Cluster: shared.quota}
}

func postLimits(cfg config) party.Limits {
	if cfg.Limits == off {
		return party.Limits{}
	}
	return party.Usual
}

func (p *program) newMenus(cfg config, client *http.Client, shared cluster, regions *usecase.Regions, log *slog.Logger) *usecase.Menus {
	c := usecase.MenusConfig{
		Pantry:        pantry.Chef{Chance: mathrand.Float64},
		Places:        regions,
		Quota:         shared.quota,
		Conversations: shared.conversations,
		Now:           time.Now,
	}
	if model := chef(cfg, client, log); model != nil { // a nil *T in the interface would not be nil
		c.Chef = model
		p.onShutdown = append(p.onShutdown, model.Close) // a suggestion may take longer than grace
		p.addFunc(model.Close)
	}
	if forecaster := weather(cfg, client, log); forecaster != nil {
		c.Forecaster = forecaster
		p.addFunc(forecaster.Close)
	}
	return usecase.NewMenus(c)
}

// startHub starts the hub and subscribes it to the bus.
func (p *program) startHub(chats *usecase.Chat, accounts *usecase.Accounts, messages httpapi.Messages, shared cluster, meter *metrics.Metrics, log *slog.Logger) *ws.Hub {
	hub := ws.NewHub(ws.Config{
		Chat:     chats,
		Accounts: accounts,
		Show:     messages.Frame,
		Log:      log,
		Check:    shared.checkEvery,
		Slots:    shared.slots,
		Hints:    shared.bus,
		Meter:    meter.Sockets(),
	})
	p.addFunc(shared.bus.FollowRooms(hub)) // following is not metered
	p.addFunc(shared.bus.FollowPeople(hub))
	p.addFunc(hub.Close) // waits for the sockets, which need the bus and the store
	p.onShutdown = append(p.onShutdown, hub.Close)
	return hub
}

// startClock registers the handlers of the agenda and starts the clock, after all that
// its handlers need.
func (p *program) startClock(ctx context.Context, agenda *usecase.Agenda, accounts *usecase.Accounts, chats *usecase.Chat, parties *usecase.Parties, menus *usecase.Menus, repeats *usecase.Once, cleanup *usecase.Cleanup, meter *metrics.Metrics, log *slog.Logger) {
	agenda.Handle(usecase.Withdrawal, func(ctx context.Context, item agendas.Item) error {
		return errors.Join(accounts.AnnounceWithdrawal(ctx, item), menus.Withdraw(ctx, item), repeats.Withdraw(ctx, item), parties.Withdraw(ctx, item))
	})
	agenda.Handle(usecase.AnnounceAccount, accounts.Announce)
	agenda.Handle(usecase.AnnounceRoom, chats.Announce)
	agenda.Handle(usecase.SweepTickets, cleanup.Tickets)
	agenda.Handle(usecase.SweepSignIns, cleanup.SignIns)
	agenda.Handle(usecase.SweepAnswers, cleanup.Answers)
	if err := cleanup.Schedule(ctx); err != nil { // with a full disk, say, a node can still serve
		log.Warn("cleaning up is not scheduled; the next start tries again", "err", err)
	}
	worker := clock.Start(clock.Config{Agenda: agenda, Log: log, Meter: meter.Agenda(agenda.Kinds())})
	p.addFunc(worker.Close) // before hub.Close where close runs them; at a shutdown both run at the same time
	p.onShutdown = append(p.onShutdown, worker.Close)
}

// mapHandshakeErrors turns the errors of a WebSocket handshake into those of the API.
func mapHandshakeErrors(open httpapi.Handler) httpapi.Handler {
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
