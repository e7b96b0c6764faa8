package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func logs(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("entries of any kind pass through with their data, about somebody or nobody", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 4)
		s.join(id, bob, noon)
		es := []room.Entry{
			{Room: id, Kind: "order", Who: bob, Data: json.RawMessage(`{"state": "LOCKED", "fee": 3000, "who": [1, 2], "words": "\u003c밥\ud83c\udf5a> \\ \"\""}`), At: minutes(1)},
			{Room: id, Kind: "order", Data: json.RawMessage(`{}`), At: minutes(2)}, // what a clock did
			{Room: id, Kind: "v2_of_something", At: minutes(3)},
			{Room: id, Kind: "edited", Who: ann, Body: "새 글", Data: json.RawMessage(`{"of": 9007199254740993}`), At: minutes(4)},
		}
		var appended []port.Line
		s.write(func(r port.Repos) (err error) {
			appended, err = r.Log.Append(t.Context(), es)
			return err
		})
		require.Len(t, appended, len(es))
		log := s.log(id)
		assert.Equal(t, appended, log[1:])
		for i, l := range appended {
			assert.Equal(t, int64(i+2), l.Seq)
			assert.Equal(t, es[i].Who, l.Person.ID)
			if es[i].Data == nil {
				assert.Nil(t, l.Data)
			} else {
				assert.JSONEq(t, string(es[i].Data), string(l.Data))
			}
			want := es[i]
			want.ID, want.Seq, want.Data, want.At = l.ID, l.Seq, l.Data, kept(want.At)
			assert.Equal(t, want, l.Entry)
		}
		assert.Contains(t, string(appended[3].Data), "9007199254740993", "to the last digit")
		assert.Equal(t, port.Person{}, appended[1].Person)
		next, _, err := s.say(id, bob, "안녕", "")
		require.NoError(t, err)
		assert.Equal(t, int64(6), next.Seq)
	})

	t.Run("data that is no object, or too long, is not kept", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 4)
		for _, data := range []string{`[1]`, `7`, `{"words": "` + strings.Repeat("x", room.MaxData) + `"}`} {
			err := s.Write(t.Context(), func(r port.Repos) error {
				_, err := r.Log.Append(t.Context(), []room.Entry{{Room: id, Kind: "order", Who: ann, Data: json.RawMessage(data), At: noon}})
				return err
			})
			assert.Error(t, err, "%.20s", data)
		}
		assert.Empty(t, s.log(id))
	})

	t.Run("Append goes on with the log of each party", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		one, two, none := s.party(ann, 3), s.party(ann, 3), s.party(ann, 3)
		s.join(one, bob, noon)
		_, _, err := s.say(two, ann, "안녕", "")
		require.NoError(t, err)
		_, _, err = s.say(two, ann, "안녕", "")
		require.NoError(t, err)
		ms := []room.Entry{
			{Room: two, Kind: party.EntryJoined, Who: bob, At: minutes(1)},
			{Room: one, Kind: party.EntryDeparted, Who: bob, At: minutes(2)},
			{Room: two, Kind: party.EntryDeparted, Who: bob, At: minutes(3)},
			said(one, ann, `"잘 가" \ <`, "0190-a"),
			{Room: two, Kind: party.EntryRoomDeleted, Who: ann, At: minutes(4)},
		}
		seqs := []int64{3, 2, 4, 3, 5}
		var got []port.Line
		s.write(func(r port.Repos) (err error) {
			for _, id := range []party.ID{one, two} {
				if _, err := r.Parties.Lock(t.Context(), id); err != nil {
					return err
				}
			}
			got, err = r.Log.Append(t.Context(), ms)
			return err
		})
		require.Len(t, got, len(ms))
		for i, m := range ms {
			m.ID, m.Seq, m.At = got[i].ID, seqs[i], kept(m.At)
			who := person(bob, "bob")
			if m.Who == ann {
				who = person(ann, "ann")
			}
			assert.Equal(t, port.Line{Entry: m, Person: who}, got[i])
			if i > 0 {
				assert.Greater(t, got[i].ID, got[i-1].ID)
			}
		}
		assert.Equal(t, []port.Line{got[1], got[3]}, s.log(one)[1:])
		assert.Equal(t, []port.Line{got[0], got[2], got[4]}, s.log(two)[2:])
		assert.Empty(t, s.log(none))
		post, err := s.Read().Boards.Post(t.Context(), two, ann)
		require.NoError(t, err)
		assert.Equal(t, int64(5), post.LastSeq)

		line, _, err := s.say(two, ann, "아직 있어요", "")
		require.NoError(t, err)
		assert.Equal(t, int64(6), line.Seq)
	})

	t.Run("Append of nothing does nothing", func(t *testing.T) {
		s := fill(t, open)
		s.write(func(r port.Repos) error {
			lines, err := r.Log.Append(t.Context(), nil)
			assert.Empty(t, lines)
			return err
		})
	})

	t.Run("a deleted party's log can be followed to its end", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id := s.party(ann, 3)
		s.delete(id, ann)
		assert.Equal(t, []room.Kind{party.EntryRoomDeleted}, kinds(s.log(id)))
	})

	t.Run("Before and After read a window in order", func(t *testing.T) {
		s := fill(t, open)
		ann := s.user("ann")
		id, other := s.party(ann, 3), s.party(ann, 3)
		for i := range 7 {
			for _, id := range []party.ID{id, other} {
				_, _, err := s.say(id, ann, fmt.Sprint(i), "")
				require.NoError(t, err)
			}
		}
		all, r := s.log(id), s.Read().Log
		require.Len(t, all, 7)
		for _, tt := range []struct {
			name  string
			read  func() ([]port.Line, error)
			lines []port.Line
		}{
			{"newest", func() ([]port.Line, error) { return r.Before(t.Context(), id, math.MaxInt64, 3) }, all[4:]},
			{"below", func() ([]port.Line, error) { return r.Before(t.Context(), id, 5, 3) }, all[1:4]},
			{"below, to the start", func() ([]port.Line, error) { return r.Before(t.Context(), id, 3, 9) }, all[:2]},
			{"below the first", func() ([]port.Line, error) { return r.Before(t.Context(), id, 1, 3) }, nil},
			{"above", func() ([]port.Line, error) { return r.After(t.Context(), id, 2, 3) }, all[2:5]},
			{"above, to the end", func() ([]port.Line, error) { return r.After(t.Context(), id, 5, 9) }, all[5:]},
			{"above the last", func() ([]port.Line, error) { return r.After(t.Context(), id, 7, 3) }, nil},
			{"of an unknown party", func() ([]port.Line, error) { return r.After(t.Context(), 1<<40, 0, 3) }, nil},
		} {
			got, err := tt.read()
			require.NoError(t, err, tt.name)
			assert.Equal(t, tt.lines, got, tt.name)
		}
	})

	t.Run("people who withdrew are shown without a name", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := s.party(ann, 3)
		s.join(id, bob, noon)
		_, _, err := s.say(id, bob, "안녕", "")
		require.NoError(t, err)
		var last []port.Line
		s.write(func(r port.Repos) error {
			u, err := r.Users.Lock(t.Context(), bob)
			if err != nil {
				return err
			}
			u.Withdraw(noon)
			if _, err := r.Users.Save(t.Context(), u); err != nil {
				return err
			}
			if _, err := r.Parties.Lock(t.Context(), id); err != nil {
				return err
			}
			last, err = r.Log.Append(t.Context(), []room.Entry{{Room: id, Kind: party.EntryDeparted, Who: bob, At: noon}})
			return err
		})
		before, err := s.Read().Log.Before(t.Context(), id, 100, 100)
		require.NoError(t, err)
		assert.Len(t, before, 3)
		for _, line := range append(append(last, before...), s.log(id)...) {
			assert.Equal(t, port.Person{ID: bob, Username: user.Withdrawn}, line.Person)
		}
	})
}

func kinds(lines []port.Line) []room.Kind {
	var ks []room.Kind
	for _, l := range lines {
		ks = append(ks, l.Kind)
	}
	return ks
}
