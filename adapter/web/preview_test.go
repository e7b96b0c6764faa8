package web

import (
	"net/http/httptest"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

func TestPreviewOfASharedPage(t *testing.T) {
	page, err := os.ReadFile("index.html")
	require.NoError(t, err)
	app, err := newApp(fstest.MapFS{"index.html": &fstest.MapFile{Data: page}}, fstest.MapFS{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	app.ServeShared(w, httptest.NewRequestWithContext(t.Context(), "GET", "/s/x", nil), 200, Preview{
		Title:    `"><script>alert(1)</script>`,
		Text:     "역삼동 · 4명 중 2명이 모였어요",
		Category: "치킨",
		Site:     "https://mealbuddy.example",
		Path:     "/s/x",
	})
	text := w.Body.String()
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, "noindex", w.Header().Get("X-Robots-Tag"))
	assert.Equal(t, policy, w.Header().Get("Content-Security-Policy"))
	assert.NotContains(t, text, "<script>alert")
	assert.Contains(t, text, `<meta property="og:title" content="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" />`)
	assert.Contains(t, text, `<meta property="og:image" content="https://mealbuddy.example/og/chicken.png" />`)
	assert.Contains(t, text, `<meta property="og:url" content="https://mealbuddy.example/s/x" />`)
	assert.Contains(t, text, `<meta name="robots" content="noindex" />`)
	assert.NotContains(t, text, "최소")
	assert.Contains(t, text, `<div id="root"></div>`)

	w = httptest.NewRecorder()
	app.ServeShared(w, httptest.NewRequestWithContext(t.Context(), "GET", "/s/x", nil), 404, Preview{Site: "http://localhost"})
	assert.Equal(t, 404, w.Code)
	assert.Contains(t, w.Body.String(), `content="http://localhost/og.png"`)
	assert.Contains(t, w.Body.String(), `<title>밀버디</title>`)
	assert.NotContains(t, w.Body.String(), `content=""`, "no tag without content")
	assert.NotContains(t, w.Body.String(), "og:description")
}

func TestEachCategoryHasAPicture(t *testing.T) {
	for _, c := range party.Categories {
		info, err := os.Stat("public" + Preview{Category: c}.Picture())
		if assert.NoError(t, err, c) {
			assert.Less(t, info.Size(), int64(100<<10), c)
		}
	}
	assert.Len(t, pictures, len(party.Categories))
}
