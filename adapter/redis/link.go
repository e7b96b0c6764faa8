package redis

import (
	"context"
	"errors"
	"time"
)

// link is the state of one of the bus's connections.
type link struct{ down bool }

// resyncWhileDown makes the followers resync while the bus is down.
func (b *Bus) resyncWhileDown(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !b.Stats().Up {
			b.resync()
		}
	}
}

// linkDown marks a link as down. It does not report a link that moves to another server,
// which followMaster has done.
func (b *Bus) linkDown(l *link, err error) {
	b.state.Lock()
	if !l.down {
		l.down = true
		b.state.down++
	}
	report := !b.state.logged && !errors.Is(err, errMoved)
	b.state.logged = b.state.logged || report
	b.state.Unlock()
	if report {
		b.log.Warn("redis is gone; other nodes are followed through the database", "err", err)
	}
}

// linkUp marks a link as up.
func (b *Bus) linkUp(l *link) {
	b.state.Lock()
	wasDown := l.down
	if wasDown {
		l.down = false
		b.state.down--
	}
	up := wasDown && b.state.down == 0
	report := up && b.state.logged
	if report {
		b.state.logged = false
	}
	b.state.Unlock()
	if report {
		b.log.Info("redis is back")
	}
	if up {
		b.resync()
	}
}
