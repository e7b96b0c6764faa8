package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

var (
	kept201 = idempotency.Kept{Content: [32]byte{1}, Answer: idempotency.Answer{Status: 201, Body: []byte(`{"id": 1}`)}}
	kept200 = idempotency.Kept{Content: [32]byte{2}, Answer: idempotency.Answer{Status: 200, Body: []byte(`{}`)}}
)

// answerID is the nth key of a person on one route.
func answerID(who user.ID, n byte) idempotency.ID {
	return idempotency.ID{Who: who, Route: "POST /api/post/write/", Key: idempotency.Key(fmt.Sprintf("key-%012d", n))}
}

func (s filled) keep(id idempotency.ID, a idempotency.Kept, now, until time.Time) {
	s.t.Helper()
	s.write(func(r port.Repos) error {
		_, found, err := r.Answers.Claim(s.t.Context(), id, now)
		assert.False(s.t, found)
		require.NoError(s.t, err)
		return r.Answers.Keep(s.t.Context(), id, a, now, until)
	})
}

func (s filled) claim(id idempotency.ID, now time.Time) (kept idempotency.Kept, found bool) {
	s.t.Helper()
	s.write(func(r port.Repos) (err error) {
		kept, found, err = r.Answers.Claim(s.t.Context(), id, now)
		return err
	})
	return kept, found
}

func answers(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("a key is one person's on one route", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		id := answerID(ann, 1)
		elsewhere := id
		elsewhere.Route = "POST /api/chat/{id}/"
		s.keep(id, kept201, noon, minutes(60))
		s.keep(elsewhere, kept200, noon, minutes(60))
		got, found := s.claim(id, noon)
		assert.True(t, found)
		assert.Equal(t, kept201, got)
		got, found = s.claim(elsewhere, noon)
		assert.True(t, found)
		assert.Equal(t, kept200, got)
		for _, other := range []idempotency.ID{answerID(bob, 1), answerID(ann, 2)} {
			_, found = s.claim(other, noon)
			assert.False(t, found, "%+v", other)
		}
	})

	t.Run("an answer is there until its time, and then the key is free", func(t *testing.T) {
		s := fill(t, open)
		id := answerID(s.user("ann"), 1)
		s.keep(id, kept201, noon, minutes(60))
		_, found := s.claim(id, minutes(60).Add(-time.Microsecond))
		assert.True(t, found)
		s.keep(id, kept200, minutes(60), minutes(120))
		got, found := s.claim(id, minutes(60))
		assert.True(t, found)
		assert.Equal(t, kept200, got)
	})

	t.Run("an answer without a time is kept for ever", func(t *testing.T) {
		s := fill(t, open)
		id := answerID(s.user("ann"), 1)
		s.keep(id, kept201, noon, time.Time{})
		later := noon.AddDate(100, 0, 0)
		s.write(func(r port.Repos) error {
			n, err := r.Cleanup.Answers(t.Context(), later, 100)
			assert.Zero(t, n)
			return err
		})
		got, found := s.claim(id, later)
		assert.True(t, found)
		assert.Equal(t, kept201, got)
		assert.Error(t, s.Write(t.Context(), func(r port.Repos) error {
			return r.Answers.Keep(t.Context(), id, kept200, later, time.Time{})
		}), "it is never replaced")
	})

	t.Run("a Write that fails keeps nothing and frees the key", func(t *testing.T) {
		s := fill(t, open)
		id := answerID(s.user("ann"), 1)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			_, _, err := r.Answers.Claim(t.Context(), id, noon)
			require.NoError(t, err)
			require.NoError(t, r.Answers.Keep(t.Context(), id, kept201, noon, minutes(60)))
			return assert.AnError
		}), assert.AnError)
		_, found := s.claim(id, noon)
		assert.False(t, found)
	})

	t.Run("a repeat waits for the first, and sees its answer", func(t *testing.T) {
		s := fill(t, open)
		id := answerID(s.user("ann"), 1)
		require.NoError(t, s.inTurn(func(r port.Repos) error {
			_, found, err := r.Answers.Claim(t.Context(), id, noon)
			assert.False(t, found)
			require.NoError(t, err)
			return r.Answers.Keep(t.Context(), id, kept201, noon, minutes(60))
		}, func(r port.Repos) error {
			got, found, err := r.Answers.Claim(t.Context(), id, noon)
			assert.True(t, found)
			assert.Equal(t, kept201, got)
			return err
		}))
	})

	t.Run("of many at once one is first", func(t *testing.T) {
		s := fill(t, open)
		id := answerID(s.user("ann"), 1)
		firsts := make([]bool, 20)
		for _, err := range s.together(len(firsts), func(i int, r port.Repos) error {
			_, found, err := r.Answers.Claim(t.Context(), id, noon)
			firsts[i] = !found
			if err != nil || found {
				return err
			}
			return r.Answers.Keep(t.Context(), id, kept201, noon, minutes(60))
		}) {
			assert.NoError(t, err)
		}
		n := 0
		for _, first := range firsts {
			if first {
				n++
			}
		}
		assert.Equal(t, 1, n)
	})

	t.Run("Forget removes a person's answers, so many at once", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		for n := range byte(3) {
			s.keep(answerID(ann, n), kept201, noon, time.Time{})
		}
		s.keep(answerID(bob, 0), kept201, noon, minutes(60))
		for _, want := range []int{2, 1, 0} {
			s.write(func(r port.Repos) error {
				n, err := r.Answers.Forget(t.Context(), ann, 2)
				assert.Equal(t, want, n)
				return err
			})
		}
		_, found := s.claim(answerID(bob, 0), noon)
		assert.True(t, found)
	})
}
