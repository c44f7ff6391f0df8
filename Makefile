# Every target sets up .venv by itself; the set-up runs again only when uv.lock or pyproject.toml change.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PYTEST := $(BIN)/pytest
STAGES := style lint types layers
GUARDS := sql names size docs vendored

# Where the machine forbids it, every program that a test or a document starts compiles all of its files anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check $(STAGES) $(GUARDS) fast test-real test-long bench format tables vendor screenshots wheel clean stages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from uv.lock (other targets do it when needed)
	@:

$(READY): uv.lock pyproject.toml tools/setup.sh
	@echo "Setting up .venv (once) ..."
	@sh tools/setup.sh "$(PYTHON)"
	@touch $@

demo: $(READY) ## build ./rollforward-store from the shipped demo company and print its overview
	@$(BIN)/rollforward demo

test: $(READY) ## run all tests but the long ones; three side by side keep two cores busy, since browsers wait
	$(PYTEST) -n 3 --no-loadscope-reorder

check: $(STAGES) $(GUARDS) fast ## format, lint, types, layers, portable SQL, names, sizes, documents, vendored files, fast tests

style: $(READY) ## is the code formatted?
	$(BIN)/ruff format --check --output-format=concise .

lint: $(READY) ## ruff
	$(BIN)/ruff check --output-format=concise .

types: $(READY) ## mypy --strict
	$(BIN)/mypy

layers: $(READY) ## who may import whom
	$(BIN)/lint-imports --no-logo

sql: $(READY) ## the portable subset of SQL and the models' headers
	$(PYTEST) tests/guards/test_sql.py

names: $(READY) ## every table and column has words in docs/tables.md
	$(PYTEST) tests/guards/test_names.py

size: $(READY) ## no file is too long
	$(PYTEST) tests/guards/test_size.py

docs: $(READY) ## documents run and name what exists
	$(PYTEST) tests/guards/test_docs.py

vendored: $(READY) ## scripts and fonts from npm are those that tools/vendor*.lock pin
	$(PYTEST) tests/guards/test_vendor.py

fast: $(READY) ## the tests that take no seconds
	$(PYTEST) -m "not long and not slow" --ignore=tests/guards

test-real: $(READY) ## the tests on ../shared/data; fails where it is missing
	ROLLFORWARD_REQUIRE_REAL=1 $(PYTEST) -m real

test-long: $(READY) ## the tests that take minutes
	$(PYTEST) -m long

bench: $(READY) ## what it costs, against the floor and against other tools
	$(BIN)/python benchmarks/run.py

format: $(READY) ## format the code and sort its imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

tables: $(READY) ## write docs/tables.md from the code
	$(BIN)/python tools/make_tables_doc.py

vendor: $(READY) ## fetch the web application's scripts and fonts from npm, as tools/vendor*.lock pin them
	$(BIN)/python tools/vendor.py

screenshots: $(READY) ## take the pictures of docs/screenshots from a fresh demo store
	$(BIN)/python tools/screenshots.py

wheel: $(READY) ## build dist/*.whl
	$(BIN)/python -m build --wheel

clean: ## remove what the targets made (not ./rollforward-store)
	rm -rf .venv .venv-tools dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

stages: # what `check` runs beside tests, for .ci/run (the guards are tests too)
	@echo $(STAGES)
