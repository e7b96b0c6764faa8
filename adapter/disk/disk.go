// Package disk reads the free space of file systems.
package disk

import (
	"context"
	"fmt"
)

// least is the minimum of free space, in percent.
const least = 5

// Space is the space of a file system, in bytes.
type Space struct {
	Size uint64 // without the part reserved for root
	Free uint64
}

// Of returns the space of the file system that contains dir.
func Of(dir string) (Space, error) {
	s, err := look(dir)
	if err != nil {
		return Space{}, fmt.Errorf("look at the disk of %s: %w", dir, err)
	}
	return s, nil
}

// Enough returns a check that fails unless more than 5 % of the file system that
// contains dir is free. The check ignores its context.
func Enough(dir string) func(context.Context) error {
	return func(context.Context) error {
		s, err := Of(dir)
		if err != nil {
			return err
		}
		return s.enough(dir)
	}
}

func (s Space) enough(dir string) error {
	if s.Free <= s.Size/(100/least) {
		return fmt.Errorf("%d of %d bytes are free on the disk of %s, which is not above %d %%", s.Free, s.Size, dir, least)
	}
	return nil
}
