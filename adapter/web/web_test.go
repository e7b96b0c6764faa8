package web

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func get(t *testing.T, app *App, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w.Result()
}

func built(t *testing.T) *App {
	t.Helper()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	app, err := newApp(fstest.MapFS{
		"index.html":            file("<page>"),
		"screens.json":          file(`["board","me","posts/new","posts/:id","posts/:id/edit"]`),
		"index.html.gz":         file("gz of page"),
		"landing.html":          file("<landing>"),
		"board.html":            file("<board>"),
		"assets/app-1a2b.js":    file("script"),
		"assets/app-1a2b.js.br": file("br of script"),
		"assets/app-1a2b.js.gz": file("gz of script"),
		"assets/font.woff2":     file("font"),
		"manifest.webmanifest":  file("{}"),
		"docs/index.html":       file("<docs>"),
		".keep":                 file(""),
		".git/config":           file("secret"),
	}, fstest.MapFS{
		".keep":                 file(""),
		"index.html":            file("<page of before>"),
		"assets/app-0000.js":    file("script of before"),
		"assets/app-0000.js.br": file("br of script of before"),
		"assets/font.woff2":     file("font of before"),
	})
	require.NoError(t, err)
	return app
}

func TestServesWhatIsThereAndThePageForTheRest(t *testing.T) {
	app := built(t)
	tests := []struct {
		path, encoding string
		status         int
		body, kind     string
	}{
		{"/", "", 200, "<landing>", "text/html; charset=utf-8"},
		{"/index.html", "", 200, "<page>", "text/html; charset=utf-8"},
		{"/board", "", 200, "<board>", "text/html; charset=utf-8"},
		{"/me", "", 200, "<page>", "text/html; charset=utf-8"},
		{"/posts/1/edit", "", 200, "<page>", "text/html; charset=utf-8"},
		{"/me", "gzip, br", 200, "gz of page", "text/html; charset=utf-8"},
		{"/docs/", "", 200, "<docs>", "text/html; charset=utf-8"},
		{"/assets/app-1a2b.js", "gzip, br", 200, "br of script", "text/javascript; charset=utf-8"},
		{"/assets/app-1a2b.js", "gzip;q=1.0, br;q=0", 200, "gz of script", "text/javascript; charset=utf-8"},
		{"/assets/app-1a2b.js", "identity", 200, "script", "text/javascript; charset=utf-8"},
		{"/assets/font.woff2", "br", 200, "font", "font/woff2"},
		{"/assets/app-0000.js", "br", 200, "br of script of before", "text/javascript; charset=utf-8"},
		{"/assets/app-0000.js", "", 200, "script of before", "text/javascript; charset=utf-8"},
		{"/manifest.webmanifest", "", 200, "{}", "application/manifest+json"},
		{"/assets/app-old.js", "", 404, "", ""},
		{"/assets/gone", "", 404, "", ""},
		{"/favicon.ico", "", 404, "", ""},
		{"/.keep", "", 404, "", ""},
		{"/.git/config", "", 404, "<page>", "text/html; charset=utf-8"},
		{"/me/", "", 200, "<page>", "text/html; charset=utf-8"},
		{"/posts/new", "", 200, "<page>", "text/html; charset=utf-8"},
		{"/healthz", "", 404, "<page>", "text/html; charset=utf-8"},
		{"/metrics", "gzip, br", 404, "<page>", "text/html; charset=utf-8"},
		{"/me/edit", "", 404, "<page>", "text/html; charset=utf-8"},
		{"/posts//edit", "", 404, "<page>", "text/html; charset=utf-8"},
		{"/posts/1/edit/2", "", 404, "<page>", "text/html; charset=utf-8"},
		{"/docs", "", 308, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.encoding, func(t *testing.T) {
			res := get(t, app, tt.path, tt.encoding)
			assert.Equal(t, tt.status, res.StatusCode)
			if tt.body != "" {
				body := make([]byte, 64)
				n, _ := res.Body.Read(body)
				assert.Equal(t, tt.body, string(body[:n]))
				assert.Equal(t, tt.kind, res.Header.Get("Content-Type"))
				assert.Equal(t, policy, res.Header.Get("Content-Security-Policy"))
				if tt.status == http.StatusOK {
					assert.Equal(t, "Accept-Encoding", res.Header.Get("Vary"))
				}
			}
		})
	}
}

func TestHashedFilesAreKeptAndThePageIsAskedForAnew(t *testing.T) {
	app := built(t)
	assert.Equal(t, "public, max-age=31536000, immutable", get(t, app, "/assets/app-1a2b.js", "").Header.Get("Cache-Control"))

	page := get(t, app, "/", "")
	assert.Equal(t, "no-cache", page.Header.Get("Cache-Control"))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("If-None-Match", page.Header.Get("ETag"))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	assert.Equal(t, http.StatusNotModified, w.Code)
}

func TestSaysSoWhereNothingIsBuilt(t *testing.T) {
	app, err := newApp(fstest.MapFS{".keep": &fstest.MapFile{}}, fstest.MapFS{})
	require.NoError(t, err)
	res := get(t, app, "/", "")
	assert.Equal(t, http.StatusNotFound, res.StatusCode)
}

func TestCarriesWhatIsBuilt(t *testing.T) {
	_, err := New()
	require.NoError(t, err)
}

func TestAssetsForTheNextBuild(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	var archive bytes.Buffer
	require.NoError(t, writeAssets(&archive, fstest.MapFS{
		"index.html":        file("<page>"),
		"assets/b.js":       file("script"),
		"assets/a.js.br":    file("br"),
		"assets/deep/c.css": file("style"),
		".keep":             file(""),
	}))
	unpacked, err := gzip.NewReader(&archive)
	require.NoError(t, err)
	next := fstest.MapFS{}
	for files := tar.NewReader(unpacked); ; {
		h, err := files.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(files)
		require.NoError(t, err)
		next[h.Name] = file(string(content))
	}
	assert.Equal(t, fstest.MapFS{"assets/b.js": file("script"), "assets/a.js.br": file("br"), "assets/deep/c.css": file("style")}, next)
}
