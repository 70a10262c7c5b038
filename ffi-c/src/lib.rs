//! The C ABI of bidden. The page of conventions stands in `conventions.h` and at the top of `include/bidden.h`.
//!
//! Nothing is decided here: each function converts, calls `bidden`, and converts back. [`memory`] is the one module with
//! unsafe code; [`boundary`](boundary::boundary) is the one way in, and no panic gets out of it.
#![allow(non_camel_case_types)]

mod boundary;
mod call;
#[cfg(feature = "client")]
mod callback;
mod candidate;
#[cfg(feature = "client")]
mod capability;
#[cfg(feature = "client")]
mod client;
mod error;
#[cfg(feature = "ledger")]
mod ledger;
mod lifecycle;
mod log;
#[cfg(feature = "ledger")]
mod many;
mod memory;
mod numbers;
mod options;
#[cfg(feature = "ledger")]
mod outcome;
#[cfg(feature = "ledger")]
mod plan;
mod reply;
mod request;
mod sign;
mod string;
#[cfg(feature = "testing")]
mod testing;
mod time;
mod typed;
mod version;
