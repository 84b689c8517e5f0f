# Every verb is a subcommand of the harness (scripts/harness); `make` alone lists them.
# Needs Python 3.11+, make, git and Terraform (setup fetches Terraform where it is missing).
PYTHON ?= python3
export ENV SUFFIX TARGET OWNER CONFIRM ALLOW_DESTROY ALLOW_UNCOMPARED REVEAL PORT ALL ARGS VERSION PACE WHAT SINCE SHARD AT BACKUP MODE QUICK FUNCTION TABLE MODULE WRITE
export PYTHONPATH := $(CURDIR)/scripts
# Byte-code below build/, so that a run leaves the tree as it was.
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/cache/pycache

VENV := build/venv
# The harness's own list; help and setup run before its packages are installed.
VERBS := $(filter-out help setup,$(shell sed -n 's/^    "\([a-z-]*\)": Verb.*/\1/p' scripts/harness/base/verb_list.py))

.DEFAULT_GOAL := help
.PHONY: help setup $(VERBS)

help setup:
	@$(PYTHON) -m harness $@

$(VERBS): $(VENV)/.installed
	@$(VENV)/bin/python -m harness $@

# The stamp records the pins it was made from; newer pins make setup run again.
$(VENV)/.installed: requirements/harness.txt requirements/checkov.txt
	@$(PYTHON) -m harness setup

.NOTPARALLEL:
