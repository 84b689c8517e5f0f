# A thin layer over the program, scripts/blueprint, which has exit codes that make has not (make turns each into 2),
# options and their help for each verb, and completion. `make` alone lists the verbs.
# Needs Python 3.11+, make, git and Terraform (setup fetches Terraform where it is missing).
# Variables of make's command line reach the program by themselves, as make exports them: make plan ENV=dev.
PYTHON ?= python3
# The program's own list, for a shell that completes them; the program says itself what is no verb.
override VERBS := $(shell sed -n 's/^    "\([a-z-]*\)": Verb.*/\1/p' scripts/harness/base/verb_list.py)

ifeq ($(shell command -v $(PYTHON) 2> /dev/null),)
$(error error: there is no $(PYTHON) -> install Python 3.11 or newer, or say make VERB PYTHON=/path/to/python3.11)
endif
# Whoever exports them to make would not see a verb fail, or not see it run.
ifneq ($(findstring i,$(firstword -$(MAKEFLAGS)))$(findstring t,$(firstword -$(MAKEFLAGS))),)
$(error error: make is told to ignore errors or to touch files (MAKEFLAGS) -> leave -i and -t out)
endif

.DEFAULT_GOAL := help
.PHONY: $(VERBS) FORCE

$(VERBS):
	@$(PYTHON) scripts/blueprint $@

# Whatever else is asked for, files and folders of that name included, is the program's to answer.
%: FORCE
	@$(PYTHON) scripts/blueprint $@

FORCE Makefile: ;

.NOTPARALLEL:
