package chat

import (
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// A Door holds what the store knows about a room and a sender.
type Door struct {
	Deleted, RoomDeleted bool          // whether the party or its room is deleted; a party that never existed counts as deleted
	Standing             room.Standing // of the sender; a withdrawn account is a Stranger
	Last                 int64         // Seq of the room's newest entry
	// Said is the sender's earlier message with the same client id. Its ID is 0 if there
	// is none.
	Said room.Entry
}

// A Verdict says what happens to a message.
type Verdict struct {
	Err error // why the message is refused, or nil
	Seq int64 // the Seq that it gets; 0 if it is not stored
	// Repeats is set if the message repeats an earlier one. Before is the index of that
	// one among the lines, or -1 if it was stored earlier.
	Repeats bool
	Before  int
}

// Admit decides on messages that are stored together, in order. Each has its own door.
func Admit(lines []room.Entry, doors []Door) []Verdict {
	type name struct {
		room     room.ID
		who      user.ID
		clientID string
	}
	said := map[name]int{}
	last := map[room.ID]int64{}
	verdicts := make([]Verdict, len(lines))
	for i, m := range lines {
		d, v := doors[i], &verdicts[i]
		if v.Err = room.Enter(d.Deleted, d.RoomDeleted, d.Standing); v.Err != nil {
			continue
		}
		if m.ClientID != "" {
			n := name{m.Room, m.Who, m.ClientID}
			first := d.Said
			v.Before = -1
			if j, again := said[n]; again {
				first, v.Before, v.Repeats = lines[j], j, true
			}
			v.Repeats = v.Repeats || first.ID != 0
			if v.Repeats && first.Body != m.Body {
				*v = Verdict{Err: ErrIDConflict}
			}
			if v.Repeats || v.Err != nil {
				continue
			}
			said[n] = i
		}
		if _, known := last[m.Room]; !known {
			last[m.Room] = d.Last
		}
		last[m.Room]++
		*v = Verdict{Seq: last[m.Room]}
	}
	return verdicts
}
