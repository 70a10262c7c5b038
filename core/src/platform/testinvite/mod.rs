//! TestInvite, REST integration API. Reference: `docs/platforms/testinvite.md`.

#[macro_use]
mod words;
#[macro_use]
pub(crate) mod shape;

mod answer;
#[cfg(feature = "engine")]
mod body;
pub(crate) mod callback;
mod candidate;
mod delete;
pub mod lifecycle;
mod lookup;
pub(crate) mod operation;
mod paging;
mod reply;
mod session;
mod task;
#[cfg(feature = "engine")]
pub mod uniqueness;
mod update;
mod user;

pub use answer::{Answer, Answers, Choice, GivenAnswer, ListAnswers, Matched, Question, QuestionReference};
pub use candidate::{
    Callback, CreateCandidate, Created, Currency, Customization, CustomizedStep, Dates, InternalCandidate, InviteByEmail, Language, Person,
    Price, Resource, Scope, TemporaryCandidate, Tracking,
};
pub use delete::{DeleteCandidate, Deleted};
pub use lookup::{CandidatePage, FetchCandidate, ListCandidates, Mode, TaskCandidate};
pub use paging::Pagination;
#[cfg(feature = "engine")]
pub use reply::Refusal;
pub use session::{
    Cursor, DimensionPart, DimensionResult, EffectPart, EffectResult, ExpandTestSession, ExpandedTestSession, Expansion, FetchTestSession,
    IdentityPhoto, ListTestSessions, Scoreboard, SearchKind, SearchTestSessions, SectionResult, SessionCandidate, SessionResult,
    SessionSearch, SessionStatus, SessionTest, TestSession, TestSessionPage, TestSessionSet,
};
pub use task::{EmailTemplate, FetchTask, ListTasks, Named, Step, StepTest, Task, TaskPage};
pub use update::{CandidateChange, LabelChange, Setting, StepChange, StepDates, UpdateCandidate, UpdatedCandidate};
pub use user::{FetchUser, FoundUsers, ListUsers, SearchUsers, User, UserPage, UserType};

#[cfg(feature = "client")]
pub use crate::client::TestInviteClient as Client;

/// The address of the live service (section 1.1, choice C2).
pub const BASE_URL: &str = "https://www.testinvite.com";

/// The header that carries the token (section 1.2, choice C1).
pub const TOKEN_HEADER: &str = "authorization";

/// What stands before the token in its header, followed by a space (section 1.2, choice C1).
pub const TOKEN_PREFIX: &str = "Bearer";

/// A path with how much it asks to be told.
fn with_mode(path: &str, mode: Option<Mode>) -> String {
    crate::http::with_query(path, &[("mode", mode.map(|mode| mode.word().to_owned()))])
}

/// Why a text cannot be the id that a path names.
fn id_fault(id: &str) -> Option<&'static str> {
    match id.trim() {
        "" => Some("is missing"),
        // As a path segment these two mean another path.
        "." | ".." => Some("the id that the platform gave is expected"),
        _ => None,
    }
}
