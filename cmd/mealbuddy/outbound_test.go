package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutbound(t *testing.T) {
	var asked []string
	mux := http.NewServeMux()
	body := func(size int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.UserAgent())
			io.WriteString(w, strings.Repeat("x", size))
		}
	}
	mux.HandleFunc("/most", body(maxAnswer))
	mux.HandleFunc("/more", body(maxAnswer+1))
	mux.HandleFunc("/packed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, strings.Repeat("x", maxAnswer+1))
		zip.Close()
	})
	mux.Handle("/elsewhere", http.RedirectHandler("/most", http.StatusFound))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := outbound()
	defer client.CloseIdleConnections()
	get := func(path string) (*http.Response, int, error) {
		res, err := client.Get(srv.URL + path)
		require.NoError(t, err)
		defer res.Body.Close()
		all, err := io.ReadAll(res.Body)
		return res, len(all), err
	}

	_, n, err := get("/most")
	require.NoError(t, err)
	assert.Equal(t, maxAnswer, n)
	assert.Contains(t, asked[0], "MealBuddy")

	for _, path := range []string{"/more", "/packed"} {
		_, n, err = get(path)
		assert.EqualError(t, err, "the answer is longer than 262144 bytes", path)
		assert.Equal(t, maxAnswer, n, path)
	}

	res, _, err := get("/elsewhere")
	require.NoError(t, err)
	assert.Equal(t, http.StatusFound, res.StatusCode)
	assert.Len(t, asked, 2, "the redirect is not followed")
}
