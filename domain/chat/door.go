package chat

import (
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// A Door is what a speaker finds at a room.
type Door struct {
	Deleted, RoomDeleted bool          // of the party; one that never was is deleted
	Standing             room.Standing // of the speaker; somebody withdrawn is a stranger
	Last                 int64         // Seq of the room's newest line
	// Said is what the speaker has said here under the same client id. Its ID is 0
	// if that is nothing.
	Said room.Entry
}

// A Verdict is what becomes of a spoken line.
type Verdict struct {
	Err error // why it is refused, or nil
	Seq int64 // under which it is stored; 0 if it is not
	// Before is set if the line repeats what was said: the place among the lines
	// that were judged, or -1 if it was stored earlier.
	Repeats bool
	Before  int
}

// Admit judges lines that are said together, each at its door, in their order.
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
