package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

type parties struct{ q queryer }

func (r parties) Get(ctx context.Context, id party.ID) (*party.Party, error) {
	return one(collectParties(query(ctx, r.q, seatFields, seats+`p.id = $1`+inOrder, id)))
}

func (r parties) Lock(ctx context.Context, id party.ID) (*party.Party, error) {
	return one(collectParties(queryLocked(ctx, r.q, []room.ID{id}, seatFields, seats+`p.id = $1`+inOrder, id)))
}

func one(ps []*party.Party, err error) (*party.Party, error) {
	switch {
	case err != nil:
		return nil, err
	case len(ps) == 0:
		return nil, party.ErrNotFound
	}
	return ps[0], nil
}

// LockOf reads the parties again once it has them all, since somebody may have
// lost a seat while it waited.
func (r parties) LockOf(ctx context.Context, who user.ID) ([]*party.Party, error) {
	ids, err := query(ctx, r.q, func(id *party.ID) []any { return []any{id} }, `
		SELECT id
		FROM room
		WHERE id IN (
			SELECT p.id
			FROM member m
			JOIN party p ON p.id = m.party_id
			WHERE m.user_id = $1 AND m.standing = 'in' AND p.deleted_at IS NULL AND p.room_deleted_at IS NULL)
		ORDER BY id
		FOR NO KEY UPDATE`, who)
	if err != nil {
		return nil, failed("lock parties", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return collectParties(query(ctx, r.q, seatFields, seats+`
		p.room_deleted_at IS NULL AND p.id = ANY($1) AND EXISTS (
			SELECT
			FROM member i
			WHERE i.party_id = p.id AND i.user_id = $2 AND i.standing = 'in')`+inOrder, ids, who))
}

// seat is a member, beside what is kept of its party.
type seat struct {
	party.State
	party.Member
}

// seats reads parties p that fulfil what comes after it, and inOrder goes behind
// that: in the order of their ids, and of their members.
const (
	seats = `
		SELECT
			p.id, p.leader_id, p.neighborhood, p.category, p.title, p.content, p.seats,
			p.closed, p.created_at, p.room_deleted_at,
			m.user_id, m.standing, m.joined_at
		FROM party p
		JOIN member m ON m.party_id = p.id
		WHERE p.deleted_at IS NULL AND `
	inOrder = `
		ORDER BY p.id, m.place`
)

func seatFields(s *seat) []any {
	return []any{
		&s.ID, &s.Leader, &s.Neighborhood, &s.Category, &s.Title, &s.Content, &s.Seats,
		&s.Closed, instant{&s.CreatedAt}, instant{&s.RoomDeletedAt},
		&s.User, &s.Standing, instant{&s.JoinedAt},
	}
}

func collectParties(seats []seat, err error) ([]*party.Party, error) {
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
// about, on one way to the server. The log's last_seq is not the party's.
func (r parties) Save(ctx context.Context, ps ...*party.Party) error {
	if len(ps) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, p := range ps {
		s, events := p.State(), p.Events()
		b.Queue(saveParty,
			s.ID, s.Leader, s.Neighborhood, s.Category, s.Title, s.Content, s.Seats,
			s.Closed, moment(s.CreatedAt), moment(s.RoomDeletedAt), moment(s.DeletedAt))
		for place, m := range s.Members {
			if slices.ContainsFunc(events, func(e party.Event) bool { return e.Who == m.User }) {
				b.Queue(saveMember, s.ID, m.User, place, m.Standing, moment(m.JoinedAt))
			}
		}
	}
	if err := r.q.SendBatch(ctx, b).Close(); err != nil { // the first that failed
		return failed("save parties", err)
	}
	return nil
}

const (
	saveParty = `
		INSERT INTO party (
			id, leader_id, neighborhood, category, title, content, seats,
			closed, created_at, room_deleted_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET
			category = excluded.category,
			title = excluded.title,
			content = excluded.content,
			seats = excluded.seats,
			closed = excluded.closed,
			room_deleted_at = excluded.room_deleted_at,
			deleted_at = excluded.deleted_at`
	saveMember = `
		INSERT INTO member (party_id, user_id, place, standing, joined_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (party_id, user_id) DO UPDATE SET
			standing = excluded.standing,
			joined_at = excluded.joined_at`
)
