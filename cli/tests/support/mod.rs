//! The real command in a fresh folder, a sandbox beside it, and a server that answers what a test wants.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that cannot do its work fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// The list of 250 people that the project ships.
pub const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/candidates.csv");

/// The list with one of each mistake.
pub const MISTAKES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/candidates-with-mistakes.csv");

/// A fresh folder in which the command runs, with no configuration but its own.
pub struct Folder(tempfile::TempDir);

/// What a run of the command came to.
pub struct Ran {
    pub shown: String,
    pub status: ExitStatus,
    pub output: String,
    pub error: String,
}

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().expect("a folder can be made"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file can be written");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// A command line in this folder, words parted by blanks.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bidden"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BIDDEN_")) {
            command.env_remove(name);
        }
        command
            .args(line.split_whitespace())
            .current_dir(self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path())
            .env("XDG_DATA_HOME", self.0.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command line, standard input closed.
    pub fn bidden(&self, line: &str) -> Ran {
        Ran::of(self.command(line), line, "")
    }

    /// Runs a command line with text on standard input.
    pub fn bidden_with_input(&self, line: &str, input: &str) -> Ran {
        Ran::of(self.command(line), line, input)
    }

    /// Runs a command line with environment variables.
    pub fn bidden_with(&self, variables: &[(&str, &str)], line: &str) -> Ran {
        let mut command = self.command(line);
        command.envs(variables.iter().copied());
        Ran::of(command, line, "")
    }

    /// Runs a command line in a terminal, at which somebody types. The terminal shows both streams: all is in `output`.
    pub fn bidden_at_a_terminal(&self, variables: &[(&str, &str)], line: &str, typed: &str) -> Ran {
        let plain = self.command(line);
        let words = std::iter::once(plain.get_program()).chain(plain.get_args());
        let quoted: Vec<String> = words.map(|word| format!("'{}'", word.to_string_lossy())).collect();
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--echo", "never", "--command", &quoted.join(" "), "/dev/null"]);
        command.current_dir(self.0.path()).stdin(Stdio::null());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.envs(variables.iter().copied());
        Ran::of(command, line, typed)
    }

    /// Starts a command line and does not wait for it.
    pub fn start(&self, line: &str) -> Child {
        self.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
    }
}

impl Ran {
    fn of(mut command: Command, line: &str, input: &str) -> Self {
        if !input.is_empty() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).expect("the command reads its input");
        }
        Ran::finished(child, line)
    }

    /// Waits for a command that was started.
    pub fn finished(child: Child, line: &str) -> Self {
        let done = child.wait_with_output().expect("the command ends");
        let output = String::from_utf8(done.stdout).expect("standard output is UTF-8");
        let error = String::from_utf8(done.stderr).expect("standard error is UTF-8");
        let shown = format!("bidden {line}\n{}\n--- standard output\n{output}\n--- standard error\n{error}", done.status);
        Ran { shown, status: done.status, output, error }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}", self.shown);
        self
    }

    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.output.contains(text), "“{text}” is not on standard output of\n{}", self.shown);
        self
    }

    #[track_caller]
    pub fn prints_no(self, text: &str) -> Self {
        assert!(!self.output.contains(text), "“{text}” is on standard output of\n{}", self.shown);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.error.contains(text), "“{text}” is not on standard error of\n{}", self.shown);
        self
    }

    #[track_caller]
    pub fn says_nothing(self) -> Self {
        assert_eq!(self.error, "", "{}", self.shown);
        self
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}\n{}", self.shown));
        self.output.lines().map(read).collect()
    }

    /// The rows and the summary of `--json`.
    #[track_caller]
    pub fn rows(&self) -> (Vec<Value>, Value) {
        let mut rows = self.json();
        let mut last = rows.pop().unwrap_or_else(|| panic!("nothing on standard output of\n{}", self.shown));
        assert!(last["summary"].is_object(), "the last line is no summary\n{}", self.shown);
        (rows, last["summary"].take())
    }
}

/// One member of every row.
pub fn each(rows: &[Value], member: &str) -> Vec<String> {
    rows.iter().map(|row| row[member].as_str().map_or_else(|| row[member].to_string(), str::to_owned)).collect()
}

/// A list of so many people.
pub fn people(count: usize) -> String {
    let mut text = "name,email\n".to_owned();
    for number in 1..=count {
        text += &format!("Person Number {number},person{number}@example.com\n");
    }
    text
}

/// A sandbox inside the test.
pub struct Sandbox(bidden_sandbox::Sandbox);

impl Sandbox {
    pub fn start() -> Self {
        Sandbox(bidden_sandbox::Sandbox::start(bidden_sandbox::Options::in_memory()).expect("a sandbox starts"))
    }

    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// A control call, e.g. `/_sandbox/outbox`.
    pub fn control(&self, path: &str) -> Value {
        let host = self.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the sandbox listens");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("it answers HTTP");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in {answer}"))
    }

    /// Method and path of every platform call.
    pub fn requests(&self) -> Vec<String> {
        let answer = self.control("/_sandbox/requests");
        let requests = answer["requests"].as_array().expect("a list of requests");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        requests.iter().map(|request| format!("{} {}", text(&request["method"]), text(&request["path"]))).collect()
    }
}

/// A platform that answers every request the same way, one connection per request.
pub struct Platform {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Platform {
    /// `answer` gets the number of the request, from 1, and its body; it gives status and body.
    pub fn answering(answer: impl Fn(usize, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Platform::answering_with("", answer)
    }

    /// As [`Platform::answering`], at this machine's own address in the network: to the command that is a live host.
    /// `None`, said loudly, on a machine without a network; a failure under `BIDDEN_TEST_STRICT`.
    pub fn live(answer: impl Fn(usize, &str) -> (u16, String) + Send + Sync + 'static) -> Option<Self> {
        // No packet leaves: connecting a datagram socket only asks for the route (192.0.2.0/24 is for documentation).
        let route = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()));
        let Some(own) = route.ok().map(|address| address.ip()).filter(|own| !own.is_loopback()) else {
            assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none(), "this machine has no address but loopback");
            let _ = writeln!(std::io::stderr(), "SKIPPED: this machine has no address but loopback");
            return None;
        };
        Some(Platform::at((own, 0).into(), "", answer))
    }

    /// As [`Platform::answering`], with more header lines, each with its line end.
    pub fn answering_with(headers: &'static str, answer: impl Fn(usize, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Platform::at((Ipv4Addr::LOCALHOST, 0).into(), headers, answer)
    }

    fn at(address: SocketAddr, headers: &'static str, answer: impl Fn(usize, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream.expect("a connection"), headers, &seen, &*answer));
            }
        });
        Platform { url, requests }
    }

    /// The bodies received so far.
    pub fn bodies(&self) -> Vec<String> {
        self.requests.lock().expect("no test panicked here").clone()
    }
}

fn serve(mut stream: TcpStream, headers: &str, seen: &Mutex<Vec<String>>, answer: &dyn Fn(usize, &str) -> (u16, String)) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body comes");
    let body = String::from_utf8(body).expect("the body is UTF-8");
    let number = {
        let mut seen = seen.lock().expect("no test panicked here");
        seen.push(body.clone());
        seen.len()
    };
    let (status, text) = answer(number, &body);
    // A client that was killed reads no answer.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
}

/// The answer of iMocha to a good invitation.
pub fn invited(number: usize) -> (u16, String) {
    (200, format!(r#"{{"testInvitationId":{number},"testUrl":"https://test.example/{number}","status":"Pending"}}"#))
}
