//! TestInvite through HTTP: uniqueness in four scopes, internal candidates, scheduled mails.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use common::sandbox;
use serde_json::{Value, json};

fn tracked(scope: &str, more: &Value) -> Value {
    let mut body = json!({"kind": "temporary-candidate", "tracking": {"uniqId": "u1", "scope": scope}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Scope, the existing candidate, the new one, whether it is allowed: `docs/platforms/testinvite.md` section 3.3.
#[test]
fn uniqueness_holds_in_all_four_scopes() {
    let rows = [
        ("task", json!({"group": "A"}), json!({"group": "B"}), 403),
        ("group", json!({"group": "A"}), json!({"group": "A"}), 403),
        ("group", json!({"group": "A"}), json!({"group": "B"}), 200),
        ("group", json!({}), json!({}), 403),
        ("group", json!({}), json!({"group": "A"}), 200),
        ("labels", json!({"labels": ["a", "b"]}), json!({"labels": ["b", "c"]}), 403),
        ("labels", json!({"labels": ["a"]}), json!({"labels": ["b"]}), 200),
        ("labels", json!({}), json!({}), 200),
        ("programs", json!({"programIds": ["p", "q"]}), json!({"programIds": ["q"]}), 403),
        ("programs", json!({"programIds": ["p"]}), json!({"programIds": ["q"]}), 200),
    ];
    let (_sandbox, client) = sandbox();
    for (number, (scope, existing, new, status)) in rows.iter().enumerate() {
        let task = format!("task-{number}");
        assert_eq!(client.testinvite(&task, &tracked(scope, existing)).status, 200, "{scope} {existing}");
        let reply = client.testinvite(&task, &tracked(scope, new));
        assert_eq!(reply.status, *status, "{scope}: {existing} then {new}: {}", reply.text);
        if *status == 403 {
            assert_eq!(reply.text, r#"{"error":{"code":"duplicate-candidate","message":"uniqId is already used in this scope"}}"#);
            assert_eq!(client.invitations(&format!("?test={task}")).len(), 1);
        }
    }
}

#[test]
fn without_tracking_the_same_request_makes_a_second_candidate() {
    let (_sandbox, client) = sandbox();
    let body = json!({"kind": "temporary-candidate", "fullname": "Ada Example", "email": "ada@example.com"});
    let (first, second) = (client.testinvite("task-1", &body).json(), client.testinvite("task-1", &body).json());
    assert_ne!(first["candidateId"], second["candidateId"]);
    assert_ne!(first["invitationCode"], second["invitationCode"]);
    let members: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 7, "{first}");
    assert_eq!((&first["kind"], &first["loggedIn"], &first["taskId"]), (&json!("temp"), &json!(false), &json!("task-1")));
    assert_eq!(first["candidateId"].as_str().unwrap().len(), 20);
}

#[test]
fn an_internal_candidate_takes_name_address_and_tags_from_the_user_and_is_assigned_once() {
    let (_sandbox, client) = sandbox();
    let body = json!({"kind": "internal-candidate", "id": "u-1001", "tags": {"dept": "Maths", "floor": "2"}, "fullname": "Ignored"});
    let created = client.testinvite("task-1", &body).json();
    let expected = (json!("user"), json!("Ada Lovelace"), json!("ada@example.com"));
    assert_eq!((created["kind"].clone(), created["fullname"].clone(), created["email"].clone()), expected);
    let kept = &client.invitations("")[0]["details"];
    assert_eq!(kept["tags"], json!({"dept": "Maths", "floor": "2"}), "the request wins");
    assert_eq!((&kept["uniq_id"], &kept["credential1"]), (&json!("ada"), &json!("ada")));
    let again = client.testinvite("task-1", &json!({"kind": "internal-candidate", "id": "u-1001", "group": "B"}));
    assert_eq!((again.status, &again.json()["error"]["code"]), (403, &json!("duplicate-candidate")));
    let taken = json!({"kind": "temporary-candidate", "tracking": {"uniqId": "ada"}});
    assert_eq!(client.testinvite("task-1", &taken).status, 403, "one space of ids per task");
    assert_eq!(client.testinvite("task-2", &json!({"kind": "internal-candidate", "id": "u-1001"})).status, 200);
    let kept = client.invitations("?test=task-2");
    assert_eq!(kept[0]["details"]["tags"], json!({"dept": "R&D"}), "the user's own tags");
    assert_eq!(
        client.testinvite("task-1", &json!({"kind": "internal-candidate", "id": "u-9"})).json()["error"]["code"],
        "unknown-reference"
    );
}

#[test]
fn a_deleted_candidate_frees_its_unique_id() {
    let (_sandbox, client) = sandbox();
    let created = client.testinvite("task-1", &tracked("task", &json!({}))).json();
    assert_eq!(client.testinvite("task-1", &tracked("task", &json!({}))).status, 403);
    let deleted = client.attempt(created["candidateId"].as_str().unwrap(), "cancel");
    assert_eq!(deleted.json()["status"], "Cancelled");
    assert_eq!(client.testinvite("task-1", &tracked("task", &json!({}))).status, 200);
    assert_eq!(client.get("candidates")["candidates"].as_array().unwrap().len(), 1);
}

#[test]
fn a_scheduled_mail_leaves_when_the_clock_passes_it_and_not_for_a_deleted_candidate() {
    let (_sandbox, client) = sandbox();
    let by_email = |email: &str, at: i64| {
        json!({"kind": "temporary-candidate", "email": email, "extraEmails": ["second@example.com"],
            "inviteByEmail": {"emailTemplateName": "Welcome", "dateToSend": at}})
    };
    // 2026-03-01T12:00:00Z is 1772366400.
    client.testinvite("task-1", &by_email("late@example.com", 1_772_366_400 + 7200));
    client.testinvite("task-1", &by_email("soon@example.com", 1_772_366_400 + 3600));
    let gone = client.testinvite("task-1", &by_email("gone@example.com", 1_772_366_400 + 3600)).json();
    client.testinvite("task-1", &by_email("past@example.com", 1_772_366_400 - 3600));
    client.testinvite("task-1", &json!({"kind": "temporary-candidate", "inviteByEmail": {"emailTemplateName": "Welcome"}}));
    let to = |client: &common::Client| client.outbox().into_iter().map(|(to, _)| to).collect::<Vec<_>>();
    assert_eq!(to(&client), ["past@example.com"]);
    client.attempt(gone["candidateId"].as_str().unwrap(), "cancel");
    client.advance("P1D");
    assert_eq!(to(&client), ["past@example.com", "soon@example.com", "late@example.com"]);
    let last = &client.get("outbox")["messages"][2];
    assert_eq!(last["sent_at"], "2026-03-01T14:00:00Z", "in order of time, at its own time");
    assert_eq!(last["cc"], json!(["second@example.com"]));
}

#[test]
fn dates_and_price_keep_a_candidate_out() {
    let (_sandbox, client) = sandbox();
    let start = |body: &Value| {
        let created = client.testinvite("task-1", body).json();
        client.attempt(created["candidateId"].as_str().unwrap(), "start")
    };
    let kind = "temporary-candidate";
    assert_eq!(start(&json!({"kind": kind, "dates": {"after": 1_772_366_400 + 60}})).status, 409);
    assert_eq!(start(&json!({"kind": kind, "dates": {"before": 1_772_366_400 - 60}})).status, 409);
    let unpaid = start(&json!({"kind": kind, "price": {"amount": 12.10, "currency": "EUR"}}));
    assert!(unpaid.status == 409 && unpaid.text.contains("not paid"), "{}", unpaid.text);
    assert_eq!(start(&json!({"kind": kind, "dates": {"before": 1_772_366_400 + 60}})).json()["status"], "In Progress");
}

#[test]
fn parallel_identical_creates_make_one_candidate() {
    let (_sandbox, client) = sandbox();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let url = client.url.clone();
                scope.spawn(move || common::Client::of(&url).testinvite("task-1", &tracked("task", &json!({}))).status)
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 15, "{statuses:?}");
}

#[test]
fn a_refusal_has_the_platforms_shape() {
    let (_sandbox, client) = sandbox();
    let path = "/api/integration/rest/v1/tasks/task-1/candidates";
    let reply = client.send("POST", path, &[("authorization", "Bearer wrong")], "{}");
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (401, &json!("unauthorized")));
    let reply = client.testinvite("task-1", &json!({"kind": "temporary-candidate", "tracking": {}}));
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("invalid-body")));
    let right = [("authorization", "Bearer sandbox-token")];
    assert_eq!(client.send("POST", "/api/integration/rest/v1/nowhere", &right, "{}").json()["error"]["code"], "not-found");
    assert_eq!(client.send("DELETE", path, &right, "").status, 404, "405 is not in the status table");
}
