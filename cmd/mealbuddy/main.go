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

// command is something that the program does. Its name may have several words. What it
// takes for arguments is called as the usage calls it; one in brackets may be left out.
type command struct {
	name, argument, purpose string
	run                     func(ctx context.Context, cfg config, arguments string, stdout, stderr io.Writer) error
}

var commands = []command{
	{"", "", "serve until a signal ends it", serve},
	{"demo", "", "fill the store with a neighbourhood to try things out", demo},
	{"migrate", "", "bring the schema of the database up to date, as serving does first", migrate},
	{"backup", "FILE", "copy the database into a new file, while it is served or not", backup},
	{"restore", "FILE", "make the database of an empty data folder from a backup", restore},
	{"audit", "", "print what is on record: sign-ins, failures, bans and the like, the newest first", printAudit},
	{"addresses", "", "print the people whose address is no official neighbourhood, who are asked for one", printUnplaced},
	{"agenda", "", "print what is due and not done yet, and what is set aside after its last try", printAgenda},
	{"agenda retry", "KIND [KEY]", "put an item again that is set aside", retry},
	{"check", "", "look at the variables and the seats that posts keep, and ask the providers that people sign in with whether they fit", check},
	{"assets", "", "write the files of the app as a .tar.gz to the standard output, for the next build to carry as well", assets},
	{"health", "", "ask the service on this machine whether it is ready", health},
}

// takes tells whether words are the command and what belongs to it, and gives its
// arguments with a space between. An argument never looks like a flag.
func (c command) takes(words []string) (arguments string, ok bool) {
	name, places := strings.Fields(c.name), strings.Fields(c.argument)
	if len(words) < len(name) || !slices.Equal(words[:len(name)], name) {
		return "", false
	}
	given := words[len(name):]
	missing := places[min(len(given), len(places)):]
	if len(given) > len(places) || slices.ContainsFunc(missing, func(place string) bool { return place[0] != '[' }) {
		return "", false
	}
	for _, word := range given {
		if word == "" || word[0] == '-' {
			return "", false
		}
	}
	return strings.Join(given, " "), true
}

// find gives the command that words are, and its arguments; or nil.
func find(words []string) (c *command, arguments string) {
	for i := range commands {
		if arguments, ok := commands[i].takes(words); ok {
			return &commands[i], arguments
		}
	}
	return nil, ""
}

// usage is how a command is called.
func (c command) usage() string {
	return strings.Join(strings.Fields("mealbuddy "+c.name+" "+c.argument), " ")
}

// hint says what somebody may have meant by words that are no command: the usages of the
// commands that the first word is a part of, and where all of them are listed.
func hint(words []string) string {
	var hints []string
	for _, c := range commands {
		if len(words) > 0 && slices.Contains(strings.Fields(c.name), words[0]) {
			hints = append(hints, "`"+c.usage()+"`")
		}
	}
	return strings.Join(append(hints, "`mealbuddy -help` lists them"), ", ")
}

// run does what args say in an environment, until it is done or ctx ends.
func run(ctx context.Context, args []string, environ map[string]string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mealbuddy", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	version := flags.Bool("version", false, "")
	err := flags.Parse(args)
	words := flags.Args()
	switch c, arguments := find(words); {
	case errors.Is(err, flag.ErrHelp), len(args) == 1 && args[0] == "help":
		usage(stdout)
		return exitDone
	case err == nil && (*version && len(words) == 0 || !*version && len(words) == 1 && words[0] == "version"):
		fmt.Fprintln(stdout, readBuild())
		return exitDone
	case err != nil || c == nil || *version:
		fmt.Fprintf(stderr, "mealbuddy: this is no command: %q; %s\n", strings.Join(args, " "), hint(words))
		return exitUsage
	default:
		return c.start(ctx, arguments, environ, stdout, stderr)
	}
}

// start runs a command with the configuration that is in an environment.
func (c command) start(ctx context.Context, arguments string, environ map[string]string, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(environ)
	unknown, misspelt := checkNames(environ)
	if err := errors.Join(err, misspelt); err != nil {
		fmt.Fprintf(stderr, "mealbuddy: %v\n", err)
		return exitUsage
	}
	if len(unknown) > 0 {
		newLog(cfg, stderr).Warn("variables that nobody reads", "names", unknown)
	}
	if err := c.run(ctx, cfg, arguments, stdout, stderr); err != nil {
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
