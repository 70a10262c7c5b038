//! What somebody declares of the platforms before any call: tests, tasks, users, links, candidates.
//!
//! Each platform's part stands in its own folder. As long as nothing is declared every test and task exists; once one is, the
//! others of its platform are unknown.

use serde::{Deserialize, Serialize};

use super::{imocha, testinvite, think_exam};

/// What is declared, as one JSON object.
///
/// ```
/// let fixtures: bidden::engine::Fixtures = serde_json::from_str(r#"{"imocha":{"tests":[{"test_id":292930}]}}"#)?;
/// assert_eq!(fixtures.imocha.tests[0].test_id, 292930);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// iMocha's.
    pub imocha: imocha::fixtures::Fixtures,
    /// Think Exam's.
    #[serde(rename = "think-exam")]
    pub think_exam: think_exam::fixtures::Fixtures,
    /// TestInvite's.
    pub testinvite: testinvite::fixtures::Fixtures,
}
