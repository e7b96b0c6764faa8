package party_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestParseRecruitment(t *testing.T) {
	for _, known := range []party.Recruitment{party.Recruiting, party.Completed} {
		got, err := party.ParseRecruitment(string(known))
		require.NoError(t, err)
		assert.Equal(t, known, got)
	}
	for _, unknown := range []string{"", "open", "COMPLETE", "complete "} {
		_, err := party.ParseRecruitment(unknown)
		assert.Contains(t, fault.Of(err).Fields, "state")
	}
}
