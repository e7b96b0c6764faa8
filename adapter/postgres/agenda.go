package postgres

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

type agendas struct{ q queryer }

const agendaColumns = `id, kind, key, due_at, data::text, version, attempts, claimed_until, failure`

// What may be claimed, and what is set aside. The number is written out, as in the
// partial indexes, which are used only then. The time is that of the statement:
// clock_timestamp() may change within it, so no index could be searched by it.
var (
	claimable = `attempts < ` + strconv.Itoa(agenda.Tries) + ` AND due_at <= statement_timestamp()
		AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())`
	setAside = `attempts >= ` + strconv.Itoa(agenda.Tries) + ` AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())`
)

var (
	putAgenda = `
		INSERT INTO agenda (kind, key, due_at, data)
		SELECT kind, key, coalesce(due_at, statement_timestamp() + micros * interval '1 microsecond'), data::json
		FROM json_to_recordset($1) AS r (kind text, key text, due_at timestamptz, micros bigint, data text)
		ORDER BY kind, key
		ON CONFLICT (kind, key) DO UPDATE SET
			due_at = excluded.due_at,
			data = excluded.data,
			version = agenda.version + 1,
			attempts = 0,
			claimed_until = NULL,
			failure = ''`
	putAgendaUnlessWaiting = putAgenda + `
		WHERE agenda.claimed_until > statement_timestamp() OR agenda.attempts >= ` + strconv.Itoa(agenda.Tries)
)

func (r agendas) Put(ctx context.Context, items ...agenda.Item) error {
	moving, keeping, err := agenda.Prepare(items)
	if err != nil {
		return err
	}
	if err := r.put(ctx, putAgenda, moving); err != nil {
		return err
	}
	return r.put(ctx, putAgendaUnlessWaiting, keeping)
}

func (r agendas) put(ctx context.Context, statement string, items []agenda.Item) error {
	if len(items) == 0 {
		return nil
	}
	if err := exec(ctx, r.q, statement, rows.Items(items, timestamp)); err != nil {
		return failed("put on the agenda", err)
	}
	return nil
}

// Claim skips rows that others have locked: they are being claimed or put. It compares kinds
// with array_position, of which PostgreSQL makes no estimate: for kind = ANY it estimates so
// few rows while the table is new that it would sort all due items rather than walk the index.
// It then updates each row by its id, for an array of ids PostgreSQL would read a new table.
func (r agendas) Claim(ctx context.Context, kinds []agenda.Kind, n int, lease time.Duration) ([]agenda.Item, error) {
	ids, err := query(ctx, r.q, rows.Value[int64], `
		SELECT id
		FROM agenda
		WHERE `+claimable+` AND array_position($1::text[], kind) IS NOT NULL
		ORDER BY due_at, id
		LIMIT $2
		FOR UPDATE SKIP LOCKED`, kinds, n)
	if err != nil {
		return nil, failed("look for what is due", err)
	}
	items, err := r.claim(ctx, ids, lease)
	if err != nil {
		return nil, failed("claim what is due", err)
	}
	return rows.Claimed(items, lease), nil
}

// claim takes items that are locked, in one round trip.
func (r agendas) claim(ctx context.Context, ids []int64, lease time.Duration) (items []agenda.Item, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	b := &pgx.Batch{}
	for _, id := range ids {
		b.Queue(`
			UPDATE agenda
			SET attempts = attempts + 1, version = version + 1, claimed_until = statement_timestamp() + $2 * interval '1 microsecond'
			WHERE id = $1
			RETURNING `+agendaColumns, id, lease.Microseconds())
	}
	results := r.q.SendBatch(ctx, b)
	defer func() { err = cmp.Or(err, results.Close()) }()
	for range ids {
		found, err := results.Query()
		claimed, err := collect(found, err, rows.Item)
		if err != nil {
			return nil, err
		}
		items = append(items, claimed...)
	}
	return items, nil
}

func (r agendas) Done(ctx context.Context, items ...agenda.Item) error {
	ids, versions := make([]int64, len(items)), make([]int64, len(items))
	for i, item := range items {
		ids[i], versions[i] = item.ID, item.Version
	}
	err := exec(ctx, r.q, `
		DELETE FROM agenda
		USING unnest($1::bigint[], $2::bigint[]) AS c (id, version)
		WHERE agenda.id = c.id AND agenda.version = c.version`, ids, versions)
	if err != nil {
		return failed("remove from the agenda", err)
	}
	return nil
}

func (r agendas) Later(ctx context.Context, item agenda.Item, why string) error {
	err := exec(ctx, r.q, `
		UPDATE agenda
		SET due_at = statement_timestamp() + $1 * interval '1 microsecond', version = version + 1, claimed_until = NULL, failure = $2
		WHERE id = $3 AND version = $4`,
		agenda.Backoff(item.Attempts).Microseconds(), agenda.Failure(why), item.ID, item.Version)
	if err != nil {
		return failed("put off", err)
	}
	return nil
}

type agendaAdmin struct{ q queryer }

func (r agendaAdmin) Backlog(ctx context.Context) (port.Backlog, error) {
	found, err := query(ctx, r.q, func(b *backlog) []any { return []any{&b.Due, &b.micros, &b.SetAside} }, `
		SELECT
			(SELECT count(*) FROM agenda WHERE `+claimable+`),
			coalesce((SELECT extract(epoch FROM statement_timestamp() - min(due_at)) * 1000000 FROM agenda WHERE `+claimable+`), 0)::bigint,
			(SELECT count(*) FROM agenda WHERE `+setAside+`)`)
	if err != nil {
		return port.Backlog{}, failed("sum up the agenda", err)
	}
	b := found[0]
	b.Late = time.Duration(b.micros) * time.Microsecond
	return b.Backlog, nil
}

type backlog struct {
	port.Backlog
	micros int64
}

func (r agendaAdmin) Due(ctx context.Context, limit int) ([]agenda.Item, error) {
	return r.list(ctx, claimable+` ORDER BY due_at, id`, limit)
}

func (r agendaAdmin) SetAside(ctx context.Context, limit int) ([]agenda.Item, error) {
	return r.list(ctx, setAside+` ORDER BY id`, limit)
}

// list reads the items that rest asks for.
func (r agendaAdmin) list(ctx context.Context, rest string, limit int) ([]agenda.Item, error) {
	items, err := query(ctx, r.q, rows.Item, `SELECT `+agendaColumns+` FROM agenda WHERE `+rest+` LIMIT $1`, limit)
	if err != nil {
		return nil, failed("read the agenda", err)
	}
	return items, nil
}

func (r agendaAdmin) Retry(ctx context.Context, kind agenda.Kind, key string) error {
	found, err := query(ctx, r.q, rows.Value[int64], `
		UPDATE agenda
		SET due_at = statement_timestamp(), version = version + 1, attempts = 0, claimed_until = NULL
		WHERE kind = $1 AND key = $2 AND `+setAside+`
		RETURNING id`, kind, key)
	switch {
	case err != nil:
		return failed("put on the agenda", err)
	case len(found) == 0:
		return agenda.ErrNotSetAside
	}
	return nil
}
