package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// postJSON depends on nothing about who reads it: boards are shared.
type postJSON struct {
	ID           party.ID       `json:"id"`
	Title        string         `json:"title"`
	CreatedAt    string         `json:"created_at"`
	Category     party.Category `json:"category"`
	Address      string         `json:"address"`
	Content      string         `json:"content"`
	IsComplete   bool           `json:"is_compelete"` // so misspelt in the contract
	Closed       bool           `json:"closed_by_writer"`
	RoomDeleted  bool           `json:"room_deleted"`
	TargetNumber int            `json:"target_number"`
	JoinNumber   int            `json:"join_number"`
	ChatID       party.ID       `json:"chat_id"`
	Writer       personJSON     `json:"writer"`
}

type detailJSON struct {
	postJSON
	IsJoined   bool   `json:"is_joined"`
	IsBanned   bool   `json:"is_banned"`
	IsHidden   bool   `json:"is_hidden"`
	SharedPath string `json:"shared_path"`
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

func (s People) post(p port.Post) postJSON {
	return postJSON{
		ID:           p.ID,
		Title:        p.Title,
		CreatedAt:    toTime(p.CreatedAt),
		Category:     p.Category,
		Address:      string(p.Neighborhood),
		Content:      p.Content,
		IsComplete:   completeOf(p),
		Closed:       p.Closed,
		RoomDeleted:  p.RoomDeleted,
		TargetNumber: p.Seats,
		JoinNumber:   p.Seated,
		ChatID:       p.ID,
		Writer:       s.show(p.Leader),
	}
}

func (s People) board(b usecase.Board) boardJSON {
	posts := make([]postJSON, len(b.Posts))
	for i, p := range b.Posts {
		posts[i] = s.post(p)
	}
	return boardJSON{posts, paginatorJSON{b.Range, b.Current, orNull(b.Prev), orNull(b.Next)}}
}

// posts are the posts of parties.
type posts struct {
	*base
	parties *usecase.Parties
	people  People
	boards  coalesce[pageOf, []byte] // as JSON

	sharedAt func(party.ID) (path string)
}

func (p *posts) detail(post port.Post) detailJSON {
	return detailJSON{
		postJSON:   p.people.post(post),
		IsJoined:   post.Standing == room.In && !post.RoomDeleted,
		IsBanned:   post.Standing == room.Banned,
		IsHidden:   post.Hidden,
		SharedPath: p.sharedAt(post.ID),
	}
}

func (p *posts) routes() []route {
	return []route{
		signedIn("GET", "/api/post/", p.list).costing(boardCost),
		creating("/api/post/write/", p.write),
		signedIn("GET", "/api/post/detail/{id}/", p.get),
		signedIn("GET", "/api/post/detail/{id}/edit/", p.getOwn),
		signedIn("POST", "/api/post/detail/{id}/edit/", p.edit),
		signedIn("POST", "/api/post/detail/{id}/delete/", p.delete),
	}
}

// pageOf is one page of a board.
type pageOf struct {
	where user.Neighborhood
	of    party.Filter
	page  int
}

// list coalesces requests for the same page: at meal times many people of a
// neighbourhood look at one board.
func (p *posts) list(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	query := r.URL.Query()
	of, err := parseFilter(query)
	if err != nil {
		return err
	}
	wanted := pageOf{me.Neighborhood, of, parsePage(query.Get("page"))}
	body, err := p.boards.do(r.Context(), wanted, func(ctx context.Context) ([]byte, error) {
		board, err := p.parties.List(ctx, wanted.where, wanted.of, wanted.page)
		if err != nil {
			return nil, err
		}
		return json.Marshal(p.people.board(board))
	})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, body)
}

// A board is walked up to the page that is asked for: at 200,000 posts, its last page takes as
// long as a hundred first ones.
const (
	nearPages   = 100 // count as one request each
	farPageCost = 10
)

// boardCost returns as how many reads a request for a board counts.
func boardCost(r *http.Request) int {
	if parsePage(r.URL.Query().Get("page")) > nearPages {
		return farPageCost
	}
	return 1
}

// parseFilter reads the query parameters category and state.
func parseFilter(query url.Values) (f party.Filter, err error) {
	wrong := fault.Fields{}
	if s := query.Get("category"); s != "" {
		f.Category, err = party.ParseCategory(s)
		wrong.Merge(fault.Of(err).Fields)
	}
	if s := query.Get("state"); s != "" {
		f.State, err = party.ParseRecruitment(s)
		wrong.Merge(fault.Of(err).Fields)
	}
	return f, wrong.Err()
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

func (p *posts) write(r *http.Request, me usecase.Me, c *creation) error {
	f, err := c.form(r)
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
	_, err = p.parties.Open(r.Context(), me.ID, draft, func(post port.Post) error {
		return c.answer(http.StatusCreated, p.detail(post))
	})
	return err
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
	return respond(w, http.StatusOK, p.detail(post))
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
	return respond(w, http.StatusOK, p.detail(post))
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
		if _, denied := p.parties.GetOwn(r.Context(), me.ID, id); denied != nil {
			return denied
		}
		return err
	}
	post, err := p.parties.Edit(r.Context(), me.ID, id, change)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, p.detail(post))
}

func (p *posts) delete(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	return onParty(w, r, func(id party.ID) error { return p.parties.Delete(r.Context(), me.ID, id) })
}
