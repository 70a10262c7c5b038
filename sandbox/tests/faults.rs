//! Faults on purpose, over HTTP; where an answer must not arrive or arrives in half, over a plain socket.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bidden::sign::Recipe;
use bidden::{AnyCall, Kind, Platform, Secret};
use bidden_sandbox::{MAGIC_ADDRESSES, Options, Place, Preset, Sandbox};
use common::{Client, START, sandbox};
use serde_json::{Value, json};

/// What a platform's own program would send: method, path, headers with the credential, body.
struct Sent {
    path: String,
    headers: String,
    body: String,
}

fn imocha(email: &str) -> Sent {
    let body = json!({"email": email, "name": "Ada", "sendEmail": "yes"}).to_string();
    Sent { path: "/v3/tests/1/invite".to_owned(), headers: "x-api-key: sandbox-key\r\n".to_owned(), body }
}

fn testinvite(uniq_id: &str) -> Sent {
    let body = json!({"kind": "temporary-candidate", "email": uniq_id, "tracking": {"uniqId": uniq_id}}).to_string();
    let path = "/api/integration/rest/v1/tasks/task-1/candidates".to_owned();
    Sent { path, headers: "authorization: Bearer sandbox-token\r\n".to_owned(), body }
}

fn think_exam(call: &str, body: &Value) -> Sent {
    let request = bidden::http::Request::default();
    let now = std::time::SystemTime::now().into();
    let triple = Recipe::default().sign("sandbox-ak", &Secret::new("sandbox-secret"), &request, now).unwrap();
    let headers = format!("ak: {}\r\nsgn: {}\r\nts: {}\r\n", triple.ak, triple.sgn.expose(), triple.ts);
    Sent { path: format!("/api/v1/{call}"), headers, body: body.to_string() }
}

fn registration(email: &str) -> Sent {
    think_exam("bulkCandidateRegister", &json!([{"name": "Ada", "email": email, "password": "hunter2"}]))
}

fn assignment(email: &str) -> Sent {
    think_exam("assignTest", &json!({"email": email, "testId": "41", "isMailEnable": "1", "isPasswordSkip": "1"}))
}

fn connect(method: &str, client: &Client, sent: &Sent) -> TcpStream {
    let host = client.url.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let Sent { path, headers, body } = sent;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(format!("{head}{body}").as_bytes()).unwrap();
    socket
}

/// Everything that arrives until the connection ends.
fn exchange(client: &Client, sent: &Sent) -> String {
    exchange_by("POST", client, sent)
}

fn exchange_by(method: &str, client: &Client, sent: &Sent) -> String {
    let mut arrived = String::new();
    connect(method, client, sent).read_to_string(&mut arrived).unwrap();
    arrived
}

/// Status, head and body of a complete answer.
fn answer(client: &Client, sent: &Sent) -> (u16, String, String) {
    let arrived = exchange(client, sent);
    let (head, body) = arrived.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {arrived:?}"));
    (head[9..12].parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
}

/// What the client makes of an answer.
fn kind(platform: Platform, status: u16, body: &str) -> Kind {
    let (name, arguments) = match platform {
        Platform::Imocha => ("imocha.invite", json!({"test_id": 1, "email": "ada@example.com", "name": "Ada"})),
        Platform::ThinkExam => ("think_exam.assign_test", json!({"test_id": "41", "email": "ada@example.com"})),
        Platform::TestInvite => ("testinvite.create_candidate", json!({"task_id": "task-1", "email": "ada@example.com"})),
    };
    let call = AnyCall::from_json(name, &arguments.to_string()).unwrap();
    let mut response = bidden::http::Response::new(body.as_bytes().to_vec());
    *response.status_mut() = status.try_into().unwrap();
    call.read_reply(&response).unwrap_err().kind()
}

fn fault(client: &Client, body: Value) {
    let reply = client.post("faults", &body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text);
}

fn statuses(client: &Client) -> Vec<Value> {
    client.get("requests")["requests"].as_array().unwrap().iter().map(|request| request["status"].clone()).collect()
}

fn hits(client: &Client) -> Vec<u64> {
    client.get("faults")["faults"].as_array().unwrap().iter().map(|fault| fault["hits"].as_u64().unwrap()).collect()
}

fn emails(client: &Client) -> Vec<String> {
    client.invitations("").iter().map(|invitation| invitation["email"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_call_whose_answer_is_lost_after_the_commit_has_taken_effect() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "lost-after-commit"}));
    assert_eq!(exchange(&client, &imocha("ada@example.com")), "");
    assert_eq!((emails(&client), client.outbox().len()), (vec!["ada@example.com".to_owned()], 1));
    assert_eq!((statuses(&client), hits(&client)), (vec![Value::Null], vec![1]));
    assert_eq!(client.get("requests")["requests"][0]["body"]["email"], "ada@example.com");
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200, "only the next call was meant");
    assert_eq!(statuses(&client), [Value::Null, json!(200)]);
}

