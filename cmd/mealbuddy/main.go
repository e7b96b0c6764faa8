// Command mealbuddy serves MealBuddy: neighbours who order food together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/caarlos0/env/v11"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
)

func main() {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // a second signal does not wait for a clean end
		end()
	}()
	os.Exit(run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the command line or a variable is wrong
)

// exit is an error that says itself with which code the program ends.
type exit struct {
	code int
	error
}

func (e exit) Unwrap() error { return e.error }

// command is something that the program does. Its name may have several words. What it
// takes for arguments is called as the usage calls it; one in brackets may be left out.
type command struct {
	name, argument, purpose string
	prepare                 func(*flag.FlagSet) action // declares its flags; the action runs once they are parsed
}

// action runs a command. The arguments have a space between them.
type action func(ctx context.Context, cfg config, arguments string, stdout, stderr io.Writer) error

// plain prepares an action that has no flags.
func plain(do action) func(*flag.FlagSet) action {
	return func(*flag.FlagSet) action { return do }
}

var commands = []command{
	{"", "", "serve until a signal ends it", plain(serve)},
	{"demo", "", "fill the store with a neighbourhood to try things out", plain(demo)},
	{"migrate", "", "bring the schema of the database up to date, as serving does first", plain(migrate)},
	{"backup", "FILE", "copy the database into a new file, while it is served or not", plain(backup)},
	{"restore", "FILE", "make the database of an empty data folder from a backup", plain(restore)},
	{"audit", "", "print what is on record: sign-ins, failures, bans and the like, the newest first", prepareAudit},
	{"user list", "[PART]", "print the newest accounts, 100 at most, that have PART in their name or e-mail address", operate(listUsers)},
	{"user show", "WHO", "print an account, by its id, name or e-mail address, and where it is signed in", prepareShow},
	{"user reset-password", "WHO", "give an account a new password, print it once, and end all sign-ins", prepareReset},
	{"user sign-out", "WHO", "end all sign-ins of an account, and close its sockets", operate(signOut)},
	{"user withdraw", "WHO", "end an account for good, as its person can: nothing of the person is kept, and there is no way back", operate(withdrawUser)},
	{"user restore", "WHO", "say why an account that was withdrawn can't come back", operate(restoreUser)},
	{"post hide", "ID", "keep a post from all who are not in its room; the room goes on, and is told",
		onPost("post_hidden", "is hidden from all who are not in its room", hidePost)},
	{"post show", "ID", "show a post again that is hidden", onPost("post_shown", "is shown again", showPost)},
	{"post delete", "ID", "take away a post and its room, as its leader can", onPost("post_deleted", "is deleted, with its room", deletePost)},
	{"addresses", "", "print the people whose address is no official neighbourhood, who are asked for one", plain(printUnplaced)},
	{"agenda", "", "print what is due and not done yet, and what is set aside after its last try", plain(printAgenda)},
	{"agenda retry", "KIND [KEY]", "put an item again that is set aside", plain(retry)},
	{"check", "", "say what is on, and try the database, Redis and every service of others that is set up, once each", plain(check)},
	{"assets", "", "write the files of the app as a .tar.gz to the standard output, for the next build to carry as well", plain(assets)},
	{"health", "", "ask the service on this machine whether it is ready", plain(health)},
}

// find gives the command with the longest name that words begin with, and what follows.
func find(words []string) (c command, rest []string) {
	longest := -1
	for _, each := range commands {
		name := strings.Fields(each.name)
		if len(name) > longest && len(words) >= len(name) && slices.Equal(words[:len(name)], name) {
			c, rest, longest = each, words[len(name):], len(name)
		}
	}
	return c, rest
}

// within gives the commands whose names begin with words.
func within(words []string) (all []command) {
	for _, c := range commands {
		name := strings.Fields(c.name)
		if len(words) > 0 && len(words) <= len(name) && slices.Equal(name[:len(words)], words) {
			all = append(all, c)
		}
	}
	return all
}

// parse reads what follows the name of a command: flags and arguments in any order. An
// argument never looks like a flag.
func (c command) parse(words []string) (do action, arguments string, err error) {
	flags := c.flags()
	do = c.prepare(flags)
	var given []string
	for len(words) > 0 {
		if err := flags.Parse(words); err != nil {
			return nil, "", err
		}
		if words = flags.Args(); len(words) > 0 {
			given, words = append(given, words[0]), words[1:]
		}
	}
	places := strings.Fields(c.argument)
	if len(given) > len(places) {
		return nil, "", fmt.Errorf("%q is too much; quote an argument that has spaces", given[len(places)])
	}
	for i, place := range places {
		switch {
		case i >= len(given) && place[0] != '[':
			return nil, "", fmt.Errorf("%s is missing", place)
		case i < len(given) && (given[i] == "" || given[i][0] == '-'):
			return nil, "", fmt.Errorf("%s can't be %q", strings.Trim(place, "[]"), given[i])
		}
	}
	return do, strings.Join(given, " "), nil
}

// flags makes a silent set of flags.
func (c command) flags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// usage is how a command is called.
func (c command) usage() string {
	words := []string{"mealbuddy", c.name}
	flags := c.flags()
	c.prepare(flags)
	flags.VisitAll(func(f *flag.Flag) {
		value, _ := flag.UnquoteUsage(f)
		words = append(words, "["+strings.TrimSpace("-"+f.Name+" "+value)+"]")
	})
	return strings.Join(strings.Fields(strings.Join(append(words, c.argument), " ")), " ")
}

