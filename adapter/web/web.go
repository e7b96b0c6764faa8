// Package web carries the app that people use: a single page, built by Vite into
// dist, which the program holds.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// dist is what `make` built. Only dist/.keep is kept with the source, so that
// this compiles without it.
//
//go:embed all:dist
var dist embed.FS

// policy lets the page load nothing but its own, and the frame in which people
// look up their address: https://postcode.map.kakao.com/guide.
const policy = "default-src 'none'; " +
	"script-src 'self' https://t1.kakaocdn.net https://t1.daumcdn.net; " +
	"frame-src https://postcode.map.kakao.com https://postcode.map.daum.net; " +
	"style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; " +
	"base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

const (
	index   = "index.html"
	landing = "landing.html" // index with the first screen already in it
	board   = "board.html"   // index with the frame of the board in it
	assets  = "assets/"      // files whose names change with what is in them
)

// encodings are the forms in which a file may lie beside itself, the best first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// App serves the page and its files.
type App struct {
	files fs.FS
	tags  map[string]func() string // ETag by name; embedded files have no time of change
}

// New makes an App of what was built.
func New() (*App, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return newApp(files)
}

func newApp(files fs.FS) (*App, error) {
	a := &App{files, map[string]func() string{}}
	return a, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		a.tags[name] = sync.OnceValue(func() string { return tag(files, name) })
		return nil
	})
}

// tag makes the ETag of a file. Until somebody asks for a file the system need
// not even read it from the program's; "" is no tag, of one that cannot be read.
func tag(files fs.FS, name string) string {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// ServeHTTP serves a file that is there by its name, and the page for every
// address that the page itself may know. A file that is not there is 404, so
// that an old page never takes the page for a script.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case name == "" && a.has(landing):
		name = landing
	case name == "board" && a.has(board):
		name = board
	// docs/ is a page of its own.
	case strings.HasSuffix(name, "/") && a.has(name+index):
		name += index
	case a.has(name + "/" + index):
		http.Redirect(w, r, "/"+name+"/", http.StatusPermanentRedirect) // #nosec G710 -- to a folder that is there
		return
	}
	if !a.has(name) {
		if strings.HasPrefix(name, assets) || path.Ext(name) != "" {
			http.NotFound(w, r)
			return
		}
		name = index
	}
	if !a.has(name) {
		http.Error(w, "화면이 아직 만들어지지 않았어요. make run으로 시작해 주세요.", http.StatusNotFound)
		return
	}
	a.serve(w, r, name)
}

func (a *App) has(name string) bool {
	_, ok := a.tags[name]
	return ok
}

func (a *App) serve(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", typeOf(name))
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	for _, e := range encodings {
		if a.has(name+e.suffix) && accepts(r, e.name) {
			h.Set("Content-Encoding", e.name)
			name += e.suffix
			break
		}
	}
	if tag := a.tags[name](); tag != "" {
		h.Set("ETag", tag)
	}
	f, err := a.files.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close() // only read
	content, ok := f.(io.ReadSeeker)
	if !ok {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// accepts tells whether a client takes an encoding, and did not weigh it 0.
func accepts(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0"
		}
	}
	return false
}

// typeOf gives the media type of a file, whatever the machine knows of types.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".yaml":
		return "application/yaml; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
