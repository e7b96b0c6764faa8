//go:build unix

package disk

import "golang.org/x/sys/unix"

func look(dir string) (Space, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return Space{}, err
	}
	block, free := uint64(fs.Bsize), uint64(fs.Bavail) // #nosec G115 -- no disk has less than none; their types differ from system to system
	used := uint64(fs.Blocks) - uint64(fs.Bfree)
	return Space{Size: (used + free) * block, Free: free * block}, nil
}
