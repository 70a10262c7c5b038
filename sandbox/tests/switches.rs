//! The platforms' switches: set, kept, reset, and printed.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::path::Path;

use bidden::Platform;
use bidden::engine::Dialect;
use bidden_sandbox::{Options, Place, Sandbox};
use common::{Client, sandbox};
use serde_json::{Value, json};

fn value(client: &Client, platform: &str, name: &str) -> Value {
    let shown = client.get("switches");
    let rows = shown["switches"].as_array().unwrap();
    rows.iter().find(|row| row["platform"] == platform && row["name"] == name).unwrap()["value"].clone()
}

#[test]
fn every_switch_is_shown_with_what_it_is_and_could_be() {
    let (_sandbox, client) = sandbox();
    let shown = client.get("switches");
    assert_eq!(shown["switches"].as_array().unwrap().len(), Dialect::table().count());
    for row in shown["switches"].as_array().unwrap() {
        assert_eq!(row["value"], row["default"], "{row}");
    }
}

#[test]
fn a_switch_that_cannot_be_set_says_why_and_sets_no_other() {
    let (_sandbox, client) = sandbox();
    for (wanted, reason) in [
        (json!({"imocha.repeat-mail": "off", "imocha.dance": "on"}), "there is no switch"),
        (json!({"imocha.repeat-mail": "off", "testinvite.duplicate-status": "402"}), "403, 400, 409"),
        (json!({"imocha.repeat-mail": "off", "other.repeat-mail": "on"}), "there is no platform"),
    ] {
        let reply = client.post("switches", &wanted);
        assert!(reply.status == 409 && reply.text.contains(reason), "{wanted}: {} {}", reply.status, reply.text);
        assert_eq!(value(&client, "imocha", "repeat-mail"), "on");
    }
    assert_eq!(client.post("switches", &json!({"imocha.repeat-mail": false})).status, 400);
}

#[test]
fn switches_go_back_to_what_the_start_said() {
    let switches = vec![("testinvite.duplicate-status".to_owned(), "409".to_owned())];
    let sandbox = Sandbox::start(Options { switches, ..Options::in_memory() }).unwrap();
    let client = Client::of(sandbox.url());
    let inside = Client::of(&format!("{}/ns/a", client.url));
    for (client, ways_back) in [(&client, ["DELETE", "POST"]), (&inside, ["POST", "DELETE"])] {
        for way_back in ways_back {
            assert_eq!(value(client, "testinvite", "duplicate-status"), "409");
            assert_eq!(client.post("switches", &json!({"repeat-mail": "off", "duplicate-status": "400"})).status, 200);
            assert_eq!(value(client, "think-exam", "repeat-mail"), "off");
            let path = if way_back == "DELETE" { "/_sandbox/switches" } else { "/_sandbox/reset" };
            assert_eq!(client.send(way_back, path, &[], "").status, 200);
            assert_eq!(value(client, "think-exam", "repeat-mail"), "on");
            assert_eq!(value(client, "testinvite", "duplicate-status"), "409");
        }
    }
    let wrong = Options { switches: vec![("imocha.dance".to_owned(), "on".to_owned())], ..Options::in_memory() };
    assert_eq!(Sandbox::start(wrong).unwrap_err().kind(), bidden::Kind::Configuration);
}

#[test]
fn switches_survive_a_restart_and_the_start_overrules_them() {
    let folder = tempfile::tempdir().unwrap();
    let start = |switches: &[(&str, &str)]| {
        let place = Place::File(folder.path().join("sandbox.db"));
        let switches = switches.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sandbox::start(Options { place, switches, ..Options::in_memory() }).unwrap()
    };
    let sandbox = start(&[]);
    let client = Client::of(sandbox.url());
    client.post("switches", &json!({"imocha.repeat-mail": "off", "testinvite.duplicate-status": "400"}));
    sandbox.stop();
    let sandbox = start(&[("testinvite.duplicate-status", "409")]);
    let client = Client::of(sandbox.url());
    assert_eq!(value(&client, "imocha", "repeat-mail"), "off");
    assert_eq!(value(&client, "testinvite", "duplicate-status"), "409");
    // A switch that is off is felt, not only shown.
    let ada = json!({"email": "ada@example.com", "name": "Ada", "sendEmail": "yes"});
    client.imocha(1, &ada);
    client.imocha(1, &ada);
    assert_eq!(client.outbox().len(), 1);
}

/// The page, from the one table.
fn page() -> String {
    let mut text = String::from(
        "# Switches of the sandbox\n\n\
         Where a platform's documentation is silent or has changed, the sandbox answers by a choice that its reference states. Some of the\n\
         choices can be switched: `bidden sandbox --switch NAME=VALUE`, `POST /_sandbox/switches` with `{\"NAME\":\"VALUE\"}`. A name that\n\
         stands with more than one platform is set on all of them, or on one as `PLATFORM.NAME`. Switches are kept in the database;\n\
         `DELETE /_sandbox/switches` and `POST /_sandbox/reset` set them to what the command line said, else to their defaults.\n\n\
         This page is written by `make docs` from the table that the rules read.\n",
    );
    for platform in Platform::ALL {
        write!(text, "\n## {}\n\n| switch | values | default | what it changes | basis |\n|---|---|---|---|---|\n", platform.title())
            .unwrap();
        for row in Dialect::table().filter(|row| row.platform == platform) {
            let (name, values, default) = (row.name, row.values.to_string(), row.default);
            writeln!(
                text,
                "| `{name}` | {} | {default} | {} | {} |",
                values.replace('|', "\\|"),
                row.about.replace('|', "\\|"),
                row.source
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn the_committed_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/switches.md");
    let page = page();
    if std::env::var_os("BIDDEN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, page, "docs/switches.md differs from the table; `make docs` writes it");
}
