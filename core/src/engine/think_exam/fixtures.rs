//! What can be declared of Think Exam.

use serde::{Deserialize, Deserializer, Serialize};

use super::super::fixtures::{distinct, filled};
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
    /// The tests; every id exists as long as there are none. No id stands twice.
    #[serde(deserialize_with = "tests")]
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
    #[serde(deserialize_with = "filled")]
    pub test_id: String,
    /// Whether the test has the webhook switched on (section 5); on when left out.
    #[serde(default = "yes")]
    pub webhook: bool,
}

fn tests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Test>, D::Error> {
    let tests = Vec::<Test>::deserialize(deserializer)?;
    distinct(tests.iter().map(|test| test.test_id.as_str()), "test_id")?;
    Ok(tests)
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_address = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).is_some_and(|rest| !rest.is_empty());
    if is_address { Ok(text) } else { Err(serde::de::Error::custom("an address that begins with http:// or https:// is expected")) }
}

fn yes() -> bool {
    true
}

/// The receiver of the webhook, as it would be saved in the admin panel (section 5).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The receiver's address: `http://` or `https://`.
    #[serde(deserialize_with = "address")]
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

#[cfg(test)]
mod tests {
    use super::Fixtures;

    #[test]
    fn what_cannot_be_declared_is_named() {
        let refused = |json: &str| serde_json::from_str::<Fixtures>(json).unwrap_err().to_string();
        assert!(refused(r#"{"tests":[{"test_id":"41"},{"test_id":"41"}]}"#).contains("test_id 41 stands twice"));
        assert!(refused(r#"{"tests":[{"test_id":""}]}"#).contains("must not be empty"));
        assert!(refused(r#"{"webhook":{"url":"127.0.0.1:9000"}}"#).contains("begins with http://"));
    }
}
