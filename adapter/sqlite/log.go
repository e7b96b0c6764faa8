package sqlite

import (
	"context"
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
	type row struct {
		Party    party.ID
		Seq      int64
		Who      user.ID
		Text     string
		ClientID string `json:",omitempty"` // NULL then
		At       *int64
	}
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = row{m.Room, 0, m.Who, m.Body, m.ClientID, micros(m.At)}
	}
	doors, speakers, err := r.doors(ctx, batch{rows})
	if err != nil {
		return nil, err
	}
	type head struct {
		ID   party.ID
		Last int64
	}
	said := make([]port.Said, len(ms))
	heads := map[party.ID]head{}
	var accepted []row
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
			heads[m.Room] = head{m.Room, v.Seq}
			accepted, kept = append(accepted, rows[i]), append(kept, i)
		}
	}
	if len(accepted) == 0 {
		return said, nil
	}
	res, err := r.q.ExecContext(ctx, `
		INSERT INTO message (party_id, seq, kind, who_id, body, client_id, at)
		SELECT
			value ->> 'Party', value ->> 'Seq', 'said',
			value ->> 'Who', value ->> 'Text', value ->> 'ClientID', value ->> 'At'
		FROM json_each(?)
		ORDER BY key`, batch{accepted})
	if err != nil {
		return nil, failed("store messages", err)
	}
	newest, err := res.LastInsertId() // ids count up in the order of the lines
	if err != nil {
		return nil, failed("store messages", err)
	}
	_, err = r.q.ExecContext(ctx, `
		UPDATE party
		SET last_seq = value ->> 'Last'
		FROM json_each(?)
		WHERE party.id = value ->> 'ID'`, batch{slices.Collect(maps.Values(heads))})
	if err != nil {
		return nil, failed("count messages", err)
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
			coalesce(p.last_seq, 0),
			coalesce(m.id, 0), coalesce(m.party_id, 0), coalesce(m.seq, 0), coalesce(m.kind, ''), coalesce(m.who_id, 0),
			coalesce(m.body, ''), coalesce(m.client_id, ''), m.at,
			coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.email, '')
		FROM json_each(?) l
		LEFT JOIN party p ON p.id = l.value ->> 'Party'
		LEFT JOIN user u ON u.id = l.value ->> 'Who' AND u.withdrawn_at IS NULL
		LEFT JOIN member s ON s.party_id = p.id AND s.user_id = u.id
		LEFT JOIN message m ON m.party_id = p.id AND m.who_id = u.id AND m.client_id = l.value ->> 'ClientID'
		ORDER BY l.key`, lines)
	all, err := collect(rows, err, func(f *found) []any {
		m := &f.Said
		return append([]any{
			&f.Deleted, &f.RoomDeleted, &f.Standing, &f.Last,
			&m.ID, &m.Room, &m.Seq, &m.Kind, &m.Who, &m.Body, &m.ClientID, instant{&m.At},
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

// Append numbers the lines on from each party's last_seq, and raises it.
func (r logs) Append(ctx context.Context, ms []room.Entry) ([]port.Line, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	type row struct {
		Party    party.ID
		Kind     room.Kind
		Who      user.ID
		Text     string
		ClientID string `json:",omitempty"` // NULL then
		At       *int64
	}
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = row{m.Room, m.Kind, m.Who, m.Body, m.ClientID, micros(m.At)}
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

func (r logs) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, `WHERE m.party_id = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r logs) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, `WHERE m.party_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`, id, seq, limit)
}

// lines reads the messages m that rest asks for.
func (r logs) lines(ctx context.Context, rest string, args ...any) ([]port.Line, error) {
	rows, err := r.q.QueryContext(ctx, `
		SELECT m.id, m.party_id, m.seq, m.kind, m.who_id, m.body, coalesce(m.client_id, ''), m.at, `+person+`
		FROM message m
		JOIN user u ON u.id = m.who_id
		`+rest, args...)
	ls, err := collect(rows, err, func(l *port.Line) []any {
		return append([]any{&l.ID, &l.Room, &l.Seq, &l.Kind, &l.Who, &l.Body, &l.ClientID, instant{&l.At}},
			personFields(&l.Person)...)
	})
	if err != nil {
		return nil, failed("read messages", err)
	}
	return ls, nil
}
