package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func to[T any](v T) *T { return &v }

func TestOpen(t *testing.T) {
	t.Run("writes a post in one's own neighbourhood", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.personIn("ann", jeju)
		d := draft(8)
		d.Title, d.Category = "  치킨  같이 ", "페스트푸드"
		post, err := tn.parties.Open(t.Context(), ann, d)
		require.NoError(t, err)
		fresh, err := tn.parties.Get(t.Context(), ann, post.ID)
		require.NoError(t, err)
		assert.Equal(t, fresh, post)
		assert.Equal(t, port.Person{ID: ann, Username: "ann", Email: "ann@example.com"}, post.Leader)
		assert.Equal(t, user.Neighborhood(jeju), post.Neighborhood)
		assert.Equal(t, party.Draft{Title: "치킨 같이", Category: "패스트푸드", Content: "같이 먹어요", Seats: 8}, post.Draft)
		assert.Equal(t, 1, post.Seated)
		assert.Equal(t, room.In, post.Standing)
		assert.Empty(t, tn.told(), "nobody is in the room yet")
		assert.Empty(t, tn.log(post.ID))
	})

	t.Run("refuses every bad field at once, and uses up no id", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		_, err := tn.parties.Open(t.Context(), ann, party.Draft{})
		assert.Equal(t, []string{"category", "content", "seats", "title"}, fields(t, err))
		assert.EqualValues(t, 1, tn.open(2, ann))
		_, err = tn.parties.Open(t.Context(), ann, draft(11))
		assert.Equal(t, []string{"seats"}, fields(t, err))
		assert.EqualValues(t, 2, tn.open(2, ann))
	})
}

func TestEditPost(t *testing.T) {
	t.Run("gives the post as it is then", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(4, ann, bob)
		tn.say(bob, id, "hello")
		tn.told()
		for _, tt := range []struct {
			name string
			c    party.Change
			told []string
		}{
			{"nothing", party.Change{}, nil},
			{"title", party.Change{Title: to("피자")}, []string{"1/3 ann post"}},
			{"category", party.Change{Category: to("피자")}, []string{"1/4 ann post"}},
			{"content", party.Change{Content: to("둘이서")}, []string{"1/5 ann post"}},
			{"seats", party.Change{Seats: to(2)}, []string{"1/6 ann post"}},
			{"closed", party.Change{Closed: to(true)}, []string{"1/7 ann post"}},
			{"reopened", party.Change{Closed: to(false), Seats: to(10)}, []string{"1/8 ann post", "1/9 ann post"}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				post, err := tn.parties.Edit(t.Context(), ann, id, tt.c)
				require.NoError(t, err)
				fresh, err := tn.parties.Get(t.Context(), ann, id)
				require.NoError(t, err)
				fresh.LastSeq = 0 // no post shows it
				assert.Equal(t, fresh, post)
				assert.Equal(t, tt.told, tn.told())
			})
		}
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, id))
		post, err := tn.parties.Edit(t.Context(), ann, id, party.Change{Title: to("다 먹었어요")})
		require.NoError(t, err)
		assert.True(t, post.RoomDeleted)
		assert.True(t, post.Closed)
	})

	t.Run("changes nothing that it refuses", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
		id := tn.open(4, ann, bob, cho)
		ended := tn.open(4, ann)
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
		deleted := tn.open(4, ann)
		require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
		before := tn.state(id)
		tn.told()

		_, err := tn.parties.Edit(t.Context(), bob, id, party.Change{Title: to("피자")})
		assert.Same(t, party.ErrNotLeader, err)
		_, err = tn.parties.Edit(t.Context(), ann, id, party.Change{Title: to(""), Seats: to(2)})
		assert.Equal(t, []string{"seats", "title"}, fields(t, err))
		_, err = tn.parties.Edit(t.Context(), ann, 9999, party.Change{})
		assert.Same(t, party.ErrNotFound, err)
		_, err = tn.parties.Edit(t.Context(), ann, deleted, party.Change{})
		assert.Same(t, party.ErrNotFound, err)
		_, err = tn.parties.Edit(t.Context(), ann, ended, party.Change{Closed: to(false)})
		assert.Same(t, room.ErrDeleted, err)
		assert.Equal(t, before, tn.state(id))
		assert.Empty(t, tn.told())
	})
}

