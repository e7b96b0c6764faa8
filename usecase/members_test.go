package usecase_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestRoom(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id := tn.open(3, ann, bob)
	require.NoError(t, tn.store.Write(t.Context(), func(r port.Repos) error {
		talk := make([]room.Entry, 259) // behind the line that bob has joined
		for i := range talk {
			talk[i] = room.Entry{Room: id, Kind: chat.Said, Who: ann, Body: fmt.Sprint(i), At: noon}
		}
		_, err := r.Log.Append(t.Context(), talk)
		return err
	}))
	tests := []struct {
		name        string
		w           usecase.Window
		first, last int64
		more        bool
	}{
		{"the newest", usecase.Window{}, 211, 260, true},
		{"a few of the newest", usecase.Window{Limit: 3}, 258, 260, true},
		{"most of the newest", usecase.Window{Limit: 200}, 61, 260, true},
		{"before", usecase.Window{Before: to(int64(211)), Limit: 10}, 201, 210, true},
		{"just all before", usecase.Window{Before: to(int64(11)), Limit: 10}, 1, 10, false},
		{"one less than all before", usecase.Window{Before: to(int64(11)), Limit: 9}, 2, 10, true},
		{"few before", usecase.Window{Before: to(int64(3))}, 1, 2, false},
		{"nothing before", usecase.Window{Before: to(int64(1))}, 0, 0, false},
		{"before all", usecase.Window{Before: to(int64(0))}, 0, 0, false},
		{"before what is to come", usecase.Window{Before: to(int64(1 << 62)), Limit: 2}, 259, 260, true},
		{"after", usecase.Window{After: to(int64(0)), Limit: 10}, 1, 10, true},
		{"after, by default", usecase.Window{After: to(int64(100))}, 101, 150, true},
		{"just all after", usecase.Window{After: to(int64(250)), Limit: 10}, 251, 260, false},
		{"one less than all after", usecase.Window{After: to(int64(250)), Limit: 9}, 251, 259, true},
		{"few after", usecase.Window{After: to(int64(258))}, 259, 260, false},
		{"nothing after", usecase.Window{After: to(int64(260))}, 0, 0, false},
		{"after what is to come", usecase.Window{After: to(int64(1 << 62))}, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			room, err := tn.parties.Room(t.Context(), bob, id, tt.w)
			require.NoError(t, err)
			var want, got []int64
			for seq := tt.first; seq <= tt.last && seq > 0; seq++ {
				want = append(want, seq)
			}
			for _, l := range room.Lines {
				got = append(got, l.Seq)
			}
			assert.Equal(t, want, got)
			assert.Equal(t, tt.more, room.More)
			assert.EqualValues(t, 260, room.LastSeq)
			assert.Equal(t, 2, room.Seated)
		})
	}

	t.Run("is for members only", func(t *testing.T) {
		require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
		for _, who := range []user.ID{bob, cho, 9999} {
			talk, err := tn.parties.Room(t.Context(), who, id, usecase.Window{})
			assert.Same(t, room.ErrNotMember, err)
			assert.Zero(t, talk)
			members, err := tn.parties.Members(t.Context(), who, id)
			assert.Same(t, room.ErrNotMember, err)
			assert.Empty(t, members)
		}
		_, err := tn.parties.Room(t.Context(), ann, 9999, usecase.Window{})
		assert.Same(t, party.ErrNotFound, err)
	})
}

func TestMembers(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id := tn.open(3, ann, bob, cho)
	require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
	tn.join(bob, id)
	members, err := tn.parties.Members(t.Context(), cho, id)
	require.NoError(t, err)
	var names []string
	for _, m := range members {
		names = append(names, m.Username)
		assert.Equal(t, m.ID == ann, m.Leads)
		assert.Equal(t, user.Email(m.Username+"@example.com"), m.Email)
	}
	assert.Equal(t, []string{"ann", "cho", "bob"}, names, "in order of the newest joining")
}

func TestReadsPassOnThatTheStoreDoesNotAnswer(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	id := tn.open(2, ann)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range map[string]func() error{
		"get":     func() error { _, err := tn.parties.Get(ctx, ann, id); return err },
		"get own": func() error { _, err := tn.parties.GetOwn(ctx, ann, id); return err },
		"list":    func() error { _, err := tn.parties.List(ctx, jongno, party.Filter{}, 1); return err },
		"room":    func() error { _, err := tn.parties.Room(ctx, ann, id, usecase.Window{}); return err },
		"members": func() error { _, err := tn.parties.Members(ctx, ann, id); return err },
		"enter":   func() error { _, err := tn.chat.Enter(ctx, ann, id); return err },
	} {
		assert.ErrorIs(t, read(), context.Canceled, name)
	}
}

// late is a store in which something happens right after a look at a post.
type late struct {
	port.Store
	happens func()
}

func (l late) Read() port.Repos {
	r := l.Store.Read()
	r.Boards = lateBoards{r.Boards, l.happens}
	return r
}

type lateBoards struct {
	port.Boards
	happens func()
}

func (b lateBoards) Post(ctx context.Context, id party.ID, who user.ID) (port.Post, error) {
	post, err := b.Boards.Post(ctx, id, who)
	b.happens()
	return post, err
}

// Who was a member when it was looked may be banned before the lines are read.
func TestNoLineIsNewerThanTheLookAtMembership(t *testing.T) {
	for name, w := range map[string]usecase.Window{
		"the newest": {}, "a few of the newest": {Limit: 1},
		"after": {After: to(int64(1))}, "a few after": {After: to(int64(1)), Limit: 1}, "before what is to come": {Before: to(int64(1 << 62))},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTown(t)
			ann, bob := tn.person("ann"), tn.person("bob")
			id := tn.open(3, ann, bob)
			tn.say(ann, id, "for all")
			sound := tn.parties
			tn.over(func(s port.Store) port.Store {
				return late{s, func() {
					require.NoError(t, sound.Ban(t.Context(), ann, id, bob))
					_, _, err := usecase.NewChat(s, tn.bus, tn.chance, tn.now).Say(t.Context(), ann, id, "not for bob", "")
					require.NoError(t, err)
				}}
			})
			room, err := tn.parties.Room(t.Context(), bob, id, w)
			require.NoError(t, err)
			assert.EqualValues(t, 2, room.LastSeq)
			require.NotEmpty(t, room.Lines)
			assert.EqualValues(t, 2, room.Lines[len(room.Lines)-1].Seq)
			assert.Equal(t, w.Limit == 1 && w.After == nil, room.More)
		})
	}
}
