//! TestInvite's test sessions through HTTP: their whole life, how they are listed, searched, expanded and answered, and what a
//! changed candidate may do (`docs/platforms/testinvite.md` sections 3.4, 4.3 and 5).

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Client, Reply, sandbox};
use serde_json::{Value, json};

/// 2026-03-01T12:00:00Z, where the clock of these tests stands.
const NOW: i64 = 1_772_366_400;

fn api(client: &Client, method: &str, path: &str, body: &Value) -> Reply {
    let headers = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];
    let text = if body.is_null() { String::new() } else { body.to_string() };
    client.send(method, &format!("/api/integration/rest/{path}"), &headers, &text)
}

fn get(client: &Client, path: &str) -> Value {
    let reply = api(client, "GET", &format!("v1/{path}"), &Value::Null);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

fn create(client: &Client, more: &Value) -> String {
    let mut body = json!({"kind": "temporary-candidate"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.testinvite("t", &body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["candidateId"].as_str().unwrap().to_owned()
}

fn patch(client: &Client, id: &str, body: &Value) -> Value {
    let reply = api(client, "PATCH", &format!("v1/tasks/t/candidates/{id}"), body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text);
    reply.json()
}

fn status(client: &Client, id: &str, event: &str) -> Value {
    let reply = client.attempt(id, event);
    assert_eq!(reply.status, 200, "{event}: {}", reply.text);
    reply.json()["status"].clone()
}

fn refused(client: &Client, id: &str, event: &str) -> String {
    let reply = client.attempt(id, event);
    assert_eq!(reply.status, 409, "{event}: {}", reply.text);
    reply.json()["error"].as_str().unwrap().to_owned()
}

fn sessions(client: &Client, id: &str) -> Vec<Value> {
    get(client, &format!("tasks/t/test-instances?candidateId={id}"))["testInstances"].as_array().unwrap().clone()
}

#[test]
fn a_candidate_goes_through_the_steps_and_is_complete_with_the_last() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, &json!({}));
    assert_eq!(sessions(&client, &ada), Vec::<Value>::new());
    assert!(refused(&client, &ada, "finish").contains("not been started"));
    assert_eq!(status(&client, &ada, "start"), "In Progress");
    assert_eq!(get(&client, &format!("tasks/t/candidates/{ada}"))["loggedIn"], true);
    let running = &sessions(&client, &ada)[0];
    let expected = json!({"testInstanceId": running["testInstanceId"], "taskId": "t", "stepId": "step-1", "ticketId": ada,
        "status": "STARTED", "ignored": false, "result": false});
    assert_eq!(*running, expected);
    assert_eq!(running["testInstanceId"].as_str().unwrap().len(), 20);
    assert_eq!(status(&client, &ada, "start"), "In Progress", "the candidate continues");
    assert_eq!(sessions(&client, &ada).len(), 1);
    assert!(refused(&client, &ada, "start?step=step-2").contains("the session of step step-1 runs"));
    client.advance("PT30M");
    assert_eq!(status(&client, &ada, "finish"), "In Progress", "one step of two");
    assert!(refused(&client, &ada, "finish").contains("no session runs"));
    let done = &sessions(&client, &ada)[0];
    assert_eq!((&done["status"], &done["result"]["completedAt"]), (&json!("COMPLETE"), &json!(NOW + 1800)));
    assert_eq!(status(&client, &ada, "start"), "In Progress");
    assert_eq!(sessions(&client, &ada)[1]["stepId"], "step-2");
    assert_eq!(status(&client, &ada, "finish"), "Complete");
    assert!(refused(&client, &ada, "start").contains("over"));
    for event in ["leave", "terminate"] {
        assert!(refused(&client, &ada, event).contains("no word"));
    }
}

#[test]
fn the_end_of_a_session_is_told_in_whole_seconds() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, &json!({}));
    client.stand_at("2026-03-01T12:00:00.75Z");
    status(&client, &ada, "start");
    status(&client, &ada, "finish");
    assert_eq!(sessions(&client, &ada)[0]["result"]["completedAt"].to_string(), NOW.to_string());
}

