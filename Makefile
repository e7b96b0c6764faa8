# The same commands for people and for CI. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo stubs build web previous openapi licenses test test-go test-web test-browser screens check vuln fuzz bench soak release clean

web := adapter/web
installed := $(web)/node_modules/.package-lock.json
page := $(web)/dist/index.html
bundler := api/node_modules/.package-lock.json

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, and serve on http://localhost:8080
	./bin/mealbuddy

demo: build ## the same with a neighbourhood to try things out, in ./data-demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy

stubs: ## stand in for the services of others on this machine, and print what to export
	go run ./test/stub

build: web previous ## build bin/mealbuddy, with the app inside
	go build -o bin/mealbuddy ./cmd/mealbuddy

web: $(page) ## build the app

PREVIOUS ?= # what `mealbuddy assets` of the release before has written
previous: ## put the app's files of the release before in the program, if PREVIOUS names their archive
	@find $(web)/previous -mindepth 1 ! -name .keep -delete
	$(if $(PREVIOUS),tar -xzf $(PREVIOUS) -C $(web)/previous)

$(installed): $(web)/package-lock.json
	npm --prefix $(web) ci --no-audit --no-fund
	@touch $@

$(page): $(installed) $(wildcard $(shell git ls-files $(web) | grep -v '\.go$$'))
	npm --prefix $(web) run build

$(bundler): api/package-lock.json
	npm --prefix api ci --no-audit --no-fund
	@touch $@

openapi: $(bundler) $(installed) ## bundle openapi.yaml from api/, and make the types of the app from it
	npm --prefix api run --silent bundle
	npm --prefix $(web) run --silent types

licenses: $(installed) ## gather the notices of all that is in the program and the app
	node packaging/licenses.mjs

# Packages that are C in the words of Go, or a hash that nobody shares: under the race
# detector they take five times as long, and it would find nothing that is ours.
unraced := golang.org/x/crypto/argon2 modernc.org/libc modernc.org/sqlite/lib
race := GOFLAGS="$$(go env GOFLAGS) $(unraced:%=-gcflags=%=-race=false)" go test -race

# The packages of domain and their tests start no goroutine, which test/arch checks, so
# their own tests cannot race; under the detector they took ten times as long. In the
# programs of all other tests they are watched like the rest.
test: build ## run every test: the program under the race detector, the app in a browser
	.ci/install
	npm --prefix $(web) test
	go test ./domain/...
	MEALBUDDY_TEST_REQUIRE=postgres,redis $(race) -timeout 20m ./test/e2e $$(go list ./... | grep -v /domain/)
	npm --prefix $(web) run browser

test-go: $(page) ## run the tests of the program alone, without the race detector and what is built: some 4 minutes
	go test ./...

test-web: $(installed) ## run the tests of the app alone, without a browser: a minute
	npm --prefix $(web) test

test-browser: build ## run the app in a browser: some 8 minutes; ONLY=board runs test/browser/board.test.ts
	.ci/install
	npm --prefix $(web) run browser -- $(ONLY)

screens: build ## keep pictures of every screen, in test/output/screens
	.ci/install
	MEALBUDDY_PICTURES=yes npm --prefix $(web) run browser -- screens

# What serves people is looked through, not what tests it. G104: an error that nobody
# can act on is left, and a comment beside it says why. gosec has a module file of its
# own, or the program's would list the language models that it can ask.
gosec := -quiet -exclude-dir=test -exclude=G104

check: $(installed) $(bundler) ## look for mistakes without running anything
	npm --prefix api run --silent check
	npm --prefix $(web) run check
	node packaging/licenses.mjs --check
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go tool -modfile=.ci/gosec.mod gosec $(gosec) ./...
	go mod tidy -diff
	go mod verify
	go -C test/provider vet ./...
	go -C test/provider mod tidy -diff
	go -C test/clients mod tidy -diff

vuln: $(installed) ## look for known weaknesses in what the program and the app are made of, where there is a network
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...
	npm --prefix $(web) audit --omit=dev

FUZZTIME ?= 20s
fuzz: ## run every fuzz target for FUZZTIME (20s)
	@set -e; for file in $$(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' $$file); do \
			echo "$$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file); \
		done; \
	done

test/load/node_modules/.package-lock.json: test/load/package-lock.json
	npm --prefix test/load ci --no-audit --no-fund
	@touch $@

bench: build test/load/node_modules/.package-lock.json ## measure the server beside its limits (and an older program, BESIDE=path), and the app with Lighthouse, each page RUNS (5) times
	.ci/install
	go run ./test/load $(BESIDE:%=-beside %)
	npm --prefix test/load run --silent bench

SOAK ?= 24m
soak: build ## the faults that `make test` brings about a few times, many times, for SOAK (24m) and what it takes to end
	.ci/install
	MEALBUDDY_SOAK=$(SOAK) MEALBUDDY_TEST_REQUIRE=postgres,redis $(race) -count=1 -parallel 4 -timeout 60m -v \
		-run 'Outlive|SentAgain|CutAtOnce|StoppedReaders|DiskThatIsFull|Linearizable|Node|IsAwayForAWhile|TakesOver|LongChat|OneAddress' ./test/e2e ./adapter/clock

VERSION ?= 0.0.0-dev
release: web previous ## build what is released of VERSION=0.2.0, in bin/release: binaries, Debian packages, SBOM, checksums
	packaging/release $(VERSION) bin/release

clean: ## remove what was built and downloaded; data stays
	rm -rf bin $(web)/node_modules api/node_modules test/load/node_modules test/output
	find $(web)/dist $(web)/previous -mindepth 1 ! -name .keep -delete
