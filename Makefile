# Every target does its own set-up; a second run finds it done and starts at once.
SHELL := /bin/bash
BIN := .venv/bin
UV_COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command 'make lock' --group build
export PYTHONUTF8 := 1

.PHONY: demo test lint format lock setup

demo:  ## the whole loop on invented leaflets: print, scan, read, confirm, respond, poster
	@bash .ci/setup.sh run
	@$(BIN)/leaflets demo

test:  ## every test, one process a core, each of them single-threaded
	@bash .ci/setup.sh test
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto -q

lint:  ## style, formatting and types
	@bash .ci/setup.sh test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format:
	@bash .ci/setup.sh test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

setup:
	@bash .ci/setup.sh run

lock:  ## for maintainers: needs uv; one lock serves every platform and Python from 3.11
	$(UV_COMPILE) --output-file requirements.lock
	$(UV_COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(UV_COMPILE) --group train --constraints requirements.lock --output-file requirements-train.lock
