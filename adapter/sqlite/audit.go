package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Record opens the audit log of the store in a folder, to be read while others may
// use the store, until it is closed. It returns ErrNoStore if there is none.
func Record(dir string) (log port.Audit, done func() error, err error) {
	db, err := peek(filepath.Join(dir, name))
	if err != nil {
		return nil, nil, fmt.Errorf("open the record: %w", err)
	}
	return audits{db}, db.Close, nil
}

type audits struct{ q queryer }

func (r audits) Note(ctx context.Context, events ...audit.Event) error {
	type row struct {
		At      *int64
		Kind    audit.Kind
		Who     user.ID
		SignIn  signin.ID
		Of      user.ID
		Room    party.ID
		Network string
	}
	var rows []row
	for _, e := range events {
		rows = append(rows, row{micros(e.At), e.Kind, e.Who, e.SignIn, e.Of, e.Room, e.Network})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO audit (at, kind, who_id, sign_in_id, of_id, party_id, network)
		SELECT
			value ->> 'At', value ->> 'Kind', nullif(value ->> 'Who', 0), nullif(value ->> 'SignIn', 0),
			nullif(value ->> 'Of', 0), nullif(value ->> 'Room', 0), value ->> 'Network'
		FROM json_each(?)`, batch{rows})
	if err != nil {
		return failed("note for the record", err)
	}
	return nil
}

func (r audits) Before(ctx context.Context, id int64, limit int) ([]audit.Record, error) {
	rows, err := r.q.QueryContext(ctx, `
		SELECT id, at, kind, coalesce(who_id, 0), coalesce(sign_in_id, 0), coalesce(of_id, 0), coalesce(party_id, 0), network
		FROM audit
		WHERE id < ?
		ORDER BY id DESC
		LIMIT ?`, cmp.Or(id, math.MaxInt64), limit)
	all, err := collect(rows, err, func(a *audit.Record) []any {
		return []any{&a.ID, instant{&a.At}, &a.Kind, &a.Who, &a.SignIn, &a.Of, &a.Room, &a.Network}
	})
	if err != nil {
		return nil, failed("read the record", err)
	}
	return all, nil
}
