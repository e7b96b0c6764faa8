package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sockets are the handshakes of WebSockets, and the tickets for them.
type sockets struct {
	*base
	chat                   *usecase.Chat
	openRoom, openPersonal Handler
}

func (s *sockets) routes() []route {
	return []route{
		signedIn("POST", "/api/user/ticket/", s.issuePersonalTicket).withSecret(),
		signedIn("POST", "/api/chat/{id}/ticket/", s.issueTicket).withSecret(),
		open("GET", "/ws/chat/{id}/", s.handshake(s.openRoom), limit{handshakes, noTicket}), // the handlers find who asks
		open("GET", "/ws/me/", s.handshake(s.openPersonal), limit{handshakes, noTicket}),
	}
}

// handshake bounds how many bad tickets an address may show. A good one is counted by its
// sign-in, as soon as that is known: see Limits.Handshake.
func (s *sockets) handshake(open Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !r.URL.Query().Has("ticket") {
			return open(w, r)
		}
		who := "bad tickets of " + address(r)
		if err := s.limits.look(r.Context(), handshakes, who); err != nil {
			return err
		}
		err := open(w, r)
		if errors.Is(err, user.ErrSignedOut) {
			if counted := s.limits.take(w, r, handshakes, who, 1); counted != nil {
				return counted
			}
		}
		return err
	}
}

type ticketJSON struct {
	Ticket    string `json:"ticket"`
	ExpiresIn int    `json:"expires_in"` // seconds
}

func (s *sockets) issueTicket(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	id, err := pathID[party.ID](r, party.ErrNotFound)
	if err != nil {
		return err
	}
	ticket, err := s.chat.Ticket(r.Context(), me, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, toTicketJSON(ticket))
}

func (s *sockets) issuePersonalTicket(w http.ResponseWriter, r *http.Request, me usecase.Me) error {
	ticket, err := s.chat.PersonalTicket(r.Context(), me)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, toTicketJSON(ticket))
}

func toTicketJSON(ticket signin.Secret) ticketJSON {
	return ticketJSON{ticket.String(), int(signin.TicketLife / time.Second)}
}
