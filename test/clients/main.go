// Command clients walks from the sign-up to a message with the client that oapi-codegen
// makes from openapi.yaml, against the service at its only argument. It is a module of its
// own, so that the program depends on nothing of it.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/oapi-codegen/runtime/types"

	"github.com/Group-buying-service/mealbuddy/test/clients/api"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := walk(ctx, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// person is somebody who signed up.
type person struct {
	*api.ClientWithResponses
	token string
}

// join signs somebody up.
func join(ctx context.Context, base, name string) (person, error) {
	stranger, err := api.NewClientWithResponses(base)
	if err != nil {
		return person{}, err
	}
	const password = "bap-meokja-1"
	registered, err := stranger.RegisterUserWithResponse(ctx, api.RegisterBody{
		Email: types.Email(name + "@example.com"), Username: name, Address: "부산광역시 해운대구 우동",
		Password: password, Password2: password,
	})
	if err != nil {
		return person{}, err
	}
	if registered.JSON201 == nil {
		return person{}, fmt.Errorf("sign %s up: %s: %s", name, registered.Status(), registered.Body)
	}
	token := registered.JSON201.User.Token
	signed, err := api.NewClientWithResponses(base, api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "token "+token)
		return nil
	}))
	return person{signed, token}, err
}

func walk(ctx context.Context, base string) error {
	one := fmt.Sprint(time.Now().UnixMicro()) // a walk, whose people are new
	leader, err := join(ctx, base, "하나"+one)
	if err != nil {
		return err
	}
	seats := 3
	written, err := leader.WritePostWithResponse(ctx, nil, api.WritePostBody{
		Title: "떡볶이 같이 시켜요", Category: "분식", Content: "로제로 시킬게요", TargetNumber: &seats,
	})
	if err != nil {
		return err
	}
	if written.JSON201 == nil {
		return fmt.Errorf("write a post: %s: %s", written.Status(), written.Body)
	}
	room := written.JSON201.ChatId

	guest, err := join(ctx, base, "두리"+one)
	if err != nil {
		return err
	}
	page := 1
	board, err := guest.ListPostsWithResponse(ctx, &api.ListPostsParams{Page: &page})
	if err != nil {
		return err
	}
	if board.JSON200 == nil || board.JSON200.Posts[0].ChatId != room {
		return fmt.Errorf("read the board: %s: %s", board.Status(), board.Body)
	}
	joined, err := guest.JoinRoomWithResponse(ctx, room, nil)
	if err != nil {
		return err
	}
	if joined.JSON201 == nil || joined.JSON201.JoinNumber != 2 {
		return fmt.Errorf("join the room: %s: %s", joined.Status(), joined.Body)
	}
	if err := guest.say(ctx, base, room, "안녕하세요"); err != nil {
		return err
	}
	read, err := leader.GetRoomWithResponse(ctx, room, nil)
	if err != nil {
		return err
	}
	if read.JSON200 == nil {
		return fmt.Errorf("read the room: %s: %s", read.Status(), read.Body)
	}
	last := read.JSON200.Messages[len(read.JSON200.Messages)-1]
	if last.Message != "안녕하세요" || last.User == nil || last.User.Username != "두리"+one {
		return fmt.Errorf("the room ends with %+v", last)
	}
	return nil
}

// say sends a message through a socket, which a ticket opens, and waits until it is stored.
func (p person) say(ctx context.Context, base string, room api.Id, words string) error {
	issued, err := p.IssueTicketWithResponse(ctx, room)
	if err != nil {
		return err
	}
	if issued.JSON201 == nil {
		return fmt.Errorf("get a ticket: %s: %s", issued.Status(), issued.Body)
	}
	url := fmt.Sprintf("%s/ws/chat/%d/?ticket=%s", strings.Replace(base, "http", "ws", 1), room, issued.JSON201.Ticket)
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, url, nil)
	if err != nil {
		return fmt.Errorf("open the socket: %w", err)
	}
	defer conn.Close()
	id := "said-by-a-generated-client"
	if err := conn.WriteJSON(api.SocketSend{Message: words, ClientId: &id}); err != nil {
		return err
	}
	for {
		var frame api.SocketMessage
		if err := conn.ReadJSON(&frame); err != nil {
			return fmt.Errorf("wait for the message: %w", err)
		}
		if frame.Message.ClientId != nil && *frame.Message.ClientId == id {
			return nil
		}
	}
}
