//! Calls a second from C beside those from Rust, against the same server in turn: `make bench-c`. The target is 90 % of Rust's figure.
//!
//! The server answers every request at once with the same invitation, so that what is measured is the client. Each side is a process of its
//! own: C is `tests/c/calls.c` with the library that is shipped, Rust is this program, called with `rust`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bidden::client::{Client, ClientOptions, Credential};
use bidden::{AnyCall, BaseUrl, Secret};

const THREADS: usize = 32;
const SECONDS: &str = "3";
const ROUNDS: usize = 5;

const CALL: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;

/// Answers each request of a connection at once.
fn answer(stream: TcpStream) -> std::io::Result<()> {
    let body = r#"{"testInvitationId":2807324,"testUrl":"http://127.0.0.1/IMInstructions?x"}"#;
    let response = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut request) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        request.resize(length, 0);
        reader.read_exact(&mut request)?;
        writer.write_all(response.as_bytes())?;
    }
}

/// Rust's side: as many calls as go through in the time.
fn rust(url: &str, threads: usize, time: Duration) -> f64 {
    let options = ClientOptions { callers: threads, ..ClientOptions::default() };
    let client = Client::new(BaseUrl::parse(url).expect("an address"), Credential::ImochaKey(Secret::new("sandbox-key")), options);
    let client = client.expect("a client");
    let call = AnyCall::from_json("imocha.invite", CALL).expect("a call");
    let (count, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    client.call(&call).expect("an answer");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(time);
        is_over.store(true, Ordering::Relaxed);
    });
    count.into_inner() as f64 / began.elapsed().as_secs_f64()
}

fn measured(command: &mut Command) -> f64 {
    let output = command.output().expect("a program");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.trim().parse().expect("a number")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, side, url, threads, seconds] = arguments.as_slice()
        && side == "rust"
    {
        let time = Duration::from_secs_f64(seconds.parse().expect("seconds"));
        println!("{:.0}", rust(url, threads.parse().expect("threads"), time));
        return;
    }
    let library = bidden_tests::root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).join("lean");
    let program = std::env::temp_dir().join(format!("bidden-calls-{}", std::process::id()));
    let compiled = Command::new("cc")
        .current_dir(bidden_tests::root())
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Iinclude", "tests/c/calls.c", "-o"])
        .arg(&program)
        .arg(library.join("libbidden.a"))
        .args(["-lpthread", "-ldl", "-lm"])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "cc cannot link {}", library.display());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    let this = std::env::current_exe().expect("this program");
    let threads = THREADS.to_string();
    let (mut of_c, mut of_rust, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let rust = measured(Command::new(&this).args(["rust", &url, &threads, SECONDS]));
        let c = measured(Command::new(&program).args([&url, &threads, SECONDS]));
        of_rust.push(rust);
        of_c.push(c);
        ratios.push(c / rust);
    }
    let (c, rust, ratio) = (median(of_c), median(of_rust), median(ratios));
    println!("B4  calls from C, {THREADS} in flight         {c:.0}/s, from Rust {rust:.0}/s: {:.0} %  (target 90 %)", ratio * 100.0);
    let _ = std::fs::remove_file(program);
}
