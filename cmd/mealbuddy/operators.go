package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	socials "github.com/Group-buying-service/mealbuddy/domain/social"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// operate prepares a command of operators. With -json it prints each result as a JSON
// object on a line, else in words.
func operate[R fmt.Stringer](do func(ctx context.Context, o operator, argument string) ([]R, error)) func(*flag.FlagSet) action {
	return func(flags *flag.FlagSet) action {
		asJSON := flags.Bool("json", false, "print a JSON object on each line")
		return func(ctx context.Context, cfg config, argument string, stdout, _ io.Writer) (err error) {
			o, done, err := openOperator(ctx, cfg)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			results, err := do(ctx, o, argument)
			if err != nil {
				return noAccount(err, argument)
			}
			lines := json.NewEncoder(stdout)
			for _, r := range results {
				if !*asJSON {
					fmt.Fprintln(stdout, r)
				} else if err := lines.Encode(r); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// noAccount says of an error that there is no such account whom it is about, and as what
// that was read.
func noAccount(err error, who string) error {
	if !errors.Is(err, user.ErrNotFound) {
		return err
	}
	what := "name"
	if _, notID := strconv.ParseInt(who, 10, 64); notID == nil {
		what = "id"
	} else if strings.Contains(who, "@") {
		what = "e-mail address"
	}
	return exit{exitFailed, fmt.Errorf("there is no account with the %s %q", what, who)}
}

// operator is what commands of operators work with.
type operator struct {
	*usecase.Operators
	fullEmails bool
}

// openOperator opens the store beside the processes that serve from it.
func openOperator(ctx context.Context, cfg config) (o operator, done func() error, err error) {
	store, err := attach(ctx, cfg)
	if err != nil {
		return operator{}, nil, err
	}
	if err := store.Ready(ctx); err != nil {
		return operator{}, nil, errors.Join(err, store.Close())
	}
	passwords, err := auth.NewPasswords(cfg.cost())
	if err != nil {
		return operator{}, nil, errors.Join(err, store.Close())
	}
	changes := usecase.NewChanges(store, &inproc.Bus{}, time.Now, func() {}) // nobody follows: see usecase.Operators
	return operator{usecase.NewOperators(store, changes, passwords, rand.Text, time.Now), cfg.Emails == full}, store.Close, nil
}

// accountJSON is an account in a list.
type accountJSON struct {
	ID        user.ID   `json:"id"`
	Username  string    `json:"username"`
	Email     string    `json:"email"` // masked, unless everybody sees it in full
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
}

func (o operator) accountOf(s user.State) accountJSON {
	email := s.Email.Masked()
	if o.fullEmails {
		email = string(s.Email)
	}
	return accountJSON{s.ID, s.Username, email, string(s.Neighborhood), s.CreatedAt}
}

func (a accountJSON) String() string {
	return fmt.Sprintf("%d  %s  %s  %s  since %s", a.ID, a.Username, a.Email, a.Address, a.CreatedAt.Format(time.RFC3339))
}

func listUsers(ctx context.Context, o operator, part string) (all []accountJSON, err error) {
	found, err := o.List(ctx, part)
	for _, s := range found {
		all = append(all, o.accountOf(s))
	}
	return all, err
}

// shownJSON is an account by itself.
type shownJSON struct {
	accountJSON
	Password  bool         `json:"password"` // there is one
	Providers []string     `json:"providers"`
	SignIns   []signInJSON `json:"sign_ins"` // that hold
	Rooms     int          `json:"rooms"`
}

type signInJSON struct {
	Device    string    `json:"device"`
	Network   string    `json:"network"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"last_used_at"`
}

func (s shownJSON) String() string {
	ways := strings.Join(s.Providers, ", ")
	if s.Password {
		ways = strings.TrimSuffix("a password, "+ways, ", ")
	}
	lines := []string{s.accountJSON.String(), "signs in with: " + ways, fmt.Sprintf("rooms: %d", s.Rooms), fmt.Sprintf("signed in: %d", len(s.SignIns))}
	for _, one := range s.SignIns {
		lines = append(lines, fmt.Sprintf("  %s  %s  since %s, last used %s", one.Device, one.Network, one.CreatedAt.Format(time.RFC3339), one.SeenAt.Format(time.RFC3339)))
	}
	return strings.Join(lines, "\n")
}

func providers(links []socials.Link) []string {
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = l.Provider
	}
	return names
}

// prepareShow declares the flags of `user show`.
func prepareShow(flags *flag.FlagSet) action {
	whole := flags.Bool("email", false, "print the whole e-mail address, which is on record")
	return operate(func(ctx context.Context, o operator, who string) ([]shownJSON, error) {
		s, err := o.Show(ctx, who, *whole)
		if err != nil {
			return nil, err
		}
		shown := shownJSON{o.accountOf(s.State), s.PasswordHash != "", providers(s.Links), make([]signInJSON, len(s.SignIns)), s.Rooms}
		if *whole {
			shown.Email = string(s.Email)
		}
		for i, one := range s.SignIns {
			shown.SignIns[i] = signInJSON{one.Device, one.Network, one.CreatedAt, one.SeenAt}
		}
		return []shownJSON{shown}, nil
	})(flags)
}

// doneJSON says what was done with an account.
type doneJSON struct {
	User  user.ID `json:"user"`
	Done  string  `json:"done"`
	Ended *int    `json:"sign_ins_ended,omitempty"`
	*resetJSON
	words string
}

type resetJSON struct {
	Password  string   `json:"password"`
	Providers []string `json:"providers"` // that still sign in
}

func (d doneJSON) String() string { return d.words }

// prepareReset declares the flags of `user reset-password`.
func prepareReset(flags *flag.FlagSet) action {
	unlink := flags.Bool("unlink", false, "end the links to providers as well, so that only the new password signs in")
	return operate(func(ctx context.Context, o operator, who string) ([]doneJSON, error) {
		r, err := o.ResetPassword(ctx, who, *unlink)
		if err != nil {
			return nil, err
		}
		words := fmt.Sprintf("the password of account %d is now %s and not shown again; sign-ins ended: %d", r.Who, r.Password, r.Ended)
		if len(r.Links) > 0 {
			words += "; still signs in with: " + strings.Join(providers(r.Links), ", ")
		}
		return []doneJSON{{r.Who, "password_reset", &r.Ended, &resetJSON{r.Password, providers(r.Links)}, words}}, nil
	})(flags)
}

func signOut(ctx context.Context, o operator, who string) ([]doneJSON, error) {
	id, ended, err := o.SignOut(ctx, who)
	return []doneJSON{{User: id, Done: "signed_out", Ended: &ended, words: fmt.Sprintf("account %d is signed out; sign-ins ended: %d", id, ended)}}, err
}

func withdrawUser(ctx context.Context, o operator, who string) ([]doneJSON, error) {
	id, err := o.Withdraw(ctx, who)
	return []doneJSON{{User: id, Done: "withdrawn", words: fmt.Sprintf("account %d is withdrawn; it leaves its rooms within seconds of a running service", id)}}, err
}

// restoreUser says why there is no way back: user.Withdraw keeps nothing of the person.
func restoreUser(ctx context.Context, o operator, who string) ([]doneJSON, error) {
	switch id, err := o.Find(ctx, who); {
	case err == nil:
		return nil, exit{exitFailed, fmt.Errorf("account %d is not withdrawn", id)}
	case !errors.Is(err, user.ErrNotFound):
		return nil, err
	}
	return nil, exit{exitFailed, fmt.Errorf("%q can't be restored: nothing is kept of an account that was withdrawn, and its rooms have gone on; the same e-mail address and name can register anew", who)}
}

// postJSON says what was done with a post.
type postJSON struct {
	Post    party.ID `json:"post"`
	Done    string   `json:"done"`
	Changed bool     `json:"changed"` // false if it was so before
	words   string
}

func (p postJSON) String() string {
	if !p.Changed {
		return fmt.Sprintf("post %d was so already", p.Post)
	}
	return fmt.Sprintf("post %d %s", p.Post, p.words)
}

// onPost makes an operator's command of what it does with a post.
func onPost(done, words string, do func(context.Context, operator, party.ID) (changed bool, err error)) func(*flag.FlagSet) action {
	return operate(func(ctx context.Context, o operator, argument string) ([]postJSON, error) {
		id, err := strconv.ParseInt(argument, 10, 64)
		if err != nil {
			return nil, exit{exitUsage, fmt.Errorf("%q is not the id of a post", argument)}
		}
		changed, err := do(ctx, o, party.ID(id))
		if errors.Is(err, party.ErrNotFound) {
			return nil, exit{exitFailed, fmt.Errorf("there is no post %d", id)}
		}
		return []postJSON{{party.ID(id), done, changed, words}}, err
	})
}

func hidePost(ctx context.Context, o operator, id party.ID) (bool, error) {
	return o.HidePost(ctx, id, true)
}

func showPost(ctx context.Context, o operator, id party.ID) (bool, error) {
	return o.HidePost(ctx, id, false)
}

func deletePost(ctx context.Context, o operator, id party.ID) (bool, error) {
	return true, o.DeletePost(ctx, id)
}
