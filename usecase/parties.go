package usecase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Parties lets people recruit, find and join parties.
type Parties struct {
	store   port.Store
	changes *Changes
	limits  party.Limits
}

// NewParties makes the use cases of parties.
func NewParties(store port.Store, changes *Changes, limits party.Limits) *Parties {
	return &Parties{store, changes, limits}
}

// Open starts a party in the neighbourhood of who, unless who writes too many. The lock of
// the account lets this person write one after the other; posts that are inherited or lose a
// member meanwhile may exceed the limit. In the same transaction, and last, it calls then
// with the result.
func (u *Parties) Open(ctx context.Context, who user.ID, d party.Draft, then ...func(port.Post) error) (post port.Post, err error) {
	if err := d.Problems().Err(); err != nil {
		return port.Post{}, err // before a transaction and an id are spent
	}
	err = u.changes.Open(ctx, func(w *Work) error {
		tomorrow := menu.Tomorrow(w.Now())
		var since time.Time
		if u.limits != (party.Limits{}) { // without limits, somebody may have any number of posts to count
			since = tomorrow.AddDate(0, 0, -1)
		}
		p, err := w.OpenParty(ctx, who, since, func(o port.Opening) (*party.Party, error) {
			switch err := u.limits.Write(o.Recruiting, o.Opened); {
			case errors.Is(err, party.ErrTooManyToday):
				return nil, fault.After(party.ErrTooManyToday, tomorrow.Sub(w.Now()))
			case err != nil:
				return nil, err
			}
			return party.Open(o.ID, who, w.Me().Neighborhood, d, w.Now())
		})
		if err != nil {
			return err
		}
		post = postOf(p, w.Me())
		answers(w, &post, then)
		return nil
	})
	return post, err
}

// answers calls each of then with a result, once everything is saved.
func answers[T any](w *Work, result *T, then []func(T) error) {
	for _, do := range then {
		w.AfterSave(func(port.Repos) error { return do(*result) })
	}
}

// mayRecruit refuses a change after which a party recruits again, if its leader recruits
// with too many others.
func (u *Parties) mayRecruit(ctx context.Context, w *Work) error {
	if u.limits == (party.Limits{}) {
		return nil
	}
	recruiting, _, err := w.repos.Parties.Count(ctx, w.Me().ID, w.Now())
	if err != nil {
		return err
	}
	return u.limits.Recruit(recruiting)
}

// Edit changes a post that who wrote.
func (u *Parties) Edit(ctx context.Context, who user.ID, id party.ID, c party.Change) (post port.Post, err error) {
	err = u.change(ctx, id, func(w *Work, p *party.Party) error {
		recruited := p.Recruits()
		if err := p.Edit(who, c, w.Now()); err != nil {
			return err
		}
		if !recruited && p.Recruits() {
			if err := u.mayRecruit(ctx, w); err != nil {
				return err
			}
		}
		post = postOf(p, w.Me())
		return nil
	}, With(who))
	return post, err
}

// postOf returns a party as its leader sees it, without LastSeq, which the JSON of a
// post does not show.
func postOf(p *party.Party, leader user.State) port.Post {
	s := p.State()
	return port.Post{
		ID:           s.ID,
		Leader:       port.Person{ID: leader.ID, Username: leader.Username, Email: leader.Email},
		Neighborhood: s.Neighborhood,
		Draft:        s.Draft,
		Closed:       s.Closed,
		RoomDeleted:  !s.RoomDeletedAt.IsZero(),
		Hidden:       !s.HiddenAt.IsZero(),
		Seated:       p.Seated(),
		Standing:     room.In,
		CreatedAt:    s.CreatedAt,
	}
}

// change runs a rule on a party that stands already. Whoever asks is named by With,
// since an account that has ended can do nothing; to give up a seat needs none.
func (u *Parties) change(ctx context.Context, id party.ID, rule func(*Work, *party.Party) error, options ...Option) error {
	return u.changes.In(ctx, id, func(w *Work) error {
		p, err := w.Party(ctx)
		if err != nil {
			return err
		}
		return rule(w, p)
	}, options...)
}

// Get finds a post as who sees it.
func (u *Parties) Get(ctx context.Context, who user.ID, id party.ID) (port.Post, error) {
	post, err := u.store.Read().Boards.Post(ctx, id, who)
	if err == nil {
		err = visible(post)
	}
	if err != nil {
		return port.Post{}, err
	}
	return post, nil
}

