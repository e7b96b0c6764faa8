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
	// Save keeps what differs of a party that was opened or locked in this Write.
	Save(ctx context.Context, p *party.Party) error
}

// Boards answers what people look at. Deleted posts are not there.
type Boards interface {
	// Page returns at most limit posts of a neighbourhood, the newest first, after
	// skip of them, and how many there are in all; of one category unless it is "".
	Page(ctx context.Context, where user.Neighborhood, of party.Category, skip, limit int) (page []Post, total int, err error)
	// Neighborhoods lists at most limit of those that have a post.
	Neighborhoods(ctx context.Context, limit int) ([]user.Neighborhood, error)
	// Post finds a post as who sees it, or returns party.ErrNotFound.
	Post(ctx context.Context, id party.ID, who user.ID) (Post, error)
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
