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
	"strings"
	"syscall"

	"github.com/caarlos0/env/v11"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait for a clean end
	os.Exit(run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the command line or a variable is wrong
)

// run does what args say in an environment, until it is done or ctx ends.
func run(ctx context.Context, args []string, environ map[string]string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mealbuddy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { usage(flags.Output()) }
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitDone
		}
		return exitUsage
	}
	commands := map[string]func(context.Context, config, io.Writer, io.Writer) error{
		"":     serve,
		"demo": demo,
	}
	command, known := commands[flags.Arg(0)]
	if !known || flags.NArg() > 1 {
		fmt.Fprintf(stderr, "mealbuddy: unknown command %q\n\n", strings.Join(flags.Args(), " "))
		usage(stderr)
		return exitUsage
	}
	cfg, err := parseConfig(environ)
	if err != nil {
		fmt.Fprintf(stderr, "mealbuddy: %v\n", err)
		return exitUsage
	}
	if err := command(ctx, cfg, stdout, stderr); err != nil {
		code, words := explain(err, cfg)
		fmt.Fprintf(stderr, "mealbuddy: %v\n", words)
		return code
	}
	return exitDone
}

// explain says in one line what a person can do about an error that is known.
func explain(err error, cfg config) (code int, words error) {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return exitFailed, fmt.Errorf("another program listens on %s already; choose another address with MEALBUDDY_ADDR", cfg.Addr)
	case errors.Is(err, errNoKeys):
		return exitUsage, fmt.Errorf("%sTOKEN_KEYS: %w; set it beside %sDATABASE_URL, to what `openssl rand -base64 32` gives", prefix, err, prefix)
	case errors.Is(err, postgres.ErrDSN):
		return exitUsage, fmt.Errorf("%sDATABASE_URL: %w", prefix, err)
	case errors.Is(err, postgres.ErrUnreachable):
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
	fmt.Fprint(w, `mealbuddy serves MealBuddy: neighbours who order food together.

Usage:
  mealbuddy         serve until a signal ends it
  mealbuddy demo    fill the store with a neighbourhood to try things out
  mealbuddy -help   print this

Variables, none of which is required:
`)
	describe(w)
}
