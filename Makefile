# Everything a person needs is `make lab` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A folder of wheels for the pages that install into an environment of their own, without a network.
WHEELHOUSE := $(VENV)/share/flask-magic/wheels
WHEELS := blinker click flask itsdangerous jinja2 markupsafe werkzeug
# What stands in front of the servers of a live class.
PROXY := .cache/hub/node_modules/.bin/configurable-http-proxy
# The first of these that is new enough; `make PYTHON=… setup` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
LAB_OPTIONS ?=
# JupyterLab asks nobody on the network for news.
LAB_SETTINGS := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}
# One more than the two cores that this is timed on: a worker often waits, for a kernel or a browser. Four take no less.
PYTEST_OPTIONS ?= -n 3
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=60 --nbval-sanitize-with=notebooks/sanitize.cfg

.PHONY: help setup lab reset hub test lint unit pages nbval book pdf lock bench clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) $(WHEELHOUSE) ## create .venv and install everything from the lock

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
	  echo "flask-magic needs Python 3.11 or newer, and found none on PATH."; \
	  echo "Install one from your system's packages, or name it: make setup PYTHON=/path/to/python3.12"; exit 1; fi
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) could not create a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || true
	@uv=$$(command -v uv || ls $(BIN)/uv 2>/dev/null); \
	all() { $$1 --require-hashes -r requirements.lock && $$1 --no-deps --no-build-isolation -e .; }; \
	{ [ -n "$$uv" ] && UV_SYSTEM_CERTS=1 all "$$uv pip install --quiet --python $(BIN)/python"; } || \
	all "$(BIN)/python -m pip install --quiet --disable-pip-version-check" || { \
	  echo; echo "The packages could not be installed: see the message above."; \
	  echo "If it speaks of a connection or a name that is not found, this machine has no network just now:"; \
	  echo "the first set-up needs it once. Then run the same command again; nothing is lost."; exit 1; }
	@if git rev-parse --git-dir >/dev/null 2>&1; then $(BIN)/nbdime config-git --enable && \
	  git config diff.jupyternotebook.command "'$(abspath $(BIN))/git-nbdiffdriver' diff" && \
	  git config merge.jupyternotebook.driver "'$(abspath $(BIN))/git-nbmergedriver' merge %O %A %B %L %P"; fi
	@mkdir -p $(VENV)/share/jupyter/lab/settings && echo '$(LAB_SETTINGS)' > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $(READY)

$(WHEELHOUSE): requirements.lock | $(READY)
	@rm -rf $@ && mkdir -p $@
	@awk -v wanted=" $(WHEELS) " -F '==' '/^[a-z0-9]/ { keep = index(wanted, " " $$1 " ") } keep' requirements.lock | \
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
	  --dest $@ --requirement /dev/stdin || { \
	  rm -rf $@; echo "The wheels for the pages could not be fetched: the first set-up needs the network. Run it again."; exit 1; }

lab: setup ## open JupyterLab on your own copy of the collection, in work/
	@$(BIN)/flask-magic pages copy notebooks work
	@$(BIN)/jupyter lab --ServerApp.root_dir=work --LabApp.default_url=/lab/tree/index.ipynb $(LAB_OPTIONS)

reset: setup ## restore one page of work/: make reset PAGE=02-routing/02-variable-rules
	@$(BIN)/flask-magic pages copy notebooks work --reset "$(PAGE)"

hub: setup $(PROXY) ## hold a live class, a JupyterLab for each learner: FLASK_CLASS_PASSWORD=… make hub (needs Node.js)
	@$(BIN)/jupyterhub --config hub/jupyterhub_config.py

$(PROXY): hub/package-lock.json
	@command -v npm >/dev/null || { \
	  echo "make hub needs Node.js 20 or newer with npm. On Debian and Ubuntu: apt install nodejs npm"; exit 1; }
	@mkdir -p .cache/hub && cp hub/package.json hub/package-lock.json .cache/hub && cd .cache/hub && \
	npm ci --silent --ignore-scripts --no-audit --no-fund || { \
	  echo "The proxy could not be fetched: the first time, this needs the network. Run it again."; exit 1; }
	@touch $@

test: lint unit nbval ## run every test

lint: setup ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

unit: setup ## the tests of the package, the pages, the browser and the site
	@$(BIN)/pytest $(PYTEST_OPTIONS) --dist loadfile

nbval: setup ## run every notebook and compare every output
	@$(BIN)/pytest $(PYTEST_OPTIONS) --dist loadfile $(NBVAL) notebooks book/intro.ipynb book/reference

pages: setup ## run the pages storing their outputs, index them, and check them against the guide
	@$(BIN)/flask-magic pages run notebooks book/intro.ipynb book/reference
	@$(BIN)/flask-magic pages index notebooks
	@$(BIN)/flask-magic pages check notebooks

book: setup ## build the site, whose pages run in the browser, into book/_build/html (needs Node.js)
	@$(BIN)/flask-magic pages toc notebooks book/_toc.yml
	@$(BIN)/jupyter-book build . --path-output book --toc book/_toc.yml -W -n --keep-going --all

pdf: book ## print the site as one PDF, book/_build/html/flask-live.pdf, and link to it (needs Chromium)
	@$(BIN)/python book/press book/_build/html flask-live.pdf

lock: setup ## resolve the dependencies anew
	@$(BIN)/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 \
	  --generate-hashes --no-header --quiet --upgrade --output-file requirements.lock

bench: setup ## measure, and write bench/README.md
	@$(BIN)/python bench/run.py

clean: ## remove what was built (never work/ or class/)
	@rm -rf $(VENV) .cache book/_build book/_toc.yml .pytest_cache .mypy_cache .ruff_cache .hypothesis
