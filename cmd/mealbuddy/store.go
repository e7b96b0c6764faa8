package main

import (
	"context"

	"github.com/Group-buying-service/mealbuddy/adapter/disk"
	"github.com/Group-buying-service/mealbuddy/adapter/httpapi"
	"github.com/Group-buying-service/mealbuddy/adapter/postgres"
	"github.com/Group-buying-service/mealbuddy/adapter/rows"
	"github.com/Group-buying-service/mealbuddy/adapter/sqlite"
	"github.com/Group-buying-service/mealbuddy/port"
)

// store is a port.Store as this program uses it.
type store interface {
	port.Store
	Ready(ctx context.Context) error // nil if it answers and has the schema of this program
	Schema() (found, known int64)    // its version, and that of this program
	Migrated() []string              // the migrations that ran when it was opened
	Spelt() rows.Addresses           // what became of addresses of before when it was opened
	Observe(group func(size int))    // calls group with the size of each group commit
	Waiting() int                    // how many lines wait to be stored
	Close() error
}

// openStore opens PostgreSQL if it is configured, and else the data folder.
func openStore(ctx context.Context, cfg config) (store, error) {
	if cfg.DatabaseURL != "" {
		return postgres.Open(ctx, cfg.DatabaseURL)
	}
	return sqlite.Open(ctx, cfg.Data)
}

// attach opens the store beside the processes that serve from it, and leaves its schema as
// it is.
func attach(ctx context.Context, cfg config) (store, error) {
	if cfg.DatabaseURL != "" {
		s, err := postgres.Attach(ctx, cfg.DatabaseURL)
		if err != nil { // a nil *Store in the interface would not be nil
			return nil, err
		}
		return s, nil
	}
	s, err := sqlite.Attach(cfg.Data)
	if err != nil {
		return nil, aboutFiles(err)
	}
	return s, nil
}

// checks are those of /readyz.
func checks(cfg config, s store) []httpapi.Check {
	all := []httpapi.Check{{Name: "database", Run: s.Ready}}
	if _, local := s.(*sqlite.Store); local {
		all = append(all, httpapi.Check{Name: "disk", Run: disk.Enough(cfg.Data)})
	}
	return all
}
