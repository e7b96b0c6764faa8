// Command stub runs local replacements for the external services, to try the program
// without API keys.
package main

import (
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/Group-buying-service/mealbuddy/test/stub/issuer"
	"github.com/Group-buying-service/mealbuddy/test/stub/kakao"
	"github.com/Group-buying-service/mealbuddy/test/stub/kma"
	"github.com/Group-buying-service/mealbuddy/test/stub/openai"
)

// services start in this order, each on its own port.
var services = []struct {
	handler http.Handler
	export  string // the address replaces %s
}{
	{&kakao.Stub{}, "export MEALBUDDY_KAKAO_URL=%s MEALBUDDY_KAKAO_KEY=stub"},
	{&kma.Stub{Key: "stub", Now: time.Now}, "export MEALBUDDY_KMA_URL=%s MEALBUDDY_KMA_KEY=stub"},
	{&openai.Stub{}, "export MEALBUDDY_OPENAI_URL=%s/v1 MEALBUDDY_OPENAI_KEY=stub MEALBUDDY_OPENAI_MODEL=stub"},
	{&issuer.Stub{Ask: true}, "export MEALBUDDY_KAKAO_LOGIN_URL=%s MEALBUDDY_KAKAO_LOGIN_ID=stub MEALBUDDY_KAKAO_LOGIN_SECRET=stub"},
	{&issuer.Stub{Ask: true}, "export MEALBUDDY_GOOGLE_LOGIN_URL=%s MEALBUDDY_GOOGLE_LOGIN_ID=stub MEALBUDDY_GOOGLE_LOGIN_SECRET=stub"},
	{&issuer.Stub{Ask: true, Nested: true}, "export MEALBUDDY_NAVER_LOGIN_URL=%s MEALBUDDY_NAVER_LOGIN_ID=stub MEALBUDDY_NAVER_LOGIN_SECRET=stub"},
	{&issuer.Stub{Ask: true}, "export MEALBUDDY_OIDC_ISSUER=%s MEALBUDDY_OIDC_ID=stub MEALBUDDY_OIDC_SECRET=stub"},
}

func main() {
	var running sync.WaitGroup
	for _, s := range services {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf(s.export+"\n", "http://"+ln.Addr().String())
		srv := &http.Server{Handler: s.handler, ReadHeaderTimeout: 5 * time.Second}
		running.Go(func() { log.Print(srv.Serve(ln)) })
	}
	fmt.Println("# A key, or a client secret, that is the name of a fault brings it about.")
	fmt.Println("# Kakao:", kakao.Faults)
	fmt.Println("# KMA: slow", slices.Sorted(maps.Keys(kma.Faults)))
	fmt.Println("# OpenAI: slow", slices.Sorted(maps.Keys(openai.Faults)))
	fmt.Println("# Signing in:", issuer.Faults)
	running.Wait()
}
