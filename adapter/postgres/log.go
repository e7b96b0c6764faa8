package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type logs struct{ q queryer }

// Say looks at the doors once the rooms are locked: a ban that came first is
// seen. What is accepted is then stored by one statement, and a refusal leaves
// nothing to undo.
func (r logs) Say(ctx context.Context, ms ...room.Entry) ([]port.Said, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	doors, speakers, err := r.doors(ctx, ms)
	if err != nil {
		return nil, err
	}
	said := make([]port.Said, len(ms))
	var l columns
	verdicts := chat.Admit(ms, doors)
	for i, v := range verdicts {
		s, m := &said[i], ms[i]
		switch {
		case v.Err != nil:
			s.Err = v.Err
		case v.Repeats:
			s.Line, s.Repeated = port.Line{Entry: doors[i].Said, Person: speakers[i]}, true
		default:
			m.Seq, m.At = v.Seq, *moment(m.At)
			s.Line = port.Line{Entry: m, Person: speakers[i]}
			l.add(m)
		}
	}
	if len(l.seqs) == 0 {
		return said, nil
	}
	type at struct {
		room room.ID
		seq  int64
	}
	type kept struct {
		at
		id int64
	}
	stored, err := query(ctx, r.q, func(k *kept) []any { return []any{&k.room, &k.seq, &k.id} }, `
		WITH line AS (
			SELECT *
			FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
				WITH ORDINALITY AS l (room_id, seq, kind, who_id, body, data, client_id, at, place)
		), counted AS (
			UPDATE room
			SET last_seq = newest.seq, active_at = newest.at
			FROM (SELECT DISTINCT ON (room_id) room_id, seq, at FROM line ORDER BY room_id, seq DESC) newest
			WHERE room.id = newest.room_id
		)
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT room_id, seq, kind, who_id, body, nullif(data, '')::json, nullif(client_id, ''), at
		FROM line
		ORDER BY place
		RETURNING room_id, seq, id`,
		l.rooms, l.seqs, l.kinds, l.who, l.bodies, l.data, l.clientIDs, l.at)
	if err != nil {
		return nil, failed("store entries", err)
	}
	ids := make(map[at]int64, len(stored))
	for _, k := range stored {
		ids[k.at] = k.id
	}
	for i := range said {
		if m := &said[i].Line.Entry; m.ID == 0 {
			m.ID = ids[at{m.Room, m.Seq}]
		}
	}
	for i, v := range verdicts {
		if v.Repeats && v.Before >= 0 {
			said[i].Line = said[v.Before].Line
		}
	}
	return said, nil
}

// columns are entries as unnest takes them.
type columns struct {
	rooms           []room.ID
	seqs            []int64
	who             []user.ID
	kinds, bodies   []string
	data, clientIDs []string
	at              []time.Time
}

func (c *columns) add(e room.Entry) {
	c.rooms, c.seqs, c.kinds, c.who = append(c.rooms, e.Room), append(c.seqs, e.Seq), append(c.kinds, string(e.Kind)), append(c.who, e.Who)
	c.bodies, c.data, c.clientIDs = append(c.bodies, e.Body), append(c.data, string(e.Data)), append(c.clientIDs, e.ClientID)
	c.at = append(c.at, e.At)
}

// doors locks the rooms and finds, for each line, the door that its speaker
// stands before, and who that is. All that is looked up hangs on the line itself, so
// that each look-up knows its whole key whatever PostgreSQL believes of the tables.
func (r logs) doors(ctx context.Context, ms []room.Entry) ([]chat.Door, []port.Person, error) {
	rooms, people, names := make([]room.ID, len(ms)), make([]user.ID, len(ms)), make([]string, len(ms))
	for i, m := range ms {
		rooms[i], people[i], names[i] = m.Room, m.Who, m.ClientID
	}
	type found struct {
		chat.Door
		speaker port.Person
	}
	all, err := queryLocked(ctx, r.q, rooms, func(f *found) []any {
		m := &f.Said
		return append([]any{
			&f.Deleted, &f.RoomDeleted, &f.Standing, &f.Last,
			&m.ID, &m.Room, &m.Seq, &m.Kind, &m.Who, &m.Body, &m.Data, &m.ClientID, instant{&m.At},
		}, personFields(&f.speaker)...)
	}, `
		SELECT
			p.id IS NULL OR p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce(s.standing, ''),
			coalesce(h.last_seq, 0),
			coalesce(m.id, 0), coalesce(m.room_id, 0), coalesce(m.seq, 0), coalesce(m.kind, ''), coalesce(m.who_id, 0),
			coalesce(m.body, ''), m.data, coalesce(m.client_id, ''), m.at,
			coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.email, '')
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS l (room_id, who_id, client_id, place)
		LEFT JOIN party p ON p.id = l.room_id
		LEFT JOIN room h ON h.id = l.room_id
		LEFT JOIN LATERAL (SELECT * FROM "user" WHERE id = l.who_id AND withdrawn_at IS NULL OFFSET 0) u ON true
		LEFT JOIN member s ON s.party_id = l.room_id AND s.user_id = l.who_id AND u.id IS NOT NULL
		LEFT JOIN entry m ON m.room_id = l.room_id AND m.who_id = l.who_id AND m.client_id = l.client_id AND u.id IS NOT NULL
		ORDER BY l.place`, rooms, people, names)
	if err != nil {
		return nil, nil, failed("check speakers", err)
	}
	doors, speakers := make([]chat.Door, len(all)), make([]port.Person, len(all))
	for i, f := range all {
		doors[i], speakers[i] = f.Door, f.speaker
	}
	return doors, speakers, nil
}

