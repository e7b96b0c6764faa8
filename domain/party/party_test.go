package party_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

const (
	ann user.ID = 1 + iota // the leader
	bob
	cho
	dan
)

const yongdam user.Neighborhood = "제주특별자치도 제주시 용담이동"

var (
	morning = time.Date(2023, 9, 1, 9, 0, 0, 0, time.UTC) // parties are opened
	noon    = morning.Add(3 * time.Hour)                  // preparation of a test
	evening = morning.Add(9 * time.Hour)                  // the tested operation
)

func draft() party.Draft {
	return party.Draft{Title: "치킨 같이 시켜요", Category: "치킨", Content: "두 마리 시키려고 해요.", Seats: 2}
}

// open returns a party that ann leads.
func open(t *testing.T, seats int) *party.Party {
	t.Helper()
	d := draft()
	d.Seats = seats
	p, err := party.Open(7, ann, yongdam, d, morning)
	require.NoError(t, err)
	return p
}

func ptr[T any](v T) *T { return &v }

// Preparations of a test. Each must succeed.
type given func(t *testing.T, p *party.Party)

func nothing(*testing.T, *party.Party) {}

func all(steps ...given) given {
	return func(t *testing.T, p *party.Party) {
		t.Helper()
		for _, s := range steps {
			s(t, p)
		}
	}
}

func joined(who user.ID) given {
	return func(t *testing.T, p *party.Party) { t.Helper(); require.NoError(t, p.Join(who, noon)) }
}

func left(who user.ID) given {
	return func(t *testing.T, p *party.Party) { t.Helper(); require.NoError(t, p.Leave(who, noon)) }
}

func banned(who user.ID) given {
	return func(t *testing.T, p *party.Party) { t.Helper(); require.NoError(t, p.Ban(ann, who, noon)) }
}

func withdrawn(who user.ID) given {
	return func(_ *testing.T, p *party.Party) { p.Withdraw(noon, who) }
}

func edited(c party.Change) given {
	return func(t *testing.T, p *party.Party) { t.Helper(); require.NoError(t, p.Edit(ann, c, evening)) }
}

func closed(t *testing.T, p *party.Party) { t.Helper(); edited(party.Change{Closed: ptr(true)})(t, p) }

func reopened(t *testing.T, p *party.Party) {
	t.Helper()
	edited(party.Change{Closed: ptr(false)})(t, p)
}

func roomDeleted(t *testing.T, p *party.Party) {
	t.Helper()
	require.NoError(t, p.DeleteRoom(ann, noon))
}

func deleted(t *testing.T, p *party.Party) { t.Helper(); require.NoError(t, p.Delete(ann, noon)) }

// A test of a rule checks the returned error, the events, and the state: unchanged if
// the rule refuses.
type ruleTest struct {
	name   string
	given  given
	want   error
	events []party.Event // events of the rule
	seated int           // afterwards
}

func check(t *testing.T, seats int, tests []ruleTest, rule func(p *party.Party) error) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, seats)
			tt.given(t, p)
			before, known := p.State(), len(p.Events())
			err := rule(p)
			if tt.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tt.want)
				assert.Equal(t, before, p.State(), "a refusal changed something")
			}
			assert.Equal(t, tt.events, append([]party.Event(nil), p.Events()[known:]...))
			assert.Equal(t, tt.seated, p.Seated())
		})
	}
}

func happened(k party.Kind, who user.ID) []party.Event {
	return []party.Event{{Kind: k, Who: who, At: evening}}
}

func TestOpen(t *testing.T) {
	d := party.Draft{Title: "  치킨\n같이 ", Category: " 페스트푸드 ", Content: "\n두 마리\n시켜요 ", Seats: 10}
	p, err := party.Open(7, ann, yongdam, d, morning)
	require.NoError(t, err)
	assert.Equal(t, party.State{
		Post: party.Post{
			ID:           7,
			Leader:       ann,
			Neighborhood: yongdam,
			Draft:        party.Draft{Title: "치킨 같이", Category: "패스트푸드", Content: "두 마리\n시켜요", Seats: 10},
			CreatedAt:    morning,
		},
		Members: []party.Member{{User: ann, Standing: room.In, JoinedAt: morning}},
	}, p.State())
	assert.Equal(t, []party.Event{{Kind: party.Opened, Who: ann, At: morning}}, p.Events())
	assert.Equal(t, 1, p.Seated())
	assert.True(t, p.Has(ann))
	assert.False(t, p.Has(bob))
}

