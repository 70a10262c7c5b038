//! Think Exam's switches through HTTP: what each of them changes, and that its default does not.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden::Time;
use common::{Client, Reply, sandbox};
use serde_json::{Value, json};

const ASSIGNED: &str = r#"{"result":"success","success":{"code":"200","msg":"Test is assigned and mail has been sent successfully"}}"#;
const DEASSIGNED: &str = r#"{"result":"success","success":{"code":"200","msg":"Test successfully deassigned from the candidate"}}"#;
const WRONG: &str = r#"{"result":"error","error":{"code":"3100","msg":"Something went wrong"}}"#;
const NO_RECORD: &str = r#"{"result":"no_record","error":{"code":"3100","msg":"Something went wrong"}}"#;
const CHANGED: &str = r#"{"result":"success","success":{"code":"200","msg":"Password change successfull."}}"#;

fn set(client: &Client, name: &str, value: &str) {
    let reply = client.post("switches", &json!({ format!("think-exam.{name}"): value }));
    assert_eq!(reply.status, 200, "{}", reply.text);
}

fn register(client: &Client, email: &str) -> Value {
    client.think_exam("unifiedAuth", &json!({"name": "Ada", "email": email, "password": "p4ssword"})).json()
}

fn target() -> Value {
    json!({"email": "ada@example.com", "testId": "41", "isMailEnable": "1"})
}

fn assign(client: &Client) -> String {
    client.think_exam("assignTest", &target()).text
}

fn deassign(client: &Client) -> String {
    client.think_exam("deassignTest", &json!({"email": "ada@example.com", "testId": "41"})).text
}

fn error(code: &str, msg: &str) -> String {
    format!(r#"{{"result":"error","error":{{"code":"{code}","msg":"{msg}"}}}}"#)
}

/// Brings the one assignment there is to an event.
fn attempt(client: &Client, event: &str) {
    let id = client.invitations("")[0]["invitation_id"].as_str().unwrap().to_owned();
    assert_eq!(client.attempt(&id, event).status, 200);
}

fn status(client: &Client) -> String {
    client.invitations("")[0]["status"].as_str().unwrap().to_owned()
}

#[test]
fn verify_signature_asks_for_all_for_presence_or_for_nothing() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let now: Time = std::time::SystemTime::now().into();
    let headers = [("ak", "anybody"), ("sgn", "anything"), ("ts", "whenever")];
    let with = |headers: &[(&str, &str)]| client.send("POST", "/api/v1/assignTest", headers, &target().to_string());
    assert_eq!(client.signed("assignTest", &target(), "another", now).status, 401);
    set(&client, "verify-signature", "presence");
    assert_eq!(with(&headers).text, ASSIGNED);
    assert_eq!(with(&headers[..2]).status, 401);
    set(&client, "verify-signature", "off");
    assert_eq!(with(&[]).text, ASSIGNED);
}

#[test]
fn signature_window_says_how_old_a_triple_may_be() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let now: Time = std::time::SystemTime::now().into();
    let early = |seconds: i64| client.signed("assignTest", &target(), "sandbox-secret", Time::from_seconds(now.seconds() - seconds)).status;
    assert_eq!((early(100), early(2000)), (200, 401));
    set(&client, "signature-window", "60");
    assert_eq!(early(100), 401);
    set(&client, "signature-window", "3600");
    assert_eq!(early(2000), 200);
}

#[test]
fn auth_status_is_the_status_of_a_refused_signature() {
    let (_sandbox, client) = sandbox();
    let now: Time = std::time::SystemTime::now().into();
    for (value, status) in [("401", 401), ("403", 403), ("200", 200)] {
        set(&client, "auth-status", value);
        let reply = client.signed("assignTest", &target(), "another", now);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (status, &json!("SANDBOX_AUTH")), "{}", reply.text);
    }
}

#[test]
fn error_status_is_the_status_of_every_documented_error() {
    let (_sandbox, client) = sandbox();
    for (value, status) in [("200", 200), ("400", 400), ("422", 422)] {
        set(&client, "error-status", value);
        let seen = |reply: Reply, text: &str| assert_eq!((reply.status, reply.text.as_str()), (status, text));
        seen(client.think_exam("assignTest", &json!({"testId": "41"})), &error("3095", "email is required."));
        seen(client.think_exam("assignTest", &target()), WRONG);
        seen(client.think_exam("unifiedAuth", &json!({"name": "Ada"})), &error("3023", "email should not be blank"));
        seen(client.think_exam("bulkCandidateRegister", &json!([{"name": "Ada"}])), &error("3084", "email not exist."));
        assert_eq!(client.think_exam("assignTest", &json!([])).status, 400, "a status of its own stays");
    }
}

