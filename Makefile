# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
PY := .venv/bin/python

# What `make test`, `make prove` and `make bench` pass on: T="tests/x.py -k word", ARGS="--clients 200"
T ?=
ARGS ?=
# Longer races and fuzzes: LONG=1 make test
export BOOKT_LONG := $(LONG)

.PHONY: help run setup env test check lint fmt cover prove bench newcomer audit translations lock vendor hooks clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env ## install what is needed, migrate, load the demo when empty, serve (HOST, PORT, DATABASE_URL, BOOKT_DATA)
	@exec $(PY) bookt.py serve

setup: ## install everything the product, the tests and the checks need
	@$(PYTHON) tools/environment.py requirements-test.txt
	@$(PY) -m tools.system

env: # the product's own dependencies
	@$(PYTHON) tools/environment.py requirements.txt

test: setup ## all tests on SQLite and on PostgreSQL, browser included (T="tests/x.py -k word", LONG=1)
	@exec $(PY) -m tools.run_tests $(T)

check: lint test ## lint, then test

cover: setup ## branch coverage of both engines together; slots.py and actions/ must reach 95 %
	@exec $(PY) -m tools.run_tests --cover $(T)

lint: ## format, style, types, templates, who imports whom
	@$(PYTHON) tools/environment.py requirements-test.txt
	@$(PY) -m tools.lint

fmt: ## format the code
	@$(PYTHON) tools/environment.py requirements-test.txt
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

prove: setup ## races and crashes against SQLite, then PostgreSQL (ARGS="--clients 200")
	@exec $(PY) -m tools.prove $(ARGS)

bench: setup ## the figures and their limits, both engines (ARGS=…)
	@exec $(PY) -m tools.postgres $(PY) -m bench $(ARGS)

newcomer: setup ## play somebody new over HTTP: answers demanded, seconds to the first booking
	@exec $(PY) -m tests.newcomer

audit: setup ## Lighthouse, axe and pictures of the default run; alone on the machine (ARGS=lighthouse)
	@exec $(PY) -m tools.audit $(ARGS)

translations: setup ## bring the catalogues up to date with the code and name what is not said yet (ARGS=--prune)
	@$(PY) -m tools.translations $(ARGS)

lock: ## write the lock files anew from requirements*.in
	@$(PYTHON) tools/environment.py requirements-test.txt
	@tools/lock.sh

vendor: ## copy the browser libraries named in package.json to static/vendor
	@tools/vendor.sh

hooks: setup ## run `make lint` before each commit
	@tools/hooks.sh

clean: ## remove what was made, except the data
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* htmlcov node_modules