// Append numbers the entries on from each room's last_seq, and raises it. OFFSET 0
// makes of the people a look-up for each entry: PostgreSQL expects any JSON to hold a
// hundred of them, and would read all people.
func (r logs) Append(ctx context.Context, es []room.Entry) ([]port.Line, error) {
	if len(es) == 0 {
		return nil, nil
	}
	type row struct {
		Place    int             `json:"place"`
		Room     room.ID         `json:"room_id"`
		Kind     room.Kind       `json:"kind"`
		Who      user.ID         `json:"who_id,omitempty"` // these are NULL where there is nothing
		Body     string          `json:"body"`
		Data     json.RawMessage `json:"data,omitempty"`
		ClientID string          `json:"client_id,omitempty"`
		At       *time.Time      `json:"at"`
	}
	rows := make([]row, len(es))
	for i, e := range es {
		rows[i] = row{i, e.Room, e.Kind, e.Who, e.Body, e.Data, e.ClientID, moment(e.At)}
	}
	lines, err := query(ctx, r.q, lineFields, `
		WITH line AS (
			SELECT l.*, h.last_seq + row_number() OVER (PARTITION BY l.room_id ORDER BY l.place) AS seq
			FROM json_to_recordset($1) AS l (
				place integer, room_id bigint, kind text, who_id bigint, body text, data json, client_id text, at timestamptz)
			LEFT JOIN room h ON h.id = l.room_id
		), kept AS (
			INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
			SELECT room_id, seq, kind, who_id, body, data, client_id, at
			FROM line
			ORDER BY place
			RETURNING *
		), counted AS (
			UPDATE room
			SET last_seq = newest.seq, active_at = newest.at
			FROM (SELECT DISTINCT ON (room_id) room_id, seq, at FROM line ORDER BY room_id, seq DESC) newest
			WHERE room.id = newest.room_id
		)
		SELECT `+line+`
		FROM kept m
		LEFT JOIN LATERAL (SELECT * FROM "user" WHERE id = m.who_id OFFSET 0) u ON true
		ORDER BY m.id`, batch{rows})
	if err != nil {
		return nil, failed("append entries", err)
	}
	return lines, nil
}

func (r logs) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, `WHERE m.room_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3`, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r logs) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, `WHERE m.room_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`, id, seq, limit)
}

// lines reads the entries m that rest asks for.
func (r logs) lines(ctx context.Context, rest string, args ...any) ([]port.Line, error) {
	ls, err := query(ctx, r.q, lineFields, `
		SELECT `+line+`
		FROM entry m
		LEFT JOIN "user" u ON u.id = m.who_id
		`+rest, args...)
	if err != nil {
		return nil, failed("read entries", err)
	}
	return ls, nil
}

// line is an entry m and the user u whom it is of, if anybody: the fields of a
// port.Line.
const line = `m.id, m.room_id, m.seq, m.kind, coalesce(m.who_id, 0), m.body, m.data, coalesce(m.client_id, ''), m.at, ` + somebody

func lineFields(l *port.Line) []any {
	return append([]any{&l.ID, &l.Room, &l.Seq, &l.Kind, &l.Who, &l.Body, &l.Data, &l.ClientID, instant{&l.At}},
		personFields(&l.Person)...)
}
