//! The one [`Error`], and the one table of its kinds.
//!
//! Every language takes its kinds from [`KINDS`]: the slug is what the command prints, the number is what C gets,
//! the class is what Python raises. Tests in each language compare their own set with this table.

use std::fmt;
use std::time::Duration;

use crate::Platform;

/// What went wrong, in one word. The details of a kind stand in [`KINDS`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// Refused before anything was sent; [`Error::fields`] lists field and reason.
    InvalidInput,
    /// The lifecycle forbids it: our rules, or the platform's in a known form.
    Refused,
    /// The platform said no.
    Rejected,
    /// The platform holds this candidate already.
    Duplicate,
    /// Key, token or signature not accepted.
    Unauthorized,
    /// Unknown test, task, candidate or invitation.
    NotFound,
    /// Too fast.
    RateLimited,
    /// The account may send no more.
    QuotaExhausted,
    /// The platform answered 5xx, or no connection could be made.
    Unavailable,
    /// No answer in time.
    TimedOut,
    /// An answer that cannot be read.
    MalformedReply,
    /// Perhaps sent, and nobody can say what came of it.
    Uncertain,
    /// A missing key, a bad address, a bad recipe.
    Configuration,
    /// The ledger or the store failed.
    Storage,
    /// Our own fault.
    Internal,
}

/// When an error of a kind may be met by sending the same request again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// Sending again cannot help.
    Never,
    /// Sending again helps, after waiting.
    Always,
    /// Sending again helps if nothing was sent, or if the call may be repeated (see [`crate::Repeat`]).
    IfSafe,
}

/// What an error of a kind means for the other rows of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stops {
    /// The other rows go on.
    Nothing,
    /// The batch ends at once.
    Batch,
    /// The batch ends if the test itself is what is unknown.
    BatchIfTest,
    /// The batch ends after this many in a row.
    BatchAfter(u32),
    /// All callers of the credential wait.
    Pauses,
}

/// One row of [`KINDS`].
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    /// The kind.
    pub kind: Kind,
    /// Its name in JSON and on the command line.
    pub slug: &'static str,
    /// Its number in C: explicit, with gaps, never used twice.
    pub number: i32,
    /// Its class in Python.
    pub python_class: &'static str,
    /// Whether sending again can help.
    pub retry: Retry,
    /// Whether it ends a batch.
    pub stops: Stops,
    /// One sentence for people.
    pub meaning: &'static str,
}

const fn row(
    kind: Kind,
    slug: &'static str,
    number: i32,
    python_class: &'static str,
    retry: Retry,
    stops: Stops,
    meaning: &'static str,
) -> KindRow {
    KindRow { kind, slug, number, python_class, retry, stops, meaning }
}

/// The table of kinds. Numbers are grouped by who has to act: 10 the caller, 20 the rules, 30 patience, 40 the network,
/// 50 the machine and us.
pub static KINDS: [KindRow; 15] = [
    row(Kind::InvalidInput, "invalid-input", 10, "InvalidInputError", Retry::Never, Stops::Nothing, "refused before anything was sent"),
    row(
        Kind::Configuration,
        "configuration",
        11,
        "ConfigurationError",
        Retry::Never,
        Stops::Batch,
        "a missing key, a bad address or a bad recipe",
    ),
    row(Kind::Unauthorized, "unauthorized", 12, "UnauthorizedError", Retry::Never, Stops::Batch, "key, token or signature not accepted"),
    row(Kind::Refused, "refused", 20, "RefusedError", Retry::Never, Stops::Nothing, "the lifecycle forbids it"),
    row(Kind::Rejected, "rejected", 21, "RejectedError", Retry::Never, Stops::Nothing, "the platform said no"),
    row(Kind::Duplicate, "duplicate", 22, "DuplicateError", Retry::Never, Stops::Nothing, "the platform holds this candidate already"),
    row(Kind::NotFound, "not-found", 23, "NotFoundError", Retry::Never, Stops::BatchIfTest, "unknown test, task, candidate or invitation"),
    row(Kind::RateLimited, "rate-limited", 30, "RateLimitedError", Retry::Always, Stops::Pauses, "too many requests too quickly"),
    row(Kind::QuotaExhausted, "quota-exhausted", 31, "QuotaExhaustedError", Retry::Never, Stops::Batch, "the account may send no more"),
    row(
        Kind::Unavailable,
        "unavailable",
        40,
        "UnavailableError",
        Retry::IfSafe,
        Stops::BatchAfter(20),
        "the platform is down or cannot be reached",
    ),
    row(Kind::TimedOut, "timed-out", 41, "TimedOutError", Retry::IfSafe, Stops::BatchAfter(20), "no answer in time"),
    row(
        Kind::MalformedReply,
        "malformed-reply",
        42,
        "MalformedReplyError",
        Retry::Never,
        Stops::BatchAfter(20),
        "an answer that cannot be read",
    ),
    row(
        Kind::Uncertain,
        "uncertain",
        43,
        "UncertainError",
        Retry::Never,
        Stops::Nothing,
        "perhaps sent, and nobody can say what came of it",
    ),
    row(Kind::Storage, "storage", 50, "StorageError", Retry::Never, Stops::Batch, "the ledger or the store failed"),
    row(Kind::Internal, "internal", 51, "InternalError", Retry::Never, Stops::Batch, "a fault of bidden itself"),
];

