# One command to see it (`make run`), one to know that it works (`make check`). `make help` lists all.

VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
# A worker takes neighbours, which share what they set up, and takes over from the other when it is done.
PYTEST  = $(BIN)/pytest -n $(JOBS) --dist worksteal
# The first Python that is new enough; say `make PYTHON=/path/to/python run` to choose another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Exact versions of the last `make lock`; setup.cfg's ranges decide what may be installed at all.
LOCK   := $(if $(wildcard requirements.lock),--constraint requirements.lock)

RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
# The browser suite's checkers; where npm is missing, their tests are skipped.
NPM_STAMP := $(if $(shell command -v npm),tests/browser/node_modules/.package-lock.json)

# The tests start the portal some hundred times: each time its modules would be compiled anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check check-slow permission-matrix lint types imports format lock revision clean

help: ## this list
	@echo "Portal: make <what>"
	@sed -n 's/^\([a-z-]*\):.*## /  \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'
	@echo "PORTAL_PORT, PORTAL_VAR and DATABASE_URL move things; README.md lists every setting."

run: $(RUN_STAMP) ## install, migrate, fill in the demo content, serve; Ctrl-C stops all of it
	@$(BIN)/portal db upgrade
	-@$(BIN)/portal upgrade
	@$(BIN)/portal demo
	@exec $(BIN)/portal run --demo

test: $(DEV_STAMP) $(NPM_STAMP) ## the tests, on SQLite and PostgreSQL (make test ARGS="tests/core -k clock")
	@$(PYTEST) -m "not slow" $(ARGS)

check: lint types imports test ## all that must be green before a commit lands

check-slow: $(DEV_STAMP) $(NPM_STAMP) ## the long tests that `make check` leaves out
	@$(PYTEST) -m slow $(ARGS)

permission-matrix: $(DEV_STAMP) ## write tests/permission_matrix.txt anew: who gets what from every route
	@PERMISSION_MATRIX=write $(BIN)/pytest -q tests/test_permission_matrix.py

lint: $(DEV_STAMP) ## ruff: rules and format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(DEV_STAMP) ## mypy --strict on portal/
	@$(BIN)/mypy

imports: $(DEV_STAMP) ## the import contracts of setup.cfg
	@$(BIN)/lint-imports --no-logo

format: $(DEV_STAMP) ## let ruff repair what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: $(VENV)/.made ## write the newest versions that setup.cfg allows into requirements.lock
	@$(BIN)/pip install -qq --dry-run --ignore-installed --editable ".[dev]" --report $(VENV)/report.json
	@$(BIN)/python .ci/write_lock.py $(VENV)/report.json requirements.lock

revision: $(DEV_STAMP) ## a new migration from the models (make revision m="what it does")
	@test -n "$(m)" || { echo 'Say what it does: make revision m="add group size"'; exit 2; }
	@$(BIN)/portal db upgrade
	@$(BIN)/portal db migrate --message "$(m)"

clean: ## remove the environment and every cache; data in var/ stays
	@rm -rf $(VENV) tests/browser/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Portal needs Python 3.11 or newer, and none was found." \
		"Install it, or name it: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than Python 3.11, which Portal needs."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments: its venv module is missing." \
		"On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): $(VENV)/.made setup.cfg pyproject.toml $(wildcard requirements.lock)
	@echo "Installing Portal (once; a minute or so)"
	@$(BIN)/pip install -qq --disable-pip-version-check $(LOCK) --editable .
	@touch $@

$(DEV_STAMP): $(VENV)/.made setup.cfg pyproject.toml $(wildcard requirements.lock)
	@echo "Installing Portal with its test tools (once; a minute or so)"
	@$(BIN)/pip install -qq --disable-pip-version-check $(LOCK) --editable ".[dev]"
	@touch $@ $(RUN_STAMP)

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	@npm ci --prefix tests/browser --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
