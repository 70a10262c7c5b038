//! Think Exam through HTTP: registration, the assignment's states, signatures.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden::Time;
use common::{Client, sandbox};
use serde_json::{Value, json};

const ASSIGNED: &str = r#"{"result":"success","success":{"code":"200","msg":"Test is assigned and mail has been sent successfully"}}"#;
const DEASSIGNED: &str = r#"{"result":"success","success":{"code":"200","msg":"Test successfully deassigned from the candidate"}}"#;
const WRONG: &str = r#"{"result":"error","error":{"code":"3100","msg":"Something went wrong"}}"#;

fn register(client: &Client, email: &str) -> Value {
    let reply = client.think_exam("bulkCandidateRegister", &json!([{"name": "Ada", "email": email}]));
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["responseArray"][0].clone()
}

fn assign(client: &Client, mail: &str) -> String {
    client.think_exam("assignTest", &json!({"email": "ada@example.com", "testId": "41", "isMailEnable": mail, "isPasswordSkip": "0"})).text
}

fn deassign(client: &Client) -> String {
    client.think_exam("deassignTest", &json!({"email": "Ada@Example.com", "testId": "41"})).text
}

#[test]
fn the_same_address_registers_once_and_logs_in_afterwards() {
    let (_sandbox, client) = sandbox();
    let body = json!([
        {"name": "Ada", "email": "ada@example.com"},
        {"name": "Bob", "email": "bob@example.com", "enrollment_number": "E-7", "profilePic": "x"},
        {"name": "Ada again", "email": " ADA@example.com "}
    ]);
    let reply = client.think_exam("bulkCandidateRegister", &body);
    let answer = reply.json();
    assert!(reply.text.starts_with(r#"{"responseArray":[{"result":"success","success":{"msg":"Registration Successfull."},"data":{"studentId":85640001,"enrollmentNo":"GW3001","#), "{}", reply.text);
    assert!(reply.text.ends_with(r#"],"result":"Success"}"#), "{}", reply.text);
    let array = &answer["responseArray"];
    assert_eq!((&array[1]["data"]["studentId"], &array[1]["data"]["enrollmentNo"]), (&json!(85_640_002), &json!("E-7")));
    assert_eq!((&array[2]["success"]["msg"], &array[2]["data"]["studentId"]), (&json!("Login Successfull."), &json!(85_640_001)));
    assert_eq!(array[0]["laravelToken"].as_str().unwrap().len(), 88);
    assert_eq!(register(&client, "carol@example.com")["data"]["enrollmentNo"], "GW3002");
    assert_eq!(register(&client, "carol@example.com")["success"]["msg"], "Login Successfull.");
    assert_eq!(client.get("candidates")["candidates"].as_array().unwrap().len(), 3);
    assert_eq!(client.outbox(), []);
}

#[test]
fn a_faulty_element_keeps_all_of_them_out() {
    let (_sandbox, client) = sandbox();
    let reply = client.think_exam("bulkCandidateRegister", &json!([{"name": "Ada", "email": "ada@example.com"}, {"name": "Bob"}]));
    assert_eq!(reply.text, r#"{"result":"error","error":{"code":"3084","msg":"email not exist."}}"#);
    assert_eq!(client.get("candidates"), json!({"candidates": []}));
}

#[test]
fn an_unknown_address_cannot_be_assigned() {
    let (_sandbox, client) = sandbox();
    assert_eq!(assign(&client, "1"), WRONG);
    assert_eq!(deassign(&client), WRONG);
    assert_eq!((client.invitations(""), client.outbox()), (vec![], vec![]));
}

#[test]
fn the_states_of_an_assignment_follow_the_table() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assert_eq!(deassign(&client), WRONG, "not assigned");
    assert_eq!(assign(&client, "0"), ASSIGNED);
    assert_eq!(client.outbox().len(), 0, "the text says mail, but none was asked for");
    assert_eq!(assign(&client, "1"), ASSIGNED);
    assert_eq!(assign(&client, "1"), ASSIGNED);
    assert_eq!(client.outbox().len(), 2, "a repeat mails again");
    assert_eq!(deassign(&client), DEASSIGNED);
    assert_eq!(deassign(&client), WRONG);
    assert_eq!(assign(&client, "0"), ASSIGNED);
    let invitations = client.invitations("?platform=think-exam");
    assert_eq!((invitations.len(), &invitations[0]["status"]), (1, &json!("Pending")));
    let id = invitations[0]["invitation_id"].as_str().unwrap();
    assert_eq!(client.attempt(id, "finish").status, 409);
    assert_eq!(client.attempt(id, "start").json()["status"], "In Progress");
    assert_eq!(client.attempt(id, "start").status, 409);
    assert_eq!(deassign(&client), WRONG, "begun");
    assert_eq!(assign(&client, "1"), ASSIGNED);
    assert_eq!(client.attempt(id, "finish").json()["status"], "Complete");
    assert_eq!(assign(&client, "1"), ASSIGNED);
    assert_eq!(deassign(&client), WRONG, "the result is kept");
    assert_eq!((client.outbox().len(), &client.invitations("")[0]["status"]), (2, &json!("Complete")));
}

#[test]
fn a_bad_signature_is_explained_without_the_secret() {
    let (_sandbox, client) = sandbox();
    let body = json!({"email": "ada@example.com", "testId": "41"});
    let now: Time = std::time::SystemTime::now().into();
    let wrong = client.signed("assignTest", &body, "another", now);
    let answer = wrong.json();
    assert_eq!((wrong.status, &answer["error"]["code"]), (401, &json!("SANDBOX_AUTH")), "{}", wrong.text);
    assert_eq!(answer["error"]["explain"]["hints"], json!(["wrong-secret"]));
    assert!(!wrong.text.contains("sandbox-secret"));
    let early = client.signed("assignTest", &body, "sandbox-secret", Time::from_seconds(now.seconds() - 3600));
    assert_eq!(early.json()["error"]["explain"]["ts_offset_s"].as_i64().map(|offset| offset / 10), Some(-360), "{}", early.text);
    client.stand_at("2030-01-01T00:00:00Z");
    assert_eq!(client.signed("assignTest", &body, "sandbox-secret", now).text, WRONG, "time travel locks nobody out");
}

#[test]
fn a_handed_out_triple_is_accepted() {
    let (_sandbox, client) = sandbox();
    let triple = client.post("signature", &json!({"ak": "sandbox-ak"})).json();
    let word = |name: &str| triple[name].as_str().unwrap();
    let headers = [("ak", word("ak")), ("sgn", word("sgn")), ("ts", word("ts"))];
    let reply = client.send("POST", "/api/v1/bulkCandidateRegister", &headers, "[]");
    assert_eq!(reply.text, r#"{"responseArray":[],"result":"Success"}"#);
    assert_eq!(client.post("signature", &json!({"ak": "unknown"})).status, 404);
    assert_eq!(client.send("POST", "/api/v1/nowhere", &headers, "[]").text, WRONG);
    let reply = client.send("GET", "/api/v1/assignTest", &headers, "");
    assert_eq!((reply.status, reply.text.as_str()), (405, WRONG));
}
