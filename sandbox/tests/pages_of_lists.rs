//! Lists a page at a time, and what they cost among many.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use bidden_sandbox::{Options, Place, Sandbox};
use common::{Client, sandbox};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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

/// As the tables have it: the first eight bytes of a digest over the texts.
fn digest(texts: &[&str]) -> i64 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
        hash.update([0]);
    }
    i64::from_be_bytes(hash.finalize()[..8].try_into().unwrap())
}

/// Puts so many invitations beside the first one, straight into the tables.
fn fill(path: &std::path::Path, many: i64) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    let transaction = connection.transaction().unwrap();
    let record: String = transaction.query_row("SELECT record FROM invitations WHERE number = 1", [], |row| row.get(0)).unwrap();
    let mut insert =
        transaction.prepare("INSERT INTO invitations (id, platform, email, test, rests, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
    for number in 0..many {
        let (platform, slug) = [(0, "imocha"), (1, "think-exam"), (2, "testinvite")][usize::try_from(number % 3).unwrap()];
        let email = format!("c{number}@example.com");
        // A hundred tests, and one that is rare.
        let test = if number % 1_000_000 == 3 { "rare".to_owned() } else { (number % 100).to_string() };
        let text = record
            .replace("first@example.com", &email)
            .replace(r#""platform":"imocha""#, &format!(r#""platform":"{slug}""#))
            .replace(r#""test_id":"1""#, &format!(r#""test_id":"{test}""#))
            .replace("2807324", &format!("filled-{number}"));
        let rests = (platform == 0).then_some(number);
        insert
            .execute(rusqlite::params![format!("filled-{number}"), platform, digest(&[&email]), digest(&[slug, &test]), rests, text])
            .unwrap();
    }
    drop(insert);
    let log = "INSERT INTO requests (at, method, path, body, status) VALUES (0, 'POST', '/v3/tests/1/invite', '{}', 200)";
    let mail = format!(
        r#"INSERT INTO messages (record) VALUES ('{}')"#,
        r#"{"to":"a@example.com","cc":[],"platform":"imocha","kind":"invitation","invitation_id":"1","sent_at":"2026-03-01T12:00:00Z","subject":"S"}"#
    );
    for _ in 0..many.min(100_000) {
        transaction.prepare_cached(log).unwrap().execute([]).unwrap();
        transaction.prepare_cached(&mail).unwrap().execute([]).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn a_page_among_millions_of_invitations_takes_no_time() {
    const PATIENCE: Duration = Duration::from_millis(200);
    let many = if std::env::var_os("BIDDEN_SOAK").is_some() { 5_000_000 } else { 50_000 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.db");
    let start = || Sandbox::start(Options { place: Place::File(path.clone()), ..Options::in_memory() }).unwrap();
    let sandbox = start();
    Client::of(sandbox.url()).imocha(1, &json!({"email": "first@example.com", "name": "First"}));
    sandbox.stop();
    fill(&path, many);

    let begun = Instant::now();
    let sandbox = start();
    let client = Client::of(sandbox.url());
    client.get("health");
    let mut took = vec![("opening".to_owned(), begun.elapsed())];
    let middle = many / 2;
    for (list, member, least) in [
        ("invitations?limit=100".to_owned(), "invitations", 100),
        (format!("invitations?limit=100&after={middle}"), "invitations", 100),
        (format!("invitations?limit=100&after={middle}&platform=testinvite"), "invitations", 100),
        (format!("invitations?limit=100&after={middle}&test=7"), "invitations", 100),
        (format!("invitations?limit=100&after={middle}&test=7&platform=imocha"), "invitations", 50),
        ("invitations?test=rare".to_owned(), "invitations", 1),
        ("invitations?test=nothing".to_owned(), "invitations", 0),
        (format!("invitations?email=c{middle}@example.com"), "invitations", 1),
        ("invitations?email=nobody@example.com".to_owned(), "invitations", 0),
        ("candidates?limit=100".to_owned(), "candidates", 100),
        (format!("candidates?limit=100&after=i{middle}"), "candidates", 100),
        ("candidates?limit=100&after=s0".to_owned(), "candidates", 0),
        ("outbox?limit=100&after=20000".to_owned(), "messages", 100),
        ("requests?limit=100&after=20000".to_owned(), "requests", 100),
    ] {
        let begun = Instant::now();
        let found = client.get(&list)[member].as_array().unwrap().len();
        took.push((list.clone(), begun.elapsed()));
        assert!(found >= least, "{list}: {found}");
    }
    let begun = Instant::now();
    assert_eq!(client.imocha(1, &json!({"email": "new@example.com", "name": "New"})).status, 200);
    took.push(("an invite".to_owned(), begun.elapsed()));
    println!("{many} invitations: {took:?}");
    for (question, duration) in took {
        assert!(duration < PATIENCE, "{question} took {duration:?}");
    }
}
