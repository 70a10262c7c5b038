//! The uniqueness of TestInvite's candidates through HTTP: every row of `docs/platforms/testinvite.md` section 3.3, and the
//! switches that change four of them.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Client, sandbox};
use serde_json::{Value, json};

const TOKEN: [(&str, &str); 2] = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];

/// One side of a row: `id/scope`, then `g:`, `l:`, `p:` for group, labels, programs. `-` is no tracking, `@id` an internal one.
fn body(text: &str) -> Value {
    let mut parts = text.split_whitespace();
    let first = parts.next().unwrap();
    let mut body = match (first.strip_prefix('@'), first.split_once('/')) {
        (Some(user), _) => json!({"kind": "internal-candidate", "id": user}),
        (None, Some((id, scope))) => json!({"kind": "temporary-candidate", "tracking": {"uniqId": id, "scope": scope}}),
        (None, None) if first == "-" => json!({"kind": "temporary-candidate"}),
        (None, None) => json!({"kind": "temporary-candidate", "tracking": {"uniqId": first}}),
    };
    for part in parts {
        let (name, values) = part.split_once(':').unwrap();
        let list: Vec<&str> = values.split(',').collect();
        match name {
            "g" => body["group"] = json!(values),
            "l" => body["labels"] = json!(list),
            _ => body["programIds"] = json!(list),
        }
    }
    body
}

/// Row, E, N, whether N is allowed. Rows 21, 25 and 26 have tests of their own.
const ROWS: [(&str, &str, &str, bool); 24] = [
    ("1", "u1/task", "-", true),
    ("2", "-", "u1/task", true),
    ("3", "u1/labels l:a", "u1", false),
    ("4", "u1/task g:A", "u1/task g:B", false),
    ("5", "u1/group g:A", "u1/group g:A", false),
    ("6", "u1/group g:A", "u1/group g:B", true),
    ("7", "u1/group", "u1/group", false),
    ("7 literal", "u1/group", "u1/group g:default", false),
    ("8", "u1/group", "u1/group g:A", true),
    ("9", "u1/labels l:a,b", "u1/labels l:b,c", false),
    ("10", "u1/labels l:a", "u1/labels l:b", true),
    ("11", "u1/labels l:a,b", "u1/labels l:b,a", false),
    ("12", "u1/labels", "u1/labels", true),
    ("13", "u1/labels l:a", "u1/labels", true),
    ("14", "u1/programs p:p,q", "u1/programs p:q", false),
    ("15", "u1/programs p:p", "u1/programs p:q", true),
    ("16", "u1/programs", "u1/programs", true),
    ("17", "u1/task g:A", "u1/group g:B", true),
    ("18", "u1/group g:A", "u1/task g:B", false),
    ("19", "u1/labels l:a g:A", "u1/labels l:a g:B", false),
    ("20", "U1/task", "u1/task", true),
    ("22", "@u-1001", "ada/task", false),
    ("23", "ada/task", "@u-1001", false),
    ("24", "@u-1001", "@u-1001 g:B", false),
];

fn walk(client: &Client, name: &str, differs: &[&str]) {
    for (row, existing, new, allowed) in ROWS {
        let task = format!("{name}-{}", row.replace(' ', "-"));
        let made = client.testinvite(&task, &body(existing));
        assert_eq!(made.status, 200, "row {row}: {existing}: {}", made.text);
        let reply = client.testinvite(&task, &body(new));
        let expected = allowed && !differs.contains(&row);
        assert_eq!(reply.status, if expected { 200 } else { 403 }, "{name}, row {row}: {existing} then {new}: {}", reply.text);
        // Rule R12: a refused create has no effect.
        assert_eq!(client.invitations(&format!("?test={task}")).len(), 1 + usize::from(expected), "row {row}");
    }
}

