package room_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
)

func TestEncode(t *testing.T) {
	filled := func(n int) map[string]string { return map[string]string{"v": strings.Repeat("x", n-len(`{"v":""}`))} }
	data, err := room.Encode(filled(room.MaxData))
	require.NoError(t, err)
	assert.Len(t, data, room.MaxData)
	for want, v := range map[string]any{
		"has 4097 bytes, more than 4096": filled(room.MaxData + 1),
		"[]int is not a JSON object":     []int{1},
		"<nil> is not a JSON object":     nil,
		"unsupported type: func()":       func() {},
	} {
		data, err := room.Encode(v)
		assert.ErrorContains(t, err, want)
		assert.Zero(t, len(data))
	}
}

func TestAKindThatNobodyKnowsHasNoSentence(t *testing.T) {
	words := room.Sentences{"joined": func(_ room.Entry, name string) string { return name + " joined" }}
	assert.Equal(t, "bob joined", words.Sentence(room.Entry{Kind: "joined"}, "bob"))
	assert.Empty(t, words.Sentence(room.Entry{Kind: "order"}, "bob"))
	assert.Empty(t, room.Sentences(nil).Sentence(room.Entry{Kind: "order"}, "bob"))
}

func TestEnter(t *testing.T) {
	tests := []struct {
		name                 string
		deleted, roomDeleted bool
		standing             room.Standing
		want                 error
	}{
		{"in", false, false, room.In, nil},
		{"left", false, false, room.Left, room.ErrNotMember},
		{"banned", false, false, room.Banned, room.ErrNotMember},
		{"a stranger", false, false, room.Stranger, room.ErrNotMember},
		{"in, without a room", false, true, room.In, room.ErrDeleted},
		{"a stranger, without a room", false, true, room.Stranger, room.ErrDeleted},
		{"in, deleted", true, true, room.In, party.ErrNotFound},
		{"in, deleted before its room", true, false, room.In, party.ErrNotFound},
		{"banned, deleted", true, true, room.Banned, party.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := room.Enter(tt.deleted, tt.roomDeleted, tt.standing)
			if tt.want == nil {
				require.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, tt.want)
			}
		})
	}
}
