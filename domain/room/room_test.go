package room_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/room"
)

func TestKindsAreCheckedByShape(t *testing.T) {
	for kind, want := range map[room.Kind]bool{
		"said":       true,
		"room_ended": true,
		"order2":     true,
		room.Kind(strings.Repeat("k", room.MaxKind)):   true,
		room.Kind(strings.Repeat("k", room.MaxKind+1)): false,
		"":        false,
		"_said":   false,
		"2nd":     false,
		"Said":    false,
		"said so": false,
		"said.so": false,
		"말":       false,
	} {
		assert.Equal(t, want, kind.Valid(), "%q", kind)
	}
}

func TestAKindThatNobodyKnowsHasNoSentence(t *testing.T) {
	words := room.Sentences{"joined": func(_ room.Entry, name string) string { return name + " joined" }}
	assert.Equal(t, "bob joined", words.Sentence(room.Entry{Kind: "joined"}, "bob"))
	assert.Empty(t, words.Sentence(room.Entry{Kind: "order"}, "bob"))
	assert.Empty(t, room.Sentences(nil).Sentence(room.Entry{Kind: "order"}, "bob"))
}

func TestEnter(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		postDeleted, roomDeleted bool
		standing                 room.Standing
		want                     error
	}{
		{"member", false, false, room.In, nil},
		{"stranger", false, false, room.Stranger, room.ErrNotMember},
		{"who left", false, false, room.Left, room.ErrNotMember},
		{"banned", false, false, room.Banned, room.ErrNotMember},
		{"member of a deleted room", false, true, room.In, room.ErrDeleted},
		{"member of a deleted post", true, true, room.In, room.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, room.Enter(tt.postDeleted, tt.roomDeleted, tt.standing)) })
	}
}
