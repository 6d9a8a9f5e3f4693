# A newcomer needs two commands: `make demo` and `make test`. Both make .venv by themselves, the first time.
# `make` alone lists the others.

ARGS ?=
bin := .venv/bin

.PHONY: help
help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1@/' | awk -F@ '{printf "%-14s %s\n", $$1, $$2}'

.PHONY: demo
demo: venv-run ## watch changes travel from a simulated tenant to a receiver (ARGS="--for 30s" ends by itself)
	@$(bin)/lucca-sync demo $(ARGS)

.PHONY: test
test: lint pytest ## everything that is checked: lint, types, contracts, tests

.PHONY: pytest
pytest: venv-dev ## the tests alone (ARGS="tests/unit -k name")
	@echo "Testing…"
	@$(bin)/python -m pytest -n 2 $(ARGS)

.PHONY: torture
torture: venv-dev ## what takes about twenty minutes; ends with the crash suite's figures (FIGURES=docs/guarantees/figures.md)
	@page=$${FIGURES:-$$(mktemp)}; code=0; \
	CRASH_RESTARTS=$${CRASH_RESTARTS:-700} CRASH_FIGURES=$$page $(bin)/python -m pytest -n 2 -m torture --hypothesis-profile lucca-sync-search $(ARGS) || code=$$?; \
	cat "$$page"; exit $$code

.PHONY: lint
lint: venv-dev ## ruff, import contracts, mypy, basedpyright
	@echo "Checking style…"
	@$(bin)/ruff check --quiet .
	@$(bin)/ruff format --quiet --check .
	@echo "Checking import contracts…"
	@$(bin)/lint-imports --no-logo
	@echo "Checking types, twice…"
	@$(bin)/mypy
	@$(bin)/basedpyright

.PHONY: format
format: venv-dev ## let ruff format and mend what it can
	@$(bin)/ruff check --quiet --fix-only .
	@$(bin)/ruff format .

.PHONY: bench
bench: venv-dev ## measure speed, memory, and how soon changes are seen (minutes; ARGS="--only detection")
	@$(bin)/python -m bench $(ARGS)

.PHONY: lock
lock: ## remake the locks from pyproject.toml (ARGS="--upgrade" takes newer versions; needs uv)
	@tools/make-locks $(ARGS)

.PHONY: clean
clean: ## forget .venv and the tools' caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: venv-run venv-dev
venv-run:
	@tools/make-venv run
venv-dev:
	@tools/make-venv dev
