//! `make bench-micro`: each piece of work by its time.

use bidden_benchmarks::{NAMES, work};

fn main() {
    divan::main();
}

#[divan::bench(args = NAMES)]
fn piece(bencher: divan::Bencher<'_, '_>, name: &str) {
    bencher.bench_local(work(name));
}
