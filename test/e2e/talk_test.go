package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// meet opens a post of the first of some people, and lets the others join.
func meet(t *testing.T, who ...person) post {
	t.Helper()
	party := who[0].opens(t, 10)
	for _, p := range who[1:] {
		p.joins(t, party)
	}
	return party
}

func TestTalk(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	a, b := ann.listens(t, party), bob.listens(t, party)

	a.says("안녕하세요 👋", "id-1")
	for _, s := range []*socket{a, b} {
		m := s.hearsWords("안녕하세요 👋")
		assert.Equal(t, &writer{ann.ID, ann.Username, ann.masked()}, m.User)
		require.NotNil(t, m.ClientID)
		assert.Equal(t, "id-1", *m.ClientID)
		assert.EqualValues(t, 2, m.Seq, "after the notice that bob joined")
		assert.Equal(t, party.ChatID, m.Chatroom)
	}
	b.says("  반가워요\r\n둘째 줄 ", "")
	for _, s := range []*socket{a, b} {
		m := s.hears("chat.message").Message
		assert.True(t, strings.HasPrefix(m.Message, "반가워요") && strings.HasSuffix(m.Message, "둘째 줄"), m.Message)
		assert.Equal(t, bob.ID, m.User.ID)
		assert.Nil(t, m.ClientID)
		assert.EqualValues(t, 3, m.Seq)
	}
	log := read[room](bob.as(t).get(party.room()).is(http.StatusOK))
	assert.Equal(t, []string{"chat.user.join", "chat.message", "chat.message"}, types(log.Messages))
	assert.EqualValues(t, 3, log.LastSeq)
}

func TestTheRoomHearsWhoComesAndGoes(t *testing.T) {
	ann, bob, cho := three(t)
	party := meet(t, ann, bob)
	a, b := ann.listens(t, party), bob.listens(t, party)
	both := func(kind string, who person, words string) {
		t.Helper()
		for _, s := range []*socket{a, b} {
			f := s.hears(kind)
			assert.Equal(t, who.ID, f.UserID)
			assert.Equal(t, who.Username+words, f.Message.Message)
			assert.Nil(t, f.Message.User)
		}
	}
	cho.joins(t, party)
	both("chat.user.join", cho, " 님이 입장했습니다.")
	c := cho.listens(t, party)
	c2 := cho.listens(t, party)
	cho.as(t).delete(party.members()).is(http.StatusNoContent)
	both("chat.user.leave", cho, " 님이 퇴장했습니다.")
	for _, s := range []*socket{c, c2} {
		assert.Equal(t, cho.ID, s.hears("chat.user.leave").UserID)
		s.ends(4403)
	}

	cho.joins(t, party)
	both("chat.user.join", cho, " 님이 입장했습니다.")
	c = cho.listens(t, party)
	ann.as(t).post(party.ban(), fields{"target_user_id": cho.ID}).is(http.StatusNoContent)
	both("chat.user.leave", cho, " 님을 내보냈습니다.")
	assert.Equal(t, cho.ID, c.hears("chat.user.leave").UserID)
	c.ends(4403)

	dan := newcomer(t, shared, "talk-withdrawn")
	dan.joins(t, party)
	both("chat.user.join", dan, " 님이 입장했습니다.")
	d := dan.listens(t, party)
	dan.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	dan.Username = "탈퇴한 사용자"
	both("chat.user.leave", dan, " 님이 퇴장했습니다.")
	if f, err := d.take(); err == nil { // the news may come before the end
		assert.Equal(t, "chat.user.leave", f.Type)
	}
	d.ends(4401)

	a.says("우리만 남았네요", "")
	a.hearsWords("우리만 남았네요")
	b.hearsWords("우리만 남았네요")
}

func TestTheRoomHearsOfItsPost(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	b := bob.listens(t, party)
	for _, change := range []struct {
		of    fields
		words string
	}{
		{fields{"title": "피자 같이 시켜요"}, "글이 수정됐어요."},
		{fields{"target_number": 9}, "모집 인원이 9명으로 바뀌었어요."},
		{fields{"is_compelete": true}, "모집을 마감했어요."},
		{fields{"is_compelete": false}, "모집을 다시 시작했어요."},
	} {
		ann.as(t).post(party.edit(), change.of).is(http.StatusOK)
		f := b.hears("chat.post")
		assert.Equal(t, ann.ID, f.UserID)
		assert.Equal(t, change.words, f.Message.Message)
		assert.Nil(t, f.Message.User)
	}
	ann.as(t).post(party.edit(), fields{"title": "피자 같이 시켜요"}).is(http.StatusOK)
	b.says("피자 좋아요", "")
	b.hearsWords("피자 좋아요") // a change to what is there already is no news
	log := read[room](bob.as(t).get(party.room()).is(http.StatusOK))
	assert.Equal(t, "피자 같이 시켜요", log.Title)
	assert.Equal(t, []string{"chat.user.join", "chat.post", "chat.post", "chat.post", "chat.post", "chat.message"}, types(log.Messages))
}

