//! `bidden call`.

use serde_json::json;

use crate::place::Place;

const INVITE: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;

#[test]
fn a_request_is_printed_and_nothing_is_sent() {
    let ended = Place::new().run(&["call", "imocha.invite", INVITE, "--request"]).exits(0);
    assert_eq!(
        ended.output,
        concat!(
            r#"{"method":"POST","url":"https://apiv3.imocha.io/v3/tests/292930/invite","headers":{"content-type":"application/json"},"#,
            r#""body":"{\"email\":\"ada@example.com\",\"name\":\"Ada Lovelace\",\"sendEmail\":\"no\"}"}"#,
            "\n"
        )
    );
}

#[test]
fn the_request_stands_at_the_given_address() {
    let place = Place::new();
    let arguments = ["call", "imocha.invite", INVITE, "--request", "--base-url", "http://127.0.0.1:1/ns/a/"];
    assert_eq!(place.run(&arguments).exits(0).json()["url"], "http://127.0.0.1:1/ns/a/v3/tests/292930/invite");
    let assign = place.run(&["call", "think_exam.assign_test", r#"{"email":"ada@example.com","test_id":"41"}"#, "--request"]);
    assert_eq!(assign.exits(0).json()["url"], "http://127.0.0.1:8787/api/v1/assignTest");
}

#[test]
fn arguments_come_from_standard_input() {
    let ended = Place::new().run_with_input(&["call", "imocha.invite", "-", "--request"], INVITE).exits(0);
    assert_eq!(ended.json()["method"], "POST");
}

#[test]
fn a_stored_answer_becomes_the_neutral_reply() {
    let place = Place::new();
    let body = json!({"testInvitationId": 2807324, "testUrl": "https://test.imocha.io/x", "status": "Complete"});
    let expected = concat!(
        r#"{"test_invitation_id":2807324,"test_url":"https://test.imocha.io/x","status":"complete","platform_status":"Complete","extra":{}}"#,
        "\n"
    );
    place.write(
        "answer.json",
        &json!({"status": 200, "headers": {"content-type": "application/json"}, "body": body.to_string()}).to_string(),
    );
    assert_eq!(place.run(&["call", "imocha.invite", INVITE, "--reply", "answer.json"]).exits(0).output, expected);
    let stored = json!({"status": 200, "body": body}).to_string();
    assert_eq!(place.run_with_input(&["call", "imocha.invite", INVITE, "--reply", "-"], &stored).exits(0).output, expected);
}

#[test]
fn a_stored_refusal_is_an_error_object_and_one_plain_line() {
    let place = Place::new();
    let stored = json!({"status": 429, "headers": {"retry-after": "2"}, "body": "slow down, ada@example.com"}).to_string();
    let ended = place.run_with_input(&["call", "imocha.invite", INVITE, "--reply", "-"], &stored).exits(1);
    let error = &ended.json()["error"];
    assert_eq!((&error["kind"], &error["http_status"], &error["retry_after"]), (&json!("rate-limited"), &json!(429), &json!(2)));
    assert_eq!(ended.errors.lines().count(), 1, "{ended}");
    ended.says("error: rate-limited").hides("ada@example.com");
}

#[test]
fn every_faulty_field_is_named_and_the_exit_is_2() {
    let ended = Place::new().run(&["call", "imocha.invite", "{}", "--request"]).exits(2);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "invalid-input");
    let fields: Vec<_> = error["fields"].as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["test_id", "email", "name"]);
    assert_eq!(error["platform_code"], json!(null));
}

#[test]
fn a_stored_answer_that_cannot_be_read_is_wrong_usage() {
    let place = Place::new();
    for stored in ["", "[]", r#"{"status":9}"#, r#"{"status":200,"headers":{"a b":"c"}}"#] {
        place.run_with_input(&["call", "imocha.invite", INVITE, "--reply", "-"], stored).exits(2).says("stored answer");
    }
    place.run(&["call", "imocha.invite", INVITE, "--reply", "no-such-file"]).exits(2).says("no-such-file");
}

#[test]
fn nobody_at_an_example_address_is_reached_on_a_live_host() {
    let place = Place::new().variable("BIDDEN_IMOCHA_API_KEY", "a-real-key");
    let ended = place.run(&["call", "imocha.invite", INVITE, "--base-url", "https://imocha.example"]).exits(2);
    assert_eq!(ended.json()["error"]["kind"], "invalid-input");
    ended.says("is an example address").hides("a-real-key");
    let tenantless = place.run(&["call", "think_exam.deassign_test", r#"{"email":"ada@example.com","test_id":"41"}"#]).exits(2);
    tenantless.says("configuration: ").says("BIDDEN_THINK_EXAM_BASE_URL");
}

#[test]
fn the_same_invitation_is_found_again_in_the_sandbox_of_the_folder() {
    let place = Place::new();
    let first = place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0).json();
    let second = place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0).json();
    assert_eq!(first["test_invitation_id"], second["test_invitation_id"]);
    assert_eq!(std::fs::read_to_string(place.path(".bidden/.gitignore")).unwrap(), "*\n");
}

#[test]
fn all_five_calls_reach_the_sandbox() {
    let place = Place::new();
    let sandbox = place.sandbox();
    for (name, arguments) in [
        ("think_exam.bulk_candidate_register", r#"{"candidates":[{"name":"Ada","email":"ada@example.com"}]}"#),
        ("think_exam.assign_test", r#"{"email":"ada@example.com","test_id":"41"}"#),
        ("think_exam.deassign_test", r#"{"email":"ada@example.com","test_id":"41"}"#),
        ("imocha.invite", INVITE),
        ("testinvite.create_candidate", r#"{"task_id":"task-1"}"#),
    ] {
        place.run(&["call", name, arguments, "--base-url", &sandbox.url]).exits(0).json();
    }
}

#[test]
fn a_key_that_is_not_accepted_is_unauthorized_and_not_shown_at_any_log_level() {
    let place = Place::new().variable("BIDDEN_IMOCHA_API_KEY", "sandbox-wrong-key").variable("BIDDEN_LOG", "trace");
    let sandbox = place.sandbox();
    let ended = place.run(&["call", "imocha.invite", INVITE, "--base-url", &sandbox.url]).exits(1);
    assert_eq!(ended.json()["error"]["kind"], "unauthorized");
    ended.says("unauthorized").says("DEBUG bidden").hides("sandbox-wrong-key").hides("ada@example.com");
}

#[test]
fn a_platform_that_is_down_is_unavailable() {
    // Port 9 of loopback: nobody listens there.
    let call = r#"{"email":"ada@example.com","test_id":"41"}"#;
    let ended = Place::new().run(&["call", "think_exam.deassign_test", call, "--base-url", "http://127.0.0.1:9"]).exits(1);
    assert_eq!(ended.json()["error"]["kind"], "unavailable");
}

#[test]
fn the_list_names_every_call() {
    let place = Place::new();
    let listed = place.run(&["call", "--list"]).exits(0);
    assert_eq!(listed.output.lines().count(), bidden::CALLS.len() + 1, "{listed}");
    let first = place.run(&["call", "--list", "--json"]).exits(0);
    assert_eq!(first.output.lines().count(), bidden::CALLS.len());
    place.run(&["call", "imocha.no_such_call", "{}", "--request"]).exits(2).says("imocha.invite");
}
