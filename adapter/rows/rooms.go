package rows

import (
	"encoding/json"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// PostMember is a member of a party, beside its post.
type PostMember struct {
	party.Post
	party.Member
}

// Fields are those of a PostMember: of the post first.
func (s *PostMember) Fields() []any {
	return []any{
		&s.ID, &s.Leader, &s.Neighborhood, &s.Category, &s.Title, &s.Content, &s.Seats,
		&s.Closed, Time{&s.CreatedAt}, Time{&s.HiddenAt}, Time{&s.RoomDeletedAt},
		&s.User, &s.Standing, Time{&s.JoinedAt},
	}
}

// Party makes a party of all its seats, in the order of their places, or returns
// party.ErrNotFound if there are none.
func Party(seats []PostMember) (*party.Party, error) {
	if len(seats) == 0 {
		return nil, party.ErrNotFound
	}
	state := party.State{Post: seats[0].Post}
	for _, s := range seats {
		state.Members = append(state.Members, s.Member)
	}
	return party.Restore(state), nil
}

// Post gives the fields of a post.
func Post(p *port.Post) []any {
	return append(append([]any{&p.ID}, Person(&p.Leader)...),
		&p.Neighborhood, &p.Title, &p.Category, &p.Content, &p.Seats,
		&p.Closed, &p.RoomDeleted, &p.Hidden, &p.Seated, &p.Standing, &p.LastSeq, Time{&p.CreatedAt})
}

// Talk gives a post as it is shown beside the newest lines of its log, which were read before
// it. Its LastSeq is that of the last of them: more may have been said meanwhile.
func Talk(p port.Post, lines []port.Line) port.Post {
	p.LastSeq = 0
	if len(lines) > 0 {
		p.LastSeq = lines[len(lines)-1].Seq
	}
	return p
}

// Member gives the fields of a member.
func Member(m *port.Member) []any { return append(Person(&m.Person), &m.Leads, Time{&m.JoinedAt}) }

// Line gives the fields of a line: of the entry, then of the person.
func Line(l *port.Line) []any { return append(entry(&l.Entry), Person(&l.Person)...) }

func entry(e *room.Entry) []any {
	return []any{&e.ID, &e.Room, &e.Seq, &e.Kind, &e.Who, &e.Body, Object{&e.Data}, &e.ClientID, Time{&e.At}}
}

// Entry is an entry for JSON, its time as the store keeps it. What is absent is NULL.
type Entry[T any] struct {
	Place    int             `json:"place"`
	Room     room.ID         `json:"room_id"`
	Seq      int64           `json:"seq,omitempty"`
	Kind     room.Kind       `json:"kind"`
	Who      user.ID         `json:"who_id,omitempty"`
	Body     string          `json:"body"`
	Data     json.RawMessage `json:"data,omitempty"`
	ClientID string          `json:"client_id,omitempty"`
	At       *T              `json:"at"`
}

// Entries gives entries for JSON, numbered by their places.
func Entries[T any](es []room.Entry, at func(time.Time) *T) []Entry[T] {
	rows := make([]Entry[T], len(es))
	for i, e := range es {
		rows[i] = Entry[T]{i, e.Room, e.Seq, e.Kind, e.Who, e.Body, e.Data, e.ClientID, at(e.At)}
	}
	return rows
}

// Speaker is who says a line, and what the rules of chat ask about them.
type Speaker struct {
	chat.Door
	Person port.Person
}

// Fields are those of a Speaker: of the door, then of the person.
func (s *Speaker) Fields() []any {
	fields := append([]any{&s.Deleted, &s.RoomDeleted, &s.Standing, &s.Last}, entry(&s.Said)...)
	return append(fields, Person(&s.Person)...)
}

// Group is spoken lines that are stored together.
type Group struct {
	Said     []port.Said // what becomes of each line, once those of Accepted have their ids
	Accepted []int       // the places of the lines to store
	repeats  map[int]int // the place of the accepted line that a later one repeats
}

// Admit applies the rules of chat to lines and their speakers. A line that refuse returns
// an error for is refused first.
func Admit(ms []room.Entry, speakers []Speaker, refuse func(place int) error) Group {
	doors := make([]chat.Door, len(speakers))
	for i, s := range speakers {
		doors[i] = s.Door
	}
	g := Group{Said: make([]port.Said, len(ms)), repeats: map[int]int{}}
	for i, v := range chat.Admit(ms, doors) {
		s, m := &g.Said[i], ms[i]
		if s.Err = refuse(i); s.Err != nil {
			continue
		}
		switch {
		case v.Err != nil:
			s.Err = v.Err
		case v.Repeats:
			s.Line, s.Repeated = port.Line{Entry: doors[i].Said, Person: speakers[i].Person}, true
			if v.Before >= 0 {
				g.repeats[i] = v.Before
			}
		default:
			m.Seq, m.At = v.Seq, m.At.UTC().Truncate(time.Microsecond)
			s.Line = port.Line{Entry: m, Person: speakers[i].Person}
			g.Accepted = append(g.Accepted, i)
		}
	}
	return g
}

// Entries gives the accepted lines.
func (g Group) Entries() []room.Entry {
	es := make([]room.Entry, len(g.Accepted))
	for n, i := range g.Accepted {
		es[n] = g.Said[i].Entry
	}
	return es
}

// Stored gives the accepted lines their ids, in their order, and returns what became of
// each line.
func (g Group) Stored(ids []int64) []port.Said {
	for n, i := range g.Accepted {
		g.Said[i].ID = ids[n]
	}
	for i, before := range g.repeats {
		g.Said[i].Line = g.Said[before].Line
	}
	return g.Said
}
