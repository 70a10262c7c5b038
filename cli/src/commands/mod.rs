//! One file per command: its options, and what it does.

pub mod apply;
pub mod assign;
pub mod call;
pub mod callback;
pub mod cancel;
pub mod check;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod history;
pub mod invite;
pub mod listen;
pub mod plan;
pub mod platforms;
pub mod reconcile;
pub mod register;
pub mod review;
pub mod sandbox;
pub mod sending;
pub mod sign;
pub mod status;
