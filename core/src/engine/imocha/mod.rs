//! iMocha's rules: `docs/platforms/imocha.md` sections 7 to 17, 21 and 22.

mod callbacks;
pub mod dialect;
pub mod fixtures;
mod invite;
mod links;
mod mask;
mod page;
mod report;

pub(super) use callbacks::{moved, overrun, process_callbacks};
pub use dialect::Switches;
pub(super) use invite::{cancel, invite, invite_by_test_link, reattempt};
pub(super) use links::{create_test_link, fetch_test_link, list_test_links};
pub use mask::{MASKED_EMAIL, MASKED_NAME};
pub(super) use mask::{mask, mask_personal_data};
pub(super) use page::in_its_words;
pub use page::{Settings, page_text};
pub use report::pdf_file;
pub(super) use report::{list_tests, report, report_pdf, retrieve_invites, retrieve_test};

use super::{Dialect, Invitation, Store, World};
use crate::Platform;
use crate::http::Response;
use crate::imocha::{refusal, text_refusal};

/// What a test of the sandbox looks like of which no fixture says more: one section of so many questions, for so many points each, in
/// so many minutes.
const SECTION: &str = "S1";
const QUESTIONS: i64 = 20;
const POINTS: i64 = 5;
const MINUTES: i64 = 60;

/// A test that exists: the declared one, or any as long as none is declared.
#[derive(Clone, Copy)]
struct Test<'a> {
    id: i64,
    declared: Option<&'a fixtures::Test>,
}

impl<'a> Test<'a> {
    /// The test of an id; `None` when it is unknown.
    fn of(world: &'a World, id: i64) -> Option<Self> {
        let tests = &world.fixtures.imocha.tests;
        let declared = tests.iter().find(|test| test.test_id == id);
        (tests.is_empty() || declared.is_some()).then_some(Test { id, declared })
    }

    /// The test of an invitation, which was known when it was made.
    fn of_invitation(world: &'a World, invitation: &Invitation) -> Self {
        let id = invitation.test_id.parse().unwrap_or(0);
        Test { id, declared: world.fixtures.imocha.tests.iter().find(|test| test.test_id == id) }
    }

    fn name(&self) -> String {
        self.declared.and_then(|test| test.name.clone()).unwrap_or_else(|| format!("Test {}", self.id))
    }

    fn minutes(&self) -> i64 {
        self.declared.and_then(|test| test.duration).unwrap_or(MINUTES)
    }

    fn questions(&self) -> i64 {
        self.declared.and_then(|test| test.questions).unwrap_or(QUESTIONS)
    }
}

/// How an attempt that is over was scored. It follows from the id, so that whoever asks twice hears the same.
struct Score {
    correct: i64,
    questions: i64,
}

impl Score {
    fn of(invitation: &Invitation, world: &World) -> Self {
        let questions = Test::of_invitation(world, invitation).questions();
        Score { correct: number(invitation).wrapping_mul(7919).rem_euclid(questions.saturating_add(1)), questions }
    }

    fn points(&self) -> i64 {
        self.correct.saturating_mul(POINTS)
    }

    fn total(&self) -> i64 {
        self.questions.saturating_mul(POINTS)
    }

    fn percentage(&self) -> i64 {
        self.correct.saturating_mul(100) / self.questions.max(1)
    }

    /// A category of the test's own (section 11: 1 to 6 of them, set per test).
    fn category(&self) -> &'static str {
        match self.percentage() {
            ..40 => "Beginner",
            40..70 => "Intermediate",
            _ => "Expert",
        }
    }
}

/// The invitation of an id, as far as it is iMocha's.
fn find<S: Store>(store: &S, id: i64) -> Result<Option<Invitation>, S::Error> {
    Ok(store.invitation(&id.to_string())?.filter(|invitation| invitation.platform == Platform::Imocha))
}

fn number(invitation: &Invitation) -> i64 {
    invitation.id.parse().unwrap_or(0)
}

/// Where the report of an attempt is as a file.
fn pdf_url(invitation: &Invitation, origin: &str) -> String {
    format!("{origin}/PDFReport?id={}", invitation.token)
}

/// A refusal in the shape that the account has for those whose wording is not published (choice 11). What is published stays: the
/// wording of the others is marked as the sandbox's own, and the two calls that refuse with 401 have a `result`.
pub(super) fn restyled(response: Response, dialect: &Dialect) -> Response {
    let style = dialect.imocha.own_error_body;
    if style == "mixed" {
        return response;
    }
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let errors = body["errors"].as_array().map(|errors| errors.iter().filter_map(|error| error.as_str()).collect::<Vec<_>>().join(" "));
    let text = errors.or_else(|| body["message"].as_str().map(str::to_owned)).unwrap_or_default();
    if !text.contains("(sandbox)") || body.get("result").is_some() {
        return response;
    }
    if style == "message" {
        return text_refusal(response.status().as_u16(), &text);
    }
    let mut empty = Response::default();
    *empty.status_mut() = response.status();
    empty
}

/// 404 for a test that does not exist.
fn no_test() -> Response {
    refusal(404, &[crate::imocha::NO_TEST])
}
