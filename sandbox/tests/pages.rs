//! The pages for people, as far as no browser is needed: `tests/browser/` looks at them in one.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Client, sandbox};
use serde_json::json;

fn connect(client: &Client) -> (TcpStream, String) {
    let host = client.url.strip_prefix("http://").unwrap().to_owned();
    let stream = TcpStream::connect(&host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    (stream, host)
}

/// Opens the events below a prefix; what is read are the lines behind the head.
fn events(client: &Client, prefix: &str) -> BufReader<TcpStream> {
    let (mut stream, host) = connect(client);
    write!(stream, "GET {prefix}/_sandbox/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(lines.read_line(&mut head).unwrap() > 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 200") && head.to_lowercase().contains("text/event-stream"), "{head}");
    lines
}

/// The next number that an event carries.
fn next(lines: &mut BufReader<TcpStream>) -> u64 {
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the events have ended");
        if let Some(count) = line.trim().strip_prefix("data: ") {
            return count.parse().unwrap();
        }
    }
}

fn page(client: &Client, path: &str) -> String {
    let reply = client.send("GET", path, &[], "");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.text
}

fn form_token(page: &str) -> &str {
    page.split_once(r#"name="form_token" value=""#).unwrap().1.split('"').next().unwrap()
}

#[test]
fn an_event_follows_every_change_and_nothing_else() {
    let (_sandbox, client) = sandbox();
    let mut lines = events(&client, "");
    let first = next(&mut lines);
    page(&client, "/");
    client.get("invitations");
    client.imocha(1, &json!({"email": "a@example.com", "name": "a"}));
    let second = next(&mut lines);
    assert_eq!(second, first + 1, "looking is no change");
    client.advance("P1D");
    assert_eq!(next(&mut lines), second + 1);
}

#[test]
fn a_namespace_hears_of_its_own_changes_alone() {
    let (_sandbox, client) = sandbox();
    let mut lines = events(&client, "/ns/a");
    let first = next(&mut lines);
    client.imocha(1, &json!({"email": "a@example.com", "name": "a"}));
    client.send("POST", "/ns/a/_sandbox/clock", &[("content-type", "application/json")], r#"{"advance":"P1D"}"#);
    assert_eq!(next(&mut lines), first + 1);
    assert_eq!(client.send("DELETE", "/_sandbox/namespaces/a", &[], "").status, 200);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
}

#[test]
fn an_open_page_does_not_keep_a_sandbox_from_stopping() {
    let (sandbox, client) = sandbox();
    let mut lines = events(&client, "");
    next(&mut lines);
    let begun = Instant::now();
    sandbox.stop();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
}

#[test]
fn events_and_pages_answer_only_to_this_machines_own_user() {
    let (_sandbox, client) = sandbox();
    for path in ["/", "/outbox", "/_sandbox/events", "/te"] {
        let (mut stream, _) = connect(&client);
        write!(stream, "GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 403"), "{path}: {reply}");
    }
}

#[test]
fn a_form_is_taken_once_its_token_is_right() {
    let (_sandbox, client) = sandbox();
    let token = form_token(&page(&client, "/")).to_owned();
    let post = |form: &str| {
        let (mut stream, host) = connect(&client);
        let length = form.len();
        write!(
            stream,
            "POST /clock HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{form}"
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    };
    assert!(post("advance=P1D").starts_with("HTTP/1.1 403"));
    assert!(post("form_token=&advance=P1D").starts_with("HTTP/1.1 403"));
    assert_eq!(client.get("clock"), json!({"now": "2026-03-01T12:00:00Z"}));
    for (back, location) in [("outbox", "./outbox"), ("https://evil.example", "./"), ("//evil.example", "./"), ("..%2Fx", "./")] {
        let reply = post(&format!("form_token={token}&advance=PT1H&back={back}"));
        assert!(reply.starts_with("HTTP/1.1 303"), "{reply}");
        assert!(reply.to_lowercase().contains(&format!("location: {location}\r\n")), "{reply}");
    }
    assert_eq!(client.get("clock"), json!({"now": "2026-03-01T16:00:00Z"}));
    assert!(post(&format!("form_token={token}&advance=tomorrow")).starts_with("HTTP/1.1 409"));
}

#[test]
fn below_a_prefix_the_first_page_is_a_folder() {
    let (_sandbox, client) = sandbox();
    // The client follows the redirect.
    let text = page(&client, "/ns/a");
    assert!(text.contains(r#"href="./outbox""#) && !text.contains(r#"href="/"#), "{text}");
    let style = text.split_once(r#"rel="stylesheet" href="./"#).unwrap().1.split('"').next().unwrap();
    assert_eq!(client.send("GET", &format!("/ns/a/{style}"), &[], "").status, 200);
}

#[test]
fn what_others_wrote_is_escaped_wherever_it_is_shown() {
    let (_sandbox, client) = sandbox();
    let hostile = r#""><script>alert(1)</script>"#;
    let reply = client.imocha(1, &json!({"email": "a@example.com", "name": hostile, "redirectUrl": "javascript:alert(1)"}));
    let id = reply.json()["testInvitationId"].to_string();
    let test_url = reply.json()["testUrl"].as_str().unwrap().strip_prefix(&client.url).unwrap().to_owned();
    for path in ["/", "/?text=%22%3E%3Cscript%3E", "/candidates", "/requests", &format!("/invitations/{id}"), &test_url] {
        let text = page(&client, path);
        assert!(!text.contains("<script>alert") && !text.contains(r#"href="javascript"#), "{path}: {text}");
    }
    let missing = client.send("GET", "/invitations/%3Cscript%3E", &[], "");
    assert!(missing.status == 404 && !missing.text.contains("<script>"), "{}", missing.text);
}

#[test]
fn a_page_of_many_is_as_quick_as_one_of_few() {
    let (_sandbox, client) = sandbox();
    for number in 0..300 {
        client.imocha(1, &json!({"email": format!("c{number}@example.com"), "name": format!("Candidate {number}")}));
    }
    let first = page(&client, "/");
    assert_eq!(first.matches("<tr>").count(), 51);
    let older = first.split_once(r#"rel="next" href="./?before="#).unwrap().1.split('"').next().unwrap();
    let second = page(&client, &format!("/?before={older}"));
    assert!(second.contains("Candidate 249") && !second.contains("Candidate 250"), "{second}");
    let found = page(&client, "/?text=c17%40example.com");
    assert_eq!(found.matches("<tr>").count(), 2);
}
