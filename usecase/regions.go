package usecase

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/text"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// MaxSuggestions bounds what a search returns.
	MaxSuggestions = 10

	maxSearch = 100 // characters
	maxBoards = 20_000
	boardsFor = 30 * time.Second // how long the list of boards is cached

	// In kilometres: how far a sigungu of the mainland reaches from its office; and how
	// far away the last island is, beyond which no service need be asked.
	reach    = 50
	farthest = 200
)

// Table is the source of answers from the built-in table.
const Table = "table"

// Regions helps people to name where they live. It is a port.Places that falls back on
// the table of sigungu where others have no answer.
type Regions struct {
	store  port.Store
	others port.Places // nil if there are none
	now    func() time.Time
	boards atomic.Pointer[boards]
}

// NewRegions makes the use cases of places. others may be nil.
func NewRegions(store port.Store, others port.Places, now func() time.Time) *Regions {
	return &Regions{store: store, others: others, now: now}
}

// Search suggests sido, sigungu, and the dongs that have posts, for the beginning of a
// name. It never suggests a neighbourhood without posts, or one that says more than
// sido, sigungu and dong: posts are public, and the addresses of accounts are not.
func (u *Regions) Search(ctx context.Context, words string) ([]place.Place, error) {
	switch words = text.Line(words); {
	case words == "":
		return nil, fault.Field("words", "찾을 동네를 입력해 주세요.")
	case text.Len(words) > maxSearch:
		return nil, fault.Field("words", "동네는 100자까지 찾을 수 있어요.")
	}
	index, err := u.known(ctx)
	if err != nil {
		return nil, err
	}
	return index.Search(words, MaxSuggestions), nil
}

// boards are the regions, and the dongs that had posts at a time.
type boards struct {
	*place.Index
	at    time.Time
	newer atomic.Bool // a request reads a newer list
}

// known returns the cached boards. While one request refreshes them, the others use the
// old ones.
func (u *Regions) known(ctx context.Context) (*boards, error) {
	old := u.boards.Load()
	if old != nil && (u.now().Sub(old.at) < boardsFor || !old.newer.CompareAndSwap(false, true)) {
		return old, nil
	}
	now := u.now()
	names, err := u.store.Read().Boards.Neighborhoods(ctx, maxBoards)
	if err != nil {
		if old != nil {
			old.newer.Store(false) // the next request tries again
		}
		return nil, err
	}
	var dongs []place.Place
	for _, name := range names {
		if p, ok := place.Parse(string(name)); ok && p.Dong != "" && p.String() == string(name) && place.IsDong(p.Dong) {
			dongs = append(dongs, p)
		}
	}
	slices.SortFunc(dongs, func(a, b place.Place) int { return strings.Compare(a.String(), b.String()) })
	fresh := &boards{Index: place.NewIndex(dongs), at: now}
	u.boards.Store(fresh)
	return fresh, nil
}

// Near implements port.Places: it names the neighbourhood of a point, or the
// nearest sigungu where that is all it knows.
func (u *Regions) Near(ctx context.Context, at place.Point) (port.Nearby, error) {
	if err := at.Check(); err != nil {
		return port.Nearby{}, err
	}
	nearest, km := place.Nearest(at)
	if km > farthest {
		return port.Nearby{}, place.ErrNotFound
	}
	if u.others != nil {
		there, err := u.others.Near(ctx, at)
		if err == nil {
			return there, nil
		}
		if ended := ctx.Err(); ended != nil {
			return port.Nearby{}, ended
		}
	}
	if km > reach {
		return port.Nearby{}, place.ErrNotFound
	}
	return port.Nearby{Place: nearest, Source: Table}, nil
}

// Point implements port.Places.
func (u *Regions) Point(ctx context.Context, where user.Neighborhood) (place.Point, error) {
	p, parsed := place.Parse(string(where))
	if u.others != nil && (!parsed || p.Dong != "") { // the table has all there is to say of a sigungu
		at, err := u.others.Point(ctx, where)
		if err == nil {
			return at, nil
		}
		if ended := ctx.Err(); ended != nil {
			return place.Point{}, ended
		}
	}
	if at, ok := place.Locate(string(where)); ok {
		return at, nil
	}
	return place.Point{}, place.ErrNotFound
}
