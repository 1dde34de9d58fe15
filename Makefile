# Every target is a command of `stammkunde` or of a tool in `.venv`; make only calls it.
#
#   make PYTHON=python …          use the active environment (conda), make no .venv
#   make SYSTEM_PYTHON=python3.12 the Python that .venv is made from

SYSTEM_PYTHON ?= python3
REPETITIONS   ?= 1000
WORKERS       ?= 2
# left to test-full, with what is marked long: what needs other programs, whole reports or the truth
# of whole worlds
LONG          := tests/full tests/whole tests/worlds
# in the order of tests/conftest.py, which begins with what takes longest
SHARED        := --dist=loadgroup --no-loadscope-reorder
TESTS         ?=
OPTIONS       ?=

ifeq ($(OS),Windows_NT)
OWN := .venv/Scripts/python.exe
else
OWN := .venv/bin/python
endif

# -I -S: set-up needs neither site-packages nor the user's folders, and starts faster without
# one that is merely exported by the shell is not meant
ifeq ($(origin PYTHON),command line)
RUN  := $(PYTHON)
BOOT := $(PYTHON) tools/bootstrap.py --active
else
RUN  := $(OWN)
FIRST := $(if $(filter file,$(origin SYSTEM_PYTHON)),$(if $(realpath $(OWN)),$(OWN)))
BOOT := $(or $(FIRST),$(SYSTEM_PYTHON)) -I -S tools/bootstrap.py
endif

.DEFAULT_GOAL := help
# many small systems are solved: threads of linear algebra cost more than they save
test test-full validate: export OPENBLAS_NUM_THREADS := 1

.PHONY: help setup setup-dev reports report data lab init test test-full check format validate \
        bench docs docs-images lock environment wheelhouse clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## make .venv from requirements.lock, or do nothing where it fits
	@$(BOOT)

setup-dev: ## the same with linters, browser tests and docs
	@$(BOOT) --dev

reports: setup ## write the reports of all clients that are out of date
	@$(RUN) -m stammkunde report --all

report: setup ## write one client's reports: make report CLIENT=telco
	@$(RUN) -m stammkunde report $(CLIENT)

data: setup ## fetch the data that SOURCE.toml files name
	@$(RUN) -m stammkunde data

lab: setup ## open JupyterLab on notebooks/: make lab OPTIONS=--no-browser
	@$(RUN) -m stammkunde lab $(OPTIONS)

init: setup ## make a workspace elsewhere: make init DIR=~/clients
	@$(RUN) -m stammkunde init "$(DIR)"

test: setup ## run the tests that need no browser, service or office program
	@$(RUN) -m pytest --numprocesses=$(WORKERS) $(SHARED) -m "not long" $(foreach f,$(LONG),--ignore=$(f)) $(TESTS)

test-full: setup-dev ## run all tests; those whose program is missing fail
	@STAMMKUNDE_THOROUGH=1 $(RUN) -m pytest --numprocesses=$(WORKERS) $(SHARED) $(TESTS)

check: setup-dev ## lint, format, types, notebooks without outputs
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -m nbstripout --verify --keep-id notebooks/*.ipynb

format: setup-dev ## mend what `check` finds, where a machine can
	@$(RUN) -m ruff check --fix-only --exit-zero --quiet .
	@$(RUN) -m ruff format --quiet .
	@$(RUN) -m nbstripout --keep-id notebooks/*.ipynb

validate: setup ## compare estimators with known truths: make validate REPETITIONS=100
	@$(RUN) -m tests.validate --repetitions $(REPETITIONS) $(OPTIONS)

bench: setup-dev ## speed beside plain SQL, lifelines, survival: make bench OPTIONS="--only estimators"
	@$(RUN) -m benchmark $(OPTIONS)

docs: setup-dev ## build the user documentation into docs/_build
	@$(RUN) -m sphinx -W -q -b html docs docs/_build

docs-images: setup-dev ## draw the pictures of docs/img from the reports
	@$(RUN) -m stammkunde report telco
	@$(RUN) tools/images.py

lock: setup-dev ## resolve pyproject.toml anew into the two locks
	@$(BOOT) --lock
	@$(RUN) tools/environment.py

environment: setup ## write environment.yml from pyproject.toml
	@$(RUN) tools/environment.py

wheelhouse: setup ## fill wheelhouse/ for a machine without a network
	@$(BOOT) --wheelhouse

clean: ## remove .venv, products and caches; data and wheelhouse/ stay
	@rm -rf .venv reports docs/_build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
