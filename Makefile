# A thin layer over the program, scripts/blueprint, which has exit codes that make has not (make turns each into 2),
# options and their help for each verb, and completion. `make` alone lists the verbs.
# Needs Python 3.11+, make, git and Terraform (setup fetches Terraform where it is missing).
# Variables of make's command line reach the program by themselves, as make exports them: make plan ENV=dev.
PYTHON ?= python3
# The program's own list; it says itself what is no verb.
VERBS := $(shell sed -n 's/^    "\([a-z-]*\)": Verb.*/\1/p' scripts/harness/base/verb_list.py)

.DEFAULT_GOAL := help
.PHONY: $(VERBS)

$(VERBS):
	@$(PYTHON) scripts/blueprint $@

.DEFAULT:
	@$(PYTHON) scripts/blueprint $@

.NOTPARALLEL:
