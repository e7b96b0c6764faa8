package contract

import (
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func parties(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("Save keeps every field", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		d := party.Draft{
			Title: `제목 "따옴표" \ %_ <b>&`, Category: "족발,보쌈", Seats: 10,
			Content: "첫 줄\n둘째 줄\t👩‍👩‍👧‍👦 \u2028 'x' {\"json\": [1]}",
		}
		id := s.open(ann, jeju, d)
		want := party.State{
			Post:    party.Post{ID: id, Leader: ann, Neighborhood: jeju, Draft: d, CreatedAt: kept(noon)},
			Members: []party.Member{{User: ann, Standing: room.In, JoinedAt: kept(noon)}},
		}
		assert.Equal(t, want, s.state(id))

		title, category, content, seats, closed := "새 제목", "치킨", "새 내용", 2, true
		s.change(id, func(p *party.Party) error {
			return p.Edit(ann, party.Change{Title: &title, Category: &category, Content: &content, Seats: &seats, Closed: &closed}, noon)
		})
		want.Draft, want.Closed = party.Draft{Title: title, Category: "치킨", Content: content, Seats: seats}, true
		assert.Equal(t, want, s.state(id))

		closed = false
		s.change(id, func(p *party.Party) error { return p.Edit(ann, party.Change{Closed: &closed}, noon) })
		s.join(id, bob, minutes(1))
		s.change(id, func(p *party.Party) error { return p.DeleteRoom(ann, minutes(2)) })
		s.change(id, func(p *party.Party) error { return p.Hide(minutes(3)) })
		want.Closed, want.RoomDeletedAt, want.HiddenAt = true, kept(minutes(2)), kept(minutes(3))
		want.Members = append(want.Members, party.Member{User: bob, Standing: room.In, JoinedAt: kept(minutes(1))})
		assert.Equal(t, want, s.state(id))

		s.change(id, func(p *party.Party) error { return p.Show(minutes(4)) })
		want.HiddenAt = time.Time{}
		assert.Equal(t, want, s.state(id))

		other := s.open(ann, jeju, d)
		s.join(other, bob, minutes(1))
		s.change(other, func(p *party.Party) error { p.Withdraw(minutes(2), ann); return nil })
		assert.Equal(t, bob, s.state(other).Leader)
		assert.Equal(t, room.Left, s.state(other).Members[0].Standing)

		// All that can change has been changed above. A new field belongs there, too.
		var fields []string
		for _, f := range reflect.VisibleFields(reflect.TypeFor[party.State]()) {
			if !f.Anonymous {
				fields = append(fields, f.Name)
			}
		}
		assert.Equal(t, []string{
			"ID", "Leader", "Neighborhood", "Title", "Category", "Content", "Seats",
			"Closed", "CreatedAt", "HiddenAt", "RoomDeletedAt", "DeletedAt", "Members",
		}, fields)
	})

	t.Run("members come in order of first joining, with their standing and newest joining", func(t *testing.T) {
		s := fill(t, open)
		cho, bob, ann := s.user("cho"), s.user("bob"), s.user("ann") // ids against the order
		id := s.party(ann, 4)
		s.join(id, bob, minutes(1))
		s.join(id, cho, minutes(2))
		s.leave(id, bob)
		s.ban(id, ann, cho)
		s.join(id, bob, minutes(3))
		assert.Equal(t, []party.Member{
			{User: ann, Standing: room.In, JoinedAt: kept(noon)},
			{User: bob, Standing: room.In, JoinedAt: kept(minutes(3))},
			{User: cho, Standing: room.Banned, JoinedAt: kept(minutes(2))},
		}, s.state(id).Members)
		s.leave(id, bob)
		assert.Equal(t, room.Left, s.state(id).Members[1].Standing)
	})

	t.Run("unknown and deleted parties are not found", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		gone, there := s.party(ann, 2), s.party(ann, 2)
		s.delete(gone, ann)
		for _, id := range []party.ID{gone, there + 1} {
			_, err := s.Read().Parties.Get(t.Context(), id)
			assert.ErrorIs(t, err, party.ErrNotFound)
			assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Parties.Lock(t.Context(), id)
				return err
			}), party.ErrNotFound)
		}
		assert.Equal(t, there, s.state(there).ID)
	})

	t.Run("a room that opens has an id that none has or had", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		seen := map[party.ID]bool{}
		for range 3 {
			id := s.party(ann, 2)
			assert.False(t, seen[id])
			assert.Positive(t, id)
			seen[id] = true
			s.delete(id, ann)
		}
		ids := make([]party.ID, 8)
		for _, err := range s.together(len(ids), func(i int, r port.Repos) (err error) {
			if ids[i], err = r.Rooms.Open(t.Context(), noon); err != nil {
				return err
			}
			p, err := party.Open(ids[i], ann, jongno, pizza, noon)
			if err != nil {
				return err
			}
			return r.Parties.Save(t.Context(), p)
		}) {
			require.NoError(t, err)
		}
		for _, id := range ids {
			assert.False(t, seen[id])
			seen[id] = true
		}
	})

	t.Run("the rooms of a person are those to be in, the newest activity first", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		var ids []room.ID
		for range 6 {
			id := s.party(ann, 3)
			s.join(id, bob, noon)
			ids = append(ids, id)
		}
		own := s.party(bob, 3)
		s.party(ann, 3) // bob is a stranger to it
		idle := s.user("idle")
		s.leave(ids[1], bob)
		s.ban(ids[2], ann, bob)
		s.deleteRoom(ids[3], ann)
		s.delete(ids[4], ann)
		of := func(who user.ID, limit int) []room.ID {
			got, err := s.Read().Rooms.Of(t.Context(), who, limit)
			require.NoError(t, err)
			posts, err := s.Read().Boards.Joined(t.Context(), who, limit)
			require.NoError(t, err)
			var joined []room.ID
			for _, p := range posts {
				joined = append(joined, p.ID)
				alone, err := s.Read().Boards.Post(t.Context(), p.ID, who)
				require.NoError(t, err)
				assert.Equal(t, alone, p)
			}
			assert.Equal(t, got, joined, "the posts of these rooms")
			return got
		}
		assert.Equal(t, []room.ID{own, ids[5], ids[0]}, of(bob, 10), "as long as nothing happens, the newest room")
		line := said(ids[0], ann, "안녕", "")
		line.At = minutes(1)
		s.write(func(r port.Repos) error {
			_, err := r.Log.Say(t.Context(), line)
			return err
		})
		assert.Equal(t, []room.ID{ids[0], own, ids[5]}, of(bob, 10))
		s.join(ids[5], s.user("cho"), minutes(2))
		assert.Equal(t, []room.ID{ids[5], ids[0]}, of(bob, 2))
		assert.Empty(t, of(idle, 10))

		after := func(than room.ID, limit int) []room.ID {
			got, err := s.Read().Rooms.After(t.Context(), bob, than, limit)
			require.NoError(t, err)
			return got
		}
		assert.Equal(t, []room.ID{ids[0], ids[5], own}, after(0, 10))
		assert.Equal(t, []room.ID{ids[0], ids[5]}, after(0, 2))
		assert.Equal(t, []room.ID{own}, after(ids[5], 2))
		assert.Empty(t, after(own, 2))
	})

	t.Run("members whose accounts have ended are known", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho := s.user("ann"), s.user("bob"), s.user("cho")
		id := s.party(ann, 4)
		for _, who := range []user.ID{cho, bob} {
			s.join(id, who, noon)
		}
		withdrawn := func() []user.ID {
			got, err := s.Read().Rooms.Withdrawn(t.Context(), id)
			require.NoError(t, err)
			return got
		}
		assert.Empty(t, withdrawn())
		for _, who := range []user.ID{bob, cho} {
			s.write(func(r port.Repos) error {
				u, err := r.Users.Lock(t.Context(), who)
				if err != nil {
					return err
				}
				u.Withdraw(noon)
				_, err = r.Users.Save(t.Context(), u)
				return err
			})
		}
		assert.Equal(t, []user.ID{cho, bob}, withdrawn(), "in the order of their seats")
		s.change(id, func(p *party.Party) error { p.Withdraw(noon, bob); return nil })
		assert.Equal(t, []user.ID{cho}, withdrawn())
	})

	t.Run("Lock makes whoever says something wait, too", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 2)
		s.join(id, bob, noon)
		err := s.inTurn(func(r port.Repos) error {
			return s.apply(r, id, func(p *party.Party) error { p.Withdraw(noon, bob); return nil })
		}, s.saying(id, bob))
		assert.ErrorIs(t, err, room.ErrNotMember, "bob had left by then")
	})

	t.Run("to withdraw and to be banned do not get into each other's way", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 2)
		s.join(id, bob, noon)
		var runs atomic.Int32
		banned := make(chan error, 1)
		s.write(func(r port.Repos) error { // as a use case does: the account first, then its parties
			runs.Add(1)
			u, err := r.Users.Lock(t.Context(), bob)
			if err != nil {
				return err
			}
			u.Withdraw(noon)
			if _, err := r.Users.Save(t.Context(), u); err != nil {
				return err
			}
			go func() {
				banned <- s.Write(t.Context(), func(r port.Repos) error {
					runs.Add(1)
					return s.apply(r, id, func(p *party.Party) error { return p.Ban(ann, bob, noon) })
				})
			}()
			time.Sleep(100 * time.Millisecond) // where it need not wait, it is through by now
			return s.apply(r, id, func(p *party.Party) error { p.Withdraw(noon, bob); return nil })
		})
		require.NoError(t, <-banned)
		assert.EqualValues(t, 2, runs.Load(), "neither had to run again")
		assert.Equal(t, room.Banned, s.state(id).Members[1].Standing)
		assert.Equal(t, []room.Kind{party.EntryJoined, party.EntryDeparted}, kinds(s.log(id)))
	})

	t.Run("Count tells of the parties of one leader", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		count := func(who user.ID, since time.Time) [2]int {
			recruiting, opened, err := s.Read().Parties.Count(t.Context(), who, since)
			require.NoError(t, err)
			return [2]int{recruiting, opened}
		}
		assert.Equal(t, [2]int{0, 0}, count(ann, time.Time{}))
		closed, full, deleted, roomless := s.party(ann, 3), s.party(ann, 2), s.party(ann, 3), s.party(ann, 3)
		s.party(ann, 3)
		s.join(s.party(bob, 3), ann, noon)
		assert.Equal(t, [2]int{5, 5}, count(ann, noon), "since the time is included")
		yes := true
		s.change(closed, func(p *party.Party) error { return p.Edit(ann, party.Change{Closed: &yes}, noon) })
		s.join(full, bob, noon)
		s.delete(deleted, ann)
		s.deleteRoom(roomless, ann)
		assert.Equal(t, [2]int{1, 5}, count(ann, noon))
		assert.Equal(t, [2]int{1, 0}, count(ann, noon.Add(time.Microsecond)))
		assert.Equal(t, [2]int{1, 1}, count(bob, noon))
		s.leave(full, bob)
		assert.Equal(t, [2]int{2, 5}, count(ann, noon), "a seat is free again")
	})

	t.Run("Open makes a room for somebody, and counts", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		before := s.party(ann, 3)
		s.write(func(r port.Repos) error {
			o, err := r.Parties.Open(t.Context(), ann, noon, noon)
			require.NoError(t, err)
			assert.Greater(t, o.ID, before)
			assert.Equal(t, "ann", o.Leader.State().Username)
			assert.Equal(t, [2]int{1, 1}, [2]int{o.Recruiting, o.Opened})
			o, err = r.Parties.Open(t.Context(), ann, time.Time{}, noon)
			require.NoError(t, err)
			assert.Equal(t, [2]int{}, [2]int{o.Recruiting, o.Opened}, "they are not counted")
			return nil
		})
		s.withdraw(bob)
		for _, who := range []user.ID{bob, 999} {
			err := s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Parties.Open(t.Context(), who, noon, noon)
				return err
			})
			assert.ErrorIs(t, err, user.ErrNotFound)
		}
	})

	t.Run("only one of many who open at once sees that there is none", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		for _, err := range s.together(4, func(_ int, r port.Repos) error {
			o, err := r.Parties.Open(t.Context(), ann, noon, noon)
			if err != nil || o.Recruiting+o.Opened > 0 {
				return err
			}
			p, err := party.Open(o.ID, ann, "서울특별시 종로구 혜화동", party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: 3}, noon)
			if err != nil {
				return err
			}
			return r.Parties.Save(t.Context(), p)
		}) {
			require.NoError(t, err)
		}
		recruiting, opened, err := s.Read().Parties.Count(t.Context(), ann, noon)
		require.NoError(t, err)
		assert.Equal(t, [2]int{1, 1}, [2]int{recruiting, opened})
	})

	t.Run("Save keeps a change that is no event", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho := s.user("ann"), s.user("bob"), s.user("cho")
		id := s.party(ann, 4)
		s.join(id, bob, minutes(1))
		want := s.state(id)
		s.write(func(r port.Repos) error {
			p, err := r.Parties.Lock(t.Context(), id)
			if err != nil {
				return err
			}
			require.NoError(t, p.Join(cho, minutes(2)))
			require.NoError(t, p.Leave(bob, minutes(3)))
			return r.Parties.Save(t.Context(), p) // and nothing is appended
		})
		want.Members[1].Standing = room.Left
		want.Members = append(want.Members, party.Member{User: cho, Standing: room.In, JoinedAt: kept(minutes(2))})
		assert.Equal(t, want, s.state(id))
		s.write(func(r port.Repos) error { // nothing differs
			p, err := r.Parties.Lock(t.Context(), id)
			if err != nil {
				return err
			}
			return r.Parties.Save(t.Context(), p)
		})
		assert.Equal(t, want, s.state(id))
	})

	t.Run("Save leaves the log where it is", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 4)
		s.write(func(r port.Repos) error {
			p, err := r.Parties.Lock(t.Context(), id)
			if err != nil {
				return err
			}
			for range 3 {
				if _, _, err := sayOne(t, r, room.Entry{Room: id, Kind: chat.Said, Who: ann, Body: "안녕", At: noon}); err != nil {
					return err
				}
			}
			return r.Parties.Save(t.Context(), p)
		})
		post, err := s.Read().Boards.Post(t.Context(), id, ann)
		require.NoError(t, err)
		assert.Equal(t, int64(3), post.LastSeq)
	})
}
