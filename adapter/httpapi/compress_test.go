package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	mealbuddy "github.com/Group-buying-service/mealbuddy"
)

func TestLongAnswersAreCompressed(t *testing.T) {
	const long = minCompressed
	write := func(contentType string, length int) Handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(http.StatusTeapot)
			_, err := io.WriteString(w, strings.Repeat("치", length/3+1))
			return err
		}
	}
	send := func(length int) Handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			return respond(w, http.StatusTeapot, strings.Repeat("a", length-2)) // and two quotes
		}
	}
	tests := map[string]struct {
		accepted string
		handler  Handler
		want     string
	}{
		"JSON":                   {"gzip", send(long), "gzip"},
		"of a browser":           {"gzip, deflate, br, zstd", send(long), "gzip"},
		"short":                  {"gzip", send(long - 1), ""},
		"not accepted":           {"", send(long), ""},
		"not accepted by weight": {"gzip;q=0, br", send(long), ""},
		"a problem":              {"gzip", write("application/problem+json", long), "gzip"},
		"YAML":                   {"gzip", write("application/yaml; charset=utf-8", long), "gzip"},
		"a page":                 {"gzip", write("text/html; charset=utf-8", long), ""},
		"a picture":              {"gzip", write("image/png", long), ""},
		"a secret":               {"gzip", plain(send(10 * long)), ""},
		"a secret, not accepted": {"", plain(send(10 * long)), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { assert.NoError(t, tt.handler(w, r)) }))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", tt.accepted)
			rec, bare := httptest.NewRecorder(), httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			require.NoError(t, tt.handler(bare, r))
			got := rec.Result()
			assert.Equal(t, http.StatusTeapot, got.StatusCode)
			assert.Equal(t, tt.want, got.Header.Get("Content-Encoding"))
			assert.Equal(t, "Accept-Encoding", got.Header.Get("Vary"), "also if it is not compressed, for caches")
			assert.Empty(t, got.Header.Get("No-Gzip-Compression"), "is between us")
			body := io.Reader(got.Body)
			if tt.want != "" {
				assert.Empty(t, got.Header.Get("Content-Length"))
				var err error
				body, err = gzip.NewReader(got.Body)
				require.NoError(t, err)
			}
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, bare.Body.String(), string(text))
		})
	}
}

// Every operation that answers with a token or a ticket has a route that is marked.
func TestSecretsAreNotCompressed(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(mealbuddy.OpenAPI)
	require.NoError(t, err)
	marked, found := map[string]bool{}, 0
	for _, rt := range New(Config{}).routes {
		marked[rt.method+" "+rt.path] = rt.secret
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status, answer := range op.Responses.Map() {
				content := answer.Value.Content.Get("application/json")
				if content == nil || !mentions(content.Schema, "token", "ticket", "authorization_url") {
					continue
				}
				found++
				assert.True(t, marked[method+" "+path], "%s %s answers %s with a secret", method, path, status)
			}
		}
	}
	assert.GreaterOrEqual(t, found, 9)
}

// mentions reports whether a schema has a property of one of the names, at any depth.
func mentions(ref *openapi3.SchemaRef, names ...string) bool {
	if ref == nil {
		return false
	}
	for _, name := range names {
		if ref.Value.Properties[name] != nil {
			return true
		}
	}
	for _, p := range ref.Value.Properties {
		if mentions(p, names...) {
			return true
		}
	}
	for _, all := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
		for _, part := range all {
			if mentions(part, names...) {
				return true
			}
		}
	}
	return mentions(ref.Value.Items, names...)
}
