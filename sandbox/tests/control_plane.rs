//! The control plane, and what survives a restart.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden_sandbox::{Durability, Options, Place, Sandbox};
use common::{Client, sandbox};
use serde_json::json;

#[test]
fn only_this_machine_and_no_web_page_may_ask() {
    let (_sandbox, client) = sandbox();
    for host in ["evil.example", "127.0.0.1.example.com", "localhost@evil.example", ""] {
        assert_eq!(client.send("POST", "/_sandbox/reset", &[("host", host)], "").status, 403, "{host:?}");
    }
    for host in ["localhost", "LOCALHOST:1", "127.8.8.8:80", "[::1]:9"] {
        assert_eq!(client.send("GET", "/_sandbox/health", &[("host", host)], "").status, 200, "{host}");
    }
    let from_a_page = [("origin", "http://evil.example")];
    assert_eq!(client.send("POST", "/_sandbox/reset", &from_a_page, "").status, 403);
    let form = [("content-type", "text/plain")];
    assert_eq!(client.send("POST", "/_sandbox/clock", &form, r#"{"advance":"P1D"}"#).status, 415);
    assert_eq!(
        client.send("POST", "/_sandbox/clock", &[("content-type", "application/json; charset=utf-8")], r#"{"advance":"P1D"}"#).status,
        200
    );
}

#[test]
fn a_refused_question_says_why() {
    let (_sandbox, client) = sandbox();
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    for (method, path, body, status) in [
        ("POST", "/_sandbox/clock", r#"{"advance":"soon"}"#, 409),
        ("POST", "/_sandbox/clock", r#"{"speed":2}"#, 400),
        ("POST", "/_sandbox/attempts/1/start", "", 404),
        ("POST", "/_sandbox/attempts/2807324/finish", "", 409),
        ("POST", "/_sandbox/attempts/2807324/expire", "", 409),
        ("POST", "/_sandbox/attempts/1/dance", "", 404),
        ("GET", "/_sandbox/attempts/1/start", "", 405),
        ("GET", "/_sandbox/invitations?platform=other", "", 400),
        ("GET", "/_sandbox/nothing", "", 404),
        ("DELETE", "/_sandbox/outbox", "", 405),
        ("GET", "/favicon.ico", "", 404),
    ] {
        let reply = client.send(method, path, &[("content-type", "application/json")], body);
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text);
        assert!(reply.json()["error"].as_str().is_some_and(|reason| !reason.is_empty()), "{path}: {}", reply.text);
    }
    for body in ["", "[]", "{", r#"{"freeze":"yes"}"#, r#"{"speed":2}"#] {
        let reply = client.send("POST", "/_sandbox/clock", &[("content-type", "application/json")], body);
        let expected = r#"{"advance":"P1D"}, {"set":"2026-01-31T09:00:00Z"} or {"freeze":true} is expected"#;
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(reply.status == 400 && error.ends_with(expected) && !error.contains("struct"), "{body}: {}", reply.text);
    }
}

#[test]
fn every_path_that_the_help_names_is_there() {
    let (_sandbox, client) = sandbox();
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    let help = client.send("GET", "/help", &[], "").text;
    let paths: Vec<&str> = help.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("/_sandbox/"))).collect();
    assert!(paths.len() >= 19, "{paths:?}");
    for path in paths {
        let path = path.replace("{invitation_id}", "2807324").replace("{callback_id}", "1").replace("start,", "start");
        // Told apart by the answer to a method that nobody takes.
        assert_eq!(client.send("PUT", &path, &[], "").status, 405, "{path}");
    }
}

#[test]
fn a_method_that_is_not_taken_is_told_all_that_are_and_head_is_as_get() {
    let (_sandbox, client) = sandbox();
    for (path, allowed) in [
        ("clock", "GET, POST"),
        ("fixtures", "GET, POST"),
        ("snapshot", "GET, POST"),
        ("faults", "GET, POST, DELETE"),
        ("switches", "GET, POST, DELETE"),
        ("outbox", "GET"),
        ("events", "GET"),
        ("reset", "POST"),
    ] {
        let reply = client.send("PUT", &format!("/_sandbox/{path}"), &[], "");
        assert_eq!((reply.status, reply.allow.as_deref()), (405, Some(allowed)), "{path}");
        assert_eq!(reply.json()["error"], format!("only {allowed} is expected here"), "{path}");
    }
    for path in ["/_sandbox/health", "/_sandbox/clock", "/_sandbox/outbox", "/_sandbox/faults", "/openapi.json"] {
        let reply = client.send("HEAD", path, &[], "");
        assert_eq!((reply.status, reply.text.as_str()), (200, ""), "{path}");
    }
    assert_eq!(client.send("HEAD", "/_sandbox/reset", &[], "").status, 405);
}

#[test]
fn the_history_of_an_invitation_says_who_asked_what_and_which_rule_decided() {
    let (_sandbox, client) = sandbox();
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    client.attempt("2807324", "start");
    let history = client.get("invitations/2807324/history")["history"].clone();
    let rows: Vec<_> =
        history.as_array().unwrap().iter().map(|row| (row["asked"].clone(), row["from"].clone(), row["to"].clone())).collect();
    assert_eq!(rows, [(json!("imocha.invite"), json!(null), json!("Pending")), (json!("start"), json!("Pending"), json!("In Progress"))]);
    assert!(history[0]["basis"].is_string() && history[0]["at"].as_str().unwrap().ends_with('Z'), "{history}");
    assert_eq!(client.send("GET", "/_sandbox/invitations/1/history", &[], "").status, 404);
    assert_eq!(client.send("POST", "/_sandbox/invitations/2807324/history", &[], "").status, 405);
}

#[test]
fn every_platform_call_is_noted_in_order_without_secrets() {
    let (_sandbox, client) = sandbox();
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    client.send("POST", "/v3/tests/1/invite", &[("x-api-key", "wrong")], "<html>");
    client.testinvite("task-1", &json!({"kind": "temporary-candidate", "credential2": "hunter2"}));
    client.think_exam("bulkCandidateRegister", &json!([{"name": "Ada", "email": "ada@example.com", "password": "hunter2"}]));
    let noted = client.get("requests")["requests"].as_array().unwrap().clone();
    let statuses: Vec<_> = noted.iter().map(|request| request["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 401, 200, 200]);
    assert_eq!(noted[0]["body"], json!({"email": "ada@example.com", "name": "Ada"}));
    assert_eq!(
        (&noted[0]["method"], &noted[0]["path"], &noted[0]["at"]),
        (&json!("POST"), &json!("/v3/tests/1/invite"), &json!(common::START))
    );
    assert_eq!(noted[1]["body"], "<html>");
    let everything = client.get("requests").to_string() + &client.get("invitations").to_string();
    assert!(!everything.contains("hunter2"), "{everything}");
}

#[test]
fn a_body_is_shown_as_it_was_sent_and_lists_keep_the_documented_order() {
    let (_sandbox, client) = sandbox();
    let body = r#"{"tracking":{"uniqId":"u1"},"kind":"temporary-candidate","price":{"currency":"EUR","amount":12.10},"credential1":"ada"}"#;
    let headers = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];
    client.send("POST", "/api/integration/rest/v1/tasks/task-1/candidates", &headers, body);
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada", "sendEmail": "yes"}));
    client.think_exam("assignTest", &json!({"email": "ada@example.com", "testId": "41", "isPasswordSkip": "1"}));
    let list = |path: &str| client.send("GET", &format!("/_sandbox/{path}"), &[], "").text;
    let shown = list("requests");
    assert!(shown.starts_with(r#"{"requests":[{"at":""#) && shown.contains(&body.replace(r#""ada""#, r#""(secret)""#)), "{shown}");
    assert!(list("invitations").starts_with(r#"{"invitations":[{"platform":""#), "{}", list("invitations"));
    assert!(list("candidates").starts_with(r#"{"candidates":[{"platform":""#), "{}", list("candidates"));
    assert!(list("outbox").starts_with(r#"{"messages":[{"to":"ada@example.com","cc":[],"platform":"imocha","kind""#), "{}", list("outbox"));
}

#[test]
fn only_the_last_requests_are_kept() {
    let sandbox = Sandbox::start(Options { keep_requests: 3, ..Options::in_memory() }).unwrap();
    let client = Client::of(sandbox.url());
    for number in 0..10 {
        client.imocha(1, &json!({"email": format!("c{number}@example.com"), "name": "C"}));
    }
    let noted = client.get("requests")["requests"].as_array().unwrap().clone();
    let last: Vec<_> = noted.iter().map(|request| request["body"]["email"].as_str().unwrap()).collect();
    assert_eq!(last, ["c7@example.com", "c8@example.com", "c9@example.com"]);
}

#[test]
fn a_body_that_is_too_large_is_refused_in_the_platforms_shape() {
    let (_sandbox, client) = sandbox();
    let body = json!({"email": "ada@example.com", "name": "A".repeat(1 << 20)});
    assert_eq!(client.imocha(1, &body).status, 413);
    let reply = client.think_exam("assignTest", &body);
    assert_eq!((reply.status, reply.text.as_str()), (413, r#"{"result":"error","error":{"code":"3100","msg":"Something went wrong"}}"#));
    assert_eq!(client.testinvite("task-1", &body).json()["error"]["code"], "too-large");
    assert_eq!(client.get("requests")["requests"].as_array().unwrap().len(), 3);
    assert_eq!(client.invitations(""), Vec::<serde_json::Value>::new());
}

#[test]
fn reset_forgets_everything() {
    let (_sandbox, client) = sandbox();
    let first = client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada", "sendEmail": "yes"})).json();
    assert_eq!(client.post("reset", &json!({})).status, 200);
    assert_eq!(client.get("invitations"), json!({"invitations": []}));
    assert_eq!(client.get("outbox"), json!({"messages": []}));
    assert_eq!(client.get("requests"), json!({"requests": []}));
    assert_ne!(client.get("clock")["now"], common::START);
    let again = client.imocha(1, &json!({"email": "bob@example.com", "name": "Bob"})).json();
    assert_eq!(again["testInvitationId"], first["testInvitationId"]);
}

#[test]
fn a_restart_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("below/sandbox.db"));
    let start = |durability| Sandbox::start(Options { place: place.clone(), durability, ..Options::in_memory() });
    let sandbox = start(Durability::Kill).unwrap();
    let client = Client::of(sandbox.url());
    client.stand_at(common::START);
    let ada = json!({"email": "ada@example.com", "name": "Ada", "sendEmail": "yes"});
    let first = client.imocha(1, &ada).json();
    client.think_exam("bulkCandidateRegister", &json!([{"name": "Ada", "email": "ada@example.com"}]));
    client.testinvite(
        "task-1",
        &json!({"kind": "temporary-candidate", "email": "late@example.com", "tracking": {"uniqId": "u1"},
        "inviteByEmail": {"emailTemplateName": "W", "dateToSend": 1_772_366_400 + 60}}),
    );
    let everything = |client: &Client| ["candidates", "outbox", "requests", "clock"].map(|path| client.get(path));
    let before = everything(&client);

    let second = start(Durability::Kill).unwrap_err();
    assert_eq!(second.kind(), bidden::Kind::Storage);
    assert_eq!(second.to_string(), "storage: another sandbox has this database open");
    sandbox.stop();

    let sandbox = start(Durability::PowerLoss).unwrap();
    let client = Client::of(sandbox.url());
    assert_eq!(everything(&client), before);
    assert_eq!(client.imocha(1, &ada).json()["testInvitationId"], first["testInvitationId"]);
    let next = client.imocha(1, &json!({"email": "bob@example.com", "name": "Bob"})).json();
    assert_eq!(next["testInvitationId"].as_i64(), first["testInvitationId"].as_i64().map(|id| id + 1));
    assert_eq!(client.testinvite("task-1", &json!({"kind": "temporary-candidate", "tracking": {"uniqId": "u1"}})).status, 403);
    client.advance("PT2M");
    assert_eq!(client.outbox().last().unwrap().0, "late@example.com");
}

#[test]
fn another_file_is_not_taken_for_a_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    std::fs::write(&path, "these are notes and no database, long enough to be read as a header of one: ".repeat(20)).unwrap();
    let error = Sandbox::start(Options { place: Place::File(path), ..Options::in_memory() }).unwrap_err();
    assert_eq!(error.kind(), bidden::Kind::Storage);
}

#[test]
fn a_taken_port_is_said_or_replaced() {
    let (first, _client) = sandbox();
    let listen = first.url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Sandbox::start(Options { listen, ..Options::in_memory() }).unwrap_err();
    assert_eq!(error.kind(), bidden::Kind::Configuration);
    let second = Sandbox::start(Options { listen, or_any_port: true, ..Options::in_memory() }).unwrap();
    assert_ne!(first.url(), second.url());
}

#[test]
fn it_starts_and_stops_inside_another_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start(Options::in_memory()).unwrap();
        assert_eq!(Client::of(sandbox.url()).get("health")["status"], "ok");
        sandbox.stop();
    });
}
