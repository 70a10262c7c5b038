//! A single call that asks for mail goes through the ledger.

use serde_json::{Value, json};

use crate::support::people;
use crate::{Desk, id};

fn invite(mail: bool) -> Value {
    json!({"test_id": 292_930, "email": "person1@example.com", "name": "Person Number 1", "send_email": mail})
}

#[test]
fn a_second_call_with_mail_is_refused_until_somebody_insists() {
    let desk = Desk::new();
    let first = desk.call("imocha.invite", &invite(true), "").exits(0).json().remove(0);
    let refused = desk.call("imocha.invite", &invite(true), "").exits(1);
    assert_eq!(refused.json()[0]["error"]["kind"], "refused");
    refused.says("refused: the ledger says: a mail was asked for before; --mail-again asks for another");
    assert_eq!(desk.requests("/invite"), 1);
    // Without a mail it is one request, as any other call.
    let without = desk.call("imocha.invite", &invite(false), "").exits(0).json().remove(0);
    assert_eq!(without["test_invitation_id"], first["test_invitation_id"]);
    desk.call("imocha.invite", &invite(true), "--mail-again").exits(0);
    let history = desk.read("history person1@example.com --json").exits(0).json().remove(0);
    assert_eq!((&history["mail_requests"], desk.requests("/invite")), (&json!(2), 3));
}

#[test]
fn a_call_and_the_commands_know_of_each_other() {
    let desk = Desk::new();
    desk.invite(&people(2), "--on imocha --test 292930 --send-email");
    desk.call("imocha.invite", &invite(true), "").exits(1).says("--mail-again");
    // Another window would refresh the invitation: with a mail it is refused, and not turned into one without.
    let mut later = invite(true);
    later["end_date_time"] = json!("2099-01-01T00:00:00Z");
    desk.call("imocha.invite", &later, "").exits(1).says("--mail-again");
    assert_eq!(desk.requests("/invite"), 2);
    let call = json!({"test_id": 292_930, "email": "person3@example.com", "name": "Person Number 3", "send_email": true});
    desk.call("imocha.invite", &call, "").exits(0);
    let rows = desk.invite(&people(3), "--on imocha --test 292930 --send-email");
    assert_eq!(crate::support::each(&rows, "disposition"), ["unchanged"; 3]);
    assert_eq!(desk.requests("/invite"), 3);
}

#[test]
fn an_invitation_without_mail_may_be_mailed_once() {
    let desk = Desk::new();
    desk.invite(&people(1), "--on imocha --test 292930");
    desk.call("imocha.invite", &invite(true), "").exits(0);
    desk.call("imocha.invite", &invite(true), "").exits(1);
}

#[test]
fn each_test_link_is_an_invitation_of_its_own_and_mails_once() {
    let desk = Desk::new();
    let mut links = Vec::new();
    for name in ["Campus", "Fair"] {
        let link = json!({"test_id": 292_930, "test_link_name": name});
        links.push(desk.call("imocha.create_test_link", &link, "").exits(0).json().remove(0)["test_link_id"].clone());
    }
    for link in &links {
        let mut call = invite(true);
        call["test_link_id"] = link.clone();
        desk.call("imocha.invite_by_test_link", &call, "").exits(0);
        // Retrieve invites does not tell one link from another, so the platform is not asked where this one stands.
        let refused = desk.call("imocha.invite_by_test_link", &call, "").exits(1);
        assert_eq!(refused.json()[0]["error"]["kind"], "refused");
    }
    desk.call("imocha.invite", &invite(true), "").exits(0);
    assert_eq!(desk.requests("/invite"), 3);
}

