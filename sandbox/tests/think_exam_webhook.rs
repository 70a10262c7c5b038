//! Think Exam's webhook in both forms, as a receiver gets it, and what fixtures declare of tests and courses.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use bidden::callback::Authenticity;
use bidden::http::Request;
use bidden::{CallbackEvent, Kind, Platform, Secret, Status};
use common::{Client, sandbox};
use serde_json::{Value, json};

const WRONG: &str = r#"{"result":"error","error":{"code":"3100","msg":"Something went wrong"}}"#;

/// Somebody's address: answers with one status after another, the last of them for ever, and keeps what came.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    fn new(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/think-exam", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<Request>>> = Arc::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut reader = BufReader::new(connection.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
                let mut lines = head.lines();
                let mut request = Request::default();
                *request.method_mut() = lines.next().unwrap().split(' ').next().unwrap().parse().unwrap();
                for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
                    request.headers_mut().insert(name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap());
                }
                let length = request.headers()["content-length"].to_str().unwrap().parse().unwrap();
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                *request.body_mut() = body;
                let status = {
                    let mut got = kept.lock().unwrap();
                    got.push(request);
                    statuses[(got.len() - 1).min(statuses.len() - 1)]
                };
                write!(reader.get_mut(), "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
        });
        Receiver { url, got }
    }

    fn got(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }
}

fn declare(client: &Client, think_exam: Value) {
    let reply = client.post("fixtures", &json!({ "think-exam": think_exam }));
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// Registers, assigns, begins and finishes.
fn finish(client: &Client, test_id: &str) {
    let body = json!({"name": "Ada Lovelace", "email": "ada@example.com", "mobile": "9000000000", "enrollment_number": "EN7"});
    assert_eq!(client.think_exam("unifiedAuth", &body).status, 200);
    let assigned = client.think_exam("assignTest", &json!({"email": "ada@example.com", "testId": test_id}));
    assert!(assigned.text.contains("success"), "{}", assigned.text);
    let invitations = client.invitations(&format!("?test={test_id}"));
    let id = invitations[0]["invitation_id"].as_str().unwrap();
    for event in ["start", "finish"] {
        assert_eq!(client.attempt(id, event).status, 200);
    }
    assert_eq!(client.post("settle", &json!({})).status, 200);
}

fn read(request: &Request, key: &str) -> Result<CallbackEvent, bidden::Error> {
    CallbackEvent::read(Platform::ThinkExam, request.headers(), request.body(), Some(&Secret::new(key)))
}

#[test]
fn a_finished_test_is_told_in_the_current_form_with_the_key() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200]);
    declare(&client, json!({"webhook": {"url": receiver.url}}));
    finish(&client, "41");
    let got = receiver.got();
    assert_eq!(
        (got.len(), got[0].method().as_str(), &got[0].headers()["x-webhook_key"]),
        (1, "POST", &"sandbox-webhook-key".parse().unwrap())
    );
    let text = std::str::from_utf8(got[0].body()).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"result":{"marks_scored":126,"enrollment_no":"EN7","name":"Ada Lovelace","email":"ada@example.com","mobile":"9000000000","city":"NA","#,
            r#""gender":null,"age":"0","status":"COMPLETED","percentage":63,"total_marks":"200","test_duration":"60","#,
            r#""subject_name":["JEE organic Chemistry","JEE inorganic Chemistry","JEE Physical Chemistry","Mental Ability"],"#,
            r#""subject_marks":["20","15","30","61"],"details":[{"RESPONSE":["d","c"],"IS_ATTEMPT":["Y","Y"]}]}}"#
        )
    );
    let event = read(&got[0], "sandbox-webhook-key").unwrap();
    assert_eq!((event.status, event.authenticity, event.score), (Status::Complete, Authenticity::Verified, Some(126.0)));
    assert_eq!(read(&got[0], "another").unwrap_err().kind(), Kind::Unauthorized);
    let shown = client.get("callbacks")["callbacks"][0].clone();
    assert_eq!((&shown["platform"], &shown["status"], &shown["state"]), (&json!("think-exam"), &json!("COMPLETED"), &json!("delivered")));
}

