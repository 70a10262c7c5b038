//! Help, version, and wrong usage.

use std::process::Stdio;

use crate::place::Place;

const COMMANDS: [&str; 21] = [
    "invite",
    "plan",
    "apply",
    "check",
    "register",
    "assign",
    "deassign",
    "cancel",
    "reattempt",
    "call",
    "callback",
    "explain",
    "listen",
    "platforms",
    "sign",
    "sandbox",
    "history",
    "status",
    "export",
    "reconcile",
    "doctor",
];

#[test]
fn every_command_shows_an_example() {
    for command in COMMANDS {
        let ended = Place::new().run(&[command, "--help"]).exits(0);
        assert!(ended.output.contains(&format!("Example: bidden {command}")), "{ended}");
    }
}

#[test]
fn wrong_usage_exits_2_and_says_what_was_expected() {
    let place = Place::new();
    place.run(&[]).exits(2);
    place.run(&["no-such-command"]).exits(2).says("no-such-command");
    place.run(&["call"]).exits(2).says("NAME");
    place.run(&["explain", "--on", "no-such-platform", "--status", "none"]).exits(2).says("think-exam");
}

#[test]
fn the_version_is_the_crate_s() {
    assert_eq!(Place::new().run(&["--version"]).exits(0).output, format!("bidden {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn output_into_a_closed_pipe_is_no_crash() {
    for arguments in [&["--help"][..], &["call", "--help"], &["platforms"], &["explain", "--on", "imocha", "--table"]] {
        let place = Place::new();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(0) && errors.is_empty(), "{arguments:?} exit {:?}: {errors}", output.status.code());
    }
}

#[test]
fn a_log_level_that_is_no_level_is_named() {
    Place::new().variable("BIDDEN_LOG", "loud").run(&["call", "--list"]).exits(0).says("BIDDEN_LOG");
}