func TestJoin(t *testing.T) {
	check(t, 2, []ruleTest{
		{"a seat is free", nothing, nil, happened(party.Joined, bob), 2},
		{"in already", joined(bob), nil, nil, 2},
		{"in already and closed", all(joined(bob), closed), nil, nil, 2},
		{"back after leaving", all(joined(bob), left(bob)), nil, happened(party.Joined, bob), 2},
		{"back after withdrawing", all(joined(bob), withdrawn(bob)), nil, happened(party.Joined, bob), 2},
		{"full", joined(cho), party.ErrFull, nil, 2},
		{"full until somebody leaves", all(joined(cho), left(cho)), nil, happened(party.Joined, bob), 2},
		{"full until somebody is banned", all(joined(cho), banned(cho)), nil, happened(party.Joined, bob), 2},
		{"full until there are more seats", all(joined(cho), edited(party.Change{Seats: ptr(3)})), nil, happened(party.Joined, bob), 3},
		{"closed", closed, party.ErrClosed, nil, 1},
		{"closed and full", all(joined(cho), closed), party.ErrClosed, nil, 2},
		{"closed, and a seat is free again", all(joined(cho), closed, left(cho)), party.ErrClosed, nil, 1},
		{"reopened", all(closed, reopened), nil, happened(party.Joined, bob), 2},
		{"the leader withdrew", all(joined(cho), withdrawn(ann)), party.ErrClosed, nil, 1},
		{"the leader withdrew, alone", withdrawn(ann), room.ErrDeleted, nil, 0},
		{"banned", all(joined(bob), banned(bob)), party.ErrBanned, nil, 1},
		{"banned after leaving", all(joined(bob), left(bob), banned(bob)), party.ErrBanned, nil, 1},
		{"banned and full", all(joined(bob), banned(bob), joined(cho)), party.ErrBanned, nil, 2},
		{"banned and closed", all(joined(bob), banned(bob), closed), party.ErrBanned, nil, 1},
		{"banned and withdrawn", all(joined(bob), banned(bob), withdrawn(bob)), party.ErrBanned, nil, 1},
		{"no room", roomDeleted, room.ErrDeleted, nil, 1},
		{"no room any more", all(joined(bob), roomDeleted), room.ErrDeleted, nil, 2},
		{"no room and banned", all(joined(bob), banned(bob), roomDeleted), room.ErrDeleted, nil, 1},
		{"deleted", deleted, party.ErrNotFound, nil, 1},
		{"deleted after joining", all(joined(bob), deleted), party.ErrNotFound, nil, 2},
	}, func(p *party.Party) error { return p.Join(bob, evening) })
}

func TestTheLeaderIsInAlready(t *testing.T) {
	check(t, 2, []ruleTest{
		{"a seat is free", nothing, nil, nil, 1},
		{"full", joined(bob), nil, nil, 2},
		{"closed", closed, nil, nil, 1},
	}, func(p *party.Party) error { return p.Join(ann, evening) })
}

func TestLeave(t *testing.T) {
	check(t, 3, []ruleTest{
		{"in", joined(bob), nil, happened(party.Departed, bob), 1},
		{"in and closed", all(joined(bob), closed), nil, happened(party.Departed, bob), 1},
		{"back after leaving", all(joined(bob), left(bob), joined(bob)), nil, happened(party.Departed, bob), 1},
		{"a stranger", joined(cho), room.ErrNotMember, nil, 2},
		{"left already", all(joined(bob), left(bob)), room.ErrNotMember, nil, 1},
		{"withdrawn", all(joined(bob), withdrawn(bob)), room.ErrNotMember, nil, 1},
		{"banned", all(joined(bob), banned(bob)), room.ErrNotMember, nil, 1},
		{"no room", all(joined(bob), roomDeleted), room.ErrDeleted, nil, 2},
		{"deleted", all(joined(bob), deleted), party.ErrNotFound, nil, 2},
	}, func(p *party.Party) error { return p.Leave(bob, evening) })
}

func TestTheLeaderStays(t *testing.T) {
	check(t, 2, []ruleTest{
		{"alone", nothing, party.ErrLeaderStays, nil, 1},
		{"with others", joined(bob), party.ErrLeaderStays, nil, 2},
		{"closed", closed, party.ErrLeaderStays, nil, 1},
		{"no room", roomDeleted, room.ErrDeleted, nil, 1},
		{"deleted", deleted, party.ErrNotFound, nil, 1},
	}, func(p *party.Party) error { return p.Leave(ann, evening) })
}

func TestBan(t *testing.T) {
	check(t, 3, []ruleTest{
		{"in", joined(bob), nil, happened(party.Expelled, bob), 1},
		{"in and closed", all(joined(bob), closed), nil, happened(party.Expelled, bob), 1},
		{"left", all(joined(bob), left(bob)), nil, happened(party.Barred, bob), 1},
		{"withdrawn", all(joined(bob), withdrawn(bob)), nil, happened(party.Barred, bob), 1},
		{"banned already", all(joined(bob), banned(bob)), nil, nil, 1},
		{"barred already", all(joined(bob), left(bob), banned(bob)), nil, nil, 1},
		{"a stranger", joined(cho), party.ErrMemberNotFound, nil, 2},
		{"no room", all(joined(bob), roomDeleted), room.ErrDeleted, nil, 2},
		{"deleted", all(joined(bob), deleted), party.ErrNotFound, nil, 2},
	}, func(p *party.Party) error { return p.Ban(ann, bob, evening) })
}

