# Two commands for a newcomer: `make demo` and `make test`. Both work with Python >= 3.11 (venv and pip), make and git.

PYTHON ?= python3
UV_VERSION = 0.13.8
BIN = .venv/bin
PLUGINS = plugins/nmbrs plugins/horecalonen plugins/connexie

.PHONY: demo test check bench lock clean

demo: .venv/installed
	$(BIN)/hub demo

# More workers than cores: many tests wait, for disks and for processes.
test: .venv/installed
	$(BIN)/python -m pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 ))

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed
	$(BIN)/python benchmarks/all.py

# The locked versions, checked by hash; then the project itself, editable, built with what is locked.
.venv/installed: requirements.lock pyproject.toml $(PLUGINS:%=%/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . $(PLUGINS:%=-e %)
	touch $@

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --group dev pyproject.toml $(PLUGINS:%=%/pyproject.toml) \
	  --no-emit-package payroll-hub $(PLUGINS:plugins/%=--no-emit-package payroll-hub-%) -o requirements.lock

clean:
	rm -rf .venv .tox .mypy_cache .ruff_cache .pytest_cache .hypothesis
