//! iMocha through HTTP: the repeat table of section 7 row by row, mails, refusals.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Client, sandbox};
use serde_json::{Value, json};

const TEST: i64 = 292_930;

fn invite(client: &Client, more: &Value) -> Value {
    let mut body = json!({"email": "ada@example.com", "name": "Ada Lovelace"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.imocha(TEST, &body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// What the control plane shows of the only invitation.
fn shown(client: &Client) -> Value {
    let mut found = client.invitations("?platform=imocha&test=292930&email=ADA@example.com");
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn id(answer: &Value) -> String {
    answer["testInvitationId"].to_string()
}

/// The second invite of each row: everything that a repeat could touch is different.
fn changed() -> Value {
    json!({
        "name": "Somebody Else", "callbackUrl": "https://other.example/", "ProctoringMode": "video",
        "startDateTime": "2026-03-02T00:00:00Z", "endDateTime": "2026-05-01T00:00:00Z", "timeZoneId": 1200,
        "stakeholderEmails": "boss@example.com, other@example.com"
    })
}

fn assert_replaced(client: &Client, before: &Value) {
    let after = shown(client);
    let window = (&after["start"], &after["end"], &after["time_zone_id"]);
    assert_eq!(window, (&json!("2026-03-02T00:00:00Z"), &json!("2026-05-01T00:00:00Z"), &json!(1200)));
    assert_eq!(after["stakeholder_emails"], json!(["boss@example.com", "other@example.com"]));
    assert_eq!((&after["name"], &after["details"]), (&before["name"], &before["details"]), "nothing else is replaced");
}

fn assert_only_stakeholders_replaced(client: &Client, before: &Value) {
    let after = shown(client);
    for member in ["start", "end", "time_zone_id", "name", "details", "test_url", "status"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["stakeholder_emails"], json!(["boss@example.com", "other@example.com"]));
}

#[test]
fn the_literal_answer_comes_back_byte_for_byte() {
    let (_sandbox, client) = sandbox();
    let reply = client.imocha(TEST, &json!({"email": "a@example.com", "name": "amey"}));
    let url = format!("{}/IMInstructions?", client.url);
    let begin = format!(r#"{{"testInvitationId":2807324,"testUrl":"{url}"#);
    assert!(reply.text.starts_with(&begin) && reply.text.ends_with(r#"","status":"Pending"}"#), "{}", reply.text);
    let page = reply.json()["testUrl"].as_str().unwrap().strip_prefix(&client.url).unwrap().to_owned();
    let opened = client.send("GET", &page, &[], "");
    assert!(opened.status == 200 && opened.text.contains("Pending"), "{}", opened.text);
    let forged = format!("{}AA", &page[..page.len() - 2]);
    assert_eq!(client.send("GET", &forged, &[], "").status, 404);
}

#[test]
fn a_fresh_invitation_takes_the_default_links_settings() {
    let (_sandbox, client) = sandbox();
    invite(&client, &json!({}));
    let invitation = shown(&client);
    assert_eq!(invitation["start"], "2026-03-01T12:00:00Z");
    assert_eq!(invitation["end"], "2026-03-08T12:00:00Z");
    assert_eq!(invitation["time_zone_id"], 1720);
    assert_eq!(invitation["stakeholder_emails"], json!(["owner@example.com"]));
}

#[test]
fn pending_keeps_its_id_and_takes_the_new_window() {
    let (_sandbox, client) = sandbox();
    let first = invite(&client, &json!({}));
    let before = shown(&client);
    let second = invite(&client, &changed());
    assert_eq!(second, first);
    assert_replaced(&client, &before);
}

#[test]
fn pending_keeps_what_a_repeat_does_not_name() {
    let (_sandbox, client) = sandbox();
    invite(&client, &json!({"timeZoneId": 1200}));
    client.advance("P1D");
    invite(&client, &json!({"endDateTime": "2026-04-01T00:00:00Z"}));
    let invitation = shown(&client);
    assert_eq!(invitation["start"], "2026-03-01T12:00:00Z");
    assert_eq!(invitation["end"], "2026-04-01T00:00:00Z");
    assert_eq!(invitation["time_zone_id"], 1200);
}

#[test]
fn cancelled_returns_to_pending_under_the_same_id() {
    let (_sandbox, client) = sandbox();
    let first = invite(&client, &json!({}));
    assert_eq!(client.attempt(&id(&first), "cancel").json()["status"], "Cancelled");
    let before = shown(&client);
    assert_eq!(invite(&client, &changed()), first);
    assert_replaced(&client, &before);
}

#[test]
fn expired_returns_to_pending_under_the_same_id() {
    let (_sandbox, client) = sandbox();
    let first = invite(&client, &json!({}));
    client.advance("P8D");
    let before = shown(&client);
    assert_eq!(before["status"], "Expired");
    assert_eq!(client.attempt(&id(&first), "start").status, 409);
    assert_eq!(invite(&client, &changed()), first);
    assert_replaced(&client, &before);
}

#[test]
fn a_revived_invitation_without_dates_takes_a_fresh_window() {
    let (_sandbox, client) = sandbox();
    let first = invite(&client, &json!({"timeZoneId": 1200}));
    client.advance("P8D");
    assert_eq!(invite(&client, &json!({})), first);
    let invitation = shown(&client);
    assert_eq!((&invitation["status"], &invitation["end"]), (&json!("Pending"), &json!("2026-03-16T12:00:00Z")));
    assert_eq!(invitation["time_zone_id"], 1720);
}

#[test]
fn in_progress_comes_back_unchanged_but_for_stakeholders() {
    let (_sandbox, client) = sandbox();
    let first = invite(&client, &json!({}));
    assert_eq!(client.attempt(&id(&first), "start").json()["status"], "In Progress");
    let before = shown(&client);
    let second = invite(&client, &changed());
    assert_eq!((id(&second), &second["status"]), (id(&first), &json!("In Progress")));
    assert_only_stakeholders_replaced(&client, &before);
}

#[test]
fn finished_states_come_back_with_the_platforms_word() {
    for (event, word) in [("finish", "Complete"), ("leave", "Test Left"), ("terminate", "Terminated")] {
        let (_sandbox, client) = sandbox();
        let first = invite(&client, &json!({}));
        client.attempt(&id(&first), "start");
        assert_eq!(client.attempt(&id(&first), event).json()["status"], word);
        let before = shown(&client);
        let second = invite(&client, &changed());
        assert_eq!((id(&second), &second["testUrl"], &second["status"]), (id(&first), &first["testUrl"], &json!(word)));
        assert_only_stakeholders_replaced(&client, &before);
        let refused = client.attempt(&id(&first), "start");
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("You have already attempted this test."), "{}", refused.text);
    }
}

#[test]
fn stakeholders_are_set_by_every_call() {
    let (_sandbox, client) = sandbox();
    invite(&client, &json!({"stakeholderEmails": "boss@example.com"}));
    invite(&client, &json!({}));
    assert_eq!(shown(&client)["stakeholder_emails"], json!(["owner@example.com"]), "absent is the default link's");
    let last = invite(&client, &json!({"stakeholderEmails": "Disable"}));
    assert_eq!(shown(&client)["stakeholder_emails"], json!([]));
    client.attempt(&id(&last), "start");
    client.attempt(&id(&last), "finish");
    assert_eq!(client.outbox(), []);
}

#[test]
fn each_stakeholder_is_told_of_completion_once() {
    let (_sandbox, client) = sandbox();
    let invited = invite(&client, &changed());
    client.stand_at("2026-03-02T00:00:00Z");
    client.attempt(&id(&invited), "start");
    assert_eq!(client.outbox(), []);
    client.attempt(&id(&invited), "finish");
    assert_eq!(client.attempt(&id(&invited), "finish").status, 409);
    let kind = || "stakeholder-completion".to_owned();
    assert_eq!(client.outbox(), [("boss@example.com".to_owned(), kind()), ("other@example.com".to_owned(), kind())]);
}

#[test]
fn a_mail_goes_out_only_when_asked_for_and_only_while_pending() {
    let (_sandbox, client) = sandbox();
    let invited = invite(&client, &json!({}));
    assert_eq!(client.outbox().len(), 0);
    invite(&client, &json!({"sendEmail": "yes"}));
    invite(&client, &json!({"sendEmail": "yes"}));
    assert_eq!(client.outbox().len(), 2, "a repeat mails again");
    client.advance("P8D");
    invite(&client, &json!({"sendEmail": "yes"}));
    assert_eq!(client.outbox().len(), 3, "and so does one that revives the invitation");
    client.attempt(&id(&invited), "start");
    invite(&client, &json!({"sendEmail": "yes"}));
    assert_eq!(client.outbox(), vec![("ada@example.com".to_owned(), "invitation".to_owned()); 3]);
}

#[test]
fn a_cancellation_is_mailed_to_whom_the_invitation_was_mailed() {
    let (_sandbox, client) = sandbox();
    let quiet = client.imocha(TEST, &json!({"email": "quiet@example.com", "name": "Q"})).json();
    let loud = client.imocha(TEST, &json!({"email": "loud@example.com", "name": "L", "sendEmail": "yes"})).json();
    client.attempt(&id(&quiet), "cancel");
    client.attempt(&id(&loud), "cancel");
    assert_eq!(client.outbox()[1..], [("loud@example.com".to_owned(), "cancellation".to_owned())]);
}

fn cancel(client: &Client, id: &str) -> common::Reply {
    client.imocha_call("POST", &format!("invitations/{id}/cancel"), &Value::Null)
}

fn reattempt(client: &Client, id: &str, more: &Value) -> Value {
    let mut body = json!({"StartDateTime": "2026-03-10T00:00:00Z", "EndDateTime": "2026-03-20T00:00:00Z", "TimeZoneId": 1200});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.imocha_call("POST", &format!("invitations/{id}/reattempt"), &body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// Invites and finishes; the id.
fn finished(client: &Client, more: &Value) -> String {
    let id = id(&invite(client, more));
    client.attempt(&id, "start");
    client.advance("PT20M34S");
    assert_eq!(client.attempt(&id, "finish").status, 200);
    id
}

#[test]
fn a_cancelled_invitation_is_cancelled_once_and_mailed_to_whom_the_invitation_was_mailed() {
    let (_sandbox, client) = sandbox();
    let invited = id(&invite(&client, &json!({"sendEmail": "yes"})));
    assert_eq!(cancel(&client, &invited).text, format!(r#"{{"testInvitationId":{invited},"status":"cancelled"}}"#));
    assert_eq!(shown(&client)["status"], "Cancelled");
    assert_eq!(cancel(&client, &invited).status, 400);
    let mails = [("ada@example.com", "invitation"), ("ada@example.com", "cancellation")];
    assert_eq!(client.outbox(), mails.map(|(to, kind)| (to.to_owned(), kind.to_owned())));
}

#[test]
fn an_id_of_another_platform_names_no_invitation() {
    let (_sandbox, client) = sandbox();
    client.testinvite("t", &json!({"kind": "temporary-candidate"}));
    let theirs = client.invitations("")[0]["invitation_id"].as_str().unwrap().to_owned();
    for (method, path) in [("POST", format!("invitations/{theirs}/cancel")), ("GET", format!("reports/{theirs}"))] {
        assert_eq!(client.imocha_call(method, &path, &Value::Null).status, 404, "{path}");
    }
    assert_eq!(client.invitations("")[0]["status"], "Pending");
}

#[test]
fn a_reattempt_inherits_all_but_the_window_and_the_mail() {
    let (_sandbox, client) = sandbox();
    let settings = json!({"callbackUrl": "https://here.example/", "ProctoringMode": "video", "sendEmail": "yes",
        "stakeholderEmails": "boss@example.com", "timeZoneId": 1720});
    let parent = finished(&client, &settings);
    let before = client.invitations("")[0].clone();
    let child = reattempt(&client, &parent, &json!({}));
    assert_ne!(id(&child), parent);
    assert_eq!((&child["callbackUrlRegistered"], &child["redirectUrlRegistered"]), (&json!("https://here.example/"), &Value::Null));
    let all = client.invitations("");
    assert_eq!((all.len(), &all[0]), (2, &before), "the parent stays");
    assert_eq!(all[1]["invitation_id"], id(&child));
    let of_child = ["status", "email", "name", "stakeholder_emails", "start", "end", "time_zone_id"].map(|member| all[1][member].clone());
    let expected =
        json!(["Pending", "ada@example.com", "Ada Lovelace", ["boss@example.com"], "2026-03-10T00:00:00Z", "2026-03-20T00:00:00Z", 1200]);
    assert_eq!(json!(of_child), expected);
    assert_eq!(all[1]["details"]["proctoring_mode"], "video");
    let asked = |kind: &str| client.outbox().iter().filter(|(_, found)| found == kind).count();
    assert_eq!(
        (asked("invitation"), cancel(&client, &id(&child)).status, asked("cancellation")),
        (1, 200, 0),
        "the child asked for no mail"
    );
}

#[test]
fn invite_returns_the_newest_of_a_chain() {
    let (_sandbox, client) = sandbox();
    let parent = finished(&client, &json!({}));
    let child = reattempt(&client, &parent, &json!({"RedirectUrl": "https://there.example/"}));
    assert_eq!(child["redirectUrlRegistered"], "https://there.example/");
    let again = invite(&client, &json!({}));
    assert_eq!((id(&again), &again["status"]), (id(&child), &json!("Pending")));
    assert_eq!(client.invitations("").len(), 2);
}

#[test]
fn an_untaken_reattempt_comes_back_and_is_mailed_whenever_asked() {
    let (_sandbox, client) = sandbox();
    let parent = finished(&client, &json!({"stakeholderEmails": "disable"}));
    let child = reattempt(&client, &parent, &json!({"sendEmail": "yes"}));
    let again = reattempt(&client, &parent, &json!({"sendEmail": "yes", "EndDateTime": "2026-03-30T00:00:00Z"}));
    assert_eq!(again, child);
    assert_eq!(client.invitations("")[1]["end"], "2026-03-30T00:00:00Z");
    assert_eq!(client.outbox(), vec![("ada@example.com".to_owned(), "invitation".to_owned()); 2]);
}

#[test]
fn a_running_child_refuses_a_reattempt_of_its_parent_by_its_own_id() {
    let (_sandbox, client) = sandbox();
    let parent = finished(&client, &json!({}));
    let child = id(&reattempt(&client, &parent, &json!({"StartDateTime": "2026-03-01T00:00:00Z"})));
    client.attempt(&child, "start");
    let refused = client.imocha_call("POST", &format!("invitations/{parent}/reattempt"), &json!({}));
    let text = format!("Reattempt is not allowed on Test invitation id: {child} which is in inprogress state.");
    assert_eq!((refused.status, refused.json()), (400, json!({ "errors": [text] })));
    assert_eq!(client.invitations("").len(), 2);
}

#[test]
fn a_report_says_the_same_whenever_it_is_read() {
    let (_sandbox, client) = sandbox();
    let done = finished(&client, &json!({}));
    let read = |query: &str| client.imocha_call("GET", &format!("reports/{done}{query}"), &Value::Null);
    let report = read("").json();
    assert_eq!(
        (&report["status"], &report["attemptedOn"], &report["timeTaken"]),
        (&json!("Complete"), &json!("2026-03-01T12:00:00Z"), &json!(1234))
    );
    let score = report["score"].as_f64().unwrap();
    assert!(report["score"] == report["candidatePoints"] && (0.0..=100.0).contains(&score), "{report}");
    assert_eq!(report["sections"][0]["candidateScore"], report["score"]);
    client.advance("P3D");
    assert_eq!(read("?reportType=1").json(), report);
    let both = read("?reportType=3").json();
    assert_eq!((&both["sections"], &both["skills"][0]["candidateQbScore"]), (&report["sections"], &report["score"]));
}

#[test]
fn invitations_are_found_by_the_time_they_came_to_rest_and_only_then() {
    let (_sandbox, client) = sandbox();
    let list = |state: &str, start: &str, end: &str| {
        let body = json!({"StartDateTime": start, "EndDateTime": end});
        let reply = client.imocha_call("POST", &format!("candidates/testattempts?state={state}"), &body).json();
        reply["result"]["testAttempts"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    let one = |email: &str| id(&client.imocha(TEST, &json!({"email": email, "name": "N"})).json());
    let (first, second, third) = (one("a@example.com"), one("b@example.com"), one("c@example.com"));
    client.advance("P1D");
    assert_eq!(cancel(&client, &second).status, 200);
    client.advance("P1D");
    assert_eq!(cancel(&client, &first).status, 200);
    assert_eq!(list("cancelled", "2026-03-01", "2026-03-08"), [second.clone(), first.clone()], "in order of time");
    assert_eq!(list("cancelled", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z"), [second], "both ends are included");
    assert_eq!(list("expired", "2026-03-01", "2026-04-01"), Vec::<String>::new());
    client.advance("P6D");
    assert_eq!(list("expired", "2026-03-01", "2026-04-01"), [third]);
    invite(&client, &json!({"email": "a@example.com"}));
    assert_eq!(list("cancelled", "2026-03-03", "2026-03-08"), Vec::<String>::new(), "a revived one rests no more");
}

#[test]
fn made_values_make_a_new_invitation_each_time() {
    let (_sandbox, client) = sandbox();
    let body = json!({"disableMandatoryFields": 1});
    let (first, second) = (client.imocha(TEST, &body).json(), client.imocha(TEST, &body).json());
    assert_ne!(id(&first), id(&second));
    let made = client.invitations("");
    assert!(made.iter().all(|one| one["email"].as_str().unwrap().ends_with("@example.invalid")), "{made:?}");
    let body = json!({"disableMandatoryFields": 1, "email": "ada@example.com"});
    assert_eq!(client.imocha(TEST, &body).json(), client.imocha(TEST, &body).json(), "with an address it is the key as always");
}

#[test]
fn a_refusal_has_the_platforms_shape_and_changes_nothing() {
    let (_sandbox, client) = sandbox();
    let reply = client.imocha(TEST, &json!({"name": "Ada"}));
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (400, r#"{"errors":["'Email' must not be empty.","Email address is in invalid format"]}"#)
    );
    let headers = [("x-api-key", "wrong"), ("content-type", "application/json")];
    let body = r#"{"email":"ada@example.com","name":"Ada"}"#;
    let reply = client.send("POST", "/v3/tests/1/invite", &headers, body);
    assert_eq!(reply.status, 401);
    assert!(reply.text.starts_with(r#"{"statusCode":401,"message":""#), "{}", reply.text);
    let headers = [("X-API-KEY", "sandbox-key"), ("content-type", "application/json")];
    assert_eq!(client.send("POST", "/v3/tests/0/invite", &headers, body).status, 404);
    let reply = client.send("POST", "/v3/nowhere", &headers, body);
    assert_eq!((reply.status, reply.json()["errors"].is_array()), (404, true), "{}", reply.text);
    assert_eq!(client.send("PUT", "/v3/tests/1/invite", &headers, body).status, 404, "405 is not in the status table");
    assert_eq!(client.invitations(""), Vec::<Value>::new());
}
