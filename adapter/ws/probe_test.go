package ws

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A probe is a store that counts reads and can fail or block.
type probe struct {
	port.Store
	logs, rooms, people atomic.Int64 // queries
	memberships, lists  atomic.Int64 // queries for personal sockets
	busy, most          atomic.Int64 // concurrent reads of logs: now, and the maximum
	broken              atomic.Bool
	reading             func() // called before each read of a log, unless nil
	writing             func() // called before each Write, unless nil
	listed, headed      func() // called after reading a person's rooms, or the heads of rooms, unless nil
}

var errBroken = fmt.Errorf("SELECT secret: %w", fault.New(fault.Unavailable, "unavailable", "지금은 저장할 수 없어요."))

func (p *probe) Read() port.Repos {
	r := p.Store.Read()
	r.Log, r.Heads, r.Rooms = probedMessages{r.Log, p}, probedHeads{r.Heads, p}, probedRooms{r.Rooms, p}
	return r
}

func (p *probe) Write(ctx context.Context, fn func(port.Repos) error) error {
	if p.writing != nil {
		p.writing()
	}
	return p.Store.Write(ctx, fn)
}

func (p *probe) asked(counter *atomic.Int64) error {
	counter.Add(1)
	if p.broken.Load() {
		return errBroken
	}
	return nil
}

type probedMessages struct {
	port.Log
	*probe
}

func (p probedMessages) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	busy := p.busy.Add(1)
	defer p.busy.Add(-1)
	for most := p.most.Load(); busy > most && !p.most.CompareAndSwap(most, busy); most = p.most.Load() {
	}
	if p.reading != nil {
		p.reading()
	}
	if err := p.asked(&p.logs); err != nil {
		return nil, err
	}
	return p.Log.After(ctx, id, seq, limit)
}

type probedHeads struct {
	port.Heads
	*probe
}

func (p probedHeads) Rooms(ctx context.Context, ids []party.ID) (map[party.ID]int64, error) {
	if err := p.asked(&p.probe.rooms); err != nil {
		return nil, err
	}
	if p.headed != nil {
		defer p.headed()
	}
	return p.Heads.Rooms(ctx, ids)
}

func (p probedHeads) Memberships(ctx context.Context, people []user.ID) (map[user.ID]int64, error) {
	if err := p.asked(&p.probe.memberships); err != nil {
		return nil, err
	}
	return p.Heads.Memberships(ctx, people)
}

type probedRooms struct {
	port.Rooms
	*probe
}

func (p probedRooms) Of(ctx context.Context, who user.ID, limit int) ([]room.ID, error) {
	if err := p.asked(&p.lists); err != nil {
		return nil, err
	}
	if p.listed != nil {
		defer p.listed()
	}
	return p.Rooms.Of(ctx, who, limit)
}

func (p probedHeads) SignIns(ctx context.Context, ids []signin.ID, at time.Time) (map[signin.ID]bool, error) {
	if err := p.asked(&p.probe.people); err != nil {
		return nil, err
	}
	return p.Heads.SignIns(ctx, ids, at)
}
