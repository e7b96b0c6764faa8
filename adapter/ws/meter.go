package ws

import "time"

// Meter counts what happens to sockets. Its methods must be safe for concurrent use and
// must not block.
type Meter interface {
	// Opened counts an accepted handshake. Closed counts the end of a socket by its close
	// code, or 1006 if no close frame could be sent.
	Opened()
	Closed(code int)
	// Sent records the delay until the frame of a line was written to a socket. For a line
	// stored by this process, from is "commit" and the delay counts from the commit. For a
	// line read from the log, from is "log" and the delay counts from the line's own time,
	// which is slightly before the commit, by the clock of the process that stored it.
	// Clock skew never makes the delay negative. Lines that a client catches up with after
	// connecting are not recorded.
	Sent(from string, lag time.Duration)
	// Acked records the time from the arrival of a message until its line was written to
	// the same socket, which acknowledges it. If a client sends without waiting, only its
	// newest message is recorded.
	Acked(took time.Duration)
	// Dropped counts an item that a slow client did not get: a "line", a line beyond the
	// limit of "bytes", or a "reply". Its socket ends.
	Dropped(what string)
	// Refused counts a refused message by its error code.
	Refused(code string)
	// Fetched counts a read of a room's log for all sockets, after a hint from another
	// process or to fill a gap. A failed read is retried.
	Fetched(lines int, err error)
}

// unmetered is a Meter that does nothing.
type unmetered struct{}

func (unmetered) Opened()                    {}
func (unmetered) Closed(int)                 {}
func (unmetered) Sent(string, time.Duration) {}
func (unmetered) Acked(time.Duration)        {}
func (unmetered) Dropped(string)             {}
func (unmetered) Fetched(int, error)         {}
func (unmetered) Refused(string)             {}