func TestGet(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.personIn("cho", jeju)
	id := tn.open(2, ann, bob)
	deleted := tn.open(2, ann)
	require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))

	for who, standing := range map[user.ID]room.Standing{ann: room.In, bob: room.In, cho: room.Stranger} {
		post, err := tn.parties.Get(t.Context(), who, id)
		require.NoError(t, err, "of any neighbourhood")
		assert.Equal(t, standing, post.Standing)
		assert.Equal(t, 2, post.Seated)
	}
	for _, gone := range []party.ID{deleted, 9999, 0, -1} {
		_, err := tn.parties.Get(t.Context(), ann, gone)
		assert.Same(t, party.ErrNotFound, err)
		_, err = tn.parties.GetOwn(t.Context(), ann, gone)
		assert.Same(t, party.ErrNotFound, err)
	}

	own, err := tn.parties.GetOwn(t.Context(), ann, id)
	require.NoError(t, err)
	assert.Equal(t, "치킨", own.Title)
	other, err := tn.parties.GetOwn(t.Context(), bob, id)
	assert.Same(t, party.ErrNotLeader, err)
	assert.Zero(t, other)
}

func TestList(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.personIn("bob", jeju)
	empty, err := tn.parties.List(t.Context(), jongno, party.Filter{}, 5)
	require.NoError(t, err)
	assert.Empty(t, empty.Posts)
	assert.Equal(t, party.Paginate(0, 1), empty.Paginator)

	var ids []party.ID
	for range 12 {
		ids = append(ids, tn.open(2, ann))
	}
	pizza := draft(2)
	pizza.Category = "피자"
	post, err := tn.parties.Open(t.Context(), ann, pizza)
	require.NoError(t, err)
	elsewhere := tn.open(2, bob)
	require.NoError(t, tn.parties.Delete(t.Context(), ann, ids[0]))
	newest := append([]party.ID{post.ID}, reversed(ids[1:])...)

	tests := []struct {
		name  string
		where user.Neighborhood
		of    party.Category
		page  int
		want  []party.ID
		at    int
	}{
		{"the first page", jongno, "", 1, newest[:10], 1},
		{"the second page", jongno, "", 2, newest[10:], 2},
		{"beyond the last", jongno, "", 1 << 62, newest[10:], 2},
		{"before the first", jongno, "", -3, newest[:10], 1},
		{"one category", jongno, "피자", 1, newest[:1], 1},
		{"a category nobody wants", jongno, "중식", 1, nil, 1},
		{"another neighbourhood", jeju, "", 1, []party.ID{elsewhere}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			board, err := tn.parties.List(t.Context(), tt.where, party.Filter{Category: tt.of}, tt.page)
			require.NoError(t, err)
			var got []party.ID
			for _, p := range board.Posts {
				got = append(got, p.ID)
				assert.Equal(t, tt.where, p.Neighborhood)
			}
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.at, board.Current)
		})
	}
}

// A board has the navigation of before, when all of its posts were counted.
func TestListIsAsIfAllWereCounted(t *testing.T) {
	tn := newTown(t)
	ann := tn.person("ann")
	var ids []party.ID
	for n := range 231 {
		if n%15 == 0 || n > 205 {
			for _, page := range []int{-1, 1, 2, 5, 6, 7, 10, 11, 12, 13, 20, 21, 22, 23, 24, 200} {
				want := party.Paginate(len(ids), page)
				skip := (want.Current - 1) * party.PageSize
				board, err := tn.parties.List(t.Context(), jongno, party.Filter{}, page)
				require.NoError(t, err)
				require.Equal(t, want, board.Paginator, "page %d of %d posts", page, len(ids))
				var got []party.ID
				for _, p := range board.Posts {
					got = append(got, p.ID)
				}
				require.Equal(t, slices.Concat(nil, reversed(ids)[skip:min(skip+party.PageSize, len(ids))]), got, "page %d of %d posts", page, len(ids))
			}
		}
		ids = append(ids, tn.open(2, ann))
	}
}

