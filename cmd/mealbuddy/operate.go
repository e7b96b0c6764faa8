package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// migrate brings the schema up to date.
func migrate(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	words := "the schema was up to date"
	if found, known := store.Schema(); found > known {
		words = fmt.Sprintf("WARN: the schema has version %d, from a newer program; this one knows %d, and has changed nothing", found, known)
	}
	if steps := store.Migrated(); len(steps) > 0 {
		words = "brought the schema up to date: " + strings.Join(steps, ", ")
	}
	fmt.Fprintln(stdout, words)
	if a := store.Spelt(); a.People.All+a.Posts.All > 0 {
		fmt.Fprintf(stdout, "addresses: of %d people %d got the official spelling and %d name no neighbourhood; of %d posts %d and %d\n",
			a.People.All, a.People.Changed, a.People.Left, a.Posts.All, a.Posts.Changed, a.Posts.Left)
	}
	return store.Close()
}

// unplacedJSON is a line of what printUnplaced prints.
type unplacedJSON struct {
	User        user.ID  `json:"user"`
	Username    string   `json:"username"`
	Address     string   `json:"address"`
	Suggestions []string `json:"suggestions,omitempty"`
}

// printUnplaced prints the people whose address is no official neighbourhood, a JSON object
// on each line.
func printUnplaced(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
	lines := json.NewEncoder(stdout)
	found := func(u user.State) error {
		where := string(u.Neighborhood)
		return lines.Encode(unplacedJSON{u.ID, u.Username, where, user.SuggestNeighborhoods(where)})
	}
	if cfg.DatabaseURL != "" {
		return postgres.Unplaced(ctx, cfg.DatabaseURL, found)
	}
	if err := sqlite.Unplaced(ctx, cfg.Data, found); err != nil {
		return aboutFiles(err)
	}
	return nil
}

// errPostgres says that PostgreSQL has tools of its own.
var errPostgres = exit{exitUsage, errors.New("the database is PostgreSQL: use pg_dump and pg_restore for it")}

// backup copies the database into file while others may use it.
func backup(ctx context.Context, cfg config, file string, stdout, _ io.Writer) error {
	if cfg.DatabaseURL != "" {
		return errPostgres
	}
	if err := sqlite.Backup(ctx, cfg.Data, file); err != nil {
		return aboutFiles(err)
	}
	fmt.Fprintf(stdout, "backed up to %s, and checked\n", file)
	return nil
}

// restore makes the database of a data folder that has none from a backup.
func restore(ctx context.Context, cfg config, file string, stdout, _ io.Writer) error {
	if cfg.DatabaseURL != "" {
		return errPostgres
	}
	if err := sqlite.Restore(ctx, file, cfg.Data); err != nil {
		return aboutFiles(err)
	}
	fmt.Fprintf(stdout, "restored %s into %s\n", file, cfg.Data)
	return nil
}

// auditPage is how many records are read at once.
const auditPage = 500

// recordJSON is a line of what printAudit prints. What it is not about is left out.
type recordJSON struct {
	ID      int64      `json:"id"`
	At      time.Time  `json:"at"`
	Kind    audit.Kind `json:"kind"`
	User    user.ID    `json:"user,omitempty"`
	SignIn  signin.ID  `json:"sign_in,omitempty"`
	Of      user.ID    `json:"of,omitempty"`
	Room    party.ID   `json:"room,omitempty"`
	Network string     `json:"network,omitempty"`
}

// prepareAudit declares the filters of printAudit.
func prepareAudit(flags *flag.FlagSet) action {
	var f audit.Filter
	flags.Func("since", "only what has happened since `WHEN`: a duration like 36h, a day like 2026-12-01, or a time like 2026-12-01T09:00:00+09:00", func(s string) (err error) {
		f.Since, err = parseSince(s, time.Now())
		return err
	})
	who := flags.String("user", "", "only what somebody did or was done to the person: `WHO` is an id, a name or an e-mail address")
	flags.Func("kind", fmt.Sprintf("only what is of a `KIND`: %s", kinds()), func(s string) error {
		if f.Kind = audit.Kind(s); !slices.Contains(audit.Kinds, f.Kind) {
			return fmt.Errorf("not one of %s", kinds())
		}
		return nil
	})
	return func(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
		return printAudit(ctx, cfg, f, *who, stdout)
	}
}

// kinds are those of the record, in words.
func kinds() string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(audit.Kinds), "[]"), " ", ", ")
}

// parseSince reads a time, a day where this machine is, or how long ago it was.
func parseSince(s string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(s); err == nil && ago > 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("neither a duration like 36h, nor a day like 2026-12-01, nor a time like 2026-12-01T09:00:00+09:00")
}

// printAudit prints what a filter picks of the audit log, a JSON object on each line. An
// account that was withdrawn is known by its id alone.
func printAudit(ctx context.Context, cfg config, f audit.Filter, who string, stdout io.Writer) (err error) {
	store, err := attach(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if id, err := strconv.ParseInt(who, 10, 64); err == nil && id > 0 {
		f.About = user.ID(id)
	} else if who != "" {
		if f.About, err = usecase.Find(ctx, store.Read(), who); err != nil {
			return noAccount(err, who)
		}
	}
	log, lines := store.Read().Audit, json.NewEncoder(stdout)
	for before := int64(0); ; {
		records, err := log.Before(ctx, before, f, auditPage)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := lines.Encode(recordJSON{r.ID, r.At, r.Kind, r.Who, r.SignIn, r.Of, r.Room, r.Network}); err != nil {
				return nil // the reader has closed the pipe
			}
			before = r.ID
		}
		if len(records) < auditPage {
			return nil
		}
	}
}

// aboutFiles gives an error about files of the command line its exit code. Its text names
// the file.
func aboutFiles(err error) error {
	switch {
	case errors.Is(err, sqlite.ErrInUse):
		return err
	case errors.Is(err, sqlite.ErrNoStore), errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return exit{exitUsage, err}
	}
	return exit{exitFailed, err}
}

// healthWait bounds the question whether a service is ready: it has a second for
// its own checks, and the image allows three for all.
const healthWait = 2 * time.Second

// health asks the service that listens on this machine by the same configuration.
func health(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(cfg.Addr)+"/readyz", nil)
	if err != nil {
		return exit{exitFailed, err}
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return exit{exitFailed, err}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		fmt.Fprintln(stdout, "ready")
		return nil
	}
	var answer struct {
		Failed []string `json:"failed"`
	}
	json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&answer) // best effort: another program may have answered
	return exit{exitFailed, fmt.Errorf("not ready: %s %s", resp.Status, strings.Join(answer.Failed, ", "))}
}

// loopback says where this machine itself finds what listens on addr.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