func TestTheEndOfARoom(t *testing.T) {
	ann, bob := two(t)
	for name, end := range map[string]func(post){
		"room": func(p post) { ann.as(t).delete(p.room()).is(http.StatusNoContent) },
		"post": func(p post) { ann.as(t).post(p.remove(), nil).is(http.StatusNoContent) },
	} {
		t.Run(name, func(t *testing.T) {
			party, other := meet(t, ann, bob), meet(t, ann, bob)
			a, b, elsewhere := ann.listens(t, party), bob.listens(t, party), bob.listens(t, other)
			end(party)
			a.ends(4040)
			b.ends(4040)
			elsewhere.says("여기는 남아요", "")
			elsewhere.hearsWords("여기는 남아요")
		})
	}
}

func TestSocketsEndWithTheirSignIn(t *testing.T) {
	ann, _ := two(t)
	t.Run("by a new password", func(t *testing.T) {
		bob := newcomer(t, shared, "talk-password")
		party, own := meet(t, ann, bob), bob.opens(t, 2)
		a, b, c := ann.listens(t, party), bob.listens(t, party), bob.listens(t, own)
		changed := read[signed](bob.as(t).post("/api/user/changepassword/",
			fields{"current_password": password, "new_password1": "next-word-1", "new_password2": "next-word-1"}).is(http.StatusOK)).User
		b.ends(4401)
		c.ends(4401)
		changed.on = shared
		b = changed.listens(t, party)
		a.says("다시 왔네요", "")
		a.hearsWords("다시 왔네요")
		b.hearsWords("다시 왔네요")
	})
	t.Run("by time", func(t *testing.T) {
		t.Parallel()
		party := ann.opens(t, 2)
		late := ann
		late.Token = forged(t, ann, ownKey, func(_ map[string]any, c jwt.MapClaims) {
			c["exp"] = time.Now().Add(-28 * time.Second).Unix() // there are 30 of grace
		})
		late.listens(t, party).ends(4401)
	})
}

func TestWhoMayNotHaveASocket(t *testing.T) {
	ann, bob, cho := three(t)
	party, gone, ended := meet(t, ann, bob), meet(t, ann, bob), meet(t, ann, bob)
	ann.as(t).post(gone.remove(), nil).is(http.StatusNoContent)
	ann.as(t).delete(ended.room()).is(http.StatusNoContent)
	refused := func(p person, path string, query url.Values, header http.Header, status int, code string) {
		t.Helper()
		if query == nil {
			query = url.Values{}
		}
		query.Set("token", p.Token)
		conn, a := handshake(t, shared, path, query, header)
		require.Nil(t, conn)
		a.refused(status, code)
	}
	_, a := handshake(t, shared, party.socket(), nil, nil)
	a.refused(http.StatusUnauthorized, "not_signed_in")
	refused(cho, party.socket(), nil, nil, http.StatusForbidden, "not_a_member")
	refused(ann, gone.socket(), nil, nil, http.StatusNotFound, "post_not_found")
	refused(ann, "/ws/chat/999999/", nil, nil, http.StatusNotFound, "post_not_found")
	for _, id := range []string{"0", "-1", "+1", "1e3", "x", "9223372036854775808"} {
		refused(ann, "/ws/chat/"+id+"/", nil, nil, http.StatusNotFound, "post_not_found")
	}
	refused(ann, ended.socket(), nil, nil, http.StatusGone, "room_deleted")
	for _, after := range []string{"-1", "x", "1.5", "9223372036854775808", " "} {
		refused(ann, party.socket(), url.Values{"after": {after}}, nil, http.StatusBadRequest, "invalid")
	}

	bob.as(t).delete(party.members()).is(http.StatusNoContent)
	refused(bob, party.socket(), nil, nil, http.StatusForbidden, "not_a_member")
	ann.as(t).post(party.ban(), fields{"target_user_id": bob.ID}).is(http.StatusNoContent)
	refused(bob, party.socket(), nil, nil, http.StatusForbidden, "not_a_member")

	for _, origin := range []string{"https://evil.example", "null", "http://" + shared.addr + ".evil.example", "http://127.0.0.1:1", "file://"} {
		refused(ann, party.socket(), nil, http.Header{"Origin": {origin}}, http.StatusForbidden, "cross_origin")
	}
	ann.as(t).get(party.socket()).refused(http.StatusUpgradeRequired, "upgrade_required")
	ann.as(t).with("Connection", "Upgrade").with("Upgrade", "websocket").with("Sec-WebSocket-Version", "8").
		get(party.socket()).refused(http.StatusUpgradeRequired, "upgrade_required")

	for _, header := range []http.Header{
		{"Authorization": {"token " + ann.Token}},
		{"Authorization": {"Bearer " + ann.Token}, "Origin": {"http://" + shared.addr}},
	} {
		conn, a := handshake(t, shared, party.socket(), nil, header)
		a.is(http.StatusSwitchingProtocols)
		follow(t, conn)
	}
}

