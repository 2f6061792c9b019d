# `make` prints the targets. Continuous integration runs the same ones (see .ci/run).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
COVERED := schemas processors streams
COVERAGE := 90
comma := ,
empty :=
space := $(empty) $(empty)

.PHONY: help
help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Run everything in one process with a simulated league (ARGS="--speed 600" for flags)
	bin/touchline up $(ARGS)

.PHONY: build
build: ## Build bin/touchline
	go build -o bin/touchline ./cmd/touchline

.PHONY: test
test: ## Vet and test everything; fail below 90 % coverage of schemas, processors or streams
	@infra/make/need-postgres
	go vet ./...
	@mkdir -p bin
	go test -timeout 20m -coverprofile bin/coverage.out \
		-coverpkg $(subst $(space),$(comma),$(COVERED:%=./%/...)) $(TESTFLAGS) ./...
	@infra/make/coverage bin/coverage.out $(COVERAGE) $(COVERED)

# Where tests have real engines behind them. One package and one test at a time: they share the engines.
REAL := ./infra/local/... ./infra/mlflow/... ./streams/... ./projections/... ./cmd/touchline/...
ENGINES := --kafka 3 --registry --postgres --replica --redis cluster --mlflow --for 15m

.PHONY: test-real
test-real: build ## Test on real Kafka, registry, Postgres, Redis and MLflow, which are fetched and started without containers
	@infra/make/need-engines
	go run ./infra/local/engines run $(ENGINES) -- \
		go test -count=1 -timeout 14m -p 1 -parallel 1 -run 'Real' $(TESTFLAGS) $(REAL)

# Packages whose tests are measured by mutants: rules, mathematics and stages, the read models, and the fold. One with a
# database behind its tests takes hours: name those that you changed.
MUTATED := $(addprefix processors/,match evaluate score market grid rating features predict fit standings outlook normalize)
MUTATED += projections/cache projections/readmodel projections/postgres streams
PKG := $(MUTATED)
SAMPLE := 1

.PHONY: mutate
mutate: ## Measure how many mistakes in PKG its own tests notice; SAMPLE=5 tries every 5th (docs/mutation.md)
	nice -n 15 go run ./infra/mutate -least 90 -every $(SAMPLE) $(PKG)

.PHONY: fuzz
fuzz: ## Run each fuzz target for MINUTES (2), one after the other; TARGETS="FuzzDecode" for those that match
	@infra/make/fuzz $(MINUTES) $(TARGETS)

.PHONY: race
race: ## Test everything with the race detector
	go test -race -timeout 20m $(TESTFLAGS) ./...

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem $(TESTFLAGS) ./...

# make fingerprint FEEDS="football-data=results/ statsbomb=events/" OUT=after
FEEDS :=
OUT := bin/fingerprint

.PHONY: fingerprint
fingerprint: build ## Record in OUT what the program makes of FEEDS, to compare before and after a change (see CONTRIBUTING.md)
	go run ./infra/fingerprint record --bin bin/touchline --out $(OUT) $(FEEDS:%=--feed %)

SEED := 1
MINUTES := 2

.PHONY: chaos
chaos: build ## Break things for MINUTES by the plan of SEED and check everything (docs/chaos.md)
	go build -o bin/chaos ./cmd/chaos
	bin/chaos --seed $(SEED) --minutes $(MINUTES) $(ARGS)

.PHONY: bench-real
bench-real: ## Measure latency, restore and takeover on three real brokers (about 10 minutes, on a quiet machine)
	@infra/make/need-engines
	go run ./infra/local/engines run --kafka 3 -- \
		go test -timeout 40m -run '^$$' -bench 'Latency|Restore|Stopped' -benchtime 1x ./streams ./streams/line

.PHONY: lint
lint: ## Check format, vet, and run golangci-lint (built by the Go tool, nothing is installed)
	@unformatted=$$(gofmt -l api cmd infra processors projections schemas streams); \
		if [ -n "$$unformatted" ]; then echo "gofmt -w is needed:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(GOLANGCI_LINT) run ./...

.PHONY: generate
generate: ## Write what is generated: docs/settings.md and whatever has a go:generate line
	go generate ./...

.PHONY: verify
verify: ## Fail if what is generated is not what `make generate` writes
	@infra/make/verify

.PHONY: clean
clean: ## Remove what was built; touchline-data, the data of `make run`, stays
	rm -rf bin
