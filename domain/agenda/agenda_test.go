package agenda_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
)

func TestCheck(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	long := func(n int) string { return strings.Repeat("x", n) }
	text := func(n int) json.RawMessage { return json.RawMessage(`"` + long(n-2) + `"`) }
	for name, tt := range map[string]struct {
		item agenda.Item
		ok   bool
	}{
		"a kind alone":            {agenda.Item{Kind: "a"}, true},
		"everything":              {agenda.Item{Kind: "order.lock_2", Key: "A7:b/c.d-e_f", DueAt: noon, Data: json.RawMessage(`{"a":[1]}`)}, true},
		"in a while":              {agenda.Item{Kind: "a", In: time.Hour}, true},
		"as long as may be":       {agenda.Item{Kind: agenda.Kind(long(agenda.MaxKind)), Key: long(agenda.MaxKey), Data: text(agenda.MaxData)}, true},
		"no kind":                 {agenda.Item{Key: "a"}, false},
		"a long kind":             {agenda.Item{Kind: agenda.Kind(long(agenda.MaxKind + 1))}, false},
		"a capital kind":          {agenda.Item{Kind: "Order"}, false},
		"a kind with a space":     {agenda.Item{Kind: "order lock"}, false},
		"a kind in Korean":        {agenda.Item{Kind: "주문"}, false},
		"a kind like a number":    {agenda.Item{Kind: "2.order"}, false},
		"a kind like a flag":      {agenda.Item{Kind: "-order"}, false},
		"a long key":              {agenda.Item{Kind: "a", Key: long(agenda.MaxKey + 1)}, false},
		"a key with a space":      {agenda.Item{Kind: "a", Key: "a b"}, false},
		"a key like a flag":       {agenda.Item{Kind: "a", Key: "-a"}, false},
		"an e-mail address":       {agenda.Item{Kind: "a", Key: "ann@example.com"}, false},
		"a key with a line break": {agenda.Item{Kind: "a", Key: "a\n"}, false},
		"a key with a NUL":        {agenda.Item{Kind: "a", Key: "a\x00"}, false},
		"a negative wait":         {agenda.Item{Kind: "a", In: -1}, false},
		"two due times":           {agenda.Item{Kind: "a", DueAt: noon, In: 1}, false},
		"long data":               {agenda.Item{Kind: "a", Data: text(agenda.MaxData + 1)}, false},
		"broken data":             {agenda.Item{Kind: "a", Data: json.RawMessage(`{`)}, false},
		"data in no encoding":     {agenda.Item{Kind: "a", Data: json.RawMessage("\"\xff\"")}, false},
	} {
		err := tt.item.Check()
		if tt.ok {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, agenda.ErrInvalid, name)
		}
	}
}

func TestPrepare(t *testing.T) {
	a, b, c := agenda.Item{Kind: "a", Key: "2"}, agenda.Item{Kind: "a", Key: "1"}, agenda.Item{Kind: "b", UnlessWaiting: true}
	again := agenda.Item{Kind: "a", Key: "2", In: time.Hour}
	moving, keeping, err := agenda.Prepare([]agenda.Item{a, c, b, again})
	assert.NoError(t, err)
	assert.Equal(t, []agenda.Item{b, again}, moving)
	assert.Equal(t, []agenda.Item{c}, keeping)
	_, _, err = agenda.Prepare([]agenda.Item{a, {Kind: "A"}})
	assert.ErrorIs(t, err, agenda.ErrInvalid)
}

func TestBackoff(t *testing.T) {
	var waits []time.Duration
	for n := range agenda.Tries + 4 {
		waits = append(waits, agenda.Backoff(n))
	}
	s := time.Second
	assert.Equal(t, []time.Duration{
		5 * s, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 320 * s, 640 * s, 1280 * s, 2560 * s, time.Hour, time.Hour, time.Hour,
	}, waits)
	assert.Equal(t, time.Hour, agenda.Backoff(1_000_000))
}

func TestFailure(t *testing.T) {
	assert.Equal(t, "store order: away", agenda.Failure("store order: away"))
	assert.Equal(t, "two lines", agenda.Failure("two\n\tlines\x00"))
	assert.Equal(t, "a?b", agenda.Failure("a\xff\xfeb"))
	cut := agenda.Failure(strings.Repeat("밥", agenda.MaxFailure))
	assert.Equal(t, agenda.MaxFailure-agenda.MaxFailure%3, len(cut))
	assert.True(t, utf8.ValidString(cut))
}
