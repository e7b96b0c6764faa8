package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// MaxRooms is how many rooms of a person are followed at once.
const MaxRooms = 100

// Rooms are the rooms of a person that a personal socket follows.
type Rooms struct {
	Heads []RoomHead // the newest activity first
	// Membership changes when the person comes into a room or leaves one. It is read
	// before Heads, so that no change is lost between the two.
	Membership int64
}

// RoomHead says where the log of a room ends.
type RoomHead struct {
	Room room.ID
	Seq  int64 // of the newest line; 0 if there is none
}

// Rooms returns the MaxRooms rooms of who that have the newest activity.
func (u *Chat) Rooms(ctx context.Context, who user.ID) (Rooms, error) {
	r := u.store.Read()
	memberships, err := r.Heads.Memberships(ctx, []user.ID{who})
	if err != nil {
		return Rooms{}, err
	}
	ids, err := r.Rooms.Of(ctx, who, MaxRooms)
	if err != nil || len(ids) == 0 {
		return Rooms{Membership: memberships[who]}, err
	}
	heads, err := r.Heads.Rooms(ctx, ids)
	if err != nil {
		return Rooms{}, err
	}
	rooms := Rooms{Heads: make([]RoomHead, len(ids)), Membership: memberships[who]}
	for i, id := range ids {
		rooms.Heads[i] = RoomHead{id, heads[id]}
	}
	return rooms, nil
}

// Memberships returns the current Rooms.Membership of each of these people, so that a
// missed change is noticed. Those who are in no room are left out.
func (u *Chat) Memberships(ctx context.Context, people []user.ID) (map[user.ID]int64, error) {
	return u.store.Read().Heads.Memberships(ctx, people)
}
