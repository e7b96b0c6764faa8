package sqlite

import (
	"context"
	"slices"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type parties struct{ q queryer }

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	ps, err := r.find(ctx, `p.id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(ps) == 0 {
		return nil, party.ErrNotFound
	}
	return ps[0], nil
}

// Lock is Get: a Write holds the only write lock there is.
func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) { return r.Get(ctx, id) }

func (r parties) LockOf(ctx context.Context, who user.ID) ([]*party.Party, error) {
	return r.find(ctx, `p.room_deleted_at IS NULL AND p.id IN (
		SELECT party_id
		FROM member
		WHERE user_id = ? AND standing = 'in')`, who)
}

// find reads parties in the order of their ids. A row is a member, beside what
// is kept of its party.
func (r parties) find(ctx context.Context, where string, arg any) ([]*party.Party, error) {
	type seat struct {
		party.State
		party.Member
	}
	rows, err := r.q.QueryContext(ctx, `
		SELECT
			p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
			p.closed, p.created_at, p.room_deleted_at,
			m.user_id, m.standing, m.joined_at
		FROM party p
		JOIN member m ON m.party_id = p.id
		WHERE p.deleted_at IS NULL AND `+where+`
		ORDER BY p.id, m.place`, arg)
	seats, err := collect(rows, err, func(s *seat) []any {
		return []any{
			&s.ID, &s.Leader, &s.Neighborhood, &s.Category, &s.Title, &s.Content, &s.Seats,
			&s.Closed, instant{&s.CreatedAt}, instant{&s.RoomDeletedAt},
			&s.User, &s.Standing, instant{&s.JoinedAt},
		}
	})
	if err != nil {
		return nil, failed("read parties", err)
	}
	var states []party.State
	for _, s := range seats {
		if n := len(states); n == 0 || states[n-1].ID != s.ID {
			states = append(states, s.State)
		}
		p := &states[len(states)-1]
		p.Members = append(p.Members, s.Member)
	}
	ps := make([]*party.Party, len(states))
	for i, s := range states {
		ps[i] = party.Restore(s)
	}
	return ps, nil
}

// Save writes what can change of a party, and the members whom its events are
// about. The log's last_seq is not the party's.
func (r parties) Save(ctx context.Context, ps ...*party.Party) error {
	type row struct {
		ID            party.ID
		Leader        user.ID
		Neighborhood  user.Neighborhood
		Category      party.Category
		Title         string
		Content       string
		Seats         int
		Closed        bool
		CreatedAt     *int64
		RoomDeletedAt *int64
		DeletedAt     *int64
	}
	type seat struct {
		Party    party.ID
		User     user.ID
		Place    int
		Standing room.Standing
		JoinedAt *int64
	}
	var rows []row
	var seats []seat
	for _, p := range ps {
		s, events := p.State(), p.Events()
		rows = append(rows, row{
			s.ID, s.Leader, s.Neighborhood, s.Category, s.Title, s.Content, s.Seats,
			s.Closed, micros(s.CreatedAt), micros(s.RoomDeletedAt), micros(s.DeletedAt),
		})
		for place, m := range s.Members {
			if slices.ContainsFunc(events, func(e party.Event) bool { return e.Who == m.User }) {
				seats = append(seats, seat{s.ID, m.User, place, m.Standing, micros(m.JoinedAt)})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO party (
			id, leader_id, neighborhood, category, title, content, seats,
			closed, created_at, room_deleted_at, deleted_at)
		SELECT
			value ->> 'ID', value ->> 'Leader', value ->> 'Neighborhood', value ->> 'Category',
			value ->> 'Title', value ->> 'Content', value ->> 'Seats',
			value ->> 'Closed', value ->> 'CreatedAt', value ->> 'RoomDeletedAt', value ->> 'DeletedAt'
		FROM json_each(?)
		WHERE true
		ON CONFLICT (id) DO UPDATE SET
			category = excluded.category,
			title = excluded.title,
			content = excluded.content,
			seats = excluded.seats,
			closed = excluded.closed,
			room_deleted_at = excluded.room_deleted_at,
			deleted_at = excluded.deleted_at`, batch{rows})
	if err != nil {
		return failed("save parties", err)
	}
	if len(seats) == 0 {
		return nil
	}
	_, err = r.q.ExecContext(ctx, `
		INSERT INTO member (party_id, user_id, place, standing, joined_at)
		SELECT
			value ->> 'Party', value ->> 'User', value ->> 'Place',
			value ->> 'Standing', value ->> 'JoinedAt'
		FROM json_each(?)
		WHERE true
		ON CONFLICT (party_id, user_id) DO UPDATE SET
			standing = excluded.standing,
			joined_at = excluded.joined_at`, batch{seats})
	if err != nil {
		return failed("save members", err)
	}
	return nil
}
