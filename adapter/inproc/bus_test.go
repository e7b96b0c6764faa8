package inproc

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var _ port.Bus = (*Bus)(nil)

// ear remembers what it hears.
type ear struct{ heard []string }

func (e *ear) Deliver(l port.Line) { e.heard = append(e.heard, fmt.Sprint("line ", l.Seq)) }

func (e *ear) SignOut(who user.ID, generation int64) {
	e.heard = append(e.heard, fmt.Sprint("sign out ", who, " before ", generation))
}

func (*ear) Wake(party.ID, int64) {}

func (*ear) Doubt() {}

func line(seq int64) port.Line { return port.Line{Message: chat.Message{Party: 1, Seq: seq}} }

func TestBus(t *testing.T) {
	t.Run("tells all followers in order, before it returns", func(t *testing.T) {
		var bus Bus
		var a, b ear
		bus.Subscribe(&a)
		bus.Subscribe(&b)
		bus.Publish(t.Context(), line(1), line(2))
		bus.SignOut(t.Context(), 7, 3)
		bus.Publish(t.Context(), line(3))
		bus.Publish(t.Context())
		want := []string{"line 1", "line 2", "sign out 7 before 3", "line 3"}
		assert.Equal(t, want, a.heard)
		assert.Equal(t, want, b.heard)
	})

	t.Run("needs no follower", func(t *testing.T) {
		var bus Bus
		bus.Publish(t.Context(), line(1))
		bus.SignOut(t.Context(), 7, 3)
	})

	t.Run("tells nobody who no longer follows", func(t *testing.T) {
		var bus Bus
		var a, b ear
		cancel := bus.Subscribe(&a)
		bus.Subscribe(&b)
		bus.Publish(t.Context(), line(1))
		cancel()
		cancel()
		bus.Publish(t.Context(), line(2))
		assert.Equal(t, []string{"line 1"}, a.heard)
		assert.Equal(t, []string{"line 1", "line 2"}, b.heard)
	})

	t.Run("ends one of two subscriptions of the same follower", func(t *testing.T) {
		var bus Bus
		var a ear
		first := bus.Subscribe(&a)
		second := bus.Subscribe(&a)
		bus.Publish(t.Context(), line(1))
		assert.Len(t, a.heard, 2)
		first()
		bus.Publish(t.Context(), line(2))
		assert.Len(t, a.heard, 3)
		second()
		bus.Publish(t.Context(), line(3))
		assert.Len(t, a.heard, 3)
	})

	t.Run("may be used by many at once", func(t *testing.T) {
		var bus Bus
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for i := range int64(50) {
					cancel := bus.Subscribe(deaf{})
					bus.Publish(t.Context(), line(i))
					bus.SignOut(t.Context(), 7, i)
					cancel()
				}
			})
		}
		all.Wait()
		assert.Empty(t, bus.followers)
	})
}

type deaf struct{}

func (deaf) Deliver(port.Line)      {}
func (deaf) Wake(party.ID, int64)   {}
func (deaf) SignOut(user.ID, int64) {}
func (deaf) Doubt()                 {}
