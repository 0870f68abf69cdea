# Every target sets up .venv by itself. It needs only Python 3.11 or later.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo serve test chromium haproxy postgresql pictures floors test-containers mutants fuzz soak bench check check-page generate clean

help:
	@echo "make demo      watch a flow fail over from Viber to Sms to Voice"
	@echo "make serve     run the mock on http://127.0.0.1:8080   (ARGS='--clock manual')"
	@echo "make test      run every test"
	@echo "make floors    run tests with the lowest version of every dependency"
	@echo "make test-containers   run the image, compose.yaml and RouteeContainer in Podman   (root on Debian; installs its podman)"
	@echo "make mutants   make small mistakes in the core, and check that its tests find them   (ARGS='ttl clock' for some)"
	@echo "make fuzz      attack every endpoint with broken requests   (SECONDS=120, SEED=, COUNT=, FROM=: see tests/fuzz/)"
	@echo "make soak      send 100,000 flows, and account for every callback   (FLOWS=, SEED=, SHARE=, or KILLS=, PLACE=: see tests/soak/)"
	@echo "make bench     measure what the mock costs   (CASE=send, BASE=main, FULL=1, PEERS=1: see benchmarks/)"
	@echo "make check     lint and type-check"
	@echo "make pictures  take the pictures of the page anew   (needs chromium: make chromium)"
	@echo "make generate  write the generated files again: reference pages, samples in the manual, the plain client, examples of the API"
	@echo "make clean     remove everything that the other targets made"

demo: .venv/installed
	@$(BIN)/routee-mock demo

serve: .venv/installed
	@$(BIN)/routee-mock serve $(ARGS)

# All tests of one file run on one worker, so what the file builds and starts exists only once.
# The tests start Python a hundred times. It keeps what it compiles, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/tested .venv/paged
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# Tests that meet each package where the mock uses it, in the order of docs/footprint.md: the rest would say the same
# of any version. The packages' own warnings are years old, and not ours to mend.
FLOORS := tests/numbering tests/delivery tests/wire/routee tests/wire/scenario tests/wire/verify tests/wire/control \
	tests/test_loader.py tests/http/test_protocol.py tests/http/test_connections.py tests/http/test_routee.py \
	tests/http/test_metrics.py tests/cli/test_cli.py tests/client tests/testing tests/test_tls.py tests/test_fakes.py \
	tests/strategies/test_otp.py tests/strategies/test_scenarios.py tests/test_testcontainers.py tests/test_pytest_plugin.py
floors: export PYTHONDONTWRITEBYTECODE =
floors: .venv/floors
	.venv/floors/bin/python -m pytest -n auto --dist loadfile -p no:cacheprovider -W ignore::PendingDeprecationWarning \
		-W 'ignore:The @wait_container_is_ready:DeprecationWarning' $(FLOORS) $(ARGS)

test-containers: .venv/contained
	$(BIN)/python -m pytest --log-cli-level=info tests/containers $(ARGS)

mutants: .venv/tested
	$(BIN)/python -m tests.core.mutants $(ARGS)

fuzz: .venv/tested
	@$(BIN)/python -m tests.fuzz

soak: .venv/tested
	@$(BIN)/python -m tests.soak

bench: export PYTHONDONTWRITEBYTECODE =
bench: .venv/tested
	@$(BIN)/python -m benchmarks

check: .venv/checked
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-page; \
	else echo "THE TYPES AND THE STYLE OF THE PAGE ARE NOT CHECKED: npm is not installed"; fi

check-page: .venv/page/checked
	.venv/page/node_modules/.bin/tsc -p tools/page
	.venv/page/node_modules/.bin/biome lint --config-path=tools/page --error-on-warnings mockserver/ui

.venv/page/checked: tools/page/package-lock.json .venv/checked
	@mkdir -p .venv/page && cp tools/page/package.json tools/page/package-lock.json .venv/page
	npm ci --prefix .venv/page --silent --no-audit --no-fund
	@touch $@

# The browser in which the page is tested: Debian's. Elsewhere, or without root, it is for the user to install.
chromium:
	@if [ -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then apt-get update -qq && apt-get install -qq --yes chromium; \
	else echo "chromium is not installed: install it, or say where it is with CHROMIUM=" >&2; exit 1; fi

# The proxy that several mocks are tested behind: Debian's. Elsewhere, or without root, it is for the user to install.
haproxy:
	@if [ -n "$$HAPROXY" ] || PATH="$$PATH:/usr/local/sbin:/usr/sbin" command -v haproxy >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then apt-get update -qq && apt-get install -qq --yes haproxy; \
	else echo "haproxy is not installed: install it, or say where it is with HAPROXY=" >&2; exit 1; fi

# The database that several mocks share: Debian's, which tests start for themselves. Elsewhere, or without root, it is for
# the user to install.
postgresql:
	@if [ -n "$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || command -v initdb >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then apt-get update -qq && apt-get install -qq --yes postgresql; \
	else echo "PostgreSQL is not installed: install it, with its initdb on the PATH" >&2; exit 1; fi

pictures: .venv/paged
	$(BIN)/python -m tools.pictures

generate: .venv/checked
	$(BIN)/python -m tools.plain_client
	$(BIN)/python -m tools.cluster
	$(BIN)/python -m tools.manual
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.examples

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist benchmarks/.peers benchmarks/results.*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, not " + sys.version.split()[0] + "; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[fast,tls]'
	@touch $@

.venv/tested: pyproject.toml .venv/installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

.venv/paged: pyproject.toml .venv/tested
	@if [ -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then $(BIN)/python -m pip install --quiet --group page && touch $@; \
	else echo "THE PAGE WILL NOT BE TESTED: chromium is not installed (make chromium, as root on Debian)"; fi

.venv/floors: pyproject.toml .venv/tested
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $@
	$(BIN)/uv pip install --quiet --python $@/bin/python --resolution lowest-direct --group floors \
		--editable '.[fast,tls,faker,hypothesis,postgres,testcontainers]' || { rm -rf $@; false; }

.venv/contained: pyproject.toml .venv/tested
	$(BIN)/python -m pip install --quiet --group containers
	@touch $@

.venv/checked: pyproject.toml .venv/tested
	$(BIN)/python -m pip install --quiet --group check
	@touch $@
