//! Text that must not be seen: keys, tokens, passwords.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A key, token or password. It has no `Debug` that shows it and no `Display`, and is zeroed when dropped.
///
/// ```
/// let key = bidden::Secret::new("sandbox-key");
/// assert_eq!(key.expose(), "sandbox-key");
/// assert_eq!(format!("{key:?}"), "Secret(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether bytes from outside are this text, compared in constant time.
    ///
    /// ```
    /// assert!(bidden::Secret::new("sandbox-key").matches(b"sandbox-key"));
    /// assert!(!bidden::Secret::new("sandbox-key").matches(b"sandbox"));
    /// ```
    #[must_use]
    pub fn matches(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }

    /// Whether the sandbox made it: such a credential is accepted and sent on loopback only.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.0.starts_with("sandbox-")
    }

    /// Reads it from an environment variable.
    ///
    /// # Errors
    /// `configuration` when the variable is not set, empty, or not text.
    #[cfg(feature = "client")]
    pub fn from_env(variable: &str) -> Result<Self, crate::Error> {
        match std::env::var(variable) {
            Ok(text) if !text.trim().is_empty() => Ok(Secret(text.trim().to_owned())),
            _ => Err(crate::Error::new(
                crate::Kind::Configuration,
                format!("{variable} is not set; put the credential into the environment or into a profile"),
            )),
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
