package ws

import "time"

// Meter counts what happens to sockets. Its methods are called by many at once
// and must not wait.
type Meter interface {
	// Opened counts a socket whose handshake was accepted, Closed its end, with
	// the code of the close frame (1006 where nobody could hear one).
	Opened()
	Closed(code int)
	// Sent tells how long it took until the frame of a line was written to one
	// socket. It counts from the commit of a line that this process has stored and
	// handed over ("commit"). A line that it has read from the log, because another
	// process stored it or a hint was lost, does not say when it was committed: it
	// counts from its own time ("log"), which is a little before, by the clock of the
	// process that stored it. A clock that is ahead makes that 0, not less. Lines that
	// a client resumes with are not told of.
	Sent(from string, lag time.Duration)
	// Acked tells how long it took from the moment that a message had come in until
	// its line was written to the same socket, which says that it is stored. Of a
	// client that does not wait for that only the newest message is told of.
	Acked(took time.Duration)
	// Dropped counts what a client that reads too slowly was not given any more:
	// a "line", one that had room but for its "bytes", or a "reply". It closes that
	// socket.
	Dropped(what string)
	// Refused counts a message that was not stored, by the code that its sender was
	// told.
	Refused(code string)
	// Fetched tells of a read of a room's log for all its sockets at once: after
	// a hint of another process, or to mend a hole. An err is tried again.
	Fetched(lines int, err error)
}

// unmetered is the Meter of those who need none.
type unmetered struct{}

func (unmetered) Opened()                    {}
func (unmetered) Closed(int)                 {}
func (unmetered) Sent(string, time.Duration) {}
func (unmetered) Acked(time.Duration)        {}
func (unmetered) Dropped(string)             {}
func (unmetered) Fetched(int, error)         {}
func (unmetered) Refused(string)             {}
