# Needs make and python3 (3.11 or newer); all else is fetched into .venv and .cache.
#
#   make demo     the exporter beside simulated SBCs; Ctrl-C ends it
#   make test     every test; ARGS="-k login -x" goes to pytest
#   make lint     ruff and mypy
#   make bench    beside blackbox_exporter; ARGS=--quick for a first look: see benchmarks/
#   make clean    leaves what git has
#
# PYTHON=/path/to/python3.12 takes another Python.

PYTHON ?= python3
ARGS ?=

PIP_INSTALL = .venv/bin/python -m pip --disable-pip-version-check install --quiet --editable

# What runs a command as root without asking for a password; `false` where nothing does.
AS_ROOT = $(shell [ "$$(id -u)" = 0 ] && echo env || \
	{ sudo -n true 2>/dev/null && echo sudo -n env || echo false; })

.PHONY: demo test lint bench clean

demo: .venv/simulator
	@.venv/bin/sbc-exporter demo $(ARGS)

test: .venv/dev
	@sh tests/prometheus.sh
	@sh tests/axe.sh
	.venv/bin/python -m pytest -n auto --dist loadfile $(ARGS)

lint: .venv/dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

bench: .venv/dev
	@sh tests/prometheus.sh prometheus-blackbox-exporter prometheus-blackbox-exporter
	.venv/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .cache dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# These two say what .venv holds, and since when.
.venv/simulator: pyproject.toml | .venv/bin/pip
	$(PIP_INSTALL) '.[simulator]'
	@touch $@

.venv/dev: pyproject.toml | .venv/bin/pip
	$(PIP_INSTALL) '.[dev]'
	@touch .venv/simulator $@

# pip comes last into a new environment, so it marks a whole one. Debian packs
# what puts it there apart from python3.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'sbc_exporter needs Python 3.11 or newer: name one with make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	    apt='$(AS_ROOT) DEBIAN_FRONTEND=noninteractive apt-get -qq -y'; \
	    [ '$(AS_ROOT)' != false ] && echo 'Installing python3-venv with apt.' && \
	    { $$apt install python3-venv || { $$apt update && $$apt install python3-venv; }; } \
	} || { echo '$(PYTHON) has no ensurepip: as root, run apt-get install python3-venv.' >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }
