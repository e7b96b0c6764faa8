// Package web carries the app that people use: a single page, built by Vite into
// dist, which the program holds.
package web

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// dist is what `make` built. Only dist/.keep is kept with the source, so that
// this compiles without it.
//
//go:embed all:dist
var dist embed.FS

// previous is where `make previous` unpacks the assets of the build before: a page that
// is open while nodes are replaced, or that comes from a node not replaced yet, still
// finds its files. Without an archive there is only previous/.keep.
//
//go:embed all:previous
var previous embed.FS

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
	screens = "screens.json" // the paths of all screens, like "posts/:id"
	assets  = "assets/"      // files whose names change with what is in them
)

// encodings are the forms in which a file may lie beside itself, the best first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// App serves the page and its files.
type App struct {
	files   map[string]file
	screens [][]string // the parts of their paths; one that begins with a colon stands for any
}

// file is a file of the app.
type file struct {
	in  fs.FS
	tag func() string // its ETag; embedded files have no time of change
}

// New makes an App of what was built, and of the assets of the build before.
func New() (*App, error) {
	own, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	before, err := fs.Sub(previous, "previous")
	if err != nil {
		return nil, err
	}
	return newApp(own, before)
}

func newApp(own, before fs.FS) (*App, error) {
	a := &App{files: map[string]file{}}
	err := eachFile(before, func(name string) error {
		if strings.HasPrefix(name, assets) {
			a.files[name] = fileOf(before, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = eachFile(own, func(name string) error {
		a.files[name] = fileOf(own, name)
		return nil
	})
	if err != nil || !a.has(screens) {
		return a, err // nothing is built
	}
	return a, a.readScreens()
}

func (a *App) readScreens() error {
	text, err := a.read(screens)
	if err != nil {
		return err
	}
	var paths []string
	if err := json.Unmarshal(text, &paths); err != nil {
		return fmt.Errorf("read %s: %w", screens, err)
	}
	for _, path := range paths {
		a.screens = append(a.screens, strings.Split(path, "/"))
	}
	return nil
}

// isScreen reports whether a screen of the app has this path, with or without a slash at
// its end.
func (a *App) isScreen(path string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return slices.ContainsFunc(a.screens, func(screen []string) bool {
		return slices.EqualFunc(screen, parts, func(want, part string) bool {
			return want == part || strings.HasPrefix(want, ":") && part != ""
		})
	})
}

func fileOf(in fs.FS, name string) file {
	return file{in, sync.OnceValue(func() string { return tag(in, name) })}
}

// eachFile calls do for every file, in order. Files and folders whose names begin with a
// dot are not part of the app.
func eachFile(in fs.FS, do func(name string) error) error {
	return fs.WalkDir(in, ".", func(name string, d fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(d.Name(), ".")
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case hidden || d.IsDir():
			return nil
		}
		return do(name)
	})
}

// WriteAssets writes the files whose names change with their content as a .tar.gz, which
// the next build unpacks into previous. It leaves out those of the build before.
func WriteAssets(w io.Writer) error {
	own, err := fs.Sub(dist, "dist")
	if err != nil {
		return err
	}
	return writeAssets(w, own)
}

func writeAssets(w io.Writer, own fs.FS) error {
	packed := gzip.NewWriter(w)
	archive := tar.NewWriter(packed)
	err := eachFile(own, func(name string) error {
		if !strings.HasPrefix(name, assets) {
			return nil
		}
		content, err := fs.ReadFile(own, name)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	})
	if err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return packed.Close()
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

// ServeHTTP serves a file that is there by its name, and the page for the path of every
// screen. Any other path is 404, so that neither a probe nor an old page that asks for a
// script is fooled by a page; what does not look like a file gets the page together with
// that status, which says so to people.
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
		if a.has(index) && !a.isScreen(name) && name != "" {
			a.servePage(w, http.StatusNotFound, func(page []byte) ([]byte, error) { return page, nil })
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

// servePage serves the page with a status, and what edit changes in it. Search engines
// leave it out.
func (a *App) servePage(w http.ResponseWriter, status int, edit func(page []byte) ([]byte, error)) {
	page, err := a.read(index)
	if err == nil {
		page, err = edit(page)
	}
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", typeOf(index))
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	w.Write(page) // the client disconnected
}

func (a *App) has(name string) bool {
	_, ok := a.files[name]
	return ok
}

func (a *App) read(name string) ([]byte, error) { return fs.ReadFile(a.files[name].in, name) }

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
	served := a.files[name]
	if tag := served.tag(); tag != "" {
		h.Set("ETag", tag)
	}
	f, err := served.in.Open(name)
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
