//! `bidden sandbox` and `--sandbox`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use serde_json::Value;

use crate::place::Place;

const INVITE: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;

#[test]
fn the_ready_file_holds_address_and_credentials_in_one_line() {
    let place = Place::new();
    let sandbox = place.sandbox();
    let text = std::fs::read_to_string(place.path("ready.json")).unwrap();
    assert_eq!(
        text,
        format!(
            concat!(
                r#"{{"url":"{}","imocha_api_key":"sandbox-key","testinvite_token":"sandbox-token","#,
                r#""think_exam_api_key":"sandbox-ak","think_exam_secret":"sandbox-secret"}}"#,
                "\n"
            ),
            sandbox.url
        )
    );
}

#[test]
fn a_command_uses_the_sandbox_that_has_the_data_open() {
    let place = Place::new();
    let sandbox = place.sandbox_with(&[]);
    let ended = place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0);
    ended.says(&sandbox.url).says("open already");
    let id = ended.json()["test_invitation_id"].clone();
    drop(sandbox);
    // The first one was killed; what it answered is there, and what it left behind misleads nobody.
    assert_eq!(place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0).json()["test_invitation_id"], id);
}

#[test]
#[cfg(unix)]
fn a_termination_signal_stops_it_in_order() {
    let place = Place::new();
    let mut sandbox = place.sandbox_with(&[]);
    assert!(Command::new("kill").args(["-TERM", &sandbox.child.id().to_string()]).status().unwrap().success());
    assert_eq!(sandbox.child.wait().unwrap().code(), Some(0));
    assert!(!place.path(".bidden/sandbox.db.address").exists());
}

#[test]
fn a_port_that_is_taken_is_configuration_with_a_way_out() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    place.run(&["sandbox", "--listen", &address, "--database", ":memory:"]).exits(2).says(&address).says("--listen 127.0.0.1:0");
    place.run(&["sandbox", "--listen", "8787"]).exits(2).says("127.0.0.1:8787");
}

#[test]
fn a_ready_file_that_cannot_be_written_is_said_before_anything_listens() {
    let place = Place::new();
    let line = ["sandbox", "--listen", "127.0.0.1:0", "--database", ":memory:", "--ready", "no/such/folder/ready.json"];
    let ended = place.run(&line).exits(2);
    ended.says("no/such/folder/ready.json cannot be written");
    assert_eq!(ended.output, "", "{ended}");
}

#[test]
fn a_file_that_is_no_sandbox_s_data_is_storage() {
    let place = Place::new();
    place.write(
        "notes.txt",
        "These are notes, and far more than a hundred bytes of them would be needed to look like a database of any kind.",
    );
    place.run(&["sandbox", "--listen", "127.0.0.1:0", "--database", "notes.txt"]).exits(3).says("storage").says("--database");
}

#[test]
fn a_sandbox_told_to_lose_an_answer_loses_one() {
    let place = Place::new();
    let sandbox = place.sandbox_with(&["--database", ":memory:", "--fault", "lost-after-commit", "--fault", "rate-limited"]);
    let ended = place.run(&["call", "imocha.invite", INVITE, "--base-url", &sandbox.url]).exits(0);
    assert_eq!(ended.json()["status"], "pending");
    let noted = control(&sandbox.url, "requests", None)["requests"].clone();
    let statuses: Vec<_> = noted.as_array().unwrap().iter().map(|request| request["status"].clone()).collect();
    assert_eq!(statuses, [Value::Null, 429.into(), 200.into()]);
    place.run(&["sandbox", "--fault", "lost"]).exits(2).says("lost-before-commit").says("html-error-page");
}

#[test]
fn a_late_call_survives_a_kill() {
    let place = Place::new();
    let options = ["--database", "sandbox.db"];
    let sandbox = place.sandbox_with(&[&options[..], &["--fault", "late-commit"]].concat());
    let mailing = INVITE.replace('}', r#","send_email":true}"#);
    // The first request is late, its repeat asks for no mail.
    place.run(&["call", "imocha.invite", &mailing, "--base-url", &sandbox.url]).exits(0);
    drop(sandbox);
    std::fs::remove_file(place.path("ready.json")).unwrap();
    let sandbox = place.sandbox_with(&options);
    assert_eq!(control(&sandbox.url, "outbox", None), serde_json::json!({"messages": []}));
    control(&sandbox.url, "clock", Some(r#"{"advance":"PT10M"}"#));
    assert_eq!(control(&sandbox.url, "outbox", None)["messages"].as_array().unwrap().len(), 1);
}

/// Asks the control plane, with a body or without.
fn control(url: &str, path: &str, body: Option<&str>) -> Value {
    let host = url.trim_start_matches("http://");
    let (method, body) = body.map_or(("GET", ""), |body| ("POST", body));
    let mut socket = TcpStream::connect(host).unwrap();
    let length = body.len();
    let head =
        format!("{method} /_sandbox/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n");
    socket.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn switches_and_fixtures_are_checked_before_anything_starts() {
    let place = Place::new();
    place.write("fixtures.json", r#"{"imocha":{"tests":[{"test_id":292930},{"test_id":"x"}]}}"#);
    place.write("refused.json", r#"{"candidates":[{"call":"imocha.invite","arguments":{"test_id":1}}]}"#);
    for (options, says) in [
        (["--switch", "imocha.dance=on"], "there is no switch"),
        (["--switch", "imocha.repeat-mail=sometimes"], "off, on"),
        (["--switch", "imocha.repeat-mail"], "imocha.repeat-mail=off"),
        (["--fixtures", "nothing.json"], "nothing.json"),
        (["--fixtures", "fixtures.json"], "fixtures.json: imocha.tests[1].test_id"),
        (["--fixtures", "refused.json"], "candidates[0]"),
    ] {
        let line = [&["sandbox", "--listen", "127.0.0.1:0", "--database", ":memory:"][..], &options].concat();
        let ended = place.run(&line).exits(2);
        ended.says(says);
        assert_eq!(ended.output, "", "{ended}");
    }
}

#[test]
fn switches_and_fixtures_survive_a_kill() {
    let place = Place::new();
    place.write("fixtures.json", &format!(r#"{{"candidates":[{{"call":"imocha.invite","arguments":{INVITE},"then":["start"]}}]}}"#));
    let sandbox = place.sandbox_with(&["--fixtures", "fixtures.json", "--switch", "testinvite.duplicate-status=409"]);
    let before = ["fixtures", "switches", "invitations"].map(|path| ask(&sandbox.url, path).replace(&sandbox.url, ""));
    assert!(before[1].contains(r#""value":"409""#) && before[2].contains("In Progress"), "{before:?}");
    // Dropped, it is killed.
    drop(sandbox);
    std::fs::remove_file(place.path("ready.json")).unwrap();
    let sandbox = place.sandbox_with(&[]);
    let after = ["fixtures", "switches", "invitations"].map(|path| ask(&sandbox.url, path).replace(&sandbox.url, ""));
    assert_eq!(after, before);
}

/// The body of an answer of the control plane.
fn ask(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /_sandbox/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}
