package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

type postJSON struct {
	ID           party.ID       `json:"id"`
	Title        string         `json:"title"`
	CreatedAt    string         `json:"created_at"`
	Category     party.Category `json:"category"`
	Address      string         `json:"address"`
	Content      string         `json:"content"`
	IsComplete   bool           `json:"is_compelete"` // so misspelt in the contract
	TargetNumber int            `json:"target_number"`
	JoinNumber   int            `json:"join_number"`
	ChatID       party.ID       `json:"chat_id"`
	Writer       personJSON     `json:"writer"`
}

type detailJSON struct {
	postJSON
	IsJoined bool `json:"is_joined"`
}

type boardJSON struct {
	Posts     []postJSON    `json:"posts"`
	Paginator paginatorJSON `json:"paginator"`
}

type paginatorJSON struct {
	PageRange   []int `json:"page_range"`
	CurrentPage int   `json:"current_page"`
	PrevButton  *int  `json:"prev_button"`
	NextButton  *int  `json:"next_button"`
}

func toPostJSON(p port.Post) postJSON {
	return postJSON{
		ID:           p.ID,
		Title:        p.Title,
		CreatedAt:    toTime(p.CreatedAt),
		Category:     p.Category,
		Address:      string(p.Neighborhood),
		Content:      p.Content,
		IsComplete:   party.Complete(p.Closed, p.Seated, p.Seats),
		TargetNumber: p.Seats,
		JoinNumber:   p.Seated,
		ChatID:       p.ID,
		Writer:       toPersonJSON(p.Leader),
	}
}

func toDetailJSON(p port.Post) detailJSON {
	return detailJSON{toPostJSON(p), p.Standing == room.In}
}

func toBoardJSON(b usecase.Board) boardJSON {
	posts := make([]postJSON, len(b.Posts))
	for i, p := range b.Posts {
		posts[i] = toPostJSON(p)
	}
	return boardJSON{posts, paginatorJSON{b.Range, b.Current, orNull(b.Prev), orNull(b.Next)}}
}

// posts are the posts of parties.
type posts struct {
	*base
	parties *usecase.Parties
	boards  coalesce[pageOf, []byte] // as JSON
}

func (p *posts) routes() []route {
	return []route{
		signedIn("GET", "/api/post/", p.list),
		signedIn("POST", "/api/post/write/", p.write),
		signedIn("GET", "/api/post/detail/{id}/", p.get),
		signedIn("GET", "/api/post/detail/{id}/edit/", p.getOwn),
		signedIn("POST", "/api/post/detail/{id}/edit/", p.edit),
		signedIn("POST", "/api/post/detail/{id}/delete/", p.delete),
	}
}

// pageOf is one page of a board.
type pageOf struct {
	where user.Neighborhood
	of    party.Category
	page  int
}

// list coalesces requests for the same page: at meal times many people of a
// neighbourhood look at one board.
func (p *posts) list(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	query := r.URL.Query()
	var of party.Category
	if s := query.Get("category"); s != "" {
		var err error
		if of, err = party.ParseCategory(s); err != nil {
			return err
		}
	}
	wanted := pageOf{me.Neighborhood, of, parsePage(query.Get("page"))}
	body, err := p.boards.do(r.Context(), wanted, func(ctx context.Context) ([]byte, error) {
		board, err := p.parties.List(ctx, wanted.where, wanted.of, wanted.page)
		if err != nil {
			return nil, err
		}
		return json.Marshal(toBoardJSON(board))
	})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, body)
}

// parsePage reads the number of a page, of any size. It returns the first page if s is not
// a number.
func parsePage(s string) int {
	n, err := strconv.Atoi(s)
	if errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(s, "-") {
		return math.MaxInt
	}
	if err != nil {
		return 1
	}
	return n
}

func (p *posts) write(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	draft := party.Draft{
		Title:    f.text("title"),
		Category: party.Category(f.text("category")),
		Content:  f.text("content"),
	}
	if seats := f.seats(); seats != nil {
		draft.Seats = *seats
	}
	if err := f.refuse(draft.Problems()); err != nil {
		return err
	}
	post, err := p.parties.Open(r.Context(), me.ID, draft)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, toPostJSON(post))
}

// seats reads the number of people wanted, which published examples name in Korean.
func (f *form) seats() *int {
	n := f.optInt("target_number")
	if n == nil {
		n = f.optInt("모집인원")
	}
	if n == nil {
		return nil
	}
	seats := int(min(max(*n, 0), math.MaxInt32)) // as wrong as before, on any machine
	return &seats
}

func (p *posts) get(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	post, err := p.parties.Get(r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, toDetailJSON(post))
}

func (p *posts) getOwn(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	post, err := p.parties.GetOwn(r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, toDetailJSON(post))
}

func (p *posts) edit(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	change := party.Change{
		Title:    f.optText("title"),
		Category: f.optText("category"),
		Content:  f.optText("content"),
		Seats:    f.seats(),
		Closed:   f.optBool("is_compelete"),
	}
	if err := f.refuse(change.Problems()); err != nil {
		return err
	}
	post, err := p.parties.Edit(r.Context(), me.ID, id, change)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, toDetailJSON(post))
}

func (p *posts) delete(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return onParty(w, r, func(id party.ID) error { return p.parties.Delete(r.Context(), me.ID, id) })
}