#[test]
fn a_call_that_is_lost_before_the_commit_has_no_effect() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "lost-before-commit", "count": 3}));
    for sent in [imocha("ada@example.com"), testinvite("bob@example.com"), registration("eve@example.com")] {
        assert_eq!(exchange(&client, &sent), "");
    }
    assert_eq!(client.get("candidates"), json!({"candidates": []}));
    assert_eq!((client.outbox().len(), statuses(&client)), (0, vec![Value::Null; 3]));
    let (_, _, body) = answer(&client, &imocha("ada@example.com"));
    assert!(body.contains("2807324"), "the lost call has taken no number: {body}");
}

#[test]
fn a_late_call_takes_effect_ten_minutes_later_in_order_of_time() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "late-commit", "platform": "imocha", "count": 2}));
    assert_eq!(exchange(&client, &imocha("first@example.com")), "");
    client.advance("PT1M");
    assert_eq!(exchange(&client, &imocha("second@example.com")), "");
    let scheduled = json!({"kind": "temporary-candidate", "email": "between@example.com",
        "inviteByEmail": {"emailTemplateName": "W", "dateToSend": 1_772_366_400 + 630}});
    assert_eq!(client.testinvite("task-1", &scheduled).status, 200);
    client.advance("PT8M59.9S");
    assert_eq!((emails(&client), client.outbox().len()), (vec!["between@example.com".to_owned()], 0));
    client.advance("PT1H");
    let messages = client.get("outbox")["messages"].as_array().unwrap().clone();
    let sent: Vec<_> = messages.iter().map(|message| (message["to"].as_str().unwrap(), message["sent_at"].as_str().unwrap())).collect();
    assert_eq!(
        sent,
        [
            ("first@example.com", "2026-03-01T12:10:00Z"),
            ("between@example.com", "2026-03-01T12:10:30Z"),
            ("second@example.com", "2026-03-01T12:11:00Z")
        ]
    );
    let late = &client.invitations("?email=first@example.com")[0];
    assert_eq!((&late["created"], &late["end"]), (&json!("2026-03-01T12:10:00Z"), &json!("2026-03-08T12:10:00Z")));
    assert!(late["test_url"].as_str().unwrap().starts_with(&client.url), "{late}");
    assert_eq!(statuses(&client), [Value::Null, Value::Null, json!(200)], "it came once, and was never answered");
}

#[test]
fn a_late_call_is_judged_by_what_is_true_then() {
    let (_sandbox, client) = sandbox();
    answer(&client, &registration("ada@example.com"));
    fault(&client, json!({"preset": "late-commit", "count": 3}));
    exchange(&client, &testinvite("ada@example.com"));
    exchange(&client, &registration("late@example.com"));
    exchange(&client, &assignment("late@example.com"));
    assert_eq!(answer(&client, &testinvite("ada@example.com")).0, 200);
    client.advance("PT10M");
    assert_eq!(client.invitations("?platform=testinvite").len(), 1, "the platform's own guard refused the late one");
    assert_eq!(client.invitations("?platform=think-exam").len(), 1, "the late registration came before the late assignment");
}

