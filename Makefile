# Each target sets up what it needs: a machine with Python 3.11 or newer, make and the network of a package registry is enough.
# The first set-up takes a minute or two; it is repeated only when setup.cfg, pyproject.toml or constraints.txt change.

PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: help bench reference test lint docs speed venv clean

help:
	@echo "make bench   run the quick suite and write its report (reports/runs/)"
	@echo "make reference   run the standard suite for an hour or less and put its results into reports/reference"
	@echo "make test    run the tests"
	@echo "make lint    check style and types"
	@echo "make docs    build the site (build/docs/)"
	@echo "make speed   time the kernels"
	@echo "make venv    only set up .venv"
	@echo "make clean   remove .venv and every tool's cache; results stay"

bench: $(READY)
	$(BIN)/gaincurve run quick
	$(BIN)/gaincurve report

reference: $(READY)
	$(BIN)/gaincurve run standard
	$(BIN)/gaincurve report standard --figures none
	rm -rf reports/reference && mkdir reports/reference
	cd reports/runs/standard && cp -r records tables games report.html suite.json figure[12]* ../../reference

# The tests share the cores among them, so torch and linear algebra keep to one thread in each process.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs --doctree-dir build/doctrees . build/docs

speed: $(READY)
	$(BIN)/python -m pytest --benchmark-enable --benchmark-only

venv: $(READY)

$(READY): setup.cfg pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "gaincurve needs Python 3.11 or newer: install it, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version): a minute or two, once" >&2
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make a virtual environment: on Debian, apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt setuptools
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks build dist gaincurve.egg-info
	find games policies bench gaincurve tests -name __pycache__ -type d -prune -exec rm -rf {} +
