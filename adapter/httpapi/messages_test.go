package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestRooms(t *testing.T) {
	s := newSite(t)
	ann, bob, cho := s.person("ann"), s.person("bob"), s.person("cho")
	id := s.open(3, ann)
	room := at("/api/chat/%d/", id)
	joined := object{"id": 1, "seq": 1, "type": "chat.user.join", "message": "bob 님이 입장했습니다.", "created_at": written, "chatroom": id, "user": nil, "client_id": nil}
	said := object{"id": 2, "seq": 2, "type": "chat.message", "message": "안녕", "created_at": written, "chatroom": id, "user": person(bob, "bob"), "client_id": "c1"}
	with := func(joins int, last int64, more bool, messages ...object) object {
		if messages == nil {
			messages = []object{}
		}
		return object{"messages": messages, "title": "치킨", "target_number": 3, "join_number": joins, "writer": person(ann, "ann"), "last_seq": last, "has_more": more}
	}

	s.ask(ann, "GET", room, "").is(200, with(1, 0, false))
	s.ask(bob, "POST", room, "").is(201, with(2, 1, false, joined))
	s.ask(bob, "POST", room, "").is(200, with(2, 1, false, joined))
	_, _, err := s.chat.Say(t.Context(), bob.id, id, "안녕", "c1")
	require.NoError(t, err)
	s.ask(bob, "GET", room, "").is(200, with(2, 2, false, joined, said))
	s.ask(bob, "GET", room+"?limit=1", "").is(200, with(2, 2, true, said))
	s.ask(bob, "GET", room+"?before=2&limit=200", "").is(200, with(2, 2, false, joined))
	s.ask(bob, "GET", room+"?after=0&limit=1", "").is(200, with(2, 2, true, joined))
	s.ask(bob, "GET", room+"?after=2", "").is(200, with(2, 2, false))
	assert.ElementsMatch(t, []string{"before", "limit"}, s.ask(bob, "GET", room+"?before=x&limit=0", "").refused(400, "invalid"))
	s.ask(cho, "GET", room, "").refused(403, "not_a_member")
	s.ask(cho, "GET", room+"user/", "").refused(403, "not_a_member")
	s.ask(cho, "DELETE", room+"user/", "").refused(403, "not_a_member")

	member := func(who someone, name string, leads bool) object {
		m := person(who, name)
		m["is_writer"], m["joined_at"], m["user"] = leads, written, person(who, name)
		return m
	}
	s.ask(bob, "GET", room+"user/", "").is(200, []object{member(ann, "ann", true), member(bob, "bob", false)})

	s.ask(ann, "DELETE", room+"user/", "").refused(409, "writer_cannot_leave")
	s.ask(bob, "DELETE", room+"user/", "").empty(204)
	s.ask(bob, "POST", room, "").json(201)

	ban := room + "user/ban/"
	for _, body := range []string{`{}`, `{"target_user_id":null}`, `{"target_user_id":0}`, `{"target_user_id":-1}`, `{"target_user_id":"bob"}`, `{"target_user_id":9223372036854775808}`, `{"target_user_id":[2]}`, `{"target_user_id":2.5}`} {
		assert.Equal(t, []string{"target_user_id"}, s.ask(ann, "POST", ban, body).refused(400, "invalid"), body)
	}
	assert.Equal(t, []string{"target_user_id"}, s.ask(ann, "POST", ban, fmt.Sprintf(`{"target_user_id":%d}`, ann.id)).refused(400, "invalid"))
	target := fmt.Sprintf(`{"target_user_id":"%d"}`, bob.id)
	s.ask(ann, "POST", ban, `{`).refused(400, "malformed_body")
	s.ask(bob, "POST", ban, target).refused(403, "not_writer")
	s.ask(ann, "POST", ban, fmt.Sprintf(`{"target_user_id":%d}`, cho.id)).refused(404, "member_not_found")
	s.ask(ann, "POST", ban, target).empty(204)
	s.ask(ann, "POST", ban, target).empty(204)
	s.ask(bob, "POST", room, "").refused(403, "banned")

	s.ask(cho, "DELETE", room, "").refused(403, "not_writer")
	s.ask(ann, "DELETE", room, "").empty(204)
	s.ask(ann, "DELETE", room, "").refused(410, "room_deleted")
	s.ask(ann, "GET", room, "").refused(410, "room_deleted")
	s.ask(cho, "POST", room, "").refused(410, "room_deleted")
	post := s.ask(cho, "GET", at("/api/post/detail/%d/", id), "").json(200)
	assert.Equal(t, true, post["is_compelete"])

	full := at("/api/chat/%d/", s.open(2, ann, bob))
	s.ask(cho, "POST", full, "").refused(409, "recruitment_closed")
}

