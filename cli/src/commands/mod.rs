//! One file per command: its options, and what it does.

pub mod assign;
pub mod call;
pub mod check;
pub mod explain;
pub mod invite;
pub mod platforms;
pub mod register;
pub mod sandbox;
pub mod sending;
pub mod sign;
