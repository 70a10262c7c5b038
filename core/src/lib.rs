//! *bidden* (adj.): invited. What candidates, invitations and assessment platforms are, and may do.
//!
//! **In scope**: candidates and their validation, the lifecycle rules of three platforms, both sides of their wire,
//! signatures, operations as steps, the retry policy. **Out of scope** here: sockets, files, clocks, threads,
//! randomness. `now`, ids and random bytes are arguments. The feature `client` adds the one place that opens a socket,
//! the feature `engine` a platform held in memory, the feature `zones` local times in IANA zones. The feature `idna`, on by default and
//! part of `client` and `engine`, knows the ASCII form of internationalised domains.
//!
//! ```
//! use bidden::{AnyCall, BaseUrl};
//! let call = AnyCall::from_json(
//!     "imocha.invite",
//!     r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#,
//! )?;
//! let request = call.to_request(&BaseUrl::parse("https://apiv3.imocha.io")?)?;
//! assert_eq!(request.uri(), "https://apiv3.imocha.io/v3/tests/292930/invite");
//! assert_eq!(request.body(), br#"{"email":"ada@example.com","name":"Ada Lovelace","sendEmail":"no"}"#);
//! # Ok::<(), bidden::Error>(())
//! ```

mod calendar;
mod call;
pub mod callback;
pub mod candidate;
pub mod capability;
#[cfg(feature = "client")]
pub mod client;
mod credential;
mod decimal;
#[cfg(feature = "engine")]
pub mod engine;
pub mod error;
mod fields;
pub mod http;
pub mod lifecycle;
pub mod operation;
mod platform;
pub mod retry;
mod secret;
pub mod sign;
mod window;
mod wire;

pub use call::{AnyCall, AnyReply, CALLS, Call, CallRow, Repeat};
pub use callback::CallbackEvent;
pub use candidate::Candidate;
pub use credential::Credential;
pub use decimal::Decimal;
pub use error::{Error, FieldError, Kind};
pub use fields::Given;
pub use http::BaseUrl;
pub use lifecycle::{Event, Status};
pub use platform::{Platform, imocha, testinvite, think_exam};
pub use secret::Secret;
pub use window::{AccessWindow, Time};
