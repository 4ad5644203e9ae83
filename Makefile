# Needs Python 3.11 or newer, for the real broker Java 17 and Maven, and for the browser tests Debian's chromium.
# Everything else comes with `make setup`.
PYTHON ?= python3
PORT ?= 8080
SECONDS ?= 180
ARGS ?=
FILE ?=
PEER ?=

PY := .venv/bin/python
STAMP := .venv/.locked
FAST_TESTS := $(wildcard tests/unit tests/properties tests/contracts tests/architecture)
COMPILE := $(PY) -m piptools compile -q --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help setup up demo test nightly check check-code check-fast-tests check-slow-tests bench bench-compare bench-keep \
	bench-dashboard chaos mutants profile wire-contract screenshots lock clean contracts docs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## the virtual environment and the Kafka jars, as locked (done again when the lock changes)

$(STAMP): requirements-dev.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
		v >= (3, 11) or sys.exit(f"expected Python 3.11 or newer, but $(PYTHON) is {v.major}.{v.minor}: set PYTHON=…")'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "installing what requirements-dev.lock names …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@$(PY) -m deploy.local.kafka_jars
	@touch $@

up: $(STAMP) ## everything in the foreground until Ctrl-C (PORT=8080)
	@exec $(PY) -m deploy.local up --port $(PORT) $(ARGS)

demo: $(STAMP) ## the published example, end to end, on a stack of its own (ARGS=--help)
	@exec $(PY) -m demo $(ARGS)

test: $(STAMP) ## every test but the benchmarks and the nightly ones (ARGS="tests/unit -k fence")
	@$(if $(ARGS),exec $(PY) -m pytest --ignore tests/benchmarks $(ARGS),\
		$(MAKE) --no-print-directory check-fast-tests check-slow-tests)

nightly: $(STAMP) ## what takes longer than minutes, then mutants and bench-compare (ARGS="-k outbox": those tests alone)
	@$(PY) -m pytest -m nightly --ignore tests/benchmarks $(ARGS)
	@$(if $(ARGS),true,$(MAKE) --no-print-directory --keep-going mutants bench-compare)

check: $(STAMP) ## what must hold before a commit, in under a minute
	@$(MAKE) --no-print-directory -j2 check-code check-fast-tests

check-code:
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

check-fast-tests:
	@$(PY) -m pytest -q -n 2 $(FAST_TESTS)

# two files side by side: each worker has servers and an installation of its own, and most tests wait for something
check-slow-tests: $(STAMP)
	@exec $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/benchmarks \
		$(addprefix --ignore ,$(FAST_TESTS))

bench: $(STAMP) ## throughput and cost beside the raw limits, into var/bench.json (PEER=restate ARGS="--only relay")
	@exec $(PY) -m tests.benchmarks $(if $(PEER),--peer $(PEER)) $(ARGS)

bench-compare: bench ## which ratios have fallen by more than 20 % against docs/reference/bench.json
	@exec $(PY) -m tests.benchmarks.compare

bench-keep: $(STAMP) ## make the last run of `make bench` the one that the docs show and others are held to
	@exec $(PY) -m tests.benchmarks.keep

bench-dashboard: $(STAMP) ## how long pages take with millions of invocations (ARGS="--invocations 200000", then ARGS=--keep)
	@exec $(PY) -m tests.benchmarks.dashboard $(ARGS)

chaos: $(STAMP) ## everything is struck while runs are in flight, then judged (SECONDS=180 SEED=random)
	@exec $(PY) -m tests.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

mutants: $(STAMP) ## each guard taken away in a copy of the tree: some test has to notice (ARGS="--only NAME…")
	@exec $(PY) -m tests.mutants $(ARGS)

wire-contract: $(STAMP) ## our answers beside the schemas of an OpenAPI file (FILE=api.yaml ARGS="--tags actions,projects")
	@exec $(PY) -m tests.wire_contract $(FILE) $(ARGS)

screenshots: $(STAMP) ## every page in every look, into var/screenshots (ARGS="--only docs"); needs Debian's chromium
	@exec $(PY) -m tests.browser.screenshots $(ARGS)

profile: $(STAMP) ## flame graphs of every service under load, into var/profile (ARGS="--batch 50 --native")
	@exec $(PY) -m tests.benchmarks.profile $(ARGS)

contracts: $(STAMP) ## write the event schemas, their lock and their pages again from the classes that define them
	@$(PY) -m libs.contracts.generate

docs: contracts ## write all of docs/reference again from the code
	@$(PY) -m deploy.reference

lock: $(STAMP) ## lock the newest versions that requirements*.in allow, with hashes and without an index
	$(COMPILE) --upgrade -o requirements.lock requirements.in
	$(COMPILE) --upgrade -c requirements.lock -o requirements-dev.lock requirements-dev.in

clean: ## remove the data of `make up` (refused while it runs); the virtual environment stays
	@test ! -x $(PY) || $(PY) -m deploy.local clean
