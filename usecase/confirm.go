package usecase

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// confirm returns wrong unless the password is that of me, by the same counts as for
// signing in. If me has none, a fresh sign-in does instead.
func (u *Accounts) confirm(ctx context.Context, me Me, password string, from signin.Origin, wrong error) error {
	if me.PasswordHash == "" {
		if !me.SignIn.Fresh(u.now()) {
			return signin.ErrAgain
		}
		return nil
	}
	try := attempt{Accounts: u, email: string(me.Email), from: from}
	if err := try.begin(ctx); err != nil {
		return err
	}
	ok, _, err := u.confirms.Verify(ctx, me.PasswordHash, password)
	if err == nil && !ok {
		if err := try.failed(ctx, audit.ConfirmFailed, me.ID, me.SignIn.ID); err != nil {
			return err
		}
		return wrong
	}
	if undo := try.takeBack(ctx); err == nil {
		err = undo
	}
	return err
}

// confirmWay is confirm for what adds or removes a way to sign in, so that nobody who has
// an access token for a minute adds one for good. A fresh sign-in does instead of a
// password, which then may be empty.
func (u *Accounts) confirmWay(ctx context.Context, me Me, password string, from signin.Origin) error {
	if password == "" {
		switch {
		case me.SignIn.Fresh(u.now()):
			return nil
		case me.PasswordHash != "":
			return user.ErrNoPassword
		}
	}
	return u.confirm(ctx, me, password, from, user.ErrWrongPassword)
}