#[test]
fn the_legacy_form_is_flat_and_names_the_test() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200]);
    declare(&client, json!({"webhook": {"url": receiver.url, "legacy": true, "key": "own-key"}}));
    finish(&client, "41");
    let got = receiver.got();
    assert_eq!((got.len(), &got[0].headers()["webhook_key"]), (1, &"own-key".parse().unwrap()));
    assert!(!got[0].headers().contains_key("x-webhook_key"));
    let body: Value = serde_json::from_slice(got[0].body()).unwrap();
    assert_eq!((&body["EMAIL"], &body["TEST_ID"], &body["EXAM_DATE"]), (&json!("ada@example.com"), &json!("41"), &json!("26-03-01")));
    assert!(body.as_object().unwrap().values().all(Value::is_string), "{body}");
    let event = read(&got[0], "own-key").unwrap();
    assert_eq!((event.form, event.test_id.as_deref(), event.candidate_id.as_deref()), ("legacy", Some("41"), Some("EN7")));
}

#[test]
fn nobody_is_told_without_a_webhook_or_of_a_test_that_has_it_switched_off() {
    let (_sandbox, client) = sandbox();
    finish(&client, "41");
    let receiver = Receiver::new(&[200]);
    declare(&client, json!({"webhook": {"url": receiver.url}, "tests": [{"test_id": "7", "webhook": false}, {"test_id": "8"}]}));
    finish(&client, "7");
    assert_eq!((receiver.got().len(), client.get("callbacks")["callbacks"].as_array().unwrap().len()), (0, 0));
    finish(&client, "8");
    assert_eq!(receiver.got().len(), 1);
}

#[test]
fn only_a_finished_test_is_told() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200]);
    declare(&client, json!({"webhook": {"url": receiver.url}}));
    client.think_exam("unifiedAuth", &json!({"name": "Ada", "email": "ada@example.com"}));
    client.think_exam("assignTest", &json!({"email": "ada@example.com", "testId": "41"}));
    let id = client.invitations("")[0]["invitation_id"].as_str().unwrap().to_owned();
    for event in ["start", "leave"] {
        client.attempt(&id, event);
    }
    assert_eq!(client.post("settle", &json!({})).status, 200);
    assert_eq!(receiver.got().len(), 0);
}

#[test]
fn webhook_attempts_says_how_often_a_webhook_is_tried() {
    for (attempts, expected) in [(None, 1), (Some("3"), 3)] {
        let (_sandbox, client) = sandbox();
        let receiver = Receiver::new(&[500]);
        declare(&client, json!({"webhook": {"url": receiver.url}}));
        if let Some(attempts) = attempts {
            assert_eq!(client.post("switches", &json!({"think-exam.webhook-attempts": attempts})).status, 200);
        }
        finish(&client, "41");
        assert_eq!(client.post("clock", &json!({"advance": "P1D", "wait": true})).status, 200);
        assert_eq!(receiver.got().len(), expected);
        assert_eq!(client.get("callbacks")["callbacks"][0]["state"], "failed");
    }
}

#[test]
fn of_declared_tests_and_courses_the_others_are_unknown() {
    let (_sandbox, client) = sandbox();
    declare(&client, json!({"tests": [{"test_id": "41"}], "courses": ["CE104"]}));
    client.think_exam("unifiedAuth", &json!({"name": "Ada", "email": "ada@example.com", "courseName": "Free text"}));
    let on = |call: &str, test_id: &str| client.think_exam(call, &json!({"email": "ada@example.com", "testId": test_id})).text;
    assert_eq!((on("assignTest", "42"), on("deassignTest", "42")), (WRONG.to_owned(), WRONG.to_owned()));
    assert!(on("assignTest", "41").contains("success"));
    let many = json!({"email": ["ada@example.com"], "testId": "42"});
    assert_eq!(client.think_exam("assignTestMultiCandidates", &many).text, WRONG);
    client.post("switches", &json!({"think-exam.unknown-target": "accept", "think-exam.known-courses-only": "on"}));
    assert!(on("assignTest", "42").contains("success"));
    let course =
        |name: &str| client.think_exam("unifiedAuth", &json!({"name": "Ada", "email": "ada@example.com", "courseName": name})).text;
    assert!(course("CE104").contains("Login Successfull."));
    assert!(course("CE105").contains("courseName not exist."));
}
