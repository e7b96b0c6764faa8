package party_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestCategories(t *testing.T) {
	require.Len(t, party.Categories, 14)
	seen := map[party.Category]bool{}
	for _, c := range party.Categories {
		assert.False(t, seen[c], "twice: %s", c)
		seen[c] = true
		got, err := party.ParseCategory(string(c))
		require.NoError(t, err)
		assert.Equal(t, c, got)
		assert.Equal(t, c, c.Canonical())
	}
	assert.Equal(t, []party.Category{
		"족발,보쌈", "찜,탕,찌개", "돈까스,회,일식", "피자", "고기구이", "양식", "치킨",
		"중식", "아시안", "백반,죽,국수", "도시락", "분식", "카페,디저트", "패스트푸드",
	}, party.Categories)
}

func TestParseCategory(t *testing.T) {
	tests := []struct {
		name, in string
		want     party.Category
	}{
		{"known", "치킨", "치킨"},
		{"with commas", "돈까스,회,일식", "돈까스,회,일식"},
		{"white space around", " 치킨\n", "치킨"},
		{"misspelt", "페스트푸드", "패스트푸드"},
		{"misspelt, white space around", " 페스트푸드 ", "패스트푸드"},
		{"unknown", "한식", ""},
		{"nothing", "", ""},
		{"part of one", "족발", ""},
		{"two", "치킨,피자", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := party.ParseCategory(tt.in)
			assert.Equal(t, tt.want, got)
			if tt.want == "" {
				assert.Equal(t, fault.Fields{"category": {"없는 음식 종류예요."}}, fault.Of(err).Fields)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}