func TestResume(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob) // line 1
	a := ann.listens(t, party)
	const last = 250 // more than are read at once
	for i := int64(2); i <= last; i++ {
		a.says(fmt.Sprint("줄 ", i), "")
		require.Equal(t, i, a.hears("chat.message").Message.Seq)
	}
	for _, after := range []int64{0, 1, 7, last - 1, last} {
		b := bob.listens(t, party, "after", fmt.Sprint(after))
		a.says("새 말", "")
		now := a.hearsWords("새 말").Seq
		for seq := after + 1; seq <= now; seq++ { // the old first, and the new behind it
			f, err := b.take()
			require.NoError(t, err)
			require.Equal(t, seq, f.Message.Seq, "nothing is left out, nothing comes twice")
		}
		b.conn.Close()
	}
	b := bob.listens(t, party) // without after, only what is new
	a.says("처음 듣는 말", "")
	b.hearsWords("처음 듣는 말")
	newest := a.hearsWords("처음 듣는 말").Seq

	for _, beyond := range []int64{newest + 1, 1<<63 - 1} {
		b := bob.listens(t, party, "after", fmt.Sprint(beyond))
		b.hears("chat.resync")
		a.says("다시 맞춘 뒤", "")
		a.hearsWords("다시 맞춘 뒤")
		b.hearsWords("다시 맞춘 뒤")
		b.conn.Close()
		newest++
	}
}

func TestWhatIsSaidTwice(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	a, b := ann.listens(t, party), bob.listens(t, party)
	a.says("한 번만", "same")
	first := a.hearsWords("한 번만")
	b.hearsWords("한 번만")

	a.says(" 한 번만 ", "same") // the sender did not hear that it was stored
	assert.Equal(t, first, a.hearsWords("한 번만"))
	again := ann.listens(t, party)
	again.says("한 번만", "same")
	assert.Equal(t, first, again.hearsWords("한 번만"))

	a.says("다른 말", "same")
	if id := a.hearsRefusal("id_conflict"); assert.NotNil(t, id) {
		assert.Equal(t, "same", *id)
	}
	b.says("다른 사람의 말", "same") // its own name for its own message
	b.hearsWords("다른 사람의 말")   // is the next that bob hears
	a.hearsWords("다른 사람의 말")
	again.hearsWords("다른 사람의 말")

	other := meet(t, ann)
	o := ann.listens(t, other)
	o.says("다른 방", "same")
	o.hearsWords("다른 방")
	log := read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	assert.EqualValues(t, 3, log.LastSeq)
}

func TestFramesThatAreRefused(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	a, b := ann.listens(t, party), bob.listens(t, party)
	for _, broken := range []string{
		`{`, ``, ` `, `hello`, `[]`, `"text"`, `1`, `{"message": 1}`, `{"message": ["a"]}`, `{"message": {"a": 1}}`, `{"message": "a"} {}`,
		`{"message": "a", "client_id": 1}`, `{"message": "a",}`, `{"message": "a` + "\x00" + `"}`, strings.Repeat("[", 12_000),
	} {
		a.sends(broken)
		assert.Nil(t, a.hearsRefusal("malformed_frame"), broken)
	}
	for _, empty := range []string{`{}`, `{"message": null}`, `{"message": ""}`, `{"message": "  \n\t "}`, `{"message": "\u200b\u3000"}`} {
		a.sends(empty)
		a.hearsRefusal("invalid_message")
	}
	for name, words := range map[string]string{
		"1001 characters": strings.Repeat("가", 1001),
		"1001 emoji":      strings.Repeat("🍗", 1001),
		"too many bytes":  "a" + strings.Repeat("\u0301", 3000),
		"NUL":             "a\x00b",
		"a control":       "a\x1b[31mb",
		"a bell":          "\a",
		"DEL":             "a\x7f",
	} {
		a.says(words, "refused-"+name)
		if id := a.hearsRefusal("invalid_message"); assert.NotNil(t, id, name) {
			assert.Equal(t, "refused-"+name, *id)
		}
	}
	a.says("이름이 길어요", strings.Repeat("i", 65))
	a.hearsRefusal("invalid_message")
	a.says("이름이 길어요", strings.Repeat("가", 22))
	a.hearsRefusal("invalid_message")
	a.says("이름이 이상해요", "a\x00b")
	a.hearsRefusal("invalid_message")

	// None of it was stored, nobody else heard of it, and the socket lives.
	for _, words := range []string{strings.Repeat("가", 1000), strings.Repeat("🍗", 1000), strings.Repeat("e\u0301", 1000)} {
		a.says(" "+words+"\n", strings.Repeat("i", 64))
		if strings.HasPrefix(words, "가") {
			a.hearsWords(words)
			b.hearsWords(words)
			continue
		}
		a.hearsRefusal("id_conflict")
		a.says(words, "")
		m := a.hears("chat.message").Message
		assert.Equal(t, m, b.hears("chat.message").Message)
		assert.NotContains(t, m.Message, "\u0301", "text is kept in its composed form")
	}
	assert.EqualValues(t, 4, read[room](ann.as(t).get(party.room()).is(http.StatusOK)).LastSeq)
}

