# Two commands do all their own set-up: `make run` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST ?= tests
# Each runner has a database server, a browser and ports of its own, and takes whole files of tests, the longest first
# (tests/runners.py). One more than a small machine has cores: much of the time they wait.
RUNNERS ?= 3
IN_PARALLEL = -n $(RUNNERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install run test test-oldest lint bench chaos lock clean

help: ## This list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: .venv/installed ## Make .venv with what the product needs to run.

run: .venv/installed ## Start everything on this machine; Ctrl-C ends it.
	@exec $(BIN)/hotline up --end-with-parent

test: .venv/installed-for-tests .venv/browser .venv/gateway ## Run every test, real servers and browser included.
	$(BIN)/python -m pytest $(IN_PARALLEL) $(PYTEST)

test-oldest: .venv/installed-for-tests .venv/rq-oldest ## Run the tests of workers and journeys on the oldest RQ we support.
	PYTHONPATH=.venv/rq-oldest $(BIN)/python -m pytest $(IN_PARALLEL) tests/workers tests/journeys/test_sms.py

lint: .venv/installed-for-tests ## Check style, types and layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hotline rules check

bench: .venv/installed-for-tests ## Measure; prints ratios with their floors and goals.
	$(BIN)/python -m bench

chaos: .venv/installed-for-tests ## Break real processes while reports come in; count what is lost or doubled.
	$(BIN)/python -m chaos

lock: .venv/installed-for-tests ## Pin every dependency anew, with hashes.
	$(BIN)/python scripts/lock.py

clean: ## Remove .venv. The state folder stays.
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "CPython 3.11 is wanted, but $(PYTHON) is another version. Say: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "This Python cannot make a virtual environment. On Debian: apt-get install python3.11-venv"; rm -rf .venv; exit 1; }

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the product needs into .venv. The first time this may take minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-for-tests: requirements-dev.lock .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The journeys click through the pages in a real browser, which pip cannot install.
.venv/browser: | .venv/bin/python
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "The tests need a browser: installing Debian's chromium (as root, with apt-get)."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
	@touch $@

# And texts go through a real gateway. RUNLEVEL=1 keeps Debian from starting one of its own.
.venv/gateway: | .venv/bin/python
	@test -x /usr/sbin/bearerbox -a -x /usr/lib/kannel/test/fakesmsc || \
	  { echo "The tests need a text gateway: installing Debian's kannel and kannel-extras (as root, with apt-get)."; \
	    apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      kannel kannel-extras >/dev/null; }
	@touch $@

.venv/rq-oldest: requirements-oldest.lock | .venv/installed-for-tests
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target $@ -r requirements-oldest.lock
	@touch $@
