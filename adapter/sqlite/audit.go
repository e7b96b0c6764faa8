package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"math"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
)

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

func (r audits) Before(ctx context.Context, id int64, f audit.Filter, limit int) ([]audit.Record, error) {
	found, err := r.q.QueryContext(ctx, `
		SELECT id, at, kind, coalesce(who_id, 0), coalesce(sign_in_id, 0), coalesce(of_id, 0), coalesce(party_id, 0), network
		FROM audit
		WHERE id < :before
			AND (:since IS NULL OR at >= :since)
			AND (:about = 0 OR :about IN (who_id, of_id))
			AND (:kind = '' OR kind = :kind)
		ORDER BY id DESC
		LIMIT :limit`,
		sql.Named("before", cmp.Or(id, math.MaxInt64)), sql.Named("since", micros(f.Since)), sql.Named("about", f.About),
		sql.Named("kind", f.Kind), sql.Named("limit", limit))
	all, err := collect(found, err, rows.Record)
	if err != nil {
		return nil, failed("read the record", err)
	}
	return all, nil
}
