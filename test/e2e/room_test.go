package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oddIDs name nothing.
var oddIDs = []string{
	"0", "-1", "9223372036854775808", "9223372036854775807", "1e3", "1.0", "0x1", "+1", "%2B1", "%20", "abc", "null", "%EF%BC%91", "%00", "1%00", "%FF",
	"18446744073709551617", "99999999999999999999999999", "'1'", "1;1", "1,2",
}

func TestIDsThatNameNothing(t *testing.T) {
	ann, _ := two(t)
	ann.opens(t, 2)
	me := ann.as(t).meaning(Request)
	for _, id := range oddIDs {
		t.Run(id, func(t *testing.T) {
			post, room := "/api/post/detail/"+id+"/", "/api/chat/"+id+"/"
			me.get(post).refused(http.StatusNotFound, "post_not_found")
			me.get(post+"edit/").refused(http.StatusNotFound, "post_not_found")
			me.post(post+"edit/", draft(3)).refused(http.StatusNotFound, "post_not_found")
			me.post(post+"delete/", nil).refused(http.StatusNotFound, "post_not_found")
			me.get(room).refused(http.StatusNotFound, "post_not_found")
			me.post(room, nil).refused(http.StatusNotFound, "post_not_found")
			me.delete(room).refused(http.StatusNotFound, "post_not_found")
			me.get(room+"user/").refused(http.StatusNotFound, "post_not_found")
			me.delete(room+"user/").refused(http.StatusNotFound, "post_not_found")
			me.post(room+"user/ban/", fields{"target_user_id": 1}).refused(http.StatusNotFound, "post_not_found")
			me.get("/ws/chat/"+id+"/").refused(http.StatusNotFound, "post_not_found")
		})
	}
}

func TestWriteAndEdit(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 3)
	assert.Equal(t, party.ID, party.ChatID)
	assert.Equal(t, 1, party.JoinNumber)
	assert.False(t, party.IsComplete)
	assert.Equal(t, writer{ann.ID, ann.Username, ann.masked()}, party.Writer)
	assert.Equal(t, ann.Address, party.Address)
	assert.True(t, ann.sees(t, party).IsJoined)
	assert.False(t, bob.sees(t, party).IsJoined)

	own := read[post](ann.as(t).get(party.edit()).is(http.StatusOK))
	assert.Equal(t, ann.sees(t, party), own)
	bob.as(t).get(party.edit()).refused(http.StatusForbidden, "not_writer")
	bob.as(t).post(party.edit(), fields{"title": "내 것"}).refused(http.StatusForbidden, "not_writer")
	bob.as(t).post(party.remove(), nil).refused(http.StatusForbidden, "not_writer")
	bob.as(t).delete(party.room()).refused(http.StatusForbidden, "not_writer")

	edited := read[post](ann.as(t).post(party.edit(), fields{"title": "  새   제목 ", "id": 12345}).is(http.StatusOK))
	assert.Equal(t, "새 제목", edited.Title)
	assert.Equal(t, party.Content, edited.Content)
	ann.as(t).meaning(Request).post(party.edit(), fields{"title": "", "category": "돌", "content": " ", "target_number": 11, "is_compelete": "아마"}).
		invalid("title", "category", "content", "target_number", "is_compelete")
	assert.Equal(t, edited, ann.sees(t, party), "nothing changes unless all of it can")

	bob.joins(t, party)
	cho.joins(t, party)
	ann.as(t).post(party.edit(), fields{"target_number": 2}).invalid("target_number")
	assert.Equal(t, 4, read[post](ann.as(t).post(party.edit(), fields{"target_number": 4}).is(http.StatusOK)).TargetNumber)
}

func TestComplete(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 2)
	bob.joins(t, party)
	assert.True(t, ann.sees(t, party).IsComplete, "full")
	cho.as(t).post(party.room(), nil).refused(http.StatusConflict, "recruitment_closed")
	bob.as(t).delete(party.members()).is(http.StatusNoContent)
	assert.False(t, ann.sees(t, party).IsComplete, "a seat became free")

	ann.as(t).post(party.edit(), fields{"is_compelete": true}).is(http.StatusOK)
	cho.as(t).post(party.room(), nil).refused(http.StatusConflict, "recruitment_closed")
	ann.as(t).post(party.edit(), fields{"title": "여전히 마감"}).is(http.StatusOK)
	assert.True(t, ann.sees(t, party).IsComplete)
	assert.False(t, read[post](ann.as(t).meaning(Request).post(party.edit(), fields{"is_compelete": "false"}).is(http.StatusOK)).IsComplete)

	cho.joins(t, party)
	ann.as(t).post(party.edit(), fields{"is_compelete": true}).is(http.StatusOK)
	cho.as(t).post(party.room(), nil).is(http.StatusOK)
	cho.as(t).delete(party.members()).is(http.StatusNoContent)
	assert.True(t, ann.sees(t, party).IsComplete, "what the writer closed stays closed")
	cho.as(t).post(party.room(), nil).refused(http.StatusConflict, "recruitment_closed")
}

