package party_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
)

func TestUnsaved(t *testing.T) {
	p := open(t, 3)
	post, seats := p.Unsaved()
	assert.True(t, post, "a new party")
	assert.Len(t, seats, 1)

	joined(bob)(t, p)
	p = party.Restore(p.State())
	post, seats = p.Unsaved()
	assert.False(t, post)
	assert.Empty(t, seats)

	joined(cho)(t, p)
	require.NoError(t, p.Leave(bob, evening))
	post, seats = p.Unsaved()
	assert.False(t, post)
	assert.Equal(t, []party.Seat{{1, p.State().Members[1]}, {2, p.State().Members[2]}}, seats)
	require.NoError(t, p.Edit(ann, party.Change{Content: ptr("피자 먹어요")}, evening))
	post, _ = p.Unsaved()
	assert.True(t, post)
}

func TestComplete(t *testing.T) {
	tests := []struct {
		name          string
		closed        bool
		seated, seats int
		want          bool
	}{
		{"seats are free", false, 1, 2, false},
		{"full", false, 2, 2, true},
		{"more than full, as an old row may be", false, 3, 2, true},
		{"closed", true, 1, 2, true},
		{"closed and full", true, 2, 2, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, party.Complete(tt.closed, tt.seated, tt.seats))
		})
	}
}

func TestMembersAreInTheOrderOfTheirFirstJoining(t *testing.T) {
	p := open(t, 4)
	all(joined(cho), joined(bob), left(cho), joined(dan), banned(bob))(t, p)
	require.NoError(t, p.Join(cho, evening))
	assert.Equal(t, []party.Member{
		{User: ann, Standing: room.In, JoinedAt: morning},
		{User: cho, Standing: room.In, JoinedAt: evening},
		{User: bob, Standing: room.Banned, JoinedAt: noon},
		{User: dan, Standing: room.In, JoinedAt: noon},
	}, p.State().Members)
}

func TestLeavingKeepsWhenSomebodyJoined(t *testing.T) {
	p := open(t, 3)
	joined(bob)(t, p)
	require.NoError(t, p.Leave(bob, evening))
	assert.Equal(t, party.Member{User: bob, Standing: room.Left, JoinedAt: noon}, p.State().Members[1])
	require.NoError(t, p.Ban(ann, bob, evening))
	assert.Equal(t, party.Member{User: bob, Standing: room.Banned, JoinedAt: noon}, p.State().Members[1])
}

func TestStateIsACopy(t *testing.T) {
	p := open(t, 3)
	joined(bob)(t, p)
	want := p.State()

	s := p.State()
	s.Title, s.Closed = "other", true
	s.Members[1].Standing = room.Banned
	_ = append(s.Members[:1], party.Member{User: dan})
	assert.Equal(t, want, p.State(), "what State gives")

	s = p.State()
	q := party.Restore(s)
	s.Members[0].User = dan
	assert.Equal(t, want, q.State(), "what Restore gets")

	require.NoError(t, q.Join(cho, evening))
	require.NoError(t, q.Leave(bob, evening))
	assert.Equal(t, want, p.State(), "what another party does")

	events := p.Events()
	events[0].Kind = party.Barred
	assert.Equal(t, party.Opened, p.Events()[0].Kind, "what Events gives")
}

func TestRestoreTrustsOldRowsAndHasNoEvents(t *testing.T) {
	old := party.State{
		Post:    party.Post{ID: 7, Leader: ann, Draft: party.Draft{Title: strings.Repeat("a", 99), Category: "한식", Seats: 1}},
		Members: []party.Member{{User: ann, Standing: room.In}, {User: bob, Standing: room.In}, {User: cho, Standing: room.Left}},
	}
	p := party.Restore(old)
	assert.Equal(t, old, p.State())
	assert.Empty(t, p.Events())
	assert.Equal(t, 2, p.Seated())
	assert.True(t, p.Has(bob))
	assert.False(t, p.Has(cho))
	assert.ErrorIs(t, p.Join(cho, noon), party.ErrFull)
}
