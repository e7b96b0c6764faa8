package party_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestEntryOfAnEvent(t *testing.T) {
	post := party.PostData{Title: "치킨", Category: "치킨", Seats: 4, Seated: 2, Leader: ann}
	for _, tt := range []struct {
		event party.Kind
		kind  room.Kind // "" for none
		data  string
		words string // for bob
	}{
		{party.Opened, "", "", ""},
		{party.Joined, party.EntryJoined, "", "bob 님이 입장했습니다."},
		{party.Departed, party.EntryDeparted, "", "bob 님이 퇴장했습니다."},
		{party.Expelled, party.EntryDeparted, `{"kicked":true}`, "bob 님을 내보냈습니다."},
		{party.Barred, "", "", ""},
		{party.Edited, party.EntryPost, `{"event":"edited","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":false,"closed_by_writer":false,"writer_id":1}`, "글이 수정됐어요."},
		{party.Resized, party.EntryPost, `{"event":"resized","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":false,"closed_by_writer":false,"writer_id":1}`, "모집 인원이 4명으로 바뀌었어요."},
		{party.Closed, party.EntryPost, `{"event":"closed","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":false,"closed_by_writer":false,"writer_id":1}`, "모집을 마감했어요."},
		{party.Reopened, party.EntryPost, `{"event":"reopened","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":false,"closed_by_writer":false,"writer_id":1}`, "모집을 다시 시작했어요."},
		{party.Succeeded, party.EntryPost, `{"event":"succeeded","title":"치킨","category":"치킨","target_number":4,"join_number":2,"is_compelete":false,"closed_by_writer":false,"writer_id":1}`, "bob 님이 글을 이어받았어요."},
		{party.RoomDeleted, party.EntryRoomDeleted, "", "채팅방이 삭제됐어요."},
	} {
		t.Run(string(tt.event), func(t *testing.T) {
			e := party.Event{Kind: tt.event, Who: bob, At: noon, Post: post}
			e.Post.Event = tt.event
			got, ok := e.Entry(7)
			require.Equal(t, tt.kind != "", ok)
			if !ok {
				assert.Zero(t, got)
				return
			}
			assert.Regexp(t, `^[a-z][a-z0-9_]{0,39}$`, got.Kind, "what stores take")
			assert.Equal(t, tt.data, string(got.Data))
			got.Data = nil
			assert.Equal(t, room.Entry{Room: 7, Kind: tt.kind, Who: bob, At: noon}, got)
			got.Data = []byte(tt.data)
			assert.Equal(t, tt.words, party.Sentences.Sentence(got, "bob"))
		})
	}
}

// Titles are the only free text in the data, and JSON escapes lengthen them most.
func TestThePostOfTheLongestTitleFitsIntoAnEntry(t *testing.T) {
	for _, title := range []string{strings.Repeat("\"", party.MaxTitle), strings.Repeat("<", party.MaxTitle), strings.Repeat("밥"+strings.Repeat("\u0301", 15), 50)} {
		entry, ok := party.Event{Kind: party.Edited, Post: party.PostData{Title: title, Category: "돈까스,회,일식"}}.Entry(1)
		require.True(t, ok)
		assert.LessOrEqual(t, len(entry.Data), room.MaxData)
	}
}

func TestMoved(t *testing.T) {
	for kind, want := range map[party.Kind]bool{
		party.Opened: true, party.Joined: true, party.Departed: true, party.Expelled: true,
		party.Barred: false, party.Edited: false, party.Resized: false, party.Closed: false, party.Reopened: false,
		party.Succeeded: false, party.RoomDeleted: false,
	} {
		who, ok := party.Event{Kind: kind, Who: bob}.Moved()
		assert.Equal(t, want, ok, kind)
		assert.Equal(t, want, who == bob, kind)
	}
}

func TestDismisses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		entry room.Entry
		who   user.ID
		want  error
	}{
		{"what bob said", room.Entry{Kind: "said", Who: bob}, bob, nil},
		{"what another said", room.Entry{Kind: "said", Who: ann}, bob, nil},
		{"of a kind from the future", room.Entry{Kind: "order", Who: bob}, bob, nil},
		{"bob joined", room.Entry{Kind: party.EntryJoined, Who: bob}, bob, nil},
		{"bob went", room.Entry{Kind: party.EntryDeparted, Who: bob}, bob, room.ErrNotMember},
		{"another went", room.Entry{Kind: party.EntryDeparted, Who: ann}, bob, nil},
		{"the room is deleted", room.Entry{Kind: party.EntryRoomDeleted, Who: ann}, bob, room.ErrDeleted},
		{"bob deleted the room", room.Entry{Kind: party.EntryRoomDeleted, Who: bob}, bob, room.ErrDeleted},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, party.Dismisses(tt.entry, tt.who)) })
	}
}

// A name that ends with the words of a notice would put one into a room.
func TestNoNameEndsAsANotice(t *testing.T) {
	entries := []room.Entry{{Kind: party.EntryJoined}, {Kind: party.EntryDeparted}, {Kind: party.EntryRoomDeleted}}
	for _, kind := range []party.Kind{party.Expelled, party.Edited, party.Resized, party.Closed, party.Reopened, party.Succeeded} {
		e, ok := party.Event{Kind: kind, Post: party.PostData{Event: kind, Seats: 3}}.Entry(1)
		require.True(t, ok)
		entries = append(entries, e)
	}
	for _, e := range entries {
		sentence := party.Sentences.Sentence(e, "민수")
		require.NotEmpty(t, sentence, e.Kind)
		_, err := user.ParseName(sentence)
		assert.Error(t, err, sentence)
	}
}
