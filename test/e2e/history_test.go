package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// An act is an operation on a party: join, leave or, only for the writer, ban.
type act struct {
	who  int // index in the crowd
	what string
}

// Places is the set of members in the model: one letter for each person.
const (
	aStranger = '.'
	isIn      = 'i'
	hasLeft   = 'l'
	isBanned  = 'b'
)

// partyModel is the sequential specification of a party. The observed answers must be
// possible for some order of the acts that respects when they were sent and answered.
func partyModel(crowd, seats int) porcupine.Model {
	return porcupine.Model{
		Init: func() any {
			all := make([]byte, crowd)
			for i := range all {
				all[i] = aStranger
			}
			return string(all)
		},
		Step: func(state, input, output any) (bool, any) {
			all, a := []byte(state.(string)), input.(act)
			said, next := "", all[a.who]
			taken := 0
			for _, one := range all {
				if one == isIn {
					taken++
				}
			}
			switch was := all[a.who]; {
			case a.what == "join" && was == isBanned:
				said = "403 banned"
			case a.what == "join" && was == isIn:
				said = "200"
			case a.what == "join" && taken == seats:
				said = "409 recruitment_closed"
			case a.what == "join":
				said, next = "201", isIn
			case a.what == "leave" && was == isIn:
				said, next = "204", hasLeft
			case a.what == "leave":
				said = "403 not_a_member"
			case a.what == "ban" && was == aStranger:
				said = "404 member_not_found"
			case a.what == "ban":
				said, next = "204", isBanned
			}
			all[a.who] = next
			return said == output.(string), string(all)
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " → ", output) },
	}
}

// acts lets a crowd and the writer act on a party concurrently through any node, and
// records the history.
func acts(t *testing.T, at *nodes, writer person, crowd []person, party post, each int) []porcupine.Operation {
	t.Helper()
	var mu sync.Mutex
	var history []porcupine.Operation
	var all sync.WaitGroup
	begin := time.Now()
	do := func(client int, a act) {
		who := crowd[a.who]
		method, path, b := http.MethodPost, party.room(), nothing
		switch a.what {
		case "leave":
			method, path = http.MethodDelete, party.members()
		case "ban":
			path, b = party.ban(), asJSON(fields{"target_user_id": who.ID})
			who = writer
		}
		who.on = at.any()
		called := time.Since(begin)
		got, err := who.as(t).try(method, path, b)
		back := time.Since(begin)
		if err != nil {
			t.Errorf("%+v: %v", a, err)
			return
		}
		said := fmt.Sprint(got.status)
		if got.status >= 400 {
			said += " " + read[problem](got).Code
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{
			ClientId: client, Input: a, Output: said, Call: called.Nanoseconds(), Return: back.Nanoseconds(),
		})
	}
	for i := range crowd {
		all.Go(func() {
			for range each {
				do(i, act{i, []string{"join", "join", "leave"}[rand.IntN(3)]})
			}
		})
	}
	all.Go(func() {
		for range max(1, each/6) {
			do(len(crowd), act{rand.IntN(len(crowd)), "ban"})
		}
	})
	all.Wait()
	return history
}

func linearizable(t *testing.T, model porcupine.Model, history []porcupine.Operation) {
	t.Helper()
	verdict, _ := porcupine.CheckOperationsVerbose(model, history, 2*patience)
	if verdict != porcupine.Ok {
		for _, op := range history {
			t.Log(op.Call, op.Return, model.DescribeOperation(op.Input, op.Output))
		}
	}
	require.Equal(t, porcupine.Ok, verdict, "%d operations", len(history))
}

func TestComingAndGoingIsLinearizable(t *testing.T) {
	t.Parallel()
	on := serve(t, t.TempDir())
	writer := newcomer(t, on, "writer")
	var crowd []person
	for i := range 6 {
		crowd = append(crowd, newcomer(t, on, fmt.Sprint("c", i)))
	}
	for range often(3, 50) {
		party := writer.opens(t, 4)
		linearizable(t, partyModel(len(crowd), 3), acts(t, &nodes{all: []*server{on}}, writer, crowd, party, 12))
	}
}

// The checker must reject an impossible history.
func TestTheCheckerSeesAnEleventh(t *testing.T) {
	op := func(who int, what, said string, call, back int64) porcupine.Operation {
		return porcupine.Operation{ClientId: who, Input: act{who, what}, Output: said, Call: call, Return: back}
	}
	for name, history := range map[string][]porcupine.Operation{
		"two in the last seat":    {op(0, "join", "201", 0, 10), op(1, "join", "201", 5, 15)},
		"back after a ban":        {op(0, "join", "201", 0, 1), op(0, "ban", "204", 2, 3), op(0, "join", "201", 4, 5)},
		"refused an empty seat":   {op(0, "join", "409 recruitment_closed", 0, 1)},
		"a member who is nowhere": {op(0, "join", "201", 0, 1), op(0, "leave", "403 not_a_member", 2, 3)},
	} {
		require.False(t, porcupine.CheckOperations(partyModel(2, 1), history), name)
	}
	require.True(t, porcupine.CheckOperations(partyModel(2, 1), []porcupine.Operation{
		op(0, "join", "201", 0, 10), op(1, "join", "409 recruitment_closed", 5, 15), op(0, "leave", "204", 12, 20), op(1, "join", "201", 16, 18),
	}))
}
