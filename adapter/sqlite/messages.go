package sqlite

import (
	"context"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type messages struct{ q queryer }

// Say asks first and writes then: a Write holds the only write lock there is, so
// nobody is banned in between, and a refusal leaves nothing to undo.
func (r messages) Say(ctx context.Context, ms ...chat.Message) ([]port.Said, error) {
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
		rows[i] = row{m.Party, 0, m.Who, m.Text, m.ClientID, micros(m.At)}
	}
	doors, err := r.doors(ctx, batch{rows})
	if err != nil {
		return nil, err
	}
	type own struct {
		Party    party.ID
		Who      user.ID
		ClientID string
	}
	type head struct {
		ID   party.ID
		Last int64
	}
	said := make([]port.Said, len(ms))
	before := map[own]*port.Said{} // in this call
	last := map[party.ID]int64{}
	var accepted []row
	var kept []*port.Said
	for i, m := range ms {
		d, s := doors[i], &said[i]
		if s.Err = party.Enter(d.deleted, d.roomDeleted, d.standing); s.Err != nil {
			continue
		}
		name := own{m.Party, m.Who, m.ClientID}
		if first := before[name]; m.ClientID != "" && (first != nil || d.said.ID != 0) {
			if first == nil {
				first = &port.Said{Line: d.said}
			}
			if *s = *first; first.Text != m.Text {
				*s = port.Said{Err: chat.ErrIDConflict}
			}
			s.Repeated = s.Err == nil
			continue
		}
		if _, known := last[m.Party]; !known {
			last[m.Party] = d.last
		}
		last[m.Party]++
		m.Seq, m.At = last[m.Party], m.At.UTC().Truncate(time.Microsecond)
		s.Line = port.Line{Message: m, Person: d.said.Person}
		rows[i].Seq = m.Seq
		accepted, kept, before[name] = append(accepted, rows[i]), append(kept, s), s
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
	var heads []head
	for id, seq := range last {
		heads = append(heads, head{id, seq})
	}
	_, err = r.q.ExecContext(ctx, `
		UPDATE party
		SET last_seq = value ->> 'Last'
		FROM json_each(?)
		WHERE party.id = value ->> 'ID'`, batch{heads})
	if err != nil {
		return nil, failed("count messages", err)
	}
	for i, s := range kept {
		s.ID = newest - int64(len(kept)-1-i)
	}
	for i, s := range said {
		if s.Repeated && s.ID == 0 { // of a line that had no id yet
			said[i].ID = before[own{s.Party, s.Who, s.ClientID}].ID
		}
	}
	return said, nil
}

// A door is what a speaker finds at a room.
type door struct {
	deleted, roomDeleted bool
	standing             party.Standing
	last                 int64
	said                 port.Line // under the same client id, if its ID is not 0; its Person is always the speaker
}

// doors finds, for each line, the door that its speaker stands before. Somebody
// who is withdrawn is in nowhere.
func (r messages) doors(ctx context.Context, lines batch) ([]door, error) {
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
	doors, err := collect(rows, err, func(d *door) []any {
		m := &d.said
		return append([]any{
			&d.deleted, &d.roomDeleted, &d.standing, &d.last,
			&m.ID, &m.Party, &m.Seq, &m.Kind, &m.Who, &m.Text, &m.ClientID, instant{&m.At},
		}, personFields(&m.Person)...)
	})
	if err != nil {
		return nil, failed("check speakers", err)
	}
	return doors, nil
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
