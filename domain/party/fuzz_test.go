package party_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// FuzzParty reads bytes as commands and checks invariants that must hold in any order. A
// command is three bytes: the operation, the person (1 leads), and another person or a
// number of seats.
func FuzzParty(f *testing.F) {
	f.Add([]byte{0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 5, 0})                      // more people than seats
	f.Add([]byte{0, 2, 0, 2, 1, 2, 0, 2, 0, 0, 3, 0})                      // banned and back
	f.Add([]byte{0, 2, 0, 1, 2, 0, 2, 1, 2, 0, 2, 0, 2, 1, 2})             // left and banned
	f.Add([]byte{3, 1, 5, 0, 2, 0, 0, 3, 0, 0, 4, 0, 3, 1, 2, 3, 1, 4})    // seats come and go
	f.Add([]byte{4, 1, 0, 0, 2, 0, 5, 1, 0, 0, 2, 0, 8, 2, 0, 8, 1, 0})    // closed, reopened, withdrawn
	f.Add([]byte{0, 2, 0, 6, 1, 0, 5, 1, 0, 0, 3, 0, 1, 2, 0, 7, 1, 0})    // no room
	f.Add([]byte{0, 2, 0, 7, 1, 0, 0, 3, 0, 2, 1, 2, 8, 2, 0, 5, 1, 0})    // deleted
	f.Add([]byte{1, 1, 0, 2, 1, 1, 2, 2, 1, 6, 2, 0, 7, 2, 0, 3, 2, 5, 9}) // forbidden operations
	f.Fuzz(func(t *testing.T, commands []byte) {
		p := open(t, 3)
		log := history{standing: map[user.ID]room.Standing{}}
		log.follow(t, p)
		at := morning
		for ; len(commands) >= 3; commands = commands[3:] {
			at = at.Add(time.Minute)
			before := p.State()
			err := obey(p, commands[0], user.ID(commands[1]%8), int(commands[2]%12), at)
			if err != nil {
				require.NotEqual(t, fault.Internal, fault.Of(err).Kind, "%v", err)
				require.Equal(t, before, p.State(), "a refusal changed something: %v", err)
			}
			unbroken(t, before, p)
			log.follow(t, p)
			if at.Minute()%7 == 0 { // like a restarted server
				p, log.seen = party.Restore(p.State()), 0
			}
		}
		var entries []room.Entry
		for _, e := range log.events {
			if entry, ok := e.Entry(p.State().ID); ok {
				entries = append(entries, entry)
			}
		}
		assert.Equal(t, log.lines, entries)
	})
}

func obey(p *party.Party, what byte, who user.ID, n int, at time.Time) error {
	switch what % 9 {
	case 0:
		return p.Join(who, at)
	case 1:
		return p.Leave(who, at)
	case 2:
		return p.Ban(who, user.ID(n%8), at)
	case 3:
		return p.Edit(who, party.Change{Seats: &n}, at)
	case 4:
		return p.Edit(who, party.Change{Closed: ptr(true)}, at)
	case 5:
		return p.Edit(who, party.Change{Closed: ptr(false)}, at)
	case 6:
		return p.DeleteRoom(who, at)
	case 7:
		return p.Delete(who, at)
	default:
		p.Withdraw(at, who)
		return nil
	}
}

