# Works with Python 3.11 to 3.13, pip, venv and make; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test serve check bench notebooks lock browser clean

demo: $(STAMP)
	@$(BIN)/baton demo

serve: $(STAMP)
	@$(BIN)/python -m app.cli.both

test: $(DEV_STAMP)
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: $(DEV_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(DEV_STAMP)
	@$(BIN)/python -m tests.bench

notebooks: $(DEV_STAMP)
	@$(BIN)/python -m tests.notebooks

# Upgrade every dependency within the ranges of pyproject.toml; the lock files hold no index address.
lock: $(DEV_STAMP)
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --group build --group dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Baton needs Python 3.11 to 3.13; name one with PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) from requirements.lock (about a minute, once) ..."
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	@echo "Installing the test tools from requirements-dev.lock (once) ..."
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .baton .pytest_cache .mypy_cache .ruff_cache