#[test]
fn field_name_style_writes_the_key_or_its_words() {
    let (_sandbox, client) = sandbox();
    set(&client, "field-name-style", "words");
    assert_eq!(client.think_exam("assignTest", &json!({"email": "ada@example.com"})).text, error("3095", "Test Id is required."));
    assert_eq!(client.think_exam("unifiedAuth", &json!({"email": "ada@example.com"})).text, error("3023", "Name should not be blank"));
    set(&client, "known-courses-only", "on");
    let body = json!({"name": "Ada", "email": "ada@example.com", "courseName": "CE104"});
    assert_eq!(client.think_exam("unifiedAuth", &body).text, error("3084", "Course Name not exist."));
}

#[test]
fn blank_is_missing_or_names_nobody() {
    let (_sandbox, client) = sandbox();
    let blank = json!({"email": " ", "testId": "41"});
    let many = json!({"email": ["ada@example.com", ""], "testId": null});
    assert_eq!(client.think_exam("assignTest", &blank).text, error("3095", "email is required."));
    assert_eq!(client.think_exam("assignTestMultiCandidates", &many).text, error("3095", "email is required."));
    set(&client, "blank-is-missing", "off");
    register(&client, "ada@example.com");
    assert_eq!(client.think_exam("assignTest", &blank).text, WRONG);
    assert_eq!(client.think_exam("deassignTest", &json!({"email": "ada@example.com", "testId": ""})).text, WRONG);
    assert_eq!(client.think_exam("assignTestMultiCandidates", &many).text, WRONG);
    assert_eq!(client.think_exam("assignTest", &json!({"testId": "41"})).text, error("3095", "email is required."), "absent stays missing");
    assert_eq!(client.invitations(""), Vec::<Value>::new());
}

#[test]
fn absent_field_code_tells_absent_from_blank_or_not() {
    let (_sandbox, client) = sandbox();
    let absent = json!([{"email": "ada@example.com"}]);
    assert_eq!(client.think_exam("bulkCandidateRegister", &absent).text, error("3084", "name not exist."));
    set(&client, "absent-field-code", "3023");
    assert_eq!(client.think_exam("bulkCandidateRegister", &absent).text, error("3023", "name should not be blank"));
}

#[test]
fn bulk_partial_answers_a_faulty_element_in_its_place() {
    let (_sandbox, client) = sandbox();
    set(&client, "bulk-partial", "on");
    let reply = client.think_exam(
        "bulkCandidateRegister",
        &json!([{"name": "Ada", "email": "ada@example.com"}, {"name": "Bob"}, {"name": " ", "email": "eve@example.com"}, {"name": "Zoë", "email": "zoe@example.com"}]),
    );
    let array = reply.json()["responseArray"].as_array().unwrap().clone();
    assert_eq!(array[1].to_string(), json!({"error": {"code": "3084", "msg": "email not exist."}, "result": "error"}).to_string());
    assert_eq!(array[2]["error"]["msg"], "name should not be blank");
    assert_eq!((&array[0]["data"]["studentId"], &array[3]["data"]["studentId"]), (&json!(85_640_001), &json!(85_640_002)));
    assert_eq!(client.get("candidates")["candidates"].as_array().unwrap().len(), 2);
    assert!(reply.text.ends_with(r#""result":"Success"}"#), "{}", reply.text);
}

#[test]
fn unknown_target_is_an_error_or_accepted() {
    let (_sandbox, client) = sandbox();
    assert_eq!(assign(&client), WRONG);
    set(&client, "unknown-target", "accept");
    assert_eq!(assign(&client), ASSIGNED);
    assert_eq!((status(&client).as_str(), client.outbox().len()), ("Pending", 1));
    assert_eq!(deassign(&client), DEASSIGNED);
    assert_eq!(deassign(&client), WRONG, "accepting whom nobody knows makes no assignment");
}

#[test]
fn multi_partial_assigns_those_who_are_known() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let many = json!({"email": ["nobody@example.com", "ada@example.com", "Ada@Example.com"], "testId": "41", "isMailEnable": "1"});
    assert_eq!(client.think_exam("assignTestMultiCandidates", &many).text, WRONG);
    assert_eq!((client.invitations("").len(), client.outbox().len()), (0, 0));
    set(&client, "multi-partial", "on");
    assert_eq!(client.think_exam("assignTestMultiCandidates", &many).text, ASSIGNED);
    assert_eq!((client.invitations("").len(), client.outbox().len()), (1, 1), "one address twice is one assignment and one mail");
}

#[test]
fn reassign_is_ignored_or_refused() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assert_eq!((assign(&client).as_str(), assign(&client).as_str()), (ASSIGNED, ASSIGNED));
    set(&client, "reassign", "refuse");
    assert_eq!(assign(&client), WRONG);
    attempt(&client, "start");
    assert_eq!(assign(&client), WRONG);
    attempt(&client, "finish");
    assert_eq!(assign(&client), ASSIGNED, "what is over is another switch's");
    assert_eq!(client.outbox().len(), 2);
}

