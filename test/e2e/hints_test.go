package e2e

import (
	"fmt"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// deafening is a connection to Redis that loses every hint about a room without anybody
// noticing: there is no error and no delay.
type deafening struct {
	*cable
	lost *atomic.Int64
}

var hintAboutARoom = regexp.MustCompile(`^1 \S+ (room) \d+ \d+\r\n$`)

func deafen(t *testing.T, redis *container.RedisServer) deafening {
	t.Helper()
	var lost atomic.Int64
	return deafening{lay(t, redis.Addr, func(line []byte) {
		if at := hintAboutARoom.FindSubmatchIndex(line); at != nil {
			copy(line[at[2]:at[3]], "moor") // an unknown kind
			lost.Add(1)
		}
	}), &lost}
}

func (d deafening) URL() string { return "redis://" + d.cable.Addr().String() }

// If the last hint about a room is lost, no later line reveals the gap. The other node
// still finds the line within five seconds with its periodic check; three more seconds are
// for a machine that is busy with other tests.
func TestALastHintThatIsLostIsFoundByNode(t *testing.T) {
	t.Parallel()
	way := deafen(t, container.StartRedis(t))
	s := stand(t, 2, container.Postgres(t), way)
	people, rooms := neighboursOf(t, s.at(0), 2, often(10, 100))
	here, there := make([]*socket, len(rooms)), make([]*socket, len(rooms))
	for i, room := range rooms {
		here[i], there[i] = people[0].at(s.at(0)).listens(t, room), people[1].at(s.at(1)).listens(t, room)
	}
	before, said := way.lost.Load(), 0
	var slowest time.Duration
	for round := range rounds(1, 10) {
		words := fmt.Sprint("마지막 ", round)
		stored := make([]time.Time, len(rooms))
		for i := range rooms {
			here[i].says(words, fmt.Sprint("last-", round))
			here[i].hearsWords(words)
			stored[i] = time.Now()
		}
		for i := range rooms {
			there[i].hearsWords(words)
			slowest = max(slowest, time.Since(stored[i]))
		}
		said += len(rooms)
	}
	t.Log("found after at most", slowest)
	assert.Less(t, slowest, 8*time.Second)
	require.Eventually(t, func() bool { return way.lost.Load()-before >= int64(2*said) }, patience, 10*time.Millisecond, "both nodes were told of each, in vain")
	s.each(func(on *server) { require.Zero(t, on.log.count(isGone), "Redis was there all the time") })
	toll.messages(int64(said), 0, 0, 0)
	toll.survived("the last hint about a room lost", said)
}
