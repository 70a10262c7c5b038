//! bidden's own side of `make bench` in Rust: `bench PROGRAM ARGUMENTS` prints one line of JSON. What is run when, beside whom, and what
//! is made of it stands in `benchmarks/`.

mod bench_ledger;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bidden::candidate::{Field, Row, validate};
use bidden::client::{Client, ClientOptions, Credential};
use bidden::lifecycle::{Event, Rules, Status, decide};
use bidden::{AccessWindow, AnyCall, BaseUrl, Platform, Secret, Time};

/// The moment of all programs: none of them reads a clock for a rule.
fn now() -> Time {
    Time::from_seconds(1_700_000_000)
}

/// The nanoseconds of one run, the smallest of five batches.
fn each(count: u32, mut run: impl FnMut()) -> f64 {
    (0..5)
        .map(|_| {
            let began = Instant::now();
            (0..count).for_each(|_| run());
            began.elapsed().as_secs_f64() * 1e9 / f64::from(count)
        })
        .fold(f64::INFINITY, f64::min)
}

fn decisions() {
    let window = AccessWindow { start: Some(Time::from_seconds(1_600_000_000)), end: Some(Time::from_seconds(1_800_000_000)) };
    let rules = Rules::of(Platform::Imocha);
    let one = each(1_000_000, || {
        let _ = black_box(decide(rules, black_box(Some(Status::Pending)), black_box(Event::Start), Some(&window), now()));
    });
    println!(r#"{{"nanoseconds":{one}}}"#);
}

fn encoding() {
    let json = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;
    let call = AnyCall::from_json("imocha.invite", json).expect("a call");
    let base = BaseUrl::parse("http://127.0.0.1:8787").expect("an address");
    let credential = Credential::ImochaKey(Secret::new("sandbox-key"));
    let one = each(100_000, || {
        let _ = black_box(credential.request(&call, &base, now()));
    });
    println!(r#"{{"nanoseconds":{one}}}"#);
}

/// The validation alone, on one thread: the file lies in memory, its cells are found by the commas, since none of them is quoted.
fn checking(file: &str) {
    let text = std::fs::read_to_string(file).expect("a file");
    let mut lines = text.lines();
    let fields: Vec<Field> = lines.next().expect("a header").split(',').map(|name| Field::from_name(name).expect("a field")).collect();
    let began = Instant::now();
    let (mut rows, mut bad) = (0_u64, 0_u64);
    for line in lines {
        let mut row = Row::new();
        fields.iter().zip(line.split(',')).for_each(|(field, text)| row.set(*field, text));
        bad += u64::from(!black_box(validate(&row, None, now())).is_empty());
        rows += 1;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(r#"{{"rows":{rows},"bad":{bad},"seconds":{seconds}}}"#);
}

/// Calls by the client alone, without a record.
fn calling(url: &str, calls: u64, callers: usize) {
    let options = ClientOptions { callers, ..ClientOptions::default() };
    let base = BaseUrl::parse(url).expect("an address");
    let client = Client::new(base, Credential::ImochaKey(Secret::new("sandbox-key")), options).expect("a client");
    let next = AtomicU64::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        return;
                    }
                    let json = format!(r#"{{"test_id":292930,"email":"person{number}@example.com","name":"Ada Lovelace"}}"#);
                    let call = AnyCall::from_json("imocha.invite", &json).expect("a call");
                    black_box(client.call(&call).expect("an answer"));
                }
            });
        }
    });
    println!(r#"{{"rows":{calls},"seconds":{}}}"#, began.elapsed().as_secs_f64());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().unwrap_or_else(|error| std::panic::panic_any(format!("{word}: {error}")));
    match words.as_slice() {
        ["decide"] => decisions(),
        ["encode"] => encoding(),
        ["validate", file] => checking(file),
        ["call", url, calls, callers] => calling(url, number(calls), usize::try_from(number(callers)).expect("a number of threads")),
        ["fill", ledger, url, from, to] => bench_ledger::fill(ledger.as_ref(), url, number(from)..number(to)),
        _ => {
            eprintln!("bench decide | encode | validate FILE | call URL CALLS CALLERS | fill LEDGER URL FROM TO");
            std::process::exit(2);
        }
    }
}
