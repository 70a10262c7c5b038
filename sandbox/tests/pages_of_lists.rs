//! Lists a page at a time, and what they cost among many.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Client, sandbox};
use serde_json::{Value, json};

fn some_of_everything(client: &Client) {
    for number in 0..7 {
        let email = format!("c{number}@example.com");
        client.imocha(1 + number % 2, &json!({"email": email, "name": "C", "sendEmail": "yes"}));
        client.imocha(3, &json!({"email": email, "name": "C"}));
        client.think_exam("bulkCandidateRegister", &json!([{"name": "C", "email": email}]));
        client.think_exam("assignTest", &json!({"email": email, "testId": "1"}));
        client.testinvite("1", &json!({"kind": "temporary-candidate", "email": email}));
    }
    client.imocha(3, &json!({"name": "No Address", "email": "c0@example.com"}));
}

/// All pages of a list, one after the other.
fn pages(client: &Client, list: &str, member: &str, filter: &str, limit: usize) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{list}?limit={limit}{filter}{after}"));
        let found = page[member].as_array().unwrap();
        assert!(found.len() <= limit);
        rows.extend(found.iter().cloned());
        match &page["next"] {
            Value::String(next) => after = format!("&after={next}"),
            next => {
                assert!(page.as_object().unwrap().contains_key("next") && next.is_null(), "{page}");
                return rows;
            }
        }
    }
}

#[test]
fn pages_hold_together_what_the_whole_list_holds() {
    let (_sandbox, client) = sandbox();
    some_of_everything(&client);
    for (list, member) in [("invitations", "invitations"), ("candidates", "candidates"), ("outbox", "messages"), ("requests", "requests")] {
        let whole = client.get(list);
        assert!(!whole.as_object().unwrap().contains_key("next"), "{list}");
        let rows = whole[member].as_array().unwrap();
        assert!(rows.len() >= 7, "{list}: {}", rows.len());
        for limit in [1, 2, 3, 7, 100] {
            assert_eq!(pages(&client, list, member, "", limit), *rows, "{list} by {limit}");
        }
    }
}

#[test]
fn filters_hold_on_every_page() {
    let (_sandbox, client) = sandbox();
    some_of_everything(&client);
    let all = client.invitations("");
    for (filter, fits) in [
        ("platform=imocha", (|row| row["platform"] == "imocha") as fn(&Value) -> bool),
        ("platform=think-exam", |row| row["platform"] == "think-exam"),
        ("test=1", |row| row["test_id"] == "1"),
        ("test=1&platform=testinvite", |row| row["test_id"] == "1" && row["platform"] == "testinvite"),
        ("email=C3@Example.com", |row| row["email"] == "c3@example.com"),
        ("email=c3@example.com&test=3", |row| row["email"] == "c3@example.com" && row["test_id"] == "3"),
        ("email=nobody@example.com", |_| false),
        ("test=nothing", |_| false),
    ] {
        let expected: Vec<Value> = all.iter().filter(|row| fits(row)).cloned().collect();
        assert_eq!(client.invitations(&format!("?{filter}")), expected, "{filter}");
        assert_eq!(pages(&client, "invitations", "invitations", &format!("&{filter}"), 2), expected, "{filter}");
    }
}

#[test]
fn a_page_that_cannot_be_is_refused_with_what_is_expected() {
    let (_sandbox, client) = sandbox();
    for (path, reason) in [
        ("invitations?limit=0", "1 to 10000"),
        ("outbox?limit=10001", "1 to 10000"),
        ("requests?limit=x", "1 to 10000"),
        ("requests?after=x", "`next`"),
        ("candidates?after=5", "`next`"),
        ("candidates?after=", "`next`"),
        ("candidates?after=%C3%A9", "`next`"),
        ("outbox?email=a", "limit and after"),
        ("invitations?name=a", "platform, test, email"),
        ("invitations?platform=other", "imocha, think-exam or testinvite"),
    ] {
        let reply = client.send("GET", &format!("/_sandbox/{path}"), &[], "");
        assert!(reply.status == 400 && reply.text.contains(reason), "{path}: {} {}", reply.status, reply.text);
    }
}
