package httpapi

import (
	"net/http"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

type accountJSON struct {
	ID       user.ID `json:"id"`
	Email    string  `json:"email"`
	Username string  `json:"username"`
	Address  string  `json:"address"`
	Official bool    `json:"address_official"` // if not, the person must choose another one
	Token    string  `json:"token"`
}

type signedJSON struct {
	User accountJSON `json:"user"`
}

// changedJSON tells who has changed the password how else the account can be signed in to.
type changedJSON struct {
	User   accountJSON `json:"user"`
	Linked []linkJSON  `json:"linked"`
}

// updatedJSON has the same fields twice: some clients read them flat.
type updatedJSON struct {
	User accountJSON `json:"user"`
	accountJSON
}

func toAccountJSON(a usecase.Account) accountJSON {
	return accountJSON{
		ID:       a.User.ID,
		Email:    string(a.User.Email),
		Username: a.User.Username,
		Address:  string(a.User.Neighborhood),
		Official: a.User.Neighborhood.Official(),
		Token:    a.Token,
	}
}

// toOwnJSON shows an account to its owner, with the token of their request.
func toOwnJSON(r *http.Request, s user.State) accountJSON {
	return toAccountJSON(usecase.Account{User: s, Token: Token(r)})
}

// accounts are the accounts of people.
type accounts struct{ *base }

func (a *accounts) routes() []route {
	return []route{
		open("POST", "/api/user/register/", a.register, limit{registrations, perNetwork}).withSecret(),
		open("POST", "/api/user/login/", a.signIn, limit{signInTries, perNetwork}).withSecret(), // usecase.Accounts counts failures more strictly
		signedIn("GET", "/api/user/current/", a.current).withSecret(),
		verified("POST", "/api/user/update/", a.update).withSecret(),
		verified("POST", "/api/user/changepassword/", a.changePassword).withSecret(),
		verified("POST", "/api/user/delete/", a.withdraw),
	}
}

func (a *accounts) register(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	asked := user.Registration{
		Email:         f.text("email"),
		Username:      f.text("username"),
		Password:      f.secret("password"),
		PasswordAgain: f.secret("password2"),
		Neighborhood:  f.text("address"),
	}
	if err := f.refuse(asked.Problems()); err != nil {
		return suggesting(err, &asked.Neighborhood)
	}
	account, err := a.accounts.Register(r.Context(), asked, a.origin(w, r))
	if err != nil {
		return suggesting(err, &asked.Neighborhood)
	}
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusCreated, signedJSON{toAccountJSON(account)})
}

func (a *accounts) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	email, password := f.text("email"), f.secret("password")
	if err := f.refuse(nil); err != nil {
		return err
	}
	account, err := a.accounts.SignIn(r.Context(), email, password, a.origin(w, r))
	if err != nil {
		return err
	}
	note(w, account.User.ID)
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusOK, signedJSON{toAccountJSON(account)})
}

// current gives back the token that it is asked with: only a refresh makes a newer one.
func (a *accounts) current(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return respond(w, http.StatusOK, signedJSON{toOwnJSON(r, me.State)})
}

func (a *accounts) update(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	username, address := f.optText("username"), f.optText("address")
	if err := f.refuse(fault.Of(user.Restore(me.State).Edit(username, address)).Fields); err != nil {
		return suggesting(err, address)
	}
	edited, err := a.accounts.Edit(r.Context(), me, username, address)
	if err != nil {
		return suggesting(err, address)
	}
	j := toOwnJSON(r, edited)
	return respond(w, http.StatusOK, updatedJSON{j, j})
}

func (a *accounts) changePassword(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	change := user.PasswordChange{
		Current: f.secret("current_password"),
		New:     f.secret("new_password1"),
		Repeat:  f.secret("new_password2"),
	}
	if unlink := f.optBool("unlink"); unlink != nil {
		change.EndLinks = *unlink
	}
	if err := f.refuse(user.Restore(me.State).Problems(change)); err != nil {
		return err
	}
	account, err := a.accounts.ChangePassword(r.Context(), me, change, a.origin(w, r))
	if err != nil {
		return err
	}
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusOK, changedJSON{toAccountJSON(account), toLinksJSON(account.Links)})
}

func (a *accounts) withdraw(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	password := f.secret("password")
	if err := f.refuse(nil); err != nil {
		return err
	}
	if err := a.accounts.Withdraw(r.Context(), me, password, originOf(r)); err != nil {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}
