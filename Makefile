# The same commands for people and for CI. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo stubs build web openapi test screens check fuzz bench soak clean

web := adapter/web
installed := $(web)/node_modules/.package-lock.json
page := $(web)/dist/index.html
bundler := api/node_modules/.package-lock.json

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, and serve on http://localhost:8080
	./bin/mealbuddy

demo: build ## the same with a neighbourhood to try things out, in ./data-demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy

stubs: ## stand in for the services of others on this machine, and print what to export
	go run ./test/stub

build: web ## build bin/mealbuddy, with the app inside
	go build -o bin/mealbuddy ./cmd/mealbuddy

web: $(page) ## build the app

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

# Packages that are C in the words of Go, or a hash that nobody shares: under the race
# detector they take five times as long, and it would find nothing that is ours.
unraced := golang.org/x/crypto/argon2 modernc.org/libc modernc.org/sqlite/lib
race := GOFLAGS="$$(go env GOFLAGS) $(unraced:%=-gcflags=%=-race=false)" go test -race

test: build ## run every test: the program under the race detector, the app in a browser
	.ci/install
	npm --prefix $(web) test
	MEALBUDDY_TEST_REQUIRE=postgres,redis $(race) -timeout 20m ./test/e2e ./...
	npm --prefix $(web) run browser

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
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go tool -modfile=.ci/gosec.mod gosec $(gosec) ./...
	go mod tidy -diff
	go mod verify

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
		-run 'Outlive|SentAgain|CutAtOnce|StoppedReaders|DiskThatIsFull|Linearizable|Node|IsAwayForAWhile|TakesOver|LongChat' ./test/e2e ./adapter/clock

clean: ## remove what was built; data stays
	rm -rf bin $(web)/dist/* $(web)/node_modules api/node_modules