func TestOwnRoomsAreListed(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	s.ask(bob, "GET", "/api/rooms/", "").is(200, object{"rooms": []object{}})
	first := s.open(3, ann, bob)
	own := s.open(2, bob)
	gone := s.open(2, ann, bob)
	s.ask(bob, "DELETE", at("/api/chat/%d/user/", gone), "").empty(204)
	s.ask(bob, "POST", "/api/user/update/", `{"address":"제주특별자치도 제주시 용담이동"}`).json(200)
	listed := func(id int64, who someone, name, role string, target, join, seq int) object {
		return object{
			"id": id, "title": "치킨", "category": "치킨", "address": jongno, "is_compelete": false, "target_number": target,
			"join_number": join, "writer": person(who, name), "role": role, "last_seq": seq,
		}
	}
	s.ask(bob, "GET", "/api/rooms/", "").is(200, object{"rooms": []object{
		listed(int64(own), bob, "bob", "host", 2, 1, 0),
		listed(int64(first), ann, "ann", "guest", 3, 2, 1),
	}})
}

func TestNoticesCarryTheirData(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	id := s.open(3, ann, bob)
	edit := at("/api/post/detail/%d/edit/", id)
	s.ask(ann, "POST", edit, `{"title":"피자","target_number":4}`).json(200)
	s.ask(ann, "POST", edit, `{"is_compelete":true}`).json(200)
	s.ask(ann, "POST", at("/api/chat/%d/user/ban/", id), fmt.Sprintf(`{"target_user_id":%d}`, bob.id)).empty(204)
	require.NoError(t, s.store.Write(t.Context(), func(r port.Repos) error {
		_, err := r.Log.Append(t.Context(), []room.Entry{
			{Room: id, Kind: "poll_2", Who: ann.id, Data: json.RawMessage(`{"question":"\u003c\"{}","votes":[1,{"of":null}]}`), At: noon},
			{Room: id, Kind: "bare", Who: ann.id, At: noon},
		})
		return err
	}))

	notice := func(seq int, kind, message string) object {
		return object{"id": seq, "seq": seq, "type": kind, "message": message, "created_at": written, "chatroom": id, "user": nil, "client_id": nil}
	}
	with := func(o object, key string, data object) object {
		o[key] = data
		return o
	}
	post := func(event string, complete bool) object {
		return object{
			"event": event, "title": "피자", "category": "치킨", "target_number": 4, "join_number": 2,
			"is_compelete": complete, "closed_by_writer": complete, "writer_id": ann.id,
		}
	}
	s.ask(ann, "GET", at("/api/chat/%d/", id), "").is(200, object{
		"messages": []object{
			notice(1, "chat.user.join", "bob 님이 입장했습니다."),
			with(notice(2, "chat.post", "글이 수정됐어요."), "post", post("edited", false)),
			with(notice(3, "chat.post", "모집 인원이 4명으로 바뀌었어요."), "post", post("resized", false)),
			with(notice(4, "chat.post", "모집을 마감했어요."), "post", post("closed", true)),
			with(notice(5, "chat.user.leave", "bob 님을 내보냈습니다."), "departed", object{"kicked": true}),
			with(notice(6, "chat.poll_2", ""), "poll_2", object{"question": `<"{}`, "votes": []any{1, object{"of": nil}}}),
			notice(7, "chat.bare", ""),
		},
		"title": "피자", "target_number": 4, "join_number": 1, "writer": person(ann, "ann"), "last_seq": 7, "has_more": false,
	})
}

// Frames have the same messages as answers.
func TestFramesCarryTheDataOfNotices(t *testing.T) {
	m := Messages{Sentences: party.Sentences}
	for name, c := range map[string]struct {
		entry      room.Entry
		kind, want string
	}{
		"said":         {room.Entry{Kind: chat.Said, Body: "안녕", ClientID: "c1"}, "chat.message", `"message":"안녕","user":{"id":7,"username":"bob","email":"bo**@example.com"},"client_id":"c1"`},
		"joined":       {room.Entry{Kind: party.EntryJoined}, "chat.user.join", `"message":"bob 님이 입장했습니다.","user":null,"client_id":null`},
		"kicked":       {room.Entry{Kind: party.EntryDeparted, Data: json.RawMessage(`{"kicked":true}`)}, "chat.user.leave", `"message":"bob 님을 내보냈습니다.","user":null,"client_id":null,"departed":{"kicked":true}`},
		"post":         {room.Entry{Kind: party.EntryPost, Data: json.RawMessage(`{"event":"closed"}`)}, "chat.post", `"message":"모집을 마감했어요.","user":null,"client_id":null,"post":{"event":"closed"}`},
		"newer event":  {room.Entry{Kind: party.EntryPost, Data: json.RawMessage(`{"event":"frozen"}`)}, "chat.post", `"message":"","user":null,"client_id":null,"post":{"event":"frozen"}`},
		"unknown":      {room.Entry{Kind: "poll", Data: json.RawMessage(`{}`)}, "chat.poll", `"message":"","user":null,"client_id":null,"poll":{}`},
		"without data": {room.Entry{Kind: "poll"}, "chat.poll", `"message":"","user":null,"client_id":null`},
		"no frame":     {room.Entry{Kind: party.EntryRoomDeleted}, "", `"message":"채팅방이 삭제됐어요.","user":null,"client_id":null`},
	} {
		t.Run(name, func(t *testing.T) {
			c.entry.ID, c.entry.Seq, c.entry.Room, c.entry.Who, c.entry.At = 9, 3, 1, 7, noon
			kind, message := m.Frame(port.Line{Entry: c.entry, Person: port.Person{ID: 7, Username: "bob", Email: "bob@example.com"}})
			text, err := json.Marshal(object{"type": kind, "message": message})
			require.NoError(t, err)
			assert.Equal(t, c.kind, kind)
			assert.JSONEq(t, fmt.Sprintf(`{"type":%q,"message":{"id":9,"seq":3,"type":%[1]q,"created_at":%q,"chatroom":1,%s}}`, c.kind, written, c.want), string(text))
		})
	}
}

