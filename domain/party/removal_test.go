package party_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
)

// Who is not in a hidden party meets it as if it were deleted; who is in goes on.
func TestHide(t *testing.T) {
	hidden := func(t *testing.T, p *party.Party) {
		joined(bob)(t, p)
		require.NoError(t, p.Leave(bob, evening))
		joined(cho)(t, p)
		require.NoError(t, p.Hide(evening))
	}
	told := func(k party.Kind) []party.Event {
		p := open(t, 3)
		require.NoError(t, p.Edit(ann, party.Change{}, evening))
		s := p.State()
		return []party.Event{{Kind: k, Who: ann, At: evening, Post: party.PostData{
			Event: k, Title: s.Title, Category: s.Category, Seats: 3, Seated: 1, Leader: ann,
		}}}
	}
	check(t, 3, []ruleTest{
		{"alone", nothing, nil, told(party.Hidden), 1},
		{"without a room", roomDeleted, nil, nil, 1},
		{"twice", hidden, nil, nil, 2},
		{"deleted", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.Hide(evening) })
	check(t, 3, []ruleTest{
		{"not hidden", nothing, nil, nil, 1},
		{"deleted", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.Show(evening) })
	for name, rule := range map[string]func(p *party.Party) error{
		"join again":  func(p *party.Party) error { return p.Join(bob, evening) },
		"leave again": func(p *party.Party) error { return p.Leave(bob, evening) },
		"ban":         func(p *party.Party) error { return p.Ban(bob, cho, evening) },
		"edit":        func(p *party.Party) error { return p.Edit(bob, party.Change{}, evening) },
		"delete":      func(p *party.Party) error { return p.Delete(bob, evening) },
	} {
		check(t, 3, []ruleTest{{name, hidden, party.ErrNotFound, nil, 2}}, rule)
	}
	check(t, 3, []ruleTest{{"a member edits", hidden, party.ErrNotLeader, nil, 2}}, func(p *party.Party) error { return p.Edit(cho, party.Change{}, evening) })

	p := open(t, 3)
	hidden(t, p)
	assert.True(t, p.Veiled())
	assert.NoError(t, p.Join(cho, evening))
	title := "새 제목"
	assert.NoError(t, p.Edit(ann, party.Change{Title: &title}, evening))
	require.NoError(t, p.Show(evening))
	assert.False(t, p.Veiled(), "as it was stored")
	assert.NoError(t, p.Join(bob, evening))
	require.NoError(t, p.Hide(evening))
	require.NoError(t, p.Remove(evening))
	assert.Zero(t, p.State().HiddenAt)
	assert.Equal(t, evening, p.State().RoomDeletedAt)
	assert.ErrorIs(t, p.Remove(evening), party.ErrNotFound)
	assert.ErrorIs(t, p.Show(evening), party.ErrNotFound)
}

func TestDeleteRoom(t *testing.T) {
	check(t, 2, []ruleTest{
		{"alone", nothing, nil, happened(party.RoomDeleted, ann), 1},
		{"with others", joined(bob), nil, happened(party.RoomDeleted, ann), 2},
		{"closed", closed, nil, happened(party.RoomDeleted, ann), 1},
		{"deleted already", roomDeleted, room.ErrDeleted, nil, 1},
		{"deleted with the post", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.DeleteRoom(ann, evening) })

	check(t, 2, []ruleTest{
		{"by a member", joined(bob), party.ErrNotLeader, nil, 2},
		{"by a stranger", nothing, party.ErrNotLeader, nil, 1},
		{"by a stranger, deleted already", roomDeleted, party.ErrNotLeader, nil, 1},
		{"by a stranger, deleted with the post", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.DeleteRoom(bob, evening) })
}

func TestAPartyWithoutARoomIsReadAndComplete(t *testing.T) {
	p := open(t, 2)
	want := p.State()
	require.NoError(t, p.DeleteRoom(ann, evening))
	want.Closed, want.RoomDeletedAt = true, evening
	assert.Equal(t, want, p.State())
}

func TestDelete(t *testing.T) {
	check(t, 2, []ruleTest{
		{"alone", nothing, nil, happened(party.RoomDeleted, ann), 1},
		{"with others", joined(bob), nil, happened(party.RoomDeleted, ann), 2},
		{"closed", closed, nil, happened(party.RoomDeleted, ann), 1},
		{"the room is deleted already", roomDeleted, nil, nil, 1},
		{"deleted already", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.Delete(ann, evening) })

	check(t, 2, []ruleTest{
		{"by a member", joined(bob), party.ErrNotLeader, nil, 2},
		{"by a stranger", nothing, party.ErrNotLeader, nil, 1},
		{"by a stranger, the room is deleted already", roomDeleted, party.ErrNotLeader, nil, 1},
		{"by a stranger, deleted already", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.Delete(bob, evening) })
}

func TestADeletedPartyKeepsWhenItEnded(t *testing.T) {
	t.Run("with its room", func(t *testing.T) {
		p := open(t, 2)
		want := p.State()
		require.NoError(t, p.Delete(ann, evening))
		want.Closed, want.RoomDeletedAt, want.DeletedAt = true, evening, evening
		assert.Equal(t, want, p.State())
	})
	t.Run("after its room", func(t *testing.T) {
		p := open(t, 2)
		roomDeleted(t, p)
		want := p.State()
		require.NoError(t, p.Delete(ann, evening))
		want.DeletedAt = evening
		assert.Equal(t, want, p.State())
		assert.Equal(t, noon, p.State().RoomDeletedAt)
	})
}

func TestWithdraw(t *testing.T) {
	check(t, 3, []ruleTest{
		{"a stranger", nothing, nil, nil, 1},
		{"in", joined(bob), nil, happened(party.Departed, bob), 1},
		{"in and closed", all(joined(bob), closed), nil, happened(party.Departed, bob), 1},
		{"left", all(joined(bob), left(bob)), nil, nil, 1},
		{"banned", all(joined(bob), banned(bob)), nil, nil, 1},
		{"withdrawn already", all(joined(bob), withdrawn(bob)), nil, nil, 1},
		{"no room", all(joined(bob), roomDeleted), nil, nil, 2},
		{"deleted", all(joined(bob), deleted), nil, nil, 2},
	}, func(p *party.Party) error { p.Withdraw(evening, bob); return nil })
}

func TestWithdrawKeepsTheBannedBanned(t *testing.T) {
	p := open(t, 2)
	all(joined(bob), banned(bob), withdrawn(bob))(t, p)
	assert.Equal(t, room.Banned, p.State().Members[1].Standing)
}

func TestALeaderWhoWithdrawsIsSucceededByTheEarliestMember(t *testing.T) {
	p := open(t, 4)
	all(joined(cho), joined(bob))(t, p)
	require.NoError(t, p.Leave(cho, noon))
	require.NoError(t, p.Join(cho, noon.Add(time.Minute))) // so bob joined first
	want, before := p.State(), len(p.Events())
	p.Withdraw(evening, ann)
	want.Members[0].Standing = room.Left
	want.Leader, want.Closed = bob, true
	assert.Equal(t, want, p.State())
	post := party.PostData{
		Title: want.Title, Category: want.Category, Seats: 4, Seated: 2, Complete: true, ClosedByLeader: true, Leader: bob,
	}
	closed, succeeded := post, post
	closed.Event, succeeded.Event = party.Closed, party.Succeeded
	assert.Equal(t, []party.Event{
		{Kind: party.Departed, Who: ann, At: evening},
		{Kind: party.Closed, Who: ann, At: evening, Post: closed},
		{Kind: party.Succeeded, Who: bob, At: evening, Post: succeeded},
	}, p.Events()[before:])
	assert.NoError(t, p.Edit(bob, party.Change{Closed: ptr(false)}, evening), "who leads may reopen")

	t.Run("who finds it closed leaves it so", func(t *testing.T) {
		p := open(t, 2)
		all(joined(bob), edited(party.Change{Closed: ptr(true)}), withdrawn(ann))(t, p)
		last := p.Events()
		assert.Equal(t, []party.Kind{party.Departed, party.Succeeded}, []party.Kind{last[len(last)-2].Kind, last[len(last)-1].Kind})
	})

	t.Run("and without anybody else the room ends", func(t *testing.T) {
		p := open(t, 3)
		p.Withdraw(evening, ann)
		s := p.State()
		assert.True(t, s.Closed)
		assert.Equal(t, evening, s.RoomDeletedAt)
		assert.Zero(t, s.DeletedAt, "the post stays")
		again := p.Events()
		p.Withdraw(evening.Add(time.Hour), ann)
		assert.Equal(t, s, p.State())
		assert.Equal(t, again, p.Events())
	})

	t.Run("but not one that is deleted", func(t *testing.T) {
		s := open(t, 3).State()
		s.DeletedAt = noon // like a row from before rooms ended with their post
		p := party.Restore(s)
		p.Withdraw(evening, ann)
		assert.Equal(t, s, p.State())
	})
}
