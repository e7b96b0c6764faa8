package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Record opens the audit log of the store in a folder, to be read while others may
// use the store, until it is closed. It returns ErrNoStore if there is none.
func Record(dir string) (log port.Audit, done func() error, err error) {
	db, err := openReadOnly(filepath.Join(dir, name))
	if err != nil {
		return nil, nil, fmt.Errorf("open the record: %w", err)
	}
	return audits{db}, db.Close, nil
}

type audits struct{ q queryer }

func (r audits) Note(ctx context.Context, events ...audit.Event) error {
	if len(events) == 0 {
		return nil
	}
	_, err := r.q.ExecContext(ctx, `
		INSERT INTO audit (at, kind, who_id, sign_in_id, of_id, party_id, network)
		SELECT
			value ->> 'at', value ->> 'kind', nullif(value ->> 'who_id', 0), nullif(value ->> 'sign_in_id', 0),
			nullif(value ->> 'of_id', 0), nullif(value ->> 'party_id', 0), value ->> 'network'
		FROM json_each(?)`, rows.Events(events, micros))
	if err != nil {
		return failed("note for the record", err)
	}
	return nil
}

func (r audits) Before(ctx context.Context, id int64, limit int) ([]audit.Record, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT id, at, kind, coalesce(who_id, 0), coalesce(sign_in_id, 0), coalesce(of_id, 0), coalesce(party_id, 0), network
		FROM audit
		WHERE id < ?
		ORDER BY id DESC
		LIMIT ?`, cmp.Or(id, math.MaxInt64), limit)
	all, err := collect(found, err, rows.Record)
	if err != nil {
		return nil, failed("read the record", err)
	}
	return all, nil
}
