# Everything runs from here; it needs Python ≥ 3.11 and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
ROOMS := config demo trial casebook patients assessments documents monitoring analysis
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without DATABASE_URL, Django's check of the migrations warns that it could not look at a database.
CHECK_MIGRATIONS := $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

.PHONY: help demo test check lint bench browser clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## the whole product with its synthetic trial on http://127.0.0.1:8000 (HOST=, PORT=)
	@exec $(BIN)/python -m config.launch --with-parent

test: lint browser ## everything a newcomer needs to believe it
	@HYPOTHESIS_PROFILE=ci sh .ci/with-home $(BIN)/python -m pytest -p tests.workers -n auto --maxprocesses 4 \
		--dist loadfile --cov --cov-report=term:skip-covered $(ARGS)
	@sh .ci/browser report

check: lint ## lint, types, layers, templates, migrations; the rules of the domain without a database
	@$(BIN)/python -m pytest tests/spec

lint: .venv/installed-dev
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy $(ROOMS)
	@$(BIN)/lint-imports
	@$(BIN)/python -m djlint templates --lint --quiet
	@$(CHECK_MIGRATIONS)

bench: .venv/installed-dev ## CPU milliseconds and queries of the main actions
	@$(BIN)/python -m config.local_services run --temporary -- $(BIN)/python -m benchmarks

browser: .venv/installed-dev
	@sh .ci/browser install

clean: ## remove the virtual environment and caches; the demo's data in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov

.venv/installed: requirements.txt constraints.txt
	@sh .ci/make-venv "$(PYTHON)"
	@$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@