func TestJoinAndLeave(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 3)
	ann.as(t).post(party.room(), nil).is(http.StatusOK) // one's own
	for _, path := range []string{party.room(), party.members()} {
		bob.as(t).get(path).refused(http.StatusForbidden, "not_a_member")
	}
	bob.as(t).delete(party.members()).refused(http.StatusForbidden, "not_a_member")

	joined := bob.joins(t, party)
	assert.Equal(t, 2, joined.JoinNumber)
	require.Len(t, joined.Messages, 1)
	assert.Equal(t, bob.Username+" 님이 입장했습니다.", joined.Messages[0].Message)
	assert.Nil(t, joined.Messages[0].User)
	again := read[room](bob.as(t).post(party.room(), nil).is(http.StatusOK))
	assert.Equal(t, joined, again, "joining twice changes nothing")
	assert.True(t, bob.sees(t, party).IsJoined)
	cho.joins(t, party)

	members := read[[]member](bob.as(t).get(party.members()).is(http.StatusOK))
	require.Len(t, members, 3)
	for i, p := range []person{ann, bob, cho} {
		assert.Equal(t, member{writer{p.ID, p.Username, p.masked()}, i == 0, writer{p.ID, p.Username, p.masked()}}, members[i], "in order of joining")
	}

	ann.as(t).delete(party.members()).refused(http.StatusConflict, "writer_cannot_leave")
	bob.as(t).delete(party.members()).is(http.StatusNoContent)
	bob.as(t).delete(party.members()).refused(http.StatusForbidden, "not_a_member")
	bob.as(t).get(party.room()).refused(http.StatusForbidden, "not_a_member")
	assert.False(t, bob.sees(t, party).IsJoined)
	back := bob.joins(t, party)
	assert.Equal(t, []string{"chat.user.join", "chat.user.join", "chat.user.leave", "chat.user.join"}, types(back.Messages))
	members = read[[]member](bob.as(t).get(party.members()).is(http.StatusOK))
	assert.Equal(t, bob.ID, members[2].ID, "who is back is the newest")
}

func types(log []message) []string {
	all := make([]string, len(log))
	for i, m := range log {
		all[i] = m.Type
	}
	return all
}

func TestBan(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 4)
	ban := func(who int64) answer {
		return ann.as(t).meaning(Request).post(party.ban(), fields{"target_user_id": who})
	}
	bob.joins(t, party)
	ban(ann.ID).invalid("target_user_id")
	ban(cho.ID).refused(http.StatusNotFound, "member_not_found")
	ban(1<<62).refused(http.StatusNotFound, "member_not_found")
	for _, odd := range []string{`0`, `-1`, `9223372036854775808`, `1e3`, `1.0`, `"a"`, `""`, `null`, `[1]`, `{"id":1}`, `true`} {
		ann.as(t).meaning(Request).do(http.MethodPost, party.ban(), text(`{"target_user_id":`+odd+`}`)).invalid("target_user_id")
	}
	bob.as(t).post(party.ban(), fields{"target_user_id": ann.ID}).refused(http.StatusForbidden, "not_writer")
	bob.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).refused(http.StatusForbidden, "not_writer")
	cho.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).refused(http.StatusForbidden, "not_writer")
	assert.Equal(t, 2, ann.sees(t, party).JoinNumber)

	ban(bob.ID).is(http.StatusNoContent)
	log := read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	assert.Equal(t, []string{"chat.user.join", "chat.user.leave"}, types(log.Messages))
	ban(bob.ID).is(http.StatusNoContent)
	assert.Equal(t, log, read[room](ann.as(t).get(party.room()).is(http.StatusOK)), "banning twice changes nothing")
	bob.as(t).post(party.room(), nil).refused(http.StatusForbidden, "banned")
	bob.as(t).get(party.room()).refused(http.StatusForbidden, "not_a_member")
	bob.as(t).delete(party.members()).refused(http.StatusForbidden, "not_a_member")

	cho.joins(t, party)
	cho.as(t).delete(party.members()).is(http.StatusNoContent)
	ban(cho.ID).is(http.StatusNoContent)
	cho.as(t).post(party.room(), nil).refused(http.StatusForbidden, "banned")
	log = read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	assert.Len(t, log.Messages, 4, "who has left leaves no second time")
	assert.Equal(t, 1, log.JoinNumber)
}

