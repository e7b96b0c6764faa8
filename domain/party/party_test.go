package party_test

import (
	"strings"
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
	return func(_ *testing.T, p *party.Party) { p.Withdraw(who, noon) }
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

func TestOpenRefusesABadDraft(t *testing.T) {
	p, err := party.Open(7, ann, yongdam, party.Draft{Title: "치킨"}, morning)
	require.Error(t, err)
	assert.Nil(t, p)
	assert.Len(t, fault.Of(err).Fields, 3)
}

func TestDraftProblems(t *testing.T) {
	const (
		family = "👨\u200d👩\u200d👧"
		zalgo  = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309" // eighteen bytes above one letter
		tall   = zalgo + zalgo + "\u0301\u0302\u0303\u0304\u0305\u0306"   // forty-eight

		noTitle    = "제목을 입력해 주세요."
		longTitle  = "제목은 50자까지 쓸 수 있어요."
		badTitle   = "제목에 쓸 수 없는 문자가 있어요."
		noContent  = "내용을 입력해 주세요."
		longText   = "내용은 5,000자까지 쓸 수 있어요."
		noCategory = "음식 종류를 골라 주세요."
		unknown    = "없는 음식 종류예요."
		badSeats   = "모집 인원은 2명부터 10명까지예요."
	)
	title := func(s string) func(*party.Draft) { return func(d *party.Draft) { d.Title = s } }
	content := func(s string) func(*party.Draft) { return func(d *party.Draft) { d.Content = s } }
	category := func(c party.Category) func(*party.Draft) { return func(d *party.Draft) { d.Category = c } }
	seats := func(n int) func(*party.Draft) { return func(d *party.Draft) { d.Seats = n } }
	tests := []struct {
		name  string
		given func(d *party.Draft)
		want  fault.Fields
	}{
		{"a good one", func(*party.Draft) {}, fault.Fields{}},
		{"a title of one character", title("a"), fault.Fields{}},
		{"a title of fifty", title(strings.Repeat("가", 50)), fault.Fields{}},
		{"a title of fifty and white space", title("  " + strings.Repeat("가", 50) + "\n"), fault.Fields{}},
		{"a title of fifty families", title(strings.Repeat(family, 50)), fault.Fields{}},
		{"a title of 2500 bytes", title(strings.Repeat("é"+tall, 50)), fault.Fields{}},
		{"a title of 2501 bytes", title(strings.Repeat("é"+tall, 49) + "가" + tall), fault.Fields{"title": {longTitle}}},
		{"a title of 51", title(strings.Repeat("가", 51)), fault.Fields{"title": {longTitle}}},
		{"no title", title(""), fault.Fields{"title": {noTitle}}},
		{"a title of white space", title(" \t\n\u3000"), fault.Fields{"title": {noTitle}}},
		{"a title with a control", title("치킨\x00"), fault.Fields{"title": {badTitle}}},
		{"a title that turns around", title("치킨\u202e"), fault.Fields{"title": {badTitle}}},
		{"a title that is not seen", title("\u3164"), fault.Fields{"title": {badTitle}}},
		{"a title of accents on nothing", title("\u0301\ufe0f"), fault.Fields{"title": {badTitle}}},
		{"a title with a line end becomes one line", title("치킨\n같이"), fault.Fields{}},
		{"content of one character", content("a"), fault.Fields{}},
		{"content of several lines", content("a\n\nb"), fault.Fields{}},
		{"content of 5000", content(strings.Repeat("가", 5000)), fault.Fields{}},
		{"content of 5000 and white space", content("\n" + strings.Repeat("가", 5000) + "  "), fault.Fields{}},
		{"content of 40000 bytes", content(strings.Repeat("😀\u0301\u0302", 5000)), fault.Fields{}},
		{"content of 40001 bytes", content(strings.Repeat("😀\u0301\u0302", 4999) + "가\u0301\u0302\u0303"), fault.Fields{"content": {longText}}},
		{"content with a control", content("치킨\x00"), fault.Fields{"content": {"내용에 쓸 수 없는 문자가 있어요."}}},
		{"content of 5001", content(strings.Repeat("a", 5001)), fault.Fields{"content": {longText}}},
		{"no content", content(""), fault.Fields{"content": {noContent}}},
		{"content of white space", content(" \n\t "), fault.Fields{"content": {noContent}}},
		{"content that is not seen", content("\u200b\u3164\u2060"), fault.Fields{"content": {noContent}}},
		{"no category", category(""), fault.Fields{"category": {noCategory}}},
		{"a category of white space", category("  "), fault.Fields{"category": {noCategory}}},
		{"an unknown category", category("한식"), fault.Fields{"category": {unknown}}},
		{"a misspelt category", category("페스트푸드"), fault.Fields{}},
		{"two seats", seats(2), fault.Fields{}},
		{"ten seats", seats(10), fault.Fields{}},
		{"one seat", seats(1), fault.Fields{"seats": {badSeats}}},
		{"eleven seats", seats(11), fault.Fields{"seats": {badSeats}}},
		{"no seats", seats(0), fault.Fields{"seats": {badSeats}}},
		{"fewer than none", seats(-3), fault.Fields{"seats": {badSeats}}},
		{"nothing", func(d *party.Draft) { *d = party.Draft{} }, fault.Fields{
			"title": {noTitle}, "content": {noContent}, "category": {noCategory}, "seats": {badSeats},
		}},
		{"everything wrong", func(d *party.Draft) {
			*d = party.Draft{Title: strings.Repeat("a", 51), Content: strings.Repeat("a", 5001), Category: "밥", Seats: 99}
		}, fault.Fields{
			"title": {longTitle}, "content": {longText}, "category": {unknown}, "seats": {badSeats},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := draft()
			tt.given(&d)
			assert.Equal(t, tt.want, d.Problems())

			p, err := party.Open(7, ann, yongdam, d, morning)
			if len(tt.want) == 0 {
				require.NoError(t, err)
				return
			}
			assert.Nil(t, p)
			assert.Equal(t, tt.want, fault.Of(err).Fields)
		})
	}
}

func TestChangeProblems(t *testing.T) {
	tests := []struct {
		name   string
		change party.Change
		want   []string // fields
	}{
		{"nothing", party.Change{}, nil},
		{"everything good", party.Change{ptr("피자"), ptr("피자"), ptr("한 판"), ptr(4), ptr(true)}, nil},
		{"misspelt category", party.Change{Category: ptr("페스트푸드")}, nil},
		{"closed", party.Change{Closed: ptr(false)}, nil},
		{"title", party.Change{Title: ptr(strings.Repeat("가", 51))}, []string{"title"}},
		{"category", party.Change{Category: ptr("밥")}, []string{"category"}},
		{"content", party.Change{Content: ptr(" ")}, []string{"content"}},
		{"seats", party.Change{Seats: ptr(11)}, []string{"seats"}},
		{"everything", party.Change{ptr(""), ptr(""), ptr(""), ptr(0), nil}, []string{"title", "category", "content", "seats"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wrong := tt.change.Problems()
			var got []string
			for field := range wrong {
				got = append(got, field)
			}
			assert.ElementsMatch(t, tt.want, got)

			err := open(t, 2).Edit(ann, tt.change, evening)
			if len(wrong) == 0 {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, wrong, fault.Of(err).Fields, "editing tells something else")
		})
	}
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
	}, func(p *party.Party) error { p.Withdraw(bob, evening); return nil })
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
	p.Withdraw(ann, evening)
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
		{Kind: party.Closed, Who: bob, At: evening, Post: closed},
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
		p.Withdraw(ann, evening)
		s := p.State()
		assert.True(t, s.Closed)
		assert.Equal(t, evening, s.RoomDeletedAt)
		assert.Zero(t, s.DeletedAt, "the post stays")
		again := p.Events()
		p.Withdraw(ann, evening.Add(time.Hour))
		assert.Equal(t, s, p.State())
		assert.Equal(t, again, p.Events())
	})

	t.Run("but not one that is deleted", func(t *testing.T) {
		s := open(t, 3).State()
		s.DeletedAt = noon // like a row from before rooms ended with their post
		p := party.Restore(s)
		p.Withdraw(ann, evening)
		assert.Equal(t, s, p.State())
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

func TestCategories(t *testing.T) {
	require.Len(t, party.Categories, 14)
	seen := map[party.Category]bool{}
	for _, c := range party.Categories {
		assert.False(t, seen[c], "twice: %s", c)
		seen[c] = true
		got, err := party.ParseCategory(string(c))
		require.NoError(t, err)
		assert.Equal(t, c, got)
		assert.Equal(t, c, c.Canonical())
	}
	assert.Equal(t, []party.Category{
		"족발,보쌈", "찜,탕,찌개", "돈까스,회,일식", "피자", "고기구이", "양식", "치킨",
		"중식", "아시안", "백반,죽,국수", "도시락", "분식", "카페,디저트", "패스트푸드",
	}, party.Categories)
}

func TestParseCategory(t *testing.T) {
	tests := []struct {
		name, in string
		want     party.Category
	}{
		{"known", "치킨", "치킨"},
		{"with commas", "돈까스,회,일식", "돈까스,회,일식"},
		{"white space around", " 치킨\n", "치킨"},
		{"misspelt", "페스트푸드", "패스트푸드"},
		{"misspelt, white space around", " 페스트푸드 ", "패스트푸드"},
		{"unknown", "한식", ""},
		{"nothing", "", ""},
		{"part of one", "족발", ""},
		{"two", "치킨,피자", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := party.ParseCategory(tt.in)
			assert.Equal(t, tt.want, got)
			if tt.want == "" {
				assert.Equal(t, fault.Fields{"category": {"없는 음식 종류예요."}}, fault.Of(err).Fields)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

func TestFullAndClosedAreOneCodeToPrograms(t *testing.T) {
	assert.Equal(t, party.ErrClosed.Code, party.ErrFull.Code)
	assert.NotErrorIs(t, party.ErrFull, party.ErrClosed)
}
