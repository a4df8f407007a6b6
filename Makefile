# Everything here needs Python 3.11 or newer, make and a package registry; the rest is installed into .venv, once.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=
WORKERS ?= 2

# Clients by others, each with a folder in tests/clients/ that pins it; none of them enters .venv.
CLIENTS := simple-salesforce jsforce salesforce-cli salesforce-pubsub-api-client hubspot-api-client hubspot-sdk \
	hubspot-node soql-common

# A later Python is found by its own name where `python3` is too old or comes without venv.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
IS_FIT := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help demo test test-clients check lint format openapi packages bench-api bench-calls bench-latency bench-memory bench-scale bench-write-back clean

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | while IFS=@ read -r target text; do \
		printf '%-18s %s\n' "$$target" "$$text"; done

demo: $(VENV)/.runtime ## fill two local CRMs, score every relationship, write it back; ONCE=1 stops there
	@exec $(BIN)/tieline demo $(if $(ONCE),--once) $(ARGS)

test: $(VENV)/.dev $(VENV)/.browser ## run all tests, also on a real PostgreSQL; ARGS="-k bookmark" chooses
	@exec $(BIN)/pytest -n $(WORKERS) $(ARGS)

test-clients: $(VENV)/.dev $(CLIENTS:%=.clients/%/.made) ## hold the local CRMs to clients by others, and show which proves what
	@exec $(BIN)/pytest tests/clients $(ARGS)

check: lint test ## what has to pass before a commit goes to main

lint: $(VENV)/.dev ## check style, layout and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.dev ## lay the code out
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

openapi: $(VENV)/.runtime ## write openapi/tieline.json anew
	@mkdir -p openapi
	@$(BIN)/tieline openapi > $(VENV)/openapi.json && mv $(VENV)/openapi.json openapi/tieline.json

packages: $(VENV)/.runtime ## write the packages of custom fields in deploy/ anew
	@rm -rf deploy/salesforce/custom-fields/force-app
	@$(BIN)/tieline package salesforce deploy/salesforce/custom-fields
	@$(BIN)/tieline package hubspot deploy/hubspot

bench-api: $(VENV)/.dev ## measure how many requests a second the API answers
	@exec $(BIN)/python tests/benchmarks/api.py $(ARGS)

bench-calls: $(VENV)/.dev ## count what reading a CRM takes and loses, beside tools by others; ARGS="--only tieline" is fast
	@exec $(BIN)/python -m tests.benchmarks.api_calls $(ARGS)

bench-latency: $(VENV)/.dev ## measure how long it takes from an activity to the custom field; ARGS="--people 1000 --ceiling"
	@exec $(BIN)/python -m tests.benchmarks.latency $(ARGS)

bench-memory: $(VENV)/.dev ## measure how much memory each stage takes as a CRM grows; ARGS="--activities 10000 300000 --crm hubspot"
	@exec $(BIN)/python -m tests.benchmarks.memory $(ARGS)

bench-scale: $(VENV)/.dev ## measure rescoring 10 million activities beside SQL by hand; ARGS="--activities 100000000 --rounds 1 --memory 2GB"
	@exec $(BIN)/python -m tests.benchmarks.scale $(ARGS)

bench-write-back: $(VENV)/.dev ## count what writing back takes when 3 % of 100,000 records changed, beside one call per record
	@exec $(BIN)/python -m tests.benchmarks.write_back $(ARGS)

clean: ## remove .venv, .clients, .peers and whatever tools left; var/ stays
	rm -rf $(VENV) .clients .peers dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find app connectors tests -name __pycache__ -prune -exec rm -rf {} +

# Half an environment is worse than none: an interrupted one is removed.
$(BIN)/python:
	@trap 'rm -rf $(VENV); exit 130' INT TERM; \
	for python in $(PYTHONS); do \
		$$python -c '$(IS_FIT)' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$($$python --version)."; \
		$$python -m venv --clear $(VENV) && exit 0; \
		rm -rf $(VENV); \
	done; \
	echo "Tieline needs Python 3.11 or newer with its venv module:" \
		"install it (on Debian or Ubuntu also python3-venv), then run make again." >&2; \
	exit 1

# A stamp is as old as the installation it stands for; a changed pyproject.toml installs again.
$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	@echo "Installing Tieline into $(VENV): a minute or so, this once."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing Tieline and its development tools into $(VENV): a minute or two, this once."
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable '.[engines,postgres,pubsub,spark]' --group dev
	@touch $@ $(VENV)/.runtime

# The console is tested in the system's Chromium. Without the right to install one, those tests are left out.
$(VENV)/.browser: | $(BIN)/python
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium from the system's packages, this once."; \
			(apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
				apt-get -qq install --yes --no-install-recommends chromium) >/dev/null; \
		else \
			echo "No Chromium here, and no right to install it: the console's tests are left out." >&2; \
		fi; \
	fi
	@touch $@

.PRECIOUS: .clients/%/.made
.clients/%/.made: tests/clients/%/requirements.txt | $(BIN)/python
	@echo "Installing $* into $(@D), this once."
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip --quiet --disable-pip-version-check install --requirement $<
	@touch $@

# The Node that these clients want comes from the Python registry, npm with it.
.clients/%/.made: tests/clients/%/package.json .clients/node/.made
	@echo "Installing $* into $(@D), this once."
	@mkdir -p $(@D) && cp $< $(@D)/package.json
	@cd $(@D) && PATH="$(CURDIR)/.clients/node/bin:$$PATH" \
		npm install --silent --no-audit --no-fund --ignore-scripts
	@touch $@