func TestOnlyTheLeaderBans(t *testing.T) {
	tests := []struct {
		name  string
		given given
		by    user.ID
		whom  user.ID
		want  error
	}{
		{"the leader", joined(bob), ann, ann, party.ErrBanLeader},
		{"the leader, without a room", roomDeleted, ann, ann, room.ErrDeleted},
		{"by a member", all(joined(bob), joined(cho)), bob, cho, party.ErrNotLeader},
		{"a member, himself", joined(bob), bob, bob, party.ErrNotLeader},
		{"the leader, by a member", joined(bob), bob, ann, party.ErrNotLeader},
		{"by a stranger", joined(bob), dan, bob, party.ErrNotLeader},
		{"by a stranger, without a room", roomDeleted, dan, bob, party.ErrNotLeader},
		{"by a stranger, deleted", deleted, dan, bob, party.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3)
			tt.given(t, p)
			before, events := p.State(), p.Events()
			require.ErrorIs(t, p.Ban(tt.by, tt.whom, evening), tt.want)
			assert.Equal(t, before, p.State())
			assert.Equal(t, events, p.Events())
		})
	}
}

func TestEdit(t *testing.T) {
	tests := []struct {
		name   string
		given  given // with a party of three seats
		change party.Change
		want   func(s *party.State) // the expected changes
	}{
		{"nothing", nothing, party.Change{}, func(*party.State) {}},
		{"title", nothing, party.Change{Title: ptr(" 피자 \n같이 ")}, func(s *party.State) { s.Title = "피자 같이" }},
		{"category", nothing, party.Change{Category: ptr("피자")}, func(s *party.State) { s.Category = "피자" }},
		{"misspelt category", nothing, party.Change{Category: ptr(" 페스트푸드")}, func(s *party.State) { s.Category = "패스트푸드" }},
		{"content", nothing, party.Change{Content: ptr(" 한 판\n시켜요\n")}, func(s *party.State) { s.Content = "한 판\n시켜요" }},
		{"more seats", nothing, party.Change{Seats: ptr(10)}, func(s *party.State) { s.Seats = 10 }},
		{"as many seats as are taken", joined(bob), party.Change{Seats: ptr(2)}, func(s *party.State) { s.Seats = 2 }},
		{"fewer seats after somebody left", all(joined(bob), joined(cho), left(cho)), party.Change{Seats: ptr(2)}, func(s *party.State) { s.Seats = 2 }},
		{"close", nothing, party.Change{Closed: ptr(true)}, func(s *party.State) { s.Closed = true }},
		{"close twice", closed, party.Change{Closed: ptr(true)}, func(*party.State) {}},
		{"reopen", closed, party.Change{Closed: ptr(false)}, func(s *party.State) { s.Closed = false }},
		{"reopen what is open", nothing, party.Change{Closed: ptr(false)}, func(*party.State) {}},
		{"closed stays closed", closed, party.Change{Title: ptr("피자")}, func(s *party.State) { s.Title = "피자" }},
		{"everything", nothing, party.Change{ptr("피자"), ptr("피자"), ptr("한 판"), ptr(4), ptr(true)}, func(s *party.State) {
			s.Draft = party.Draft{Title: "피자", Category: "피자", Content: "한 판", Seats: 4}
			s.Closed = true
		}},
		{"words when there is no room", roomDeleted, party.Change{Title: ptr("피자")}, func(s *party.State) { s.Title = "피자" }},
		{"close when there is no room", roomDeleted, party.Change{Closed: ptr(true)}, func(*party.State) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3)
			tt.given(t, p)
			want, events := p.State(), p.Events()
			tt.want(&want)
			require.NoError(t, p.Edit(ann, tt.change, evening))
			assert.Equal(t, want, p.State())
			assert.Equal(t, events, p.Events()[:len(events)])
		})
	}
}

