# Everything that can be done with Headcount's source. Each target installs what it lacks, and says so first.

.DEFAULT_GOAL := help
.PHONY: help run demo test lint unit torture truth desktop desktops compositors ui screens wire fuzz package test-package deny cross cross-lint cross-full static portable bench test-claude hermetic

NEED := sh make/need

# The desktop harness and the scripts that the command's tests run are for Linux.
ifeq ($(shell uname),Linux)
LINTED := --workspace --all-targets
TESTED :=
else
LINTED := -p headcount-core -p headcount-engine -p headcount -p headcount-tray
TESTED := --lib --bins
endif

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

run: ## Build the tray app and start it on your registry (without a desktop: the demo)
	@if [ -n "$$WAYLAND_DISPLAY$$DISPLAY" ]; then \
		$(NEED) build && cargo build --release -p headcount-tray && exec target/release/headcount-tray; \
	else \
		echo "There is no desktop session here, so here is the demo on a throw-away one."; \
		$(MAKE) --no-print-directory demo; \
	fi

demo: ## The story on a throw-away desktop, with pictures in target/demo/ (DESKTOP=1: on your own)
	@$(NEED) build desktop
	cargo build -p headcount-tray -p headcount-desktop
	@target/debug/demo target/debug/headcount-tray target/demo $(if $(DESKTOP),--here)

test: lint ui unit desktop compositors ## Everything that is checked, the quick things first

lint: ## Formatting and clippy
	@$(NEED) build
	cargo fmt --all --check
	cargo clippy $(LINTED) --locked -- -D warnings
	@# The fuzz targets are a workspace of their own. The given library is not linked, so that libFuzzer is not compiled.
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	CUSTOM_LIBFUZZER_PATH=/unused/libfuzzer.a cargo check --manifest-path fuzz/Cargo.toml --locked --target-dir target

ui: ## The window's page: its types and words, and in a real browser that everybody can use it
	@$(NEED) node browser
	cd ui && npm ci --silent --no-fund --no-audit && npm run --silent check && npm run --silent test && npm run --silent browse

screens: ## Pictures of every page and state of the window, in target/screens/
	@$(NEED) node browser
	cd ui && npm ci --silent --no-fund --no-audit && npm run --silent screens

unit: ## Core, engine and the built command
	@$(NEED) shells
	cargo test --locked -p headcount-core -p headcount-engine -p headcount $(TESTED)
	cargo test --locked -p headcount-core --features wire-types --test wire
	$(if $(filter Darwin,$(shell uname)),cargo test --locked -p headcount --test cli protocol_cases)

portable: ## The engine's suite with the code of macOS and Windows, on Linux
	@$(NEED) build
	cargo test --locked -p headcount-engine --features portable --lib --test engine

hermetic: ## Core, engine and the built command as another user, with a strange home, time zone and language
	@$(NEED) shells
	@make/hermetic

torture: ## The long rounds
	@$(NEED) build
	HEADCOUNT_TORTURE=1 cargo test --locked -p headcount-engine --release --test torture -- --nocapture --test-threads=1
	HEADCOUNT_TORTURE=1 cargo test --locked -p headcount-engine --release --lib store::overwrite_detector -- --nocapture
	HEADCOUNT_TORTURE=1 cargo test --locked -p headcount --test cli syscall_faults -- --nocapture
	HEADCOUNT_TORTURE=1 cargo test --locked -p headcount --test cli power_loss -- --nocapture

truth: ## Simulated days of sessions, every verdict compared with the truth (DAYS=1000, SEED=1, PROFILE=release)
	@$(NEED) build
	HEADCOUNT_TRUTH_DAYS=$(or $(DAYS),1000) HEADCOUNT_TRUTH_SEED=$(or $(SEED),1) cargo test --locked -p headcount-engine --profile $(or $(PROFILE),release) --test truth -- --nocapture

desktop: ## The built app on real desktops
	@$(NEED) build desktop
	cargo build --locked -p headcount
	cargo test --locked -p headcount-tray -p headcount-desktop

compositors: ## The built app on sway and GNOME Shell, with pictures in target/desktops/
	@$(NEED) build desktop
	@$(NEED) compositors || echo "Without all of these packages, some desktops are not tried."
	cargo build --locked -p headcount
	@# As `make desktop` builds it: another selection of packages would compile its dependencies a second time.
	cargo test --locked -p headcount-tray -p headcount-desktop --no-run
	@for desktop in sway gnome; do echo "  • $$desktop"; tests/desktops/run $$desktop target/debug/headcount-tray || exit 1; done

desktops: compositors ## The same, and on Plasma 6 and GNOME 48 in a root folder of Debian 13 (2 GB, ten minutes the first time)
	@$(NEED) package
	@tests/desktops/newer target/debug/headcount-tray

test-claude: ## Under the real Claude Code (ONLY=name: one scenario; MEASURE=1: what hooks cost)
	@$(NEED) build
	@MEASURE=$(MEASURE) make/claude $(ONLY)

bench: ## What it costs beside what it is compared with, in one table (QUICK=1: a quick look)
	@$(NEED) build desktop python
	cargo build --locked --profile dist -p headcount
	cargo build --locked --profile dist -p headcount-tray
	cargo build --locked --profile dist -p headcount-bench -p empty-tray
	@target/dist/bench target/bench $(if $(QUICK),--quick)

fuzz: ## Throw bytes at the readers, SECONDS=60 each
	@$(NEED) build
	@sh make/fuzz $(or $(SECONDS),60) registry beat hook next_change status transition

package: ## The .deb with the app and the command, in target/package (FORMATS="deb rpm appimage")
	@$(NEED) build node
	@make/package $(or $(FORMATS),deb)

test-package: package ## Install, use, upgrade and remove the .deb in a clean root
	@$(NEED) package
	tests/package/run target/package/*.deb

cross: ## On Debian: lint for macOS and Windows, build for Windows and run that under wine
	@make/cross

cross-lint: ## Only the lint and the build of that
	@make/cross lint

cross-full: ## The Windows build under wine 10, with the engine's integration tests (needs root rights)
	@$(NEED) package
	@make/cross full

static: ## On Debian: a static command for Linux on x86-64 and arm64
	@make/cross static

deny: ## Licences, sources, duplicates, known holes and unused dependencies
	@$(NEED) build
	@make/deny

wire: ## Write the window's types and the mock backend's recordings anew from Rust's
	WRITE_WIRE_TYPES=1 cargo test -q -p headcount-core --features wire-types --test wire
	WRITE_WIRE_TYPES=1 cargo test -q -p headcount-tray --bin headcount-tray names_of_the_table
	WRITE_WIRE_TYPES=1 cargo test -q -p headcount-engine --test recordings
