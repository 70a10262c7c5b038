//! `count NAME TIMES`: does a piece of work so often, for callgrind; without arguments it prints the names.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => bidden_benchmarks::NAMES.iter().for_each(|name| println!("{name}")),
        [name, times] => {
            let mut work = bidden_benchmarks::work(name);
            let times: u32 = times.parse().expect("a number of times");
            (0..times).for_each(|_| work());
        }
        _ => std::panic::panic_any("count [NAME TIMES]"),
    }
}
