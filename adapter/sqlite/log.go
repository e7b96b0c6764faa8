package sqlite

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type logs struct{ q queryer }

// Say asks first and writes then: a Write holds the only write lock there is, so
// nobody is banned in between, and a refusal leaves nothing to undo.
func (r logs) Say(ctx context.Context, ms ...room.Entry) ([]port.Said, error) {
	rows := make([]entryRow, len(ms))
	for i, m := range ms {
		rows[i] = rowOf(m)
	}
	doors, speakers, err := r.doors(ctx, batch{rows})
	if err != nil {
		return nil, err
	}
	type head struct {
		ID   room.ID
		Last int64
		At   *int64
	}
	said := make([]port.Said, len(ms))
	heads := map[room.ID]head{}
	var accepted []entryRow
	var kept []int // their places among ms
	verdicts := chat.Admit(ms, doors)
	for i, v := range verdicts {
		s, m := &said[i], ms[i]
		switch {
		case v.Err != nil:
			s.Err = v.Err
		case v.Repeats:
			s.Line, s.Repeated = port.Line{Entry: doors[i].Said, Person: speakers[i]}, true
		default:
			m.Seq, m.At = v.Seq, m.At.UTC().Truncate(time.Microsecond)
			s.Line = port.Line{Entry: m, Person: speakers[i]}
			rows[i].Seq = v.Seq
			heads[m.Room] = head{m.Room, v.Seq, rows[i].At}
			accepted, kept = append(accepted, rows[i]), append(kept, i)
		}
	}
	if len(accepted) == 0 {
		return said, nil
	}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT
			value ->> 'Room', value ->> 'Seq', value ->> 'Kind', value ->> 'Who', value ->> 'Body',
			value -> 'Data', value ->> 'ClientID', value ->> 'At'
		FROM json_each(?)
		ORDER BY key`, batch{accepted})
	if err != nil {
		return nil, failed("store entries", err)
	}
	newest, err := res.LastInsertId() // ids count up in the order of the lines
	if err != nil {
		return nil, failed("store entries", err)
	}
	_, err = r.q.ExecContext(ctx, `
		UPDATE room
		SET last_seq = value ->> 'Last', active_at = value ->> 'At'
		FROM json_each(?)
		WHERE room.id = value ->> 'ID'`, batch{slices.Collect(maps.Values(heads))})
	if err != nil {
		return nil, failed("count entries", err)
	}
	for n, i := range kept {
		said[i].ID = newest - int64(len(kept)-1-n)
	}
	for i, v := range verdicts {
		if v.Repeats && v.Before >= 0 {
			said[i].Line = said[v.Before].Line
		}
	}
	return said, nil
}

// doors finds, for each line, the door that its speaker stands before, and who
// that is.
func (r logs) doors(ctx context.Context, lines batch) ([]chat.Door, []port.Person, error) {
	type found struct {
		chat.Door
		speaker port.Person
	}
	rows, err := r.q.QueryContext(ctx, `
		SELECT
			p.id IS NULL OR p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce(s.standing, ''),
			coalesce(h.last_seq, 0),
			coalesce(m.id, 0), coalesce(m.room_id, 0), coalesce(m.seq, 0), coalesce(m.kind, ''), coalesce(m.who_id, 0),
			coalesce(m.body, ''), m.data, coalesce(m.client_id, ''), m.at,
			coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.email, '')
		FROM json_each(?) l
		LEFT JOIN party p ON p.id = l.value ->> 'Room'
		LEFT JOIN room h ON h.id = p.id
		LEFT JOIN user u ON u.id = l.value ->> 'Who' AND u.withdrawn_at IS NULL
		LEFT JOIN member s ON s.party_id = p.id AND s.user_id = u.id
		LEFT JOIN entry m ON m.room_id = p.id AND m.who_id = u.id AND m.client_id = l.value ->> 'ClientID'
		ORDER BY l.key`, lines)
	all, err := collect(rows, err, func(f *found) []any {
		m := &f.Said
		return append([]any{
			&f.Deleted, &f.RoomDeleted, &f.Standing, &f.Last,
			&m.ID, &m.Room, &m.Seq, &m.Kind, &m.Who, &m.Body, object{&m.Data}, &m.ClientID, instant{&m.At},
		}, personFields(&f.speaker)...)
	})
	if err != nil {
		return nil, nil, failed("check speakers", err)
	}
	doors, speakers := make([]chat.Door, len(all)), make([]port.Person, len(all))
	for i, f := range all {
		doors[i], speakers[i] = f.Door, f.speaker
	}
	return doors, speakers, nil
}

// entryRow is an entry as json_each takes it apart.
type entryRow struct {
	Room     room.ID
	Seq      int64 `json:",omitempty"`
	Kind     room.Kind
	Who      user.ID `json:",omitempty"` // these are NULL where there is nothing
	Body     string
	Data     json.RawMessage `json:",omitempty"`
	ClientID string          `json:",omitempty"`
	At       *int64
}

func rowOf(e room.Entry) entryRow {
	return entryRow{Room: e.Room, Kind: e.Kind, Who: e.Who, Body: e.Body, Data: e.Data, ClientID: e.ClientID, At: micros(e.At)}
}

// Append numbers the entries on from each room's last_seq, and raises it.
func (r logs) Append(ctx context.Context, es []room.Entry) ([]port.Line, error) {
	if len(es) == 0 {
		return nil, nil
	}
	rows := make([]entryRow, len(es))
	for i, e := range es {
		rows[i] = rowOf(e)
	}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT
			h.id,
			h.last_seq + row_number() OVER (PARTITION BY h.id ORDER BY l.key),
			l.value ->> 'Kind', l.value ->> 'Who', l.value ->> 'Body', l.value -> 'Data', l.value ->> 'ClientID', l.value ->> 'At'
		FROM json_each(?) l
		LEFT JOIN room h ON h.id = l.value ->> 'Room'
		ORDER BY l.key`, batch{rows})
	if err != nil {
		return nil, failed("append entries", err)
	}
	last, err := res.LastInsertId() // ids count up in the order of es
	if err != nil {
		return nil, failed("append entries", err)
	}
	_, err = r.q.ExecContext(ctx, `
		UPDATE room
		SET (last_seq, active_at) = (SELECT seq, at FROM entry WHERE room_id = room.id ORDER BY seq DESC LIMIT 1)
		WHERE id IN (SELECT value ->> 'Room' FROM json_each(?))`, batch{rows})
	if err != nil {
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
	rows, err := r.q.QueryContext(ctx, `
		SELECT
			m.id, m.room_id, m.seq, m.kind, coalesce(m.who_id, 0), m.body, m.data, coalesce(m.client_id, ''), m.at, `+somebody+`
		FROM entry m
		LEFT JOIN user u ON u.id = m.who_id
		`+rest, args...)
	ls, err := collect(rows, err, func(l *port.Line) []any {
		return append([]any{&l.ID, &l.Room, &l.Seq, &l.Kind, &l.Who, &l.Body, object{&l.Data}, &l.ClientID, instant{&l.At}},
			personFields(&l.Person)...)
	})
	if err != nil {
		return nil, failed("read entries", err)
	}
	return ls, nil
}
