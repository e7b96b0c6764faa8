package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/idempotency"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// creates is a handler that creates something. It reads the body through c and gives its
// answer to c within the transaction of its use case, since that is kept there: see
// usecase.Once. So its use case makes one change, and the handler refuses nothing by what
// that change may have changed already.
type creates func(r *http.Request, me usecase.Me, c *creation) error

// creation is what a request of creates says and is answered with.
type creation struct {
	said  *form
	reply idempotency.Answer
}

// form reads the body.
func (c *creation) form(r *http.Request) (_ *form, err error) {
	c.said, err = readForm(nil, r)
	return c.said, err
}

// answer sets what is sent once everything is stored.
func (c *creation) answer(status int, v any) error {
	body, err := json.Marshal(v)
	c.reply = idempotency.Answer{Status: status, Body: body}
	return err
}

// content digests the path and the fields that the handler has read, as it has read them.
func (c *creation) content(r *http.Request) idempotency.Content {
	said := map[string]any{}
	if c.said != nil {
		said = c.said.read
	}
	fields, _ := json.Marshal(said) // in the order of their names
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s", r.URL.Path, fields))
}

// once makes the handler of a route that creates something: the same request with the same
// Idempotency-Key has its effect once.
func (b *base) once(rt route) personal {
	return func(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
		c := &creation{}
		keys, given := r.Header["Idempotency-Key"]
		if !given {
			if err := rt.creates(r, me, c); err != nil {
				return err
			}
			return send(w, c.reply.Status, c.reply.Body)
		}
		if len(keys) != 1 {
			return idempotency.ErrBadKey
		}
		key, err := idempotency.ParseKey(keys[0])
		if err != nil {
			return err
		}
		first, repeated, err := b.repeats.Do(r.Context(), usecase.Request{
			ID:      idempotency.ID{Who: me.ID, Route: rt.method + " " + rt.path, Key: key},
			Forever: rt.forever,
			Content: func() idempotency.Content { return c.content(r) },
			Answer:  func() idempotency.Answer { return c.reply },
		}, func(ctx context.Context) error { return rt.creates(r.WithContext(ctx), me, c) })
		switch {
		case errors.Is(err, idempotency.ErrInProgress):
			return fault.After(idempotency.ErrInProgress, time.Second)
		case err != nil:
			return err
		case repeated:
			w.Header().Set("Idempotency-Replayed", "true")
			return send(w, first.Status, first.Body)
		}
		return send(w, c.reply.Status, c.reply.Body)
	}
}
