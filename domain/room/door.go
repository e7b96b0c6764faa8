package room

import "github.com/Group-buying-service/mealbuddy/domain/fault"

// Errors for people who may not enter a room.
var (
	ErrNotFound  = fault.New(fault.NotFound, "post_not_found", "글을 찾을 수 없어요. 삭제되었을 수 있어요.")
	ErrDeleted   = fault.New(fault.Gone, "room_deleted", "삭제된 채팅방이에요.")
	ErrNotMember = fault.New(fault.Forbidden, "not_a_member", "채팅방에 참여한 사람만 볼 수 있어요.")
)

// Standing is the relation of a person to a room.
type Standing string

const (
	Stranger Standing = "" // never was a member
	In       Standing = "in"
	Left     Standing = "left"
	Banned   Standing = "banned"
)

// Enter returns an error unless a person with standing s may read and write in the room.
func Enter(postDeleted, roomDeleted bool, s Standing) error {
	switch {
	case postDeleted:
		return ErrNotFound
	case roomDeleted:
		return ErrDeleted
	case s != In:
		return ErrNotMember
	}
	return nil
}
