package e2e

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/Group-buying-service/mealbuddy/test/container"
)

// patience is the timeout of anything in a test.
const patience = 30 * time.Second

var (
	binary  string // the program, built with the race detector
	shared  *server
	witness *Witness
	client  *http.Client
)

func TestMain(m *testing.M) {
	if socket := os.Getenv(readerEnv); socket != "" {
		os.Exit(readAlong(socket))
	}
	flag.Parse()
	os.Exit(run(m))
}

// run starts the shared server. At the end it checks for operations without a test, data
// races, and leaks.
func run(m *testing.M) int {
	if err := readSoak(); err != nil {
		return failed(err)
	}
	dir, err := os.MkdirTemp("", "mealbuddy-e2e-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "mealbuddy")
	build := exec.CommandContext(context.Background(), "go", "build", "-race", "-o", binary, "../../cmd/mealbuddy")
	if out, err := build.CombinedOutput(); err != nil {
		return failed(fmt.Errorf("%w: %s", err, out))
	}
	document, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		return failed(err)
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: patience}).DialContext,
		MaxIdleConnsPerHost: 64,
		// Expect: 100-continue must be answered before the body is sent.
		ExpectContinueTimeout: patience,
	}
	if witness, err = NewWitness(document, transport); err != nil {
		return failed(err)
	}
	client = &http.Client{
		Transport:     witness,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if shared, err = start(filepath.Join(dir, "data"), "MEALBUDDY_TOKEN_KEYS="+ownKey.text()+","+formerKey.text()); err != nil {
		return failed(err)
	}
	code := container.Suite(m).Run()
	if soaking() {
		toll.print(os.Stdout)
	}
	if err := shared.stop(); err != nil {
		code = failed(err)
	}
	if all := flag.Lookup("test.run").Value.String() + flag.Lookup("test.skip").Value.String(); code == 0 && all == "" {
		if unmet := witness.Unmet(); len(unmet) > 0 {
			code = failed(fmt.Errorf("never met:\n%s", strings.Join(unmet, "\n")))
		}
	}
	transport.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		code = failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "FAIL:", err)
	return 1
}
