package contract

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// A diary is a store whose agenda a test looks at.
type diary struct {
	filled
	pass func(d time.Duration)
}

const (
	chore   agenda.Kind = "test.chore"
	errand  agenda.Kind = "test.errand"
	holding             = time.Minute // the lease of claims
)

func (d diary) put(items ...agenda.Item) {
	d.t.Helper()
	d.write(func(r port.Repos) error { return r.Agenda.Put(d.t.Context(), items...) })
}

func (d diary) claimFor(lease time.Duration, n int, kinds ...agenda.Kind) (items []agenda.Item) {
	d.t.Helper()
	d.write(func(r port.Repos) (err error) {
		items, err = r.Agenda.Claim(d.t.Context(), kinds, n, lease)
		return err
	})
	return items
}

func (d diary) claim(n int) []agenda.Item {
	d.t.Helper()
	return d.claimFor(holding, n, chore, errand)
}

// one claims the only item that is due.
func (d diary) one() agenda.Item {
	d.t.Helper()
	items := d.claim(10)
	require.Len(d.t, items, 1)
	return items[0]
}

func (d diary) done(items ...agenda.Item) {
	d.t.Helper()
	d.write(func(r port.Repos) error { return r.Agenda.Done(d.t.Context(), items...) })
}

func (d diary) later(item agenda.Item, why string) {
	d.t.Helper()
	d.write(func(r port.Repos) error { return r.Agenda.Later(d.t.Context(), item, why) })
}

func (d diary) retry(kind agenda.Kind, key string) error {
	return d.Write(d.t.Context(), func(r port.Repos) error { return r.AgendaAdmin.Retry(d.t.Context(), kind, key) })
}

func (d diary) due() []agenda.Item {
	d.t.Helper()
	items, err := d.Read().AgendaAdmin.Due(d.t.Context(), 1000)
	require.NoError(d.t, err)
	return items
}

func (d diary) setAside() []agenda.Item {
	d.t.Helper()
	items, err := d.Read().AgendaAdmin.SetAside(d.t.Context(), 1000)
	require.NoError(d.t, err)
	return items
}

func (d diary) backlog() port.Backlog {
	d.t.Helper()
	b, err := d.Read().AgendaAdmin.Backlog(d.t.Context())
	require.NoError(d.t, err)
	return b
}

func keys(items []agenda.Item) []string {
	keys := make([]string, len(items))
	for i, item := range items {
		keys[i] = item.Key
	}
	return keys
}

// ago is a time before now, by the clock of this process; give or take a minute it
// is the store's too.
func ago(d time.Duration) time.Time { return time.Now().Add(-d) }
