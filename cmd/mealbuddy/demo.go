package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// demo fills the store with a neighbourhood, in one transaction: all of it is
// there afterwards, or nothing. A store that has it already stays as it is.
func demo(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) (err error) {
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	passwords, err := auth.NewPasswords(cfg.cost())
	if err != nil {
		return err
	}
	hash, err := passwords.Hash(ctx, demoPassword)
	if err != nil {
		return err
	}
	made := false
	err = store.Write(ctx, func(r port.Repos) error {
		_, err := r.Users.ByEmail(ctx, demoPeople[0].email)
		if made = errors.Is(err, user.ErrNotFound); !made {
			return err
		}
		d := demoTown{r: r, hash: hash, now: time.Now(), people: map[string]user.State{}}
		return d.fill(ctx)
	})
	if err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	words := "was there already"
	if made {
		words = "is there now"
	}
	fmt.Fprintf(stdout, "The demo neighbourhood %s: sign in as %s with %s.\n", words, demoPeople[0].email, demoPassword)
	return nil
}

// pause is the longest time between two lines of a talk.
const pause = 90 * time.Second

// demoTown writes the people, posts and talk of demo_town.go.
type demoTown struct {
	r      port.Repos
	hash   string
	now    time.Time
	people map[string]user.State // by name
}

func (d *demoTown) fill(ctx context.Context) error {
	for _, p := range demoPeople {
		person, err := user.Register(user.Registration{
			Email: string(p.email), Username: p.name, Neighborhood: p.place,
			Password: demoPassword, PasswordAgain: demoPassword,
		}, d.hash, d.now.AddDate(0, -1, 0))
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		s := person.State()
		if s.ID, err = d.r.Users.Save(ctx, person); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := d.r.Audit.Note(ctx, audit.Event{At: d.now, Kind: audit.Registered, Who: s.ID}); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		d.people[p.name] = s
	}
	for _, p := range demoPosts {
		if err := d.post(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.title, err)
		}
	}
	return nil
}

// post opens a party, lets people join, and then lets them talk.
func (d *demoTown) post(ctx context.Context, post demoPost) error {
	at := d.now.Add(-post.ago)
	leader := d.people[post.by]
	id, err := d.r.Rooms.Open(ctx, at)
	if err != nil {
		return err
	}
	p, err := party.Open(id, leader.ID, leader.Neighborhood, party.Draft{
		Title: post.title, Category: post.category, Content: post.content, Seats: post.seats,
	}, at)
	if err != nil {
		return err
	}
	step := post.ago / time.Duration(len(post.with)+len(post.talk)+2) // so that all of it lies in the past
	for _, name := range post.with {
		at = at.Add(step)
		if err := p.Join(d.people[name].ID, at); err != nil {
			return err
		}
	}
	if post.closed {
		yes := true
		if err := p.Edit(leader.ID, party.Change{Closed: &yes}, at); err != nil {
			return err
		}
	}
	if err := d.r.Parties.Save(ctx, p); err != nil {
		return err
	}
	if _, err := d.r.Log.Append(ctx, p.Entries()); err != nil {
		return err
	}
	var talk []room.Entry
	for _, said := range post.talk {
		at = at.Add(min(step, pause))
		line, err := chat.Say(id, d.people[said.by].ID, said.words, "", at)
		if err != nil {
			return err
		}
		talk = append(talk, line)
	}
	_, err = d.r.Log.Say(ctx, talk...)
	return err
}
