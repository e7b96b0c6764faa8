package httpapi

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// rooms serves the room of a party and its members. A room has the id of its party.
type rooms struct {
	*base
	parties  *usecase.Parties
	messages Messages
}

func (o *rooms) routes() []route {
	return []route{
		signedIn("GET", "/api/rooms/", o.list),
		signedIn("GET", "/api/chat/{id}/", o.get),
		creating("/api/chat/{id}/", o.join),
		signedIn("DELETE", "/api/chat/{id}/", o.delete),
		signedIn("GET", "/api/chat/{id}/user/", o.listMembers),
		signedIn("DELETE", "/api/chat/{id}/user/", o.leave),
		signedIn("POST", "/api/chat/{id}/user/ban/", o.ban),
	}
}

type roomsJSON struct {
	Rooms []listedRoomJSON `json:"rooms"`
}

// listedRoomJSON is a room in the list of a person's own rooms.
type listedRoomJSON struct {
	ID           party.ID       `json:"id"`
	Title        string         `json:"title"`
	Category     party.Category `json:"category"`
	Address      string         `json:"address"`
	IsComplete   bool           `json:"is_compelete"` // so misspelt in the contract
	TargetNumber int            `json:"target_number"`
	JoinNumber   int            `json:"join_number"`
	Writer       personJSON     `json:"writer"`
	Role         string         `json:"role"`
	LastSeq      int64          `json:"last_seq"`
}

// Roles of a person in a room.
const (
	host  = "host"
	guest = "guest"
)

func (m Messages) listedRoom(p port.Post, me user.ID) listedRoomJSON {
	role := guest
	if p.Leader.ID == me {
		role = host
	}
	return listedRoomJSON{
		ID:           p.ID,
		Title:        p.Title,
		Category:     p.Category,
		Address:      string(p.Neighborhood),
		IsComplete:   completeOf(p),
		TargetNumber: p.Seats,
		JoinNumber:   p.Seated,
		Writer:       m.People.show(p.Leader),
		Role:         role,
		LastSeq:      p.LastSeq,
	}
}

// list returns the rooms of the client, wherever they are.
func (o *rooms) list(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	posts, err := o.parties.Joined(r.Context(), me.ID)
	if err != nil {
		return err
	}
	listed := roomsJSON{make([]listedRoomJSON, len(posts))}
	for i, p := range posts {
		listed.Rooms[i] = o.messages.listedRoom(p, me.ID)
	}
	return respond(w, http.StatusOK, listed)
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

// memberJSON has the person's fields twice, at the top level and in user, because clients
// read either.
type memberJSON struct {
	personJSON
	IsWriter bool       `json:"is_writer"`
	JoinedAt string     `json:"joined_at"`
	User     personJSON `json:"user"`
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
		Writer:       m.People.show(r.Leader),
		LastSeq:      r.LastSeq,
		HasMore:      r.More,
	}
}

func (o *rooms) get(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	window, err := parseWindow(r.URL.Query())
	if err != nil {
		if denied := o.parties.Enter(r.Context(), me.ID, id); denied != nil {
			return denied
		}
		return err
	}
	room, err := o.parties.Room(r.Context(), me.ID, id, window)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, o.messages.room(room))
}

// parseWindow reads the query parameters before, after and limit.
func parseWindow(query url.Values) (usecase.Window, error) {
	wrong := fault.Fields{}
	number := func(name string, lo, hi int64) *int64 {
		s := query.Get(name)
		if s == "" {
			return nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < lo || n > hi {
			wrong.Add(name, "올바른 숫자가 아니에요.")
		}
		return &n // unused if wrong is not empty
	}
	window := usecase.Window{Before: number("before", 0, math.MaxInt64), After: number("after", 0, math.MaxInt64)}
	if limit := number("limit", 1, usecase.MaxLimit); limit != nil {
		window.Limit = int(*limit)
	}
	if window.Before != nil && window.After != nil {
		wrong.Add("after", "before와 after는 함께 쓸 수 없어요.")
	}
	return window, wrong.Err()
}

func (o *rooms) join(r *http.Request, me usecase.Me, c *creation) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	_, _, err = o.parties.Join(r.Context(), me.ID, id, func(joined usecase.Joined) error {
		status := http.StatusOK
		if joined.New {
			status = http.StatusCreated
		}
		return c.answer(status, o.messages.room(joined.Room))
	})
	return err
}

func (o *rooms) delete(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return onParty(w, r, func(id party.ID) error { return o.parties.DeleteRoom(r.Context(), me.ID, id) })
}

func (o *rooms) leave(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return onParty(w, r, func(id party.ID) error { return o.parties.Leave(r.Context(), me.ID, id) })
}

// onParty runs do with the party id in the path and answers 204.
func onParty(w http.ResponseWriter, r *http.Request, do func(party.ID) error) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	return done(w)
}

func (o *rooms) listMembers(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	members, err := o.parties.Members(r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	list := make([]memberJSON, len(members))
	for i, m := range members {
		person := o.messages.People.show(m.Person)
		list[i] = memberJSON{person, m.Leads, toTime(m.JoinedAt), person}
	}
	return respond(w, http.StatusOK, list)
}

var errBanTarget = fault.Field("target_user_id", "내보낼 사용자를 정확히 골라 주세요.")

func (o *rooms) ban(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	target := f.optInt("target_user_id") // errBanTarget replaces its error
	if target == nil || *target < 1 {
		if _, denied := o.parties.GetOwn(r.Context(), me.ID, id); denied != nil {
			return denied
		}
		return errBanTarget
	}
	if err := o.parties.Ban(r.Context(), me.ID, id, user.ID(*target)); err != nil {
		return err
	}
	return done(w)
}
