package auth

import (
	"runtime"
	"syscall"
)

// niceness is how much a hash gives way to all else that the machine has to do.
const niceness = 3

// yield makes the rest of this goroutine run on a thread of its own, which others
// take the processor from. The thread ends with the goroutine.
func yield() {
	runtime.LockOSThread()
	syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness) // if not, it is only less polite
}