// unbroken checks the invariants that hold after every command.
func unbroken(t *testing.T, before party.State, p *party.Party) {
	t.Helper()
	s := p.State()

	require.LessOrEqual(t, p.Seated(), s.Seats, "over its seats")
	require.True(t, p.Has(s.Leader) || !s.RoomDeletedAt.IsZero(), "the leader is out")
	require.True(t, s.Leader == before.Leader || !p.Has(before.Leader) && s.Closed, "another leads")
	require.Equal(t, ann, s.Members[0].User, "who opened the party is not first")

	require.GreaterOrEqual(t, len(s.Members), len(before.Members), "a member is removed")
	seen := map[user.ID]bool{}
	for i, m := range s.Members {
		require.False(t, seen[m.User], "%d is a member twice", m.User)
		seen[m.User] = true
		require.NotEqual(t, room.Stranger, m.Standing)
		require.Equal(t, m.Standing == room.In, p.Has(m.User))
		if i >= len(before.Members) {
			require.Equal(t, room.In, m.Standing, "%d was never in", m.User)
			continue
		}
		was := before.Members[i]
		require.Equal(t, was.User, m.User, "members changed places")
		if was.Standing == room.Banned {
			require.Equal(t, room.Banned, m.Standing, "%d is back", m.User)
		}
		if was.Standing != room.In && m.Standing == room.In {
			require.True(t, m.JoinedAt.After(was.JoinedAt), "joining anew kept the old time")
		} else {
			require.Equal(t, was.JoinedAt, m.JoinedAt)
		}
	}

	if !before.RoomDeletedAt.IsZero() {
		require.Equal(t, before.RoomDeletedAt, s.RoomDeletedAt, "the room is back")
		require.Equal(t, before.Members, s.Members, "people come and go without a room")
		require.Equal(t, before.Leader, s.Leader)
	}
	if !s.RoomDeletedAt.IsZero() {
		require.True(t, s.Closed, "open without a room")
	}
	if !s.DeletedAt.IsZero() {
		require.False(t, s.RoomDeletedAt.IsZero(), "a room without its post")
	}
	if !before.DeletedAt.IsZero() {
		require.Equal(t, before, s, "a deleted party changed")
	}
}

// history is the state of a party as told by its events.
type history struct {
	seen     int // number of processed events
	events   []party.Event
	standing map[user.ID]room.Standing
	order    []user.ID // in the order of first joining
	ended    time.Time
	lines    []room.Entry // expected entries of the room's log
}

var standingAfter = map[party.Kind]room.Standing{
	party.Opened: room.In, party.Joined: room.In, party.Departed: room.Left,
	party.Expelled: room.Banned, party.Barred: room.Banned,
}

// follow checks that the events explain everybody's standing, and that the log has a
// line for each join and departure.
func (h *history) follow(t *testing.T, p *party.Party) {
	t.Helper()
	s, all := p.State(), p.Events()
	for _, e := range all[h.seen:] {
		h.tell(t, s.ID, e)
	}
	h.seen = len(all)

	require.Len(t, s.Members, len(h.order))
	for i, m := range s.Members {
		require.Equal(t, h.order[i], m.User, "events tell another order")
		require.Equal(t, h.standing[m.User], m.Standing, "events tell another standing of %d", m.User)
	}
	require.Equal(t, s.RoomDeletedAt, h.ended)
}

func (h *history) tell(t *testing.T, id party.ID, e party.Event) {
	t.Helper()
	require.Equal(t, len(h.events) == 0, e.Kind == party.Opened, "a party is opened once, and first")
	require.True(t, h.ended.IsZero(), "%s after the end", e.Kind)
	h.events = append(h.events, e)
	switch e.Kind {
	case party.Edited, party.Resized, party.Closed, party.Reopened, party.Succeeded:
		require.Equal(t, e.Kind, e.Post.Event)
		data, err := json.Marshal(e.Post)
		require.NoError(t, err)
		h.lines = append(h.lines, room.Entry{Room: id, Kind: party.EntryPost, Who: e.Who, Data: data, At: e.At})
		return
	case party.RoomDeleted:
		h.ended = e.At
		h.lines = append(h.lines, room.Entry{Room: id, Kind: party.EntryRoomDeleted, Who: e.Who, At: e.At})
		return
	}
	require.Contains(t, standingAfter, e.Kind)
	was, is := h.standing[e.Who], standingAfter[e.Kind]
	require.NotEqual(t, was, is, "%s changed nothing for %d", e.Kind, e.Who)
	if was == room.Stranger {
		h.order = append(h.order, e.Who)
	}
	h.standing[e.Who] = is
	switch {
	case e.Kind == party.Opened:
	case is == room.In:
		h.lines = append(h.lines, room.Entry{Room: id, Kind: party.EntryJoined, Who: e.Who, At: e.At})
	case was == room.In:
		left := room.Entry{Room: id, Kind: party.EntryDeparted, Who: e.Who, At: e.At}
		if is == room.Banned {
			left.Data = json.RawMessage(`{"kicked":true}`)
		}
		h.lines = append(h.lines, left)
	}
}
