package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// agendaPage is how many items are printed of each list.
const agendaPage = 500

// openAgenda opens the agenda while others may use the store, until done is called.
func openAgenda(ctx context.Context, cfg config) (admin port.AgendaAdmin, done func() error, err error) {
	if cfg.DatabaseURL != "" {
		return postgres.OpenAgenda(ctx, cfg.DatabaseURL)
	}
	admin, done, err = sqlite.OpenAgenda(cfg.Data)
	if err != nil {
		return nil, nil, aboutFiles(err)
	}
	return admin, done, nil
}

// printAgenda prints what is due and what is set aside.
func printAgenda(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) (err error) {
	admin, done, err := openAgenda(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	b, err := admin.Backlog(ctx)
	if err != nil {
		return err
	}
	due, err := admin.Due(ctx, agendaPage)
	if err != nil {
		return err
	}
	aside, err := admin.SetAside(ctx, agendaPage)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "due and not done: %d", b.Due)
	if b.Due > 0 {
		fmt.Fprintf(stdout, ", the oldest for %s", b.Late.Round(time.Second))
	}
	fmt.Fprintln(stdout)
	printItems(stdout, due)
	fmt.Fprintf(stdout, "set aside: %d\n", b.SetAside)
	printItems(stdout, aside)
	return nil
}

func printItems(w io.Writer, items []agenda.Item) {
	if len(items) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  DUE\tKIND\tKEY\tATTEMPTS\tLAST FAILURE")
	for _, i := range items {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%d\t%s\n", i.DueAt.Format(time.RFC3339), i.Kind, i.Key, i.Attempts, i.Failure)
	}
	table.Flush() // there is nowhere to report an error
}

// retry puts an item again that is set aside: its kind, and its key if it has one.
func retry(ctx context.Context, cfg config, item string, stdout, _ io.Writer) (err error) {
	admin, done, err := openAgenda(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	kind, key, _ := strings.Cut(item, " ")
	switch err := admin.Retry(ctx, agenda.Kind(kind), key); {
	case errors.Is(err, agenda.ErrNotSetAside):
		return exit{exitFailed, fmt.Errorf("%w: %s; `mealbuddy agenda` lists those that are", err, item)}
	case err != nil:
		return err
	}
	fmt.Fprintf(stdout, "%s is due now\n", item)
	return nil
}