#[test]
fn deassign_missing_is_refused_or_succeeds() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assert_eq!(deassign(&client), WRONG);
    set(&client, "deassign-missing", "succeed");
    assert_eq!(deassign(&client), DEASSIGNED);
    assert_eq!((assign(&client).as_str(), deassign(&client).as_str(), deassign(&client).as_str()), (ASSIGNED, DEASSIGNED, DEASSIGNED));
    assert_eq!(status(&client), "Cancelled");
}

#[test]
fn deassign_started_keeps_the_result_or_takes_it_back() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assign(&client);
    attempt(&client, "start");
    assert_eq!((deassign(&client).as_str(), status(&client).as_str()), (WRONG, "In Progress"));
    attempt(&client, "finish");
    assert_eq!((deassign(&client).as_str(), status(&client).as_str()), (WRONG, "Complete"));
    set(&client, "deassign-started", "allow");
    assert_eq!((deassign(&client).as_str(), status(&client).as_str()), (DEASSIGNED, "Cancelled"));
}

#[test]
fn strict_flags_refuses_what_is_neither_0_nor_1() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let body = json!({"email": "ada@example.com", "testId": "41", "isMailEnable": "yes", "isPasswordSkip": true});
    assert_eq!(client.think_exam("assignTest", &body).text, WRONG);
    set(&client, "strict-flags", "off");
    assert_eq!(client.think_exam("assignTest", &body).text, ASSIGNED);
    assert_eq!(client.outbox(), [], "what is no 1 counts as 0");
}

#[test]
fn login_checks_password_only_when_switched_on() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let other = json!({"name": "Ada", "email": "ada@example.com", "password": "other"});
    assert_eq!(client.think_exam("unifiedAuth", &other).json()["success"]["msg"], "Login Successfull.");
    set(&client, "login-checks-password", "on");
    assert_eq!(client.think_exam("unifiedAuth", &other).text, WRONG);
    assert_eq!(client.think_exam("unifiedAuth", &json!({"name": "Ada", "email": "ada@example.com"})).text, WRONG);
    assert_eq!(client.think_exam("bulkCandidateRegister", &json!([other])).text, WRONG);
    assert_eq!(register(&client, "ada@example.com")["success"]["msg"], "Login Successfull.");
}

#[test]
fn login_updates_changes_what_it_names_but_no_password() {
    let (_sandbox, client) = sandbox();
    let first = register(&client, "ada@example.com");
    let named =
        json!({"name": "Ada Lovelace", "email": "ada@example.com", "password": "other", "enrollment_number": "E-7", "profilePic": "x"});
    assert_eq!(client.think_exam("unifiedAuth", &named).json()["data"], first["data"]);
    set(&client, "login-updates", "on");
    let data = client.think_exam("unifiedAuth", &named).json()["data"].clone();
    assert_eq!((&data["studentId"], &data["enrollmentNo"]), (&first["data"]["studentId"], &json!("E-7")));
    assert!(data["profilePic"].as_str().unwrap().ends_with("/1/student/profile/85640001.jpeg"), "{data}");
    let login = client.send("POST", "/api/v1/checkLogin", &[], r#"{"email":"ada@example.com","password":"cDRzc3dvcmQ="}"#).json();
    assert_eq!(login["data"]["name"], "Ada Lovelace");
}

#[test]
fn known_courses_only_refuses_a_course_that_is_not_declared() {
    let (_sandbox, client) = sandbox();
    let named = |course: &str| json!({"name": "Ada", "email": "ada@example.com", "courseName": course});
    assert_eq!(client.think_exam("unifiedAuth", &named("Anything")).status, 200);
    set(&client, "known-courses-only", "on");
    assert_eq!(client.think_exam("unifiedAuth", &named("CE104")).text, error("3084", "courseName not exist."));
    assert_eq!(client.think_exam("bulkCandidateRegister", &json!([named("CE104")])).text, error("3084", "courseName not exist."));
    set(&client, "bulk-partial", "on");
    let reply = client.think_exam("bulkCandidateRegister", &json!([named("CE104"), {"name": "Bob", "email": "bob@example.com"}])).json();
    assert_eq!((&reply["responseArray"][0]["error"]["code"], &reply["responseArray"][1]["result"]), (&json!("3084"), &json!("success")));
}

fn change(client: &Client, old: &str, new: &str) -> String {
    client.think_exam("changeStudentPassword", &json!({"email": "ada@example.com", "oldPassword": old, "newPassword": new})).text
}

fn login(client: &Client, password: &str, headers: &[(&str, &str)]) -> Reply {
    let body = json!({"email": "Ada@example.com", "password": password}).to_string();
    client.send("POST", "/api/v1/checkLogin", headers, &body)
}

#[test]
fn password_encoding_reads_passwords_plain_or_in_base64() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    set(&client, "password-encoding", "base64");
    assert_eq!(change(&client, "p4ssword", "new"), WRONG, "the old one is read as base64 and is another");
    assert_eq!(change(&client, "cDRzc3dvcmQ=", "?"), WRONG, "no base64");
    assert_eq!(change(&client, "cDRzc3dvcmQ=", "bmV3"), CHANGED);
    assert_eq!(login(&client, "bmV3", &[]).json()["result"], "success");
    set(&client, "password-encoding", "plain");
    assert_eq!(change(&client, "new", "newer"), CHANGED);
    assert_eq!(login(&client, "bmV3", &[]).text, NO_RECORD);
}