func TestEditChangesNothingUnlessItCanChangeAll(t *testing.T) {
	tests := []struct {
		name   string
		given  given // with a party of three seats
		by     user.ID
		change party.Change
		want   error
		fields []string
	}{
		{"by a member", joined(bob), bob, party.Change{Title: ptr("피자")}, party.ErrNotLeader, nil},
		{"by a stranger", nothing, dan, party.Change{}, party.ErrNotLeader, nil},
		{"deleted", deleted, ann, party.Change{Title: ptr("피자")}, party.ErrNotFound, nil},
		{"deleted, by a stranger", deleted, dan, party.Change{}, party.ErrNotFound, nil},
		{"reopen without a room", roomDeleted, ann, party.Change{Title: ptr("피자"), Closed: ptr(false)}, room.ErrDeleted, nil},
		{"empty title", nothing, ann, party.Change{Title: ptr(" "), Content: ptr("한 판")}, nil, []string{"title"}},
		{"empty content", nothing, ann, party.Change{Title: ptr("피자"), Content: ptr("")}, nil, []string{"content"}},
		{"empty category", nothing, ann, party.Change{Category: ptr(""), Closed: ptr(true)}, nil, []string{"category"}},
		{"unknown category", nothing, ann, party.Change{Category: ptr("밥")}, nil, []string{"category"}},
		{"one seat", nothing, ann, party.Change{Seats: ptr(1)}, nil, []string{"seats"}},
		{"eleven seats", nothing, ann, party.Change{Seats: ptr(11)}, nil, []string{"seats"}},
		{"fewer seats than are taken", all(joined(bob), joined(cho)), ann, party.Change{Title: ptr("피자"), Seats: ptr(2)}, nil, []string{"seats"}},
		{"one seat with three taken", all(joined(bob), joined(cho)), ann, party.Change{Seats: ptr(1)}, nil, []string{"seats"}},
		{"everything", all(joined(bob), joined(cho)), ann, party.Change{ptr(""), ptr(""), ptr(""), ptr(2), ptr(true)}, nil,
			[]string{"title", "category", "content", "seats"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3)
			tt.given(t, p)
			before := p.State()
			err := p.Edit(tt.by, tt.change, evening)
			require.Error(t, err)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
			var got []string
			for field, whys := range fault.Of(err).Fields {
				assert.Len(t, whys, 1, field)
				got = append(got, field)
			}
			assert.ElementsMatch(t, tt.fields, got)
			assert.Equal(t, before, p.State())
		})
	}

	t.Run("tells why there must be more seats", func(t *testing.T) {
		p := open(t, 3)
		all(joined(bob), joined(cho))(t, p)
		err := p.Edit(ann, party.Change{Seats: ptr(2)}, evening)
		assert.Equal(t, fault.Of(party.ErrTooFewSeats).Fields, fault.Of(err).Fields)
	})
}

func TestEditTellsWhatChanged(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change party.Change
		want   []party.Kind
	}{
		{"nothing", party.Change{}, nil},
		{"the same again", party.Change{Title: ptr(draft().Title), Seats: ptr(2), Closed: ptr(false)}, nil},
		{"title", party.Change{Title: ptr("피자")}, []party.Kind{party.Edited}},
		{"category", party.Change{Category: ptr("피자")}, []party.Kind{party.Edited}},
		{"content", party.Change{Content: ptr("피자 먹어요")}, []party.Kind{party.Edited}},
		{"seats", party.Change{Seats: ptr(5)}, []party.Kind{party.Resized}},
		{"closed", party.Change{Closed: ptr(true)}, []party.Kind{party.Closed}},
		{"all", party.Change{Title: ptr("피자"), Seats: ptr(5), Closed: ptr(true)}, []party.Kind{party.Edited, party.Resized, party.Closed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := party.Restore(open(t, 2).State())
			require.NoError(t, p.Edit(ann, tt.change, evening))
			var kinds []party.Kind
			for _, e := range p.Events() {
				kinds = append(kinds, e.Kind)
				assert.Equal(t, ann, e.Who)
				assert.Equal(t, evening, e.At)
				assert.Equal(t, e.Kind, e.Post.Event)
				assert.Equal(t, p.State().Title, e.Post.Title)
				assert.Equal(t, p.State().Seats, e.Post.Seats)
				assert.Equal(t, p.State().Closed, e.Post.ClosedByLeader)
				assert.Equal(t, 1, e.Post.Seated)
			}
			assert.Equal(t, tt.want, kinds)
		})
	}
	t.Run("reopened", func(t *testing.T) {
		p := open(t, 2)
		all(edited(party.Change{Closed: ptr(true)}), edited(party.Change{Closed: ptr(false)}))(t, p)
		last := p.Events()
		assert.Equal(t, party.Reopened, last[len(last)-1].Kind)
	})
	t.Run("not a word where there is no room", func(t *testing.T) {
		p := open(t, 2)
		roomDeleted(t, p)
		before := p.Events()
		require.NoError(t, p.Edit(ann, party.Change{Title: ptr("피자")}, evening))
		assert.Equal(t, before, p.Events())
	})
}

func TestFullAndClosedAreOneCodeToPrograms(t *testing.T) {
	assert.Equal(t, party.ErrClosed.Code, party.ErrFull.Code)
	assert.NotErrorIs(t, party.ErrFull, party.ErrClosed)
}
