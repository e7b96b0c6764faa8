package main

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestClosersRunInReverse(t *testing.T) {
	var c closers
	var order []int
	first, last := errors.New("first"), errors.New("last")
	c.add(func() error { order = append(order, 1); return first })
	c.addFunc(func() { order = append(order, 2) })
	c.add(func() error { order = append(order, 3); return last })
	err := c.close()
	assert.Equal(t, []int{3, 2, 1}, order)
	assert.ErrorIs(t, err, first, "each runs whatever the others return")
	assert.ErrorIs(t, err, last)
}

func TestEntriesOfAllAggregatesAreKnown(t *testing.T) {
	kinds := entryKinds()
	for _, s := range sentenceSets {
		for kind := range s {
			assert.Contains(t, kinds, kind)
		}
	}
	assert.Contains(t, kinds, party.EntryPost)
	assert.Contains(t, kinds, chat.Said)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(kinds))), len(kinds), "two aggregates share a kind")
}