#[test]
fn require_custom_header_refuses_a_login_without_it() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    let named = [("Custom-Header", r#"{ "name": "tenant.example" }"#)];
    assert_eq!(login(&client, "cDRzc3dvcmQ=", &[]).json()["result"], "success");
    set(&client, "require-custom-header", "on");
    assert_eq!(login(&client, "cDRzc3dvcmQ=", &[]).text, WRONG);
    assert_eq!(login(&client, "cDRzc3dvcmQ=", &[("Custom-Header", "tenant.example")]).text, WRONG, "its value is JSON");
    assert_eq!(login(&client, "cDRzc3dvcmQ=", &named).json()["result"], "success");
}

#[test]
fn repeat_mail_mails_a_repeat_or_not() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assert_eq!((assign(&client).as_str(), assign(&client).as_str(), client.outbox().len()), (ASSIGNED, ASSIGNED, 2));
    set(&client, "repeat-mail", "off");
    assert_eq!((assign(&client).as_str(), client.outbox().len()), (ASSIGNED, 2));
    assert_eq!(
        (deassign(&client).as_str(), assign(&client).as_str(), client.outbox().len()),
        (DEASSIGNED, ASSIGNED, 3),
        "a new one is no repeat"
    );
}

#[test]
fn assign_after_attempt_is_ignored_reopens_or_is_refused() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assign(&client);
    attempt(&client, "start");
    attempt(&client, "leave");
    assert_eq!((assign(&client).as_str(), status(&client).as_str(), client.outbox().len()), (ASSIGNED, "Test Left", 1));
    set(&client, "assign-after-attempt", "refuse");
    assert_eq!((assign(&client).as_str(), status(&client).as_str()), (WRONG, "Test Left"));
    set(&client, "assign-after-attempt", "reopen");
    assert_eq!((assign(&client).as_str(), status(&client).as_str(), client.outbox().len()), (ASSIGNED, "Pending", 2));
    attempt(&client, "start");
}

#[test]
fn passwords_and_tokens_are_never_shown() {
    let (_sandbox, client) = sandbox();
    register(&client, "ada@example.com");
    assign(&client);
    assert_eq!(change(&client, "p4ssword", "hunter2"), CHANGED);
    let session = login(&client, "aHVudGVyMg==", &[]).json();
    assert_eq!(session["ACCESS_TOKEN"].as_str().unwrap().len(), 428);
    assert_eq!(session["LARAVEL_TOKEN"].as_str().unwrap().len(), 88);
    let token = session["ACCESS_TOKEN"].as_str().unwrap();
    assert_eq!(session["data"]["redirectionUrl"], format!("{}/autoLogin/{token}", client.url));
    for page in ["requests", "candidates", "invitations", "outbox"] {
        let shown = client.get(page).to_string();
        for hidden in ["p4ssword", "hunter2", "aHVudGVyMg", token] {
            assert!(!shown.contains(hidden), "{page} shows {hidden}: {shown}");
        }
    }
}
