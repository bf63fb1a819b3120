# Two commands for everyone: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A registry that does not answer at once is asked again.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 10 --timeout 60 -c constraints.txt
MODEL := sample_models/community_centre.ifc
PROJECT := sample_models/community_centre.toml

.PHONY: demo demo-live test lint validate models clean

demo: $(VENV)/installed
	$(BIN)/twin evaluate $(MODEL) --project $(PROJECT) --out out

# The live twin of the pilot community with a simulated day; stop it with Ctrl+C.
demo-live: $(VENV)/installed-for-server
	$(BIN)/twin serve --demo

# The kernels are compiled first, by two processes; each of pytest's would compile them all.
test: $(VENV)/installed-for-tests
	$(BIN)/twin warmup
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m viewer.build --check

# Validation against published cases and peers, longer than the suite.
validate: $(VENV)/installed-for-tests
	$(BIN)/python -m pytest -m slow

models: $(VENV)/installed
	$(BIN)/python -m sample_models

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "greentwin needs Python 3.11 to 3.13; run: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	GREENTWIN_PAGE=skip $(INSTALL) -e .
	@touch $@

$(VENV)/installed-for-server: $(VENV)/installed
	$(INSTALL) -e '.[server]'
	$(BIN)/python -m viewer.build
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/installed
	$(INSTALL) -e '.[test]'
	$(BIN)/python -m viewer.build
	@touch $@

clean:
	rm -rf $(VENV) out build dist viewer/web/dist viewer/web/node_modules
