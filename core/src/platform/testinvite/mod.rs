//! TestInvite, REST integration API. Reference: `docs/platforms/testinvite.md`.

mod candidate;
pub mod lifecycle;
pub(crate) mod operation;
mod reply;
#[cfg(feature = "engine")]
pub mod uniqueness;

pub use candidate::{
    Callback, CreateCandidate, Created, Currency, Customization, CustomizedStep, Dates, InternalCandidate, InviteByEmail, Language, Person,
    Price, Resource, Scope, TemporaryCandidate, Tracking,
};
#[cfg(feature = "engine")]
pub use reply::Refusal;

#[cfg(feature = "client")]
pub use crate::client::TestInviteClient as Client;

/// The address of the live service (section 1.1, choice C2).
pub const BASE_URL: &str = "https://www.testinvite.com";

/// The header that carries the token (section 1.2, choice C1).
pub const TOKEN_HEADER: &str = "authorization";

/// What stands before the token in its header, followed by a space (section 1.2, choice C1).
pub const TOKEN_PREFIX: &str = "Bearer";