func TestDeletedRoom(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 3)
	bob.joins(t, party)
	ann.as(t).delete(party.room()).is(http.StatusNoContent)

	for _, p := range []person{ann, bob, cho} {
		p.as(t).get(party.room()).refused(http.StatusGone, "room_deleted")
		p.as(t).post(party.room(), nil).refused(http.StatusGone, "room_deleted")
		p.as(t).get(party.members()).refused(http.StatusGone, "room_deleted")
		p.as(t).delete(party.members()).refused(http.StatusGone, "room_deleted")
		assert.True(t, p.sees(t, party).IsComplete)
		assert.False(t, p.sees(t, party).IsJoined)
	}
	ann.as(t).delete(party.room()).refused(http.StatusGone, "room_deleted")
	ann.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).refused(http.StatusGone, "room_deleted")
	ann.as(t).post(party.edit(), fields{"is_compelete": false}).refused(http.StatusGone, "room_deleted")
	assert.Equal(t, "남은 글", read[post](ann.as(t).post(party.edit(), fields{"title": "남은 글"}).is(http.StatusOK)).Title)
	ann.as(t).post(party.remove(), nil).is(http.StatusNoContent)
	ann.as(t).get(party.detail()).refused(http.StatusNotFound, "post_not_found")
}

func TestDeletedPost(t *testing.T) {
	ann, bob, cho := three(t)
	party := ann.opens(t, 3)
	bob.joins(t, party)
	ann.as(t).post(party.remove(), nil).is(http.StatusNoContent)
	for _, p := range []person{ann, bob, cho} {
		me := p.as(t)
		me.get(party.detail()).refused(http.StatusNotFound, "post_not_found")
		me.get(party.edit()).refused(http.StatusNotFound, "post_not_found")
		me.post(party.edit(), fields{"title": "x"}).refused(http.StatusNotFound, "post_not_found")
		me.post(party.remove(), nil).refused(http.StatusNotFound, "post_not_found")
		me.get(party.room()).refused(http.StatusNotFound, "post_not_found")
		me.post(party.room(), nil).refused(http.StatusNotFound, "post_not_found")
		me.delete(party.room()).refused(http.StatusNotFound, "post_not_found")
		me.get(party.members()).refused(http.StatusNotFound, "post_not_found")
		me.delete(party.members()).refused(http.StatusNotFound, "post_not_found")
		me.post(party.ban(), fields{"target_user_id": bob.ID}).refused(http.StatusNotFound, "post_not_found")
	}
}

func TestPagesOfALog(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 2)
	empty := read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	assert.Empty(t, empty.Messages)
	assert.Zero(t, empty.LastSeq)
	assert.False(t, empty.HasMore)

	s := ann.listens(t, party)
	const last = 60
	for i := range last {
		s.says(fmt.Sprint("말 ", i+1), "")
		s.hears("chat.message")
	}
	for _, tt := range []struct {
		query       string
		first, last int64
		more        bool
	}{
		{"", 11, 60, true},
		{"?limit=200", 1, 60, false},
		{"?limit=60", 1, 60, false},
		{"?limit=59", 2, 60, true},
		{"?limit=1", 60, 60, true},
		{"?before=11", 1, 10, false},
		{"?before=11&limit=3", 8, 10, true},
		{"?before=9223372036854775807&limit=2", 59, 60, true},
		{"?before=2", 1, 1, false},
		{"?before=1", 0, 0, false},
		{"?before=0", 0, 0, false},
		{"?after=0", 1, 50, true},
		{"?after=10", 11, 60, false},
		{"?after=57&limit=2", 58, 59, true},
		{"?after=60", 0, 0, false},
		{"?after=9223372036854775807", 0, 0, false},
	} {
		t.Run(tt.query, func(t *testing.T) {
			r := read[room](ann.as(t).get(party.room() + tt.query).is(http.StatusOK))
			assert.Equal(t, tt.more, r.HasMore)
			assert.EqualValues(t, last, r.LastSeq)
			if tt.first == 0 {
				assert.Empty(t, r.Messages)
				return
			}
			require.Len(t, r.Messages, int(tt.last-tt.first+1))
			for i, m := range r.Messages {
				assert.Equal(t, tt.first+int64(i), m.Seq)
				assert.Equal(t, fmt.Sprint("말 ", m.Seq), m.Message)
				assert.Equal(t, party.ChatID, m.Chatroom)
			}
		})
	}
	me := ann.as(t).meaning(Request)
	for query, names := range map[string][]string{
		"?limit=0":                     {"limit"},
		"?limit=201":                   {"limit"},
		"?limit=-1":                    {"limit"},
		"?limit=1e1":                   {"limit"},
		"?limit=a&before=b":            {"limit", "before"},
		"?before=-1":                   {"before"},
		"?after=-1":                    {"after"},
		"?after=9223372036854775808":   {"after"},
		"?after=1.5":                   {"after"},
		"?after=%00":                   {"after"},
		"?before=5&after=1":            {"after"},
		"?before=x&after=y&limit=9999": {"before", "after", "limit"},
	} {
		me.get(party.room() + query).invalid(names...)
	}
}
