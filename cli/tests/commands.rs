//! The real binary: what it prints, where, and with which exit code.
// A helper of tests says what it expects as a test does; clippy takes it for shipped code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "commands/configuration.rs"]
mod configuration;
#[path = "commands/door.rs"]
mod door;
#[path = "commands/explain.rs"]
mod explain;
#[path = "commands/help.rs"]
mod help;
#[path = "commands/place.rs"]
mod place;
#[path = "commands/sandbox.rs"]
mod sandbox;
#[path = "commands/sign.rs"]
mod sign;