func TestFramesThatEndASocket(t *testing.T) {
	ann, bob := two(t)
	party := meet(t, ann, bob)
	b := bob.listens(t, party)
	for name, tt := range map[string]struct {
		kind int
		text string
		code int
	}{
		"binary":                {websocket.BinaryMessage, `{"message": "a"}`, websocket.CloseUnsupportedData},
		"empty and binary":      {websocket.BinaryMessage, ``, websocket.CloseUnsupportedData},
		"invalid UTF-8":         {websocket.TextMessage, "{\"message\": \"\xff\"}", websocket.CloseInvalidFramePayloadData},
		"a surrogate":           {websocket.TextMessage, "{\"message\": \"\xed\xa0\x80\"}", websocket.CloseInvalidFramePayloadData},
		"a byte too large":      {websocket.TextMessage, strings.Repeat(" ", 16<<10+1), websocket.CloseMessageTooBig},
		"a megabyte":            {websocket.TextMessage, `{"message": "` + strings.Repeat("a", 1<<20) + `"}`, websocket.CloseMessageTooBig},
		"a megabyte and binary": {websocket.BinaryMessage, strings.Repeat("a", 1<<20), websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			for range 3 {
				a := ann.listens(t, party)
				a.conn.WriteMessage(tt.kind, []byte(tt.text)) // the server may stop to read
				a.ends(tt.code)
			}
		})
	}
	a := ann.listens(t, party)
	a.sends(`{"message": "아직 있어요"` + strings.Repeat(" ", 16<<10-33) + `}`)
	b.hearsWords("아직 있어요")
}

func TestTheSixthSocketOfAPerson(t *testing.T) {
	ann, bob := two(t)
	party, other := meet(t, ann, bob), meet(t, ann, bob)
	b, elsewhere := bob.listens(t, party), ann.listens(t, other)
	var sockets []*socket
	for range 5 {
		sockets = append(sockets, ann.listens(t, party))
	}
	b.says("다섯 개", "")
	b.hearsWords("다섯 개")
	for _, s := range sockets {
		s.hearsWords("다섯 개")
	}
	for i := range 2 {
		sockets = append(sockets, ann.listens(t, party))
		sockets[i].ends(websocket.ClosePolicyViolation)
	}
	b.says("여전히 다섯 개", "")
	b.hearsWords("여전히 다섯 개")
	for _, s := range sockets[2:] {
		s.hearsWords("여전히 다섯 개")
	}
	elsewhere.says("다른 방은 그대로", "")
	elsewhere.hearsWords("다른 방은 그대로")
}

// An open socket hears whatever is stored from then on, however soon it is said.
func TestWhatIsSaidAtOnceIsHeard(t *testing.T) {
	crowd := people(t, 8)
	party := meet(t, crowd...)
	for round := range 8 {
		var said errgroup.Group
		for i, p := range crowd {
			said.Go(func() error {
				conn, a, err := knock(websocket.Dialer{}, shared, party.socket(), url.Values{"token": {p.Token}}, nil)
				if err != nil || conn == nil {
					return fmt.Errorf("%d: %w", a.status, err)
				}
				s := follow(t, conn)
				defer conn.Close()
				id := fmt.Sprint(round, "-", i)
				if err := conn.WriteJSON(fields{"message": "오자마자", "client_id": id}); err != nil {
					return err
				}
				for {
					if f, err := s.take(); err != nil || f.named(id) {
						return err
					}
				}
			})
		}
		require.NoError(t, said.Wait())
	}
}
