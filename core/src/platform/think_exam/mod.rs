//! Think Exam, API under `/api/v1`. Reference: `docs/platforms/think-exam.md`.
//!
//! There is no default address: each tenant has its own, and none is printed by the vendor (choice 7). How `ak`, `sgn` and
//! `ts` are made is [`crate::sign`]'s.

mod assign;
pub mod lifecycle;
mod register;
mod reply;

pub use assign::{ASSIGNED, AssignTest, Assigned, DEASSIGNED, DeassignTest, Deassigned};
pub use register::{BulkCandidateRegister, DEFAULT_PICTURE, LOGGED_IN, REGISTERED, Registered, RegisteredCandidate, Registration};
pub use reply::SANDBOX_AUTH;
#[cfg(feature = "engine")]
pub use reply::{refusal, something_went_wrong, unsigned};
