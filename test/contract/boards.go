package contract

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
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
		var all, pizzas []party.ID // of Jongno, the newest first
		var merged, mergedPizzas []party.ID
		for i := range 9 {
			d := pizza
			if i%3 == 0 {
				d = chicken
			}
			id := s.open(ann, jongno, d)
			there := s.open(ann, jeju, d)
			merged = append([]party.ID{there}, merged...)
			if d == pizza {
				mergedPizzas = append([]party.ID{there}, mergedPizzas...)
			}
			if i == 4 {
				s.delete(id, ann)
				continue
			}
			merged = slices.Insert(merged, 1, id)
			all = append([]party.ID{id}, all...)
			if d == pizza {
				pizzas = append([]party.ID{id}, pizzas...)
				mergedPizzas = slices.Insert(mergedPizzas, 1, id)
			}
		}
		s.deleteRoom(all[0], ann) // its post stays
		s.change(all[1], func(p *party.Party) error {
			closed := true
			return p.Edit(ann, party.Change{Closed: &closed}, noon)
		})

		one, both := []user.Neighborhood{jongno}, []user.Neighborhood{jongno, jeju}
		for _, tt := range []struct {
			where       []user.Neighborhood
			of          party.Category
			total       int
			skip, limit int
			want        []party.ID
		}{
			{one, "", 8, 0, 10, all},
			{one, "", 8, 0, 3, all[:3]},
			{one, "", 8, 3, 3, all[3:6]},
			{one, "", 8, 6, 3, all[6:]},
			{one, "", 8, 8, 3, nil},
			{one, "", 8, 0, 0, nil},
			{one, "피자", 5, 0, 10, pizzas},
			{one, "피자", 5, 2, 2, pizzas[2:4]},
			{one, "중식", 0, 0, 10, nil},
			{[]user.Neighborhood{"서울특별시 종로구"}, "", 0, 0, 10, nil},
			{both, "", 17, 0, 10, merged[:10]},
			{both, "", 17, 9, 4, merged[9:13]},
			{both, "", 17, 17, 4, nil},
			{both, "피자", 11, 3, 10, mergedPizzas[3:]},
			{[]user.Neighborhood{"경상남도 밀양시 내이동", jongno}, "", 8, 0, 3, all[:3]},
		} {
			page, n, err := s.Read().Boards.Page(t.Context(), tt.where, party.Filter{Category: tt.of}, tt.skip, tt.limit, party.Ahead)
			require.NoError(t, err)
			assert.Equal(t, tt.total, n, "%+v", tt)
			var got []party.ID
			for _, p := range page {
				got = append(got, p.ID)
			}
			assert.Equal(t, tt.want, got, "%+v", tt)
		}
	})

	t.Run("a board of any size has each page, and counts no more than it is asked to", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		random := rand.New(rand.NewPCG(1, 2))
		type post struct {
			id       party.ID
			there    bool // in the second neighbourhood
			chicken  bool
			complete bool
		}
		var all []post // the newest first
		require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
			for range 130 {
				id, err := r.Rooms.Open(t.Context(), noon)
				if err != nil {
					return err
				}
				p := post{id, random.IntN(3) == 0, random.IntN(4) == 0, random.IntN(5) == 0}
				where, d := jongno, pizza
				if p.there {
					where = jeju
				}
				if p.chicken {
					d.Category = "치킨"
				}
				opened, err := party.Open(id, ann, where, d, noon)
				if err != nil {
					return err
				}
				if err := opened.Edit(ann, party.Change{Closed: &p.complete}, noon); err != nil {
					return err
				}
				deleted := random.IntN(8) == 0
				if deleted {
					if err := opened.Delete(ann, noon); err != nil {
						return err
					}
				}
				if err := r.Parties.Save(t.Context(), opened); err != nil {
					return err
				}
				if !deleted {
					all = slices.Insert(all, 0, p)
				}
			}
			return nil
		}))
		for range 150 {
			where := [][]user.Neighborhood{{jongno}, {jeju}, {jongno, jeju}}[random.IntN(3)]
			f := party.Filter{
				Category: []party.Category{"", "", "치킨"}[random.IntN(3)],
				State:    []party.Recruitment{"", party.Recruiting, party.Completed}[random.IntN(3)],
			}
			var want []party.ID
			for _, p := range all {
				on := len(where) == 2 || p.there == (where[0] == jeju)
				if on && (f.Category == "" || p.chicken) && (f.State == "" || p.complete == (f.State == party.Completed)) {
					want = append(want, p.id)
				}
			}
			skip, limit, ahead := random.IntN(len(want)+20), 1+random.IntN(12), 1+random.IntN(30)
			if random.IntN(3) == 0 {
				skip = 0
			}
			page, total, err := s.Read().Boards.Page(t.Context(), where, f, skip, limit, ahead)
			require.NoError(t, err)
			var got []party.ID
			for _, p := range page {
				got = append(got, p.ID)
			}
			asked := fmt.Sprint(where, f, skip, limit, ahead)
			require.Equal(t, slices.Concat(nil, want[min(skip, len(want)):min(skip+limit, len(want))]), got, asked)
			require.Equal(t, min(len(want), skip+limit+ahead), total, asked)
		}
	})

	t.Run("a board is filtered by who still recruits", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		edit := func(id party.ID, c party.Change) {
			s.change(id, func(p *party.Party) error { return p.Edit(ann, c, noon) })
		}
		yes, no, seats := true, false, 2
		where := []user.Neighborhood{jongno, jeju}
		ids := func(f party.Filter) (ids []party.ID) {
			t.Helper()
			page, total, err := s.Read().Boards.Page(t.Context(), where, f, 0, 10, party.Ahead)
			require.NoError(t, err)
			assert.Equal(t, len(page), total)
			for _, p := range page {
				ids = append(ids, p.ID)
				if f.State != "" {
					assert.Equal(t, f.State == party.Completed, party.Complete(p.Closed, p.Seated, p.Seats), "%+v", p)
				}
			}
			return ids
		}
		recruiting, completed := party.Filter{State: party.Recruiting}, party.Filter{State: party.Completed}

		one, two := s.party(ann, 3), s.open(ann, jeju, pizza)
		assert.Equal(t, []party.ID{two, one}, ids(recruiting))
		assert.Empty(t, ids(completed))
		edit(one, party.Change{Closed: &yes})
		assert.Equal(t, []party.ID{two}, ids(recruiting))
		assert.Equal(t, []party.ID{one}, ids(completed))
		edit(one, party.Change{Closed: &no})
		assert.Equal(t, []party.ID{two, one}, ids(recruiting))

		s.join(one, bob, noon)
		assert.Equal(t, []party.ID{two, one}, ids(recruiting))
		edit(one, party.Change{Seats: &seats})
		assert.Equal(t, []party.ID{one}, ids(completed), "it is full")
		s.leave(one, bob)
		assert.Equal(t, []party.ID{two, one}, ids(recruiting), "a seat is free")
		s.join(one, bob, noon)
		assert.Equal(t, []party.ID{one}, ids(completed))
		s.ban(one, ann, bob)
		assert.Equal(t, []party.ID{two, one}, ids(recruiting))
		s.deleteRoom(two, ann)
		assert.Equal(t, []party.ID{two}, ids(completed))
		assert.Equal(t, []party.ID{two}, ids(party.Filter{Category: "피자", State: party.Completed}))
		assert.Empty(t, ids(party.Filter{Category: "치킨", State: party.Completed}))
		assert.Equal(t, []party.ID{two, one}, ids(party.Filter{}))
		s.delete(one, ann)
		assert.Empty(t, ids(recruiting))

		page, total, err := s.Read().Boards.Page(t.Context(), where, completed, 1, 10, party.Ahead)
		require.NoError(t, err)
		assert.Empty(t, page, "after the last")
		assert.Equal(t, 1, total)
	})

	t.Run("a hidden post is on no board and counts nowhere, until it is shown again", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		one, two, three := s.party(ann, 3), s.party(ann, 3), s.party(ann, 3)
		pages := func() (ids [][]party.ID) {
			t.Helper()
			for _, where := range [][]user.Neighborhood{{jongno}, {jongno, jeju}} {
				for _, f := range []party.Filter{{}, {Category: "피자"}, {State: party.Recruiting}, {Category: "피자", State: party.Recruiting}} {
					page, total, err := s.Read().Boards.Page(t.Context(), where, f, 0, 10, party.Ahead)
					require.NoError(t, err)
					assert.Len(t, page, total)
					_, beyond, err := s.Read().Boards.Page(t.Context(), where, f, 10, 10, party.Ahead)
					require.NoError(t, err)
					assert.Equal(t, total, beyond)
					_, first, err := s.Read().Boards.Page(t.Context(), where, f, 0, 1, party.Ahead)
					require.NoError(t, err)
					assert.Equal(t, total, first)
					var on []party.ID
					for _, p := range page {
						assert.False(t, p.Hidden)
						on = append(on, p.ID)
					}
					ids = append(ids, on)
				}
			}
			return slices.CompactFunc(ids, slices.Equal)
		}
		assert.Equal(t, [][]party.ID{{three, two, one}}, pages())
		s.change(two, func(p *party.Party) error { return p.Hide(minutes(1)) })
		assert.Equal(t, [][]party.ID{{three, one}}, pages())
		post, err := s.Read().Boards.Post(t.Context(), two, ann)
		require.NoError(t, err)
		assert.True(t, post.Hidden, "who reads it by itself is told")
		joined, err := s.Read().Boards.Joined(t.Context(), ann, 10)
		require.NoError(t, err)
		assert.Len(t, joined, 3, "and those who are in still have it")
		s.change(two, func(p *party.Party) error { return p.Show(minutes(2)) })
		assert.Equal(t, [][]party.ID{{three, two, one}}, pages())
		s.change(two, func(p *party.Party) error { return p.Hide(minutes(3)) })
		s.delete(two, ann)
		assert.Equal(t, [][]party.ID{{three, one}}, pages())
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
		page, _, err := s.Read().Boards.Page(t.Context(), []user.Neighborhood{jongno}, party.Filter{}, 0, 10, party.Ahead)
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

	t.Run("a post shows as many taken seats as it has members, whatever comes at once", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		people := []user.ID{ann, s.user("bob"), s.user("cho"), s.user("dan"), s.user("eve"), s.user("fay")}
		ids := []party.ID{s.party(ann, 3), s.party(ann, 4)}
		random := rand.New(rand.NewPCG(3, 4))
		undone := errors.New("undone")
		for range 4 {
			type act struct {
				id   party.ID
				who  user.ID
				what int
			}
			var acts []act
			for range 16 {
				acts = append(acts, act{ids[random.IntN(2)], people[1+random.IntN(5)], random.IntN(9)})
			}
			for _, err := range s.together(len(acts), func(i int, r port.Repos) error {
				a := acts[i]
				err := s.apply(r, a.id, func(p *party.Party) error {
					switch a.what {
					case 0, 1, 2, 3, 4:
						return p.Join(a.who, noon)
					case 5, 6:
						return p.Leave(a.who, noon)
					case 7:
						p.Withdraw(noon, a.who)
						return nil
					}
					return p.Ban(ann, a.who, noon)
				})
				if err == nil && i%5 == 0 {
					return undone
				}
				return err
			}) {
				if err != nil && err != undone {
					require.NotEqual(t, fault.Internal, fault.Of(err).Kind, err)
				}
			}
			for _, id := range ids {
				post, err := s.Read().Boards.Post(t.Context(), id, ann)
				require.NoError(t, err)
				members, err := s.Read().Boards.Members(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, len(members), post.Seated)
				complete, _, err := s.Read().Boards.Page(t.Context(), []user.Neighborhood{jongno}, party.Filter{State: party.Completed}, 0, 10, 0)
				require.NoError(t, err)
				full := slices.ContainsFunc(complete, func(p port.Post) bool { return p.ID == id })
				require.Equal(t, len(members) == post.Seats, full)
			}
		}
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

	t.Run("Talk is a post with the newest lines of its log", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		post, lines, err := s.Read().Boards.Talk(t.Context(), id, bob, 3)
		require.NoError(t, err)
		assert.Empty(t, lines)
		assert.Zero(t, post.LastSeq)
		s.join(id, bob, noon)
		for _, words := range []string{"하나", "둘", "셋"} {
			_, _, err := s.say(id, bob, words, "")
			require.NoError(t, err)
		}
		post, lines, err = s.Read().Boards.Talk(t.Context(), id, bob, 3)
		require.NoError(t, err)
		want, err := s.Read().Boards.Post(t.Context(), id, bob)
		require.NoError(t, err)
		assert.Equal(t, want, post)
		assert.Equal(t, s.log(id)[1:], lines)
		s.delete(id, ann)
		for _, id := range []party.ID{id, id + 1} {
			_, _, err := s.Read().Boards.Talk(t.Context(), id, bob, 3)
			assert.ErrorIs(t, err, party.ErrNotFound)
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
		page, _, err := s.Read().Boards.Page(t.Context(), []user.Neighborhood{jongno}, party.Filter{}, 0, 10, party.Ahead)
		require.NoError(t, err)
		require.Len(t, page, 1)
		assert.Equal(t, shown, page[0].Leader)
		members, err := s.Read().Boards.Members(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, members, 1)
		assert.Equal(t, shown, members[0].Person)
	})
}
