package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// wantsPage reports whether a browser asks for a page, which is outside the API.
func wantsPage(r *http.Request) bool {
	p := r.URL.Path
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return false
	case p == "/api", p == "/ws", strings.HasPrefix(p, "/api/"), strings.HasPrefix(p, "/ws/"), p == documentPath, isProbe(r):
		return false
	}
	return slices.ContainsFunc(r.Header["Accept"], func(types string) bool { return strings.Contains(types, "text/html") })
}

const refusedStyle = `body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;box-sizing:border-box;` +
	`font:1.0625rem/1.6 system-ui,sans-serif;text-align:center;word-break:keep-all}` +
	`h1{margin:0 0 1rem;font-size:1.25rem}a{display:inline-block;padding:.75rem 1rem}`

// refusedPage needs nothing else from the server, which may be busy.
var refusedPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>밀버디</title>
<style>` + refusedStyle + `</style>
</head>
<body>
<main>
<h1>{{.Detail}}</h1>
{{if .Again}}<a href="">다시 시도하기</a>{{else if .Home}}<a href="/">밀버디로 가기</a>{{end}}
</main>
</body>
</html>
`))

var refusedPolicy = func() string {
	sum := sha256.Sum256([]byte(refusedStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// sendRefusedPage writes a refusal for a person to read. Its other headers are set.
func sendRefusedPage(w http.ResponseWriter, status int, detail string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", refusedPolicy)
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	refusedPage.Execute(w, struct { // the client disconnected
		Detail      string
		Again, Home bool
	}{detail, h.Get("Retry-After") != "", status != http.StatusMisdirectedRequest})
}