func TestTheWithdrawnHaveNoName(t *testing.T) {
	s := newSite(t)
	ann, bob := s.person("ann"), s.person("bob")
	id := s.open(3, ann, bob)
	_, _, err := s.chat.Say(t.Context(), bob.id, id, "안녕", "")
	require.NoError(t, err)
	s.ask(bob, "POST", "/api/user/delete/", `{"password":"correct horse"}`).empty(204)
	require.NoError(t, s.Parties.Withdraw(t.Context(), agenda.Item{Kind: usecase.Withdrawal, Key: fmt.Sprint(bob.id)}))
	a := s.ask(ann, "GET", at("/api/chat/%d/", id), "")
	assert.NotContains(t, a.Body.String(), "bob")
	messages := a.json(200)["messages"].([]any)
	require.Len(t, messages, 3)
	assert.Equal(t, object{"id": float64(bob.id), "username": "탈퇴한 사용자", "email": ""}, messages[1].(object)["user"])
	assert.Equal(t, "탈퇴한 사용자 님이 퇴장했습니다.", messages[2].(object)["message"])
	assert.Equal(t, "chat.user.leave", messages[2].(object)["type"])
}

func TestToWindow(t *testing.T) {
	to := func(n int64) *int64 { return &n }
	for query, want := range map[string]usecase.Window{
		"":                             {},
		"before=&after=&limit=":        {},
		"before=7":                     {Before: to(7)},
		"after=0":                      {After: to(0)},
		"after=9223372036854775807":    {After: to(1<<63 - 1)},
		"before=0&limit=1":             {Before: to(0), Limit: 1},
		"limit=200":                    {Limit: 200},
		"limit=3&limit=x&other=thing":  {Limit: 3},
		"before=9223372036854775807":   {Before: to(1<<63 - 1)},
		"after=00":                     {After: to(0)},
		"after=5&limit=50&before=&q=1": {After: to(5), Limit: 50},
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		w, err := parseWindow(values)
		require.NoError(t, err, query)
		assert.Equal(t, want, w, query)
	}
	for query, want := range map[string][]string{
		"before=-1":                    {"before"},
		"before=x&after=-1":            {"after", "before"},
		"after=1e3":                    {"after"},
		"after=9223372036854775808":    {"after"},
		"limit=0":                      {"limit"},
		"limit=201":                    {"limit"},
		"limit=-1":                     {"limit"},
		"limit=1.5":                    {"limit"},
		"limit=99999999999999999999":   {"limit"},
		"before=1&after=1":             {"after"},
		"before=x&after=y&limit=z":     {"after", "before", "limit"},
		"before=1&after=1&limit=xxxxx": {"after", "limit"},
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = parseWindow(values)
		assert.ElementsMatch(t, want, keys(fault.Of(err).Fields), query)
	}
}

// Boards and frames are shared, so an address is shown to everybody alike: also to its
// owner, who reads it at /api/user/.
func TestAddressesOfOthersAreMasked(t *testing.T) {
	for name, tt := range map[string]struct {
		full bool
		ann  string
	}{
		"masked": {false, "an**@example.com"},
		"full":   {true, "ann@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.Messages.FullEmails = tt.full
			s.build()
			ann, bob := s.person("ann"), s.person("bob")
			id := s.open(3, ann, bob)
			_, _, err := s.chat.Say(t.Context(), ann.id, id, "안녕", "")
			require.NoError(t, err)
			room, post := fmt.Sprintf("/api/chat/%d/", id), fmt.Sprintf("/api/post/detail/%d/", id)
			for _, who := range []someone{ann, bob} {
				for _, path := range []string{room, room + "user/", post, "/api/post/"} {
					body := s.ask(who, "GET", path, "").Body.String()
					assert.Contains(t, body, `"`+tt.ann+`"`, path)
					assert.Equal(t, tt.full, strings.Contains(body, "ann@"), path)
				}
				assert.Contains(t, s.ask(who, "POST", room, "").Body.String(), `"`+tt.ann+`"`)
			}
			body := s.ask(ann, "POST", post+"edit/", `{"title":"피자"}`).Body.String()
			assert.Contains(t, body, `"`+tt.ann+`"`)
			account := s.ask(ann, "GET", "/api/user/current/", "").json(200)["user"].(object)
			assert.Equal(t, "ann@example.com", account["email"])
		})
	}
}
