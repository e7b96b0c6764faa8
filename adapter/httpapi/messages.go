package httpapi

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// MessageJSON is a line of a room's log on the wire, in answers and in socket
// frames. Lines about people have no user.
type MessageJSON struct {
	ID        int64       `json:"id"`
	Seq       int64       `json:"seq"`
	Type      string      `json:"type"`
	Message   string      `json:"message"`
	CreatedAt string      `json:"created_at"`
	Chatroom  party.ID    `json:"chatroom"`
	User      *personJSON `json:"user"`
	ClientID  *string     `json:"client_id"`
}

type roomJSON struct {
	Messages     []MessageJSON `json:"messages"`
	Title        string        `json:"title"`
	TargetNumber int           `json:"target_number"`
	JoinNumber   int           `json:"join_number"`
	Writer       personJSON    `json:"writer"`
	LastSeq      int64         `json:"last_seq"`
	HasMore      bool          `json:"has_more"`
}

// memberJSON says who a member is twice: clients read either.
type memberJSON struct {
	personJSON
	IsWriter bool       `json:"is_writer"`
	JoinedAt string     `json:"joined_at"`
	User     personJSON `json:"user"`
}

var typeOf = map[chat.Kind]string{
	chat.Said:     "chat.message",
	chat.Joined:   "chat.user.join",
	chat.Departed: "chat.user.leave",
}

// ToMessageJSON gives a line its form on the wire.
func ToMessageJSON(l port.Line) MessageJSON {
	j := MessageJSON{
		ID:        l.ID,
		Seq:       l.Seq,
		Type:      typeOf[l.Kind],
		Message:   l.Notice(l.Person.Username),
		CreatedAt: toTime(l.At),
		Chatroom:  l.Party,
	}
	if l.Kind == chat.Said {
		author := toPersonJSON(l.Person)
		j.Message, j.User = l.Text, &author
	}
	if l.ClientID != "" {
		j.ClientID = &l.ClientID
	}
	return j
}

func toRoomJSON(room port.Room) roomJSON {
	messages := make([]MessageJSON, len(room.Lines))
	for i, l := range room.Lines {
		messages[i] = ToMessageJSON(l)
	}
	return roomJSON{
		Messages:     messages,
		Title:        room.Title,
		TargetNumber: room.Seats,
		JoinNumber:   room.Seated,
		Writer:       toPersonJSON(room.Leader),
		LastSeq:      room.LastSeq,
		HasMore:      room.More,
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
	return respond(w, http.StatusOK, toRoomJSON(room))
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
	return respond(w, status, toRoomJSON(room))
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
