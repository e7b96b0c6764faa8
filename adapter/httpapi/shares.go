package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// Preview is what other apps show of a link to a page.
type Preview struct {
	Title, Text string
	Category    party.Category // chooses the picture; "" for a page that is not there
	Site        string         // origin of the page, like https://mealbuddy.example
	Path        string
}

// SharedPage serves the page of a shared link with a status, and a preview in it.
type SharedPage func(w http.ResponseWriter, r *http.Request, status int, p Preview)

type sharedJSON struct {
	ID           party.ID       `json:"id"`
	Title        string         `json:"title"`
	CreatedAt    string         `json:"created_at"`
	Category     party.Category `json:"category"`
	Address      string         `json:"address"`
	IsComplete   bool           `json:"is_compelete"` // so misspelt in the contract
	TargetNumber int            `json:"target_number"`
	JoinNumber   int            `json:"join_number"`
}

// shares are links to posts that anybody may open. They name nobody.
type shares struct {
	*base
	shares *usecase.Shares
	page   SharedPage
	edge   Edge
}

func (s *shares) routes() []route {
	return []route{open("GET", "/api/shared/{code}/", s.get, limit{sharedReads, perNetwork})}
}

// pages are pages of the app with something in them that depends on the path.
func (s *shares) pages() []route {
	shared := limit{sharedReads, perNetwork}
	return []route{
		open("GET", sharedPath+"{code}", s.show, shared),
		// The app also takes a slash at the end and capitals.
		open("GET", sharedPath, s.other, shared),
		open("GET", strings.ToUpper(sharedPath), s.other, shared),
	}
}

// sharedPath is the path of the pages of shared links.
const sharedPath = "/s/"

// pathOf returns the path of the page that shows a post to anybody.
func (s *shares) pathOf(id party.ID) string { return sharedPath + s.shares.Code(id) }

func (s *shares) get(w http.ResponseWriter, r *http.Request) error {
	p, err := s.shares.Post(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	return respond(w, http.StatusOK, sharedJSON{
		ID:           p.ID,
		Title:        p.Title,
		CreatedAt:    toTime(p.CreatedAt),
		Category:     p.Category,
		Address:      string(p.Neighborhood),
		IsComplete:   completeOf(p),
		TargetNumber: p.Seats,
		JoinNumber:   p.Seated,
	})
}

// show serves the page with a preview. The app on it asks for the post itself.
func (s *shares) show(w http.ResponseWriter, r *http.Request) error {
	p, err := s.shares.Post(r.Context(), r.PathValue("code"))
	preview := Preview{Site: s.edge.site(r), Path: r.URL.Path}
	switch {
	case errors.Is(err, party.ErrNotFound):
		s.page(w, r, http.StatusNotFound, preview)
		return nil
	case fault.Of(err).Kind == fault.Unavailable: // the app tries again
		s.page(w, r, http.StatusServiceUnavailable, preview)
		return nil
	case err != nil:
		return err
	}
	preview.Title, preview.Text, preview.Category = p.Title, previewText(p), p.Category
	s.page(w, r, http.StatusOK, preview)
	return nil
}

// other redirects other ways to write the path of a page to that path. Nothing else is
// there.
func (s *shares) other(w http.ResponseWriter, r *http.Request) error {
	code := strings.TrimSuffix(r.URL.EscapedPath()[len(sharedPath):], "/")
	if code == "" || strings.Contains(code, "/") {
		s.page(w, r, http.StatusNotFound, Preview{Site: s.edge.site(r), Path: r.URL.Path})
		return nil
	}
	to := sharedPath + code
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusPermanentRedirect)
	return nil
}

func previewText(p port.Post) string {
	dong := string(p.Neighborhood)
	dong = dong[strings.LastIndex(dong, " ")+1:]
	if completeOf(p) {
		return fmt.Sprintf("%s · 모집이 끝났어요", dong)
	}
	return fmt.Sprintf("%s · %d명 중 %d명이 모였어요", dong, p.Seats, p.Seated)
}

func completeOf(p port.Post) bool { return party.Complete(p.Closed, p.Seated, p.Seats) }

// site returns the origin that a request came to: the public one, if that is set.
func (e Edge) site(r *http.Request) string {
	if e.Public != "" {
		return strings.TrimSuffix(e.Public, "/")
	}
	scheme := "http"
	if Secure(r.Context()) {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}
