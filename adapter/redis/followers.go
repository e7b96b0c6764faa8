package redis

import (
	"slices"
	"sync"
)

// followers is a list of registered followers.
type followers[F any] struct {
	mu  sync.RWMutex
	all []*F
}

// add registers f until cancel is called. The same f may be added again.
func (fs *followers[F]) add(f F) (cancel func()) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = append(fs.all, &f)
	return func() {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		fs.all = slices.DeleteFunc(fs.all, func(other *F) bool { return other == &f })
	}
}

func (fs *followers[F]) each(tell func(F)) {
	fs.mu.RLock()
	defer fs.mu.RUnlock()
	for _, f := range fs.all {
		tell(*f)
	}
}