#[test]
fn a_late_call_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let start = |name: &str| Sandbox::start(Options { place: Place::File(at(name)), ..Options::in_memory() }).unwrap();
    let _sandbox = start("alive.db");
    let client = Client::of(_sandbox.url());
    client.stand_at(START);
    fault(&client, json!({"preset": "late-commit", "count": 2}));
    exchange(&client, &registration("ada@example.com"));
    exchange(&client, &imocha("ada@example.com"));
    // What a kill leaves is what the files hold while the sandbox still runs.
    for ending in ["", "-wal"] {
        std::fs::copy(at(&format!("alive.db{ending}")), at(&format!("killed.db{ending}"))).unwrap();
    }
    let reopened = start("killed.db");
    let client = Client::of(reopened.url());
    assert_eq!(client.get("faults"), json!({"faults": []}));
    assert_eq!(client.get("candidates"), json!({"candidates": []}));
    client.advance("PT10M");
    assert_eq!(client.outbox(), [("ada@example.com".to_owned(), "invitation".to_owned())]);
    assert_eq!(client.get("candidates")["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(statuses(&client), [Value::Null, Value::Null]);
    assert!(!client.get("requests").to_string().contains("hunter2"));
}

#[test]
fn a_slow_answer_comes_late_and_its_call_takes_effect_at_once() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "slow", "milliseconds": 1_500, "count": 2}));
    let began = Instant::now();
    let mut waiting = connect("POST", &client, &imocha("waits@example.com"));
    let leaving = connect("POST", &client, &imocha("leaves@example.com"));
    while client.outbox().len() < 2 {
        assert!(began.elapsed() < Duration::from_millis(1_400), "the effect waits with the answer");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(statuses(&client), [Value::Null, Value::Null], "no answer has left");
    drop(leaving);
    let mut arrived = String::new();
    waiting.read_to_string(&mut arrived).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(1_500) && arrived.starts_with("HTTP/1.1 200 OK"), "{arrived}");
    std::thread::sleep(Duration::from_millis(200));
    let mut noted: Vec<_> = client.get("requests")["requests"].as_array().unwrap().clone();
    noted.retain(|request| request["status"] == 200);
    assert_eq!(noted.len(), 1, "who has left is not answered");
    assert_eq!(noted[0]["body"]["email"], "waits@example.com");
}

#[test]
fn a_slow_answer_takes_five_seconds_unless_told_otherwise() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "slow"}));
    assert_eq!(client.get("faults")["faults"][0]["milliseconds"], 5_000);
}

#[test]
fn too_fast_is_refused_in_each_platforms_shape_without_effect() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "rate-limited", "probability": 1}));
    let statusful = |platform, sent: &Sent| {
        let (status, head, body) = answer(&client, sent);
        assert!(status == 429 && head.contains("\r\nretry-after: 1"), "{head}");
        assert_eq!(kind(platform, status, &body), Kind::RateLimited, "{body}");
        body
    };
    let body = statusful(Platform::Imocha, &imocha("ada@example.com"));
    assert_eq!(body, r#"{"statusCode":429,"message":"Too many calls too quickly. (sandbox)"}"#);
    let body = statusful(Platform::ThinkExam, &registration("ada@example.com"));
    assert_eq!(body, r#"{"result":"error","error":{"code":"3100","msg":"Something went wrong"}}"#);
    let body = statusful(Platform::TestInvite, &testinvite("ada@example.com"));
    assert!(body.contains(r#""message":"Too many calls too quickly. (sandbox)""#), "{body}");
    assert_eq!(client.get("candidates"), json!({"candidates": []}));
    assert_eq!((client.outbox().len(), statuses(&client)), (0, vec![json!(429); 3]));
}

#[test]
fn a_used_up_quota_is_refused_without_effect_and_read_as_one_where_the_platform_has_words_for_it() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "quota-mid-batch", "probability": 1}));
    let (status, head, body) = answer(&client, &imocha("ada@example.com"));
    assert_eq!(body, r#"{"statusCode":429,"message":"The quota of calls is exhausted. (sandbox)"}"#);
    assert_eq!((kind(Platform::Imocha, status, &body), head.contains("retry-after")), (Kind::QuotaExhausted, false));
    // These two print no word of a quota; the fifth 429 to one request counts as one.
    for (platform, sent) in [(Platform::ThinkExam, assignment("ada@example.com")), (Platform::TestInvite, testinvite("ada@example.com"))] {
        let (status, _, body) = answer(&client, &sent);
        assert_eq!((status, kind(platform, status, &body)), (429, Kind::RateLimited), "{body}");
    }
    assert_eq!((client.get("candidates"), statuses(&client)), (json!({"candidates": []}), vec![json!(429); 3]));
}

