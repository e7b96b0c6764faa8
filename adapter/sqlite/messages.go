package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type messages struct{ q queryer }

// Say asks first and writes then: a Write holds the only write lock there is, so
// nobody is banned in between, and a refusal leaves nothing to undo.
func (r messages) Say(ctx context.Context, m chat.Message) (line port.Line, repeated bool, err error) {
	if err := r.maySpeak(ctx, m.Party, m.Who); err != nil {
		return port.Line{}, false, err
	}
	if m.ClientID != "" {
		said, err := r.lines(ctx, `WHERE m.party_id = ? AND m.who_id = ? AND m.client_id = ?`, m.Party, m.Who, m.ClientID)
		switch {
		case err != nil:
			return port.Line{}, false, err
		case len(said) > 0 && said[0].Text != m.Text:
			return port.Line{}, false, chat.ErrIDConflict
		case len(said) > 0:
			return said[0], true, nil
		}
	}
	said, err := r.Append(ctx, []chat.Message{m})
	if err != nil {
		return port.Line{}, false, err
	}
	return said[0], false, nil
}

// maySpeak returns what party.Enter says of who. Somebody who is withdrawn is
// in nowhere.
func (r messages) maySpeak(ctx context.Context, id party.ID, who user.ID) error {
	var deleted, roomDeleted bool
	var standing party.Standing
	err := r.q.QueryRowContext(ctx, `
		SELECT
			p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce((
				SELECT m.standing
				FROM member m
				JOIN user u ON u.id = m.user_id
				WHERE m.party_id = p.id AND m.user_id = ? AND u.withdrawn_at IS NULL), '')
		FROM party p
		WHERE p.id = ?`, who, id).
		Scan(&deleted, &roomDeleted, &standing)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return party.ErrNotFound
	case err != nil:
		return failed("check speaker", err)
	}
	return party.Enter(deleted, roomDeleted, standing)
}

// Append numbers the lines on from each party's last_seq, and raises it.
func (r messages) Append(ctx context.Context, ms []chat.Message) ([]port.Line, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	type row struct {
		Party    party.ID
		Kind     chat.Kind
		Who      user.ID
		Text     string
		ClientID string `json:",omitempty"` // NULL then
		At       *int64
	}
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = row{m.Party, m.Kind, m.Who, m.Text, m.ClientID, micros(m.At)}
	}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO message (party_id, seq, kind, who_id, body, client_id, at)
		SELECT
			p.id,
			p.last_seq + row_number() OVER (PARTITION BY p.id ORDER BY l.key),
			l.value ->> 'Kind', l.value ->> 'Who', l.value ->> 'Text', l.value ->> 'ClientID', l.value ->> 'At'
		FROM json_each(?) l
		LEFT JOIN party p ON p.id = l.value ->> 'Party'
		ORDER BY l.key`, batch{rows})
	if err != nil {
		return nil, failed("append messages", err)
	}
	last, err := res.LastInsertId() // ids count up in the order of ms
	if err != nil {
		return nil, failed("append messages", err)
	}
	_, err = r.q.ExecContext(ctx, `
		UPDATE party
		SET last_seq = (SELECT max(seq) FROM message WHERE party_id = party.id)
		WHERE id IN (SELECT value ->> 'Party' FROM json_each(?))`, batch{rows})
	if err != nil {
		return nil, failed("count messages", err)
	}
	return r.lines(ctx, `WHERE m.id > ? ORDER BY m.id`, last-int64(len(ms)))
}

func (r messages) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, `WHERE m.party_id = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r messages) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, `WHERE m.party_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`, id, seq, limit)
}

// lines reads the messages m that rest asks for.
func (r messages) lines(ctx context.Context, rest string, args ...any) ([]port.Line, error) {
	rows, err := r.q.QueryContext(ctx, `
		SELECT m.id, m.party_id, m.seq, m.kind, m.who_id, m.body, coalesce(m.client_id, ''), m.at, `+person+`
		FROM message m
		JOIN user u ON u.id = m.who_id
		`+rest, args...)
	ls, err := collect(rows, err, func(l *port.Line) []any {
		return append([]any{&l.ID, &l.Party, &l.Seq, &l.Kind, &l.Who, &l.Text, &l.ClientID, instant{&l.At}},
			personFields(&l.Person)...)
	})
	if err != nil {
		return nil, failed("read messages", err)
	}
	return ls, nil
}
