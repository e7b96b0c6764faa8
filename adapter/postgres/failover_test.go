package postgres

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/test/container"
)

// A talk is what several people say at once, each line again and again until it
// is acknowledged.
type talk struct {
	s    *Store
	room party.ID

	mu    sync.Mutex
	acked map[string]int64 // the Seq of a line by its client id
	codes map[string]int   // how often lines were refused, by code
	err   error            // what should never happen
	grown chan struct{}    // closed at the next acknowledgement
}

func (k *talk) speak(ctx context.Context, who user.ID) {
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprint(who, "-", n)
		for !k.say(context.WithoutCancel(ctx), who, id) {
			time.Sleep(20 * time.Millisecond) // as a client would, before it says it again
		}
	}
}

// say tells whether a line was acknowledged, or nothing ever will be.
func (k *talk) say(ctx context.Context, who user.ID, id string) bool {
	var line port.Line
	err := k.s.Write(ctx, func(r port.Repos) error {
		said, err := r.Log.Say(ctx, room.Entry{Room: k.room, Kind: chat.Said, Who: who, Body: id, ClientID: id, At: noon})
		if err != nil {
			return err
		}
		line = said[0].Line
		return said[0].Err
	})
	k.note(id, line, err)
	return err == nil || fault.Of(err).Kind != fault.Unavailable
}

func (k *talk) note(id string, line port.Line, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		f := fault.Of(err)
		k.codes[f.Code]++
		if f.Kind != fault.Unavailable {
			k.err = err
		}
		return
	}
	k.acked[id] = line.Seq
	close(k.grown)
	k.grown = make(chan struct{})
}

// until waits for n more acknowledgements.
func (k *talk) until(t *testing.T, n int) {
	t.Helper()
	k.mu.Lock()
	n += len(k.acked)
	k.mu.Unlock()
	for late := time.After(30 * time.Second); ; {
		k.mu.Lock()
		have, grown, err := len(k.acked), k.grown, k.err
		k.mu.Unlock()
		require.NoError(t, err)
		if have >= n {
			return
		}
		select {
		case <-grown:
		case <-late:
			require.Fail(t, "nothing is acknowledged any more")
		}
	}
}

// The primary dies in the midst of a talk, and its standby takes over.
func TestFailover(t *testing.T) {
	primary := container.StartPostgres(t, "synchronous_commit=on")
	standby := primary.Standby(t, "second")
	primary.Set("synchronous_standby_names='second'")
	primary.Await(`SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)
	host := func(s *container.PostgresServer) (host, port string) {
		host, port, err := net.SplitHostPort(s.Addr())
		require.NoError(t, err)
		return host, port
	}
	oneHost, onePort := host(primary)
	twoHost, twoPort := host(standby)
	// The standby first: a store looks for the one that can be written to.
	s := openOn(t, fmt.Sprintf("host=%s,%s port=%s,%s user=postgres dbname=postgres sslmode=disable", twoHost, oneHost, twoPort, onePort))

	const speakers = 4
	k := &talk{s: s, room: 1, acked: map[string]int64{}, codes: map[string]int{}, grown: make(chan struct{})}
	var all []user.ID
	for i := range speakers {
		id, err := save(t.Context(), s, fmt.Sprint("user", i))
		require.NoError(t, err)
		all = append(all, id)
	}
	require.NoError(t, s.Write(t.Context(), func(r port.Repos) error {
		p, err := party.Open(k.room, all[0], "종로구", party.Draft{Title: "치킨", Category: "치킨", Content: "같이", Seats: speakers}, noon)
		require.NoError(t, err)
		for _, id := range all[1:] {
			require.NoError(t, p.Join(id, noon))
		}
		return r.Parties.Save(t.Context(), p)
	}))
	ctx, hush := context.WithCancel(t.Context())
	defer hush()
	var speaking sync.WaitGroup
	for _, id := range all {
		speaking.Go(func() { k.speak(ctx, id) })
	}
	defer speaking.Wait()
	defer hush()

	k.until(t, 100)
	primary.Kill()
	killed := time.Now()
	standby.Promote()
	promoted := time.Since(killed)
	k.until(t, 1)
	took := time.Since(killed)
	t.Logf("promoted after %s, writing again after %s; refused meanwhile: %v", promoted, took, k.codes)
	assert.Less(t, took, 5*time.Second)
	k.until(t, 100)
	hush()
	speaking.Wait()
	require.NoError(t, k.err)

	// Every line that was acknowledged is there, once, and where it was said to be.
	kept := map[string]int64{}
	for after := int64(0); ; {
		lines, err := s.Read().Log.After(t.Context(), k.room, after, 100)
		require.NoError(t, err)
		if len(lines) == 0 {
			break
		}
		for _, line := range lines {
			require.Equal(t, after+1, line.Seq, "no line is missing")
			require.NotContains(t, kept, line.ClientID)
			after, kept[line.ClientID] = line.Seq, line.Seq
		}
	}
	assert.Equal(t, k.acked, kept)
	require.NoError(t, s.Ready(t.Context()))
	t.Logf("%d lines", len(kept))
}
