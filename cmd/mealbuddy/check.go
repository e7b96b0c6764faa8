package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/redis"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/place"
)

// The verdicts of check.
const (
	good  = "good "
	wrong = "wrong"
	open  = "open " // cannot be told
	isOn  = "on   "
	isOff = "off  "
)

// report prints what check finds, and counts what is wrong.
type report struct {
	w     io.Writer
	wrong int
}

// add prints a line, whatever errors hold.
func (r *report) add(verdict, format string, args ...any) {
	if verdict == wrong {
		r.wrong++
	}
	fmt.Fprintf(r.w, "%s  %s\n", verdict, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
}

// setting says whether something is on, and by which variable it is set.
func (r *report) setting(on bool, name, variable string) {
	verdict := isOff
	if on {
		verdict = isOn
	}
	r.add(verdict, "%s (%s%s)", name, prefix, variable)
}

// try asks a service once, if it is on.
func (r *report) try(on bool, name, variable string, ask func() error) {
	if !on {
		r.setting(false, name, variable)
		return
	}
	if err := ask(); err != nil {
		r.add(wrong, "%s (%s%s): %v", name, prefix, variable, err)
		return
	}
	r.add(good, "%s answers", name)
}

// check says what is on, asks every service of others that is set up once, and says in
// words what is wrong. The variables are good, or it would not run.
func check(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
	r := &report{w: stdout}
	r.add(good, "the variables")
	r.setting(cfg.PublicURL != "", "an address of its own", "PUBLIC_URL")
	r.setting(len(cfg.TrustedProxies) > 0, "proxies that are listened to", "TRUSTED_PROXIES")
	r.setting(cfg.DebugAddr != "", "metrics and profiles", "DEBUG_ADDR")
	r.setting(cfg.Limits == on, "limits", "LIMITS")
	if r.database(ctx, cfg) {
		r.seats(ctx, cfg)
	}
	r.try(!cfg.RedisURL.IsZero(), "Redis", "REDIS_URL", func() error {
		client := redis.Connect(cfg.RedisURL)
		return errors.Join(client.Ping(ctx), client.Close())
	})
	client := outbound()
	defer client.CloseIdleConnections()
	r.others(ctx, cfg, client)
	r.logins(ctx, cfg, client)
	if r.wrong > 0 {
		return exit{exitFailed, fmt.Errorf("wrong: %d", r.wrong)}
	}
	return nil
}

// database tries PostgreSQL, or looks for the file of SQLite, and says whether it is as
// this program needs it. The first start makes either.
func (r *report) database(ctx context.Context, cfg config) bool {
	name := "PostgreSQL"
	if cfg.DatabaseURL == "" {
		name = "SQLite in " + cfg.Data
	}
	store, err := attach(ctx, cfg)
	switch {
	case errors.Is(err, sqlite.ErrNoStore):
		r.add(open, "%s: there is none yet, serving makes it", name)
		return false
	case err != nil:
		_, err = explain(err, cfg)
		r.add(wrong, "%s: %v", name, err)
		return false
	}
	defer store.Close() // only read
	if err := store.Ready(ctx); err != nil {
		r.add(open, "%s answers, and serving brings it up to date: %v", name, err)
		return false
	}
	r.add(good, "%s answers", name)
	return true
}

// seats says whether the database keeps as many taken seats of each post as it has members.
// That the database can't be asked is nothing wrong with the seats.
func (r *report) seats(ctx context.Context, cfg config) {
	var ids []party.ID
	var err error
	if cfg.DatabaseURL != "" {
		ids, err = postgres.Miscounted(ctx, cfg.DatabaseURL)
	} else {
		ids, err = sqlite.Miscounted(ctx, cfg.Data)
	}
	switch {
	case err != nil:
		r.add(open, "whether the seats that posts keep are those of their members: %v", err)
	case len(ids) > 0:
		r.add(wrong, "the seats that posts keep are not those of their members: %v", ids)
	default:
		r.add(good, "the seats that posts keep are those of their members")
	}
}

// cityHall is that of Seoul.
var cityHall = place.Point{Lat: 37.5665, Lon: 126.978}

// others asks the services of others for places, the weather and a menu.
func (r *report) others(ctx context.Context, cfg config, client *http.Client) {
	silent := slog.New(slog.DiscardHandler)
	kakao := places(cfg, client, inproc.NewQuota(time.Now), silent)
	r.try(kakao != nil, "Kakao Local", "KAKAO_KEY", func() error {
		_, err := kakao.Near(ctx, cityHall)
		return err
	})
	kma := weather(cfg, client, silent)
	r.try(kma != nil, "the weather of the KMA", "KMA_KEY", func() error {
		defer kma.Close()
		_, err := kma.Forecast(ctx, cityHall)
		return err
	})
	model := chef(cfg, client, silent)
	r.try(model != nil, "the language model", "OPENAI_MODEL", func() error {
		defer model.Close()
		_, err := model.Suggest(ctx, menu.Craving{At: time.Now()})
		return err
	})
}

// logins asks the providers that people sign in with whether they take this service.
func (r *report) logins(ctx context.Context, cfg config, client *http.Client) {
	for _, l := range []struct{ name, id, variable string }{
		{"Kakao", cfg.KakaoLoginID, "KAKAO_LOGIN_ID"},
		{"Naver", cfg.NaverLoginID, "NAVER_LOGIN_ID"},
		{"Google", cfg.GoogleLoginID, "GOOGLE_LOGIN_ID"},
		{"an OpenID Connect provider", cfg.OIDCID, "OIDC_ID"},
	} {
		if l.id == "" {
			r.setting(false, "signing in with "+l.name, l.variable)
		}
	}
	logins := social(cfg, client, slog.New(slog.DiscardHandler))
	for _, p := range logins.Providers() {
		path, redirect := httpapi.SocialCallback(p.ID), ""
		if cfg.PublicURL != "" {
			redirect = string(cfg.PublicURL) + path
		}
		fmt.Fprintf(r.w, "\n%s, to sign in with %s_*\n", p.Name, prefix+loginVariables(p.ID))
		for _, f := range logins.Check(ctx, p.ID, redirect) {
			verdict := good
			if f.Wrong {
				verdict = wrong
			}
			r.add(verdict, "%s", f.Text)
		}
		if redirect == "" {
			r.add(open, "whether it leads back to %s of this service: set %sPUBLIC_URL to ask that, too", path, prefix)
		}
	}
}
