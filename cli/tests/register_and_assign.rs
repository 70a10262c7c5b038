//! `bidden register`, `assign` and `deassign` on Think Exam.

mod support;

use support::{Folder, PEOPLE, Sandbox, each, people};

#[test]
fn who_is_registered_already_logs_in() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let line = format!("register {PEOPLE} --on think-exam --json --base-url {}", sandbox.url());
    let (_, summary) = folder.bidden(&line).exits(0).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"registered":250}"#);
    assert_eq!(sandbox.requests().len(), 5);
    let (_, summary) = folder.bidden(&line).exits(0).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"unchanged":250}"#);
    assert_eq!(sandbox.requests().len(), 5);
    let (_, summary) = folder.bidden(&format!("{line} --ledger other.db")).exits(0).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"logged-in":250}"#);
}

#[test]
fn only_think_exam_registers() {
    let folder = Folder::new();
    for platform in ["imocha", "testinvite"] {
        folder.bidden(&format!("register {PEOPLE} --on {platform} --sandbox")).exits(2).says("registers with the invitation");
    }
}

#[test]
fn a_test_is_assigned_and_taken_away_again() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &people(2));
    let at = format!("--base-url {}", sandbox.url());
    folder.bidden(&format!("assign person1@example.com --test 41 {at}")).exits(1).prints("refused");
    folder.bidden(&format!("register list.csv --on think-exam {at}")).exits(0);
    folder
        .bidden(&format!("assign person1@example.com --test 41 {at}"))
        .exits(0)
        .prints("1 row: 1 invited\nNo mail was sent.\n")
        .prints_no("links");
    let (rows, summary) = folder.bidden(&format!("assign person1@example.com --test 41 --send-email --json {at}")).exits(0).rows();
    assert_eq!((rows[0]["email"].as_str(), &summary["mails"], rows[0]["line"].is_null()), (Some("asked"), &1.into(), true));
    let (rows, _) = folder.bidden(&format!("deassign person1@example.com --test 41 --json {at}")).exits(0).rows();
    assert_eq!((rows[0]["disposition"].as_str(), rows[0]["status"].as_str()), (Some("cancelled"), Some("cancelled")));
}

#[test]
fn addresses_come_from_standard_input_one_per_line() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &people(2));
    let at = format!("--base-url {}", sandbox.url());
    folder.bidden(&format!("register list.csv --on think-exam {at}")).exits(0);
    let input = "person1@example.com\r\n\r\nPERSON1@example.com\nnobody\nperson2@example.com";
    let (rows, _) = folder.bidden_with_input(&format!("assign - --test 41 --json {at}"), input).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["invited", "duplicate-row", "invalid", "invited"]);
    assert_eq!(each(&rows, "line"), ["1", "3", "4", "5"]);
    assert_eq!(sandbox.requests().len(), 3);
}

#[test]
fn deassign_mails_nobody_and_has_no_such_option() {
    Folder::new().bidden("deassign ada@example.com --test 41 --send-email --sandbox").exits(2).says("unexpected argument");
}
