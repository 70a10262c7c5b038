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

fn call(client: &common::Client, method: &str, path: &str) -> common::Reply {
    client.send(method, &format!("/api/integration/rest/v1/tasks/{path}"), &[("authorization", "Bearer sandbox-token")], "")
}

fn get(client: &common::Client, path: &str) -> Value {
    let reply = call(client, "GET", path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

fn create(client: &common::Client, task: &str, more: &Value) -> String {
    let mut body = json!({"kind": "temporary-candidate"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.testinvite(task, &body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["candidateId"].as_str().unwrap().to_owned()
}

fn ids(page: &Value) -> Vec<&str> {
    page["candidates"].as_array().unwrap().iter().map(|candidate| candidate["candidateId"].as_str().unwrap()).collect()
}

#[test]
fn filters_compare_exactly_and_all_must_hold() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, "t", &json!({"fullname": "Ada Lovelace", "email": "ada+x@example.com"}));
    let shouting = create(&client, "t", &json!({"fullname": "Ada Lovelace", "email": "ADA+X@example.com"}));
    let nameless = create(&client, "t", &json!({}));
    create(&client, "other", &json!({"fullname": "Ada Lovelace", "email": "ada+x@example.com"}));
    let codes: Vec<String> = get(&client, "t/candidates")["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| candidate["invitationCode"].as_str().unwrap().to_owned())
        .collect();
    for (query, expected) in [
        ("", vec![&ada, &shouting, &nameless]),
        ("?fullname=Ada%20Lovelace", vec![&ada, &shouting]),
        ("?fullname=ada%20lovelace", vec![]),
        ("?fullname=Ada", vec![]),
        ("?email=ada%2Bx%40example.com", vec![&ada]),
        ("?email=ada%2Bx%40example.com&fullname=Ada%20Lovelace", vec![&ada]),
        ("?email=ada%2Bx%40example.com&fullname=Somebody", vec![]),
        ("?email=nobody%40example.com", vec![]),
        (&format!("?code={}", codes[2]), vec![&nameless]),
        (&format!("?code={}", codes[2].to_lowercase()), vec![]),
        (&format!("?code={}&email=ada%2Bx%40example.com", codes[2]), vec![]),
    ] {
        let page = get(&client, &format!("t/candidates{query}"));
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["pagination"]["totalItems"], expected.len(), "{query}");
    }
}

#[test]
fn following_next_shows_everybody_once_and_previous_leads_back() {
    let (_sandbox, client) = sandbox();
    let made: Vec<String> = (0..25).map(|_| create(&client, "t", &json!({"fullname": "A & B"}))).collect();
    create(&client, "t", &json!({"fullname": "C"}));
    assert_eq!(get(&client, "t/candidates")["pagination"]["next"], "?limit=10&page=2&mode=basic");
    let (mut seen, mut query, mut pages) = (Vec::new(), "?limit=7&mode=detailed&fullname=A%20%26%20B".to_owned(), Vec::new());
    loop {
        let page = get(&client, &format!("t/candidates{query}"));
        assert!(page["candidates"][0]["stage"].is_null() && page["candidates"][0]["active"] == true, "{page}");
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        pages.push(query);
        match page["pagination"]["next"].as_str() {
            Some(next) => query = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(pages.last().unwrap(), "?limit=7&page=4&mode=detailed&fullname=A%20%26%20B");
    let last = get(&client, &format!("t/candidates{}", pages[3]));
    let expected = json!({"totalItems": 25, "totalPages": 4, "currentPage": 4, "limit": 7, "next": null,
        "previous": "?limit=7&page=3&mode=detailed&fullname=A%20%26%20B"});
    assert_eq!(last["pagination"], expected);
    let beyond = get(&client, "t/candidates?page=9");
    assert_eq!((ids(&beyond).len(), &beyond["pagination"]["previous"]), (0, &json!("?limit=10&page=3&mode=basic")));
    let nobody = get(&client, "empty/candidates");
    let expected = json!({"totalItems": 0, "totalPages": 0, "currentPage": 1, "limit": 10, "next": null, "previous": null});
    assert_eq!(nobody, json!({"candidates": [], "pagination": expected}));
}

#[test]
fn an_unknown_mode_and_numbers_out_of_range_are_refused() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, "t", &json!({}));
    for path in [
        "t/candidates?mode=default".to_owned(),
        "t/candidates?limit=0".to_owned(),
        "t/candidates?limit=ten".to_owned(),
        "t/candidates?page=0".to_owned(),
        "t/candidates?page=-1".to_owned(),
        format!("t/candidates/{ada}?mode=default"),
        "t?mode=full".to_owned(),
    ] {
        let reply = call(&client, "GET", &path);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("invalid-query")), "{path}: {}", reply.text);
    }
    assert_eq!(call(&client, "GET", "t/candidates?limit=100000").status, 200, "the sandbox has no largest limit");
}

#[test]
fn a_candidate_is_told_basic_or_detailed_and_its_link_by_the_list_only() {
    let (_sandbox, client) = sandbox();
    let body = json!({"fullname": "Ada", "group": "A", "labels": ["x"], "tags": {"k": "v"}, "externalId": "e",
        "dates": {"after": 1_772_366_400, "before": 1_772_452_800.5}, "tracking": {"uniqId": "u1"}});
    let ada = create(&client, "t", &body);
    let code = get(&client, &format!("t/candidates/{ada}"))["invitationCode"].clone();
    let basic = json!({"candidateId": ada, "kind": "temp", "taskId": "t", "loggedIn": false, "fullname": "Ada", "invitationCode": code});
    assert_eq!(get(&client, &format!("t/candidates/{ada}")), basic);
    let mut detailed = basic.clone();
    detailed.as_object_mut().unwrap().extend(
        json!({"organizationId": "SandboxOrganization1", "source": "pre-registration", "active": true, "activeAfter": 1_772_366_400,
            "activeBefore": 1_772_452_800.5, "group": "A", "tags": {"k": "v"}, "labels": ["x"], "rating": null, "stage": null})
        .as_object()
        .unwrap()
        .clone(),
    );
    assert_eq!(get(&client, &format!("t/candidates/{ada}?mode=detailed")), detailed);
    detailed["directAccessUrl"] = client.invitations("")[0]["test_url"].clone();
    assert_eq!(get(&client, "t/candidates?mode=detailed")["candidates"], json!([detailed]));

    let user = client.testinvite("t", &json!({"kind": "internal-candidate", "id": "u-1001"})).json();
    let listed = &get(&client, "t/candidates?email=ada%40example.com&mode=detailed")["candidates"][0];
    assert_eq!((&listed["candidateId"], &listed["kind"], &listed["directAccessUrl"]), (&user["candidateId"], &json!("user"), &Value::Null));
    assert_eq!((&listed["tags"], &listed["group"]), (&json!({"dept": "R&D"}), &json!("default")));
    assert_eq!(call(&client, "GET", &format!("other/candidates/{ada}")).status, 404, "a candidate of another task");
    assert_eq!(call(&client, "GET", "t/candidates/nobody").json()["error"]["code"], "not-found");
}

#[test]
fn who_took_part_cannot_be_deleted_and_who_expired_can() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, "t", &json!({"tracking": {"uniqId": "u1"}}));
    for event in ["start", "finish"] {
        assert_eq!(client.attempt(&ada, event).status, 200, "{event}");
        let reply = call(&client, "DELETE", &format!("t/candidates/{ada}"));
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (403, &json!("forbidden")), "after {event}");
        assert_eq!(get(&client, &format!("t/candidates/{ada}"))["loggedIn"], true, "after {event}");
    }
    assert_eq!(client.testinvite("t", &tracked("task", &json!({}))).status, 403, "the unique id is still taken");
    let late = create(&client, "t", &json!({"dates": {"before": 1_772_366_400 - 60}}));
    assert_eq!(call(&client, "DELETE", &format!("t/candidates/{late}")).text, "{}");
}

