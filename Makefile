# `make` alone lists what can be done. Every target does its own set-up.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench lock clean

help:  ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

setup:  ## Install everything a developer needs (also done by the others)
	@scripts/setup.sh dev

demo:  ## Run the whole site on this machine: web, worker, scheduler (PORT=8000; Ctrl-C stops all)
	@scripts/demo.sh

test:  ## Check the code, then run the tests on SQLite and on PostgreSQL + Redis
	@scripts/test.sh

check:  ## Run the linters, the type checker and the consistency checks
	@scripts/setup.sh dev
	@scripts/check.sh

bench:  ## Measure the budgets and print them as ratios
	@scripts/setup.sh dev
	@.venv/bin/pytest --ds=tests.benchmarks.settings -m benchmark tests/benchmarks -s -q -p no:randomly

lock:  ## Compile the locked requirements from pyproject.toml (needs the network)
	@scripts/setup.sh dev
	@scripts/lock.sh

clean:  ## Remove what the other targets made, the demonstration's data included
	rm -rf .venv build staticfiles test-results var .coverage htmlcov \
	  .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
