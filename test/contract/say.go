package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func say(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("what is said may have data, too", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 4)
		line := said(id, ann, "저도요", "0190-a")
		line.Data = json.RawMessage(`{"reply_to": 7}`)
		for _, repeated := range []bool{false, true} {
			s.write(func(r port.Repos) error {
				got, err := r.Log.Say(t.Context(), line)
				if err != nil {
					return err
				}
				assert.Equal(t, repeated, got[0].Repeated)
				assert.JSONEq(t, string(line.Data), string(got[0].Data))
				return got[0].Err
			})
		}
		assert.JSONEq(t, string(line.Data), string(s.log(id)[0].Data))
	})

	t.Run("Say keeps every field, and numbers the line", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		words := "첫 줄\n둘째 'x' \"y\" \\ <b>& %_ 👩‍👩‍👧‍👦\u2028끝"
		first, repeated, err := s.say(id, ann, words, "0190-a")
		require.NoError(t, err)
		assert.False(t, repeated)
		assert.Positive(t, first.ID)
		want := port.Line{
			Entry: room.Entry{
				ID: first.ID, Room: id, Seq: 1, Kind: chat.Said, Who: ann,
				Body: words, ClientID: "0190-a", At: kept(noon),
			},
			Person: person(ann, "ann"),
		}
		assert.Equal(t, want, first)

		long := strings.Repeat("밥", chat.MaxText)
		second, _, err := s.say(id, ann, long, "")
		require.NoError(t, err)
		assert.Equal(t, int64(2), second.Seq)
		assert.Greater(t, second.ID, first.ID)
		assert.Equal(t, []port.Line{first, second}, s.log(id))
	})

	t.Run("who may speak is what party.Enter says", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho, dan, eve := s.user("ann"), s.user("bob"), s.user("cho"), s.user("dan"), s.user("eve")
		stands := map[user.ID]room.Standing{
			ann: room.In, bob: room.In, cho: room.Left, dan: room.Banned, eve: room.Stranger,
		}
		for _, place := range []struct {
			name             string
			deleted, roomEnd bool
			end              func(id party.ID, by user.ID)
		}{
			{"open", false, false, func(party.ID, user.ID) {}},
			{"room deleted", false, true, s.deleteRoom},
			{"deleted", true, true, s.delete},
		} {
			id := s.party(ann, 5)
			for _, who := range []user.ID{bob, cho, dan} {
				s.join(id, who, noon)
			}
			s.leave(id, cho)
			s.ban(id, ann, dan)
			place.end(id, ann)
			for who, standing := range stands {
				for _, clientID := range []string{"", "0190-a"} {
					before := s.log(id)
					line, _, err := s.say(id, who, "안녕", clientID)
					want := room.Enter(place.deleted, place.roomEnd, standing)
					if want == nil {
						require.NoError(t, err)
						assert.Equal(t, append(before, line), s.log(id))
						continue
					}
					assert.ErrorIs(t, err, want, "%s, %q", place.name, standing)
					assert.Equal(t, before, s.log(id))
				}
			}
		}
		_, _, err := s.say(1<<40, ann, "안녕", "")
		assert.ErrorIs(t, err, party.ErrNotFound)
	})

	t.Run("a withdrawn leader keeps the seat and may not speak", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		_, _, err := s.say(id, ann, "안녕", "0190-a")
		require.NoError(t, err)
		s.withdraw(ann)
		for _, clientID := range []string{"", "0190-a", "0190-b"} {
			_, _, err := s.say(id, ann, "안녕", clientID)
			assert.ErrorIs(t, err, room.ErrNotMember)
		}
	})

	t.Run("what is said after a ban is refused", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		s.join(id, bob, noon)
		assert.ErrorIs(t, s.inTurn(s.banning(id, ann, bob), s.saying(id, bob)), room.ErrNotMember)
		assert.Equal(t, []room.Kind{party.EntryJoined, party.EntryDeparted}, kinds(s.log(id)))
	})

	t.Run("what is said before a ban comes before it", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		s.join(id, bob, noon)
		assert.NoError(t, s.inTurn(s.saying(id, bob), s.banning(id, ann, bob)))
		assert.Equal(t, []room.Kind{party.EntryJoined, chat.Said, party.EntryDeparted}, kinds(s.log(id)))
	})

	t.Run("a refusal leaves a Write to those who may speak", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		var lines []port.Line
		s.write(func(r port.Repos) error {
			lines = nil
			say := func(who user.ID, words, clientID string, refused error) {
				line, repeated, err := sayOne(t, r, said(id, who, words, clientID))
				assert.ErrorIs(t, err, refused)
				if err == nil && !repeated {
					lines = append(lines, line)
				}
			}
			say(ann, "하나", "0190-a", nil)
			say(bob, "저도요", "", room.ErrNotMember)
			say(ann, "하나", "0190-a", nil)
			say(ann, "다른 말", "0190-a", chat.ErrIDConflict)
			say(ann, "둘", "", nil)
			_, _, err := sayOne(t, r, said(1<<40, ann, "아무도 없나요", ""))
			assert.ErrorIs(t, err, party.ErrNotFound)
			say(ann, "셋", "0190-b", nil)
			return nil
		})
		require.Len(t, lines, 3)
		for i, line := range lines {
			assert.EqualValues(t, i+1, line.Seq)
		}
		assert.Equal(t, lines, s.log(id))
		post, err := s.Read().Boards.Post(t.Context(), id, ann)
		require.NoError(t, err)
		assert.EqualValues(t, 3, post.LastSeq)
	})

	t.Run("a client id that is used again gives the first line", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		first, repeated, err := s.say(id, ann, "안녕", "0190-a")
		require.NoError(t, err)
		assert.False(t, repeated)
		for range 2 {
			again, repeated, err := s.say(id, ann, "안녕", "0190-a")
			require.NoError(t, err)
			assert.True(t, repeated)
			assert.Equal(t, first, again)
		}
		post, err := s.Read().Boards.Post(t.Context(), id, ann)
		require.NoError(t, err)
		assert.Equal(t, int64(1), post.LastSeq)

		_, _, err = s.say(id, ann, "다른 말", "0190-a")
		assert.ErrorIs(t, err, chat.ErrIDConflict)
		next, repeated, err := s.say(id, ann, "안녕", "0190-A")
		require.NoError(t, err)
		assert.False(t, repeated, "a client id is compared as it is")
		assert.Equal(t, []port.Line{first, next}, s.log(id))
	})

	t.Run("a client id that is used at once is stored once", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		lines, fresh := make([]port.Line, 8), make([]bool, 8)
		for _, err := range s.together(8, func(i int, r port.Repos) error {
			line, repeated, err := sayOne(t, r, said(id, ann, "안녕", "0190-a"))
			lines[i], fresh[i] = line, !repeated
			return err
		}) {
			require.NoError(t, err)
		}
		n := 0
		for i := range lines {
			assert.Equal(t, lines[0], lines[i])
			if fresh[i] {
				n++
			}
		}
		assert.Equal(t, 1, n)
		assert.Equal(t, lines[:1], s.log(id))
		next, _, err := s.say(id, ann, "또 안녕", "")
		require.NoError(t, err)
		assert.Equal(t, int64(2), next.Seq)
	})

	t.Run("a client id means nothing to other speakers and rooms", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		here, there := s.party(ann, 3), s.party(ann, 3)
		s.join(here, bob, noon)
		seen := map[int64]bool{}
		for _, m := range []room.Entry{
			said(here, ann, "안녕", "0190-a"),
			said(here, bob, "안녕", "0190-a"),
			said(there, ann, "다른 말", "0190-a"),
			said(here, ann, "안녕", ""),
			said(here, ann, "안녕", ""),
		} {
			line, repeated, err := s.say(m.Room, m.Who, m.Body, m.ClientID)
			require.NoError(t, err)
			assert.False(t, repeated)
			assert.False(t, seen[line.ID])
			seen[line.ID] = true
		}
	})

	t.Run("a line cannot be repeated from outside", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		s.join(id, bob, noon)
		_, _, err := s.say(id, bob, "안녕", "0190-a")
		require.NoError(t, err)
		s.ban(id, ann, bob)
		_, _, err = s.say(id, bob, "안녕", "0190-a")
		assert.ErrorIs(t, err, room.ErrNotMember)
	})

	t.Run("Seq counts without holes, however many speak at once", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		ids := []party.ID{s.party(ann, 3), s.party(ann, 3)}
		const writers, each = 8, 6
		for range each {
			for _, err := range s.together(writers, func(i int, r port.Repos) error {
				_, _, err := sayOne(t, r, said(ids[i%2], ann, fmt.Sprint(i), ""))
				return err
			}) {
				require.NoError(t, err)
			}
			// Nor does a Write leave one that fails after it has spoken.
			_ = s.Write(t.Context(), func(r port.Repos) error {
				_, _, err := sayOne(t, r, said(ids[0], ann, "…", ""))
				require.NoError(t, err)
				return assert.AnError
			})
		}
		for _, id := range ids {
			lines := s.log(id)
			require.Len(t, lines, writers*each/2)
			for i, line := range lines {
				assert.Equal(t, int64(i+1), line.Seq)
			}
		}
	})

	t.Run("of lines that are said together each stands by itself", func(t *testing.T) {
		s := fill(t, open)
		ann, bob, cho := s.user("ann"), s.user("bob"), s.user("cho")
		one, two, ended := s.party(ann, 3), s.party(ann, 3), s.party(ann, 3)
		s.join(one, bob, noon)
		s.deleteRoom(ended, ann)
		old, _, err := s.say(one, bob, "먼저", "0190-old")
		require.NoError(t, err)
		type want struct {
			m        room.Entry
			seq      int64 // 0 where nothing is stored
			err      error
			repeated bool
		}
		wants := []want{
			{m: said(one, ann, "하나", "0190-a"), seq: 3},
			{m: said(two, ann, "하나", "0190-a"), seq: 1},
			{m: said(one, cho, "저도요", ""), err: room.ErrNotMember},
			{m: said(one, bob, "먼저", "0190-old"), seq: old.Seq, repeated: true},
			{m: said(one, bob, "나중", "0190-old"), err: chat.ErrIDConflict},
			{m: said(one, bob, "하나", "0190-a"), seq: 4},
			{m: said(one, ann, "하나", "0190-a"), seq: 3, repeated: true},
			{m: said(one, ann, "둘", "0190-a"), err: chat.ErrIDConflict},
			{m: said(ended, ann, "아직 있어요?", ""), err: room.ErrDeleted},
			{m: said(1<<40, ann, "여보세요", ""), err: party.ErrNotFound},
			{m: said(one, ann, "하나", ""), seq: 5},
			{m: said(one, ann, "하나", ""), seq: 6},
			{m: said(two, ann, "둘", "0190-b"), seq: 2},
		}
		var ms []room.Entry
		for _, w := range wants {
			ms = append(ms, w.m)
		}
		var got []port.Said
		s.write(func(r port.Repos) (err error) {
			got, err = r.Log.Say(t.Context(), ms...)
			return err
		})
		require.Len(t, got, len(wants))
		stored := map[party.ID]map[int64]port.Line{one: {}, two: {}}
		for id := range stored {
			for _, line := range s.log(id) {
				stored[id][line.Seq] = line
			}
		}
		for i, w := range wants {
			assert.Equal(t, w.err, got[i].Err, "%d", i)
			assert.Equal(t, w.repeated, got[i].Repeated, "%d", i)
			if w.err == nil {
				assert.Equal(t, stored[w.m.Room][w.seq], got[i].Line, "%d", i)
			}
		}
		assert.Len(t, stored[one], 6)
		assert.Len(t, stored[two], 2)
		next, _, err := s.say(one, bob, "다음", "")
		require.NoError(t, err)
		assert.Equal(t, int64(7), next.Seq)
	})

	t.Run("lines that are said at once are each told once, in their order, and leave no hole", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		const rooms, each = 20, 10
		told := map[party.ID][]port.Line{}
		for range rooms {
			told[s.party(ann, 3)] = nil
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, id := range slices.Collect(maps.Keys(told)) {
			for i := range each {
				all.Go(func() {
					got, err := s.Say(t.Context(), said(id, ann, fmt.Sprint(i), ""), func(l port.Line) {
						mu.Lock()
						defer mu.Unlock()
						told[id] = append(told[id], l)
					})
					assert.NoError(t, err)
					mu.Lock()
					defer mu.Unlock()
					assert.Contains(t, told[id], got.Line, "before Say returns")
				})
			}
		}
		all.Wait()
		for id, lines := range told {
			require.Len(t, lines, each)
			assert.Equal(t, s.log(id), lines)
			for i, l := range lines {
				assert.EqualValues(t, i+1, l.Seq)
			}
		}
	})

	t.Run("a line whose context has ended stays unsaid", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Say(ctx, said(id, ann, "안녕", ""), func(port.Line) { assert.Fail(t, "told") })
		assert.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, s.log(id))
	})

	t.Run("a speaker who goes while the line is told has said it", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		ctx, cancel := context.WithCancel(t.Context())
		got, err := s.Say(ctx, said(id, ann, "안녕", ""), func(port.Line) { cancel() })
		require.NoError(t, err)
		assert.Equal(t, []port.Line{got.Line}, s.log(id))
	})

	t.Run("nothing said is nothing stored", func(t *testing.T) {
		s := fill(t, open)
		s.write(func(r port.Repos) error {
			said, err := r.Log.Say(t.Context())
			assert.Empty(t, said)
			return err
		})
	})
}

