package usecase

import (
	"context"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Parties lets people recruit, find and join parties.
type Parties struct {
	store port.Store
	bus   port.Bus
	now   func() time.Time
}

// NewParties makes the use cases of parties.
func NewParties(store port.Store, bus port.Bus, now func() time.Time) *Parties {
	return &Parties{store: store, bus: bus, now: now}
}

// Open starts a party in the neighbourhood of who.
func (u *Parties) Open(ctx context.Context, who user.ID, d party.Draft) (port.Post, error) {
	if err := d.Problems().Err(); err != nil {
		return port.Post{}, err // before a transaction, and an id, for nothing
	}
	return u.post(ctx, who, func(r port.Repos, me user.State) (*party.Party, error) {
		at := u.now()
		id, err := r.Rooms.Open(ctx, at)
		if err != nil {
			return nil, err
		}
		return party.Open(id, who, me.Neighborhood, d, at)
	})
}

// Edit changes a post that who wrote.
func (u *Parties) Edit(ctx context.Context, who user.ID, id party.ID, c party.Change) (port.Post, error) {
	return u.post(ctx, who, func(r port.Repos, _ user.State) (*party.Party, error) {
		return locked(ctx, r, id, func(p *party.Party) error { return p.Edit(who, c) })
	})
}

// post commits a party that who leads, and gives it as its leader sees it,
// without LastSeq, which the JSON of a post does not show.
func (u *Parties) post(ctx context.Context, who user.ID, get func(port.Repos, user.State) (*party.Party, error)) (port.Post, error) {
	var me user.State
	p, err := u.commit(ctx, func(r port.Repos) (*party.Party, error) {
		person, err := signedIn(ctx, r, who)
		if err != nil {
			return nil, err
		}
		me = person.State()
		return get(r, me)
	})
	if err != nil {
		return port.Post{}, err
	}
	s := p.State()
	return port.Post{
		ID:           s.ID,
		Leader:       port.Person{ID: me.ID, Username: me.Username, Email: string(me.Email)},
		Neighborhood: s.Neighborhood,
		Draft:        s.Draft,
		Closed:       s.Closed,
		RoomDeleted:  !s.RoomDeletedAt.IsZero(),
		Seated:       p.Seated(),
		Standing:     room.In,
		CreatedAt:    s.CreatedAt,
	}, nil
}

// locked applies rule to a locked party.
func locked(ctx context.Context, r port.Repos, id party.ID, rule func(*party.Party) error) (*party.Party, error) {
	p, err := r.Parties.Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	return p, rule(p)
}

// change commits rule on a party that stands already. It does not lock the account
// of who asks: to withdraw meanwhile does no harm to those who give up a seat, and
// a leader stays one.
func (u *Parties) change(ctx context.Context, id party.ID, rule func(*party.Party) error) (*party.Party, error) {
	return u.commit(ctx, func(r port.Repos) (*party.Party, error) { return locked(ctx, r, id, rule) })
}

// recorded is change for what goes on record. A ban that was one before does not.
func (u *Parties) recorded(ctx context.Context, e audit.Event, rule func(*party.Party) error) error {
	var p *party.Party
	_, err := u.commit(ctx, func(r port.Repos) (_ *party.Party, err error) {
		p, err = locked(ctx, r, e.Room, rule)
		return p, err
	}, func(r port.Repos) error {
		if e.Kind == audit.Banned && len(p.Events()) == 0 {
			return nil
		}
		e.At = u.now()
		return r.Audit.Note(ctx, e)
	})
	return err
}

// commit saves the party that get returns, together with the log lines its
// events make, and looks at what has become of it. The bus hears of the lines only
// once they are stored.
func (u *Parties) commit(ctx context.Context, get func(port.Repos) (*party.Party, error), looks ...func(port.Repos) error) (*party.Party, error) {
	var p *party.Party
	var lines []port.Line
	err := u.store.Write(ctx, func(r port.Repos) (err error) {
		if p, err = get(r); err != nil {
			return err
		}
		if err = r.Parties.Save(ctx, p); err != nil {
			return err
		}
		if lines, err = r.Log.Append(ctx, p.Entries()); err != nil {
			return err
		}
		for _, look := range looks {
			if err = look(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	u.bus.Publish(ctx, lines...)
	u.bus.Notify(ctx, moved(p)...)
	return p, nil
}

// moved gives the people who are in other rooms since p was changed.
func moved(p *party.Party) (people []user.ID) {
	for _, e := range p.Events() {
		if who, ok := e.Moved(); ok {
			people = append(people, who)
		}
	}
	return people
}

// Get finds a post as who sees it.
func (u *Parties) Get(ctx context.Context, who user.ID, id party.ID) (port.Post, error) {
	return u.store.Read().Boards.Post(ctx, id, who)
}

// GetOwn finds a post for the one who wrote it.
func (u *Parties) GetOwn(ctx context.Context, who user.ID, id party.ID) (port.Post, error) {
	post, err := u.Get(ctx, who, id)
	if err == nil && post.Leader.ID != who {
		return port.Post{}, party.ErrNotLeader
	}
	return post, err
}

// Board is a page of a neighbourhood's posts, the newest first.
type Board struct {
	Posts []port.Post
	party.Paginator
}

// List gives the page nearest to the wanted one; of one category unless it is "".
func (u *Parties) List(ctx context.Context, where user.Neighborhood, of party.Category, page int) (Board, error) {
	page = min(max(page, 1), maxPage)
	for { // once, unless the board ends before the page
		posts, total, err := u.store.Read().Boards.Page(ctx, where, of, (page-1)*party.PageSize, party.PageSize)
		if err != nil {
			return Board{}, err
		}
		at := party.Paginate(total, page)
		if at.Current == page {
			return Board{posts, at}, nil
		}
		page = at.Current
	}
}

// maxPage is a page that no board has.
const maxPage = 1 << 27

// Join seats who in the party. It tells whether that was new, and gives the
// room in its newest lines: as it is with the new member, who may be banned
// before anybody can look again.
func (u *Parties) Join(ctx context.Context, who user.ID, id party.ID) (room port.Room, joined bool, err error) {
	p, err := u.commit(ctx, func(r port.Repos) (*party.Party, error) {
		if _, err := signedIn(ctx, r, who); err != nil {
			return nil, err
		}
		return locked(ctx, r, id, func(p *party.Party) error { return p.Join(who, u.now()) })
	}, func(r port.Repos) (err error) {
		room, err = read(ctx, r, who, id, Window{})
		return err
	})
	if err != nil {
		return port.Room{}, false, err
	}
	return room, len(p.Events()) > 0, nil
}

// Leave gives up the seat of who.
func (u *Parties) Leave(ctx context.Context, who user.ID, id party.ID) error {
	_, err := u.change(ctx, id, func(p *party.Party) error { return p.Leave(who, u.now()) })
	return err
}

// Ban keeps whom out of a party that who leads.
func (u *Parties) Ban(ctx context.Context, who user.ID, id party.ID, whom user.ID) error {
	e := audit.Event{Kind: audit.Banned, Who: who, Of: whom, Room: id}
	return u.recorded(ctx, e, func(p *party.Party) error { return p.Ban(who, whom, u.now()) })
}

// DeleteRoom ends the talk of a party that who leads.
func (u *Parties) DeleteRoom(ctx context.Context, who user.ID, id party.ID) error {
	e := audit.Event{Kind: audit.RoomDeleted, Who: who, Room: id}
	return u.recorded(ctx, e, func(p *party.Party) error { return p.DeleteRoom(who, u.now()) })
}

// Delete takes away a post that who wrote, and its room.
func (u *Parties) Delete(ctx context.Context, who user.ID, id party.ID) error {
	e := audit.Event{Kind: audit.PostDeleted, Who: who, Room: id}
	return u.recorded(ctx, e, func(p *party.Party) error { return p.Delete(who, u.now()) })
}

// Window says which lines of a log to read: those before a Seq, those after
// one, or the newest.
type Window struct {
	Before, After *int64
	Limit         int // 0 is DefaultLimit
}

const (
	// DefaultLimit is how many lines are read where no number is given.
	DefaultLimit = 50
	// MaxLimit is how many lines can be read at once.
	MaxLimit = 200
)

// Room gives a room, and the lines that w asks for, to a member. It shows no line
// that is newer than the look at who is a member.
func (u *Parties) Room(ctx context.Context, who user.ID, id party.ID, w Window) (port.Room, error) {
	return read(ctx, u.store.Read(), who, id, w)
}

func read(ctx context.Context, r port.Repos, who user.ID, id party.ID, w Window) (port.Room, error) {
	post, err := enter(ctx, r, who, id)
	if err != nil {
		return port.Room{}, err
	}
	limit := w.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if w.After != nil { // one more than asked tells whether there are more
		lines, err := r.Log.After(ctx, id, *w.After, limit+1)
		lines = slices.DeleteFunc(lines, func(l port.Line) bool { return l.Seq > post.LastSeq })
		more := len(lines) > limit
		return port.Room{Post: post, Lines: lines[:min(limit, len(lines))], More: more}, err
	}
	before := post.LastSeq + 1
	if w.Before != nil {
		before = min(before, *w.Before)
	}
	lines, err := r.Log.Before(ctx, id, before, limit+1)
	more := len(lines) > limit
	if more {
		lines = lines[1:]
	}
	return port.Room{Post: post, Lines: lines, More: more}, err
}

// Members lists who is in, for a member.
func (u *Parties) Members(ctx context.Context, who user.ID, id party.ID) ([]port.Member, error) {
	if _, err := enter(ctx, u.store.Read(), who, id); err != nil {
		return nil, err
	}
	return u.store.Read().Boards.Members(ctx, id)
}

// enter finds a party whose room who may read.
func enter(ctx context.Context, r port.Repos, who user.ID, id party.ID) (port.Post, error) {
	post, err := r.Boards.Post(ctx, id, who)
	if err != nil {
		return port.Post{}, err
	}
	return post, room.Enter(false, post.RoomDeleted, post.Standing)
}
