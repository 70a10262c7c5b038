//! Namespaces: isolated copies of the sandbox below `/ns/{name}/`.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use bidden_sandbox::{Options, Place, Sandbox};
use common::{Client, sandbox};
use serde_json::{Value, json};

fn names(client: &Client) -> Vec<String> {
    let listed = client.get("namespaces");
    listed["namespaces"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn inside(client: &Client, name: &str) -> Client {
    Client::of(&format!("{}/ns/{name}", client.url))
}

#[test]
fn twenty_namespaces_used_at_once_do_not_see_one_another() {
    let (_sandbox, root) = sandbox();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let client = inside(&root, &format!("test-{number}"));
            scope.spawn(move || {
                let time = format!("20{:02}-01-01T00:00:00Z", 30 + number);
                client.stand_at(&time);
                if number % 2 == 0 {
                    assert_eq!(client.post("switches", &json!({"imocha.repeat-mail": "off"})).status, 200);
                }
                let people = 5 + number;
                for person in 0..people {
                    // The same addresses everywhere: a leak would find them invited already.
                    let invited = client.imocha(1, &json!({"email": format!("c{person}@example.com"), "name": "C", "sendEmail": "yes"}));
                    assert_eq!(invited.status, 200, "{}", invited.text);
                    assert_eq!(invited.json()["testInvitationId"], 2_807_324 + person);
                    client.think_exam("bulkCandidateRegister", &json!([{"name": "C", "email": format!("c{person}@example.com")}]));
                }
                assert_eq!(client.attempt("2807324", "start").status, 200);
                client.post("faults", &json!({"preset": "rate-limited", "count": 1 + number}));
                assert_eq!(client.imocha(1, &json!({"email": "late@example.com", "name": "L"})).status, 429);
            });
        }
    });
    for number in 0..20_i64 {
        let client = inside(&root, &format!("test-{number}"));
        let people = usize::try_from(5 + number).unwrap();
        assert_eq!(client.get("clock")["now"], format!("20{:02}-01-01T00:00:00Z", 30 + number));
        assert_eq!(client.invitations("").len(), people);
        assert_eq!(client.invitations("?email=c0@example.com")[0]["status"], "In Progress");
        assert_eq!(client.outbox().len(), people);
        assert_eq!(client.get("requests")["requests"].as_array().unwrap().len(), 2 * people + 1);
        assert_eq!(client.get("faults")["faults"][0]["count"], 1 + number);
        let switches = client.get("switches");
        let repeat =
            switches["switches"].as_array().unwrap().iter().find(|row| row["name"] == "repeat-mail" && row["platform"] == "imocha");
        assert_eq!(repeat.unwrap()["value"], if number % 2 == 0 { "off" } else { "on" });
    }
    assert_eq!(root.invitations(""), Vec::<Value>::new());
    assert_eq!(root.get("requests"), json!({"requests": []}));
    assert_eq!(root.get("clock")["now"], common::START);
    assert_eq!(names(&root).len(), 20);
}

#[test]
fn a_candidates_address_leads_back_into_its_namespace() {
    let (_sandbox, root) = sandbox();
    let client = inside(&root, "a");
    let invited = client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"})).json();
    let url = invited["testUrl"].as_str().unwrap();
    let path = url.strip_prefix(&root.url).unwrap();
    assert!(path.starts_with("/ns/a/IMInstructions?"), "{url}");
    assert_eq!(root.send("GET", path, &[], "").status, 200);
    let outside = path.strip_prefix("/ns/a").unwrap();
    assert_eq!(root.send("GET", outside, &[], "").status, 404);
    assert_eq!(client.invitations("")[0]["test_url"], url);
    assert_eq!(client.get("requests")["requests"][0]["path"], "/v3/tests/1/invite");
    assert!(client.send("GET", "/", &[], "").status == 200 && root.send("GET", "/ns/a", &[], "").status == 200);
}

#[test]
fn a_signed_call_passes_and_a_wrong_signature_is_explained() {
    let (_sandbox, root) = sandbox();
    let client = inside(&root, "a");
    let people = json!([{"name": "Ada", "email": "ada@example.com"}]);
    let registered = client.think_exam("bulkCandidateRegister", &people);
    assert_eq!(registered.status, 200, "{}", registered.text);
    let refused = client.signed("bulkCandidateRegister", &people, "sandbox-other", std::time::SystemTime::now().into());
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("wrong-secret"), "{}", refused.text);
}