#[test]
fn a_session_that_was_over_can_run_again_and_tells_the_same_then() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, &json!({}));
    assert!(refused(&client, &ada, "reinstate").contains("only a session that is over"));
    status(&client, &ada, "start");
    status(&client, &ada, "finish");
    let before = sessions(&client, &ada);
    assert_eq!(status(&client, &ada, "reinstate?step=step-1"), "In Progress");
    let again = &sessions(&client, &ada)[0];
    assert_eq!((&again["status"], &again["result"]), (&json!("RESETUP"), &json!(false)));
    assert_eq!(again["testInstanceId"], before[0]["testInstanceId"]);
    status(&client, &ada, "finish");
    assert_eq!(sessions(&client, &ada), before);
}

#[test]
fn what_is_copied_to_a_session_is_what_the_candidate_had_when_it_began() {
    let (_sandbox, client) = sandbox();
    let ada =
        create(&client, &json!({"group": "A", "labels": ["x"], "tags": {"k": "v"}, "externalId": "e-1", "tracking": {"uniqId": "u1"}}));
    status(&client, &ada, "start");
    patch(&client, &ada, &json!({"fields": {"group": "B", "labels": {"add": ["y"], "remove": ["x"]}}}));
    let told = &get(&client, "tasks/t/test-instances?externalId=e-1&mode=detailed")["testInstances"][0];
    assert_eq!((&told["group"], &told["labels"], &told["tags"]), (&json!("A"), &json!(["x"]), &json!({"k": "v"})));
    assert_eq!(told["candidate"], json!({"id": ada, "kind": "temp"}));
    assert!(!told.to_string().contains("u1") && !told.to_string().contains("e-1"), "neither id is told here: {told}");
    status(&client, &ada, "finish");
    status(&client, &ada, "start");
    let told = &get(&client, "tasks/t/test-instances?externalId=e-1&mode=detailed")["testInstances"][1];
    assert_eq!((&told["group"], &told["labels"]), (&json!("B"), &json!(["y"])));
    assert_eq!(get(&client, "tasks/t/test-instances?externalId=e-2")["pagination"]["totalItems"], 0);
    assert_eq!(get(&client, "tasks/other/test-instances?externalId=e-1")["pagination"]["totalItems"], 0);
}

#[test]
fn a_detailed_result_adds_up_and_the_answers_lead_to_it() {
    let (_sandbox, client) = sandbox();
    for number in 0..12 {
        let ada = create(&client, &json!({ "fullname": format!("Candidate {number}") }));
        status(&client, &ada, "start");
        let id = sessions(&client, &ada)[0]["testInstanceId"].as_str().unwrap().to_owned();
        let path = format!("tasks/t/test-instances/{id}");
        let none = get(&client, &format!("{path}/answers"));
        assert!(none["answers"].as_array().unwrap().iter().all(|answer| answer["question"]["answer"].is_null()), "{none}");
        status(&client, &ada, "finish");
        let result = get(&client, &format!("{path}?mode=detailed"))["result"].clone();
        let points = |board: &Value| (board["pointsAchieved"].as_i64().unwrap(), board["maxAchievablePoints"].as_i64().unwrap());
        let (achieved, most) = points(&result["scoreboard"]);
        assert_eq!(result["scoreboard"]["achievementRatio"].as_f64().unwrap(), achieved as f64 / most as f64);
        assert_eq!(result["scoreboard"]["noOfQuestions"], 3);
        for parts in [&result["sections"], &result["dimensions"][0]["subDimensions"]] {
            let all: Vec<(i64, i64)> = parts.as_array().unwrap().iter().map(|part| points(&part["scoreboard"])).collect();
            assert_eq!((all.iter().map(|one| one.0).sum::<i64>(), all.iter().map(|one| one.1).sum::<i64>()), (achieved, most));
        }
        assert!(result["effects"][0]["subEffects"][0]["score"].is_number());
        let answers = get(&client, &format!("{path}/answers?mode=detailed"))["answers"].as_array().unwrap().clone();
        assert_eq!(answers.iter().map(|answer| answer["question"]["answer"]["pointsAchieved"].as_i64().unwrap()).sum::<i64>(), achieved);
        let kinds: Vec<&Value> = answers.iter().map(|answer| &answer["question"]["kind"]).collect();
        assert_eq!(kinds, ["multiplechoice", "match", "input"]);
        let given = |index: usize| &answers[index]["question"]["answer"];
        assert!(
            given(0)["choices"][0]["text"].is_string() && given(1)["matches"][0]["option"].is_string() && given(2)["value"].is_string()
        );
        assert_eq!((&answers[2]["question"]["type"], &answers[2]["questionReference"]["kind"]), (&json!("numeric"), &json!("questionbox")));
        assert_eq!((&answers[1]["questionNoInSection"], &answers[2]["questionNoInPage"]), (&json!(2), &json!(1)));
        let basic = get(&client, &format!("{path}/answers"));
        assert!(basic["answers"][0].get("sectionUuid").is_none() && answers[0]["pageUuid"].is_string());
        let told = get(&client, &path);
        assert_eq!(told["result"].as_object().unwrap().len(), 2, "basic: {told}");
    }
}

