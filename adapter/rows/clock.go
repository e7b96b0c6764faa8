package rows

import (
	"cmp"
	"slices"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
)

// Item gives the fields of an item of the agenda.
func Item(i *agenda.Item) []any {
	return []any{&i.ID, &i.Kind, &i.Key, Time{&i.DueAt}, (*[]byte)(&i.Data), &i.Version, &i.Attempts, Time{&i.ClaimedUntil}, &i.Failure}
}

type item[T any] struct {
	Kind  agenda.Kind `json:"kind"`
	Key   string      `json:"key"`
	DueAt *T          `json:"due_at"`
	In    int64       `json:"micros"`
	Data  *string     `json:"data"`
}

// Items gives items of the agenda as an argument, with times as the store keeps them.
func Items[T any](all []agenda.Item, at func(time.Time) *T) JSON {
	rows := make([]item[T], len(all))
	for i, one := range all {
		rows[i] = item[T]{Kind: one.Kind, Key: one.Key, DueAt: at(one.DueAt), In: one.In.Microseconds()}
		if len(one.Data) > 0 {
			data := string(one.Data)
			rows[i].Data = &data
		}
	}
	return JSON{rows}
}

// Claimed completes items that were claimed just now: the oldest due comes first.
func Claimed(items []agenda.Item, lease time.Duration) []agenda.Item {
	for i := range items {
		items[i].ClaimedAt = items[i].ClaimedUntil.Add(-lease)
	}
	slices.SortFunc(items, func(a, b agenda.Item) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return items
}
