//! The durable record of invitations: *intent durable → send → outcome durable*, for one person as for a million rows.
//!
//! None of the three platforms is known to offer an idempotency key on its invite call, so a lost answer, a crash or an
//! impatient second run would mail real people twice. This crate keeps the law: **per invitation at most one request that asks
//! the platform for mail ever leaves**, unless the user says otherwise, and the record proves it.
//!
//! ```text
//! candidate ─▶ Keeper: find, law::judge, write the intent, commit ─▶ Sender ─▶ Keeper: write the outcome, commit ─▶ Outcome
//!                 └── nothing to do, or nothing that may be done: the record answers, nothing is sent
//! ```
//!
//! **In scope**: who was asked for what, when, and what came of it; what may therefore be sent. **Out of scope**: how a call is
//! written and sent (crate `bidden`), files and terminals (crate `bidden-cli`).

mod call;
pub mod callback;
pub mod candidate_keys;
mod clock;
pub mod digest;
mod keeper;
pub mod law;
mod ledger;
pub mod lookup;
pub mod many;
pub mod place;
pub mod plan;
pub mod reconcile;
pub mod record;
pub mod seen;
mod send;
pub mod status;
pub mod stop;
pub mod storage;
mod turns;

pub use candidate_keys::Keys;
pub use digest::Digest;
pub use law::Consent;
pub use ledger::{Invitations, Judged, Ledger, LedgerOptions, Task};
pub use place::Place;
pub use send::Sender;