#[test]
fn a_cut_answer_promises_all_of_its_body_and_gives_half() {
    let (_sandbox, client) = sandbox();
    let (_, _, whole) = answer(&client, &imocha("ada@example.com"));
    fault(&client, json!({"preset": "cut-mid-answer", "count": 2}));
    let (status, head, body) = answer(&client, &imocha("ada@example.com"));
    assert_eq!((status, body.as_str()), (200, &whole[..whole.len() / 2]));
    assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", whole.len())), "{head}");
    answer(&client, &imocha("bob@example.com"));
    assert_eq!(emails(&client), ["ada@example.com", "bob@example.com"]);
    assert_eq!(client.outbox().len(), 3);
    assert_eq!(statuses(&client), [json!(200), Value::Null, Value::Null]);
}

#[test]
fn a_5xx_says_nothing_of_the_effect_and_the_seed_repeats_it() {
    let effects = |seed: u64| {
        let (_sandbox, client) = sandbox();
        fault(&client, json!({"preset": "error-5xx", "probability": 1, "seed": seed}));
        for number in 0..40 {
            let (status, _, body) = answer(&client, &imocha(&format!("c{number}@example.com")));
            assert_eq!((status, kind(Platform::Imocha, status, &body)), (503, Kind::Unavailable), "{body}");
        }
        assert_eq!(statuses(&client), vec![json!(503); 40]);
        emails(&client)
    };
    let first = effects(3);
    assert!((5..=35).contains(&first.len()), "{first:?}");
    assert_eq!(effects(3), first);
    assert_ne!(effects(4), first);
}

#[test]
fn a_page_of_html_comes_without_effect() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "html-error-page", "count": 3}));
    for (platform, sent) in [
        (Platform::Imocha, imocha("ada@example.com")),
        (Platform::ThinkExam, registration("ada@example.com")),
        (Platform::TestInvite, testinvite("ada@example.com")),
    ] {
        let (status, head, body) = answer(&client, &sent);
        assert!(status == 502 && head.contains("content-type: text/html") && body.starts_with("<html>"), "{head} {body}");
        assert_eq!(kind(platform, status, &body), Kind::Unavailable);
    }
    assert_eq!((client.get("candidates"), statuses(&client)), (json!({"candidates": []}), vec![json!(502); 3]));
}

#[test]
fn a_run_in_the_same_order_meets_the_same_faults() {
    let lost = |seed: u64| {
        let (_sandbox, client) = sandbox();
        fault(&client, json!({"preset": "lost-before-commit", "probability": 0.2, "seed": seed}));
        fault(&client, json!({"preset": "html-error-page", "probability": 0.2, "seed": seed + 100}));
        for number in 0..60 {
            exchange(&client, &imocha(&format!("c{number}@example.com")));
        }
        let found = statuses(&client);
        let count = |wanted: Value| found.iter().filter(|status| **status == wanted).count() as u64;
        assert_eq!(hits(&client), [count(Value::Null), count(json!(502))]);
        assert!(count(Value::Null) > 2 && count(json!(502)) > 2, "{found:?}");
        found
    };
    let first = lost(7);
    assert_eq!(lost(7), first);
    assert_ne!(lost(8), first);
}

