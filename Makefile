# The same commands for people and for CI. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo build test check fuzz clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, and serve on http://localhost:8080
	./bin/mealbuddy

demo: build ## the same with a neighbourhood to try things out, in ./data-demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy demo
	MEALBUDDY_DATA=data-demo ./bin/mealbuddy

build: ## build bin/mealbuddy
	go build -o bin/mealbuddy ./cmd/mealbuddy

test: ## run every test, under the race detector
	go test -race ./...

check: ## look for mistakes without running anything
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	go mod verify

FUZZTIME ?= 20s
fuzz: ## run every fuzz target for FUZZTIME (20s)
	@set -e; for file in $$(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' $$file); do \
			echo "$$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file); \
		done; \
	done

clean: ## remove what was built; data stays
	rm -rf bin
