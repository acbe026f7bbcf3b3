# Otklik: `make demo` shows it, `make test` proves it, `make up` runs it. Everything lives in .venv and .otklik.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url
PACKAGES := otklik core ingestion assistant analytics evals dashboard

ifeq (,$(filter 4.% 5.% 6.% 3.82,$(MAKE_VERSION)))
$(error GNU make 3.82 or newer is needed, this is $(MAKE_VERSION); on Debian: apt install make)
endif

.PHONY: demo test up lint bench lock clean

demo: $(VENV)/.runtime  ## a fresh machine to three answered questions
	@$(BIN)/otklik demo

up: $(VENV)/.runtime  ## every role whose settings are present
	@$(BIN)/otklik up

test: $(VENV)/.dev  ## the whole suite, on the same embedded servers; a third of the time two workers wait, so there are three
	@$(BIN)/python -m pytest -n 3 --dist loadgroup

lint: $(VENV)/.dev  ## style, types, and the directions of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(PACKAGES) benchmarks tests
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev  ## the numbers of the README
	@$(BIN)/python -m benchmarks.road
	@$(BIN)/python -m benchmarks.live
	@$(BIN)/python -m benchmarks.analysis
	@$(BIN)/python -m benchmarks.bot
	@$(BIN)/python -m benchmarks.dashboard
	@$(BIN)/python -m benchmarks.evals

lock: $(VENV)/.bootstrap  ## after a change of dependencies
	$(LOCK) requirements-bootstrap.in --output-file requirements-bootstrap.lock
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --extra dev --output-file requirements-dev.lock

clean:  ## everything that make made, the demo's data too; your own data in .otklik stays
	rm -rf $(VENV) .otklik-demo .pytest_cache .mypy_cache .ruff_cache *.egg-info

$(VENV)/.bootstrap: requirements-bootstrap.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; on Debian: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version); name another: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing; on Debian: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.bootstrap requirements.lock pyproject.toml
	@echo "Installing into $(VENV) …"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@
