package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

type agendas struct {
	q   queryer
	now func() time.Time
}

const agendaColumns = `id, kind, key, due_at, data, version, attempts, claimed_until, failure`

// What may be claimed, and what is set aside. The number is written out, as in the
// partial indexes, which are used only then.
var (
	claimable = `attempts < ` + strconv.Itoa(agenda.Tries) + ` AND due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now)`
	setAside  = `attempts >= ` + strconv.Itoa(agenda.Tries) + ` AND (claimed_until IS NULL OR claimed_until <= :now)`
)

var (
	putAgenda = `
		INSERT INTO agenda (kind, key, due_at, data)
		SELECT value ->> 'kind', value ->> 'key', value ->> 'due_at', value ->> 'data'
		FROM json_each(:items)
		WHERE true
		ON CONFLICT (kind, key) DO UPDATE SET
			due_at = excluded.due_at,
			data = excluded.data,
			version = version + 1,
			attempts = 0,
			claimed_until = NULL,
			failure = ''`
	putAgendaUnlessWaiting = putAgenda + `
		WHERE claimed_until > :now OR attempts >= ` + strconv.Itoa(agenda.Tries)
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
	now := r.now()
	for i := range items {
		if items[i].DueAt.IsZero() {
			items[i].DueAt = now.Add(items[i].In)
		}
	}
	if _, err := r.q.ExecContext(ctx, statement, sql.Named("items", rows.Items(items, micros)), sql.Named("now", micros(now))); err != nil {
		return failed("put on the agenda", err)
	}
	return nil
}

func (r agendas) Claim(ctx context.Context, kinds []agenda.Kind, n int, lease time.Duration) ([]agenda.Item, error) {
	now := r.now()
	found, err := r.q.QueryContext(ctx, `
		UPDATE agenda
		SET attempts = attempts + 1, version = version + 1, claimed_until = :until
		WHERE id IN (
			SELECT id
			FROM agenda
			WHERE `+claimable+` AND +kind IN (SELECT value FROM json_each(:kinds))
			ORDER BY due_at, id
			LIMIT :n)
		RETURNING `+agendaColumns,
		sql.Named("now", micros(now)), sql.Named("until", micros(now.Add(lease))), sql.Named("kinds", rows.JSON{Rows: kinds}), sql.Named("n", n))
	items, err := collect(found, err, rows.Item)
	if err != nil {
		return nil, failed("claim what is due", err)
	}
	return rows.Claimed(items, lease), nil
}

func (r agendas) Done(ctx context.Context, items ...agenda.Item) error {
	type claim struct{ ID, Version int64 }
	claims := make([]claim, len(items))
	for i, item := range items {
		claims[i] = claim{item.ID, item.Version}
	}
	_, err := r.q.ExecContext(ctx, `
		DELETE FROM agenda
		WHERE (id, version) IN (SELECT value ->> 'ID', value ->> 'Version' FROM json_each(?))`, rows.JSON{Rows: claims})
	if err != nil {
		return failed("remove from the agenda", err)
	}
	return nil
}

func (r agendas) Later(ctx context.Context, item agenda.Item, why string) error {
	_, err := r.q.ExecContext(ctx, `
		UPDATE agenda
		SET due_at = ?, version = version + 1, claimed_until = NULL, failure = ?
		WHERE id = ? AND version = ?`,
		micros(r.now().Add(agenda.Backoff(item.Attempts))), agenda.Failure(why), item.ID, item.Version)
	if err != nil {
		return failed("put off", err)
	}
	return nil
}

type agendaAdmin struct {
	q   queryer
	now func() time.Time
}

func (r agendaAdmin) Backlog(ctx context.Context) (b port.Backlog, err error) {
	now := micros(r.now())
	var late int64
	err = r.q.QueryRowContext(ctx, `
		SELECT
			(SELECT count(*) FROM agenda WHERE `+claimable+`),
			coalesce((SELECT :now - min(due_at) FROM agenda WHERE `+claimable+`), 0),
			(SELECT count(*) FROM agenda WHERE `+setAside+`)`, sql.Named("now", now)).
		Scan(&b.Due, &late, &b.SetAside)
	if err != nil {
		return port.Backlog{}, failed("sum up the agenda", err)
	}
	b.Late = time.Duration(late) * time.Microsecond
	return b, nil
}

func (r agendaAdmin) Due(ctx context.Context, limit int) ([]agenda.Item, error) {
	return r.list(ctx, claimable+` ORDER BY due_at, id`, limit)
}

func (r agendaAdmin) SetAside(ctx context.Context, limit int) ([]agenda.Item, error) {
	return r.list(ctx, setAside+` ORDER BY id`, limit)
}

// list reads the items that rest asks for.
func (r agendaAdmin) list(ctx context.Context, rest string, limit int) ([]agenda.Item, error) {
	found, err := r.q.QueryContext(ctx, `SELECT `+agendaColumns+` FROM agenda WHERE `+rest+` LIMIT :limit`,
		sql.Named("now", micros(r.now())), sql.Named("limit", limit))
	items, err := collect(found, err, rows.Item)
	if err != nil {
		return nil, failed("read the agenda", err)
	}
	return items, nil
}

func (r agendaAdmin) Retry(ctx context.Context, kind agenda.Kind, key string) error {
	var id int64
	err := r.q.QueryRowContext(ctx, `
		UPDATE agenda
		SET due_at = :now, version = version + 1, attempts = 0, claimed_until = NULL
		WHERE kind = :kind AND key = :key AND `+setAside+`
		RETURNING id`, sql.Named("now", micros(r.now())), sql.Named("kind", kind), sql.Named("key", key)).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return agenda.ErrNotSetAside
	case err != nil:
		return failed("put on the agenda", err)
	}
	return nil
}
