package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func boards(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("a board shows a neighbourhood's posts, the newest first", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		chicken := pizza
		chicken.Category = "치킨"
		var all, pizzas []party.ID // the newest first
		for i := range 9 {
			d := pizza
			if i%3 == 0 {
				d = chicken
			}
			id := s.open(ann, jongno, d)
			s.open(ann, jeju, d)
			if i == 4 {
				s.delete(id, ann)
				continue
			}
			all = append([]party.ID{id}, all...)
			if d == pizza {
				pizzas = append([]party.ID{id}, pizzas...)
			}
		}
		s.deleteRoom(all[0], ann) // its post stays
		s.change(all[1], func(p *party.Party) error {
			closed := true
			return p.Edit(ann, party.Change{Closed: &closed}, noon)
		})

		for _, tt := range []struct {
			where       user.Neighborhood
			of          party.Category
			total       int
			skip, limit int
			want        []party.ID
		}{
			{jongno, "", 8, 0, 10, all},
			{jongno, "", 8, 0, 3, all[:3]},
			{jongno, "", 8, 3, 3, all[3:6]},
			{jongno, "", 8, 6, 3, all[6:]},
			{jongno, "", 8, 8, 3, nil},
			{jongno, "", 8, 0, 0, nil},
			{jongno, "피자", 5, 0, 10, pizzas},
			{jongno, "피자", 5, 2, 2, pizzas[2:4]},
			{jongno, "중식", 0, 0, 10, nil},
			{"서울특별시 종로구", "", 0, 0, 10, nil},
		} {
			page, n, err := s.Read().Boards.Page(t.Context(), tt.where, tt.of, tt.skip, tt.limit)
			require.NoError(t, err)
			assert.Equal(t, tt.total, n, "%+v", tt)
			var got []party.ID
			for _, p := range page {
				got = append(got, p.ID)
			}
			assert.Equal(t, tt.want, got, "%+v", tt)
		}
	})

	t.Run("a neighbourhood is listed as long as it has a post", func(t *testing.T) {
		s := fill(t, open)
		list := func(limit int) []user.Neighborhood {
			all, err := s.Read().Boards.Neighborhoods(t.Context(), limit)
			require.NoError(t, err)
			return all
		}
		assert.Empty(t, list(10))
		ann := s.user("ann") // lives in Jongno, and that alone tells nobody
		assert.Empty(t, list(10))
		only := s.open(ann, "강원특별자치도 속초시 청호동", pizza)
		for range 3 {
			s.open(ann, jeju, pizza)
			s.open(ann, jongno, pizza)
		}
		closed := true
		middle := s.open(ann, "경상남도 밀양시 내이동", pizza)
		s.change(middle, func(p *party.Party) error { return p.Edit(ann, party.Change{Closed: &closed}, noon) })
		all := []user.Neighborhood{jeju, jongno, "강원특별자치도 속초시 청호동", "경상남도 밀양시 내이동"}
		assert.ElementsMatch(t, all, list(10))
		assert.Len(t, list(3), 3)
		assert.Empty(t, list(0))
		s.delete(middle, ann)
		assert.ElementsMatch(t, all[:3], list(10))
		s.delete(only, ann)
		assert.ElementsMatch(t, all[:2], list(10))
	})

	t.Run("a post is the same on its board as by itself, but for who looks", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		s.join(id, bob, noon)
		want := port.Post{
			ID: id, Leader: person(ann, "ann"), Neighborhood: jongno, Draft: pizza,
			Seated: 2, LastSeq: 1, CreatedAt: kept(noon),
		}
		want.Seats = 3
		page, _, err := s.Read().Boards.Page(t.Context(), jongno, "", 0, 10)
		require.NoError(t, err)
		assert.Equal(t, []port.Post{want}, page)

		want.Standing = room.In
		post, err := s.Read().Boards.Post(t.Context(), id, bob)
		require.NoError(t, err)
		assert.Equal(t, want, post)

		s.leave(id, bob)
		s.deleteRoom(id, ann)
		want.Standing, want.Seated, want.Closed, want.RoomDeleted, want.LastSeq = room.Left, 1, true, true, 3
		post, err = s.Read().Boards.Post(t.Context(), id, bob)
		require.NoError(t, err)
		assert.Equal(t, want, post)
	})

	t.Run("a post shows everybody their own standing", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho, dan, eve := s.user("ann"), s.user("bob"), s.user("cho"), s.user("dan"), s.user("eve")
		id := s.party(ann, 5)
		for _, who := range []user.ID{bob, cho, dan} {
			s.join(id, who, noon)
		}
		s.leave(id, cho)
		s.ban(id, ann, dan)
		for who, want := range map[user.ID]room.Standing{
			ann: room.In, bob: room.In, cho: room.Left, dan: room.Banned, eve: room.Stranger,
		} {
			post, err := s.Read().Boards.Post(t.Context(), id, who)
			require.NoError(t, err)
			assert.Equal(t, want, post.Standing)
			assert.Equal(t, 2, post.Seated)
		}
	})

	t.Run("unknown and deleted posts are not there", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		s.delete(id, ann)
		for _, id := range []party.ID{id, id + 1} {
			_, err := s.Read().Boards.Post(t.Context(), id, ann)
			assert.ErrorIs(t, err, party.ErrNotFound)
			members, err := s.Read().Boards.Members(t.Context(), id)
			require.NoError(t, err)
			assert.Empty(t, members)
		}
	})

	t.Run("Members lists who is in, in order of their newest joining", func(t *testing.T) {
		s := fill(t, open)
		eve, dan, cho, bob, ann := s.user("eve"), s.user("dan"), s.user("cho"), s.user("bob"), s.user("ann")
		id := s.party(ann, 6)
		s.join(id, bob, minutes(1))
		s.join(id, cho, minutes(2))
		s.join(id, dan, minutes(3))
		s.join(id, eve, minutes(4))
		s.leave(id, bob)
		s.join(id, bob, minutes(5))
		s.leave(id, cho)
		s.ban(id, ann, dan)
		members, err := s.Read().Boards.Members(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, []port.Member{
			{Person: person(ann, "ann"), Leads: true, JoinedAt: kept(noon)},
			{Person: person(eve, "eve"), JoinedAt: kept(minutes(4))},
			{Person: person(bob, "bob"), JoinedAt: kept(minutes(5))},
		}, members)
	})

	t.Run("a leader who withdrew is shown without a name", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		s.withdraw(ann)
		s.user("ann") // somebody else by now
		shown := port.Person{ID: ann, Username: user.Withdrawn}
		post, err := s.Read().Boards.Post(t.Context(), id, ann)
		require.NoError(t, err)
		assert.Equal(t, shown, post.Leader)
		page, _, err := s.Read().Boards.Page(t.Context(), jongno, "", 0, 10)
		require.NoError(t, err)
		require.Len(t, page, 1)
		assert.Equal(t, shown, page[0].Leader)
		members, err := s.Read().Boards.Members(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, members, 1)
		assert.Equal(t, shown, members[0].Person)
	})
}
