package port

import (
	"context"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// Parties keeps parties. Deleted ones are kept and never returned.
type Parties interface {
	// Get finds a party, or returns party.ErrNotFound.
	Get(ctx context.Context, id party.ID) (*party.Party, error)
	// Lock is Get that makes others wait for the room, and for all that belongs to
	// it, until the Write ends.
	Lock(ctx context.Context, id party.ID) (*party.Party, error)
	// Open locks the account who, makes a room without entries for a party that who leads,
	// and counts like Count, unless since is zero; or returns user.ErrNotFound. It belongs
	// in a Write.
	Open(ctx context.Context, who user.ID, since, at time.Time) (Opening, error)
	// Save keeps what differs of a party that was opened or locked in this Write. That it
	// could not be kept is maybe only said by what follows in the Write, or by its end.
	Save(ctx context.Context, p *party.Party) error
	// Count tells how many parties recruit that who leads, and how many of those that who
	// leads were opened since a time, deleted ones too.
	Count(ctx context.Context, who user.ID, since time.Time) (recruiting, opened int, err error)
}

// Opening is what a party begins with.
type Opening struct {
	ID         room.ID
	Leader     *user.User
	Recruiting int // parties that the leader leads, as Parties.Count tells
	Opened     int
}

// Boards answers what people look at. Deleted posts are not there, and hidden ones in no Page.
type Boards interface {
	// Page returns at most limit posts of one or several neighbourhoods, the newest first,
	// after skip of them, of those that a filter picks. total is how many there are in all,
	// but no more than ahead after the page are counted.
	Page(ctx context.Context, where []user.Neighborhood, f party.Filter, skip, limit, ahead int) (page []Post, total int, err error)
	// Post finds a post as who sees it, or returns party.ErrNotFound.
	Post(ctx context.Context, id party.ID, who user.ID) (Post, error)
	// Talk is Post with the newest limit lines of its log, in order. No line is newer than
	// what the post says of who, or than its LastSeq.
	Talk(ctx context.Context, id party.ID, who user.ID, limit int) (Post, []Line, error)
	// Joined returns at most limit posts whose rooms who is in and that are not deleted,
	// the one with the newest activity first.
	Joined(ctx context.Context, who user.ID, limit int) ([]Post, error)
	// Members lists who is in, in order of joining.
	Members(ctx context.Context, id party.ID) ([]Member, error)
}

// Post is a party as its post shows it.
type Post struct {
	ID           party.ID
	Leader       Person
	Neighborhood user.Neighborhood
	party.Draft
	Closed      bool
	RoomDeleted bool
	Hidden      bool // by an operator, from all who are not in
	Seated      int
	Standing    room.Standing // of who looks; Stranger in a Page
	LastSeq     int64         // of the newest line of its log when it was read; 0 if there was none
	CreatedAt   time.Time
}

// Member is somebody who is in a party.
type Member struct {
	Person
	Leads    bool
	JoinedAt time.Time
}