#[test]
fn a_deleted_candidate_is_gone_everywhere_and_its_scheduled_mail_stays_away() {
    let (_sandbox, client) = sandbox();
    let body = json!({"email": "ada@example.com", "tracking": {"uniqId": "u1"},
        "inviteByEmail": {"emailTemplateName": "Welcome", "dateToSend": 1_772_366_400 + 3600}});
    let ada = create(&client, "t", &body);
    let path = format!("t/candidates/{ada}");
    assert_eq!(call(&client, "DELETE", &format!("other/candidates/{ada}")).status, 404, "a candidate of another task");
    let deleted = call(&client, "DELETE", &path);
    assert_eq!((deleted.status, deleted.text.as_str()), (200, "{}"));
    for method in ["DELETE", "GET"] {
        assert_eq!(
            (call(&client, method, &path).status, call(&client, method, &path).json()["error"]["code"].clone()),
            (404, json!("not-found"))
        );
    }
    assert_eq!(get(&client, "t/candidates?email=ada%40example.com")["pagination"]["totalItems"], 0);
    assert_eq!(client.get("candidates")["candidates"], json!([]));
    let again = create(&client, "t", &json!({"email": "ada@example.com", "tracking": {"uniqId": "u1"}}));
    assert_eq!(ids(&get(&client, "t/candidates?email=ada%40example.com")), [again]);
    client.advance("P1D");
    assert_eq!(client.outbox(), []);
}

#[test]
fn a_task_that_nobody_declared_exists() {
    let (_sandbox, client) = sandbox();
    let basic = get(&client, "task%201");
    assert_eq!(basic, json!({"taskId": "task 1", "title": "Task task 1", "createdAt": 1_735_689_600}));
    let detailed = get(&client, "task%201?mode=detailed");
    assert_eq!(detailed.as_object().unwrap().len(), 18, "{detailed}");
    let steps: Vec<&Value> = detailed["steps"].as_array().unwrap().iter().map(|step| &step["id"]).collect();
    assert_eq!(steps, ["step-1", "step-2"]);
}

#[test]
fn the_log_of_requests_keeps_the_query_but_no_invitation_code() {
    let (_sandbox, client) = sandbox();
    get(&client, "t/candidates?email=ada%40example.com&code=K7P2QX");
    let logged = &client.get("requests")["requests"][0];
    assert_eq!(logged["path"], "/api/integration/rest/v1/tasks/t/candidates?email=ada%40example.com&code=(secret)");
    assert_eq!((&logged["method"], &logged["body"], &logged["status"]), (&json!("GET"), &Value::Null, &json!(200)));
}
