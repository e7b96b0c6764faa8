package menu

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

func clock(hour, minute int) time.Time { return time.Date(2026, 11, 27, hour, minute, 0, 0, Seoul) }

func TestConversationsEnd(t *testing.T) {
	for _, tt := range []struct {
		heard, over time.Time
	}{
		{clock(12, 0), clock(16, 0)},
		{clock(0, 5), clock(4, 0)},
		{clock(2, 5), clock(4, 0)},
		{clock(3, 59), clock(4, 0)},
		{clock(4, 0), clock(8, 0)},
		{clock(23, 59), clock(27, 59)},
		{clock(0, 0), clock(4, 0)},
	} {
		assert.True(t, tt.over.Equal(Over(tt.heard.UTC())), "%s: %s", tt.heard, Over(tt.heard))
	}
}

func TestDaysAreThoseOfKorea(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		day  string
		left time.Duration
	}{
		{clock(0, 5), "2026-11-27", 23*time.Hour + 55*time.Minute},
		{clock(2, 5), "2026-11-27", 21*time.Hour + 55*time.Minute},
		{clock(23, 59), "2026-11-27", time.Minute},
		{clock(24, 0), "2026-11-28", 24 * time.Hour},
	} {
		for _, zone := range []*time.Location{time.UTC, Seoul, time.FixedZone("far west", -11*60*60)} {
			assert.Equal(t, tt.day, Day(tt.at.In(zone)))
			assert.Equal(t, tt.left, Tomorrow(tt.at.In(zone)).Sub(tt.at))
		}
	}
}

func TestParseMessage(t *testing.T) {
	said, err := ParseMessage("  매운 거 \n")
	require.NoError(t, err)
	assert.Equal(t, "매운 거", said)
	_, err = ParseMessage(strings.Repeat("밥", 500))
	assert.NoError(t, err)
	for _, wrong := range []string{"", " \n\t", "\u200b\u200d", strings.Repeat("밥", 501), "밥" + strings.Repeat("\u0301", 1000)} {
		_, err := ParseMessage(wrong)
		assert.Contains(t, fault.Of(err).Fields, "message", "%.20q", wrong)
	}
}

func TestWords(t *testing.T) {
	assert.Equal(t, "구름많음", Cloudy.String())
	assert.Equal(t, "", SkyUnknown.String())
	assert.Equal(t, "", Sky(-1).String())
	assert.Equal(t, "빗방울눈날림", DrizzleAndFlurry.String())
	assert.Equal(t, "눈날림", Flurry.String())
	assert.Equal(t, "", Rain(99).String())
}

func TestAmount(t *testing.T) {
	for _, tt := range []struct {
		amount Amount
		words  string
		value  float64
	}{
		{Amount{}, "강수없음", 0},
		{Amount{0, 1}, "1mm 미만", 0.5},
		{Amount{2.5, 2.5}, "2.5mm", 2.5},
		{Amount{3, 3}, "3mm", 3},
		{Amount{30, 50}, "30~50mm", 30},
		{Amount{50, math.Inf(1)}, "50mm 이상", 50},
	} {
		assert.Equal(t, tt.words, tt.amount.String())
		assert.InDelta(t, tt.value, tt.amount.Value(), 0)
	}
}
