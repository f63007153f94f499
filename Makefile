PYTHON ?= python3.11
VENV := .venv

.PHONY: test check
test:
	$(VENV)/bin/pytest