#[test]
fn a_fault_concerns_its_calls_alone_and_never_the_control_plane() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "lost-after-commit", "probability": 1, "call": "think_exam.assign_test"}));
    fault(&client, json!({"preset": "html-error-page", "count": 1, "platform": "testinvite"}));
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200);
    assert_eq!(answer(&client, &registration("ada@example.com")).0, 200);
    assert_eq!(exchange(&client, &assignment("ada@example.com")), "");
    assert_eq!(answer(&client, &testinvite("ada@example.com")).0, 502);
    assert_eq!(answer(&client, &testinvite("ada@example.com")).0, 200);
    assert_eq!(hits(&client), [1, 1]);
    assert_eq!(client.invitations("?platform=think-exam").len(), 1);
}

#[test]
fn a_call_without_credential_is_refused_as_always_and_a_refused_one_is_lost_all_the_same() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "lost-after-commit"}));
    assert_eq!(answer(&client, &Sent { headers: "x-api-key: wrong\r\n".to_owned(), ..imocha("ada@example.com") }).0, 401);
    assert_eq!(answer(&client, &Sent { headers: String::new(), ..assignment("ada@example.com") }).0, 401);
    assert_eq!(answer(&client, &Sent { path: "/v3/nothing".to_owned(), ..imocha("ada@example.com") }).0, 404);
    assert_eq!(hits(&client), [0]);
    assert_eq!(exchange(&client, &Sent { body: r#"{"name":"Ada"}"#.to_owned(), ..imocha("") }), "");
    assert_eq!((hits(&client), statuses(&client)), (vec![1], vec![json!(401), json!(401), json!(404), Value::Null]));
}

#[test]
fn a_call_with_a_query_is_found_and_one_that_cannot_be_read_is_not_taken_for_unauthorized() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "lost-after-commit", "call": "imocha.retrieve_invites", "probability": 1}));
    let window = |start: &str| json!({"StartDateTime": start, "EndDateTime": "2026-03-01T00:00:00Z"}).to_string();
    let ask = |start: &str| Sent { path: "/v3/candidates/testattempts?state=completed".to_owned(), body: window(start), ..imocha("") };
    let unauthorized = |start: &str| Sent { headers: "x-api-key: wrong\r\n".to_owned(), ..ask(start) };
    assert_eq!(exchange(&client, &ask("2026-02-20T00:00:00Z")), "");
    assert_eq!(exchange(&client, &ask("")), "");
    assert_eq!(answer(&client, &unauthorized("2026-02-20T00:00:00Z")).0, 401);
    assert_eq!(answer(&client, &unauthorized("")).0, 401);
    client.send("DELETE", "/_sandbox/faults", &[], "");
    assert_eq!(answer(&client, &ask("")).0, 401, "this is what was lost");
    assert_eq!(statuses(&client), [Value::Null, Value::Null, json!(401), json!(401), json!(401)]);
}

#[test]
fn a_late_deletion_takes_effect_later_too() {
    let (_sandbox, client) = sandbox();
    let (_, _, created) = answer(&client, &testinvite("ada@example.com"));
    let id = serde_json::from_str::<Value>(&created).unwrap()["candidateId"].as_str().unwrap().to_owned();
    let path = format!("/api/integration/rest/v1/tasks/task-1/candidates/{id}");
    fault(&client, json!({"preset": "late-commit", "call": "testinvite.delete_candidate"}));
    assert_eq!(exchange_by("DELETE", &client, &Sent { path, body: String::new(), ..testinvite("") }), "");
    assert_eq!(client.get("candidates")["candidates"].as_array().unwrap().len(), 1);
    client.advance("PT10M");
    assert_eq!(client.get("candidates"), json!({"candidates": []}));
}

