package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

type messages struct{ q queryer }

// Say stores the line and counts it in one statement, which says nothing about
// somebody who may not speak: a refusal leaves nothing to undo, so that others may
// speak in the same Write. Only once the party is locked does that statement look
// at who is in: a ban that came first is seen.
func (r messages) Say(ctx context.Context, m chat.Message) (line port.Line, repeated bool, err error) {
	said, err := queryLocked(ctx, r.q, m.Party, lineFields, `
		WITH said AS (
			INSERT INTO message (party_id, seq, kind, who_id, body, client_id, at)
			SELECT p.id, p.last_seq + 1, $3, u.id, $4, nullif($5, ''), $6
			FROM party p
			JOIN member i ON i.party_id = p.id
			JOIN "user" u ON u.id = i.user_id
			WHERE p.id = $1 AND p.deleted_at IS NULL AND p.room_deleted_at IS NULL
				AND u.id = $2 AND u.withdrawn_at IS NULL AND i.standing = 'in'
				AND NOT EXISTS (
					SELECT
					FROM message
					WHERE party_id = $1 AND who_id = $2 AND client_id = $5)
			RETURNING *
		), counted AS (
			UPDATE party
			SET last_seq = said.seq
			FROM said
			WHERE party.id = said.party_id
		)
		SELECT `+columns+`
		FROM said m
		JOIN "user" u ON u.id = m.who_id`,
		m.Party, m.Who, m.Kind, m.Text, m.ClientID, moment(m.At))
	switch {
	case err != nil:
		return port.Line{}, false, failed("say", err)
	case len(said) > 0:
		return said[0], false, nil
	}
	if err := r.maySpeak(ctx, m.Party, m.Who); err != nil {
		return port.Line{}, false, err
	}
	said, err = r.lines(ctx, `WHERE m.party_id = $1 AND m.who_id = $2 AND m.client_id = $3`, m.Party, m.Who, m.ClientID)
	switch {
	case err != nil:
		return port.Line{}, false, err
	case len(said) == 0:
		return port.Line{}, false, fmt.Errorf("say: user %d may speak in party %d, and nothing was stored", m.Who, m.Party)
	case said[0].Text != m.Text:
		return port.Line{}, false, chat.ErrIDConflict
	}
	return said[0], true, nil
}

// maySpeak returns what party.Enter says of who. Somebody who is withdrawn is
// in nowhere.
func (r messages) maySpeak(ctx context.Context, id party.ID, who user.ID) error {
	type door struct {
		deleted, roomDeleted bool
		standing             party.Standing
	}
	found, err := query(ctx, r.q, func(d *door) []any { return []any{&d.deleted, &d.roomDeleted, &d.standing} }, `
		SELECT
			p.deleted_at IS NOT NULL,
			p.room_deleted_at IS NOT NULL,
			coalesce((
				SELECT m.standing
				FROM member m
				JOIN "user" u ON u.id = m.user_id
				WHERE m.party_id = p.id AND m.user_id = $2 AND u.withdrawn_at IS NULL), '')
		FROM party p
		WHERE p.id = $1`, id, who)
	switch {
	case err != nil:
		return failed("check speaker", err)
	case len(found) == 0:
		return party.ErrNotFound
	}
	return party.Enter(found[0].deleted, found[0].roomDeleted, found[0].standing)
}

// Append numbers the lines on from each party's last_seq, and raises it. OFFSET 0
// makes of the people a look-up for each line: PostgreSQL takes any JSON for a
// hundred lines, and would read all people for them.
func (r messages) Append(ctx context.Context, ms []chat.Message) ([]port.Line, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	type row struct {
		Place    int        `json:"place"`
		Party    party.ID   `json:"party_id"`
		Kind     chat.Kind  `json:"kind"`
		Who      user.ID    `json:"who_id"`
		Text     string     `json:"body"`
		ClientID string     `json:"client_id,omitempty"` // NULL then
		At       *time.Time `json:"at"`
	}
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = row{i, m.Party, m.Kind, m.Who, m.Text, m.ClientID, moment(m.At)}
	}
	lines, err := query(ctx, r.q, lineFields, `
		WITH line AS (
			SELECT l.*, p.last_seq + row_number() OVER (PARTITION BY l.party_id ORDER BY l.place) AS seq
			FROM json_to_recordset($1) AS l (
				place integer, party_id bigint, kind text, who_id bigint, body text, client_id text, at timestamptz)
			LEFT JOIN party p ON p.id = l.party_id
		), kept AS (
			INSERT INTO message (party_id, seq, kind, who_id, body, client_id, at)
			SELECT party_id, seq, kind, who_id, body, client_id, at
			FROM line
			ORDER BY place
			RETURNING *
		), counted AS (
			UPDATE party
			SET last_seq = newest.seq
			FROM (SELECT party_id, max(seq) AS seq FROM line GROUP BY party_id) newest
			WHERE party.id = newest.party_id
		)
		SELECT `+columns+`
		FROM kept m
		CROSS JOIN LATERAL (SELECT * FROM "user" WHERE id = m.who_id OFFSET 0) u
		ORDER BY m.id`, batch{rows})
	if err != nil {
		return nil, failed("append messages", err)
	}
	return lines, nil
}

func (r messages) Before(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	ls, err := r.lines(ctx, `WHERE m.party_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3`, id, seq, limit)
	slices.Reverse(ls)
	return ls, err
}

func (r messages) After(ctx context.Context, id party.ID, seq int64, limit int) ([]port.Line, error) {
	return r.lines(ctx, `WHERE m.party_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`, id, seq, limit)
}

// lines reads the messages m that rest asks for.
func (r messages) lines(ctx context.Context, rest string, args ...any) ([]port.Line, error) {
	ls, err := query(ctx, r.q, lineFields, `
		SELECT `+columns+`
		FROM message m
		JOIN "user" u ON u.id = m.who_id
		`+rest, args...)
	if err != nil {
		return nil, failed("read messages", err)
	}
	return ls, nil
}

// columns is a message m and the user u it is of: the fields of a port.Line.
const columns = `m.id, m.party_id, m.seq, m.kind, m.who_id, m.body, coalesce(m.client_id, ''), m.at, ` + person

func lineFields(l *port.Line) []any {
	return append([]any{&l.ID, &l.Party, &l.Seq, &l.Kind, &l.Who, &l.Text, &l.ClientID, instant{&l.At}},
		personFields(&l.Person)...)
}
