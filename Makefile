# The front door. What each target does stands in scripts/; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help run build test format lint bench install uninstall clean

SOURCES := Package.swift Sources Tests

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run it all here, with data in it: PORT=8080 STATE=./.run PAYMENTS=auto|off
	@scripts/run

build: ## Build the program for release
	@scripts/prepare run
	swift build -c release --product purser

test: ## Install what the tests need, and run them all
	@scripts/test

format: ## Put the Swift sources into the house's format
	swift format -i -p -r $(SOURCES)

lint: ## Say where the Swift sources are not in it
	swift format lint --strict -p -r $(SOURCES)

bench: ## Measure against the C ceiling and Flask, and write a table
	@scripts/prepare bench
	swift build -c release --product purser
	@bench/run

install: ## Put it in place on this machine, as root: PREFIX=/usr/local DESTDIR=
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install

uninstall: ## Take it away again; data, secrets and edited settings stay
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install --remove

clean: ## Remove what was built; the demo's data in .run stays
	rm -rf .build .build-*
