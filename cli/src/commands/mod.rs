//! One file per command: its options, and what it does.

pub mod call;
pub mod explain;
pub mod platforms;
pub mod sandbox;
pub mod sign;
