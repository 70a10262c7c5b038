//! The commands that read the record, and the calls that go through it: the real binary beside a sandbox.
// A helper of tests says what it expects as a test does; clippy takes it for shipped code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "records/doctor.rs"]
mod doctor;
#[path = "records/export.rs"]
mod export;
#[path = "records/history.rs"]
mod history;
#[path = "records/mailing_call.rs"]
mod mailing_call;
#[path = "records/reconcile.rs"]
mod reconcile;
#[path = "records/refresh.rs"]
mod refresh;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use support::{Folder, Ran, Sandbox};

/// A folder whose command sends to a sandbox of its own, and keeps its record in `ledger.db`.
struct Desk {
    folder: Folder,
    sandbox: Sandbox,
}

impl Desk {
    fn new() -> Self {
        Desk { folder: Folder::new(), sandbox: Sandbox::start() }
    }

    /// A command that sends.
    fn send(&self, line: &str) -> Ran {
        self.folder.bidden(&format!("{line} --base-url {} --ledger ledger.db", self.sandbox.url()))
    }

    /// A command that reads the record.
    fn read(&self, line: &str) -> Ran {
        self.folder.bidden(&format!("{line} --ledger ledger.db"))
    }

    /// One call, as it stands.
    fn call(&self, name: &str, arguments: &Value, more: &str) -> Ran {
        let line = format!("call {name} - --base-url {} --ledger ledger.db {more}", self.sandbox.url());
        self.folder.bidden_with_input(&line, &arguments.to_string())
    }

    /// Invites people to a test, and gives the rows.
    fn invite(&self, people: &str, line: &str) -> Vec<Value> {
        self.folder.write("people.csv", people);
        self.send(&format!("invite people.csv {line} --json --quiet")).exits(0).rows().0
    }

    /// A call of the control plane.
    fn control(&self, path: &str, body: &str) {
        let host = self.sandbox.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json");
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// How many requests whose path holds a text have arrived.
    fn requests(&self, part: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.contains(part)).count()
    }
}

/// The id of a row's invitation.
fn id(row: &Value) -> &str {
    row["invitation_id"].as_str().unwrap()
}
