package rows

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
)

func TestTime(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 123_456_000, time.UTC)
	for _, kept := range []any{noon.UnixMicro(), noon, noon.In(time.FixedZone("KST", 9*60*60))} {
		var got time.Time
		require.NoError(t, Time{&got}.Scan(kept))
		assert.Equal(t, noon, got)
		require.NoError(t, Time{&got}.Scan(nil))
		assert.Zero(t, got)
	}
	var got time.Time
	assert.Error(t, Time{&got}.Scan("noon"))
}

func TestObject(t *testing.T) {
	var got json.RawMessage
	require.NoError(t, Object{&got}.Scan(`{"a": 1}`))
	assert.Equal(t, json.RawMessage(`{"a": 1}`), got)
	buffer := []byte(`{"b": 2}`)
	require.NoError(t, Object{&got}.Scan(buffer))
	buffer[0] = 'x' // the driver uses it again
	assert.Equal(t, json.RawMessage(`{"b": 2}`), got)
	require.NoError(t, Object{&got}.Scan(nil))
	assert.Nil(t, got)
	assert.Error(t, Object{&got}.Scan(7))
}

func TestBits(t *testing.T) {
	want := [32]byte{1, 31: 9}
	var got [32]byte
	require.NoError(t, Bits{&got}.Scan(Bytes(want)))
	assert.Equal(t, want, got)
	assert.Nil(t, Bytes([32]byte{}), "zero is kept as NULL")
	require.NoError(t, Bits{&got}.Scan(nil))
	assert.Zero(t, got)
	assert.Error(t, Bits{&got}.Scan([]byte{1}))
	assert.Error(t, Bits{&got}.Scan("1"))
}

func TestAdmit(t *testing.T) {
	errLocked := errors.New("locked")
	line := func(id room.ID, words, clientID string) room.Entry {
		return room.Entry{Room: id, Kind: chat.Said, Who: 1, Body: words, ClientID: clientID}
	}
	member := Speaker{Door: chat.Door{Standing: room.In, Last: 4}}
	stranger := Speaker{Door: chat.Door{Standing: room.Stranger}}
	ms := []room.Entry{line(1, "하나", "a"), line(1, "둘", ""), line(2, "하나", ""), line(1, "하나", "a"), line(3, "하나", "")}
	g := Admit(ms, []Speaker{member, member, stranger, member, member}, func(place int) error {
		if ms[place].Room == 3 {
			return errLocked
		}
		return nil
	})
	assert.Equal(t, []int{0, 1}, g.Accepted)
	require.Len(t, g.Entries(), 2)
	assert.Equal(t, []int64{5, 6}, []int64{g.Entries()[0].Seq, g.Entries()[1].Seq})
	said := g.Stored([]int64{70, 71})
	assert.Equal(t, []int64{70, 71}, []int64{said[0].ID, said[1].ID})
	assert.Equal(t, room.ErrNotMember, said[2].Err)
	assert.True(t, said[3].Repeated)
	assert.Equal(t, said[0].Line, said[3].Line)
	assert.Equal(t, errLocked, said[4].Err)
}

func TestParty(t *testing.T) {
	_, err := Party(nil)
	assert.Equal(t, party.ErrNotFound, err)
}
