package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type logs struct{ q queryer }

func (r logs) Say(ctx context.Context, ms ...room.Entry) ([]port.Said, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	return r.say(ctx, ms, false)
}

// say reads the speakers once the rooms are locked, so a ban that came first is seen. One
// statement then stores what is accepted, and a refusal leaves nothing to undo. If skip is
// set, it does not wait for rooms that others have locked, and the Err of their lines is
// errLocked.
func (r logs) say(ctx context.Context, ms []room.Entry, skip bool) ([]port.Said, error) {
	lock := lockRooms
	if skip {
		lock = lockFreeRooms
	}
	speakers, locked, err := r.speakers(ctx, lock, ms)
	if err != nil {
		return nil, failed("check speakers", err)
	}
	group := rows.Admit(ms, speakers, func(place int) error {
		if skip && !speakers[place].Deleted && !slices.Contains(locked, ms[place].Room) {
			return errLocked
		}
		return nil
	})
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
	type at struct {
		room room.ID
		seq  int64
	}
	type stored struct {
		at
		id int64
	}
	var c columns
	for _, e := range es {
		c.add(e)
	}
	all, err := query(ctx, r.q, func(s *stored) []any { return []any{&s.room, &s.seq, &s.id} }, `
		WITH line AS (
			SELECT *
			FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
				WITH ORDINALITY AS l (room_id, seq, kind, who_id, body, data, client_id, at, place)
		), counted AS (`+count+`)
		INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
		SELECT room_id, seq, kind, who_id, body, nullif(data, '')::json, nullif(client_id, ''), at
		FROM line
		ORDER BY place
		RETURNING room_id, seq, id`,
		c.rooms, c.seqs, c.kinds, c.who, c.bodies, c.data, c.clientIDs, c.at)
	if err != nil {
		return nil, err
	}
	byPlace := make(map[at]int64, len(all))
	for _, s := range all {
		byPlace[s.at] = s.id
	}
	ids := make([]int64, len(es))
	for i, e := range es {
		ids[i] = byPlace[at{e.Room, e.Seq}]
	}
	return ids, nil
}

// count raises last_seq of the rooms $1 to that of their newest lines. It names the rooms
// twice: PostgreSQL would read all rooms of a new database to join those of the lines.
const count = `
			UPDATE room
			SET last_seq = newest.seq, active_at = newest.at
			FROM (SELECT DISTINCT ON (room_id) room_id, seq, at FROM line ORDER BY room_id, seq DESC) newest
			WHERE room.id = newest.room_id AND room.id = ANY($1)`

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

// speakers locks rooms, returns which, and reads who says each line: by a look-up of one
// row in each table, see onePost.
func (r logs) speakers(ctx context.Context, lock string, ms []room.Entry) ([]rows.Speaker, []room.ID, error) {
	ids, people, names := make([]room.ID, len(ms)), make([]user.ID, len(ms)), make([]string, len(ms))
	for i, m := range ms {
		ids[i], people[i], names[i] = m.Room, m.Who, m.ClientID
	}
	return queryLocked(ctx, r.q, lock, ids, (*rows.Speaker).Fields, `
		SELECT
			p.id IS NULL OR p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce(s.standing, ''),
			coalesce(h.last_seq, 0),
			coalesce(m.id, 0), coalesce(m.room_id, 0), coalesce(m.seq, 0), coalesce(m.kind, ''), coalesce(m.who_id, 0),
			coalesce(m.body, ''), m.data, coalesce(m.client_id, ''), m.at,
			coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.email, '')
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS l (room_id, who_id, client_id, place)
		LEFT JOIN LATERAL (SELECT * FROM party WHERE id = l.room_id LIMIT 1) p ON true
		LEFT JOIN LATERAL (SELECT * FROM room WHERE id = l.room_id LIMIT 1) h ON true
		LEFT JOIN LATERAL (SELECT * FROM "user" WHERE id = l.who_id LIMIT 1) u ON u.withdrawn_at IS NULL
		LEFT JOIN LATERAL (SELECT * FROM member WHERE party_id = l.room_id AND user_id = l.who_id LIMIT 1) s ON u.id IS NOT NULL
		LEFT JOIN LATERAL (
			SELECT *
			FROM entry
			WHERE room_id = l.room_id AND who_id = l.who_id AND client_id = l.client_id
			LIMIT 1) m ON u.id IS NOT NULL
		ORDER BY l.place`, ids, people, names)
}

// Append numbers the entries on from each room's last_seq, and raises it, together with the
// statement that follows.
func (r logs) Append(ctx context.Context, es []room.Entry) ([]port.Line, error) {
	if len(es) == 0 {
		return nil, nil
	}
	ids := make([]room.ID, len(es))
	for i, e := range es {
		ids[i] = e.Room
	}
	lines := make([]port.Line, len(es))
	b := &pgx.Batch{}
	b.Queue(`
		WITH line AS (
			SELECT l.*, h.last_seq + row_number() OVER (PARTITION BY l.room_id ORDER BY l.place) AS seq
			FROM json_to_recordset($2) AS l (
				place integer, room_id bigint, kind text, who_id bigint, body text, data json, client_id text, at timestamptz)
			LEFT JOIN LATERAL (SELECT * FROM room WHERE id = l.room_id LIMIT 1) h ON true
		), kept AS (
			INSERT INTO entry (room_id, seq, kind, who_id, body, data, client_id, at)
			SELECT room_id, seq, kind, who_id, body, data, client_id, at
			FROM line
			ORDER BY place
			RETURNING *
		), counted AS (`+count+`)
		SELECT `+line+`
		FROM kept m
		LEFT JOIN LATERAL (SELECT * FROM "user" WHERE id = m.who_id LIMIT 1) u ON true
		ORDER BY m.id`, ids, rows.JSON{Rows: rows.Entries(es, timestamp)}).Fn = func(results pgx.BatchResults) error {
		found, err := results.Query()
		stored, err := collect(found, err, rows.Line)
		if err != nil {
			return failed("append entries", err)
		}
		copy(lines, stored)
		return nil
	}
	return lines, later(ctx, r.q, b)
}

func (r logs) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, linesBefore, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r logs) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, lines+`WHERE m.room_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`, id, seq, limit)
}

const (
	lines = `
		SELECT ` + line + `
		FROM entry m
		LEFT JOIN "user" u ON u.id = m.who_id
		`
	linesBefore = lines + `WHERE m.room_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3`
)

func (r logs) lines(ctx context.Context, statement string, args ...any) ([]port.Line, error) {
	ls, err := query(ctx, r.q, rows.Line, statement, args...)
	if err != nil {
		return nil, failed("read entries", err)
	}
	return ls, nil
}

// line is an entry m and the user u whom it is of, if anybody: the fields of a
// port.Line.
const line = `m.id, m.room_id, m.seq, m.kind, coalesce(m.who_id, 0), m.body, m.data, coalesce(m.client_id, ''), m.at, ` + somebody
