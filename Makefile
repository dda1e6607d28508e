# The doors of Kentongan. Each one does its own set-up; a second run does only what has changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo run test test-long bench fmt lint lock messages texts clean venv-works test-debs bench-debs

PYTHON ?= python3
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
READY  := .venv/.ready
LOCKS  := requirements.lock requirements-dev.lock

# Tests start some hundred processes: each should find its modules compiled.
unexport PYTHONDONTWRITEBYTECODE

# How many tests run at once (most of them wait), and the Debian packages they use.
JOBS      ?= 4
TEST_DEBS := postgresql strace
BENCH_DEBS := wrk

UV      := uv==0.13.9
UPGRADE :=
COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
           --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

# A virtual environment whose Python has gone, after an upgrade of the system, is made again.
$(shell test -x $(BIN)/python || rm -f $(READY))

# $(call apt,PACKAGES): install Debian packages as root; otherwise print the command and stop.
define apt
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "Installing Debian packages: $(1)"; \
  export DEBIAN_FRONTEND=noninteractive; \
  log=$$(mktemp); \
  { apt-get update && apt-get install -y --no-install-recommends $(1); } </dev/null >"$$log" 2>&1 \
    || { tail -n 20 "$$log"; rm -f "$$log"; echo "apt-get could not install: $(1)"; exit 1; }; \
  rm -f "$$log"; \
else \
  echo "Missing Debian packages. Please run this, then try again:"; \
  echo "  sudo apt-get install -y $(1)"; \
  exit 1; \
fi
endef

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r door does; do \
	  printf '  %-12s %s\n' "$$door" "$$does"; done

setup: $(READY) ## a virtual environment in .venv with everything the other doors use
	@echo "Ready: $(BIN)/kentongan"

demo: $(READY) ## the whole story on this machine: no account, no key, no network
	@$(BIN)/kentongan demo

run: $(READY) ## the server, with the settings in .env
	@$(BIN)/kentongan serve

test: $(READY) test-debs ## the test suite, all but the long ones (make test-long)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not long"

test-long: $(READY) test-debs ## the tests that take longer than a coffee: before a release, at night
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m long

bench: $(READY) bench-debs ## the benchmarks: each figure beside its ceiling, and JSON (a quarter of an hour)
	@$(BIN)/python -m benchmarks

fmt: $(READY) ## format, fix what the linter can fix, check the types
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/mypy

lint: $(READY) ## the same checks, changing nothing
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

messages: $(READY) ## collect the sentences of the code into locales/messages.pot
	@$(BIN)/pybabel --quiet extract -F pyproject.toml --no-default-keywords -k say:1c,2 --no-location --omit-header \
	  --sort-output -o locales/messages.pot .

texts: $(READY) ## write docs/texts.md and the table of locales/README.md from the catalogs
	@$(BIN)/kentongan locales texts --write

lock: venv-works ## pin the dependencies again; newest versions: make lock UPGRADE=--upgrade
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT \
	  && $(PYTHON) -m venv "$$tools" \
	  && "$$tools/bin/python" -m pip --quiet --disable-pip-version-check install '$(UV)' \
	  && "$$tools/bin/uv" $(COMPILE) pyproject.toml --output-file requirements.lock >/dev/null \
	  && "$$tools/bin/uv" $(COMPILE) --group dev --constraints requirements.lock \
	       --output-file requirements-dev.lock >/dev/null
	@echo "Pinned: $(LOCKS)"

clean: ## remove what the doors have made, but no data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml $(LOCKS)
	@$(MAKE) --no-print-directory venv-works
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing the pinned packages into .venv"
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Python is new enough and can make virtual environments. Bare Debian keeps the second half in python3-venv.
venv-works:
	@command -v $(PYTHON) >/dev/null || { $(call apt,python3 python3-venv); }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Kentongan needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call apt,python3-venv); }

test-debs: DEBS := $(TEST_DEBS)
bench-debs: DEBS := $(BENCH_DEBS)
test-debs bench-debs:
	@missing=; for deb in $(DEBS); do \
	  dpkg-query -W -f '$${Status}' "$$deb" 2>/dev/null | grep -q 'ok installed' || missing="$${missing:+$$missing }$$deb"; \
	done; \
	if [ -n "$$missing" ]; then $(call apt,$$missing); fi
