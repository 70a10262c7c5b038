# The commands of the house. `make check` and `make test` are what the gate runs.
#
#   make demo    the main job: 250 people are invited on a sandbox, by a release build
#   make test    every test of every language; says loudly what it skipped and why
#   make check   formatting, lints, documentation, each feature alone
#   make soak    the long forms of what `make test` does in short
#   make fuzz    the fuzz targets of the C interface, ten minutes each with clang's libFuzzer; FUZZ_SECONDS, BIDDEN_FUZZ_ONLY="call plan"
#   make bench    every target beside its peers, into docs/benchmarks.md; ONLY="B5 B6" for some, NOTE="…" for a word on the machine
#   make bench-quick  the same in less than five minutes, smaller and once, to the terminal; the page stays as it is
#   make bench-cost   cost as work grows, up to MOST=10000000 rows; ONLY="B1 B5 B6 B7" for some
#   make bench-c  calls a second from C beside those from Rust
#   make bench-micro  the times of the smallest pieces of work
#   make bench-count  their instructions, held against benchmarks/counts.json; WRITE=1 writes them again
#   make abi      a release keeps the ABI of bidden.h in ffi-c/abi.txt; `make check` fails when a change breaks it
#   make header   writes include/bidden.h again from the sources of the C ABI
#   make docs     writes what docs/ has from tables: switches, faults, calls, the C interface, the OpenAPI document
#   make screenshots  makes the pictures of docs/pages.md again, in the browser of the tests
#   make install  builds libbidden and installs it with its headers: PREFIX, LIBDIR, INCLUDEDIR, DESTDIR
#   make clean   removes what builds and runs have made

CARGO ?= cargo
export RUST_BACKTRACE ?= 0

.PHONY: demo test check soak fuzz bench bench-quick bench-cost bench-c bench-micro bench-count abi header docs screenshots install clean

demo:
	$(CARGO) run --release -- invite examples/candidates.csv --on imocha --test 292930 --sandbox </dev/null

test:
	rm -rf "$${CARGO_TARGET_DIR:-target}/vectors"
	$(CARGO) build --workspace --all-features
	$(CARGO) test --workspace --all-features
	$(CARGO) test -p bidden --no-default-features
	tests/python/run
	tests/openapi/run
	tests/browser/run
	$(CARGO) run --quiet -p bidden-tests --example vector_table

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings
	$(CARGO) clippy -p bidden --no-default-features -- -D warnings
	$(CARGO) clippy -p bidden --no-default-features --features client -- -D warnings
	$(CARGO) clippy -p bidden --no-default-features --features engine -- -D warnings
	$(CARGO) clippy -p bidden --no-default-features --features idna -- -D warnings
	$(CARGO) clippy -p bidden --no-default-features --features zones -- -D warnings
	$(CARGO) clippy -p bidden-ffi-c --no-default-features -- -D warnings
	$(CARGO) test --quiet -p bidden-ffi-c --test abi
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --all-features --no-deps --document-private-items

# The crash test kills the sandbox 50 times instead of 5, property tests draw 20 times as many cases.
soak:
	BIDDEN_SOAK=1 PROPTEST_CASES=5000 $(CARGO) test --release --workspace --all-features -- --nocapture
	$(CARGO) build -p bidden-cli
	BIDDEN_SOAK=1 tests/openapi/run
	BIDDEN_SOAK=1 tests/python/run

FUZZ_SECONDS ?= 600

fuzz:
	BIDDEN_TEST_STRICT=1 BIDDEN_FUZZ_SECONDS=$(FUZZ_SECONDS) $(CARGO) test -p bidden-tests --test c_and_cpp -- --nocapture as_long_as_they_run

# The longest that is measured; less for who has less time or disk: the page says what was left out.
MOST ?= 10000000

bench:
	benchmarks/run --most $(MOST) --note "$(NOTE)" $(ONLY)

bench-quick:
	benchmarks/run --quick $(ONLY)

bench-cost:
	benchmarks/run --cost --most $(MOST) --note "$(NOTE)" $(ONLY)

bench-micro:
	$(CARGO) bench -p bidden-benchmarks --bench micro

bench-count:
	$(CARGO) build --release -p bidden-benchmarks --example count
	python3 benchmarks/counts.py $(if $(WRITE),--write)

bench-c:
	$(CARGO) build --profile lean -p bidden-ffi-c
	$(CARGO) run --release -p bidden-tests --example bench_c

abi:
	BIDDEN_WRITE_ABI=1 $(CARGO) test -p bidden-ffi-c --test abi the_abi

header:
	BIDDEN_WRITE_HEADER=1 $(CARGO) test -p bidden-ffi-c --test header the_committed_header

docs:
	BIDDEN_WRITE_DOCS=1 $(CARGO) test -p bidden-sandbox --test switches --test faults the_committed_page
	BIDDEN_WRITE_DOCS=1 $(CARGO) test -p bidden-ffi-c --test reference
	$(CARGO) build -p bidden-cli
	BIDDEN_WRITE_DOCS=1 $(CARGO) test -p bidden-tests --test calls the_committed_table
	BIDDEN_WRITE_DOCS=1 $(CARGO) test -p bidden-tests --test openapi the_committed_document

screenshots:
	BIDDEN_WRITE_SCREENSHOTS=1 tests/browser/run

PREFIX ?= /usr/local
export PREFIX LIBDIR INCLUDEDIR DESTDIR

install:
	$(CARGO) build --profile lean -p bidden-ffi-c
	sh ffi-c/install/install.sh "$${CARGO_TARGET_DIR:-target}/lean"

clean:
	$(CARGO) clean
	rm -rf .bidden