impl Kind {
    /// This kind's row of [`KINDS`].
    #[must_use]
    pub fn row(self) -> &'static KindRow {
        let position = KINDS.iter().position(|row| row.kind == self).unwrap_or(KINDS.len() - 1);
        &KINDS[position]
    }

    /// The name in JSON and on the command line, e.g. `rate-limited`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    /// The kind of a slug, `None` for a word that is not in the table.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.slug == slug).map(|row| row.kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

/// One field that was refused, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the caller's words, e.g. `email` or `dates.before`.
    pub field: String,
    /// What is wrong and what was expected. Never holds the value.
    pub reason: String,
    /// The value as given, `None` when it is a secret or was absent. Personal data: not in `Display`, not in `Debug`.
    pub value: Option<String>,
}

impl FieldError {
    /// A refused field without its value.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        FieldError { field: field.into(), reason: reason.into(), value: None }
    }

    /// The same with the value that was given.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.reason)
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FieldError({self})")
    }
}

#[derive(Clone)]
struct Parts {
    kind: Kind,
    message: String,
    operation: Option<&'static str>,
    platform: Option<Platform>,
    platform_code: Option<String>,
    platform_message: Option<String>,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    fields: Vec<FieldError>,
    raw_reply: Option<String>,
    personal: Vec<String>,
    source: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

/// What went wrong: a kind, the call it happened in, the platform's own words, and the cause.
///
/// `Display` is one line without secret or personal data: addresses in a platform's text are replaced by `<address>`.
///
/// ```
/// use bidden::{Error, Kind};
/// let error = Error::new(Kind::Configuration, "BIDDEN_IMOCHA_API_KEY is not set");
/// assert_eq!(error.kind(), Kind::Configuration);
/// assert_eq!(error.to_string(), "configuration: BIDDEN_IMOCHA_API_KEY is not set");
/// ```
#[derive(Clone)]
pub struct Error(Box<Parts>);

impl Error {
    /// An error of a kind, with one plain sentence that holds no secret and no personal data.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Parts {
            kind,
            message: message.into(),
            operation: None,
            platform: None,
            platform_code: None,
            platform_message: None,
            http_status: None,
            retry_after: None,
            fields: Vec::new(),
            raw_reply: None,
            personal: Vec::new(),
            source: None,
        }))
    }

    /// `invalid-input` with the refused fields.
    #[must_use]
    pub fn invalid_input(fields: Vec<FieldError>) -> Self {
        let mut error = Error::new(Kind::InvalidInput, "");
        error.0.fields = fields;
        error
    }

    /// `invalid-input` of one field.
    #[must_use]
    pub fn invalid_field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Error::invalid_input(vec![FieldError::new(field, reason)])
    }

    /// The same error with another kind; message, platform's words and cause stay.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says more in the message: a plain sentence of what to do, without secret and without personal data.
    ///
    /// ```
    /// use bidden::{Error, Kind};
    /// let error = Error::new(Kind::Uncertain, "perhaps sent").with_advice("ask again without mail");
    /// assert_eq!(error.to_string(), "uncertain: perhaps sent; ask again without mail");
    /// ```
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        let separator = if self.0.message.is_empty() { "" } else { "; " };
        self.0.message = format!("{}{separator}{advice}", self.0.message);
        self
    }

    /// Names the call in which it happened, e.g. `imocha.invite`.
    #[must_use]
    pub fn in_operation(mut self, platform: Platform, operation: &'static str) -> Self {
        self.0.platform = Some(platform);
        self.0.operation = Some(operation);
        self
    }

    /// Adds the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Adds the platform's own code and text.
    #[must_use]
    pub fn with_platform_words(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.platform_code = code;
        self.0.platform_message = message;
        self
    }

    /// Adds how long the platform asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// Adds the answer's text as it came.
    #[must_use]
    pub fn with_raw_reply(mut self, raw: impl Into<String>) -> Self {
        self.0.raw_reply = Some(raw.into());
        self
    }

    /// Adds refused fields, e.g. one that the platform's text names.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(std::sync::Arc::new(source));
        self
    }

    /// Keeps words of the candidate out of `Display`, `Debug` and the platform's code, should the platform repeat them.
    #[must_use]
    pub(crate) fn hide_personal(mut self, words: Vec<String>) -> Self {
        self.0.platform_code = self.0.platform_code.map(|code| blank(&code, &words, "<personal>"));
        self.0.personal = words;
        self
    }

    /// Takes credentials out of all that the platform said: one that is repeated back must not be kept anywhere.
    #[cfg(feature = "client")]
    #[must_use]
    pub(crate) fn without_secrets(mut self, secrets: &[String]) -> Self {
        let parts = &mut *self.0;
        for text in [&mut parts.platform_code, &mut parts.platform_message, &mut parts.raw_reply].into_iter().flatten() {
            *text = blank(text, secrets, "<secret>");
        }
        for field in &mut parts.fields {
            field.field = blank(&field.field, secrets, "<secret>");
        }
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The call in which it happened, e.g. `imocha.invite`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The platform it concerns.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        self.0.platform
    }

    /// The platform's own code, e.g. `3095`.
    #[must_use]
    pub fn platform_code(&self) -> Option<&str> {
        self.0.platform_code.as_deref()
    }

    /// The platform's own text as it came. May hold personal data.
    #[must_use]
    pub fn platform_message(&self) -> Option<&str> {
        self.0.platform_message.as_deref()
    }

    /// HTTP status of the answer, when there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How long the platform asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The refused fields, in the order in which they were found.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The answer's text as it came, where it could not be read. May hold personal data.
    #[must_use]
    pub fn raw_reply(&self) -> Option<&str> {
        self.0.raw_reply.as_deref()
    }

    /// The sentence without kind, call and platform's words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same request may help when sent again, given that nothing was sent or that it may be repeated.
    #[must_use]
    pub fn can_retry(&self) -> bool {
        self.kind().row().retry != Retry::Never
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        a.kind == b.kind
            && a.message == b.message
            && a.operation == b.operation
            && a.platform == b.platform
            && a.platform_code == b.platform_code
            && a.platform_message == b.platform_message
            && a.http_status == b.http_status
            && a.retry_after == b.retry_after
            && a.fields == b.fields
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        write!(formatter, "{}", parts.kind)?;
        if let Some(operation) = parts.operation {
            write!(formatter, " in {operation}")?;
        }
        let mut separator = ": ";
        if !parts.message.is_empty() {
            write!(formatter, "{separator}{}", parts.message)?;
            separator = "; ";
        }
        for field in &parts.fields {
            write!(formatter, "{separator}{field}")?;
            separator = "; ";
        }
        if let Some(code) = &parts.platform_code {
            write!(formatter, "{separator}code {}", quotable(code))?;
            separator = "; ";
        }
        if let Some(text) = &parts.platform_message {
            write!(formatter, "{separator}the platform says “{}”", quotable(&blank(text, &parts.personal, "<personal>")))?;
            separator = "; ";
        }
        if let Some(status) = parts.http_status {
            write!(formatter, "{separator}HTTP {status}")?;
            separator = "; ";
        }
        if let Some(wait) = parts.retry_after {
            write!(formatter, "{separator}retry after {} s", wait.as_secs())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Error({self})")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// A text without certain words. Words of one or two letters would blank half of any sentence, so they stay.
fn blank(text: &str, words: &[String], mark: &str) -> String {
    let mut blanked = text.to_owned();
    for word in words.iter().filter(|word| word.chars().count() > 2) {
        blanked = blanked.replace(word.as_str(), mark).replace(&word.to_lowercase(), mark);
    }
    blanked
}

/// A platform's text made fit for one line: addresses replaced, line breaks, controls and marks that turn the direction of
/// a terminal gone, cut at 200 characters.
fn quotable(text: &str) -> String {
    let is_unfit = |c: char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one_line: String = text.chars().map(|c| if is_unfit(c) { ' ' } else { c }).collect();
    let mut words = Vec::new();
    for word in one_line.split_whitespace() {
        words.push(if word.contains('@') { "<address>" } else { word });
    }
    let joined = words.join(" ");
    match joined.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &joined[..cut]),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_has_one_row_and_no_number_or_slug_twice() {
        let slugs: HashSet<_> = KINDS.iter().map(|row| row.slug).collect();
        let numbers: HashSet<_> = KINDS.iter().map(|row| row.number).collect();
        let classes: HashSet<_> = KINDS.iter().map(|row| row.python_class).collect();
        assert_eq!((slugs.len(), numbers.len(), classes.len()), (KINDS.len(), KINDS.len(), KINDS.len()));
        for row in &KINDS {
            assert_eq!(row.kind.row().slug, row.slug);
            assert_eq!(Kind::from_slug(row.slug), Some(row.kind));
        }
        assert_eq!(Kind::from_slug("no-such-kind"), None);
    }

    #[test]
    fn display_is_one_line_without_addresses() {
        let error = Error::new(Kind::Rejected, "")
            .in_operation(Platform::Imocha, "imocha.invite")
            .with_status(400)
            .with_platform_words(None, Some("No records found for given\nEmail address: x@example.com".into()));
        let text = error.to_string();
        assert!(!text.contains('\n') && !text.contains("x@example.com"), "{text}");
        assert!(text.contains("<address>") && text.contains("HTTP 400"), "{text}");
        assert!(!format!("{error:?}").contains("x@example.com"));
    }

    #[test]
    fn the_cause_is_really_returned() {
        let error = Error::new(Kind::Storage, "the store cannot be opened").with_source(std::io::Error::other("disk"));
        assert_eq!(std::error::Error::source(&error).map(ToString::to_string).as_deref(), Some("disk"));
    }
}
