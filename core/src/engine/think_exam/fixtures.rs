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
