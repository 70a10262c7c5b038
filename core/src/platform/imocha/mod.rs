//! iMocha Skills Assessment API v3. Reference: `docs/platforms/imocha.md`.

use crate::FieldError;

pub(crate) mod callback;
mod cancel;
mod invite;
mod invite_by_test_link;
pub mod lifecycle;
mod list_tests;
mod mask;
mod members;
pub(crate) mod operation;
mod process_callbacks;
mod reattempt;
mod reply;
mod report;
mod report_pdf;
#[cfg(feature = "engine")]
mod request;
mod retrieve_invites;
mod retrieve_test;
mod test_links;

pub use cancel::{Cancel, Cancelled};
pub use invite::{Invite, Invited, ProctoringMode};
pub use invite_by_test_link::{InviteByTestLink, InvitedByTestLink};
pub use list_tests::{ListTests, ListedTest, TestPage};
pub use mask::{MaskPersonalData, MaskingAccepted};
pub use process_callbacks::{ProcessCallbacks, ProcessedCallbacks};
pub use reattempt::{Reattempt, Reattempted};
#[cfg(feature = "engine")]
pub(crate) use reply::{refusal, text_refusal, validation_refusal};
pub use report::{CandidateReport, DifficultyAnalysis, Report, ReportSection, ReportSkill, ReportType};
pub use report_pdf::{PdfReport, ReportPdf};
pub use retrieve_invites::{InviteState, RetrieveInvites, RetrievedInvite, RetrievedInvites};
pub use retrieve_test::{RetrieveTest, RetrievedTest, TestSection};
pub use test_links::{
    CreateTestLink, CreatedTestLink, FetchTestLink, FetchedTestLink, INVITATION_TYPES, InvitationSchedule, LINK_STATUSES, ListTestLinks,
    ProctoringSettings, SCHEDULE_TYPES, ScheduleDetails, TestLink, TestLinks,
};

#[cfg(feature = "client")]
pub use crate::client::ImochaClient as Client;

/// The address of the live service (section 3, published).
pub const BASE_URL: &str = "https://apiv3.imocha.io";

/// The header that carries the key (section 4, published).
pub const KEY_HEADER: &str = "x-api-key";

/// The sandbox's answer to an id that names no test.
#[cfg(feature = "engine")]
pub(crate) const NO_TEST: &str = "Test not found. (sandbox)";

/// The sandbox's answer to an id that names no link of the test (section 8, our choice).
#[cfg(feature = "engine")]
pub(crate) const NO_TEST_LINK: &str = "Test link not found. (sandbox)";

/// The sandbox's answer to an id that names no invitation (section 10, our choice).
#[cfg(feature = "engine")]
pub(crate) const NO_INVITATION: &str = "Test invitation not found. (sandbox)";

/// What is wrong with an address for callbacks and the browser.
const WEB_ADDRESS: &str = "an address that begins with http:// or https:// is expected";

/// What is wrong with an id of the platform (section 3).
fn id_fault(field: &str, id: i64) -> Option<FieldError> {
    (id < 1).then(|| FieldError::new(field, "a positive number is expected"))
}
