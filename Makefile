# FlowCatalyst: `make help` lists the targets. Each is quick when there is nothing to do.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SIMULATION_SEEDS ?= 10000
TSAN_TESTS := base codec runtime store_embedded queue queue_nats

.PHONY: help setup build build-production build-platform build-router build-stream build-outbox build-all \
        dev run test test-unit test-asan test-tsan fuzz test-coverage lint fmt generated bench bench-overload bench-growth \
        dataset search-bench sizes simulation soak mutants example-github clean

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Install what is missing: compiler, libraries, Go (apt-get; asks for sudo when needed)
	@scripts/setup

build: setup  ## Release build; leaves bin/flowcatalyst
	@scripts/build release flowcatalyst

build-production: build-platform build-router build-stream build-outbox  ## The four fc-* binaries (not there yet)

build-platform build-router build-stream build-outbox:
	@echo "make $@: fc-$(@:build-%=%) does not exist yet. 'make build' builds bin/flowcatalyst, which does all of it." >&2; exit 1

build-all: build build-production  ## Everything

dev: build  ## Start in development mode: embedded store and queue, token printed; Ctrl-C ends it
	@FLOWCATALYST_DEV=true scripts/foreground bin/flowcatalyst

run: build  ## Start with the settings of the environment
	@scripts/foreground bin/flowcatalyst

test: setup  ## Everything CI runs: lint, unit, simulation, end to end, the GitHub example
	@scripts/test

test-unit: setup  ## Debug build and the tests beside the sources
	@scripts/build dev all && ctest --test-dir build/dev --output-on-failure -j 2

test-asan: setup  ## The same with address and undefined behaviour sanitizers
	@scripts/build asan all && ctest --test-dir build/asan --output-on-failure -j 2

test-tsan: setup  ## The thread sanitizer over what has threads: store, queue, runtime
	@scripts/build tsan $(TSAN_TESTS:%=%_test) && \
	    ctest --test-dir build/tsan --output-on-failure -j 2 -R "^($$(tr ' ' '|' <<<"$(TSAN_TESTS)"))$$"

fuzz: setup  ## Fuzzes whatever reads bytes from outside: FUZZ_SECONDS=20 a target
	@scripts/fuzz $(or $(FUZZ_SECONDS),20)

test-coverage: setup  ## Line coverage by file: build/coverage/report.txt and html/
	@scripts/coverage

lint: setup  ## Format, architecture, clang-tidy on changed files (LINT_ALL=1: tidy and lone headers everywhere)
	@scripts/lint

fmt: setup  ## Format all C++ sources in place
	@scripts/sources | xargs -r -d '\n' clang-format-19 -i

generated: setup  ## Write docs/CONFIGURATION.md, api/openapi.json and the module graph anew
	@scripts/build dev flowcatalyst && tools/generated --write build/dev/apps/flowcatalyst

bench: setup  ## Throughput and latency of the whole product; CHECK=1: exit 1 below a bar; RECORD=1: keep the figures
	@scripts/build release flowcatalyst fc_bench && tools/bench/run

bench-overload: setup  ## Ten times what it sustains for a minute, single and in batches; exit 1 when a promise breaks
	@scripts/build release flowcatalyst fc_bench && build/release/tools/bench/fc_bench overload $(BENCH_OPTIONS)

bench-growth: build  ## How cost grows: subscriptions, groups, backlog, store, payloads, targets, fan-out; FINISHED=10000000 RECORD=1
	@scripts/build release fc_bench && tools/bench/grow

dataset: build  ## A data directory with 1 million events and 2 million jobs: build/dataset, or DATASET=folder
	@FC_BINARY=$(CURDIR)/bin/flowcatalyst $$(tests/python) tools/dataset $(DATASET)

search-bench: build  ## Every list and filter on that data set while 500 events/s flow; 1 when one takes over 100 ms
	@scripts/build release fc_bench && FC_BINARY=$(CURDIR)/bin/flowcatalyst $$(tests/python) tools/search_bench $(DATASET)

sizes: build  ## Size of the binaries, lines by module against the budget
	@scripts/sizes

simulation: setup  ## Seeded histories of order, hand-over and recovery: SIMULATION_SEEDS=10000
	@scripts/build release simulation && build/release/tests/simulation --seeds $(SIMULATION_SEEDS)

soak: build  ## The long form of kills, histories, clock steps and fuzzing, with a report: KILLS=300 SEEDS=100000 FUZZ_SECONDS=600
	@scripts/build asan flowcatalyst && scripts/soak $(or $(KILLS),300) $(or $(SEEDS),100000) $(or $(FUZZ_SECONDS),600)

mutants: setup  ## Each patch of tests/mutants must be caught by a test
	@scripts/mutants

example-github: build  ## GitHub's webhook payloads through the product, checked by an independent library
	@examples/github/run

clean:  ## Remove what was built (not .cache, not data)
	@rm -rf build bin
