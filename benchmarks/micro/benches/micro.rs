//! `make bench-micro`: each piece of work by its time.

use bidden_benchmarks::{NAMES, work};

fn main() {
    divan::main();
}

#[divan::bench(args = NAMES)]
fn piece(bencher: divan::Bencher<'_, '_>, name: &str) {
    let mut work = work(name);
    bencher.bench_local(move || work());
}
