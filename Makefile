# make demo    the whole story on this machine (ENGINE=docker or apptainer for containers, KEEP=1 leaves it up)
# make test    every test (ARGS="-k runner" for some)
# make check   ruff and mypy
# make bench   what benchmarks/ measures, written to .bench/
# make clean   forgets the demo, the measurements and all caches; .venv stays

PYTHON ?= python3
ENGINE ?= process
KEEP ?=
ARGS ?=
VENV := .venv
INSTALLED := $(VENV)/.installed

.PHONY: demo test check bench clean install

demo: $(INSTALLED)
	$(VENV)/bin/rounds demo --engine $(ENGINE) $(if $(KEEP),--keep)

test: $(INSTALLED)
	$(VENV)/bin/python -m pytest $(ARGS)

check: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --strict .

bench: $(INSTALLED)
	$(VENV)/bin/python -m benchmarks.run $(ARGS)

clean:
	rm -rf .demo .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(INSTALLED)

# The pip that Debian 12 brings cannot install a locked package that is wanted with an extra, hence --upgrade-deps.
# The stamp is written last, so that an interrupted installation starts again.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "found no Python 3.11 to 3.13 as '$(PYTHON)', needed one:" \
	       "run 'apt-get install python3 python3-venv', or name yours: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "found a Python without venv, needed it: run 'apt-get install python3-venv'"; exit 1; }
	$(PYTHON) -m venv --upgrade-deps $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
