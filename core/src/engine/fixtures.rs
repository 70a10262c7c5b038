//! What somebody declares of the platforms before any call: tests, tasks, users, links, candidates.
//!
//! Each platform's part stands in its own folder. As long as nothing is declared every test and task exists; once one is, the
//! others of its platform are unknown. Candidates are declared in one way for all platforms: by the call that would make them,
//! so that nothing can be declared which the rules would not let come about.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

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
    /// Who is known or invited already, in the order in which it came about.
    pub candidates: Vec<Declared>,
}

/// Candidates, by the call that would make them. No mail goes out and nobody is called back: it is as if it had been long ago.
///
/// ```
/// let fixtures: bidden::engine::Fixtures = serde_json::from_str(
///     r#"{"candidates":[{"call":"imocha.invite","arguments":{"test_id":1,"email":"ada@example.com","name":"Ada"},"then":["start","finish"]}]}"#,
/// )?;
/// assert_eq!(fixtures.candidates[0].then, ["start", "finish"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The name of a call, e.g. `imocha.invite`.
    pub call: String,
    /// Its arguments in neutral JSON.
    pub arguments: Box<RawValue>,
    /// What has happened to the invitations since, by the slugs of the events: `start`, `finish`, `leave`, `terminate`, `cancel`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<String>,
}

impl PartialEq for Declared {
    fn eq(&self, other: &Self) -> bool {
        self.call == other.call && self.arguments.get() == other.arguments.get() && self.then == other.then
    }
}

/// Refuses an id or a name that stands twice.
pub(super) fn distinct<T: Eq + std::hash::Hash + Copy + std::fmt::Display, E: serde::de::Error>(
    ids: impl Iterator<Item = T>,
    what: &str,
) -> Result<(), E> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(E::custom(format!("{what} {id} stands twice")));
        }
    }
    Ok(())
}

/// A text that is not empty.
pub(super) fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Err(serde::de::Error::custom("it must not be empty")) } else { Ok(text) }
}
