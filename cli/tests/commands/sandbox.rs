//! `bidden sandbox` and `--sandbox`.

use std::process::Command;

use crate::place::Place;

const INVITE: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;

#[test]
fn the_ready_file_holds_address_and_credentials_in_one_line() {
    let place = Place::new();
    let sandbox = place.sandbox();
    let text = std::fs::read_to_string(place.path("ready.json")).unwrap();
    assert_eq!(
        text,
        format!(
            concat!(
                r#"{{"url":"{}","imocha_api_key":"sandbox-key","testinvite_token":"sandbox-token","#,
                r#""think_exam_api_key":"sandbox-ak","think_exam_secret":"sandbox-secret"}}"#,
                "\n"
            ),
            sandbox.url
        )
    );
}

#[test]
fn a_command_uses_the_sandbox_that_has_the_data_open() {
    let place = Place::new();
    let sandbox = place.sandbox_with(&[]);
    let ended = place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0);
    ended.says(&sandbox.url).says("open already");
    let id = ended.json()["test_invitation_id"].clone();
    drop(sandbox);
    // The first one was killed; what it answered is there, and what it left behind misleads nobody.
    assert_eq!(place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0).json()["test_invitation_id"], id);
}

#[test]
#[cfg(unix)]
fn a_termination_signal_stops_it_in_order() {
    let place = Place::new();
    let mut sandbox = place.sandbox_with(&[]);
    assert!(Command::new("kill").args(["-TERM", &sandbox.child.id().to_string()]).status().unwrap().success());
    assert_eq!(sandbox.child.wait().unwrap().code(), Some(0));
    assert!(!place.path(".bidden/sandbox.db.address").exists());
}

#[test]
fn a_port_that_is_taken_is_configuration_with_a_way_out() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    place.run(&["sandbox", "--listen", &address, "--database", ":memory:"]).exits(2).says(&address).says("--listen 127.0.0.1:0");
    place.run(&["sandbox", "--listen", "8787"]).exits(2).says("127.0.0.1:8787");
}

#[test]
fn a_file_that_is_no_sandbox_s_data_is_storage() {
    let place = Place::new();
    place.write(
        "notes.txt",
        "These are notes, and far more than a hundred bytes of them would be needed to look like a database of any kind.",
    );
    place.run(&["sandbox", "--listen", "127.0.0.1:0", "--database", "notes.txt"]).exits(3).says("storage").says("--database");
}
