//! The speed of what is built so far, on this machine, in one run: `make bench`. Peers come with the benchmark issue.

mod bench_ledger;

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use bidden::client::{Client, ClientOptions, Credential};
use bidden::lifecycle::{Event, Rules, Status, decide};
use bidden::{AccessWindow, AnyCall, BaseUrl, Platform, Secret, Time};
use bidden_sandbox::{Options, Place, Sandbox};

/// The time of one run of a function, the smallest of five batches.
fn each(count: u32, mut run: impl FnMut()) -> Duration {
    (0..5)
        .map(|_| {
            let began = Instant::now();
            (0..count).for_each(|_| run());
            began.elapsed() / count
        })
        .min()
        .unwrap_or_default()
}

fn decisions() {
    let window = AccessWindow { start: Some(Time::from_seconds(1_600_000_000)), end: Some(Time::from_seconds(1_800_000_000)) };
    let now = Time::from_seconds(1_700_000_000);
    let rules = Rules::of(Platform::Imocha);
    let one = each(1_000_000, || {
        let _ = black_box(decide(rules, black_box(Some(Status::Pending)), black_box(Event::Start), Some(&window), now));
    });
    println!("B8  one decision                      {one:?}  (target 10 ns)");
}

/// The same through the C ABI, by a program in C and the library that is shipped.
fn decisions_in_c() {
    let library = bidden_tests::root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).join("lean");
    let program = std::env::temp_dir().join(format!("bidden-decide-{}", std::process::id()));
    let compiled = std::process::Command::new("cc")
        .current_dir(bidden_tests::root())
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Iinclude", "tests/c/decide.c", "-o"])
        .arg(&program)
        .arg(library.join("libbidden.a"))
        .args(["-lpthread", "-ldl", "-lm"])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "cc cannot link {}", library.display());
    let output = std::process::Command::new(&program).output().expect("the program");
    println!("B8  one decision, C                   {}ns  (target 20 ns)", String::from_utf8_lossy(&output.stdout).trim_end());
    let _ = std::fs::remove_file(program);
}

fn encoding() {
    let json = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;
    let call = AnyCall::from_json("imocha.invite", json).expect("a call");
    let base = BaseUrl::parse("http://127.0.0.1:8787").expect("an address");
    let credential = Credential::ImochaKey(Secret::new("sandbox-key"));
    let one = each(100_000, || {
        let _ = black_box(credential.request(&call, &base, Time::from_seconds(1_700_000_000)));
    });
    println!("B3  encode and authorize, iMocha      {one:?}  (target 500 ns)");
}

fn checking() {
    let path = std::env::temp_dir().join(format!("bidden-bench-{}.csv", std::process::id()));
    let rows = 1_000_000;
    {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a file"));
        writeln!(file, "name,email,enrollment_number,mobile,gender,dob,course_name,extra1,extra2,extra3").expect("a line");
        for row in 0..rows {
            let at = if row % 100 == 7 { "." } else { "@" };
            writeln!(file, "Person Number {row},person{row}{at}example.com,GW{row},+4917{row:08},female,1990-01-1{},C,a,b,c", row % 10)
                .expect("a line");
        }
    }
    let began = Instant::now();
    let output = std::process::Command::new(bidden_tests::command()).args(["check", "--json"]).arg(&path).output().expect("bidden");
    let elapsed = began.elapsed();
    assert_eq!(output.status.code(), Some(1));
    println!("B1  check 1 M rows                    {:.2} M rows/s  (target 2.5)", f64::from(rows) / elapsed.as_secs_f64() / 1e6);
    let _ = std::fs::remove_file(path);
}

fn serving(name: &str, place: Place, callers: usize, seconds: u64) {
    let sandbox = Sandbox::start(Options { place, ..Options::in_memory() }).expect("a sandbox");
    let options = ClientOptions { callers, ..ClientOptions::default() };
    let base = BaseUrl::parse(sandbox.url()).expect("an address");
    let client = Client::new(base, Credential::ImochaKey(Secret::new("sandbox-key")), options).expect("a client");
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..callers)
            .map(|worker| {
                let client = client.clone();
                scope.spawn(move || {
                    let mut times = Vec::new();
                    while Instant::now() < until {
                        let json = format!(r#"{{"test_id":1,"email":"w{worker}n{}@example.com","name":"A B"}}"#, times.len());
                        let call = AnyCall::from_json("imocha.invite", &json).expect("a call");
                        let began = Instant::now();
                        client.call(&call).expect("an answer");
                        times.push(began.elapsed());
                    }
                    times
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    sandbox.stop();
    times.sort_unstable();
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("B7  sandbox with our client, {name}  {} calls/s, p50 {p50:?}, p99 {p99:?}", times.len() as u64 / seconds);
}

/// All, or those whose numbers are given: `make bench ONLY="B5 B6"`.
fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let folder = std::env::temp_dir().join(format!("bidden-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    if is_wanted("B8") {
        decisions();
        decisions_in_c();
    }
    if is_wanted("B3") {
        encoding();
    }
    if is_wanted("B1") {
        checking();
    }
    if is_wanted("B5") {
        bench_ledger::bulk(&folder);
    }
    if is_wanted("B6") {
        bench_ledger::grown(&folder);
    }
    if is_wanted("B7") {
        serving("on file  ", Place::File(folder.join("sandbox.db")), 32, 5);
        serving("in memory", Place::Memory, 32, 5);
    }
    let _ = std::fs::remove_dir_all(folder);
}
