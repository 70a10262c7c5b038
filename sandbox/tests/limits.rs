//! Clients that are slow, many or large: they get what they deserve, and nobody else notices.
//!
//! The sandbox runs in a process of its own, whose memory is measured. BIDDEN_SOAK=1 runs the long forms.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]
#![cfg(target_os = "linux")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bidden_sandbox::{Options, Sandbox, allow_many_connections};
use common::Client;
use serde_json::json;

/// What the sandbox may hold at most, whatever comes.
const MOST_MEMORY_KIB: u64 = 200 * 1024;

const CHILD: &str = "BIDDEN_TEST_SANDBOX_OF_ITS_OWN";

fn is_soak() -> bool {
    std::env::var_os("BIDDEN_SOAK").is_some()
}

/// A sandbox in another process: this test program, told to be one.
struct Other {
    child: Child,
    url: String,
}

impl Other {
    fn start() -> Self {
        allow_many_connections();
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("url");
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_sandbox_of_its_own", "--nocapture"])
            .env(CHILD, &ready)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut other = Other { child, url: String::new() };
        for _ in 0..1000 {
            match std::fs::read_to_string(&ready) {
                Ok(url) if url.ends_with('\n') => {
                    url.trim().clone_into(&mut other.url);
                    return other;
                }
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        panic!("the other sandbox did not get ready");
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    /// How much memory it holds, or held at most.
    fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// It is there, quick, and has never held too much.
    fn is_well(&self) {
        let begun = Instant::now();
        let client = Client::of(&self.url);
        assert_eq!(client.get("health")["status"], "ok");
        assert_eq!(client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"})).status, 200);
        let (took, peak) = (begun.elapsed(), self.memory_kib("VmHWM"));
        assert!(took < Duration::from_secs(2), "an ordinary client waited {took:?}");
        assert!(peak < MOST_MEMORY_KIB, "it held {peak} KiB at most");
        println!("answered in {took:?}, {} KiB held, {peak} KiB at most", self.memory_kib("VmRSS"));
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No test of its own: what the others start.
#[test]
fn a_sandbox_of_its_own() {
    let Some(ready) = std::env::var_os(CHILD) else { return };
    allow_many_connections();
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    std::fs::write(ready, format!("{}\n", sandbox.url())).unwrap();
    // Until the other process closes it, by its end if nothing else.
    let _ = std::io::stdin().read(&mut [0]);
}

fn head(request: &str, headers: &str) -> String {
    format!("{request} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-KEY: sandbox-key\r\nContent-Type: application/json\r\n{headers}\r\n")
}

/// The status of the answer that comes; 0 when the connection ends without one.
fn status(stream: &mut TcpStream) -> u16 {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while !answer.windows(2).any(|pair| pair == b"\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return 0,
            Ok(length) => answer.extend_from_slice(&piece[..length]),
        }
    }
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn idle_connections_cost_little() {
    let other = Other::start();
    let many = if is_soak() { 10_000 } else { 500 };
    let mut idle = Vec::new();
    for number in 0..many {
        let mut stream = other.connect();
        // Every other one has asked something before it fell silent.
        if number % 2 == 0 {
            stream.write_all(head("GET /_sandbox/health", "").as_bytes()).unwrap();
            assert_eq!(status(&mut stream), 200);
        }
        idle.push(stream);
    }
    other.is_well();
    drop(idle);
    other.is_well();
}

#[test]
fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let other = Other::start();
    for path in ["/v3/tests/1/invite", "/_sandbox/clock", "/_sandbox/fixtures", "/_sandbox/snapshot", "/ns/a/v3/tests/1/invite"] {
        let mut stream = other.connect();
        let head = head(&format!("POST {path}"), "Content-Length: 1073741824\r\n").replace("application/json", "application/octet-stream");
        stream.write_all(head.as_bytes()).unwrap();
        let begun = Instant::now();
        assert_eq!(status(&mut stream), 413, "{path}");
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
    other.is_well();
}

#[test]
fn a_body_without_end_is_refused_while_it_comes() {
    let other = Other::start();
    let (length, at_once) = if is_soak() { (1 << 30, 8) } else { (64 << 20, 4) };
    std::thread::scope(|scope| {
        for number in 0..at_once {
            let other = &other;
            scope.spawn(move || {
                let mut stream = other.connect();
                let coding = ["Transfer-Encoding: chunked\r\n".to_owned(), format!("Content-Length: {length}\r\n")];
                let chunked = number % 2 == 0;
                let path = ["POST /v3/tests/1/invite", "POST /_sandbox/clock"][number / 2 % 2];
                stream.write_all(head(path, &coding[usize::from(!chunked)]).as_bytes()).unwrap();
                let piece = [b'x'; 1 << 16];
                let mut sent = 0;
                while sent < length {
                    // Whoever is refused may be cut off: that is no fault of the sandbox.
                    let written = if chunked {
                        write!(stream, "{:x}\r\n", piece.len())
                            .and_then(|()| stream.write_all(&piece))
                            .and_then(|()| stream.write_all(b"\r\n"))
                    } else {
                        stream.write_all(&piece)
                    };
                    if written.is_err() {
                        break;
                    }
                    sent += piece.len();
                }
                assert!(matches!(status(&mut stream), 413 | 0));
            });
        }
    });
    other.is_well();
}

#[test]
fn a_client_that_asks_first_and_sends_its_large_body_to_the_end_reads_why_it_is_refused() {
    let other = Other::start();
    let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(8 << 20));
    let reply = Client::of(&other.url).send("POST", "/v3/tests/1/invite", &[("x-api-key", "sandbox-key")], &body);
    assert_eq!(reply.status, 413);
    assert!(reply.text.contains("1 MiB"), "{}", reply.text);
}

#[test]
fn a_head_of_a_mebibyte_is_refused() {
    let other = Other::start();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let other = &other;
            scope.spawn(move || {
                let mut stream = other.connect();
                let large = "x".repeat(1 << 20);
                let head = match number % 3 {
                    0 => head("GET /_sandbox/health", &format!("X-Large: {large}\r\n")),
                    1 => head(&format!("GET /_sandbox/health?{large}"), ""),
                    _ => head("GET /_sandbox/health", &"X-Many: 1\r\n".repeat(100_000)),
                };
                let _ = stream.write_all(head.as_bytes());
                assert!(matches!(status(&mut stream), 431 | 414 | 400 | 0));
            });
        }
    });
    other.is_well();
}

#[test]
fn a_slow_client_holds_up_nobody_and_is_answered_when_it_is_done() {
    let other = Other::start();
    let request = head("POST /v3/tests/1/invite", "Content-Length: 41\r\n") + r#"{"email":"slow@example.com","name":"Slo"}"#;
    // One byte at a time; a minute is the limit of a head.
    let pause = Duration::from_millis(if is_soak() { 200 } else { 5 });
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut stream = other.connect();
                for byte in request.as_bytes() {
                    stream.write_all(&[*byte]).unwrap();
                    std::thread::sleep(pause);
                }
                assert_eq!(status(&mut stream), 200);
            });
        }
        for _ in 0..10 {
            other.is_well();
            std::thread::sleep(20 * pause);
        }
    });
}

#[test]
fn a_client_that_is_too_slow_is_turned_away() {
    if !is_soak() {
        return;
    }
    let other = Other::start();
    let body = head("POST /v3/tests/1/invite", "Content-Length: 1000\r\n");
    let slowly = "x".repeat(200);
    std::thread::scope(|scope| {
        // A head at one byte a second, a body at one byte a second, and one of which nothing comes.
        for (at_once, then, expected) in [("", slowly.as_str(), 0), (&body, &slowly, 408), (&body, "", 408)] {
            let other = &other;
            scope.spawn(move || {
                let mut stream = other.connect();
                stream.write_all(at_once.as_bytes()).unwrap();
                let begun = Instant::now();
                for byte in then.as_bytes() {
                    if stream.write_all(&[*byte]).is_err() || begun.elapsed() > Duration::from_secs(65) {
                        break;
                    }
                    std::thread::sleep(Duration::from_secs(1));
                }
                let status = status(&mut stream);
                assert!(status == expected || status == 0, "{status}");
                let took = begun.elapsed();
                assert!(took > Duration::from_secs(50) && took < Duration::from_secs(75), "{took:?}");
            });
        }
    });
    other.is_well();
}
