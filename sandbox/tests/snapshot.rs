//! A namespace as one file, and back.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden_sandbox::{Options, Place, Sandbox};
use common::{Client, sandbox};
use serde_json::json;

const MEDIA_TYPE: [(&str, &str); 1] = [("content-type", "application/vnd.sqlite3")];

fn take(client: &Client) -> Vec<u8> {
    let mut response = ureq::get(format!("{}/_sandbox/snapshot", client.url)).call().unwrap();
    assert_eq!(response.headers()["content-type"], "application/vnd.sqlite3");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let file = response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
    assert_eq!(file.len(), length);
    file
}

fn restore(client: &Client, headers: &[(&str, &str)], file: &[u8]) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(format!("{}/_sandbox/snapshot", client.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(file).unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}

/// Some of everything.
fn live(client: &Client) {
    client.stand_at(common::START);
    client.post("switches", &json!({"testinvite.duplicate-status": "409"}));
    client.post("faults", &json!({"preset": "rate-limited", "call": "imocha.cancel", "count": 3}));
    client.post(
        "fixtures",
        &json!({"candidates": [
        {"call": "imocha.invite", "arguments": {"test_id": 9, "email": "old@example.com", "name": "Old"}, "then": ["start"]}]}),
    );
    for name in ["ada", "bob"] {
        let email = format!("{name}@example.com");
        let invite = json!({"email": email, "name": name, "sendEmail": "yes", "callbackUrl": "http://callbacks.example/x"});
        assert_eq!(client.imocha(1, &invite).status, 200);
        client.think_exam("bulkCandidateRegister", &json!([{"name": name, "email": email}]));
        client.think_exam("assignTest", &json!({"email": email, "testId": "41", "isMailEnable": "1"}));
        client.testinvite(
            "t",
            &json!({"kind": "temporary-candidate", "email": email, "tracking": {"uniqId": name},
            "inviteByEmail": {"emailTemplateName": "W", "dateToSend": 1_772_366_400 + 60}}),
        );
    }
    client.attempt("2807325", "start");
    client.attempt("2807325", "finish");
}

/// Every read, byte for byte: of the control plane first, because the platforms' are noted.
fn reads(client: &Client) -> Vec<(String, String)> {
    let control = ["invitations", "candidates", "outbox", "requests", "callbacks", "clock", "switches", "faults", "fixtures"];
    let control = control.map(|path| format!("/_sandbox/{path}"));
    let mut answers: Vec<_> = control.into_iter().map(|path| (path.clone(), client.send("GET", &path, &[], "").text)).collect();
    let imocha = client.imocha_call("GET", "reports/2807325", &json!(null)).text;
    answers.push(("report".to_owned(), imocha));
    let token = [("authorization", "Bearer sandbox-token")];
    answers.push(("tasks".to_owned(), client.send("GET", "/api/integration/rest/v1/tasks/t/candidates", &token, "").text));
    answers
}

#[test]
fn a_snapshot_brings_every_read_back_byte_for_byte() {
    let (_sandbox, root) = sandbox();
    for client in [Client::of(&root.url), Client::of(&format!("{}/ns/a", root.url))] {
        live(&client);
        let file = take(&client);
        let before = reads(&client);
        assert!(before.iter().all(|(_, text)| text.len() > 10), "{before:?}");

        // Everything changes.
        client.post("switches", &json!({"testinvite.duplicate-status": "400", "imocha.repeat-mail": "off"}));
        client.send("DELETE", "/_sandbox/faults", &[], "");
        client.post("fixtures", &json!({}));
        client.advance("P3D");
        client.imocha(1, &json!({"email": "eve@example.com", "name": "Eve", "sendEmail": "yes"}));
        client.attempt("2807326", "start");
        assert_ne!(reads(&client), before);
        let (status, text) = restore(&client, &MEDIA_TYPE, &file);
        assert_eq!((status, text.as_str()), (200, r#"{"now":"2026-03-01T12:00:00Z"}"#));
        assert_eq!(reads(&client), before);

        // What was to come later still comes, and numbers go on where they stood.
        assert_eq!(client.outbox().iter().filter(|(_, kind)| kind == "invitation").count(), 4);
        client.advance("PT2M");
        assert_eq!(client.outbox().iter().filter(|(_, kind)| kind == "invitation").count(), 6);
        let next = client.imocha(1, &json!({"email": "eve@example.com", "name": "Eve"})).json();
        assert_eq!(next["testInvitationId"], 2_807_327);
        // A second time too, and after a reset.
        client.post("reset", &json!({}));
        assert_eq!(restore(&client, &MEDIA_TYPE, &file).0, 200);
        assert_eq!(reads(&client), before);
    }
}

#[test]
fn a_snapshot_moves_to_another_sandbox_and_survives_there() {
    let (_sandbox, first) = sandbox();
    live(&first);
    let file = take(&first);
    let folder = tempfile::tempdir().unwrap();
    let start = || Sandbox::start(Options { place: Place::File(folder.path().join("sandbox.db")), ..Options::in_memory() }).unwrap();
    let sandbox = start();
    let client = Client::of(sandbox.url());
    assert_eq!(restore(&client, &[("content-type", "application/octet-stream")], &file).0, 200);
    // Addresses begin with the host of whoever asks now, or asked then.
    let origins = [first.url.clone(), client.url.clone()];
    let here = |client: &Client| {
        let without = |text: String| origins.iter().fold(text, |text, origin| text.replace(origin, "")).replace(&client.url, "");
        reads(client).into_iter().map(|(name, text)| (name, without(text))).collect::<Vec<_>>()
    };
    let before = here(&client);
    // The platforms' reads are noted, so the other sandbox reads as often.
    assert_eq!(here(&first), before);
    sandbox.stop();
    let sandbox = start();
    let client = Client::of(sandbox.url());
    // Faults are not kept over a restart.
    let without_faults = |answers: Vec<(String, String)>| {
        answers.into_iter().filter(|(name, _)| !name.ends_with("faults") && !name.ends_with("requests")).collect::<Vec<_>>()
    };
    assert_eq!(without_faults(here(&client)), without_faults(before));
}

#[test]
fn a_clock_that_runs_goes_on_from_the_moment_of_the_snapshot() {
    let (_sandbox, client) = sandbox();
    client.post("clock", &json!({"set": "2030-01-01T00:00:00Z", "freeze": false}));
    let file = take(&client);
    client.advance("P1Y");
    assert_eq!(restore(&client, &MEDIA_TYPE, &file).0, 200);
    let now = client.get("clock")["now"].as_str().unwrap().to_owned();
    assert!(now.starts_with("2030-01-01T00:0"), "{now}");
}

#[test]
fn what_is_no_snapshot_is_refused_and_changes_nothing() {
    let (_sandbox, client) = sandbox();
    live(&client);
    let file = take(&client);
    let before = client.get("invitations");
    let mut broken = file.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 4096].fill(0x5a);
    let folder = tempfile::tempdir().unwrap();
    let altered = |sql: &str| {
        let path = folder.path().join("altered.db");
        std::fs::write(&path, &file).unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        std::fs::read(&path).unwrap()
    };
    let trigger = altered("CREATE TRIGGER more AFTER INSERT ON invitations BEGIN DELETE FROM messages; END;");
    let record = altered("UPDATE invitations SET record = '{}' WHERE number = 1;");
    let version = altered("PRAGMA user_version = 99;");
    let other = altered("PRAGMA application_id = 7;");
    for (name, body, reason) in [
        ("nothing", &b""[..], "no snapshot"),
        ("text", b"these are notes and no database", "no snapshot"),
        ("cut", &file[..file.len() / 2], "cannot be restored"),
        ("broken", &broken, "broken"),
        ("trigger", &trigger, "broken"),
        ("record", &record, "broken"),
        ("version", &version, "version 99"),
        ("other", &other, "no snapshot"),
    ] {
        let (status, text) = restore(&client, &MEDIA_TYPE, body);
        assert!(status == 409 && text.contains(reason), "{name}: {status} {text}");
        assert_eq!(client.get("invitations"), before, "{name}");
    }
    assert_eq!(restore(&client, &[("content-type", "application/json")], &file).0, 415);
    assert_eq!(restore(&client, &[MEDIA_TYPE[0], ("origin", "http://evil.example")], &file).0, 403);
    assert_eq!(client.send("PUT", "/_sandbox/snapshot", &[], "").status, 405);
}