#[test]
fn only_expanding_tells_the_unique_id() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, &json!({"tracking": {"uniqId": "u1"}}));
    status(&client, &ada, "start");
    let id = sessions(&client, &ada)[0]["testInstanceId"].as_str().unwrap().to_owned();
    let expand =
        |path: &str, words: Value| api(&client, "POST", &format!("{path}tasks/t/test-instances/{id}/expand"), &json!({ "expand": words }));
    let all = expand("", json!(["test", "uniqId", "creditCost", "roomForm", "identityPhoto"])).json();
    let test = json!({"source": "own-test", "testId": "test-1", "organizationId": "SandboxOrganization1"});
    assert_eq!((&all["uniqId"], &all["creditCost"], &all["test"]), (&json!("u1"), &json!(1), &test));
    assert_eq!((&all["roomForm"], &all["identityPhoto"]), (&json!({}), &json!({"url": null})));
    let bare = expand("v1/", json!([])).json();
    assert_eq!(bare, get(&client, &format!("tasks/t/test-instances/{id}?mode=detailed")), "the detailed one");
    let internal = client.testinvite("t", &json!({"kind": "internal-candidate", "id": "u-1001"})).json();
    let internal = internal["candidateId"].as_str().unwrap();
    status(&client, internal, "start");
    let session = &sessions(&client, internal)[0]["testInstanceId"];
    let path = format!("tasks/t/test-instances/{}/expand", session.as_str().unwrap());
    let told = api(&client, "POST", &path, &json!({"expand": ["uniqId"]})).json();
    assert_eq!((&told["uniqId"], &told["candidate"]["kind"]), (&json!("ada"), &json!("user")));
    client.post("switches", &json!({"unversioned-paths": "v1"}));
    assert_eq!(expand("", json!([])).status, 404, "the printed path is gone");
    assert_eq!(expand("v1/", json!([])).status, 200);
    assert_eq!(api(&client, "POST", "users/filter", &json!({})).status, 404);
    assert_eq!(api(&client, "POST", "v1/users/filter", &json!({})).status, 200);
}

