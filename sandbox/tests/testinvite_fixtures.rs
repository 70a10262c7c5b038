//! Declared tasks and users of TestInvite, which steps programs open, and callbacks, through HTTP
//! (`docs/platforms/testinvite.md` sections 5.1, 5.2, 6 and 8).

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

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
    let reply = api(client, "GET", path, &Value::Null);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

fn declared() -> (bidden_sandbox::Sandbox, Client) {
    let (sandbox, client) = sandbox();
    let fixtures = json!({"testinvite": {
        "tasks": [
            {"task_id": "hiring", "title": "Hiring 2026", "created_at": "2026-01-01T00:00:00Z", "favorite": true, "folder": "spring",
             "labels": ["l"], "tags": {"k": "v"}, "lang": "tr", "access_method": "double-credential", "active_after": "2026-02-01T00:00:00Z",
             "programs": [{"uuid": "dev", "name": "Developers"}, {"uuid": "ops", "name": "Operators"}],
             "stages": [{"uuid": "s-1", "name": "First"}],
             "email_templates": [{"name": "Welcome", "subject": "Hello there"}], "private_chat_enabled": true,
             "steps": [{"id": "code", "programs": ["dev"], "test_id": "x-1", "test_source": "marketplace", "webcam_recording": "VIDEO", "fullscreen": true},
                       {"id": "shell", "programs": ["ops"]},
                       {"id": "talk", "title": "Talk", "attempt_limit": 2, "active_before": "2026-03-02T00:00:00Z"}]},
            {"task_id": "closed", "active": false},
            {"task_id": "plain", "title": "hiring again"}],
        "users": [
            {"user_id": "u-1", "username": "Grace", "fullname": "Grace Hopper", "email": "grace@example.com", "group": "navy", "labels": ["a", "b"],
             "roles": ["MANAGER"], "favorite": true, "folder": "f"},
            {"user_id": "u-2", "username": "barbara", "active": false, "tags": {"k": "v"}}]}});
    let reply = client.post("fixtures", &fixtures);
    assert_eq!(reply.status, 200, "{}", reply.text);
    (sandbox, client)
}

fn create(client: &Client, task: &str, more: &Value) -> Reply {
    let mut body = json!({"kind": "temporary-candidate"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.testinvite(task, &body)
}

fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["candidateId"].as_str().unwrap().to_owned()
}

#[test]
fn declared_tasks_are_told_whole_and_others_do_not_exist() {
    let (_sandbox, client) = declared();
    let task = get(&client, "v1/tasks/hiring?mode=detailed");
    let expected = json!({"taskId": "hiring", "title": "Hiring 2026", "createdAt": 1_767_225_600, "organizationId": "SandboxOrganization1",
        "favorite": true, "folder": "spring", "labels": ["l"], "tags": {"k": "v"}, "lang": "tr", "accessMethod": "double-credential",
        "active": true, "activeAfter": 1_769_904_000, "activeBefore": null,
        "programs": [{"uuid": "dev", "name": "Developers"}, {"uuid": "ops", "name": "Operators"}], "stages": [{"uuid": "s-1", "name": "First"}],
        "emailTemplates": [{"name": "Welcome", "subject": "Hello there"}], "privateChatEnabled": true, "steps": task["steps"]});
    assert_eq!(task, expected);
    let step = json!({"id": "code", "title": "Step 1", "active": true, "activeBefore": null, "activeAfter": null, "attemptLimit": 1,
        "test": {"testId": "x-1", "organizationId": "SandboxOrganization1", "source": "marketplace"}, "webcamRecording": "VIDEO",
        "screenRecording": "NONE", "fullscreen": true, "postAiProctoring": false, "practiceMode": false});
    assert_eq!(task["steps"][0], step);
    assert_eq!((&task["steps"][2]["attemptLimit"], &task["steps"][2]["activeBefore"]), (&json!(2), &json!(1_772_409_600)));
    let titles = |query: &str| -> Vec<Value> {
        get(&client, &format!("v1/tasks{query}"))["tasks"].as_array().unwrap().iter().map(|task| task["taskId"].clone()).collect()
    };
    assert_eq!(titles(""), ["hiring", "closed", "plain"]);
    assert_eq!(titles("?title=HIRING"), ["hiring", "plain"]);
    assert_eq!(get(&client, "v1/tasks?limit=2")["pagination"]["next"], "?limit=2&page=2&mode=basic");
    for (method, path) in [
        ("GET", "v1/tasks/nowhere"),
        ("GET", "v1/tasks/nowhere/candidates"),
        ("POST", "v1/tasks/nowhere/candidates"),
        ("PATCH", "v1/tasks/nowhere/candidates/c"),
        ("DELETE", "v1/tasks/nowhere/candidates/c"),
        ("GET", "v1/tasks/nowhere/test-instances"),
        ("GET", "v1/tasks/nowhere/test-instances/i"),
        ("GET", "v1/tasks/nowhere/test-instances/i/answers"),
    ] {
        let body = match method {
            "POST" => json!({"kind": "temporary-candidate"}),
            "PATCH" => json!({"fields": {}}),
            _ => Value::Null,
        };
        assert_eq!(api(&client, method, path, &body).status, 404, "{method} {path}");
    }
}

#[test]
fn what_a_declared_task_does_not_have_is_refused_and_nothing_is_created() {
    let (_sandbox, client) = declared();
    for unknown in [
        json!({"programIds": ["dev", "sales"]}),
        json!({"customizedSteps": [{"stepId": "step-1", "customization": {}}]}),
        json!({"inviteByEmail": {"emailTemplateName": "welcome"}}),
    ] {
        let reply = create(&client, "hiring", &unknown);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("unknown-reference")), "{unknown}");
    }
    assert_eq!(client.testinvite("hiring", &json!({"kind": "internal-candidate", "id": "u-1001"})).status, 400, "other users are declared");
    assert_eq!(client.invitations(""), Vec::<Value>::new());
    let all = json!({"programIds": ["dev"], "customizedSteps": [{"stepId": "talk", "customization": {}}], "email": "ada@example.com",
        "inviteByEmail": {"emailTemplateName": "Welcome"}});
    let ada = id(&create(&client, "hiring", &all));
    assert_eq!(client.get("outbox")["messages"][0]["subject"], "Hello there");
    let change = json!({"fields": {}, "steps": {"step-1": {"active": {"isDefault": true}}}});
    let reply = api(&client, "PATCH", &format!("v1/tasks/hiring/candidates/{ada}"), &change);
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("unknown-reference")));
}

