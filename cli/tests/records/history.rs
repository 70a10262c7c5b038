//! `bidden history` and `bidden status`.

use std::time::{Duration, Instant};

use bidden_ledger::{Digest, Ledger};
use serde_json::{Value, json};

use crate::Desk;
use crate::support::{Folder, Platform, Ran, people};

#[test]
fn the_proof_names_every_request_and_its_answer() {
    let desk = Desk::new();
    for _ in 0..2 {
        desk.invite(&people(1), "--on imocha --test 292930 --send-email");
    }
    let history = desk.read("history Person1@Example.com --json").exits(0).json().remove(0);
    assert_eq!(history["candidate"], json!({"email": "person1@example.com", "external_id": null}));
    assert_eq!((&history["disposition"], &history["status"], &history["email"]), (&json!("invited"), &json!("pending"), &json!("asked")));
    assert_eq!((&history["mail_requests"], desk.requests("/invite")), (&json!(1), 1));
    let [operation] = &history["operations"].as_array().unwrap()[..] else { panic!("{history}") };
    assert_eq!((&operation["deed"], &operation["http_status"], &operation["sent"]), (&json!("invite"), &json!(200), &json!(1)));
    assert_eq!(operation["answer"].as_str().unwrap().len(), 64);
    let moment = |name: &str| bidden::Time::parse(operation[name].as_str().unwrap()).unwrap();
    assert!(moment("intended_at") <= moment("settled_at"), "{operation}");
    // Anybody can make the digest again from the request that the command prints.
    let arguments = r#"{"test_id":292930,"email":"person1@example.com","name":"Person Number 1","send_email":true}"#;
    let request = desk.folder.bidden_with_input("call imocha.invite - --request", arguments).exits(0).json().remove(0);
    let meant = format!("POST /v3/tests/292930/invite\n{}", request["body"].as_str().unwrap());
    assert_eq!(operation["request"], Digest::of(meant.as_bytes()).to_string());
    desk.read("history person1@example.com")
        .exits(0)
        .prints("mail: asked; 1 request that asks for one")
        .prints("imocha http://127.0.0.1")
        .prints(&operation["request"].as_str().unwrap()[..12]);
}

#[test]
fn whoever_is_not_in_the_ledger_shows_in_the_exit_code() {
    let desk = Desk::new();
    desk.read("history nobody@example.com").exits(1).says("1 address is not in the ledger").says("there is none yet");
    desk.invite(&people(2), "--on imocha --test 292930");
    let line = "history - --json --ledger ledger.db";
    let both = desk.folder.bidden_with_input(line, "person2@example.com\n\nperson1@example.com\n").exits(0).json();
    assert_eq!((both.len(), &both[0]["candidate"]["email"]), (2, &json!("person2@example.com")));
    let one = desk.folder.bidden_with_input(line, "person1@example.com\nnobody@example.com\n").exits(1);
    assert_eq!(one.json().len(), 1);
    assert!(!one.error.contains("nobody@"), "{}", one.shown);
    one.says("1 address is not in the ledger");
}

#[test]
fn an_invitation_whose_window_is_over_stands_as_expired() {
    let desk = Desk::new();
    let end = bidden::Time::from(std::time::SystemTime::now()).after(Duration::from_secs(3)).to_rfc3339_seconds();
    desk.invite(&people(1), &format!("--on imocha --test 292930 --end {end}"));
    let shown = || desk.read("history person1@example.com --json").exits(0).json().remove(0)["status"].clone();
    let deadline = Instant::now() + Duration::from_secs(10);
    while shown() != "expired" {
        assert!(Instant::now() < deadline, "{} after {end}", shown());
        std::thread::sleep(Duration::from_millis(200));
    }
    let totals = desk.read("status --json").exits(0).json().remove(0);
    assert_eq!(totals["by_status"], json!({"expired": 1}));
}

/// The record of one person beside a platform that never answers, once it shows an operation under way.
fn under_way(folder: &Folder) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let shown = folder.bidden("history person1@example.com --json --ledger ledger.db");
        if shown.status.success() {
            return shown.json().remove(0);
        }
        assert!(Instant::now() < deadline, "{}", shown.shown);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_record_is_read_beside_whoever_sends_and_after_he_is_gone() {
    let folder = Folder::new();
    folder.write("people.csv", &people(1));
    let platform = Platform::answering(|_, _| {
        std::thread::sleep(Duration::from_secs(60));
        (200, String::new())
    });
    let line = format!("invite people.csv --on imocha --test 292930 --send-email --base-url {} --ledger ledger.db", platform.url);
    let mut child = folder.start(&line);
    let running = under_way(&folder);
    assert_eq!(running["under_way"], json!({"deed": "invite", "asks_for_mail": true, "is_interrupted": false}));
    assert_eq!((&running["disposition"], &running["email"]), (&json!(null), &json!("none")));
    child.kill().unwrap();
    Ran::finished(child, &line);
    let after = under_way(&folder);
    assert_eq!(after["under_way"]["is_interrupted"], true);
    assert_eq!((&after["disposition"], &after["email"], &after["mail_requests"]), (&json!("uncertain"), &json!("uncertain"), &json!(1)));
    let totals = folder.bidden("status --json --ledger ledger.db").exits(0).json().remove(0);
    assert_eq!((&totals["uncertain"], &totals["interrupted"], &totals["under_way"]), (&json!(1), &json!(1), &json!(0)));
}

#[test]
fn the_totals_of_each_place_are_told_apart() {
    let desk = Desk::new();
    desk.invite(&people(3), "--on imocha --test 292930 --send-email");
    desk.invite(&people(2), "--on testinvite --test task-1");
    desk.send("cancel person1@example.com --on imocha --test 292930").exits(0);
    let mut lines = desk.read("status --json").exits(0).json();
    let summary = lines.pop().unwrap();
    assert_eq!(summary["summary"], json!({"places": 2, "invitations": 5, "uncertain": 0, "ledger": "ledger.db"}));
    assert_eq!(lines[0]["by_status"], json!({"cancelled": 1, "pending": 2}));
    assert_eq!(lines[0]["mails"], json!({"asked": 3}));
    assert_eq!((&lines[1]["place"]["test"], &lines[1]["by_disposition"]), (&json!("task-1"), &json!({"created": 2})));
    desk.read("status").exits(0).prints("test task-1\n  2 invitations: 2 created").prints("5 invitations in the ledger ledger.db");
}

#[test]
fn a_ledger_of_another_sort_is_a_clear_error() {
    let folder = Folder::new();
    folder.write("ledger.db", "no ledger at all, but long enough to be one");
    for command in ["history ada@example.com", "status", "export"] {
        folder.bidden(&format!("{command} --ledger ledger.db")).exits(3).says("storage: ");
    }
    let ledger = Ledger::open(folder.path("held.db")).unwrap();
    folder.bidden("status --ledger held.db").exits(0).prints("0 invitations");
    drop(ledger);
}
