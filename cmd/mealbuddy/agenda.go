package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// agendaPage is how many items are printed of each list.
const agendaPage = 500

// printAgenda prints what is due and what is set aside.
func printAgenda(ctx context.Context, cfg config, _ string, stdout, _ io.Writer) (err error) {
	store, err := attach(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	admin := store.Read().AgendaAdmin
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
	store, err := attach(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	kind, key, _ := strings.Cut(item, " ")
	err = store.Write(ctx, func(r port.Repos) error { return r.AgendaAdmin.Retry(ctx, agenda.Kind(kind), key) })
	switch {
	case errors.Is(err, agenda.ErrNotSetAside):
		return exit{exitFailed, fmt.Errorf("%w: %s; `mealbuddy agenda` lists those that are", err, item)}
	case err != nil:
		return err
	}
	fmt.Fprintf(stdout, "%s is due now\n", item)
	return nil
}
