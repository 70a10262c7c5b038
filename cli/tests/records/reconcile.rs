//! `bidden reconcile`.

use serde_json::{Value, json};

use crate::support::{PEOPLE, each, people};
use crate::{Desk, id};

const TASK: &str = "--on testinvite --test task-1";

impl Desk {
    /// The findings and the summary.
    fn reconcile(&self, line: &str, exit: i32) -> (Vec<Value>, Value) {
        self.send(&format!("reconcile {line} --json --quiet")).exits(exit).rows()
    }
}

#[test]
fn every_page_of_a_task_is_read_and_all_agree() {
    let desk = Desk::new();
    desk.send(&format!("invite {PEOPLE} {TASK} --quiet")).exits(0);
    let (findings, summary) = desk.reconcile(TASK, 0);
    assert_eq!(findings.len(), 0);
    assert_eq!((&summary["by_finding"], &summary["shown"]), (&json!({"agreed": 250}), &json!(250)));
    assert_eq!(desk.requests("/candidates?limit=100"), 3);
}

#[test]
fn what_others_did_to_a_task_is_told_apart_and_written() {
    let desk = Desk::new();
    let rows = desk.invite(&people(4), TASK);
    desk.call("testinvite.delete_candidate", &json!({"task_id": "task-1", "id": id(&rows[0])}), "").exits(0);
    desk.control(&format!("/_sandbox/attempts/{}/start", id(&rows[1])), "{}");
    let orphan = desk.call("testinvite.create_candidate", &json!({"task_id": "task-1", "email": "other@example.com"}), "").exits(0);
    let before = desk.read("export --operations").exits(0).output;
    let (findings, summary) = desk.reconcile(&format!("{TASK} --dry-run"), 1);
    assert_eq!(each(&findings, "finding"), ["moved", "ghost", "orphan"]);
    assert_eq!(summary["by_finding"], json!({"agreed": 2, "ghost": 1, "moved": 1, "orphan": 1}));
    assert_eq!((&summary["written"], &summary["dry_run"]), (&json!(0), &json!(true)));
    assert_eq!((&findings[1]["recorded"], &findings[1]["shown"]), (&json!("pending"), &json!(null)));
    assert_eq!((&findings[0]["recorded"], &findings[0]["shown"]), (&json!("pending"), &json!("in-progress")));
    assert_eq!(findings[2]["invitation_id"], orphan.json()[0]["candidate_id"]);
    assert_eq!(findings[2]["candidate"]["email"], "other@example.com");
    assert_eq!(desk.read("export --operations").exits(0).output, before);

    assert_eq!(desk.reconcile(TASK, 1).1["written"], 2);
    let (findings, summary) = desk.reconcile(TASK, 1);
    assert_eq!((each(&findings, "finding"), &summary["by_finding"]), (vec!["orphan".to_owned()], &json!({"agreed": 4, "orphan": 1})));
    let gone = desk.read("history person1@example.com --json").exits(0).json().remove(0);
    assert_eq!((&gone["status"], &gone["operations"][1]["deed"]), (&json!("cancelled"), &json!("look-up")));
    assert_eq!(gone["operations"][1]["request"], json!(null));
    desk.send(&format!("reconcile {TASK}")).exits(1).prints("orphan   other@example.com").prints("4 agreed, 1 orphan");
}

#[test]
fn what_was_lost_is_resolved_where_the_platform_shows_it() {
    let desk = Desk::new();
    desk.folder.write("people.csv", &people(2));
    desk.control("/_sandbox/faults", r#"{"preset":"lost-after-commit","platform":"testinvite","count":1,"seed":1}"#);
    let line = format!("invite people.csv {TASK} --no-tracking --email-template welcome --concurrency 1 --json --quiet");
    let (rows, _) = desk.send(&line).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["uncertain", "created"]);
    let (findings, _) = desk.reconcile(TASK, 0);
    assert_eq!(each(&findings, "finding"), ["resolved"]);
    let found = desk.read("history person1@example.com --json").exits(0).json().remove(0);
    assert_eq!((&found["disposition"], &found["status"], &found["email"]), (&json!("invited"), &json!("pending"), &json!("uncertain")));
    assert!(found["invitation_id"].is_string() && found["test_url"].is_string(), "{found}");
}

#[test]
fn what_was_lost_and_is_not_there_stays_uncertain() {
    let desk = Desk::new();
    desk.folder.write("people.csv", &people(1));
    desk.control("/_sandbox/faults", r#"{"preset":"lost-before-commit","platform":"testinvite","count":1,"seed":1}"#);
    desk.send(&format!("invite people.csv {TASK} --no-tracking --quiet")).exits(1);
    let (findings, summary) = desk.reconcile(TASK, 1);
    assert_eq!((each(&findings, "finding"), &summary["written"]), (vec!["uncertain".to_owned()], &json!(0)));
}

#[test]
fn imocha_shows_what_is_over_and_cannot_tell_of_what_waits() {
    let desk = Desk::new();
    let test = "--on imocha --test 292930";
    let rows = desk.invite(&people(3), test);
    let number = |row: &Value| json!({"test_invitation_id": id(row).parse::<i64>().unwrap()});
    desk.call("imocha.cancel", &number(&rows[0]), "").exits(0);
    for event in ["start", "finish"] {
        desk.control(&format!("/_sandbox/attempts/{}/{event}", id(&rows[1])), "{}");
    }
    let again = "--start 2098-01-01T00:00:00Z --end 2099-01-01T00:00:00Z --time-zone-id 1200";
    desk.send(&format!("reattempt person2@example.com {test} {again}")).exits(0);
    let other = json!({"test_id": 292_930, "email": "other@example.com", "name": "Other"});
    let other = desk.call("imocha.invite", &other, "").exits(0).json().remove(0);
    desk.call("imocha.cancel", &json!({"test_invitation_id": other["test_invitation_id"]}), "").exits(0);
    // The attempt before the one that waits belongs to the chain: it is no orphan.
    let (findings, summary) = desk.reconcile(test, 1);
    assert_eq!(each(&findings, "finding"), ["moved", "orphan"]);
    assert_eq!(summary["by_finding"], json!({"moved": 1, "not-listed": 2, "orphan": 1}));
    assert_eq!((&findings[0]["shown"], &findings[0]["platform_status"]), (&json!("cancelled"), &json!("Cancelled")));
    assert_eq!(findings[1]["invitation_id"], other["test_invitation_id"].to_string());
}

/// No list of iMocha shows an attempt that runs; its report says when it began (reference, section 15).
#[test]
fn an_imocha_attempt_that_runs_is_found_by_its_report() {
    let desk = Desk::new();
    let test = "--on imocha --test 292930";
    let rows = desk.invite(&people(3), test);
    desk.control(&format!("/_sandbox/attempts/{}/start", id(&rows[1])), "{}");
    let (findings, summary) = desk.reconcile(test, 0);
    assert_eq!((each(&findings, "finding"), each(&findings, "shown")), (vec!["moved".to_owned()], vec!["in-progress".to_owned()]));
    assert_eq!(summary["by_finding"], json!({"moved": 1, "not-listed": 2}));
    let found = desk.read("history person2@example.com --json").exits(0).json().remove(0);
    assert_eq!(found["status"], json!("in-progress"));
    let (_, again) = desk.reconcile(test, 0);
    assert_eq!(again["by_finding"], json!({"not-listed": 3}));
}

#[test]
fn think_exam_shows_nothing() {
    Desk::new().send("reconcile --on think-exam --test 41").exits(2).says("Think Exam shows no assignment");
}
