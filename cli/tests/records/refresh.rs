//! A later window for TestInvite candidates who are there: *update candidate*, without mail (TestInvite reference, section 4.3).

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{each, people};
use crate::{Desk, id};

const TASK: &str = "--on testinvite --test task-1 --email-template welcome";
const FIRST: &str = "--start 2098-01-01T00:00:00Z --end 2098-02-01T00:00:00Z";
const LATER: &str = "--start 2098-01-01T00:00:00Z --end 2099-02-01T00:00:00Z";

impl Desk {
    /// The window of a row's candidate as the platform has it.
    fn ends(&self, row: &Value) -> Value {
        let asked = json!({"task_id": "task-1", "id": id(row), "mode": "detailed"});
        self.call("testinvite.fetch_candidate", &asked, "").exits(0).json()[0]["active_before"].clone()
    }

    fn mails(&self) -> usize {
        self.sandbox.control("/_sandbox/outbox")["messages"].as_array().unwrap().len()
    }

    fn clear_faults(&self) {
        let host = self.sandbox.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "DELETE /_sandbox/faults HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[test]
fn a_later_window_refreshes_and_mails_nobody() {
    let desk = Desk::new();
    let rows = desk.invite(&people(3), &format!("{TASK} {FIRST}"));
    assert_eq!(each(&rows, "disposition"), ["created", "created", "created"]);
    let mails = desk.mails();
    desk.send(&format!("plan people.csv {TASK} {LATER} -o plan.jsonl --quiet")).exits(0);
    let plan = desk.folder.read("plan.jsonl");
    assert_eq!((plan.matches(r#""action":"refresh""#).count(), plan.matches(r#""mail":true"#).count()), (3, 0), "{plan}");
    assert_eq!(desk.ends(&rows[0]), "2098-02-01T00:00:00Z", "a plan changes nothing");
    let (applied, summary) = desk.read("apply plan.jsonl --json --quiet").exits(0).rows();
    assert_eq!(each(&applied, "disposition"), ["refreshed", "refreshed", "refreshed"]);
    assert_eq!(summary["mails"], 0);
    assert_eq!(each(&applied, "email"), ["asked", "asked", "asked"], "the first mail is still what was asked for");
    for (before, after) in rows.iter().zip(&applied) {
        assert_eq!((id(before), &before["invitation_code"]), (id(after), &after["invitation_code"]));
        assert_eq!(desk.ends(after), "2099-02-01T00:00:00Z");
    }
    assert_eq!((desk.requests("PATCH"), desk.mails()), (3, mails));
    let again = desk.invite(&people(3), &format!("{TASK} {LATER}"));
    assert_eq!(each(&again, "disposition"), ["unchanged", "unchanged", "unchanged"]);
    let back = desk.invite(&people(3), &format!("{TASK} {FIRST}"));
    assert_eq!(each(&back, "disposition"), ["refreshed", "refreshed", "refreshed"], "and an earlier one too");
    let history = desk.read("history person1@example.com --json").exits(0).json().remove(0);
    assert_eq!(history["mail_requests"], 1);
    assert_eq!(history["operations"].as_array().unwrap().len(), 3);
}

#[test]
fn a_change_whose_answer_is_lost_is_repeated() {
    let desk = Desk::new();
    let rows = desk.invite(&people(1), &format!("{TASK} {FIRST}"));
    desk.control(
        "/_sandbox/faults",
        r#"{"preset":"lost-after-commit","platform":"testinvite","call":"testinvite.update_candidate","count":1,"seed":1}"#,
    );
    let again = desk.invite(&people(1), &format!("{TASK} {LATER}"));
    assert_eq!(each(&again, "disposition"), ["refreshed"]);
    assert_eq!((desk.requests("PATCH"), desk.ends(&rows[0])), (2, json!("2099-02-01T00:00:00Z")));
    // Lost as often as a run tries: uncertain, and the next run repeats it.
    desk.control(
        "/_sandbox/faults",
        r#"{"preset":"lost-before-commit","platform":"testinvite","call":"testinvite.update_candidate","count":20,"seed":1}"#,
    );
    let line = format!("invite people.csv {TASK} {FIRST} --json --quiet");
    let (lost, _) = desk.send(&line).exits(1).rows();
    assert_eq!(each(&lost, "disposition"), ["uncertain"]);
    desk.clear_faults();
    let (found, _) = desk.send(&line).exits(0).rows();
    assert_eq!(each(&found, "disposition"), ["refreshed"]);
    assert_eq!((desk.ends(&rows[0]), desk.mails()), (json!("2098-02-01T00:00:00Z"), 1));
}

#[test]
fn what_no_call_changes_is_held_as_before() {
    let desk = Desk::new();
    desk.invite(&people(1), &format!("{TASK} {FIRST}"));
    for more in [format!("{TASK} {LATER} --group B"), format!("{TASK} --start 2098-01-01T00:00:00Z")] {
        let (rows, _) = desk.send(&format!("invite people.csv {more} --json --quiet")).exits(1).rows();
        assert_eq!(each(&rows, "disposition"), ["held"], "{more}");
    }
    assert_eq!(desk.requests("PATCH"), 0);
}

#[test]
fn an_id_that_the_ledger_does_not_know_is_looked_up_by_the_address() {
    let desk = Desk::new();
    desk.folder.write("people.csv", &people(1));
    // The create arrives, its answer is lost each time: the row is uncertain and has no id.
    desk.control(
        "/_sandbox/faults",
        r#"{"preset":"lost-after-commit","platform":"testinvite","call":"testinvite.create_candidate","count":20,"seed":1}"#,
    );
    desk.send(&format!("invite people.csv {TASK} {FIRST} --no-tracking --quiet")).exits(1);
    desk.clear_faults();
    let (rows, _) = desk.send(&format!("invite people.csv {TASK} {LATER} --no-tracking --json --quiet")).exits(0).rows();
    assert_eq!(each(&rows, "disposition"), ["refreshed"]);
    assert_eq!(desk.ends(&rows[0]), "2099-02-01T00:00:00Z");
    assert!(desk.requests("?limit=100&email=person1") + desk.requests("email=person1") > 0);
    assert_eq!((desk.requests("PATCH"), desk.mails()), (1, 1));
}
