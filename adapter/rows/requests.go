package rows

import "github.com/Group-buying-service/mealbuddy/domain/idempotency"

// Kept gives the fields of an answer.
func Kept(k *idempotency.Kept) []any {
	return []any{Bits{(*[32]byte)(&k.Content)}, &k.Status, &k.Body}
}