#[test]
fn a_name_is_letters_digits_and_two_signs() {
    let (_sandbox, root) = sandbox();
    let longest = "x".repeat(64);
    for good in ["a", "A", "Test_1-b", &longest] {
        assert_eq!(inside(&root, good).get("health")["status"], "ok", "{good}");
    }
    let too_long = "x".repeat(65);
    for bad in ["", ".", "..", "a.b", "a%20b", "%2e%2e", "a+b", &too_long] {
        let reply = root.send("GET", &format!("/ns/{bad}/_sandbox/health"), &[], "");
        assert_eq!(reply.status, 400, "{bad}: {}", reply.text);
        assert!(reply.json()["error"].as_str().unwrap().contains("1 to 64 characters"), "{}", reply.text);
    }
    assert_eq!(names(&root), ["A", "Test_1-b", "a", &longest]);
}

#[test]
fn a_removed_namespace_begins_anew() {
    let (_sandbox, root) = sandbox();
    let client = inside(&root, "a");
    client.imocha(1, &json!({"email": "ada@example.com", "name": "Ada"}));
    let delete = |name: &str| root.send("DELETE", &format!("/_sandbox/namespaces/{name}"), &[], "");
    assert_eq!(delete("a").json(), json!({"removed": "a"}));
    assert_eq!(delete("a").status, 404);
    assert_eq!(names(&root), Vec::<String>::new());
    assert_eq!(client.invitations(""), Vec::<Value>::new());
    assert_eq!(names(&root), ["a"]);
}

#[test]
fn the_control_plane_of_a_namespace_is_as_closed_as_the_other() {
    let (_sandbox, root) = sandbox();
    let client = inside(&root, "a");
    assert_eq!(client.send("POST", "/_sandbox/reset", &[("host", "evil.example")], "").status, 403);
    assert_eq!(client.send("POST", "/_sandbox/reset", &[("origin", "http://evil.example")], "").status, 403);
    assert_eq!(client.send("POST", "/_sandbox/clock", &[("content-type", "text/plain")], "{}").status, 415);
    assert_eq!(root.send("GET", "/_sandbox/namespaces", &[("host", "evil.example")], "").status, 403);
    assert_eq!(root.send("DELETE", "/_sandbox/namespaces/a", &[("origin", "http://evil.example")], "").status, 403);
    assert_eq!(root.send("POST", "/_sandbox/namespaces", &[], "").status, 405);
    assert_eq!(root.send("GET", "/_sandbox/namespaces/a", &[], "").status, 405);
    // None of them knows the others.
    assert_eq!(client.send("GET", "/_sandbox/namespaces", &[], "").status, 404);
}

#[test]
fn a_namespace_survives_a_restart_and_is_listed_before_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Sandbox::start(Options { place: Place::File(folder.path().join("sandbox.db")), ..Options::in_memory() }).unwrap();
    let sandbox = start();
    let root = Client::of(sandbox.url());
    for name in ["a", "A"] {
        inside(&root, name).imocha(1, &json!({"email": format!("{name}@example.com"), "name": "Ada"}));
    }
    let before = inside(&root, "a").get("requests");
    sandbox.stop();
    let sandbox = start();
    let root = Client::of(sandbox.url());
    assert_eq!(names(&root), ["A", "a"]);
    assert_eq!(inside(&root, "a").get("requests"), before);
    assert_eq!(inside(&root, "A").invitations("")[0]["email"], "A@example.com");
    root.send("DELETE", "/_sandbox/namespaces/a", &[], "");
    root.send("DELETE", "/_sandbox/namespaces/A", &[], "");
    assert_eq!(std::fs::read_dir(folder.path().join("sandbox.db.ns")).unwrap().count(), 0);
}

#[test]
fn a_credential_that_is_not_a_sandboxs_is_refused_with_the_reason_everywhere() {
    let (_sandbox, root) = sandbox();
    for client in [inside(&root, "a"), Client::of(&root.url)] {
        let tasks = "/api/integration/rest/v1/tasks/t/candidates";
        for (path, header, value, reason) in [
            ("/v3/tests/1/invite", "x-api-key", "live-8f2c", "begin with sandbox-"),
            ("/v3/tests/1/invite", "x-api-key", "sandbox-other", "is not accepted"),
            ("/v3/tests/1/invite", "x-other", "1", "is missing"),
            (tasks, "authorization", "Bearer live-8f2c", "begin with sandbox-"),
            (tasks, "authorization", "Bearer sandbox-other", "is not accepted"),
            (tasks, "x-other", "1", "is missing"),
        ] {
            let reply = client.send("POST", path, &[(header, value)], "{}");
            assert!(reply.status == 401 && reply.text.contains(reason), "{path} {value}: {} {}", reply.status, reply.text);
            assert!(!reply.text.contains("8f2c"), "{}", reply.text);
        }
        // Think Exam's says which check failed.
        let triple = [("ak", "live-8f2c"), ("sgn", "0"), ("ts", "0")];
        let reply = client.send("POST", "/api/v1/assignTest", &triple, "{}");
        assert!(reply.status == 401 && reply.text.contains("wrong-ak"), "{}", reply.text);
    }
}
