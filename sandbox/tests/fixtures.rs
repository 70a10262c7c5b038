//! What is declared of the platforms.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden_sandbox::{Options, Place, Sandbox, read_fixtures};
use common::{Client, sandbox};
use serde_json::{Value, json};

fn candidates() -> Value {
    json!({"candidates": [
        {"call": "imocha.invite", "arguments": {"test_id": 1, "email": "ada@example.com", "name": "Ada", "send_email": true}, "then": ["start", "finish"]},
        {"call": "imocha.invite", "arguments": {"test_id": 1, "email": "bob@example.com", "name": "Bob"}},
        {"call": "think_exam.bulk_candidate_register", "arguments": {"candidates": [{"name": "Cy", "email": "cy@example.com"}]}},
        {"call": "think_exam.assign_test", "arguments": {"test_id": "41", "email": "cy@example.com"}},
        {"call": "testinvite.create_candidate",
         "arguments": {"task_id": "t", "kind": "temporary-candidate", "email": "di@example.com", "price": {"amount": "12.10", "currency": "EUR"}}},
    ]})
}

#[test]
fn declared_candidates_are_there_and_nobody_was_mailed() {
    let (_sandbox, client) = sandbox();
    let reply = client.post("fixtures", &candidates());
    assert_eq!(reply.status, 200, "{}", reply.text);
    let shown: Vec<_> = client.invitations("").iter().map(|it| (it["email"].clone(), it["status"].clone())).collect();
    let expected = [("ada", "Complete"), ("bob", "Pending"), ("cy", "Pending"), ("di", "Pending")];
    assert_eq!(shown, expected.map(|(name, status)| (json!(format!("{name}@example.com")), json!(status))));
    assert_eq!(client.outbox(), []);
    assert_eq!(client.get("requests"), json!({"requests": []}));
    // The rules know them.
    let again = client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    assert_eq!(again.json()["testInvitationId"], 2_807_324);
    // The digits of a price stay.
    let details = client.send("GET", "/_sandbox/invitations?email=di@example.com", &[], "").text;
    assert!(details.contains("12.10"), "{details}");
}

#[test]
fn fixtures_are_shown_as_they_stand_and_declared_twice_they_change_nothing() {
    let (_sandbox, client) = sandbox();
    let first = client.post("fixtures", &candidates());
    assert_eq!(first.json(), client.get("fixtures"));
    assert_eq!(first.json()["candidates"][0]["then"], json!(["start", "finish"]));
    let before = client.get("invitations");
    assert_eq!(client.post("fixtures", &first.json()).status, 200);
    assert_eq!(client.get("invitations"), before);
    // One more makes that one alone.
    let mut more = candidates();
    more["candidates"]
        .as_array_mut()
        .unwrap()
        .push(json!({"call": "imocha.invite", "arguments": {"test_id": 2, "email": "eve@example.com", "name": "Eve"}}));
    assert_eq!(client.post("fixtures", &more).status, 200);
    assert_eq!(client.invitations("").len(), 5);
}

#[test]
fn what_cannot_be_declared_is_named_with_its_place_and_nothing_of_it_stays() {
    let (_sandbox, client) = sandbox();
    client.imocha(1, &json!({"email": "zoe@example.com", "name": "Zoe"}));
    let before = [client.get("invitations"), client.get("fixtures"), client.get("candidates")];
    let good = candidates()["candidates"].clone();
    for (body, status, place) in [
        (json!({"imocha": {"tests": [{"test_id": 1}, {"test_id": "x"}]}}), 400, "imocha.tests[1].test_id: "),
        (json!({"other": {}}), 400, "unknown field `other`"),
        (json!({"testinvite": {"tasks": [{}]}}), 400, "testinvite.tasks[0]: missing field"),
        (json!([]), 400, "a JSON object is expected"),
        (json!({"testinvite": {"tasks": [{"task_id": "t"}, {"task_id": "t"}]}}), 400, "testinvite.tasks: task_id t stands twice"),
        (
            json!({"testinvite": {"tasks": [{"task_id": "t", "steps": [{"id": "s", "webcam_recording": "HD"}]}]}}),
            400,
            "testinvite.tasks[0].steps[0].webcam_recording: “HD” is not one of NONE, PHOTO, VIDEO",
        ),
        (json!({"testinvite": {"users": [{"user_id": "", "username": "a"}]}}), 400, "testinvite.users[0].user_id: it must not be empty"),
        (json!({"think-exam": {"webhook": {"url": "receiver"}}}), 400, "think-exam.webhook.url: an address"),
        (json!({"candidates": [good[0], {"call": "imocha.dance", "arguments": {}}]}), 409, "candidates[1]: "),
        (json!({"candidates": [good[0], good[1], {"call": "imocha.invite", "arguments": {"test_id": 1}}]}), 409, "candidates[2]: "),
        (json!({"candidates": [good[0], {"call": "imocha.cancel", "arguments": {"test_invitation_id": 5}}]}), 409, "candidates[1]: "),
        (
            json!({"candidates": [{"call": "imocha.invite", "arguments": {"test_id": 1, "email": "a@example.com", "name": "A"}, "then": ["finish"]}]}),
            409,
            "candidates[0]: then[0]: ",
        ),
        (
            json!({"candidates": [{"call": "imocha.invite", "arguments": {"test_id": 1, "email": "a@example.com", "name": "A"}, "then": ["dance"]}]}),
            409,
            "candidates[0]: then[0]: there is no event",
        ),
    ] {
        let reply = client.post("fixtures", &body);
        assert_eq!(reply.status, status, "{body}: {}", reply.text);
        assert!(reply.json()["error"].as_str().unwrap().contains(place), "{body}: {}", reply.text);
        assert_eq!([client.get("invitations"), client.get("fixtures"), client.get("candidates")], before, "{body}");
    }
    // The numbers that a refused declaration had counted are given out again.
    let next = client.imocha(1, &json!({"email": "ann@example.com", "name": "Ann"})).json();
    assert_eq!(next["testInvitationId"], 2_807_325);
    assert!(read_fixtures(b"{").unwrap_err().starts_with("EOF while parsing"), "{:?}", read_fixtures(b"{"));
    assert!(read_fixtures(b"").unwrap_err().contains("line 1"), "{:?}", read_fixtures(b""));
    assert!(read_fixtures(b"\xef\xbb\xbf{}").is_ok(), "some editors put a byte order mark in front");
    assert!(read_fixtures(b"{} {}").unwrap_err().contains("trailing"), "{:?}", read_fixtures(b"{} {}"));
}

