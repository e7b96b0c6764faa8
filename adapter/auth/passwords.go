// Package auth hashes passwords and signs access tokens.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// Cost is the work factor of a hash.
type Cost struct {
	Memory uint32 // KiB
	Time   uint32 // passes over the memory
}

// The parameters follow OWASP's password storage cheat sheet: 46 MiB with one pass, or
// 19 MiB with two if memory is short.
var (
	DefaultCost = Cost{Memory: 47104, Time: 1}
	leastCost   = Cost{Memory: 19456, Time: 2}
)

// ErrWeak means that a cost is too low for passwords.
var ErrWeak = errors.New("argon2id needs at least 47104 KiB with time 1, or 19456 KiB with time 2")

const (
	parallelism = 1
	saltSize    = 16
	hashSize    = 32

	maxQueue = 32
	maxAside = 8
	maxWait  = 3 * time.Second
)

var errBusy = fault.New(fault.Unavailable, "busy", "지금 요청이 많아요. 잠시 후 다시 시도해 주세요.")

// Passwords hashes passwords with argon2id, in the PHC string format. It computes at
// most one hash per processor at a time. Up to 32 callers may wait, for at most
// three seconds.
type Passwords struct {
	cost  Cost
	dummy string
	queue chan struct{} // a slot for each caller that works or waits
	turns chan struct{} // a slot for each caller that works
	aside *Passwords    // nil in what Aside has made
}

// Check returns ErrWeak if the cost is too low.
func (c Cost) Check() error {
	strong := c.Memory >= DefaultCost.Memory && c.Time >= DefaultCost.Time ||
		c.Memory >= leastCost.Memory && c.Time >= leastCost.Time
	if !strong {
		return ErrWeak
	}
	return nil
}

// NewPasswords returns a Passwords with a cost, or ErrWeak.
func NewPasswords(c Cost) (*Passwords, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	atOnce := runtime.GOMAXPROCS(0)
	p := Passwords{
		cost:  c,
		dummy: c.text(random(saltSize), random(hashSize)), // no password matches it
		queue: make(chan struct{}, atOnce+maxQueue),
		turns: make(chan struct{}, atOnce),
	}
	aside := p
	aside.queue = make(chan struct{}, atOnce+maxAside)
	p.aside = &aside
	return &p, nil
}

// Aside returns a Passwords with a queue of its own, for only 8 callers, from which work
// goes to the same processors. Whoever fills one of the queues leaves the places of the other
// one free, and waits for the same turns.
func (p *Passwords) Aside() *Passwords { return p.aside }

// Hash implements port.Passwords.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	var h string
	err := p.inTurn(ctx, func() { h = p.cost.hash(password) })
	return h, err
}

// Verify implements port.Passwords.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (ok, stale bool, err error) {
	known := hash != ""
	if !known {
		hash = p.dummy
	}
	cost, salt, want, err := parse(hash)
	if err != nil {
		return false, false, err
	}
	err = p.inTurn(ctx, func() {
		got := cost.key(password, salt, len(want))
		ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	})
	return ok, cost != p.cost, err
}

// inTurn runs work once a slot is free, or returns errBusy.
func (p *Passwords) inTurn(ctx context.Context, work func()) error {
	select {
	case p.queue <- struct{}{}:
		defer func() { <-p.queue }()
	default:
		return errBusy
	}
	wait := time.NewTimer(maxWait)
	defer wait.Stop()
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-wait.C:
		return errBusy
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	work()
	return nil
}

// Queue returns the number of hashes that are being computed, and of callers that wait.
func (p *Passwords) Queue() (working, waiting int) {
	working = len(p.turns)
	return working, max(0, len(p.queue)+len(p.aside.queue)-working) // they may change in between
}

func (c Cost) key(password string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, parallelism, uint32(size)) // #nosec G115 -- size is hashSize or of a stored hash
}

const format = "$argon2id$v=%d$m=%d,t=%d,p=%d$"

func (c Cost) hash(password string) string {
	salt := random(saltSize)
	return c.text(salt, c.key(password, salt, hashSize))
}

// text formats a PHC string.
func (c Cost) text(salt, key []byte) string {
	return fmt.Sprintf(format, argon2.Version, c.Memory, c.Time, parallelism) + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b) // never fails
	return b
}

var b64 = base64.RawStdEncoding.Strict()

var errMalformed = errors.New("malformed password hash")

// parse parses a PHC string of argon2id.
func parse(s string) (c Cost, salt, key []byte, err error) {
	var version, lanes int
	if _, err := fmt.Sscanf(s, format, &version, &c.Memory, &c.Time, &lanes); err != nil {
		return c, nil, nil, errMalformed
	}
	parts := strings.Split(s, "$")
	if len(parts) != 6 || version != argon2.Version || lanes != parallelism || c.Time < 1 {
		return c, nil, nil, errMalformed
	}
	salt, err1 := b64.DecodeString(parts[4])
	key, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(key) == 0 {
		return c, nil, nil, errMalformed
	}
	return c, salt, key, nil
}
