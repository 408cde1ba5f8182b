# `make crawl` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two files of tests at a time: most of a test's time is spent waiting for a crawl in a process of its own.
PARALLEL := -n 2 --dist loadfile
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: crawl test proofs check bench replay docs clean

# Set-up and the main job: the built-in demo newsroom, crawled over real HTTP into data/demo.
crawl: $(VENV)/installed
	$(BIN)/newscrawl demo --data data/demo

# Set-up and every quick test, with lint, types and import contracts.
test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL)

# The slow proofs.
proofs: $(VENV)/installed-dev
	$(BIN)/pytest $(PARALLEL) -m proof --no-header || test $$? -eq 5

check: test

# newscrawl and its peers over a folder of pages with gold texts, in some twelve minutes; writes docs/benchmarks.md. Each peer
# gets an environment of its own in .bench/. BENCH_PAGES=30 is a short run; BENCH_ARGS takes what
# `python -m benchmarks.bench --help` has: --parts cleaning --only trafilatura --out FILE.
bench: $(VENV)/installed-dev
	@test -n "$(BENCH)" || { echo "usage: make bench BENCH=DIR [BENCH_PAGES=N] [BENCH_ARGS=…]   (a folder with pages/, gold/ and score.py)"; exit 2; }
	$(BIN)/python -m benchmarks.bench $(BENCH) $(if $(BENCH_PAGES),--pages $(BENCH_PAGES)) $(BENCH_ARGS)

# What is generated from the record's definition: data/README.md and the JSON Schemas.
docs: $(VENV)/installed
	$(BIN)/python -m newscrawl.dump.documents data

clean:
	rm -rf $(VENV) .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newscrawl needs Python 3.11 or newer; this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/installed
