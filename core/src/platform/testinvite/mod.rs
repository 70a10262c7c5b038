//! TestInvite, REST integration API. Reference: `docs/platforms/testinvite.md`.

#[macro_use]
mod words;

pub(crate) mod callback;
mod candidate;
mod delete;
pub mod lifecycle;
mod lookup;
pub(crate) mod operation;
mod reply;
mod task;
#[cfg(feature = "engine")]
pub mod uniqueness;

pub use candidate::{
    Callback, CreateCandidate, Created, Currency, Customization, CustomizedStep, Dates, InternalCandidate, InviteByEmail, Language, Person,
    Price, Resource, Scope, TemporaryCandidate, Tracking,
};
pub use delete::{DeleteCandidate, Deleted};
pub use lookup::{CandidatePage, FetchCandidate, ListCandidates, Mode, Pagination, TaskCandidate};
#[cfg(feature = "engine")]
pub use reply::Refusal;
pub use task::{EmailTemplate, FetchTask, Named, Step, StepTest, Task};

#[cfg(feature = "client")]
pub use crate::client::TestInviteClient as Client;

/// The address of the live service (section 1.1, choice C2).
pub const BASE_URL: &str = "https://www.testinvite.com";

/// The header that carries the token (section 1.2, choice C1).
pub const TOKEN_HEADER: &str = "authorization";

/// What stands before the token in its header, followed by a space (section 1.2, choice C1).
pub const TOKEN_PREFIX: &str = "Bearer";

/// Why a text cannot be the id that a path names.
fn id_fault(id: &str) -> Option<&'static str> {
    match id.trim() {
        "" => Some("is missing"),
        // As a path segment these two mean another path.
        "." | ".." => Some("the id that the platform gave is expected"),
        _ => None,
    }
}
