package main

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatEndsWithinTheTimeCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := closed(t.Context(), 2, time.Second, func(int, int) error {
			time.Sleep(31 * time.Millisecond)
			return nil
		})
		require.NoError(t, err)
		assert.InDelta(t, 2/0.031, r.perSecond(), 2)
		assert.Equal(t, 2*39, r.done)
		assert.Equal(t, 31.0, r.at(0.5))
	})
}

func TestAMachineThatStandsStillIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := closed(t.Context(), 10, time.Second, func(int, int) error {
			time.Sleep(5 * time.Second)
			return nil
		})
		require.NoError(t, err)
		assert.InDelta(t, 10/4.8, r.perSecond(), 0.01)
		assert.Equal(t, 5000.0, r.at(0.5))
	})
}

func TestAWrongAnswerEndsIt(t *testing.T) {
	wrong := errors.New("wrong")
	var n atomic.Int64
	_, err := closed(t.Context(), 4, time.Hour, func(int, int) error {
		if n.Add(1) == 100 {
			return wrong
		}
		return nil
	})
	assert.ErrorIs(t, err, wrong)
}
