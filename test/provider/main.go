// Command provider is an OpenID Connect provider that others wrote, zitadel/oidc, for
// tests. It has three people and one client, and prints its issuer. It is a module of its
// own, so that the program depends on nothing of it.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The client and the password of everybody.
const (
	client   = "mealbuddy"
	secret   = "the+secret/of:mealbuddy" // with characters that Basic has to escape
	password = "verysecure"
)

// people is a storage.UserStore.
type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }

func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (people) ExampleClientID() string { return "" }

var everybody = people{
	"river": {ID: "river", Username: "river", Password: password, FirstName: "강", LastName: "한", Email: "river@example.com", EmailVerified: true},
	"net":   {ID: "net", Username: "net", Password: password, FirstName: "그물", LastName: "김", Email: "net@example.com", EmailVerified: true},
	"five":  {ID: "five", Username: "five", Password: password, FirstName: "다섯", LastName: "오", Email: "five@example.com", EmailVerified: true},
}

// es256 signs with ES256 instead of RS256.
type es256 struct {
	*storage.Storage
	key *ecdsa.PrivateKey
}

type key struct {
	id      string
	private any
	public  any
}

func (k key) ID() string                                  { return k.id }
func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k key) Algorithm() jose.SignatureAlgorithm          { return jose.ES256 }
func (k key) Use() string                                 { return "sig" }
func (k key) Key() any {
	if k.private != nil {
		return k.private
	}
	return k.public
}

func (s es256) SigningKey(context.Context) (op.SigningKey, error) {
	return key{id: "es", private: s.key}, nil
}

func (s es256) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s es256) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{key{id: "es", public: &s.key.PublicKey}}, nil
}

// strict refuses a client that names itself in the other way than it is registered for,
// as Ory Hydra does. zitadel/oidc takes both.
func strict(way string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, basic := r.BasicAuth(); r.URL.Path == "/oauth/token" && basic != (way == "basic") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintln(w, `{"error":"invalid_client","error_description":"the client is registered for another way"}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	redirect := flag.String("redirect", "", "redirect URI of the client")
	way := flag.String("auth", "basic", "how the client names itself: basic or post")
	alg := flag.String("alg", "RS256", "what signs: RS256 or ES256")
	slash := flag.String("slash", "", "what the issuer ends with")
	flag.Parse()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	issuer := "http://" + ln.Addr().String() + *slash
	storage.RegisterClients(storage.WebClient(client, secret, *redirect))
	memory := storage.NewStorage(everybody)
	var store exampleop.Storage = memory
	if *alg == "ES256" {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			log.Fatal(err)
		}
		store = es256{memory, k}
	}
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	router := exampleop.SetupServer(issuer, store, quiet, false)
	srv := &http.Server{Handler: strict(*way, router), ReadHeaderTimeout: 5 * time.Second}
	go func() { // whoever started it holds its standard input
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(issuer)
	log.Fatal(srv.Serve(ln))
}
