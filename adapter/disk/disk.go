// Package disk tells how much room there is for files.
package disk

import (
	"context"
	"fmt"
)

// least is the share of a disk that must be free, in percent.
const least = 5

// Space is what a file system has room for, in bytes.
type Space struct {
	Size uint64 // without what is kept for root
	Free uint64
}

// Of looks at the file system that a folder is on.
func Of(dir string) (Space, error) {
	s, err := look(dir)
	if err != nil {
		return Space{}, fmt.Errorf("look at the disk of %s: %w", dir, err)
	}
	return s, nil
}

// Enough returns a check that holds while more than 5 % of the file system that
// dir is on are free. It does not look at its context.
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
