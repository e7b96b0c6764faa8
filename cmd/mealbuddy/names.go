package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// foreign is what MEALBUDDY_ variables belong to others: the tests and the browser they
// find, docker-compose.yml, and the links that Kubernetes sets for a service of that name.
var foreign = regexp.MustCompile(`^MEALBUDDY_(` +
	`TEST_\w+|SOAK|CHROMIUM|BINARY|PICTURES|README_PICTURES|SERVER|` +
	`IMAGE|DOMAIN|HTTP|HTTPS|SUBNET|NODES|SECRETS|GRAFANA|(POSTGRES|REDIS|CADDY|PROMETHEUS|GRAFANA)_IMAGE|` +
	`(\w+_)?PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|(\w+_)?SERVICE_(HOST|PORT(_\w+)?)` +
	`)$`)

// checkNames looks for variables that nobody reads. One that is nearly the name of a
// variable is an error, which says the right one; the others are returned, in order.
func checkNames(environ map[string]string) (unknown []string, err error) {
	known := map[string]bool{}
	for s := range settings() {
		known[s.name] = true
		if s.secret {
			known[s.name+"_FILE"] = true
		}
	}
	var wrong []error
	for name := range environ {
		if !strings.HasPrefix(name, prefix) || known[name] || foreign.MatchString(name) {
			continue
		}
		if meant := nearest(name, known); meant != "" {
			wrong = append(wrong, fmt.Errorf("%s is not known; did you mean %s?", name, meant))
			continue
		}
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return unknown, errors.Join(wrong...)
}

// nearest is the known name that somebody who wrote name may have meant, or "": one that
// differs by a slip of the pen, or by where words are parted.
func nearest(name string, known map[string]bool) string {
	short := func(s string) string { return strings.ReplaceAll(strings.TrimPrefix(s, prefix), "_", "") }
	sorted := func(s string) string { return string(slices.Sorted(slices.Values([]byte(s)))) }
	best, least := "", 3
	for _, k := range slices.Sorted(maps.Keys(known)) {
		a, b := short(name), short(k)
		slips := levenshtein.ComputeDistance(a, b)
		switch {
		case sorted(a) == sorted(b):
			slips = min(slips, 1) // letters that changed places
		case slips == 2 && len(b) < 6:
			continue // two other letters of four make another word
		}
		if slips < least {
			best, least = k, slips
		}
	}
	return best
}
