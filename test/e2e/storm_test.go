package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

func TestFiftyPeopleStormAPartyOfTen(t *testing.T) {
	everybody := people(t, 51)
	ann, crowd := everybody[0], everybody[1:]
	party := ann.opens(t, 10)
	a := ann.listens(t, party)

	var mu sync.Mutex
	var storm errgroup.Group
	in := map[int64]bool{}
	refusals := map[string]int{}
	begin := make(chan struct{})
	for _, p := range crowd {
		storm.Go(func() error {
			<-begin
			got, err := p.as(t).try(http.MethodPost, party.room(), nothing)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if got.status == http.StatusCreated {
				in[p.ID] = true
			} else {
				refusals[fmt.Sprint(got.status, " ", read[problem](got).Code)]++
			}
			return nil
		})
	}
	close(begin)
	require.NoError(t, storm.Wait())
	assert.Len(t, in, 9)
	assert.Equal(t, map[string]int{"409 recruitment_closed": 41}, refusals)

	members := read[[]member](ann.as(t).get(party.members()).is(http.StatusOK))
	require.Len(t, members, 10)
	assert.True(t, members[0].IsWriter)
	log := read[room](ann.as(t).get(party.room()).is(http.StatusOK))
	assert.Equal(t, 10, log.JoinNumber)
	require.Len(t, log.Messages, 9)
	for i, m := range members[1:] {
		assert.True(t, in[m.ID])
		f := a.hears("chat.user.join")
		assert.Equal(t, m.ID, f.UserID, "the news come in order of joining")
		assert.Equal(t, log.Messages[i], *f.Message)
		assert.EqualValues(t, i+1, f.Message.Seq)
		assert.Equal(t, m.Username+" 님이 입장했습니다.", f.Message.Message)
	}
	seen := ann.sees(t, party)
	assert.Equal(t, 10, seen.JoinNumber)
	assert.True(t, seen.IsComplete)
}

func TestAStormOfMessages(t *testing.T) {
	const each = 40
	crowd := people(t, 5)
	party := meet(t, crowd...)
	var sockets []*socket
	for _, p := range crowd {
		sockets = append(sockets, p.listens(t, party))
	}
	var storm errgroup.Group
	heard := make([][]message, len(sockets))
	for i, s := range sockets {
		storm.Go(func() error {
			for n := range each {
				if err := s.conn.WriteJSON(fields{"message": fmt.Sprint(i, " ", n), "client_id": fmt.Sprint(i, "-", n)}); err != nil {
					return err
				}
			}
			return nil
		})
		storm.Go(func() error {
			for range each * len(sockets) {
				f, err := s.take()
				if err != nil {
					return err
				}
				heard[i] = append(heard[i], *f.Message)
			}
			return nil
		})
	}
	require.NoError(t, storm.Wait())
	log := read[room](crowd[0].as(t).get(party.room() + "?after=4&limit=200").is(http.StatusOK)).Messages
	require.Len(t, log, each*len(sockets))
	said := map[int64]int{}
	for i, m := range log {
		assert.EqualValues(t, 5+i, m.Seq)
		words := strings.Fields(m.Message)
		require.Len(t, words, 2)
		assert.Equal(t, fmt.Sprint(said[m.User.ID]), words[1], "everybody's own words keep their order")
		said[m.User.ID]++
	}
	for i := range heard {
		assert.Equal(t, log, heard[i])
	}
	for _, s := range sockets {
		assert.Empty(t, s.frames, "nothing comes twice")
	}
}

// A client that never reads is disconnected, with the reason if it can still be sent.
// Nobody else waits for it.
func TestAClientThatNeverReads(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	ann, bob := newcomer(t, on, "reader"), newcomer(t, on, "sleeper")
	party := meet(t, ann, bob)
	a := ann.listens(t, party)
	dialer := websocket.Dialer{HandshakeTimeout: patience, NetDialContext: (&net.Dialer{Control: narrow}).DialContext}
	asleep, _, err := knock(dialer, on, party.socket(), url.Values{"token": {bob.Token}}, nil)
	require.NoError(t, err)
	defer asleep.Close()

	cut := make(chan error, 1)
	go func() {
		e, err := on.log.find(func(e entry) bool { return e.Msg == "socket" && e.User == bob.ID })
		if err == nil && e.Code != 4408 {
			err = fmt.Errorf("code %d", e.Code)
		}
		cut <- err
	}()
	words := strings.Repeat("🍗", 1000)
	for said := 0; ; said++ {
		select {
		case err := <-cut:
			require.NoError(t, err)
			t.Logf("after %d messages", said)
			// The remaining frames are complete, and then the connection ends.
			for err == nil {
				_, _, err = asleep.ReadMessage()
			}
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				assert.Contains(t, []int{4408, websocket.CloseAbnormalClosure}, closed.Code)
			}
			a.says("저는 괜찮아요", "")
			a.hearsWords("저는 괜찮아요")
			return
		default:
		}
		a.says(words, "")
		a.hearsWords(words)
	}
}

// narrow limits the data in transit on a connection: small packets and a small buffer.
func narrow(_, _ string, conn syscall.RawConn) (err error) {
	controlErr := conn.Control(func(fd uintptr) {
		err = errors.Join(
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536),
		)
	})
	return errors.Join(controlErr, err)
}