fn switch(client: &Client, name: &str, value: &str) {
    let reply = client.post("switches", &json!({ name: value }));
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[test]
fn every_row_of_the_table_holds() {
    let (_sandbox, client) = sandbox();
    walk(&client, "default", &[]);
}

#[test]
fn row_21_another_task_is_another_space() {
    let (_sandbox, client) = sandbox();
    assert_eq!(client.testinvite("one", &body("u1/task")).status, 200);
    assert_eq!(client.testinvite("two", &body("u1/task")).status, 200);
}

#[test]
fn row_25_a_deleted_candidate_frees_its_id() {
    let (_sandbox, client) = sandbox();
    let made = client.testinvite("t", &body("u1/task")).json();
    let path = format!("/api/integration/rest/v1/tasks/t/candidates/{}", made["candidateId"].as_str().unwrap());
    assert_eq!(client.send("DELETE", &path, &TOKEN, "").status, 200);
    assert_eq!(client.testinvite("t", &body("u1/task")).status, 200);
}

#[test]
fn row_26_the_current_group_and_labels_count() {
    let (_sandbox, client) = sandbox();
    let made = client.testinvite("t", &body("u1/group g:A l:a")).json();
    let path = format!("/api/integration/rest/v1/tasks/t/candidates/{}", made["candidateId"].as_str().unwrap());
    let change = json!({"fields": {"group": "B", "labels": {"add": ["b"], "remove": ["a"]}}});
    assert_eq!(client.send("PATCH", &path, &TOKEN, &change.to_string()).status, 200);
    assert_eq!(client.testinvite("t", &body("u1/group g:B")).status, 403, "the new group is taken");
    assert_eq!(client.testinvite("t", &body("u1/labels l:b")).status, 403, "the new label is taken");
    assert_eq!(client.testinvite("t", &body("u1/labels l:a")).status, 200, "the label that was taken away is free");
    assert_eq!(client.testinvite("t", &body("u1/group g:A")).status, 200, "the old group is free");
    assert_eq!(client.testinvite("t", &body("u1/task")).status, 403, "the task is not");
}

#[test]
fn a_change_is_not_checked_again() {
    let (_sandbox, client) = sandbox();
    assert_eq!(client.testinvite("t", &body("u1/group g:A")).status, 200);
    let made = client.testinvite("t", &body("u1/group g:B")).json();
    let path = format!("/api/integration/rest/v1/tasks/t/candidates/{}", made["candidateId"].as_str().unwrap());
    assert_eq!(client.send("PATCH", &path, &TOKEN, r#"{"fields":{"group":"A"}}"#).status, 200, "two of one group stand side by side");
    assert_eq!(client.send("DELETE", &path, &TOKEN, "").status, 200);
    assert_eq!(client.testinvite("t", &body("u1/group g:A")).status, 403, "the other still holds it");
}

#[test]
fn empty_scope_sets_refused_turns_rows_12_13_and_16() {
    let (_sandbox, client) = sandbox();
    switch(&client, "empty-scope-sets", "refuse");
    walk(&client, "empty", &["12", "13", "16"]);
    assert_eq!(client.testinvite("other-side", &body("u1/labels")).status, 200);
    assert_eq!(client.testinvite("other-side", &body("u1/labels l:a")).status, 403, "an empty list on either side");
}

#[test]
fn the_existing_scope_counting_turns_row_17() {
    let (_sandbox, client) = sandbox();
    switch(&client, "existing-scope-counts", "on");
    walk(&client, "existing", &["17"]);
}

#[test]
fn another_default_group_is_the_group_of_those_without_one() {
    let (_sandbox, client) = sandbox();
    switch(&client, "default-group", "Everybody");
    assert_eq!(client.testinvite("t", &body("u1/group")).status, 200);
    assert_eq!(client.testinvite("t", &body("u1/group g:Everybody")).status, 403);
    assert_eq!(client.testinvite("t", &body("u1/group g:default")).status, 200);
    let list = client.send("GET", "/api/integration/rest/v1/tasks/t/candidates?mode=detailed", &TOKEN, "").json();
    assert_eq!(list["candidates"][0]["group"], "Everybody");
}

#[test]
fn a_duplicate_is_refused_with_the_status_of_the_switch() {
    let (_sandbox, client) = sandbox();
    client.testinvite("t", &body("u1"));
    for status in ["400", "409", "403"] {
        switch(&client, "duplicate-status", status);
        let reply = client.testinvite("t", &body("u1"));
        assert_eq!((reply.status.to_string().as_str(), &reply.json()["error"]["code"]), (status, &json!("duplicate-candidate")));
    }
}
