# make run is all a newcomer needs; make test is all a change needs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# go builds what changed; make need not know the files.
.PHONY: help setup run build test lint bench eval chaos conformance examples clean

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## installs what this machine lacks: PostgreSQL with pgvector, ClickHouse's engine
	@deploy/local/setup.sh

build: ## builds bin/frontdesk
	@mkdir -p bin
	@[ -x bin/frontdesk ] || echo "building frontdesk; the first time takes a minute or two …"
	@go build -o bin/ ./cmd/frontdesk

run: setup build ## starts everything on this machine, with a demo business
	@exec bin/frontdesk up

TESTFLAGS ?=
# Where set-up puts a browser if the distribution has none.
BROWSERS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/frontdesk/browser
PACKAGES ?= ./...

test: ## all tests against the real parts; TESTFLAGS=-race and PACKAGES=./kb/... narrow or sharpen it
	@deploy/local/setup.sh --test
	@mkdir -p bin
	@echo "building and vetting …"
	@go vet $(PACKAGES)
	@go build -o bin/ ./cmd/frontdesk ./cmd/testbed
	@PATH="$(BROWSERS):$$PATH" FRONTDESK_TEST_REQUIRE=1 bin/testbed -- go test -timeout 20m $(TESTFLAGS) $(PACKAGES)

lint: ## format, vet, staticcheck, the shape of the tree
	@unformatted=$$(gofmt -l cmd agent analytics deploy gateway ingest kb); [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	@go vet ./...
	@go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	@go test ./cmd/internal/layout
	@for script in deploy/local/*.sh .ci/run; do bash -n $$script; done
	@! command -v shellcheck >/dev/null || shellcheck --severity=warning deploy/local/*.sh .ci/run

bench: setup ## the figures: durable acks, a message from end to end, memory a conversation, search, slots, webhooks
	@mkdir -p bin
	@go build -o bin/ ./cmd/frontdesk ./cmd/bench ./cmd/testbed
	@bin/bench ack
	@bin/bench e2e
	@bin/bench rss
	@bin/testbed -- sh -c 'for b in search slots sends webhooks; do bin/bench $$b -postgres "$$FRONTDESK_TEST_POSTGRES_URL"; done'

# EVAL is a folder of question sets (faq_*), each with corpus.jsonl and
# queries.jsonl or queries.dev.jsonl (with both, the second sets the threshold),
# and of sets of messages and dialogues, whose figures have thresholds.
EVAL ?= eval

eval: build ## how well questions are answered and messages understood, over the sets in EVAL=folder
	@[ -d "$(EVAL)" ] || { echo "make eval: there is no folder $(EVAL); name one with EVAL=folder"; exit 1; }
	@for set in $(EVAL)/faq_*; do \
		echo "== $$(basename $$set)"; \
		if [ -f $$set/queries.jsonl ]; then queries="--queries $$set/queries.jsonl --dev-queries $$set/queries.dev.jsonl"; \
		else queries="--queries $$set/queries.dev.jsonl"; fi; \
		bin/frontdesk kb eval --articles $$set/corpus.jsonl $$queries; \
	done
	@FRONTDESK_TEST_EVAL="$(abspath $(EVAL))" go test -count=1 -run 'Figures' -v ./cmd/frontdesk | grep -v '^=== '
	@FRONTDESK_TEST_EVAL="$(abspath $(EVAL))" go test -count=1 -run 'Utterances|PeerSuites' -v ./agent/language/when | grep -v '^=== '
	@FRONTDESK_TEST_EVAL="$(abspath $(EVAL))" go test -count=1 -run 'Attacks' -v ./agent/dialogue | grep -v '^=== '

CHAOS_SECONDS ?= 60

chaos: ## faults under load, with a ledger: nothing acked is lost, nothing is done twice
	@deploy/local/setup.sh --test
	@mkdir -p bin
	@go build -o bin/ ./cmd/frontdesk ./cmd/testbed
	@FRONTDESK_TEST_REQUIRE=1 FRONTDESK_CHAOS_SECONDS=$(CHAOS_SECONDS) bin/testbed -- go test -count=1 -v -timeout 60m ./cmd/internal/e2e

SCHEMATHESIS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/frontdesk/schemathesis

conformance: ## the API asked by a program that knows its document alone; skipped where Python is not
	@deploy/local/setup.sh --test
	@mkdir -p bin
	@go build -o bin/ ./cmd/testbed
	@if deploy/local/fetch-schemathesis.sh "$(SCHEMATHESIS)"; then \
		FRONTDESK_TEST_REQUIRE=1 FRONTDESK_TEST_SCHEMATHESIS="$(SCHEMATHESIS)/bin/schemathesis" \
			bin/testbed -- go test -count=1 -timeout 20m -run Schemathesis ./gateway/api; \
	else echo "conformance: skipped, as schemathesis cannot be had"; fi

examples: ## the API document's examples, from the answers that its tests get
	@deploy/local/setup.sh --test
	@mkdir -p bin
	@go build -o bin/ ./cmd/testbed
	@FRONTDESK_TEST_EXAMPLES="$(CURDIR)/gateway/api/examples" bin/testbed -- go test -count=1 ./gateway/api/... ./gateway/dialect/... \
		|| FRONTDESK_TEST_REQUIRE=1 bin/testbed -- go test -count=1 ./gateway/api

clean: ## removes what was built; the data folder stays
	@rm -rf bin
