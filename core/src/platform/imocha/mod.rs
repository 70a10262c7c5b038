//! iMocha Skills Assessment API v3. Reference: `docs/platforms/imocha.md`.

mod invite;
pub mod lifecycle;
pub(crate) mod operation;
mod reply;

pub use invite::{Invite, Invited, ProctoringMode};
#[cfg(feature = "engine")]
pub(crate) use reply::{refusal, text_refusal};

#[cfg(feature = "client")]
pub use crate::client::ImochaClient as Client;

/// The address of the live service (section 3, published).
pub const BASE_URL: &str = "https://apiv3.imocha.io";

/// The header that carries the key (section 4, published).
pub const KEY_HEADER: &str = "x-api-key";
