package party_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestLimits(t *testing.T) {
	assert.NoError(t, party.Usual.Write(9, 29))
	assert.ErrorIs(t, party.Usual.Write(10, 0), party.ErrTooManyPosts)
	assert.ErrorIs(t, party.Usual.Write(11, 29), party.ErrTooManyPosts)
	assert.ErrorIs(t, party.Usual.Write(0, 30), party.ErrTooManyToday)
	assert.ErrorIs(t, party.Usual.Write(10, 31), party.ErrTooManyToday)
	assert.NoError(t, party.Usual.Recruit(9))
	assert.ErrorIs(t, party.Usual.Recruit(10), party.ErrTooManyPosts)
	assert.NoError(t, party.Limits{}.Write(1000, 1000))
	assert.NoError(t, party.Limits{}.Recruit(1000))
	assert.Contains(t, party.ErrTooManyPosts.Detail, strconv.Itoa(party.Usual.Recruiting))
	assert.Contains(t, party.ErrTooManyToday.Detail, strconv.Itoa(party.Usual.Daily))
}

func TestRecruits(t *testing.T) {
	p := open(t, 2)
	assert.True(t, p.Recruits())
	require.NoError(t, p.Join(bob, morning))
	assert.False(t, p.Recruits(), "full")
	require.NoError(t, p.Leave(bob, morning))
	assert.True(t, p.Recruits())
	require.NoError(t, p.Edit(ann, party.Change{Closed: ptr(true)}, morning))
	assert.False(t, p.Recruits(), "closed")
	require.NoError(t, p.Edit(ann, party.Change{Closed: ptr(false)}, morning))
	require.NoError(t, p.Delete(ann, morning))
	assert.False(t, p.Recruits(), "deleted")

	p = open(t, 2)
	require.NoError(t, p.DeleteRoom(ann, morning))
	assert.False(t, p.Recruits(), "its room is deleted")
}
