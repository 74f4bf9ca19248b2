# Two commands: `make serve` and `make test`. Everything lands in .venv and .data.
.DEFAULT_GOAL := help
.PHONY: help serve test check quick bench lint types layers audit fuzz browser wheel sbom image clean

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c '$(SUPPORTED)' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DATA := .data
MODELS := deu eng fra nld script-latn
LATIN := /usr/share/tesseract-ocr/5/tessdata/Latin.traineddata
AXE := .venv/axe-core-4.14.1.tgz
PROVIDER := .venv/oidc-provider/node_modules
SBOM := .venv/sbom
# Processes of tests. On two cores, since a third of the time they wait for disks and clocks.
AT_ONCE := 3

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

serve: $(DATA)/.sample ## Install, load the sample documents, answer on http://127.0.0.1:8000
	PASSERELLE_QUESTIONS=corpus/sample/questions.jsonl $(BIN)/passerelle serve --data $(DATA)

test: .venv/.dev browser $(AXE) $(PROVIDER) ## Install the test tools; lint, types, layers, tests
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types layers
	$(BIN)/pytest --numprocesses $(AT_ONCE) --dist loadfile --cov --cov-report=term --durations=20

check: .venv/.dev ## Lint, types, layering, and the tests without model and browser: under a minute
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target quick lint types layers

quick: .venv/.dev # PyTorch takes longer to load than all of these to run
	$(BIN)/pytest --numprocesses 2 -m "not browser and not model and not slow" \
		--ignore tests/training/test_align.py --ignore tests/training/test_teacher.py

bench: $(DATA)/bench/libreoffice-help.jsonl ## Measure speed, beside other tools: two hours; see benchmarks/results
	$(BIN)/python -m benchmarks.speed.all $< $(DATA)/bench/run --results benchmarks/results --images docs/images

$(DATA)/bench/libreoffice-help.jsonl: | .venv/.dev # out of Debian's packages
	$(BIN)/python -m training.parallel --out $(@D) --source libreoffice-help

lint: .venv/.dev # bandit is here, so that what it finds is mended at once
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml api corpus index qa

types: .venv/.dev
	$(BIN)/mypy

layers: .venv/.dev
	$(BIN)/lint-imports

audit: .venv/.dev ## Look for known vulnerabilities in what is installed
	$(BIN)/pip-audit --progress-spinner off --requirement constraints.txt --no-deps --disable-pip

fuzz: .venv/.dev ## Call every operation of the API 500 times, alone and in sequences
	$(BIN)/python -m tests.robustness.fuzz

browser: # Debian's Chromium, for the tests of the pages, its pdftotext and Tesseract for the readers
	@{ command -v chromium && command -v pdftotext && test -e $(LATIN); } >/dev/null || { apt-get \
		update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core \
		poppler-utils tesseract-ocr $(MODELS:%=tesseract-ocr-%); }

$(AXE): | .venv/.dev # the accessibility checker, out of npm's registry, for the same tests
	@command -v npm >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends npm; }
	npm pack --silent --ignore-scripts --pack-destination $(@D) axe-core@4.14.1
	sha256sum --quiet --check tests/browser/axe-core.sha256 || { rm $@; exit 1; }

# The provider of OpenID Connect that people sign in with in the tests, out of the same registry.
$(PROVIDER): tests/api/auth/oidc/package-lock.json | $(AXE)
	mkdir -p $(@D) && cp tests/api/auth/oidc/package*.json $(@D)
	cd $(@D) && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	touch $@

wheel: .venv/.dev ## Build wheel and sdist into dist/, twice: they have to be the same, byte by byte
	rm -rf dist .venv/again
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m build --outdir .venv/again
	diff --recursive dist .venv/again
	cd dist && sha256sum passerelle-*

# Of an environment of its own, because .venv has the test tools too.
sbom: .venv/.installed ## List what a server installs, with licences, in dist/passerelle.cdx.json: CycloneDX
	test -e $(SBOM)/tool || { $(PYTHON) -m venv $(SBOM)/tool && \
		$(SBOM)/tool/bin/python -m pip install --quiet cyclonedx-bom==7.5.0; }
	test -e $(SBOM)/server || $(PYTHON) -m venv --without-pip $(SBOM)/server
	$(PIP) --python $(SBOM)/server install --quiet --constraint constraints.txt .
	mkdir -p dist
	$(SBOM)/tool/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file dist/passerelle.cdx.json $(SBOM)/server/bin/python

image: ## Build the container's image without Docker, into dist/; as root, and it takes minutes
	deploy/image.sh dist

clean: ## Remove the environment, the sample's data and what tests keep
	rm -rf .venv $(DATA) .cache

.venv/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Passerelle needs Python 3.11, 3.12 or 3.13. Install one, or run make PYTHON=/path/to/it."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/.dev: .venv/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev,training]'
	touch $@

$(DATA)/.sample: .venv/.installed $(shell find corpus/sample/documents -type f 2>/dev/null)
	$(BIN)/passerelle ingest corpus/sample/documents --collection sample --prune --data $(DATA)
	touch $@
