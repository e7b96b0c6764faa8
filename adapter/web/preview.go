package web

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/Group-buying-service/mealbuddy/domain/party"
)

// Preview is what other apps show of a link, read from Open Graph tags
// (https://ogp.me) in its page.
type Preview struct {
	Title, Text string
	Category    party.Category // chooses the picture; "" for a page that is not there
	Site        string         // origin of the page, since pictures need whole addresses
	Path        string
}

// pictures are the names of the pictures in public/og.
var pictures = map[party.Category]string{
	"족발,보쌈":    "trotters",
	"찜,탕,찌개":   "stew",
	"돈까스,회,일식": "japanese",
	"피자":       "pizza",
	"고기구이":     "grill",
	"양식":       "western",
	"치킨":       "chicken",
	"중식":       "chinese",
	"아시안":      "asian",
	"백반,죽,국수":  "homestyle",
	"도시락":      "lunchbox",
	"분식":       "snack",
	"카페,디저트":   "dessert",
	"패스트푸드":    "fastfood",
}

// Picture returns the path of the picture.
func (p Preview) Picture() string {
	if name, ok := pictures[p.Category]; ok {
		return "/og/" + name + ".png"
	}
	return "/og.png"
}

var previewTags = template.Must(template.New("").Parse(`<title>{{with .Title}}{{.}} · {{end}}밀버디</title>
    <meta name="robots" content="noindex" />
    {{with .Text}}<meta name="description" content="{{.}}" />
    {{end}}<meta property="og:type" content="website" />
    <meta property="og:site_name" content="밀버디" />
    <meta property="og:locale" content="ko_KR" />
    <meta property="og:url" content="{{.Site}}{{.Path}}" />
    <meta property="og:title" content="{{or .Title "밀버디"}}" />
    {{with .Text}}<meta property="og:description" content="{{.}}" />
    {{end}}<meta property="og:image" content="{{.Site}}{{.Picture}}" />
    <meta property="og:image:width" content="1200" />
    <meta property="og:image:height" content="630" />
    <meta property="og:image:alt" content="{{with .Category}}{{.}}{{else}}밀버디{{end}}" />
    <meta name="twitter:card" content="summary_large_image" />
`))

// index.html has what a preview replaces between these.
const previewBegins, previewEnds = "<!-- preview -->", "<!-- /preview -->"

// withPreview replaces the tags in a page.
func withPreview(page []byte, p Preview) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(previewBegins))
	_, after, ends := bytes.Cut(rest, []byte(previewEnds))
	if !ok || !ends {
		return page, nil // not built by us
	}
	var b bytes.Buffer
	b.Write(before)
	if err := previewTags.Execute(&b, p); err != nil {
		return nil, err
	}
	b.Write(after)
	return b.Bytes(), nil
}

// ServeShared serves the page with a preview in it. Search engines leave it out.
func (a *App) ServeShared(w http.ResponseWriter, r *http.Request, status int, p Preview) {
	if !a.has(index) {
		a.ServeHTTP(w, r) // says so
		return
	}
	a.servePage(w, status, func(page []byte) ([]byte, error) { return withPreview(page, p) })
}
