package ws

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// slot is what a socket counts for under the limits that all processes share.
type slot struct {
	what string // see port.Claim
	most int
	id   port.SocketID
}

// slotChanges is what the other processes do not know yet.
type slotChanges struct {
	opened, closed []*socket
	recheck        map[user.ID]struct{} // people whose sockets may have lost their slots
}

// enterSlot notes that s has opened. The caller holds mu.
func (h *Hub) enterSlot(s *socket) {
	if h.slots == nil {
		return
	}
	s.slot.id = port.SocketID(fmt.Sprintf("%016x-%08x-%s", s.opened.UnixMicro(), s.number, h.name))
	h.slotChanges.opened = append(h.slotChanges.opened, s)
	h.wakeSlots()
}

// leaveSlot notes that s has closed. The caller holds mu.
func (h *Hub) leaveSlot(s *socket) {
	if h.slots == nil {
		return
	}
	h.slotChanges.closed = append(h.slotChanges.closed, s)
	h.wakeSlots()
}

// recheckSlots has the slots of who looked at. The caller holds mu.
func (h *Hub) recheckSlots(who user.ID) {
	if h.slots == nil {
		return
	}
	h.slotChanges.recheck[who] = struct{}{}
	h.wakeSlots()
}

func (h *Hub) wakeSlots() {
	select {
	case h.slotsDue <- struct{}{}:
	default: // already due
	}
}

// claims groups sockets by person and slot.
func claims(sockets []*socket) []port.Claim {
	type group struct {
		who  user.ID
		what string
	}
	all := map[group]*port.Claim{}
	for _, s := range sockets {
		g := group{s.who(), s.slot.what}
		if all[g] == nil {
			all[g] = &port.Claim{Who: g.who, What: g.what, Most: s.slot.most}
		}
		if !slices.Contains(all[g].Sockets, s.slot.id) {
			all[g].Sockets = append(all[g].Sockets, s.slot.id)
		}
	}
	list := make([]port.Claim, 0, len(all))
	for _, c := range all {
		list = append(list, *c)
	}
	return list
}

// slotLoop claims slots for new sockets, gives back those of closed ones, and renews all
// regularly. While Redis is down, each process counts alone.
func (h *Hub) slotLoop(ctx context.Context, every time.Duration) {
	regular := time.NewTicker(every)
	defer regular.Stop()
	for {
		var all []*socket
		select {
		case <-h.slotsDue:
		case <-regular.C:
			all = h.all()
		case <-ctx.Done():
			h.shareSlots(context.WithoutCancel(ctx), nil) // the last sockets have closed
			return
		}
		h.shareSlots(ctx, all)
	}
}

// shareSlots tells the other processes what has changed, and renews the slots of all. It
// closes sockets that have lost theirs, and has other processes look for such sockets.
func (h *Hub) shareSlots(ctx context.Context, all []*socket) {
	h.mu.Lock()
	due := h.slotChanges
	h.slotChanges = slotChanges{recheck: map[user.ID]struct{}{}}
	open := slices.Concat(all, due.opened)
	for who := range due.recheck {
		open = append(open, h.people[who]...)
	}
	h.mu.Unlock()
	open = slices.DeleteFunc(open, (*socket).ended)
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	err := h.slots.Release(ctx, claims(due.closed)...)
	var displaced []port.Claim
	if err == nil {
		displaced, err = h.slots.Claim(ctx, claims(open)...)
	}
	if err != nil { // the next renewal makes up for it
		h.log.DebugContext(ctx, "sockets are counted by each process alone", "err", err)
		return
	}
	own := make(map[port.SocketID]*socket, len(open))
	for _, s := range open {
		own[s.slot.id] = s
	}
	for _, c := range displaced {
		elsewhere := false
		for _, id := range c.Sockets {
			if s := own[id]; s != nil {
				s.end(errTooMany)
			} else {
				elsewhere = true
			}
		}
		if elsewhere {
			h.hints.AccountChanged(ctx, c.Who)
		}
	}
}
