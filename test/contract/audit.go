package contract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/audit"
	"github.com/Group-buying-service/mealbuddy/port"
)

func audits(t *testing.T, open func(t *testing.T) port.Store) {
	t.Run("what is noted can be read, the newest first", func(t *testing.T) {
		s := fill(t, open)
		ann, bob := s.user("ann"), s.user("bob")
		room := s.party(ann, 3)
		events := []audit.Event{
			{At: kept(noon), Kind: audit.SignInFailed, Network: "203.0.113.0/24"},
			{At: kept(minutes(1)), Kind: audit.SignedIn, Who: ann, SignIn: 7, Network: "2001:db8::/48"},
			{At: kept(minutes(2)), Kind: audit.Banned, Who: ann, Of: bob, Room: room},
		}
		s.write(func(r port.Repos) error {
			if err := r.Audit.Note(t.Context(), events[:2]...); err != nil {
				return err
			}
			return r.Audit.Note(t.Context(), events[2])
		})
		s.write(func(r port.Repos) error { return r.Audit.Note(t.Context()) })
		all, err := s.Read().Audit.Before(t.Context(), 0, audit.Filter{}, 10)
		require.NoError(t, err)
		require.Len(t, all, 3)
		for i, record := range all {
			assert.Equal(t, events[2-i], record.Event)
		}
		assert.Greater(t, all[0].ID, all[1].ID)
		page, err := s.Read().Audit.Before(t.Context(), all[0].ID, audit.Filter{}, 1)
		require.NoError(t, err)
		assert.Equal(t, all[1:2], page)

		for name, tt := range map[string]struct {
			f    audit.Filter
			want []audit.Record
		}{
			"since":               {audit.Filter{Since: minutes(1)}, all[:2]},
			"since a later time":  {audit.Filter{Since: minutes(2).Add(time.Microsecond)}, nil},
			"about who did it":    {audit.Filter{About: ann}, all[:2]},
			"about who was meant": {audit.Filter{About: bob}, all[:1]},
			"of a kind":           {audit.Filter{Kind: audit.SignInFailed}, all[2:]},
			"all at once":         {audit.Filter{Since: noon, About: ann, Kind: audit.SignedIn}, all[1:2]},
			"of no such kind":     {audit.Filter{About: ann, Kind: audit.SignInFailed}, nil},
		} {
			picked, err := s.Read().Audit.Before(t.Context(), 0, tt.f, 10)
			require.NoError(t, err, name)
			assert.Equal(t, len(tt.want), len(picked), name)
			assert.Subset(t, picked, tt.want, name)
		}
		page, err = s.Read().Audit.Before(t.Context(), all[0].ID, audit.Filter{About: ann}, 10)
		require.NoError(t, err)
		assert.Equal(t, all[1:2], page)
	})

	t.Run("a Write that fails is not on record", func(t *testing.T) {
		s := fill(t, open)
		assert.ErrorIs(t, s.Write(t.Context(), func(r port.Repos) error {
			require.NoError(t, r.Audit.Note(t.Context(), audit.Event{At: noon, Kind: audit.SignedIn}))
			return assert.AnError
		}), assert.AnError)
		all, err := s.Read().Audit.Before(t.Context(), 0, audit.Filter{}, 10)
		require.NoError(t, err)
		assert.Empty(t, all)
	})
}
