package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// messageJSON is an entry of a room's log on the wire, in answers and in socket
// frames. Only spoken lines have a user.
type messageJSON struct {
	ID        int64       `json:"id"`
	Seq       int64       `json:"seq"`
	Type      string      `json:"type"`
	Message   string      `json:"message"`
	CreatedAt string      `json:"created_at"`
	Chatroom  room.ID     `json:"chatroom"`
	User      *personJSON `json:"user"`
	ClientID  *string     `json:"client_id"`
}

// noticeJSON is a messageJSON with the entry's data beside its fields, under the
// name of its kind.
type noticeJSON struct {
	messageJSON
	kind room.Kind
	data json.RawMessage
}

func (n noticeJSON) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(n.messageJSON)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(bytes.TrimSuffix(plain, []byte("}")), `,%q:%s}`, n.kind, n.data), nil
}

type roomJSON struct {
	Messages     []any      `json:"messages"`
	Title        string     `json:"title"`
	TargetNumber int        `json:"target_number"`
	JoinNumber   int        `json:"join_number"`
	Writer       personJSON `json:"writer"`
	LastSeq      int64      `json:"last_seq"`
	HasMore      bool       `json:"has_more"`
}

// memberJSON says who a member is twice: clients read either.
type memberJSON struct {
	personJSON
	IsWriter bool       `json:"is_writer"`
	JoinedAt string     `json:"joined_at"`
	User     personJSON `json:"user"`
}

// Messages gives entries of rooms' logs their form on the wire.
type Messages struct {
	Sentences room.Sentences // word the entries that nobody said
}

// typeOf has the types of entries that are older than the rule for all others.
var typeOf = map[room.Kind]string{
	chat.Said:           "chat.message",
	party.EntryJoined:   "chat.user.join",
	party.EntryDeparted: "chat.user.leave",

	party.EntryRoomDeleted: "", // no frame tells of it: the sockets close
}

// typeFor is what the wire calls an entry of kind k, whether or not this program
// knows k.
func typeFor(k room.Kind) string {
	if t, ok := typeOf[k]; ok {
		return t
	}
	return "chat." + string(k)
}

// Frame gives the type of the socket frame that tells of a line, "" if none does,
// and the message in it.
func (m Messages) Frame(l port.Line) (kind string, message any) {
	return typeFor(l.Kind), m.show(l)
}

// show gives what is to be marshalled for a line.
func (m Messages) show(l port.Line) any {
	j := messageJSON{
		ID:        l.ID,
		Seq:       l.Seq,
		Type:      typeFor(l.Kind),
		Message:   m.Sentences.Sentence(l.Entry, l.Person.Username),
		CreatedAt: toTime(l.At),
		Chatroom:  l.Room,
	}
	if l.Kind == chat.Said {
		author := toPersonJSON(l.Person)
		j.Message, j.User = l.Body, &author
	}
	if l.ClientID != "" {
		j.ClientID = &l.ClientID
	}
	if l.Data != nil {
		return noticeJSON{j, l.Kind, l.Data}
	}
	return j
}

func (m Messages) room(r port.Room) roomJSON {
	messages := make([]any, len(r.Lines))
	for i, l := range r.Lines {
		messages[i] = m.show(l)
	}
	return roomJSON{
		Messages:     messages,
		Title:        r.Title,
		TargetNumber: r.Seats,
		JoinNumber:   r.Seated,
		Writer:       toPersonJSON(r.Leader),
		LastSeq:      r.LastSeq,
		HasMore:      r.More,
	}
}

func (a *API) getRoom(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	window, err := toWindow(r.URL.Query())
	if err != nil {
		return err
	}
	room, err := a.Parties.Room(r.Context(), me.ID, id, window)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, a.Messages.room(room))
}

// toWindow reads which lines are wanted: before a seq, or after one, not both.
func toWindow(query url.Values) (usecase.Window, error) {
	wrong := fault.Fields{}
	number := func(name string, least, most int64) *int64 {
		s := query.Get(name)
		if s == "" {
			return nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < least || n > most {
			wrong.Add(name, "올바른 숫자가 아니에요.")
		}
		return &n
	}
	const anySeq = 1<<63 - 1
	window := usecase.Window{Before: number("before", 0, anySeq), After: number("after", 0, anySeq)}
	if limit := number("limit", 1, usecase.MaxLimit); limit != nil {
		window.Limit = int(*limit)
	}
	if window.Before != nil && window.After != nil {
		wrong.Add("after", "before와 after는 함께 쓸 수 없어요.")
	}
	return window, wrong.Err()
}

func (a *API) joinRoom(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	room, joined, err := a.Parties.Join(r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if joined {
		status = http.StatusCreated
	}
	return respond(w, status, a.Messages.room(room))
}

func (a *API) deleteRoom(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return byID(w, r, func(id party.ID) error { return a.Parties.DeleteRoom(r.Context(), me.ID, id) })
}

func (a *API) leaveRoom(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return byID(w, r, func(id party.ID) error { return a.Parties.Leave(r.Context(), me.ID, id) })
}

// byID does something to the party in the path, and answers with no content.
func byID(w http.ResponseWriter, r *http.Request, do func(party.ID) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	return done(w)
}

func (a *API) listMembers(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	members, err := a.Parties.Members(r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	list := make([]memberJSON, len(members))
	for i, m := range members {
		person := toPersonJSON(m.Person)
		list[i] = memberJSON{person, m.Leads, toTime(m.JoinedAt), person}
	}
	return respond(w, http.StatusOK, list)
}

var errBanTarget = fault.Field("target_user_id", "내보낼 사용자를 정확히 골라 주세요.")

func (a *API) banMember(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	target := f.optInt("target_user_id")
	if target == nil || *target < 1 {
		return errBanTarget
	}
	if err := a.Parties.Ban(r.Context(), me.ID, id, user.ID(*target)); err != nil {
		return err
	}
	return done(w)
}
