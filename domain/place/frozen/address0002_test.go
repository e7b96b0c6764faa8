package frozen

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file holds pairs of an address and what user.Neighborhood.Normalised, which
// migration 0002 called, made of it in commit e25e47e: all sido and sigungu by each
// of their names, short, old, joined, decomposed, and with dots; and odd addresses.
func TestAddress0002(t *testing.T) {
	file, err := os.Open("testdata/address0002.jsonl.gz")
	require.NoError(t, err)
	defer file.Close()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	pairs, renamed := 0, 0
	for in := json.NewDecoder(text); in.More(); pairs++ {
		var pair [2]string
		require.NoError(t, in.Decode(&pair))
		assert.Equal(t, pair[1], Address0002(pair[0]), "%q", pair[0])
		if pair[0] != pair[1] {
			renamed++
		}
	}
	assert.Greater(t, pairs, 7000)
	assert.Greater(t, renamed, 4000)
}

func TestNames0002(t *testing.T) {
	assert.Len(t, names0002(), 2463)
	for old, want := range map[string]string{
		"경남밀양": "경상남도 밀양시", "전라북도": "전북특별자치도", "광주": "", "인천중구운서동": "인천광역시 영종구 운서동", "분당구": "경기도 성남시 분당구",
	} {
		assert.Equal(t, want, names0002()[old], old)
	}
}
