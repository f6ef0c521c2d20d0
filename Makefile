# Two commands do everything: `make brief` (the main job on real input) and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt
# a network with certificates of its own is tried again with the machine's
INSTALL = $(UV) $(1) || $(UV) --system-certs $(1)
GROUP  ?= USA JPN KOR
FORMAT ?= all
ARGS   ?=

.PHONY: help brief test coverage lint bench starter wheel constraints clean

help:                ## what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/uv:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "minilateral needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 2; }
	@echo "setting up $(VENV) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt uv

$(VENV)/.core: $(BIN)/uv pyproject.toml constraints.txt
	@$(call INSTALL,-e .)
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@$(call INSTALL,-e '.[dev]')
	@touch $@

$(VENV)/.starter: $(VENV)/.core
	@$(call INSTALL,-e '.[starter]')
	@touch $@

brief: $(VENV)/.core ## writes out/<GROUP>/: page, Word, PDF, workbook, figures, data; GROUP="CHN JPN KOR" for another group
	@$(BIN)/minilateral brief $(GROUP) --format $(FORMAT) $(ARGS)

test: $(VENV)/.dev   ## all tests, doctests included
	@$(BIN)/python -m pytest

coverage: $(VENV)/.dev ## the same with line coverage: several times slower
	@$(BIN)/python -m pytest --cov --cov-report=term

lint: $(VENV)/.dev   ## ruff, mypy --strict, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev  ## timings, outputs compared first
	@$(BIN)/python benchmarks/run.py

starter: $(VENV)/.core ## derives src/minilateral/data/record from the raw chronology (same bytes twice)
	@$(BIN)/python tools/build_starter.py

wheel: $(BIN)/uv     ## builds dist/*.whl
	@$(BIN)/uv build -q --wheel --python $(BIN)/python

constraints: $(BIN)/uv ## pins anew what pyproject.toml asks for
	@$(BIN)/uv pip compile -q --python-version 3.11 --no-header --no-annotate --no-emit-index-url --all-extras --universal pyproject.toml tools/uv.in -o constraints.txt

clean:               ## removes what the other commands made (out/ is yours: kept)
	@rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
