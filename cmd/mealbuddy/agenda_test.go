package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/port"
)

// withStore opens the store that the environment names, while nobody serves it.
func withStore(t *testing.T, env map[string]string, do func(s store)) {
	t.Helper()
	cfg, err := parseConfig(env)
	require.NoError(t, err)
	s, err := openStore(t.Context(), cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	do(s)
}

// exhaust claims an item again and again, until it is set aside.
func exhaust(ctx context.Context, s store, item agenda.Item) error {
	for range agenda.Tries {
		err := s.Write(ctx, func(r port.Repos) error {
			claimed, err := r.Agenda.Claim(ctx, []agenda.Kind{item.Kind}, 1, -time.Second) // which is over
			if err != nil || len(claimed) != 1 {
				return fmt.Errorf("claimed %v: %w", claimed, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func TestAgenda(t *testing.T) {
	for name, environ := range map[string]func(t *testing.T) map[string]string{"SQLite": environ, "PostgreSQL": onPostgres} {
		t.Run(name, func(t *testing.T) {
			env := environ(t)
			withStore(t, env, func(s store) {
				put := func(items ...agenda.Item) {
					require.NoError(t, s.Write(t.Context(), func(r port.Repos) error { return r.Agenda.Put(t.Context(), items...) }))
				}
				aside := agenda.Item{Kind: "test.aside", Key: "order:7"}
				bare := agenda.Item{Kind: "test.bare"}
				put(aside, bare, agenda.Item{Kind: "test.later", In: time.Hour})
				require.NoError(t, exhaust(t.Context(), s, aside))
				require.NoError(t, exhaust(t.Context(), s, bare))
				put(agenda.Item{Kind: "test.due", Key: "9", DueAt: time.Now().Add(-time.Hour)})
			})
			on := start(t, env) // which has no handler of these
			var text string
			require.Eventually(t, func() bool { // once it has cleaned up
				code, stdout, stderr := runWith(t, env, "agenda")
				require.Equal(t, 0, code, stderr)
				text = stdout
				return strings.HasPrefix(text, "due and not done: 1, the oldest for 1h0m")
			}, 10*time.Second, 50*time.Millisecond)
			assert.Regexp(t, `(?m)^  \S+Z  test\.due +9 +0 *$`, text)
			assert.Contains(t, text, "\nset aside: 2\n")
			assert.Regexp(t, `(?m)^  \S+Z  test\.aside +order:7 +10 *$`, text)
			assert.Regexp(t, `(?m)^  \S+Z  test\.bare +10 *$`, text)
			assert.NotContains(t, text, "test.later")

			code, stdout, stderr := runWith(t, env, "agenda", "retry", "test.aside", "order:7")
			require.Equal(t, 0, code, stderr)
			assert.Equal(t, "test.aside order:7 is due now\n", stdout)
			code, _, stderr = runWith(t, env, "agenda", "retry", "test.bare")
			require.Equal(t, 0, code, stderr)
			for _, none := range [][]string{{"test.aside", "order:7"}, {"test.due", "9"}, {"test.unknown"}} {
				code, stdout, stderr := runWith(t, env, append([]string{"agenda", "retry"}, none...)...)
				assert.Equal(t, 1, code)
				assert.Empty(t, stdout)
				assert.Contains(t, stderr, "no such item is set aside: "+strings.Join(none, " "))
			}
			_, text, _ = runWith(t, env, "agenda")
			assert.Contains(t, text, "due and not done: 3, the oldest")
			assert.True(t, strings.HasSuffix(text, "\nset aside: 0\n"), text)
			on.stop()
		})
	}
}

func TestTheAgendaNeedsAStore(t *testing.T) {
	env := environ(t)
	for _, args := range [][]string{{"agenda"}, {"agenda", "retry", "test.kind"}} {
		code, stdout, stderr := runWith(t, env, args...)
		assert.Equal(t, 2, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, env["MEALBUDDY_DATA"])
	}
	assert.NoDirExists(t, env["MEALBUDDY_DATA"], "it makes none")
	for _, args := range [][]string{
		{"agenda", "retry"}, {"agenda", "retry", ""}, {"agenda", "retry", "-kind"}, {"agenda", "retry", "a", "b", "c"}, {"agenda", "again"}, {"retry", "a"},
	} {
		code, _, stderr := runWith(t, env, args...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, stderr, "mealbuddy agenda retry KIND [KEY]")
	}
}

// A process cleans up by itself, and leaves nothing half done when it is stopped.
func TestServeDoesWhatIsDue(t *testing.T) {
	for name, environ := range map[string]func(t *testing.T) map[string]string{"SQLite": environ, "PostgreSQL": onPostgres} {
		t.Run(name, func(t *testing.T) {
			env := environWith(environ(t), "MEALBUDDY_DEBUG_ADDR", "127.0.0.1:0")
			s := start(t, env)
			done := regexp.MustCompile(`\nmealbuddy_agenda_worked_total\{kind="sweep\.(tickets|sign_ins|answers)",outcome="done"\} 1\n`)
			require.Eventually(t, func() bool {
				return len(done.FindAllString(s.debug("/metrics"), -1)) > 0 && strings.Contains(s.debug("/metrics"), "\nmealbuddy_agenda_late_seconds_count 3\n")
			}, 10*time.Second, 20*time.Millisecond)
			s.stop()
			assert.NotContains(t, s.log.String(), `"level":"WARN"`)
			withStore(t, env, func(s store) {
				b, err := s.Read().AgendaAdmin.Backlog(t.Context())
				require.NoError(t, err)
				assert.Equal(t, port.Backlog{}, b)
			})
			again := start(t, env)
			again.stop()
		})
	}
}
