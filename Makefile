# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
RUN := runs/demo

.PHONY: demo test check bench soak peers setup clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	@echo "Installing (a minute or two; torch is the large one) ..."
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch hatchling editables
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation -e ".[dev]"
	@touch $@

demo: setup
	$(BIN)/nmt train data/train --source en --target de --dev data/dev --preset demo --out $(RUN)
	@echo; echo "Held-out sentences, translated from stdin:"
	head -n 5 data/test.en | tee /dev/stderr | $(BIN)/nmt translate $(RUN)
	@echo; echo "All 500 of them, scored:"
	$(BIN)/nmt translate $(RUN) < data/test.en > $(RUN)/test.hyp
	$(BIN)/nmt score $(RUN)/test.hyp --reference data/test.de
	@echo; echo "What the decoder read for each word of one sentence:"
	head -n 1 data/test.en | $(BIN)/nmt attend $(RUN)

test: setup
	$(BIN)/pytest --numprocesses auto --dist worksteal --durations 25 --durations-min 5

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The short benchmarks. FOLDER: a corpus like Multi30k instead of data/. MODEL: a trained model folder.
bench: setup
	$(BIN)/python benchmarks/startup.py $(if $(MODEL),--model $(MODEL))
	$(BIN)/python benchmarks/train_speed.py $(or $(FOLDER),data) --updates 40 --rounds 2
	$(BIN)/python benchmarks/translate_speed.py $(or $(FOLDER),data) --rounds 2 $(if $(MODEL),--model $(MODEL))
	$(if $(FOLDER),,@echo "skipped: multi30k.py and quality_race.py need a corpus: make bench FOLDER=...")
	@echo "long and to be run by themselves: cells.py attention.py$(if $(FOLDER), multi30k.py quality_race.py); with a model alignment.py doubt.py length.py terms.py; see benchmarks/README.md"

# Hours of what may go wrong; each part can be run by itself. Some parts need Linux, and the full disks root.
soak: setup
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation -e ".[dev,soak]"
	$(BIN)/pytest -q tests/commands/test_bulk_ray.py
	$(BIN)/python tests/soak/survive.py --kills 50 --disks 10
	$(BIN)/python tests/soak/lines.py --lines 10000
	$(BIN)/python tests/soak/fuzz.py --cases 100000 --seconds 1800

# Other toolkits, each in an environment of its own under runs/peers/.
peers: setup
	$(BIN)/python benchmarks/peers/install.py

clean:
	rm -rf .venv runs