#[test]
fn the_session_list_pages_and_takes_either_name_of_a_candidate() {
    let (_sandbox, client) = sandbox();
    let people: Vec<String> = (0..7).map(|_| create(&client, &json!({"externalId": "e"}))).collect();
    people.iter().for_each(|id| drop(status(&client, id, "start")));
    let (mut seen, mut query) = (Vec::new(), "?limit=3&externalId=e".to_owned());
    loop {
        let page = get(&client, &format!("tasks/t/test-instances{query}"));
        seen.extend(page["testInstances"].as_array().unwrap().iter().map(|session| session["ticketId"].as_str().unwrap().to_owned()));
        match page["pagination"]["next"].as_str() {
            Some(next) => query = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, people);
    assert_eq!(query, "?limit=3&page=3&mode=basic&externalId=e");
    let of = |query: &str| api(&client, "GET", &format!("v1/tasks/t/test-instances?{query}"), &Value::Null);
    let total = |query: &str| of(query).json()["pagination"]["totalItems"].clone();
    assert_eq!((total(&format!("candidateId={}", people[0])), total(&format!("ticketId={}", people[0]))), (json!(1), json!(1)));
    assert_eq!((total(""), total("candidateId=nobody")), (json!(7), json!(0)));
    assert_eq!(of(&format!("candidateId={}&externalId=e", people[0])).status, 400);
    client.post("switches", &json!({"candidate-filter-key": "ticketId", "max-limit": "5"}));
    assert_eq!(total(&format!("candidateId={}", people[0])), 7, "the name is not known any longer");
    assert_eq!(total(&format!("ticketId={}", people[0])), 1);
    assert_eq!((of("limit=6").status, of("limit=5").status), (400, 200));
}

#[test]
fn a_search_finds_by_what_a_session_carries_set_by_set() {
    let (_sandbox, client) = sandbox();
    let mut started = Vec::new();
    for number in 0..5 {
        let group = if number % 2 == 0 { "even" } else { "odd" };
        let id = create(&client, &json!({"group": group, "labels": [format!("l{number}"), "all"]}));
        status(&client, &id, "start");
        started.push(id);
        client.advance("PT1M");
    }
    status(&client, &started[0], "finish");
    status(&client, &started[0], "start");
    let search = |query: &str, body: Value| api(&client, "POST", &format!("v1/tasks/t/test-instances/filter{query}"), &body);
    let found = |body: Value| -> Vec<String> {
        let sessions = search("?limit=100", body).json()["testInstances"].as_array().unwrap().clone();
        sessions.iter().map(|session| session["ticketId"].as_str().unwrap().to_owned()).collect()
    };
    let millis = |minutes: i64| (NOW + minutes * 60) * 1000;
    let of = |indices: &[usize]| indices.iter().map(|index| started[*index].clone()).collect::<Vec<_>>();
    assert_eq!(found(json!({"kind": "meta", "group": "odd"})), of(&[1, 3]));
    assert_eq!(found(json!({"kind": "meta", "label": "l4"})), of(&[4]));
    assert_eq!(found(json!({"kind": "meta", "label": "all", "status": "COMPLETE"})), of(&[0]));
    assert_eq!(found(json!({"kind": "meta", "stepId": "step-2"})), of(&[0]));
    assert_eq!(found(json!({"kind": "meta", "from": millis(1), "to": millis(3)})), of(&[1, 2, 3]), "both ends are included");
    assert_eq!(found(json!({"kind": "meta", "from": NOW, "to": NOW + 180})), Vec::<String>::new(), "seconds are taken for milliseconds");
    assert_eq!(found(json!({"kind": "meta", "group": "odd", "label": "l4"})), Vec::<String>::new(), "all must hold");
    let (mut seen, mut query, mut sets) = (0, "?limit=2".to_owned(), 0);
    loop {
        let set = search(&query, json!({"kind": "meta", "label": "all"})).json();
        seen += set["testInstances"].as_array().unwrap().len();
        sets += 1;
        let last = set["pagination"]["lastDocId"].as_str().map(str::to_owned);
        assert_eq!(set["pagination"]["next"], json!(last.as_ref().map(|last| format!("?limit=2&lastDocId={last}&mode=basic"))));
        match last {
            Some(last) => query = format!("?limit=2&lastDocId={last}"),
            None => break,
        }
    }
    assert_eq!((seen, sets), (6, 3), "no empty set at the end");
    assert_eq!(search("?lastDocId=nothing", json!({"kind": "meta"})).status, 400);
}

#[test]
fn a_search_finds_by_the_candidate_exactly() {
    let (_sandbox, client) = sandbox();
    let body = json!({"fullname": "Ada Lovelace", "email": "ada@example.com", "credential1": "secret-1", "tracking": {"uniqId": "u1"}});
    let ada = create(&client, &body);
    let other = create(&client, &json!({"fullname": "Ada Lovelace", "email": "ADA@example.com"}));
    for id in [&ada, &other] {
        status(&client, id, "start");
    }
    let code = get(&client, &format!("tasks/t/candidates/{ada}"))["invitationCode"].clone();
    let found = |body: Value| {
        let reply = api(&client, "POST", "v1/tasks/t/test-instances/filter", &body).json();
        reply["testInstances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|session| session["ticketId"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!({"kind": "info", "displayName": "Ada Lovelace"})), [ada.clone(), other.clone()]);
    for filter in [json!({"email": "ada@example.com"}), json!({"credential1": "secret-1"}), json!({"code": code}), json!({"uniqId": "u1"})]
    {
        let mut body = filter.clone();
        body["kind"] = json!("info");
        assert_eq!(found(body), std::slice::from_ref(&ada), "{filter}");
    }
    assert_eq!(found(json!({"kind": "info", "displayName": "ada lovelace"})), Vec::<String>::new());
    assert_eq!(found(json!({"kind": "info", "email": "ada@example.com", "uniqId": "u2"})), Vec::<String>::new());
}

#[test]
fn an_inactive_candidate_is_there_but_stays_out_until_active_again() {
    let (_sandbox, client) = sandbox();
    let ada = create(&client, &json!({"email": "ada@example.com", "tracking": {"uniqId": "u1"}}));
    assert_eq!(patch(&client, &ada, &json!({"fields": {"active": false}}))["active"], false);
    assert_eq!(client.invitations("")[0]["status"], "Cancelled");
    assert!(refused(&client, &ada, "start").contains("inactive"));
    assert_eq!(get(&client, "tasks/t/candidates")["pagination"]["totalItems"], 1);
    let taken = json!({"kind": "temporary-candidate", "tracking": {"uniqId": "u1"}});
    assert_eq!(client.testinvite("t", &taken).status, 403, "the unique id is still held (R8)");
    assert_eq!(patch(&client, &ada, &json!({"fields": {"active": true}}))["active"], true);
    assert_eq!(status(&client, &ada, "start"), "In Progress");
    patch(&client, &ada, &json!({"fields": {"active": false}}));
    let path = format!("v1/tasks/t/candidates/{ada}");
    assert_eq!(api(&client, "DELETE", &path, &Value::Null).status, 403, "who logged in is not deleted");
    patch(&client, &ada, &json!({"fields": {"active": true}}));
    assert_eq!(client.invitations("")[0]["status"], "In Progress", "back to where it stood");
    let eve = create(&client, &json!({}));
    patch(&client, &eve, &json!({"fields": {"active": false}}));
    let path = format!("v1/tasks/t/candidates/{eve}");
    assert_eq!(api(&client, "DELETE", &path, &Value::Null).text, "{}");
    assert_eq!(api(&client, "PATCH", &path, &json!({"fields": {"active": true}})).status, 404, "gone for good");
}

#[test]
fn a_change_moves_the_window_name_address_and_may_be_repeated() {
    let (_sandbox, client) = sandbox();
    let ada =
        create(&client, &json!({"email": "ada@example.com", "dates": {"before": NOW - 60}, "price": {"amount": 12.10, "currency": "EUR"}}));
    assert_eq!(client.invitations("")[0]["status"], "Expired");
    let change = json!({"fields": {"fullname": "Ada", "email": "new@example.com", "favorite": true, "activeAfter": NOW - 60, "activeBefore": NOW + 60}});
    let first = patch(&client, &ada, &change);
    assert_eq!((&first["activeAfter"], &first["activeBefore"], &first["fullname"]), (&json!(NOW - 60), &json!(NOW + 60), &json!("Ada")));
    assert!(first.get("directAccessUrl").is_none());
    assert_eq!(patch(&client, &ada, &change), first);
    assert_eq!(get(&client, "tasks/t/candidates?email=new%40example.com")["pagination"]["totalItems"], 1);
    assert_eq!(get(&client, "tasks/t/candidates?email=ada%40example.com")["pagination"]["totalItems"], 0);
    assert_eq!(client.invitations("?email=new@example.com")[0]["status"], "Pending");
    assert_eq!(client.outbox(), [], "nobody is mailed");
    assert!(refused(&client, &ada, "start").contains("not paid"));
    let kept = client.invitations("")[0]["details"]["price"].to_string();
    assert!(kept.contains("12.1"), "{kept}");
    assert_eq!(status(&client, &ada, "pay"), "Pending");
    assert!(refused(&client, &ada, "pay").contains("nothing to pay"));
    assert_eq!(status(&client, &ada, "start"), "In Progress");
}

#[test]
fn steps_open_by_their_dates_and_limits_as_they_are_changed() {
    let (_sandbox, client) = sandbox();
    let customized = json!([{"stepId": "step-1", "customization": {"activeAfter": NOW + 3600}}, {"stepId": "step-2", "customization": {"activeBefore": NOW - 60}}]);
    let ada = create(&client, &json!({ "customizedSteps": customized }));
    let reason = refused(&client, &ada, "start");
    assert!(reason.contains("step step-1 opens at 2026-03-01T13:00:00Z") && reason.contains("step step-2 closed at"), "{reason}");
    let own = |value: Value| json!({"isDefault": false, "value": value});
    let steps = |steps: Value| json!({"fields": {}, "steps": steps});
    patch(&client, &ada, &steps(json!({"step-2": {"dates": own(json!({"before": own(Value::Null)}))}})));
    assert_eq!(status(&client, &ada, "start"), "In Progress");
    assert_eq!(sessions(&client, &ada)[0]["stepId"], "step-2", "the first one is not open yet");
    assert_eq!(status(&client, &ada, "finish"), "In Progress", "a step that opens later is still to do");
    assert!(refused(&client, &ada, "start?step=step-2").contains("no further attempt"));
    patch(&client, &ada, &steps(json!({"step-2": {"limit": own(json!(2))}})));
    status(&client, &ada, "start?step=step-2");
    status(&client, &ada, "finish");
    assert!(refused(&client, &ada, "start?step=step-2").contains("no further attempt"), "two were allowed");
    patch(&client, &ada, &steps(json!({"step-1": {"dates": {"isDefault": true}}})));
    status(&client, &ada, "start");
    assert_eq!(status(&client, &ada, "finish"), "Complete");
    patch(&client, &ada, &steps(json!({"step-2": {"limit": {"isDefault": true}}})));
    assert!(refused(&client, &ada, "start").contains("over"));
    patch(&client, &ada, &steps(json!({"step-1": {"limit": own(json!(-1))}})));
    assert_eq!(status(&client, &ada, "start?step=step-1"), "In Progress", "a raised limit is TestInvite's way to a further attempt");
    assert_eq!(status(&client, &ada, "finish"), "Complete");
    let eve = create(&client, &json!({}));
    patch(&client, &eve, &steps(json!({"step-1": {"active": own(json!(false))}})));
    status(&client, &eve, "start");
    assert_eq!(sessions(&client, &eve)[0]["stepId"], "step-2");
    assert_eq!(status(&client, &eve, "finish"), "Complete", "an inactive step is not waited for");
}

#[test]
fn answers_bodies_and_statuses_follow_their_switches() {
    let (_sandbox, client) = sandbox();
    let switch = |name: &str, value: &str| assert_eq!(client.post("switches", &json!({ name: value })).status, 200, "{name}");
    let new = json!({"kind": "temporary-candidate", "email": "ada@example.com", "inviteByEmail": {"emailTemplateName": "Welcome"},
        "extraEmails": ["one@example.com"], "externalEmails": ["two@example.com"], "surprise": 1});
    let internal = json!({"kind": "internal-candidate", "id": "u-1001", "tags": {"dept": "Maths"}});
    switch("create-status", "201");
    assert_eq!(client.testinvite("t", &new).status, 201);
    switch("create-status", "200");
    switch("extra-emails-key", "externalEmails");
    client.testinvite("t", &new);
    let cc: Vec<Value> = client.get("outbox")["messages"].as_array().unwrap().iter().map(|message| message["cc"].clone()).collect();
    assert_eq!(cc, [json!(["one@example.com"]), json!(["two@example.com"])]);
    switch("direct-access-url", "all");
    let made = client.testinvite("t", &new).json();
    assert!(made["directAccessUrl"].as_str().unwrap().starts_with("http://"));
    let path = format!("tasks/t/candidates/{}", made["candidateId"].as_str().unwrap());
    assert_eq!(get(&client, &path)["directAccessUrl"], made["directAccessUrl"]);
    switch("direct-access-url", "none");
    assert_eq!(get(&client, "tasks/t/candidates")["candidates"][0]["directAccessUrl"], Value::Null);
    switch("tag-clash-winner", "user");
    switch("null-code-for-users", "on");
    let user = client.testinvite("t", &internal).json();
    assert_eq!(user["invitationCode"], Value::Null);
    assert_eq!(
        get(&client, "tasks/t/candidates?email=ada%40example.com&mode=detailed&page=1&limit=9")["candidates"][3]["tags"],
        json!({"dept": "R&D"})
    );
    switch("unknown-keys", "reject");
    let reply = client.testinvite("t", &new);
    assert!(reply.status == 400 && reply.text.contains("surprise: is not known"), "{}", reply.text);
    switch("unknown-keys", "ignore");
    switch("unknown-reference-status", "404");
    let nobody = client.testinvite("t", &json!({"kind": "internal-candidate", "id": "u-9"}));
    assert_eq!((nobody.status, &nobody.json()["error"]["code"]), (404, &json!("unknown-reference")));
    for (value, begins) in [("empty", ""), ("html", "<!doctype html>")] {
        switch("error-body", value);
        for reply in [client.testinvite("t", &json!({})), client.send("GET", "/api/integration/rest/v1/users", &[], "")] {
            assert!(matches!(reply.status, 400 | 401) && reply.text.starts_with(begins) && reply.text.is_empty() == begins.is_empty());
        }
    }
    switch("error-body", "json");
    switch("auth-header", "X-Token");
    switch("auth-prefix", "none");
    assert_eq!(client.testinvite("t", &new).status, 401);
    assert_eq!(client.send("GET", "/api/integration/rest/v1/users", &[("x-token", "sandbox-token")], "").status, 200);
}
