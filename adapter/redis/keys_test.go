package redis

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

func TestNodesWithOtherKeysAreRefused(t *testing.T) {
	s := container.StartRedis(t)
	log := &notes{}
	joins := func(keys ...string) (*KeyWatch, error) {
		w, err := WatchKeys(t.Context(), connect(t, s.URL()), keys, slog.New(slog.NewTextHandler(log, nil)))
		if err == nil {
			t.Cleanup(w.Close)
		}
		return w, err
	}
	for _, keys := range [][]string{{"one"}, {"one"}, {"one", "two"}, {"two", "one"}} { // step by step
		_, err := joins(keys...)
		require.NoError(t, err, keys)
	}
	assert.Equal(t, 1, log.count("does not know"), "of two steps at once: %s", log)

	s.Flush()
	first, err := joins("one")
	require.NoError(t, err)
	_, err = joins("three")
	assert.ErrorIs(t, err, ErrOtherKeys)
	_, err = joins("three", "four")
	assert.ErrorIs(t, err, ErrOtherKeys)
	_, err = joins("one")
	assert.NoError(t, err, "who was refused has left nothing")

	s.Flush() // as if the others had been gone for a while
	_, err = joins("three")
	require.NoError(t, err)
	assert.ErrorIs(t, first.compare(t.Context()), ErrOtherKeys, "those that came at the same time find each other later")

	s.Kill()
	_, err = joins("five")
	assert.NoError(t, err, "without Redis nodes serve on")
}
