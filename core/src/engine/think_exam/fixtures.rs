//! What can be declared of Think Exam.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Think Exam's part of the fixtures.
///
/// ```
/// let fixtures: bidden::engine::Fixtures = serde_json::from_str(
///     r#"{"think-exam":{"tests":[{"test_id":"41"}],"webhook":{"url":"http://127.0.0.1:9000/think-exam"}}}"#,
/// )?;
/// assert_eq!(fixtures.think_exam.webhook.ok_or("a webhook is expected")?.key.expose(), "sandbox-webhook-key");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tests; every id exists as long as there are none.
    pub tests: Vec<Test>,
    /// The courses, for the switch `known-courses-only`.
    pub courses: Vec<String>,
    /// Candidates who are registered before any call.
    pub candidates: Vec<Candidate>,
    /// Who is told that a candidate has finished; nobody when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
}

/// A test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its id.
    pub test_id: String,
    /// Whether the test has the webhook switched on (section 5); on when left out.
    #[serde(default = "yes")]
    pub webhook: bool,
}

fn yes() -> bool {
    true
}

/// A candidate who is registered before any call.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The address.
    pub email: String,
    /// The full name.
    pub name: String,
    /// The password with which the candidate logs in.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::think_exam::write_secret",
        deserialize_with = "super::read_secret"
    )]
    pub password: Option<Secret>,
    /// The enrolment number; made when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment_number: Option<String>,
    /// The courses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub courses: Vec<String>,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Candidate").field("courses", &self.courses).finish_non_exhaustive()
    }
}

/// The receiver of the webhook, as it would be saved in the admin panel (section 5).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The receiver's address.
    pub url: String,
    /// The key that the receiver compares; the sandbox's own when left out (section 10).
    #[serde(default = "sandbox_key", serialize_with = "crate::think_exam::write_one_secret", deserialize_with = "super::read_one_secret")]
    pub key: Secret,
    /// Whether the legacy form is sent.
    #[serde(default)]
    pub legacy: bool,
}

fn sandbox_key() -> Secret {
    Secret::new(super::WEBHOOK_KEY)
}