func reversed(ids []party.ID) []party.ID {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

// hasty is a store where something happens right after each Write.
type hasty struct {
	port.Store
	then func()
}

func (h hasty) Write(ctx context.Context, fn func(port.Repos) error) error {
	defer h.then()
	return h.Store.Write(ctx, fn)
}

func TestJoin(t *testing.T) {
	t.Run("gives the room as it is then, and tells it", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
		id := tn.open(3, ann, bob)
		tn.say(bob, id, "hello")
		tn.told()
		room, joined, err := tn.parties.Join(t.Context(), cho, id)
		require.NoError(t, err)
		assert.True(t, joined)
		fresh, err := tn.parties.Room(t.Context(), cho, id, usecase.Window{})
		require.NoError(t, err)
		assert.Equal(t, fresh, room)
		assert.EqualValues(t, 3, room.LastSeq)
		assert.Equal(t, 3, room.Seated)
		assert.Len(t, room.Lines, 3, "the talk before, too")
		assert.Equal(t, []string{"1/3 cho joined"}, tn.told())
	})

	t.Run("is done, even if the leader bans the new member at once", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(2, ann)
		leader := tn.parties
		tn.over(func(s port.Store) port.Store {
			return hasty{s, func() { require.NoError(t, leader.Ban(t.Context(), ann, id, bob)) }}
		})
		room, joined, err := tn.parties.Join(t.Context(), bob, id)
		require.NoError(t, err)
		assert.True(t, joined)
		assert.Equal(t, 2, room.Seated)
		assert.EqualValues(t, 1, room.LastSeq)
		assert.Len(t, room.Lines, 1, "the ban is not for the banned to read")
		assert.Equal(t, []string{"1 bob joined", "2 bob departed"}, tn.log(id))
	})

	t.Run("twice changes nothing", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(2, ann, bob)
		before := tn.state(id)
		for _, who := range []user.ID{ann, bob} {
			room, joined, err := tn.parties.Join(t.Context(), who, id)
			require.NoError(t, err, "even where all seats are taken")
			assert.False(t, joined)
			assert.Equal(t, 2, room.Seated)
		}
		assert.Equal(t, before, tn.state(id))
		assert.Empty(t, tn.told())
		assert.Equal(t, []string{"1 bob joined"}, tn.log(id))
	})

	t.Run("again after leaving is new", func(t *testing.T) {
		tn := newTown(t)
		ann, bob := tn.person("ann"), tn.person("bob")
		id := tn.open(2, ann, bob)
		require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
		_, joined, err := tn.parties.Join(t.Context(), bob, id)
		require.NoError(t, err)
		assert.True(t, joined)
		assert.Equal(t, []string{"1/2 bob departed", "1/3 bob joined"}, tn.told())
	})

	t.Run("is refused", func(t *testing.T) {
		tn := newTown(t)
		ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
		full := tn.open(2, ann, bob)
		closed := tn.open(4, ann)
		_, err := tn.parties.Edit(t.Context(), ann, closed, party.Change{Closed: to(true)})
		require.NoError(t, err)
		banned := tn.open(4, ann, cho)
		require.NoError(t, tn.parties.Ban(t.Context(), ann, banned, cho))
		ended := tn.open(4, ann)
		require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
		deleted := tn.open(4, ann)
		require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
		tn.told()
		for id, want := range map[party.ID]error{
			full: party.ErrFull, closed: party.ErrClosed, banned: party.ErrBanned,
			ended: room.ErrDeleted, deleted: party.ErrNotFound, 9999: party.ErrNotFound,
		} {
			room, joined, err := tn.parties.Join(t.Context(), cho, id)
			assert.Same(t, want, err)
			assert.False(t, joined)
			assert.Zero(t, room)
		}
		assert.Empty(t, tn.told())
		assert.Equal(t, 2, tn.state(full).Seats)
	})

	t.Run("is not for more than there are seats, however many want in at once", func(t *testing.T) {
		tn := newTown(t)
		ann := tn.person("ann")
		id := tn.open(5, ann)
		var all sync.WaitGroup
		outcomes := make(chan error, 20)
		for i := range cap(outcomes) {
			who := tn.person(fmt.Sprint("neighbour", i))
			all.Go(func() {
				_, joined, err := tn.parties.Join(t.Context(), who, id)
				if err == nil && !joined {
					err = errors.New("in, and not new")
				}
				outcomes <- err
			})
		}
		all.Wait()
		close(outcomes)
		in := 0
		for err := range outcomes {
			if err == nil {
				in++
				continue
			}
			assert.Same(t, party.ErrFull, err)
		}
		assert.Equal(t, 4, in)
		post, err := tn.parties.Get(t.Context(), ann, id)
		require.NoError(t, err)
		assert.Equal(t, 5, post.Seated)
		assert.Len(t, tn.told(), 4)
		assert.Len(t, tn.log(id), 4)
	})
}

func TestLeave(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho := tn.person("ann"), tn.person("bob"), tn.person("cho")
	id := tn.open(3, ann, bob)
	deleted := tn.open(3, ann, bob)
	require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
	ended := tn.open(3, ann, bob)
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
	tn.told()

	assert.Same(t, party.ErrLeaderStays, tn.parties.Leave(t.Context(), ann, id))
	assert.Same(t, room.ErrNotMember, tn.parties.Leave(t.Context(), cho, id))
	assert.Same(t, party.ErrNotFound, tn.parties.Leave(t.Context(), bob, deleted))
	assert.Same(t, room.ErrDeleted, tn.parties.Leave(t.Context(), bob, ended))
	assert.Same(t, party.ErrNotFound, tn.parties.Leave(t.Context(), bob, 9999))
	assert.Empty(t, tn.told())

	require.NoError(t, tn.parties.Leave(t.Context(), bob, id))
	assert.Equal(t, []string{"1/2 bob departed"}, tn.told())
	assert.Equal(t, room.Left, tn.state(id).Members[1].Standing)
	assert.Same(t, room.ErrNotMember, tn.parties.Leave(t.Context(), bob, id))
	assert.Empty(t, tn.told())
}

