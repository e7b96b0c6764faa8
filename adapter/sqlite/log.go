package sqlite

import (
	"context"
	"slices"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/port"
)

type logs struct{ q queryer }

// Say reads the speakers first and writes then: a Write holds the only write lock there
// is, so nobody is banned in between, and a refusal leaves nothing to undo.
func (r logs) Say(ctx context.Context, ms ...room.Entry) ([]port.Said, error) {
	speakers, err := r.speakers(ctx, ms)
	if err != nil {
		return nil, failed("check speakers", err)
	}
	group := rows.Admit(ms, speakers, func(int) error { return nil })
	ids, err := r.store(ctx, group.Entries())
	if err != nil {
		return nil, failed("store entries", err)
	}
	return group.Stored(ids), nil
}

// store keeps numbered entries, and returns their ids in the same order.
func (r logs) store(ctx context.Context, es []room.Entry) ([]int64, error) {
	if len(es) == 0 {
		return nil, nil
	}
	lines := rows.JSON{Rows: rows.Entries(es, micros)}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT
			value ->> 'room_id', value ->> 'seq', value ->> 'kind', value ->> 'who_id', value ->> 'body',
			value -> 'data', value ->> 'client_id', value ->> 'at'
		FROM json_each(?)
		ORDER BY key`, lines)
	if err != nil {
		return nil, err
	}
	last, err := res.LastInsertId() // ids count up in the order of es
	if err != nil {
		return nil, err
	}
	if err := r.count(ctx, es); err != nil {
		return nil, err
	}
	ids := make([]int64, len(es))
	for i := range ids {
		ids[i] = last - int64(len(es)-1-i)
	}
	return ids, nil
}

// count brings last_seq and active_at of the rooms of stored entries up to date.
func (r logs) count(ctx context.Context, es []room.Entry) error {
	ids := make([]room.ID, len(es))
	for i, e := range es {
		ids[i] = e.Room
	}
	_, err := r.q.ExecContext(ctx, `
		UPDATE room
		SET (last_seq, active_at) = (SELECT seq, at FROM entry WHERE room_id = room.id ORDER BY seq DESC LIMIT 1)
		WHERE id IN (SELECT value FROM json_each(?))`, rows.JSON{Rows: ids})
	return err
}

// speakers reads who says each line.
func (r logs) speakers(ctx context.Context, es []room.Entry) ([]rows.Speaker, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT
			p.id IS NULL OR p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce(s.standing, ''),
			coalesce(h.last_seq, 0),
			coalesce(m.id, 0), coalesce(m.room_id, 0), coalesce(m.seq, 0), coalesce(m.kind, ''), coalesce(m.who_id, 0),
			coalesce(m.body, ''), m.data, coalesce(m.client_id, ''), m.at,
			coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.email, '')
		FROM json_each(?) l
		LEFT JOIN party p ON p.id = l.value ->> 'room_id'
		LEFT JOIN room h ON h.id = p.id
		LEFT JOIN user u ON u.id = l.value ->> 'who_id' AND u.withdrawn_at IS NULL
		LEFT JOIN member s ON s.party_id = p.id AND s.user_id = u.id
		LEFT JOIN entry m ON m.room_id = p.id AND m.who_id = u.id AND m.client_id = l.value ->> 'client_id'
		ORDER BY l.key`, rows.JSON{Rows: rows.Entries(es, micros)})
	return collect(found, err, (*rows.Speaker).Fields)
}

// Append numbers the entries on from each room's last_seq, and raises it.
func (r logs) Append(ctx context.Context, es []room.Entry) ([]port.Line, error) {
	if len(es) == 0 {
		return nil, nil
	}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT
			h.id,
			h.last_seq + row_number() OVER (PARTITION BY h.id ORDER BY l.key),
			l.value ->> 'kind', l.value ->> 'who_id', l.value ->> 'body', l.value -> 'data', l.value ->> 'client_id', l.value ->> 'at'
		FROM json_each(?) l
		LEFT JOIN room h ON h.id = l.value ->> 'room_id'
		ORDER BY l.key`, rows.JSON{Rows: rows.Entries(es, micros)})
	if err != nil {
		return nil, failed("append entries", err)
	}
	last, err := res.LastInsertId() // ids count up in the order of es
	if err != nil {
		return nil, failed("append entries", err)
	}
	if err := r.count(ctx, es); err != nil {
		return nil, failed("count entries", err)
	}
	return r.lines(ctx, `WHERE m.id > ? ORDER BY m.id`, last-int64(len(es)))
}

func (r logs) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, `WHERE m.room_id = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r logs) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, `WHERE m.room_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`, id, seq, limit)
}

// lines reads the entries m that rest asks for.
func (r logs) lines(ctx context.Context, rest string, args ...any) ([]port.Line, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT
			m.id, m.room_id, m.seq, m.kind, coalesce(m.who_id, 0), m.body, m.data, coalesce(m.client_id, ''), m.at, `+somebody+`
		FROM entry m
		LEFT JOIN user u ON u.id = m.who_id
		`+rest, args...)
	ls, err := collect(found, err, rows.Line)
	if err != nil {
		return nil, failed("read entries", err)
	}
	return ls, nil
}