#[test]
fn faults_are_listed_with_their_hits_and_cleared() {
    let (_sandbox, client) = sandbox();
    let first = client.post("faults", &json!({"preset": "late-commit", "call": "imocha.invite", "probability": 0.25, "seed": 7})).text;
    let shown = r#"{"preset":"late-commit","platform":null,"call":"imocha.invite","count":null,"probability":0.25,"milliseconds":null,"seed":7,"hits":0}"#;
    assert_eq!(first, format!(r#"{{"faults":[{shown}]}}"#));
    fault(&client, json!({"preset": "slow", "platform": "think-exam", "milliseconds": 10}));
    let second = &client.get("faults")["faults"][1];
    assert_eq!((&second["platform"], &second["count"], &second["seed"]), (&json!("think-exam"), &json!(1), &json!(0)));
    let none = json!({"faults": []});
    assert_eq!(client.send("DELETE", "/_sandbox/faults", &[], "").json(), none);
    assert_eq!(client.get("faults"), none);
    fault(&client, json!({"preset": "lost-before-commit"}));
    client.post("reset", &json!({}));
    assert_eq!(client.get("faults"), none);
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200);
    assert_eq!(client.send("PUT", "/_sandbox/faults", &[], "").status, 405);
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_what_is_allowed() {
    let (_sandbox, client) = sandbox();
    for (body, allowed) in [
        (r#"{"preset":"lost"}"#, "preset: one of lost-after-commit, "),
        (r#"{"preset":"slow","platform":"moodle"}"#, "platform: one of imocha, think-exam, testinvite is expected"),
        (r#"{"preset":"slow","call":"invite"}"#, "call: one of imocha.invite, "),
        (r#"{"preset":"slow","count":1,"probability":0.5}"#, "only one of count and probability"),
        (r#"{"preset":"slow","probability":"often"}"#, r#""probability":0.2"#),
        (r#"{"preset":"slow","chance":0.5}"#, r#""count":1"#),
        ("", r#"{"preset":"lost-after-commit""#),
    ] {
        let reply = client.send("POST", "/_sandbox/faults", &[("content-type", "application/json")], body);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(reply.status == 400 && error.contains(allowed), "{body}: {} {error}", reply.status);
    }
    assert_eq!(client.get("faults"), json!({"faults": []}));
}

#[test]
fn a_sandbox_may_start_with_faults() {
    let faults = vec![Preset::LostAfterCommit, Preset::HtmlErrorPage];
    let sandbox = Sandbox::start(Options { faults, ..Options::in_memory() }).unwrap();
    let client = Client::of(sandbox.url());
    assert_eq!(exchange(&client, &imocha("ada@example.com")), "");
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 502);
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200);
}

#[test]
fn a_blind_retry_after_a_lost_answer_mails_twice() {
    let (_sandbox, client) = sandbox();
    answer(&client, &registration("ada@example.com"));
    fault(&client, json!({"preset": "lost-after-commit", "call": "imocha.invite"}));
    fault(&client, json!({"preset": "lost-after-commit", "call": "think_exam.assign_test"}));
    for sent in [imocha("ada@example.com"), assignment("ada@example.com")] {
        while exchange(&client, &sent).is_empty() {}
    }
    assert_eq!(client.invitations("").len(), 2, "one person, two platforms");
    assert_eq!(client.outbox(), vec![("ada@example.com".to_owned(), "invitation".to_owned()); 4]);
    assert_eq!(hits(&client), [1, 1]);
}

#[test]
fn a_blind_retry_of_a_late_call_mails_twice_in_the_end() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "late-commit"}));
    while exchange(&client, &imocha("ada@example.com")).is_empty() {}
    assert_eq!(client.outbox().len(), 1);
    client.advance("PT10M");
    assert_eq!((client.invitations("").len(), client.outbox().len()), (1, 2));
}

#[test]
fn half_a_batch_takes_effect_the_odd_one_included() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "half-batch", "count": 2}));
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200, "an invite is no batch");
    let batch = |names: &[&str]| {
        let people: Vec<_> =
            names.iter().map(|name| json!({"name": name, "email": format!("{name}@example.com"), "password": "hunter2"})).collect();
        exchange(&client, &think_exam("bulkCandidateRegister", &json!(people)))
    };
    assert_eq!((batch(&["a", "b", "c"]), batch(&["d"])), (String::new(), String::new()));
    let people = client.get("candidates")["candidates"].clone();
    let emails: Vec<_> = people.as_array().unwrap().iter().map(|person| person["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["ada@example.com", "a@example.com", "b@example.com", "d@example.com"]);
    assert_eq!((hits(&client), statuses(&client)), (vec![2], vec![json!(200), Value::Null, Value::Null]));
    fault(&client, json!({"preset": "half-batch"}));
    let emails = ["a@example.com", "b@example.com", "d@example.com"];
    let assign = json!({"email": emails, "testId": "41", "isMailEnable": "1", "isPasswordSkip": "1"});
    assert_eq!(exchange(&client, &think_exam("assignTestMultiCandidates", &assign)), "");
    assert_eq!(client.invitations("?platform=think-exam").len(), 2);
}

#[test]
fn an_error_inside_200_has_no_effect_and_is_no_success() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "200-with-error-body", "count": 3}));
    for (platform, sent, kind_read) in [
        (Platform::Imocha, imocha("ada@example.com"), Kind::MalformedReply),
        (Platform::ThinkExam, assignment("ada@example.com"), Kind::Rejected),
        (Platform::TestInvite, testinvite("ada@example.com"), Kind::MalformedReply),
    ] {
        let (status, head, body) = answer(&client, &sent);
        assert!(status == 200 && head.contains("content-type: application/json"), "{head}");
        assert_eq!(kind(platform, 200, &body), kind_read, "{body}");
    }
    assert_eq!((client.get("candidates"), client.outbox().len()), (json!({"candidates": []}), 0));
}

