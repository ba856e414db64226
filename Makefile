# Steward's verbs. `make demo` and `make test` need Python 3.11 or newer and make, and install the rest beside themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
STATE := .local
UV := $(STATE)/tools/bin/uv
VENV := .venv/bin
MINISTACK := $(STATE)/ministack-venv/bin/python
MINISTACK_VERSION := 1.5.33
# It wants another click than the SAM CLI does, and so has an environment of its own.
MUTMUT := $(STATE)/mutmut-venv/bin/python
MUTMUT_VERSION := 3.8.1
# It pins most of what there is, and so has an environment of its own too.
CHECKOV := $(STATE)/checkov-venv/bin/checkov
CHECKOV_VERSION := 3.3.30
# AWS's engine for Guard rules, in the CDK's plugin for it.
GUARD := $(STATE)/guard/cfn-guard
GUARD_CARRIER := cdklabs-cdk-validator-cfnguard==0.0.62
TEMPLATES = template.yaml $(wildcard stacks/*.yaml) $(wildcard controls/*.yaml)
comma := ,

export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Bytecode is kept, for scikit-learn alone takes seconds to compile, but beside the sources it would end in the functions' packages.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(abspath $(STATE))/pycache
export SAM_CLI_TELEMETRY := 0
# Whatever the developer's own AWS settings are: no verb needs them, and none may reach a real account by them.
unexport $(filter AWS_%,$(.VARIABLES))
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
export AWS_EC2_METADATA_DISABLED := true
export NO_PROXY := 127.0.0.1,localhost$(if $(NO_PROXY),$(comma)$(NO_PROXY))
export no_proxy := $(NO_PROXY)

.PHONY: help install demo test check pr up down bench chaos mutants schemas lock clean

help: ## List the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(STATE)/installed $(GUARD) ## Install everything that the other verbs need, once

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Steward needs Python 3.11 or newer; say where it is with make PYTHON=..."; exit 1; }
	@echo "Installing uv"
	@$(PYTHON) -m venv $(STATE)/tools
	@$(STATE)/tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.8

$(STATE)/installed: requirements/dev.txt pyproject.toml | $(UV)
	@echo "Installing Steward's tools into .venv"
	@test -x $(VENV)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(VENV)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(VENV)/python --no-deps --editable .
	@echo "Installing MiniStack, which plays the AWS accounts, into $(STATE)/ministack-venv"
	@test -x $(MINISTACK) || $(UV) venv --quiet --python $(VENV)/python $(STATE)/ministack-venv
	@$(UV) pip install --quiet --python $(MINISTACK) 'ministack[full]==$(MINISTACK_VERSION)'
	@touch $@

$(GUARD): | $(STATE)/installed
	@echo "Installing cfn-guard, which judges templates, into $(STATE)/guard"
	@$(UV) pip install --quiet --no-deps --python $(VENV)/python --target $(STATE)/guard/carrier '$(GUARD_CARRIER)'
	@$(VENV)/python -m scripts.guard $(STATE)/guard/carrier $@
	@rm -rf $(STATE)/guard/carrier

$(STATE)/checkov-$(CHECKOV_VERSION): | $(STATE)/installed
	@echo "Installing Checkov, which scans templates, into $(STATE)/checkov-venv"
	@test -x $(CHECKOV) || $(UV) venv --quiet --python $(VENV)/python $(STATE)/checkov-venv
	@$(UV) pip install --quiet --python $(STATE)/checkov-venv/bin/python 'checkov==$(CHECKOV_VERSION)'
	@touch $@

demo: install ## Play the life of two model versions on this machine, from registration to production
	@UV=$(abspath $(UV)) bash scripts/demo

test: install ## Run every test, as many at once as the machine has cores
	@UV=$(abspath $(UV)) $(VENV)/python -m pytest --numprocesses auto

check: install $(STATE)/checkov-$(CHECKOV_VERSION) ## Format, lint, types, import contracts, templates: what CI checks
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@PYTHONPATH=layers/governance/python:cli $(VENV)/lint-imports
	@$(VENV)/cfn-lint --regions eu-west-1 --template $(TEMPLATES)
	@printf '%s\n' $(TEMPLATES) | xargs -P 2 -I{} $(VENV)/sam validate --lint --region eu-west-1 --template {}
	@$(VENV)/python -m scripts.scan $(CHECKOV)

pr: check test ## Everything that CI runs

up: install ## Start the local cloud and keep it running; .local/cloud.json tells where
	@UV=$(abspath $(UV)) $(VENV)/python -m local_cloud up

down: ## End the local cloud
	@test ! -x $(VENV)/python || $(VENV)/python -m local_cloud down

bench: install ## Measure, and write bench/results
	@UV=$(abspath $(UV)) $(VENV)/python -m bench

chaos: install ## Play a fleet in a misbehaving cloud and compare every record with the truth; SEED= repeats a run
	@UV=$(abspath $(UV)) $(VENV)/python -m chaos $(if $(SEED),--seed $(SEED)) $(CHAOS)

$(STATE)/mutmut-installed: requirements/dev.txt layers/dependencies/requirements.txt layers/checksums/requirements.txt | $(STATE)/installed
	@echo "Installing mutmut into $(STATE)/mutmut-venv"
	@test -x $(MUTMUT) || $(UV) venv --quiet --python $(VENV)/python $(STATE)/mutmut-venv
	@$(UV) pip install --quiet --python $(MUTMUT) 'mutmut==$(MUTMUT_VERSION)' -r layers/dependencies/requirements.txt \
		-r layers/checksums/requirements.txt \
		$$(grep -oE '^(hypothesis|pytest|pytest-timeout|pyyaml)==[0-9.]+' requirements/dev.txt)
	@touch $@

mutants: install $(STATE)/mutmut-installed ## Change the decision modules over and over, and see that a test notices; write bench/results/mutants.txt
	@$(MUTMUT) -m scripts.mutants $(MODULES)

schemas: install ## Write the schemas and the reference of events and commands anew
	@$(VENV)/python -m scripts.schemas

lock: | $(UV) ## Choose versions anew and write the requirements
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --frozen --all-groups --no-emit-project --no-header -o requirements/dev.txt
	@$(UV) export --quiet --frozen --no-default-groups --no-emit-project --no-hashes --no-header -o layers/dependencies/requirements.txt
	@$(UV) export --quiet --frozen --only-group checksums --no-emit-project --no-hashes --no-header -o layers/checksums/requirements.txt

clean: down ## Remove everything that was installed and built
	@rm -rf .venv $(STATE) .aws-sam
