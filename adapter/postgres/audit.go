package postgres

import (
	"cmp"
	"context"
	"math"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
)

type audits struct{ q queryer }

func (r audits) Note(ctx context.Context, events ...audit.Event) error {
	if len(events) == 0 {
		return nil
	}
	err := exec(ctx, r.q, `
		INSERT INTO audit (at, kind, who_id, sign_in_id, of_id, party_id, network)
		SELECT at, kind, nullif(who_id, 0), nullif(sign_in_id, 0), nullif(of_id, 0), nullif(party_id, 0), network
		FROM json_to_recordset($1) AS r (
			at timestamptz, kind text, who_id bigint, sign_in_id bigint, of_id bigint, party_id bigint, network text)`, rows.Events(events, timestamp))
	if err != nil {
		return failed("note for the record", err)
	}
	return nil
}

func (r audits) Before(ctx context.Context, id int64, f audit.Filter, limit int) ([]audit.Record, error) {
	all, err := query(ctx, r.q, rows.Record, `
		SELECT id, at, kind, coalesce(who_id, 0), coalesce(sign_in_id, 0), coalesce(of_id, 0), coalesce(party_id, 0), network
		FROM audit
		WHERE id < $1
			AND ($3::timestamptz IS NULL OR at >= $3)
			AND ($4::bigint = 0 OR $4 IN (who_id, of_id))
			AND ($5::text = '' OR kind = $5)
		ORDER BY id DESC
		LIMIT $2`, cmp.Or(id, math.MaxInt64), limit, timestamp(f.Since), f.About, f.Kind)
	if err != nil {
		return nil, failed("read the record", err)
	}
	return all, nil
}
