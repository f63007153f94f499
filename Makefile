# Everything one command needs it sets up itself: Python 3.11 and make are enough. See docs/operations.md.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
# The first of these that is a Python 3.11; or name one: make demo PYTHON=/usr/bin/python3.11
PYTHON ?= $(shell for p in python3.11 python3 python; do "$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$p" && break; done)
# pytest's own arguments: make test ARGS="tests/deadlines -k pause"
ARGS ?=
export PYTHONUTF8 = 1
# Compiled code is kept, whatever the machine says: each process of the tests and of the demo would compile all of it anew.
export PYTHONDONTWRITEBYTECODE =

# Of the drill of faults: how many are killed, and which drill is drilled again.
ROUNDS ?= 54
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check bench faults format venv-demo venv-test

help:
	@echo "make demo        启动演示：PORT=8000 HOST=127.0.0.1，Ctrl-C 停止，数据保留"
	@echo "make demo-reset  清除演示数据，下次从头开始"
	@echo "make test        全部测试：ARGS=... 传给 pytest"
	@echo "make check       格式、静态检查、类型、分层、迁移、部署检查"
	@echo "make bench       性能测量：与同类做法和极限对比，约十分钟；全县规模：BENCH_HOUSEHOLDS=350000"
	@echo "make faults      故障演练：随机杀进程、清空消息中间件，至少五十轮，十五分钟以内：ROUNDS=54 SEED=..."
	@echo "make format      按约定改写格式"

demo: venv-demo
	@exec $(PY) -m config.local.demo

demo-reset: venv-demo
	@exec $(PY) -m config.local.demo --reset

test: venv-test
	@exec $(PY) -m pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

check: venv-test
	@exec $(PY) -m config.local.checks

bench: venv-test
	@exec $(PY) -m bench

# No round begins after 13 minutes; the evidence lies in test-results/faults.json, or where FAULTS_REPORT says.
faults: venv-test
	@ROUNDS=$(ROUNDS) SEED=$(SEED) FAULTS_SECONDS=780 exec $(PY) -m pytest -n 0 -s tests/faults $(ARGS)

format: venv-test
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) -m djlint --quiet --reformat templates

# Runs each time and does nothing when what is installed is what is locked.
venv-demo venv-test: venv-%:
	@if [ -z "$(PYTHON)" ]; then echo "没有找到 Python 3.11。请安装它（Debian 12：apt-get install python3.11 python3.11-venv），或用 PYTHON=... 指定。" >&2; exit 1; fi
	@exec $(PYTHON) config/local/venv.py $*