// help prints how a command is called, and what its flags are for.
func (c command) help(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n%s\n", c.usage(), c.purpose)
	flags := c.flags()
	c.prepare(flags)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// usages are how commands are called, in a line.
func usages(all []command) string {
	var quoted []string
	for _, c := range all {
		quoted = append(quoted, "`"+c.usage()+"`")
	}
	return strings.Join(quoted, ", ")
}

// run does what args say in an environment, until it is done or ctx ends.
func run(ctx context.Context, args []string, environ map[string]string, stdout, stderr io.Writer) int {
	top := command{}.flags()
	version := top.Bool("version", false, "")
	err := top.Parse(args)
	words := top.Args()
	switch {
	case errors.Is(err, flag.ErrHelp), len(args) == 1 && args[0] == "help":
		usage(stdout)
		return exitDone
	case err == nil && (*version && len(words) == 0 || !*version && len(words) == 1 && words[0] == "version"):
		fmt.Fprintln(stdout, readBuild())
		return exitDone
	case err != nil || *version:
		return misused(args, stderr)
	}
	if len(words) > 0 && words[0] == "help" {
		return helpWith(words[1:], args, stdout, stderr)
	}
	c, rest := find(words)
	do, arguments, err := c.parse(rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		if c.name != "" {
			words = strings.Fields(c.name)
		} else if i := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "-") }); i >= 0 {
			words = words[:i]
		}
		return helpWith(words, args, stdout, stderr)
	case err != nil && c.name == "":
		return misused(args, stderr)
	case err != nil:
		fmt.Fprintf(stderr, "mealbuddy: %s: %v; %s\n", c.name, err, usages(within(strings.Fields(c.name))))
		return exitUsage
	}
	return perform(ctx, do, arguments, environ, stdout, stderr)
}

// helpWith prints the help of the commands whose names begin with words.
func helpWith(words, args []string, stdout, stderr io.Writer) int {
	all := within(words)
	if len(all) == 0 {
		return misused(args, stderr)
	}
	for i, c := range all {
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		c.help(stdout)
	}
	return exitDone
}

// misused says that args are no command, and which commands have the first of them in their
// names.
func misused(args []string, stderr io.Writer) int {
	var meant []command
	for _, c := range commands {
		if len(args) > 0 && slices.Contains(strings.Fields(c.name), args[0]) {
			meant = append(meant, c)
		}
	}
	hint := "`mealbuddy -help` lists them"
	if len(meant) > 0 {
		hint = usages(meant) + ", " + hint
	}
	fmt.Fprintf(stderr, "mealbuddy: this is no command: %q; %s\n", strings.Join(args, " "), hint)
	return exitUsage
}

// perform runs an action with the configuration that is in an environment.
func perform(ctx context.Context, do action, arguments string, environ map[string]string, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(environ)
	unknown, misspelt := checkNames(environ)
	if err := errors.Join(err, misspelt); err != nil {
		fmt.Fprintf(stderr, "mealbuddy: %v\n", err)
		return exitUsage
	}
	if len(unknown) > 0 {
		newLog(cfg, stderr).Warn("variables that nobody reads", "names", unknown)
	}
	if err := do(ctx, cfg, arguments, stdout, stderr); err != nil {
		code, words := explain(err, cfg)
		fmt.Fprintf(stderr, "mealbuddy: %v\n", words)
		return code
	}
	return exitDone
}

// explain says in one line what a person can do about an error that is known.
func explain(err error, cfg config) (code int, words error) {
	if e, ok := errors.AsType[exit](err); ok {
		return e.code, e
	}
	switch {
	case errors.Is(err, errNoKeys):
		return exitUsage, fmt.Errorf("%sTOKEN_KEYS: %w; set it beside %sDATABASE_URL, to what `openssl rand -base64 32` gives", prefix, err, prefix)
	case errors.Is(err, postgres.ErrDSN):
		return exitUsage, fmt.Errorf("%sDATABASE_URL: %w", prefix, err)
	case errors.Is(err, postgres.ErrUnreachable), errors.Is(err, postgres.ErrNoSessions):
		return exitFailed, fmt.Errorf("%sDATABASE_URL: %w", prefix, err)
	case errors.Is(err, sqlite.ErrInUse):
		return exitFailed, fmt.Errorf("another mealbuddy uses the folder %s already; stop it, or choose another folder with MEALBUDDY_DATA", cfg.Data)
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return exitUsage, fmt.Errorf("%sDATA: %w", prefix, path)
	}
	return exitFailed, err
}

func usage(w io.Writer) {
	fmt.Fprint(w, "mealbuddy serves MealBuddy: neighbours who order food together.\n\nUsage:\n")
	table := tabwriter.NewWriter(w, 0, 0, 4, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(table, "  %s\t%s\n", c.usage(), c.purpose)
	}
	fmt.Fprint(table, "  mealbuddy version\tprint which version this is\n  mealbuddy help\tprint this\n")
	table.Flush() // there is nowhere to report an error
	fmt.Fprint(w, "\nVariables, none of which is required. One with a star may be given as a file instead:\n"+
		"MEALBUDDY_X_FILE names the file that holds MEALBUDDY_X.\n")
	describe(w)
}