// visible returns party.ErrNotFound for a post that is hidden from the person who looks.
func visible(p port.Post) error {
	if p.Hidden && p.Standing != room.In {
		return party.ErrNotFound
	}
	return nil
}

// GetOwn finds a post for the one who wrote it.
func (u *Parties) GetOwn(ctx context.Context, who user.ID, id party.ID) (port.Post, error) {
	post, err := u.Get(ctx, who, id)
	if err == nil && post.Leader.ID != who {
		return port.Post{}, party.ErrNotLeader
	}
	return post, err
}

// Joined returns the MaxRooms posts whose rooms who is in, the one with the newest activity
// first.
func (u *Parties) Joined(ctx context.Context, who user.ID) ([]port.Post, error) {
	return u.store.Read().Boards.Joined(ctx, who, MaxRooms)
}

// Board is a page of a neighbourhood's posts, the newest first.
type Board struct {
	Posts []port.Post
	party.Paginator
}

// List returns the page nearest to the wanted one of the posts of a neighbourhood and of
// those that overlap it, of those that a filter picks.
func (u *Parties) List(ctx context.Context, where user.Neighborhood, f party.Filter, page int) (Board, error) {
	page = min(max(page, 1), maxPage)
	board := where.Overlapping()
	for { // once, unless the board ends before the page
		posts, total, err := u.store.Read().Boards.Page(ctx, board, f, (page-1)*party.PageSize, party.PageSize, party.Ahead)
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

// Join seats who in the party. It tells whether that was new, and gives the room with its
// newest lines, read in the same transaction: who may be banned right after it. In that, and
// last, it calls then with the result.
func (u *Parties) Join(ctx context.Context, who user.ID, id party.ID, then ...func(Joined) error) (talk port.Room, joined bool, err error) {
	var result Joined
	err = u.change(ctx, id, func(w *Work, p *party.Party) error {
		if err := p.Join(who, w.Now()); err != nil {
			return err
		}
		result.New = len(p.Events()) > 0
		w.AfterSave(func(r port.Repos) (err error) {
			result.Room, err = read(ctx, r, who, id, Window{})
			return err
		})
		answers(w, &result, then)
		return nil
	}, With(who))
	if err != nil {
		return port.Room{}, false, err
	}
	return result.Room, result.New, nil
}

// Joined is a room that somebody is in, and whether that is new.
type Joined struct {
	port.Room
	New bool
}

// Leave gives up the seat of who.
func (u *Parties) Leave(ctx context.Context, who user.ID, id party.ID) error {
	return u.change(ctx, id, func(w *Work, p *party.Party) error { return p.Leave(who, w.Now()) })
}

// Ban keeps whom out of a party that who leads. Only the first ban of a person is
// recorded.
func (u *Parties) Ban(ctx context.Context, who user.ID, id party.ID, whom user.ID) error {
	return u.change(ctx, id, func(w *Work, p *party.Party) error {
		if err := p.Ban(who, whom, w.Now()); err != nil {
			return err
		}
		if len(p.Events()) > 0 {
			w.Record(audit.Event{Kind: audit.Banned, Who: who, Of: whom})
		}
		return nil
	}, With(who))
}

// DeleteRoom ends the talk of a party that who leads.
func (u *Parties) DeleteRoom(ctx context.Context, who user.ID, id party.ID) error {
	return u.change(ctx, id, func(w *Work, p *party.Party) error {
		w.Record(audit.Event{Kind: audit.RoomDeleted, Who: who})
		return p.DeleteRoom(who, w.Now())
	}, With(who))
}

// Delete takes away a post that who wrote, and its room.
func (u *Parties) Delete(ctx context.Context, who user.ID, id party.ID) error {
	return u.change(ctx, id, func(w *Work, p *party.Party) error {
		w.Record(audit.Event{Kind: audit.PostDeleted, Who: who})
		return p.Delete(who, w.Now())
	}, With(who))
}

// Withdrawal is the kind of item that takes a person whose account has ended out of
// rooms: a slice of them, in the order of their ids. Its key is the person's id, and
// behind a slash the id that the slice begins after, if that is not 0.
const Withdrawal agenda.Kind = "withdrawal"

// withdrawalOf returns the item of the rooms of who that come after one.
func withdrawalOf(who user.ID, after room.ID) agenda.Item {
	key := strconv.FormatInt(int64(who), 10)
	if after > 0 {
		key += "/" + strconv.FormatInt(int64(after), 10)
	}
	return agenda.Item{Kind: Withdrawal, Key: key}
}

// parseWithdrawal reads the key that withdrawalOf made.
func parseWithdrawal(key string) (who user.ID, after room.ID, err error) {
	person, begin, sliced := strings.Cut(key, "/")
	n, err := strconv.ParseInt(person, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("withdrawal of nobody: %w", err)
	}
	if !sliced {
		return user.ID(n), 0, nil
	}
	id, err := strconv.ParseInt(begin, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("withdrawal from no room: %w", err)
	}
	return user.ID(n), room.ID(id), nil
}

// withdrawalSlice is how many rooms one run of Withdraw handles: few enough to be done
// long before the lease of the item ends.
const withdrawalSlice = 100

// Withdraw handles a Withdrawal. The next slice is an item of its own, and each room is
// changed in a transaction of its own, so that rooms that are stuck hold up no other.
func (u *Parties) Withdraw(ctx context.Context, item agenda.Item) error {
	who, after, err := parseWithdrawal(item.Key)
	if err != nil {
		return err
	}
	switch _, err := u.store.Read().Users.Get(ctx, who); {
	case err == nil:
		return nil // the account has not ended
	case !errors.Is(err, user.ErrNotFound):
		return err
	}
	ids, err := u.store.Read().Rooms.After(ctx, who, after, withdrawalSlice)
	if err != nil {
		return err
	}
	if len(ids) == withdrawalSlice {
		next := withdrawalOf(who, ids[len(ids)-1])
		if err := u.changes.schedule(ctx, next); err != nil {
			return err
		}
	}
	var failed []error
	for _, id := range ids {
		err := u.change(ctx, id, func(w *Work, p *party.Party) error {
			gone, err := w.repos.Rooms.Withdrawn(ctx, id) // others too, or one of them might succeed
			p.Withdraw(w.Now(), gone...)
			return err
		})
		if err != nil && !errors.Is(err, party.ErrNotFound) { // deleted meanwhile
			failed = append(failed, fmt.Errorf("room %d: %w", id, err))
		}
	}
	return errors.Join(failed...)
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

// Room returns a room, and the lines that w asks for, to a member. It returns no line that
// is newer than the check of the membership.
func (u *Parties) Room(ctx context.Context, who user.ID, id party.ID, w Window) (port.Room, error) {
	return read(ctx, u.store.Read(), who, id, w)
}

func read(ctx context.Context, r port.Repos, who user.ID, id party.ID, w Window) (port.Room, error) {
	limit := w.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if w.Before == nil && w.After == nil { // one more than the limit tells whether there are more
		post, lines, err := r.Boards.Talk(ctx, id, who, limit+1)
		if err == nil {
			err = admits(post)
		}
		if err != nil {
			return port.Room{}, err
		}
		return port.Room{Post: post, Lines: lines[max(0, len(lines)-limit):], More: len(lines) > limit}, nil
	}
	post, err := enter(ctx, r, who, id)
	if err != nil {
		return port.Room{}, err
	}
	if w.After != nil {
		lines, err := r.Log.After(ctx, id, *w.After, limit+1)
		lines = slices.DeleteFunc(lines, func(l port.Line) bool { return l.Seq > post.LastSeq })
		more := len(lines) > limit
		return port.Room{Post: post, Lines: lines[:min(limit, len(lines))], More: more}, err
	}
	lines, err := r.Log.Before(ctx, id, min(post.LastSeq+1, *w.Before), limit+1)
	more := len(lines) > limit
	if more {
		lines = lines[1:]
	}
	return port.Room{Post: post, Lines: lines, More: more}, err
}

// Enter returns an error unless who may read the room.
func (u *Parties) Enter(ctx context.Context, who user.ID, id party.ID) error {
	_, err := enter(ctx, u.store.Read(), who, id)
	return err
}

// Members returns the members, to a member.
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
	return post, admits(post)
}

// admits returns an error unless the person who looks at a post may read its room.
func admits(p port.Post) error { return room.Enter(visible(p) != nil, p.RoomDeleted, p.Standing) }