#[test]
fn a_wrong_content_type_changes_nothing_else() {
    let (_sandbox, client) = sandbox();
    let (_, _, whole) = answer(&client, &imocha("ada@example.com"));
    fault(&client, json!({"preset": "wrong-content-type"}));
    let (status, head, body) = answer(&client, &imocha("ada@example.com"));
    assert!(status == 200 && head.contains("content-type: text/html\r\n") && !head.contains("application/json"), "{head}");
    assert_eq!((body, client.outbox().len()), (whole, 2));
}

#[test]
fn a_dripping_answer_promises_its_length_and_is_answered_with_its_last_byte() {
    let (_sandbox, client) = sandbox();
    let (_, _, whole) = answer(&client, &imocha("ada@example.com"));
    fault(&client, json!({"preset": "slow-drip", "milliseconds": 10}));
    let began = Instant::now();
    let mut dripping = connect("POST", &client, &imocha("ada@example.com"));
    let mut start = [0; 17];
    dripping.read_exact(&mut start).unwrap();
    assert_eq!((&start[..], statuses(&client)), (&b"HTTP/1.1 200 OK\r\n"[..], vec![json!(200), Value::Null]));
    let mut rest = String::new();
    dripping.read_to_string(&mut rest).unwrap();
    assert!(began.elapsed() > Duration::from_millis(10 * whole.len() as u64 - 10), "{:?}", began.elapsed());
    assert!(rest.to_ascii_lowercase().contains(&format!("content-length: {}\r\n", whole.len())) && rest.ends_with(&whole), "{rest}");
    assert_eq!(statuses(&client), [json!(200), json!(200)]);
    assert_eq!(client.get("faults")["faults"][0]["milliseconds"], 10);
}

#[test]
fn what_is_mailed_already_is_not_in_the_reads_for_ten_minutes() {
    let (_sandbox, client) = sandbox();
    let (_, _, before) = answer(&client, &testinvite("before@example.com"));
    let before = serde_json::from_str::<Value>(&before).unwrap()["candidateId"].clone();
    fault(&client, json!({"preset": "mail-sent-status-late", "count": 2}));
    let (status, _, invited) = answer(&client, &imocha("ada@example.com"));
    let invitation_id = serde_json::from_str::<Value>(&invited).unwrap()["testInvitationId"].to_string();
    assert_eq!((status, answer(&client, &testinvite("late@example.com")).0), (200, 200));
    assert_eq!((client.outbox().len(), client.invitations("").len()), (1, 3), "the control plane shows what is");
    let reads = || {
        let listed =
            client.send("GET", "/api/integration/rest/v1/tasks/task-1/candidates", &[("authorization", "Bearer sandbox-token")], "");
        assert_eq!(listed.status, 200, "{}", listed.text);
        (client.imocha_call("GET", &format!("reports/{invitation_id}"), &Value::Null).status, listed.text.matches("candidateId").count())
    };
    assert_eq!(reads(), (404, 1), "{before}");
    assert_eq!(answer(&client, &testinvite("late@example.com")).0, 403, "the platform's own guard knows it");
    client.advance("PT9M59S");
    assert_eq!(reads().0, 404);
    client.advance("PT1S");
    assert_eq!(reads(), (200, 2));
}

