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
	Token    string  `json:"token"`
}

type signedJSON struct {
	User accountJSON `json:"user"`
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
		Token:    a.Token,
	}
}

// accounts are the accounts of people.
type accounts struct{ *base }

func (a *accounts) routes() []route {
	return []route{
		open("POST", "/api/user/register/", a.register, limit{registrations, perNetwork}),
		open("POST", "/api/user/login/", a.signIn), // limited by usecase.Accounts, which counts failures
		signedIn("GET", "/api/user/current/", a.current),
		verified("POST", "/api/user/update/", a.update),
		verified("POST", "/api/user/changepassword/", a.changePassword),
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
		return err
	}
	account, err := a.accounts.Register(r.Context(), asked, a.origin(w, r))
	if err != nil {
		return err
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

func (a *accounts) current(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	account, err := a.accounts.Current(r.Context(), me)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, signedJSON{toAccountJSON(account)})
}

func (a *accounts) update(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	username, address := f.optText("username"), f.optText("address")
	if err := f.refuse(fault.Of(user.Restore(me.State).Edit(username, address)).Fields); err != nil {
		return err
	}
	account, err := a.accounts.Edit(r.Context(), me, username, address)
	if err != nil {
		return err
	}
	j := toAccountJSON(account)
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
	if err := f.refuse(user.Restore(me.State).Problems(change)); err != nil {
		return err
	}
	account, err := a.accounts.ChangePassword(r.Context(), me, change, a.origin(w, r))
	if err != nil {
		return err
	}
	keepSignedIn(w, r, account.Refresh)
	return respond(w, http.StatusOK, signedJSON{toAccountJSON(account)})
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
	if err := a.accounts.Withdraw(r.Context(), me, password, network(r)); err != nil {
		return err
	}
	keepSignedIn(w, r, nil)
	return done(w)
}