func TestBan(t *testing.T) {
	tn := newTown(t)
	ann, bob, cho, dan := tn.person("ann"), tn.person("bob"), tn.person("cho"), tn.person("dan")
	id := tn.open(4, ann, bob, cho)
	require.NoError(t, tn.parties.Leave(t.Context(), cho, id))
	deleted := tn.open(3, ann, bob)
	require.NoError(t, tn.parties.Delete(t.Context(), ann, deleted))
	ended := tn.open(3, ann, bob)
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
	tn.told()

	assert.Same(t, party.ErrNotLeader, tn.parties.Ban(t.Context(), bob, id, cho))
	assert.Same(t, party.ErrNotLeader, tn.parties.Ban(t.Context(), bob, id, bob))
	assert.Equal(t, party.ErrBanLeader, tn.parties.Ban(t.Context(), ann, id, ann))
	assert.Same(t, party.ErrMemberNotFound, tn.parties.Ban(t.Context(), ann, id, dan))
	assert.Same(t, party.ErrMemberNotFound, tn.parties.Ban(t.Context(), ann, id, 9999))
	assert.Same(t, party.ErrNotFound, tn.parties.Ban(t.Context(), ann, deleted, bob))
	assert.Same(t, room.ErrDeleted, tn.parties.Ban(t.Context(), ann, ended, bob))
	assert.Same(t, party.ErrNotFound, tn.parties.Ban(t.Context(), ann, 9999, bob))
	assert.Empty(t, tn.told())

	require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob))
	assert.Equal(t, []string{"1/4 bob departed"}, tn.told())
	require.NoError(t, tn.parties.Ban(t.Context(), ann, id, bob), "again")
	require.NoError(t, tn.parties.Ban(t.Context(), ann, id, cho), "who has left")
	assert.Empty(t, tn.told(), "which is no news to the room")
	for _, who := range []user.ID{bob, cho} {
		_, _, err := tn.parties.Join(t.Context(), who, id)
		assert.Same(t, party.ErrBanned, err)
		_, err = tn.parties.Room(t.Context(), who, id, usecase.Window{})
		assert.Same(t, room.ErrNotMember, err)
		_, _, err = tn.chat.Say(t.Context(), who, id, "let me in", "")
		assert.Same(t, room.ErrNotMember, err)
	}
	assert.Len(t, tn.log(id), 4)
}

func TestDeleteRoom(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	assert.Same(t, party.ErrNotLeader, tn.parties.DeleteRoom(t.Context(), bob, id))
	assert.Same(t, party.ErrNotFound, tn.parties.DeleteRoom(t.Context(), ann, 9999))
	assert.Empty(t, tn.told())

	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, id))
	assert.Equal(t, []string{"1/2 ann room_deleted"}, tn.told())
	assert.Same(t, room.ErrDeleted, tn.parties.DeleteRoom(t.Context(), ann, id))
	assert.Empty(t, tn.told())
	for _, who := range []user.ID{ann, bob} {
		_, err := tn.parties.Room(t.Context(), who, id, usecase.Window{})
		assert.Same(t, room.ErrDeleted, err)
		_, err = tn.parties.Members(t.Context(), who, id)
		assert.Same(t, room.ErrDeleted, err)
		_, err = tn.chat.Enter(t.Context(), who, id)
		assert.Same(t, room.ErrDeleted, err)
		post, err := tn.parties.Get(t.Context(), who, id)
		require.NoError(t, err, "the post can still be read")
		assert.True(t, post.Closed)
	}
	assert.Len(t, tn.log(id), 2, "what was said is kept")
}

func TestDelete(t *testing.T) {
	tn := newTown(t)
	ann, bob := tn.person("ann"), tn.person("bob")
	id := tn.open(3, ann, bob)
	assert.Same(t, party.ErrNotLeader, tn.parties.Delete(t.Context(), bob, id))
	assert.Same(t, party.ErrNotFound, tn.parties.Delete(t.Context(), ann, 9999))
	assert.Empty(t, tn.told())

	require.NoError(t, tn.parties.Delete(t.Context(), ann, id))
	assert.Equal(t, []string{"1/2 ann room_deleted"}, tn.told())
	assert.Same(t, party.ErrNotFound, tn.parties.Delete(t.Context(), ann, id))
	for _, who := range []user.ID{ann, bob} {
		_, err := tn.parties.Get(t.Context(), who, id)
		assert.Same(t, party.ErrNotFound, err)
		_, err = tn.parties.Room(t.Context(), who, id, usecase.Window{})
		assert.Same(t, party.ErrNotFound, err)
	}

	ended := tn.open(3, ann)
	require.NoError(t, tn.parties.DeleteRoom(t.Context(), ann, ended))
	tn.told()
	require.NoError(t, tn.parties.Delete(t.Context(), ann, ended))
	assert.Empty(t, tn.told(), "its room has ended before")
}
