//! docs/openapi.json is what the sandbox serves, and has every call and every path of the control plane.

use std::collections::BTreeSet;

use bidden::CALLS;
use bidden_sandbox::{Options, Sandbox};
use bidden_tests::root;
use serde_json::Value;

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build())
}

fn served(path: &str) -> Value {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let mut response = agent().get(format!("{}{path}", sandbox.url())).call().unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[test]
fn the_committed_document_is_what_the_sandbox_serves() {
    let path = root().join("docs/openapi.json");
    let document = serde_json::to_string_pretty(&served("/openapi.json")).unwrap() + "\n";
    if std::env::var_os("BIDDEN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == document, "docs/openapi.json differs from what the sandbox serves; `make docs` writes it");
}

#[test]
fn a_namespace_serves_the_document_of_its_own_paths() {
    let document = served("/ns/team-a/openapi.json");
    assert_eq!(document["servers"][0]["url"], "/ns/team-a");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_call_has_an_operation_and_every_operation_of_a_platform_is_a_call() {
    let document = served("/openapi.json");
    let of_platforms: BTreeSet<_> = operations(&document)
        .into_iter()
        .filter(|(.., operation)| operation["tags"][0] != "sandbox")
        .map(|(path, method, operation)| (operation["operationId"].as_str().unwrap().to_owned(), method.to_uppercase(), path.to_owned()))
        .collect();
    let calls: BTreeSet<_> = CALLS.iter().map(|row| (row.name.to_owned(), row.method.to_owned(), row.path.to_owned())).collect();
    assert_eq!(of_platforms, calls);
}

#[test]
fn every_path_of_the_control_plane_has_an_operation_and_every_operation_is_served() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let document = served("/openapi.json");
    let operations = operations(&document);
    // The words that the server's own match has.
    let source = std::fs::read_to_string(root().join("sandbox/src/server.rs")).unwrap();
    let arms = source.split("match rest {").nth(1).unwrap().split("_ => {").next().unwrap();
    let words: BTreeSet<_> = arms
        .lines()
        .filter_map(|line| line.strip_prefix("        \""))
        .flat_map(|line| {
            format!("\"{}", line.split("=>").next().unwrap()).split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|word| !word.contains(' '))
        .collect();
    assert!(words.len() > 10, "{words:?}");
    for word in words {
        let path = format!("/_sandbox/{word}");
        assert!(operations.iter().any(|(known, ..)| *known == path), "{path} has no operation");
    }
    for (path, method, _) in operations.iter().filter(|(.., operation)| operation["tags"][0] == "sandbox") {
        if path.ends_with("/events") {
            continue;
        }
        let url = format!("{}{}", sandbox.url(), path.replace("{event}", "start").replace(['{', '}'], ""));
        let request = http::Request::builder().method(method.to_uppercase().as_str()).uri(url).body(Vec::new()).unwrap();
        let mut response = agent().run(request).unwrap();
        let body = response.body_mut().read_to_vec().unwrap();
        assert_ne!(response.status(), 405, "{method} {path}");
        assert!(!String::from_utf8_lossy(&body).contains("there is no such path"), "{method} {path}");
    }
}