#[test]
fn a_draft_takes_everybody_and_mails_nobody() {
    let (_sandbox, client) = sandbox();
    fault(&client, json!({"preset": "draft-test-no-mail", "count": 2}));
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200);
    let scheduled = json!({"kind": "temporary-candidate", "email": "bob@example.com",
        "inviteByEmail": {"emailTemplateName": "W", "dateToSend": 1_772_366_400 + 60}});
    assert_eq!(client.testinvite("task-1", &scheduled).status, 200);
    client.advance("P1D");
    assert_eq!((client.invitations("").len(), client.outbox().len()), (2, 0));
    assert_eq!(answer(&client, &imocha("ada@example.com")).0, 200);
    assert_eq!(client.outbox().len(), 1);
}

#[test]
fn a_limited_platform_answers_429_and_takes_no_effect_then() {
    let (_sandbox, client) = sandbox();
    client.post("switches", &json!({"imocha.rate-limit": "2", "imocha.retry-after": "30"}));
    let calls = [(); 3].map(|()| answer(&client, &imocha("ada@example.com")));
    assert_eq!(calls.each_ref().map(|call| call.0), [200, 200, 429]);
    assert!(calls[2].1.contains("\r\nretry-after: 30"), "{}", calls[2].1);
    assert_eq!(kind(Platform::Imocha, 429, &calls[2].2), Kind::RateLimited);
    assert_eq!((client.outbox().len(), answer(&client, &testinvite("ada@example.com")).0), (2, 200));
}

/// The page from the tables.
fn page() -> String {
    let mut text = String::from(
        "# Faults of the sandbox\n\n\
         What goes wrong on purpose, so that an integration is tried against it before a platform does it. A fault is asked for by\n\
         `POST /_sandbox/faults` with `{\"preset\":\"lost-after-commit\"}`, or from the start by `bidden sandbox --fault PRESET`. Beside the\n\
         preset stand `platform`, `call` (a call's name, with the faults of calls), and which of the matching ones are hit: the next\n\
         `count` (1 unless said), or each with a `probability`, drawn by a `seed`, so that a run in the same order meets the same faults.\n\
         Of several that hit, the first asked for acts. `GET /_sandbox/faults` lists them with their hits, `DELETE` ends them.\n\n\
         Calls are judged after the credential, callbacks when they are made. The control plane is never hit. For each fault\n\
         `tests/python/test_faults.py` shows where a few lines of `requests` go wrong, and bidden does not.\n\n\
         This page is written by `make docs` from the tables that the sandbox reads.\n",
    );
    for (title, is_of_callbacks) in [("Faults of calls", false), ("Faults of callbacks", true)] {
        text += &format!("\n## {title}\n\n| preset | what happens |\n|---|---|\n");
        for preset in Preset::ALL.into_iter().filter(|preset| preset.is_of_callbacks() == is_of_callbacks) {
            text += &format!("| `{}` | {} |\n", preset.slug(), preset.about().trim());
        }
    }
    text += "\n## Magic addresses\n\n\
        An address alone can make things happen. It is magic under example.com, example.org, example.net and every `.example` domain\n\
        only; after a `+` may stand anything: `complete+7@example.com`. `POST /_sandbox/reset` lets it do again what it does once.\n\n\
        | address | what happens |\n|---|---|\n";
    for row in MAGIC_ADDRESSES {
        text += &format!("| `{}@` | {} |\n", row.word, row.about);
    }
    text
}

#[test]
fn the_committed_page_is_what_the_tables_say() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/faults.md");
    let page = page();
    if std::env::var_os("BIDDEN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, page, "docs/faults.md differs from the tables; `make docs` writes it");
}
