package usecase

import (
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

// endedSignIns remembers sign-ins that have ended for as long as they have access
// tokens, so that their tokens do not ask the store again. No sign-in begins anew, so
// nothing has to be forgotten earlier. A full generation becomes the old one, and the one
// before is dropped.
type endedSignIns struct {
	mu         sync.Mutex
	young, old map[signin.ID]time.Time // until when there may be tokens
}

// maxEnded is how many sign-ins each of the two generations holds.
const maxEnded = 4096

func (e *endedSignIns) has(id signin.ID, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return now.Before(e.young[id]) || now.Before(e.old[id])
}

// add remembers a sign-in until the end of a token of it. The sign-in may have tokens
// that end later, which will add it again.
func (e *endedSignIns) add(id signin.ID, until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.young) >= maxEnded || e.young == nil {
		e.young, e.old = map[signin.ID]time.Time{}, e.young
	}
	e.young[id] = until
}
