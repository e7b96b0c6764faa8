package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/port"
)

// Shares shows posts to people who have a link, with an account or without.
type Shares struct {
	store port.Store
	codes port.ShareCodes
}

// NewShares makes the use cases of links.
func NewShares(store port.Store, codes port.ShareCodes) *Shares { return &Shares{store, codes} }

// Code returns the code that opens a post.
func (u *Shares) Code(id party.ID) string { return u.codes.Code(int64(id)) }

// Post finds the post that a code opens, as a stranger sees it, or returns
// party.ErrNotFound. What it says of people is not for strangers.
func (u *Shares) Post(ctx context.Context, code string) (port.Post, error) {
	id, ok := u.codes.ID(code)
	if !ok {
		return port.Post{}, party.ErrNotFound
	}
	post, err := u.store.Read().Boards.Post(ctx, party.ID(id), nobody)
	if err == nil {
		err = visible(post)
	}
	if err != nil {
		return port.Post{}, err
	}
	return post, nil
}

// nobody is the id of a person who looks without an account.
const nobody = 0
