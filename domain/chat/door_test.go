package chat

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

func TestAdmit(t *testing.T) {
	const ann, bob user.ID = 1, 2
	line := func(id room.ID, who user.ID, words, clientID string) room.Entry {
		return room.Entry{Room: id, Who: who, Kind: Said, Body: words, ClientID: clientID}
	}
	in := Door{Standing: room.In, Last: 7}
	other := Door{Standing: room.In}
	knows := Door{Standing: room.In, Last: 7, Said: room.Entry{ID: 70, Seq: 5, Body: "hello"}}
	var lines []room.Entry
	var doors []Door
	for _, tt := range []struct {
		name string
		line room.Entry
		door Door
		want Verdict
	}{
		{"first", line(1, ann, "hello", "a"), in, Verdict{Seq: 8}},
		{"in another room", line(2, ann, "hello", "a"), other, Verdict{Seq: 1}},
		{"a stranger", line(1, 3, "hello", ""), Door{Last: 7}, Verdict{Err: room.ErrNotMember}},
		{"said at once", line(1, ann, "hello", "a"), in, Verdict{Repeats: true, Before: 0}},
		{"said at once, otherwise", line(1, ann, "bye", "a"), in, Verdict{Err: ErrIDConflict}},
		{"of another speaker", line(1, bob, "bye", "a"), in, Verdict{Seq: 9}},
		{"said before", line(1, bob, "hello", "b"), knows, Verdict{Repeats: true, Before: -1}},
		{"said before, otherwise", line(1, bob, "bye", "b"), knows, Verdict{Err: ErrIDConflict}},
		{"without a name", line(1, ann, "hello", ""), in, Verdict{Seq: 10}},
		{"without a name, again", line(1, ann, "hello", ""), in, Verdict{Seq: 11}},
		{"a deleted room", line(3, ann, "hello", ""), Door{RoomDeleted: true, Standing: room.In}, Verdict{Err: room.ErrDeleted}},
		{"a deleted party", line(4, ann, "hello", ""), Door{Deleted: true, Standing: room.In}, Verdict{Err: party.ErrNotFound}},
		{"refused lines take no number", line(2, ann, "bye", "z"), other, Verdict{Seq: 2}},
	} {
		lines, doors = append(lines, tt.line), append(doors, tt.door)
		got := Admit(lines, doors) // among all that came before
		assert.Len(t, got, len(lines))
		assert.Equal(t, tt.want, got[len(got)-1], tt.name)
	}
	assert.Empty(t, Admit(nil, nil))
}