#[test]
fn programs_decide_which_steps_are_open() {
    let (_sandbox, client) = declared();
    let steps = |programs: Value| {
        let candidate = id(&create(&client, "hiring", &json!({ "programIds": programs })));
        let mut word = json!("In Progress");
        while word == "In Progress" {
            assert_eq!(client.attempt(&candidate, "start").status, 200);
            word = client.attempt(&candidate, "finish").json()["status"].clone();
        }
        assert_eq!(word, "Complete");
        let page = get(&client, &format!("v1/tasks/hiring/test-instances?candidateId={candidate}"));
        page["testInstances"].as_array().unwrap().iter().map(|session| session["stepId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(steps(json!(["dev"])), ["code", "talk"]);
    assert_eq!(steps(json!(["ops", "dev"])), ["code", "shell", "talk"]);
    assert_eq!(steps(json!([])), ["talk"], "a step that is tied to no program is open to all");
    let other = id(&create(&client, "hiring", &json!({"programIds": ["ops"]})));
    let reply = client.attempt(&other, "start?step=code");
    assert!(reply.status == 409 && reply.text.contains("not open to this candidate"), "{}", reply.text);
    client.advance("P2D");
    let late = id(&create(&client, "hiring", &json!({})));
    let reply = client.attempt(&late, "start");
    assert!(reply.status == 409 && reply.text.contains("step talk closed at 2026-03-02T00:00:00Z"), "{}", reply.text);
    let closed = id(&create(&client, "closed", &json!({})));
    assert!(client.attempt(&closed, "start").text.contains("the task is not active"));
}

#[test]
fn users_are_searched_by_all_filters_together() {
    let (_sandbox, client) = declared();
    let found = |body: Value| -> Vec<Value> {
        let page = api(&client, "POST", "users/filter", &body).json();
        page["users"].as_array().unwrap().iter().map(|user| user["userId"].clone()).collect()
    };
    for (filter, expected) in [
        (json!({}), vec!["u-1", "u-2"]),
        (json!({"username": "A"}), vec!["u-1", "u-2"]),
        (json!({"username": "gra"}), vec!["u-1"]),
        (json!({"type": "teammate"}), vec!["u-1"]),
        (json!({"type": "regular"}), vec!["u-2"]),
        (json!({"active": false}), vec!["u-2"]),
        (json!({"favorite": true, "group": ["navy", "army"]}), vec!["u-1"]),
        (json!({"labels": ["b", "c"], "folder": ["f"]}), vec!["u-1"]),
        (json!({"group": ["default"]}), vec!["u-2"]),
        (json!({"username": "gra", "active": false}), vec![]),
    ] {
        assert_eq!(found(filter.clone()), expected, "{filter}");
    }
    assert_eq!(
        get(&client, "v1/users?username=BAR")["users"],
        json!([{"userId": "u-2", "createdAt": 1_735_689_600, "username": "barbara"}])
    );
    assert_eq!(get(&client, "v1/users/u-1?mode=detailed")["roles"], json!(["MANAGER"]));
    let made = client.testinvite("plain", &json!({"kind": "internal-candidate", "id": "u-2"})).json();
    assert!(made["kind"] == "user" && made.get("fullname").is_none() && made.get("email").is_none(), "{made}");
}

#[test]
fn each_completed_session_calls_back_with_params_as_the_switches_say() {
    let (_sandbox, client) = sandbox();
    // A public address: what would be sent is recorded, and no connection is made.
    let callback = |resource: &str| json!({"group": "A", "callback": {"url": "https://hooks.example/done?x=1", "params": {"ref": "42", "stepId": "mine"}, "resource": resource}});
    let bodies = || -> Vec<(String, Value)> {
        let all = client.get("callbacks")["callbacks"].as_array().unwrap().clone();
        let body = |one: &Value| match &one["body"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            body => body.clone(),
        };
        all.iter().map(|one| (one["url"].as_str().unwrap().to_owned(), body(one))).collect()
    };
    let ada = id(&create(&client, "t", &callback("basic")));
    client.attempt(&ada, "start");
    assert_eq!(bodies(), []);
    client.attempt(&ada, "finish");
    client.attempt(&ada, "start");
    client.attempt(&ada, "finish");
    let told = get(&client, &format!("v1/tasks/t/test-instances?candidateId={ada}"))["testInstances"].clone();
    let sent = bodies();
    assert_eq!(sent.len(), 2, "one for each session");
    for (index, (url, body)) in sent.iter().enumerate() {
        let mut expected = told[index].clone();
        expected["params"] = json!({"ref": "42", "stepId": "mine"});
        assert_eq!((url.as_str(), body), ("https://hooks.example/done?x=1", &expected));
    }
    let switch = |name: &str, value: &str| assert_eq!(client.post("switches", &json!({ name: value })).status, 200, "{name}");
    let next = || {
        let candidate = id(&create(&client, "t", &callback("detailed")));
        client.attempt(&candidate, "start");
        client.attempt(&candidate, "finish");
        bodies().pop().unwrap()
    };
    let (_, body) = next();
    assert_eq!((&body["group"], &body["result"]["scoreboard"]["noOfQuestions"]), (&json!("A"), &json!(3)), "detailed");
    switch("callback-params", "merge");
    let (_, body) = next();
    assert_eq!(
        (&body["ref"], &body["stepId"], body.get("params")),
        (&json!("42"), &json!("step-1"), None),
        "what it tells is not overwritten"
    );
    switch("callback-params", "query");
    let (url, body) = next();
    assert_eq!((url.as_str(), body.get("params")), ("https://hooks.example/done?x=1&ref=42&stepId=mine", None));
    switch("callback-body", "search");
    let (_, body) = next();
    assert_eq!(body["testInstances"].as_array().unwrap().len(), 1);
    assert_eq!(body["pagination"], json!({"limit": 10, "lastDocId": null, "next": null}));
    let unwanted = id(&create(&client, "t", &json!({})));
    let before = bodies().len();
    client.attempt(&unwanted, "start");
    client.attempt(&unwanted, "finish");
    assert_eq!(bodies().len(), before, "nobody asked to be called");
    assert_eq!(client.get("clock")["now"], bidden::Time::from_seconds(NOW).to_string());
}

#[test]
fn a_callback_carries_the_header_and_is_tried_as_often_as_the_switches_say() {
    let (_sandbox, client) = sandbox();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut reader = BufReader::new(connection.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let mut heads = kept.lock().unwrap();
            heads.push(head);
            let status = if heads.len() < 3 { 500 } else { 204 };
            write!(reader.get_mut(), "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    let complete = || {
        let ada = id(&create(&client, "t", &json!({"callback": {"url": url, "resource": "basic"}})));
        client.attempt(&ada, "start");
        client.attempt(&ada, "finish");
        let reply = client.post("clock", &json!({"advance": "PT1H", "wait": true}));
        assert_eq!(reply.status, 200, "{}", reply.text);
        client.get("callbacks")["callbacks"].as_array().unwrap().last().unwrap().clone()
    };
    let once = complete();
    assert_eq!((&once["state"], once["tries"].as_array().unwrap().len()), (&json!("failed"), 1), "no retry: {once}");
    client.post("switches", &json!({"callback-retries": "3", "callback-header": "X-Hook-Secret: s3cret"}));
    let again = complete();
    assert_eq!((&again["state"], again["tries"].as_array().unwrap().len()), (&json!("delivered"), 2), "{again}");
    let heads = heads.lock().unwrap();
    let with_header: Vec<bool> = heads.iter().map(|head| head.contains("x-hook-secret: s3cret\r\n")).collect();
    assert_eq!(with_header, [false, true, true]);
    assert!(heads.iter().all(|head| head.starts_with("post /hook ") && head.contains("content-type: application/json")), "{heads:?}");
}
