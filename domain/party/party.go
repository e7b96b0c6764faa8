// Package party is the heart of the product: people of a neighbourhood who
// order together. A party is the recruiting post, its seats and its room: one
// aggregate with one id.
package party

import (
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID names a party, its post and its room alike.
type ID = room.ID

// What a party may refuse. Full and closed have one code, since to programs
// both are a recruitment that takes nobody.
var (
	ErrNotFound       = room.ErrNotFound // a deleted post has no room
	ErrClosed         = fault.New(fault.Conflict, "recruitment_closed", "모집이 끝난 글이에요.")
	ErrFull           = fault.New(fault.Conflict, "recruitment_closed", "자리가 모두 찼어요.")
	ErrBanned         = fault.New(fault.Forbidden, "banned", "내보내진 채팅방에는 다시 들어갈 수 없어요.")
	ErrNotLeader      = fault.New(fault.Forbidden, "not_writer", "글을 쓴 사람만 할 수 있어요.")
	ErrLeaderStays    = fault.New(fault.Conflict, "writer_cannot_leave", "글을 쓴 사람은 채팅방을 나갈 수 없어요. 대신 채팅방을 삭제할 수 있어요.")
	ErrMemberNotFound = fault.New(fault.NotFound, "member_not_found", "이 채팅방에 참여한 적이 없는 사용자예요.")
	ErrBanLeader      = fault.Field("member", "글을 쓴 사람은 내보낼 수 없어요.")
	ErrTooFewSeats    = fault.Field("seats", "이미 참여한 인원보다 적게 모집할 수 없어요.")
)

// Member is a person who is or was in a party. Members are never removed; they
// change standing.
type Member struct {
	User     user.ID
	Standing room.Standing
	JoinedAt time.Time // of the newest joining
}

// Post is what a party's post says, and what became of it.
type Post struct {
	ID           ID
	Leader       user.ID
	Neighborhood user.Neighborhood
	Draft
	Closed        bool // the leader's choice; full is counted instead
	CreatedAt     time.Time
	RoomDeletedAt time.Time // zero while people can talk
	DeletedAt     time.Time // zero while the post can be read
}

// State is what is kept of a party.
type State struct {
	Post
	Members []Member // in order of first joining
}

// Party is people who order together, led by the one who wrote the post.
type Party struct {
	s      State
	stored State // as it was restored; zero if the party is new
	events []Event
}

// Open starts a party that leader leads and sits in.
func Open(id ID, leader user.ID, where user.Neighborhood, d Draft, at time.Time) (*Party, error) {
	d = d.tidy()
	if err := d.Problems().Err(); err != nil {
		return nil, err
	}
	p := &Party{s: State{Post: Post{ID: id, Leader: leader, Neighborhood: where, Draft: d, CreatedAt: at}}}
	p.note(Opened, leader, room.In, at)
	return p, nil
}

// Restore gives back the party of a stored state. It trusts what it gets: old
// parties load under new rules.
func Restore(s State) *Party {
	s.Members = slices.Clone(s.Members)
	return &Party{s: s, stored: State{s.Post, slices.Clone(s.Members)}}
}

// State returns a copy of what is kept of the party.
func (p *Party) State() State {
	s := p.s
	s.Members = slices.Clone(s.Members)
	return s
}

// Seat is a member and the member's place among all of a party.
type Seat struct {
	Place int
	Member
}

// Unsaved returns what differs from what was restored: whether the post does, and
// the seats that do.
func (p *Party) Unsaved() (post bool, seats []Seat) {
	for i, m := range p.s.Members {
		if i >= len(p.stored.Members) || p.stored.Members[i] != m {
			seats = append(seats, Seat{i, m})
		}
	}
	return p.s.Post != p.stored.Post, seats
}

// Events returns what happened since the party was opened or restored.
func (p *Party) Events() []Event { return slices.Clone(p.events) }

// Entries returns what these events leave in the room's log.
func (p *Party) Entries() []room.Entry {
	var entries []room.Entry
	for _, e := range p.events {
		if entry, ok := e.Entry(p.s.ID); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}

// Seated counts the people who are in.
func (p *Party) Seated() int {
	n := 0
	for _, m := range p.s.Members {
		if m.Standing == room.In {
			n++
		}
	}
	return n
}

// Has tells whether who is in.
func (p *Party) Has(who user.ID) bool { return p.standing(who) == room.In }

// Complete tells whether a party takes nobody: its leader closed it, or all
// seats are taken.
func Complete(closed bool, seated, seats int) bool { return closed || seated >= seats }

// Join seats who if the party takes people, has room and has not banned them.
// Joining twice changes nothing.
func (p *Party) Join(who user.ID, at time.Time) error {
	switch {
	case p.deleted():
		return ErrNotFound
	case p.roomDeleted():
		return room.ErrDeleted
	case p.standing(who) == room.Banned:
		return ErrBanned
	case p.Has(who):
		return nil
	case p.s.Closed:
		return ErrClosed
	case p.Seated() >= p.s.Seats:
		return ErrFull
	}
	p.note(Joined, who, room.In, at)
	return nil
}

// Leave gives up the seat of who.
func (p *Party) Leave(who user.ID, at time.Time) error {
	switch {
	case p.deleted():
		return ErrNotFound
	case p.roomDeleted():
		return room.ErrDeleted
	case !p.Has(who):
		return room.ErrNotMember
	case who == p.s.Leader:
		return ErrLeaderStays
	}
	p.note(Departed, who, room.Left, at)
	return nil
}

// Ban keeps whom out for good. Only the leader may, and only for people who
// are or were in. Banning twice changes nothing.
func (p *Party) Ban(by, whom user.ID, at time.Time) error {
	if err := p.led(by); err != nil {
		return err
	}
	switch {
	case p.roomDeleted():
		return room.ErrDeleted
	case whom == p.s.Leader:
		return ErrBanLeader
	}
	switch p.standing(whom) {
	case room.Stranger:
		return ErrMemberNotFound
	case room.In:
		p.note(Expelled, whom, room.Banned, at)
	case room.Left:
		p.note(Barred, whom, room.Banned, at)
	}
	return nil
}

// Change is what the leader wants to be different; nil leaves a thing as it is.
type Change struct {
	Title, Category, Content *string
	Seats                    *int
	Closed                   *bool
}

// Edit changes the post. Nothing changes unless all of it can; what stays is not
// checked anew. A party whose room is deleted stays complete.
func (p *Party) Edit(by user.ID, c Change, at time.Time) error {
	if err := p.led(by); err != nil {
		return err
	}
	next, wrong := p.s.Post.with(c), c.Problems()
	if next.Seats < p.Seated() {
		wrong.Merge(fault.Of(ErrTooFewSeats).Fields)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if p.roomDeleted() && !next.Closed {
		return room.ErrDeleted
	}
	before := p.s.Post
	p.s.Post = next
	if p.roomDeleted() {
		return nil // nobody is there to hear of it
	}
	if next.Title != before.Title || next.Category != before.Category || next.Content != before.Content {
		p.announce(Edited, by, at)
	}
	if next.Seats != before.Seats {
		p.announce(Resized, by, at)
	}
	switch {
	case next.Closed && !before.Closed:
		p.announce(Closed, by, at)
	case before.Closed && !next.Closed:
		p.announce(Reopened, by, at)
	}
	return nil
}

// DeleteRoom ends the talk for everybody. The post stays and is complete.
func (p *Party) DeleteRoom(by user.ID, at time.Time) error {
	if err := p.led(by); err != nil {
		return err
	}
	if p.roomDeleted() {
		return room.ErrDeleted
	}
	p.endRoom(by, at)
	return nil
}

// Delete takes the post away, and its room with it.
func (p *Party) Delete(by user.ID, at time.Time) error {
	if err := p.led(by); err != nil {
		return err
	}
	if !p.roomDeleted() {
		p.endRoom(by, at)
	}
	p.s.DeletedAt = at
	return nil
}

// Withdraw takes out a person whose account ends, whose seat becomes free. A
// leader's party is closed, and of the others the one who joined first leads on; if
// there is nobody, the room ends. Withdrawing twice changes nothing.
func (p *Party) Withdraw(who user.ID, at time.Time) {
	if p.deleted() || p.roomDeleted() || !p.Has(who) {
		return
	}
	p.note(Departed, who, room.Left, at)
	if who != p.s.Leader {
		return
	}
	heir, found := p.earliest()
	if !found {
		p.endRoom(who, at)
		return
	}
	p.s.Leader = heir
	if !p.s.Closed {
		p.s.Closed = true
		p.announce(Closed, heir, at)
	}
	p.announce(Succeeded, heir, at)
}

// earliest finds who of those who are in joined first.
func (p *Party) earliest() (who user.ID, found bool) {
	var since time.Time
	for _, m := range p.s.Members {
		if m.Standing == room.In && (!found || m.JoinedAt.Before(since)) {
			who, since, found = m.User, m.JoinedAt, true
		}
	}
	return who, found
}

func (p *Party) deleted() bool     { return !p.s.DeletedAt.IsZero() }
func (p *Party) roomDeleted() bool { return !p.s.RoomDeletedAt.IsZero() }

// led returns an error unless who leads a party that can still be seen.
func (p *Party) led(who user.ID) error {
	switch {
	case p.deleted():
		return ErrNotFound
	case who != p.s.Leader:
		return ErrNotLeader
	}
	return nil
}

func (p *Party) standing(who user.ID) room.Standing {
	if i := p.seatOf(who); i >= 0 {
		return p.s.Members[i].Standing
	}
	return room.Stranger
}

func (p *Party) seatOf(who user.ID) int {
	return slices.IndexFunc(p.s.Members, func(m Member) bool { return m.User == who })
}

func (p *Party) endRoom(by user.ID, at time.Time) {
	p.s.Closed = true
	p.s.RoomDeletedAt = at
	p.events = append(p.events, Event{Kind: RoomDeleted, Who: by, At: at})
}

// announce remembers an event that changed the post, and how the post is now.
func (p *Party) announce(k Kind, who user.ID, at time.Time) {
	p.events = append(p.events, Event{Kind: k, Who: who, At: at, Post: PostData{
		Event:          k,
		Title:          p.s.Title,
		Category:       p.s.Category,
		Seats:          p.s.Seats,
		Seated:         p.Seated(),
		Complete:       Complete(p.s.Closed, p.Seated(), p.s.Seats),
		ClosedByLeader: p.s.Closed,
		Leader:         p.s.Leader,
	}})
}

// note gives who a standing, and remembers the event.
func (p *Party) note(k Kind, who user.ID, s room.Standing, at time.Time) {
	i := p.seatOf(who)
	if i < 0 {
		p.s.Members = append(p.s.Members, Member{User: who})
		i = len(p.s.Members) - 1
	}
	m := &p.s.Members[i]
	m.Standing = s
	if s == room.In {
		m.JoinedAt = at
	}
	p.events = append(p.events, Event{Kind: k, Who: who, At: at})
}