#[test]
fn what_the_documentation_declares_is_taken() {
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fixtures.md")).unwrap();
    let examples: Vec<&str> = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 4);
    for example in &examples {
        let (_sandbox, client) = sandbox();
        let reply = client.post("fixtures", &serde_json::from_str(example).unwrap());
        assert_eq!(reply.status, 200, "{example}: {}", reply.text);
    }
    // Every member of what can be declared stands on the page.
    let (_sandbox, client) = sandbox();
    for at in ["imocha.tests", "imocha.tests.links", "think-exam.tests", "testinvite.tasks", "testinvite.tasks.steps", "testinvite.users"] {
        let mut wrong = json!({"?": 0});
        for name in at.rsplit('.') {
            wrong = if name == "imocha" || name == "think-exam" || name == "testinvite" {
                json!({name: wrong})
            } else {
                json!({name: [wrong]})
            };
        }
        let reason = client.post("fixtures", &wrong).json()["error"].as_str().unwrap().to_owned();
        let names: Vec<&str> = reason.split('`').skip(3).step_by(2).collect();
        assert!(reason.contains("unknown field") && !names.is_empty(), "{at}: {reason}");
        for name in names {
            assert!(page.contains(&format!("`{name}`")) || page.contains(&format!("\"{name}\"")), "{at}: {name} is not on the page");
        }
    }
}

#[test]
fn fixtures_of_the_start_come_back_after_a_reset_and_posted_ones_do_not() {
    let start = read_fixtures(candidates().to_string().as_bytes()).unwrap();
    let sandbox = Sandbox::start(Options { fixtures: Some(start), ..Options::in_memory() }).unwrap();
    let client = Client::of(sandbox.url());
    let started = client.get("fixtures");
    assert_eq!(client.invitations("").len(), 4);
    // Each namespace begins with them too.
    assert_eq!(Client::of(&format!("{}/ns/a", client.url)).invitations("").len(), 4);
    client.attempt("2807325", "start");
    assert_eq!(client.post("fixtures", &json!({})).json()["candidates"], json!([]));
    assert_eq!(client.invitations("").len(), 4);
    client.post("reset", &json!({}));
    assert_eq!(client.get("fixtures"), started);
    assert_eq!(client.invitations("?email=bob@example.com")[0]["status"], "Pending");
}

#[test]
fn fixtures_survive_a_restart_and_a_file_that_stays_the_same_makes_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("sandbox.db"));
    let fixtures = read_fixtures(candidates().to_string().as_bytes()).unwrap();
    let start = |fixtures| Sandbox::start(Options { place: place.clone(), fixtures, ..Options::in_memory() }).unwrap();
    let sandbox = start(Some(fixtures.clone()));
    let before = Client::of(sandbox.url()).get("fixtures");
    sandbox.stop();
    for again in [None, Some(fixtures)] {
        let sandbox = start(again);
        let client = Client::of(sandbox.url());
        assert_eq!(client.get("fixtures"), before);
        assert_eq!(client.invitations("").len(), 4);
        sandbox.stop();
    }
    let wrong = read_fixtures(br#"{"candidates":[{"call":"imocha.invite","arguments":{"test_id":1}}]}"#).unwrap();
    let error = Sandbox::start(Options { fixtures: Some(wrong), ..Options::in_memory() }).unwrap_err();
    assert_eq!(error.kind(), bidden::Kind::Configuration);
    assert!(error.to_string().contains("candidates[0]"), "{error}");
}