func said(id party.ID, who user.ID, words, clientID string) room.Entry {
	return room.Entry{Room: id, Kind: chat.Said, Who: who, Body: words, ClientID: clientID, At: noon}
}

// sayOne says one thing in a Write.
func sayOne(t *testing.T, r port.Repos, m room.Entry) (line port.Line, repeated bool, err error) {
	said, err := r.Log.Say(t.Context(), m)
	if err != nil {
		return port.Line{}, false, err
	}
	if !assert.Len(t, said, 1) {
		return port.Line{}, false, assert.AnError
	}
	return said[0].Line, said[0].Repeated, said[0].Err
}

// say says something, and checks that this is told once, if it is stored.
func (s filled) say(id party.ID, who user.ID, words, clientID string) (line port.Line, repeated bool, err error) {
	s.t.Helper()
	var told []port.Line
	got, err := s.Say(s.t.Context(), said(id, who, words, clientID), func(l port.Line) { told = append(told, l) })
	assert.NoError(s.t, got.Err, "what refuses a line is returned")
	if err != nil {
		assert.Zero(s.t, got)
	}
	if err != nil || got.Repeated {
		assert.Empty(s.t, told)
	} else {
		assert.Equal(s.t, []port.Line{got.Line}, told)
	}
	return got.Line, got.Repeated, err
}
