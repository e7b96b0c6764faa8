// Package party is the core of the product: neighbours who order food together. A party
// is the recruiting post, its seats and its room: one aggregate with one id.
package party

import (
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// ID identifies a party, its post and its room.
type ID = room.ID

// Errors about parties. Full and closed parties share a code, because clients treat both
// as a recruitment that is complete.
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

// Member is a present or former member of a party. Members are never removed; their
// standing changes.
type Member struct {
	User     user.ID
	Standing room.Standing
	JoinedAt time.Time // last time they joined
}

// Post is the content and status of a party's post.
type Post struct {
	ID           ID
	Leader       user.ID
	Neighborhood user.Neighborhood
	Draft
	Closed        bool // closed by the leader; whether the party is full is computed
	CreatedAt     time.Time
	HiddenAt      time.Time // zero unless an operator has hidden the post
	RoomDeletedAt time.Time // zero while the room exists
	DeletedAt     time.Time // zero while the post exists
}

// State is the stored form of a party.
type State struct {
	Post
	Members []Member // in the order in which they first joined
}

// Party is a group of people who order together. The writer of the post leads it.
type Party struct {
	s      State
	stored State // as it was restored; zero if the party is new
	events []Event
}

// Open returns a new party with leader as its first member.
func Open(id ID, leader user.ID, where user.Neighborhood, d Draft, at time.Time) (*Party, error) {
	d = d.tidy()
	if err := d.Problems().Err(); err != nil {
		return nil, err
	}
	p := &Party{s: State{Post: Post{ID: id, Leader: leader, Neighborhood: where, Draft: d, CreatedAt: at}}}
	p.note(Opened, leader, room.In, at)
	return p, nil
}

// Restore returns the party with a stored state. It does not check the state, because
// old parties must load under new rules.
func Restore(s State) *Party {
	s.Members = slices.Clone(s.Members)
	return &Party{s: s, stored: State{s.Post, slices.Clone(s.Members)}}
}

// State returns a copy of the party's state.
func (p *Party) State() State {
	s := p.s
	s.Members = slices.Clone(s.Members)
	return s
}

// Seat is a member with its index among all members of a party.
type Seat struct {
	Place int
	Member
}

// Unsaved returns the changes since Restore: whether the post changed, and the seats
// that changed.
func (p *Party) Unsaved() (post bool, seats []Seat) {
	for i, m := range p.s.Members {
		if i >= len(p.stored.Members) || p.stored.Members[i] != m {
			seats = append(seats, Seat{i, m})
		}
	}
	return p.s.Post != p.stored.Post, seats
}

// Veiled reports whether the post was hidden or shown since Restore.
func (p *Party) Veiled() bool { return !p.s.HiddenAt.Equal(p.stored.HiddenAt) }

// Events returns the events since the party was opened or restored.
func (p *Party) Events() []Event { return slices.Clone(p.events) }

// Entries returns the log entries for these events.
func (p *Party) Entries() []room.Entry {
	var entries []room.Entry
	for _, e := range p.events {
		if entry, ok := e.Entry(p.s.ID); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}

// Seated returns the number of current members.
func (p *Party) Seated() int {
	n := 0
	for _, m := range p.s.Members {
		if m.Standing == room.In {
			n++
		}
	}
	return n
}

// Has reports whether who is a member.
func (p *Party) Has(who user.ID) bool { return p.standing(who) == room.In }

// Complete reports whether a party is closed or full.
func Complete(closed bool, seated, seats int) bool { return closed || seated >= seats }

// Recruits reports whether the party takes more members.
func (p *Party) Recruits() bool {
	return !p.deleted() && !Complete(p.s.Closed, p.Seated(), p.s.Seats)
}

// Join adds who as a member if the party is open, has a free seat and has not banned
// who. It does nothing for a member.
func (p *Party) Join(who user.ID, at time.Time) error {
	switch {
	case p.deleted(), p.hiddenFrom(who):
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

// Leave removes the member who.
func (p *Party) Leave(who user.ID, at time.Time) error {
	switch {
	case p.deleted(), p.hiddenFrom(who):
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

// Ban removes whom, who can never join again. Only the leader may ban, and only present
// or former members. Banning twice changes nothing.
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

// Change is an edit of the post; nil leaves a field as it is.
type Change struct {
	Title, Category, Content *string
	Seats                    *int
	Closed                   *bool
}

// Edit changes the post. It applies the whole change or nothing, and does not check
// fields that stay the same. A party whose room is deleted stays complete.
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
		return nil // no room is left to notify
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

// DeleteRoom deletes the room. The post stays and is complete.
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

// Delete deletes the post and its room.
func (p *Party) Delete(by user.ID, at time.Time) error {
	if err := p.led(by); err != nil {
		return err
	}
	return p.Remove(at)
}

// Remove is Delete by an operator. Like Hide and Show it is told as what happened to the
// leader.
func (p *Party) Remove(at time.Time) error {
	if p.deleted() {
		return ErrNotFound
	}
	if !p.roomDeleted() {
		p.endRoom(p.s.Leader, at)
	}
	p.s.DeletedAt, p.s.HiddenAt = at, time.Time{}
	return nil
}

// Hide keeps the post from all who are not members, as if it were deleted. The members go
// on. To hide it twice changes nothing.
func (p *Party) Hide(at time.Time) error {
	switch {
	case p.deleted():
		return ErrNotFound
	case p.hidden():
		return nil
	}
	p.s.HiddenAt = at
	p.tell(Hidden, at)
	return nil
}

// Show undoes Hide.
func (p *Party) Show(at time.Time) error {
	switch {
	case p.deleted():
		return ErrNotFound
	case !p.hidden():
		return nil
	}
	p.s.HiddenAt = time.Time{}
	p.tell(Shown, at)
	return nil
}

// tell announces what an operator did, while there is a room.
func (p *Party) tell(k Kind, at time.Time) {
	if !p.roomDeleted() {
		p.announce(k, p.s.Leader, at)
	}
}

// Withdraw takes members whose accounts have ended out of the party. If the leader is
// one of them, the post closes and the earliest member who stays becomes its leader; if
// nobody stays, the room ends. Others in gone are ignored.
func (p *Party) Withdraw(at time.Time, gone ...user.ID) {
	if p.deleted() || p.roomDeleted() {
		return
	}
	leader := p.s.Leader
	for _, who := range gone {
		if p.Has(who) {
			p.note(Departed, who, room.Left, at)
		}
	}
	if p.Has(leader) || !slices.Contains(gone, leader) {
		return
	}
	heir, found := p.earliest()
	if !found {
		p.endRoom(leader, at)
		return
	}
	p.s.Leader = heir
	if !p.s.Closed {
		p.s.Closed = true
		p.announce(Closed, leader, at)
	}
	p.announce(Succeeded, heir, at)
}

// earliest returns the member who joined first.
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
func (p *Party) hidden() bool      { return !p.s.HiddenAt.IsZero() }

// hiddenFrom reports whether who is to see the post as if it were deleted.
func (p *Party) hiddenFrom(who user.ID) bool { return p.hidden() && !p.Has(who) }

// led returns an error unless who leads the party and its post exists.
func (p *Party) led(who user.ID) error {
	switch {
	case p.deleted(), p.hiddenFrom(who):
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

// announce records an event about the post, with the post's new state.
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

// note sets the standing of who and records the event.
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
