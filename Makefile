# Needs only Python >= 3.11 and make. Everything is installed into .venv of this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

.PHONY: help run test lint types layers docs install install-test clean

# a half-made environment is made anew
.DELETE_ON_ERROR:

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: install ## install, write a year of synthetic data into ./demo and make its weekly report
	$(BIN)/goodwill demo --dir $(DEMO) --force

test: install-test lint types layers ## install everything and run linters, types, layers and all tests
	$(BIN)/python -m pytest -q -n 2

lint: install-test ## ruff: code style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-test ## mypy --strict
	$(BIN)/mypy

layers: install-test ## import-linter: who may import whom
	$(BIN)/lint-imports

docs: install-test ## regenerate docs/reference/cli.md
	$(BIN)/python -m tests.docs.generate_cli_reference

install: $(VENV)/.installed ## install Goodwill into .venv: .venv/bin/goodwill

install-test: $(VENV)/.installed-test

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0] + ': make PYTHON=python3.12 run') if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# torch is pinned: a range would pull gigabytes of CUDA packages on Linux.
$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet "torch==2.13.0" --editable ".[torch,postgres]" --group dev
	@touch $@

clean: ## remove the virtual environment and the demo
	rm -rf $(VENV) $(DEMO)