#[test]
fn another_attempt_is_found_by_the_invitation_it_follows() {
    let desk = Desk::new();
    let rows = desk.invite(&people(1), "--on imocha --test 292930 --send-email");
    for event in ["start", "finish"] {
        desk.control(&format!("/_sandbox/attempts/{}/{event}", id(&rows[0])), "{}");
    }
    let window = json!({"start_date_time": "2098-01-01T00:00:00Z", "end_date_time": "2099-01-01T00:00:00Z", "time_zone_id": 1200});
    let reattempt = |id: &Value| {
        let mut call = window.clone();
        call["test_invitation_id"] = id.clone();
        call["send_email"] = json!(true);
        call
    };
    let first: i64 = id(&rows[0]).parse().unwrap();
    let answer = desk.call("imocha.reattempt", &reattempt(&json!(first)), "").exits(0).json().remove(0);
    assert_ne!(answer["test_invitation_id"], first);
    desk.call("imocha.reattempt", &reattempt(&answer["test_invitation_id"]), "").exits(1).says("--mail-again");
    let history = desk.read("history person1@example.com --json").exits(0).json();
    let deeds = history[0]["operations"].as_array().unwrap().iter().map(|operation| operation["deed"].as_str().unwrap());
    let deeds: Vec<_> = deeds.filter(|deed| *deed != "look-up").collect();
    assert_eq!((history.len(), deeds), (1, vec!["invite", "reattempt"]));
    // One that nobody knows is kept by its id.
    let unknown = reattempt(&json!(999));
    desk.call("imocha.reattempt", &unknown, "").exits(1);
    assert_eq!(desk.read("status --json").exits(0).json().pop().unwrap()["summary"]["places"], 2);
}

#[test]
fn a_candidate_with_mail_is_created_once() {
    let desk = Desk::new();
    let mail = json!({"email_template_name": "welcome"});
    let create = json!({"task_id": "task-1", "email": "Ada@Example.com", "invite_by_email": mail});
    desk.call("testinvite.create_candidate", &create, "").exits(0);
    desk.call("testinvite.create_candidate", &create, "").exits(1).says("the ledger says: ");
    let user = json!({"task_id": "task-1", "id": "u-1001", "invite_by_email": mail});
    desk.call("testinvite.create_candidate", &user, "").exits(0);
    desk.call("testinvite.create_candidate", &user, "").exits(1).says("the ledger says: ");
    assert_eq!(desk.requests("POST /api/integration/rest/v1/tasks/task-1/candidates"), 2);
    // The same person is another candidate in another group, when that is said.
    let in_group = |group: &str| json!({"task_id": "task-1", "email": "alan@example.com", "group": group, "invite_by_email": mail, "tracking": {"uniq_id": "alan", "scope": "group"}});
    for group in ["a", "b"] {
        desk.call("testinvite.create_candidate", &in_group(group), "").exits(0);
        desk.call("testinvite.create_candidate", &in_group(group), "").exits(1);
    }
}

#[test]
fn an_assignment_with_mail_goes_out_once() {
    let desk = Desk::new();
    let candidate = json!({"candidates": [{"name": "Ada", "email": "ada@example.com"}]});
    desk.call("think_exam.bulk_candidate_register", &candidate, "").exits(0);
    let assign = json!({"email": "ada@example.com", "test_id": "41", "is_mail_enable": true});
    desk.call("think_exam.assign_test", &assign, "").exits(0);
    desk.call("think_exam.assign_test", &assign, "").exits(1).says("--mail-again");
    assert_eq!(desk.requests("assignTest"), 1);
}

#[test]
fn a_mail_to_nobody_in_particular_is_not_asked_for() {
    let desk = Desk::new();
    let anybody = json!({"test_id": 292_930, "disable_mandatory_fields": true, "send_email": true});
    let ran = desk.call("imocha.invite", &anybody, "").exits(2);
    assert_eq!(ran.json()[0]["error"]["fields"][0]["field"], "email");
    assert_eq!(desk.sandbox.requests(), [""; 0]);
}

#[test]
fn many_are_not_mailed_by_one_call_that_tells_of_none() {
    let desk = Desk::new();
    let many = json!({"email": ["ada@example.com", "alan@example.com"], "test_id": "41", "is_mail_enable": true});
    desk.call("think_exam.assign_test_multi_candidates", &many, "").exits(2).says("think_exam.assign_test");
    assert!(desk.sandbox.requests().is_empty());
}
