# 工場ハック (kojohack): bare `make` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo learn test check faults soak bench derive accuracy factories pictures wheel clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_DATA ?= demo-data
KOJO_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## この一覧 / this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 以上が必要です / Python 3.11 or newer is needed ($$($(PYTHON) --version 2>&1))" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "venv が作れません。sudo apt install python3-venv を先に / cannot make a venv: sudo apt install python3-venv" >&2; exit 2; }

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "部品(Python パッケージ)をそろえています。初回は数分かかります / getting the packages, a few minutes the first time"
	@$(BIN)/pip install -q --progress-bar on -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "試験の道具をそろえています。初回は数分かかります / getting the test tools, a few minutes the first time"
	@$(BIN)/pip install -q --progress-bar on -e '.[dev]'
	@touch $@ $(VENV)/.demo

setup: $(VENV)/.demo ## .venv を用意(kojo が動く) / prepare .venv so that .venv/bin/kojo runs

node_modules/.learn: package.json package-lock.json
	@command -v npm >/dev/null || { \
	  echo "npm が要ります: sudo apt install npm / npm is needed: sudo apt install npm" >&2; exit 2; }
	@echo "ブラウザーの中の Python(13 MB)をそろえています / getting the browser's Python, 13 MB"
	@npm ci --silent
	@touch $@

learn: node_modules/.learn $(VENV)/.demo ## ブラウザーの課題の用意(一度だけ、ネットワークが要る) / the browser's Python, once

demo: $(VENV)/.demo ## 実演: 仮想の洗浄ライン一式 / the whole kit on a virtual washing line
	@exec $(BIN)/kojo demo --data $(DEMO_DATA) $(KOJO_ARGS)

test: $(VENV)/.dev ## すべての試験 / all tests
	@if command -v npm >/dev/null; then $(MAKE) -s node_modules/.learn || echo "npm: no network?" >&2; fi
	@$(BIN)/python -m tests.gate all

check: $(VENV)/.dev ## 速い試験(書き方・型・単体) / the quick part: lint, types, unit tests
	@$(BIN)/python -m tests.gate quick

faults: $(VENV)/.dev ## 故障を起こし、失った数と二重の数を数える / do faults, count what is lost and doubled
	@$(BIN)/python -m tests.gate faults

soak: $(VENV)/.dev ## 負荷と故障のもとで20分動かす / 20 minutes under load with faults (SOAK_MINUTES=60)
	@$(BIN)/python -m tests.faults.soak

bench: $(VENV)/.dev ## 速さと大きさを測る / measure speed and size
	@$(BIN)/python -m tests.bench $(BENCH)

derive: $(VENV)/.dev ## 作られるファイルを作り直す / make the generated files again
	@$(BIN)/python -m hardware.sensor_page docs/sensors
	@$(BIN)/python -m hardware.sensor_page --outputs docs/outputs
	@$(BIN)/python -m contract.line_guide docs/line.md
	@$(BIN)/python -m tests.who_may docs/who-may-mqtt.md
	@$(BIN)/python -m kpi.page docs/kpi.md
	@$(BIN)/python -m curriculum.lesson_wiring
	@$(BIN)/python -m curriculum.theme docs/themes.md
	@$(BIN)/python -m curriculum.pack docs

factories: $(VENV)/.dev ## 仮想の工場のわなを全部確かめる(数分) / every trap of every virtual factory, some minutes
	@KOJO_FACTORIES=all $(BIN)/python -m pytest -q -p no:cacheprovider -n 2 tests/curriculum/test_factory_traps.py

accuracy: $(VENV)/.dev ## 仮想の8週間で数字の正しさを確かめる / eight virtual weeks: how right the figures are
	@$(BIN)/python -m tests.accuracy_page docs/accuracy.md

pictures: $(VENV)/.dev ## docs/pictures を撮り直す / take docs/pictures again (needs chromium)
	@$(BIN)/python -m tests.pictures

wheel: $(VENV)/.dev ## 配布用の wheel / the wheel, in dist/
	@$(BIN)/python -m build --wheel --outdir dist .

clean: ## 作ったものを消す(データは残す) / remove what was made (data stays)
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
