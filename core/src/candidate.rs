//! What the platforms together know of a person, and the one validation of it.
//!
//! Which fields are *required* is a property of the call: Think Exam and iMocha need an e-mail address and a name,
//! TestInvite needs a user id for an internal candidate and some key for a temporary one.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroize;

use crate::calendar::{self, Written};
use crate::{Error, FieldError, Platform, Time};

/// A field of a candidate, with the name it has in every language and in `--map`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    /// The e-mail address; a key.
    Email,
    /// The full name.
    Name,
    /// The candidate's id on the caller's side; a key.
    ExternalId,
    /// TestInvite: the value of `tracking.uniqId`.
    UniqId,
    /// TestInvite: the id of an internal user.
    UserId,
    /// Think Exam: `enrollment_number`.
    EnrollmentNumber,
    /// Think Exam: password. A secret.
    Password,
    /// Think Exam: mobile number.
    Mobile,
    /// Think Exam: gender.
    Gender,
    /// Think Exam: date of birth.
    Dob,
    /// Think Exam: course.
    CourseName,
    /// Think Exam: `extra1`.
    Extra1,
    /// Think Exam: `extra2`.
    Extra2,
    /// Think Exam: `extra3`.
    Extra3,
    /// Think Exam: picture.
    ProfilePic,
    /// TestInvite: group.
    Group,
    /// TestInvite: labels, separated by `;` in a cell.
    Labels,
    /// TestInvite: tags, `key=value` separated by `;` in a cell.
    Tags,
    /// TestInvite: first login credential.
    Credential1,
    /// TestInvite: second login credential. A secret.
    Credential2,
    /// TestInvite: further addresses, separated by `;` in a cell.
    ExtraEmails,
}

impl Field {
    /// How many there are.
    pub const COUNT: usize = 21;

    /// All of them.
    pub const ALL: [Field; Field::COUNT] = [
        Field::Email,
        Field::Name,
        Field::ExternalId,
        Field::UniqId,
        Field::UserId,
        Field::EnrollmentNumber,
        Field::Password,
        Field::Mobile,
        Field::Gender,
        Field::Dob,
        Field::CourseName,
        Field::Extra1,
        Field::Extra2,
        Field::Extra3,
        Field::ProfilePic,
        Field::Group,
        Field::Labels,
        Field::Tags,
        Field::Credential1,
        Field::Credential2,
        Field::ExtraEmails,
    ];

    /// The name in every language, e.g. `enrollment_number`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Field::Email => "email",
            Field::Name => "name",
            Field::ExternalId => "external_id",
            Field::UniqId => "uniq_id",
            Field::UserId => "user_id",
            Field::EnrollmentNumber => "enrollment_number",
            Field::Password => "password",
            Field::Mobile => "mobile",
            Field::Gender => "gender",
            Field::Dob => "dob",
            Field::CourseName => "course_name",
            Field::Extra1 => "extra1",
            Field::Extra2 => "extra2",
            Field::Extra3 => "extra3",
            Field::ProfilePic => "profile_pic",
            Field::Group => "group",
            Field::Labels => "labels",
            Field::Tags => "tags",
            Field::Credential1 => "credential1",
            Field::Credential2 => "credential2",
            Field::ExtraEmails => "extra_emails",
        }
    }

    /// The field of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Field::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether its value must never be shown.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Field::Password | Field::Credential2)
    }

    /// Whether a platform has a place for it.
    #[must_use]
    pub fn is_used_by(self, platform: Platform) -> bool {
        match self {
            Field::Email | Field::Name => true,
            Field::ExternalId
            | Field::UniqId
            | Field::UserId
            | Field::Group
            | Field::Labels
            | Field::Tags
            | Field::Credential1
            | Field::Credential2
            | Field::ExtraEmails => platform == Platform::TestInvite,
            Field::EnrollmentNumber
            | Field::Password
            | Field::Mobile
            | Field::Gender
            | Field::Dob
            | Field::CourseName
            | Field::Extra1
            | Field::Extra2
            | Field::Extra3
            | Field::ProfilePic => platform == Platform::ThinkExam,
        }
    }
}

/// One row of a list: a text per field, borrowed. A blank text counts as absent.
#[derive(Clone, Copy, Default)]
pub struct Row<'a>([Option<&'a str>; Field::COUNT]);

impl<'a> Row<'a> {
    /// An empty row.
    #[must_use]
    pub fn new() -> Self {
        Row::default()
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, text: &'a str) {
        self.0[field as usize] = Some(text);
    }

    /// The trimmed text of a field, `None` when absent or blank.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&'a str> {
        self.0[field as usize].map(trimmed).filter(|text| !text.is_empty())
    }
}

/// As `str::trim`, which looks at characters: nearly every cell begins and ends with an ASCII letter or mark.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present: Vec<&str> = Field::ALL.into_iter().filter(|field| self.text(*field).is_some()).map(Field::name).collect();
        write!(formatter, "Row({})", present.join(", "))
    }
}

/// What one field of a row is found to be.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The field.
    pub field: Field,
    /// What is wrong and what was expected. Never holds the value.
    pub reason: Cow<'static, str>,
    /// The value as given; `None` when absent or a secret.
    pub value: Option<String>,
}

impl fmt::Debug for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Finding({}: {})", self.field.name(), self.reason)
    }
}

/// All that is wrong or doubtful with a row: errors keep it from being sent, warnings do not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// What keeps the row from being sent.
    pub errors: Vec<Finding>,
    /// What a platform would take, but is probably a mistake.
    pub warnings: Vec<Finding>,
}

impl Findings {
    fn error(&mut self, row: &Row<'_>, field: Field, reason: impl Into<Cow<'static, str>>) {
        self.errors.push(finding(row, field, reason.into()));
    }

    fn warning(&mut self, row: &Row<'_>, field: Field, reason: impl Into<Cow<'static, str>>) {
        self.warnings.push(finding(row, field, reason.into()));
    }

    /// Whether nothing was found at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }

    /// The errors as an `invalid-input` error; `None` when there are none.
    #[must_use]
    pub fn to_error(&self) -> Option<Error> {
        if self.errors.is_empty() {
            return None;
        }
        let fields = self
            .errors
            .iter()
            .map(|finding| FieldError {
                field: finding.field.name().into(),
                reason: finding.reason.clone().into_owned(),
                value: finding.value.clone(),
            })
            .collect();
        Some(Error::invalid_input(fields))
    }
}

fn finding(row: &Row<'_>, field: Field, reason: Cow<'static, str>) -> Finding {
    let value = if field.is_secret() { None } else { row.0[field as usize].map(str::to_owned) };
    Finding { field, reason, value }
}

/// Checks a row: every error and every warning at once. With a platform, what its call requires is required.
///
/// Errors are what cannot be sent; the form of `mobile`, `dob`, `gender` and lengths that no platform states are
/// warnings, because platforms accept what people write. `today` decides whether a date of birth lies in the past.
///
/// ```
/// use bidden::candidate::{Field, Row, validate};
/// let mut row = Row::new();
/// row.set(Field::Email, "ada.example.com");
/// row.set(Field::Mobile, "9.19877E+11");
/// let findings = validate(&row, None, bidden::Time::from_seconds(1_700_000_000));
/// assert_eq!(findings.errors[0].field, Field::Email);
/// assert_eq!(findings.warnings.len(), 2); // no name, and the mobile number
/// ```
#[must_use]
pub fn validate(row: &Row<'_>, platform: Option<Platform>, today: Time) -> Findings {
    let mut findings = Findings::default();
    check_presence(row, platform, &mut findings);
    for field in Field::ALL {
        if let Some(text) = row.text(field) {
            check_text(row, field, text, today, &mut findings);
        }
    }
    findings
}

fn check_presence(row: &Row<'_>, platform: Option<Platform>, findings: &mut Findings) {
    let has = |field| row.text(field).is_some();
    match platform {
        Some(Platform::Imocha | Platform::ThinkExam) => {
            for field in [Field::Email, Field::Name] {
                if !has(field) {
                    findings.error(row, field, "is missing; this platform requires it");
                }
            }
        }
        Some(Platform::TestInvite) => {
            if ![Field::Email, Field::ExternalId, Field::UniqId, Field::UserId].into_iter().any(has) {
                findings.error(row, Field::Email, "is missing, and so is every other key (external_id, uniq_id, user_id)");
            }
        }
        None => {
            if ![Field::Email, Field::ExternalId, Field::UniqId, Field::UserId].into_iter().any(has) {
                findings.error(row, Field::Email, "is missing, and so is every other key (external_id, uniq_id, user_id)");
            }
            if !has(Field::Name) && !has(Field::UserId) {
                findings.warning(row, Field::Name, "is missing; iMocha and Think Exam require it");
            }
        }
    }
}

/// Spreadsheet programs write these where a formula failed.
const SPREADSHEET_ERRORS: [&str; 8] = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"];

/// Longer texts are refused: no platform states a limit, and no cell of a person needs more. A picture may be a data URI.
const LONGEST_TEXT: usize = 10_000;

fn check_text(row: &Row<'_>, field: Field, text: &str, today: Time, findings: &mut Findings) {
    if text.starts_with('#') && SPREADSHEET_ERRORS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        findings.error(row, field, "is the error value of a spreadsheet formula");
        return;
    }
    if text.len() > LONGEST_TEXT && field != Field::ProfilePic {
        findings.error(row, field, "is longer than 10,000 bytes");
        return;
    }
    // Nearly every cell is plain ASCII: one pass over its bytes, several at a time, says that nothing needs a closer look.
    let is_plain = text.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
    if !is_plain && let Some(control) = text.chars().find(|c| c.is_control()) {
        let reason = match control {
            '\n' | '\r' => "holds a line break",
            '\t' => "holds a tab",
            _ => "holds a control character",
        };
        findings.error(row, field, reason);
        return;
    }
    match field {
        Field::Email => {
            if let Some(reason) = email_fault(text) {
                findings.error(row, field, reason);
            }
        }
        Field::Name => check_name(row, text, findings),
        Field::ExtraEmails => {
            for address in split_list(text) {
                if let Some(reason) = email_fault(address) {
                    findings.error(row, field, reason);
                }
            }
        }
        Field::Tags => {
            if split_list(text).any(|pair| pair.split_once('=').is_none_or(|(key, _)| key.trim().is_empty())) {
                findings.error(row, field, "key=value pairs separated by ; are expected");
            }
        }
        Field::Mobile => {
            if let Some(reason) = mobile_doubt(text) {
                findings.warning(row, field, reason);
            }
        }
        Field::Gender => {
            const WORDS: [&str; 12] =
                ["female", "male", "other", "f", "m", "o", "x", "d", "diverse", "non-binary", "nonbinary", "prefer not to say"];
            if !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
                findings.warning(row, field, "is not a word that is usual here (female, male, other)");
            }
        }
        Field::Dob => {
            if let Some(reason) = date_doubt(text, today) {
                findings.warning(row, field, reason);
            }
        }
        Field::ProfilePic => {
            let lower = text.get(..5).unwrap_or(text).to_ascii_lowercase();
            if !lower.starts_with("http") && !lower.starts_with("data:") && text.len() < 100 {
                findings.warning(row, field, "is neither an http address nor a picture");
            }
        }
        _ => {
            if text.starts_with('=') {
                findings.warning(row, field, "begins like a formula");
            } else if text.len() > 100 && text.chars().count() > 100 {
                findings.warning(row, field, "is longer than 100 characters");
            }
        }
    }
}

fn check_name(row: &Row<'_>, text: &str, findings: &mut Findings) {
    if text.starts_with('=') {
        findings.error(row, Field::Name, "is a formula, not a name");
    } else if !text.is_ascii() && text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')) {
        findings.warning(row, Field::Name, "holds an invisible character that turns the direction of the text");
    } else if text.contains('@') {
        findings.warning(row, Field::Name, "looks like an e-mail address");
    } else if text.len() > 100 && text.chars().count() > 100 {
        findings.warning(row, Field::Name, "is longer than 100 characters");
    } else if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation() || b == b' ') {
        findings.warning(row, Field::Name, "holds no letter");
    }
}

fn mobile_doubt(text: &str) -> Option<&'static str> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if digits.starts_with("00") {
            return Some("begins with 00; write + and the country code");
        }
        if digits.starts_with('0') {
            return Some("begins with 0, so its country code is missing");
        }
        return if (7..=15).contains(&digits.len()) { None } else { Some("has not 7 to 15 digits") };
    }
    let is_scientific = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'E' | b'e' | b'+'))
        && digits.bytes().any(|b| matches!(b, b'E' | b'e'));
    if is_scientific {
        return Some("was turned into a rounded number by a spreadsheet; digits are lost, format the column as text");
    }
    Some("is not 7 to 15 digits with an optional +")
}

fn date_doubt(text: &str, today: Time) -> Option<&'static str> {
    let looks_iso = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if !looks_iso {
        if text.bytes().all(|b| b.is_ascii_digit()) && text.len() == 5 {
            return Some("is the serial number of a spreadsheet date; write it as YYYY-MM-DD");
        }
        return Some("is not written as YYYY-MM-DD");
    }
    match calendar::read(text) {
        Some(Written::Local(start)) if start < today.milliseconds() => None,
        Some(_) => Some("lies in the future"),
        None => Some("is not a date of the calendar"),
    }
}

/// The entries of a cell that holds a list: separated by `;`, blanks removed.
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|entry| !entry.is_empty())
}

/// What is wrong with an e-mail address; `None` when nothing is.
///
/// Internationalised addresses pass. Beside the syntax the domain must have a dot, and marks that only a slip of the
/// hand puts there (curly quotes, invisible characters) are refused.
#[must_use]
pub fn email_fault(text: &str) -> Option<&'static str> {
    if plain_email(text.as_bytes()) { None } else { any_email_fault(text) }
}

/// As [`email_fault`], for addresses of any form.
fn any_email_fault(text: &str) -> Option<&'static str> {
    use email_address::{EmailAddress, Options};
    if ["n/a", "na", "none", "null", "nil", "-", "--", "?", "tbd", "unknown", "no email"].iter().any(|word| text.eq_ignore_ascii_case(word))
    {
        return Some("is a placeholder, not an e-mail address");
    }
    if text.starts_with('=') {
        return Some("is a formula, not an e-mail address");
    }
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        return Some("begins with mailto:; only the address itself is expected");
    }
    for character in text.chars() {
        match character {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' => {
                return Some("holds an invisible character");
            }
            '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => return Some("holds a curly quote"),
            '<' | '>' => return Some("holds < or >; only the address itself is expected"),
            _ => {}
        }
    }
    if text.matches('@').count() > 1 {
        return Some(if text.contains([';', ',', '/', '|']) || text.contains(char::is_whitespace) {
            "holds more than one address"
        } else {
            "holds more than one @"
        });
    }
    if text.contains(char::is_whitespace) {
        return Some("holds a blank");
    }
    let Some((local, domain)) = text.split_once('@') else { return Some("has no @") };
    if local.is_empty() {
        return Some("has nothing before the @");
    }
    if domain.is_empty() {
        return Some("has nothing after the @");
    }
    if domain.ends_with(['.', ',', ';', ':']) {
        return Some("ends with a punctuation mark");
    }
    if !domain.contains('.') {
        return Some("has a domain without a dot");
    }
    // The kept crate knows the grammar of ASCII; letters and marks of other scripts may stand wherever a letter may
    // (RFC 6531), and a domain is judged in its ASCII form.
    let letters = |part: &str| -> String { part.chars().map(|c| if c.is_ascii() { c } else { 'x' }).collect() };
    #[cfg(feature = "idna")]
    let Some(ascii_domain) = ascii_domain(domain) else { return Some("has a domain that cannot be") };
    #[cfg(not(feature = "idna"))]
    let ascii_domain = letters(domain);
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    match EmailAddress::parse_with_options(&format!("{}@{ascii_domain}", letters(local)), options) {
        Ok(_) => None,
        Err(_) => Some("is not an e-mail address"),
    }
}

/// The plain addresses that nearly every row has, decided without allocating: letters, digits and `.`, `_`, `-`, `+` before
/// the @, letters, digits, `-` and dots behind it. What is not plain goes the long way.
fn plain_email(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().position(|b| *b == b'@') else { return false };
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    if local.len() > 64 || bytes.len() > 254 {
        return false;
    }
    // Every part between dots has a length of its own; a domain's neither begins nor ends with a hyphen.
    let parts_fit = |text: &[u8], kind: u8, longest: usize| {
        let mut start = 0;
        for end in 0..=text.len() {
            match text.get(end) {
                Some(byte) if *byte != b'.' => {
                    if PLAIN[usize::from(*byte)] & kind == 0 {
                        return false;
                    }
                }
                _ => {
                    let part = &text[start..end];
                    if part.is_empty() || part.len() > longest || (kind == DOMAIN && (part[0] == b'-' || part[part.len() - 1] == b'-')) {
                        return false;
                    }
                    start = end + 1;
                }
            }
        }
        true
    };
    parts_fit(local, LOCAL, 64) && parts_fit(domain, DOMAIN, 63) && domain.contains(&b'.')
}

/// What stands in a plain address before the @, and behind it.
const LOCAL: u8 = 1;
const DOMAIN: u8 = 2;

const PLAIN: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b'_' | b'+' => LOCAL,
            b'-' => LOCAL | DOMAIN,
            _ if byte.is_ascii_alphanumeric() => LOCAL | DOMAIN,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

#[cfg(feature = "idna")]
fn ascii_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain).ok()
}

/// What makes two addresses the same candidate: trimmed, lower-cased, the domain in ASCII form.
///
/// ```
/// use bidden::candidate::email_key;
/// assert_eq!(email_key(" Ada@MÜLLER.example "), "ada@xn--mller-kva.example");
/// ```
#[cfg(feature = "idna")]
#[must_use]
pub fn email_key(address: &str) -> String {
    let lower = folded(address);
    let key = internationalised(&lower).and_then(|(local, domain)| Some(format!("{local}@{}", ascii_domain(domain)?)));
    key.unwrap_or(lower)
}

/// As [`email_key`]; a build without the feature `idna` refuses an address whose key it cannot tell.
#[cfg(feature = "idna")]
pub(crate) fn told_email_key(address: &str) -> Result<String, Error> {
    Ok(email_key(address))
}

#[cfg(not(feature = "idna"))]
pub(crate) fn told_email_key(address: &str) -> Result<String, Error> {
    let lower = folded(address);
    if internationalised(&lower).is_some() {
        return Err(Error::invalid_field("email", "has a domain whose ASCII form (xn--…) a build without the feature idna cannot tell"));
    }
    Ok(lower)
}

fn folded(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Both sides of the @ when there are other letters than ASCII's behind it.
fn internationalised(address: &str) -> Option<(&str, &str)> {
    address.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii())
}

/// Whether an address lies under a domain that nobody can have (RFC 2606, RFC 6761): example.com, .org, .net, and
/// everything under .example, .invalid and .test.
#[must_use]
pub fn is_example_address(address: &str) -> bool {
    let key = told_email_key(address).unwrap_or_else(|_| folded(address));
    let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
    let labels: Vec<&str> = domain.rsplit('.').collect();
    matches!(labels.as_slice(), ["example" | "invalid" | "test", ..] | ["com" | "org" | "net", "example", ..])
}

/// A person who may sit a test. Every part that is present has been validated.
///
/// ```
/// use bidden::candidate::{Candidate, Field};
/// let candidate = Candidate::new("ada@example.com")?.name("Ada Lovelace")?;
/// assert_eq!(candidate.text(Field::Name), Some("Ada Lovelace"));
/// assert!(Candidate::new("ada@localhost").is_err());
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    texts: [Option<String>; Field::COUNT],
}

impl Candidate {
    /// A candidate with an e-mail address.
    ///
    /// # Errors
    /// `invalid-input`, field `email`.
    pub fn new(email: &str) -> Result<Self, Error> {
        Candidate::without_email().with(Field::Email, email)
    }

    /// A candidate without an e-mail address, as TestInvite allows.
    #[must_use]
    pub fn without_email() -> Self {
        Candidate { texts: [const { None }; Field::COUNT] }
    }

    /// Adds the full name.
    ///
    /// # Errors
    /// `invalid-input`, field `name`.
    pub fn name(self, name: &str) -> Result<Self, Error> {
        self.with(Field::Name, name)
    }

    /// Sets any field. Lists are separated by `;` as in a cell.
    ///
    /// # Errors
    /// `invalid-input` when the text cannot be sent.
    pub fn with(mut self, field: Field, text: &str) -> Result<Self, Error> {
        let mut row = Row::new();
        row.set(field, text);
        let mut findings = Findings::default();
        match row.text(field) {
            Some(trimmed) => {
                // A doubtful date of birth is a warning, so the moment does not matter here.
                check_text(&row, field, trimmed, Time::from_seconds(0), &mut findings);
                self.texts[field as usize] = Some(trimmed.to_owned());
            }
            None => findings.error(&row, field, "is blank"),
        }
        match findings.to_error() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// The candidate of a row.
    ///
    /// # Errors
    /// `invalid-input` with every error of the row.
    pub fn from_row(row: &Row<'_>, platform: Option<Platform>, today: Time) -> Result<Self, Error> {
        match validate(row, platform, today).to_error() {
            Some(error) => Err(error),
            None => Ok(Candidate { texts: Field::ALL.map(|field| row.text(field).map(str::to_owned)) }),
        }
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&str> {
        self.texts[field as usize].as_deref()
    }

    /// The entries of a field that holds a list (labels, further addresses).
    pub fn list(&self, field: Field) -> impl Iterator<Item = &str> {
        split_list(self.text(field).unwrap_or_default())
    }

    /// The tags as pairs.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list(Field::Tags).filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.trim(), value.trim()))
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text(Field::Email)
    }

    /// What makes two rows the same candidate: the e-mail's key, else the external id, else user id or unique id.
    #[cfg(feature = "idna")]
    #[must_use]
    pub fn key(&self) -> Option<String> {
        if let Some(email) = self.email() {
            return Some(email_key(email));
        }
        [Field::ExternalId, Field::UserId, Field::UniqId]
            .into_iter()
            .find_map(|field| self.text(field).map(|text| format!("{}:{text}", field.name())))
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Candidate(…)")
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        for field in Field::ALL {
            if field.is_secret()
                && let Some(text) = &mut self.texts[field as usize]
            {
                text.zeroize();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_address_passes_the_grammar_too(text in "[a-zA-Z0-9_+.-]{0,12}@[a-zA-Z0-9.-]{0,12}|[ab.]{0,70}@[ab.-]{0,70}") {
            if plain_email(text.as_bytes()) {
                prop_assert_eq!(any_email_fault(&text), None);
            }
        }

        #[test]
        fn trimming_is_that_of_the_library(text in "\\PC{0,4}|[ \t\u{a0}a]{0,4}") {
            prop_assert_eq!(trimmed(&text), text.trim());
        }
    }

    #[test]
    fn internationalised_addresses_pass() {
        for address in [
            "ada@example.com",
            "jürgen@müller.example",
            "用户@例子.example",
            "o'brien+x@sub.example.org",
            "a.b@xn--mller-kva.example",
            "स्वप्निल@example.com",
            "a@हिन्दी.example",
            "e\u{301}va@example.com",
        ] {
            assert_eq!(email_fault(address), None, "{address}");
        }
    }

    #[test]
    fn an_address_has_the_same_key_in_every_build_or_none() {
        assert_eq!(told_email_key(" JOSÉ@Example.com ").unwrap(), "josé@example.com");
        let key = told_email_key("Ada@BÜCHER.example");
        if cfg!(feature = "idna") {
            assert_eq!(key.unwrap(), "ada@xn--bcher-kva.example");
        } else {
            assert_eq!(key.unwrap_err().fields()[0].field, "email");
        }
        assert!(is_example_address("Ada@BÜCHER.example"));
    }

    #[test]
    fn every_slip_of_the_hand_has_its_own_reason() {
        for (address, part) in [
            ("ada.example.com", "no @"),
            ("ada@@example.com", "more than one @"),
            ("ada@example.com; bob@example.com", "more than one address"),
            ("ada @example.com", "blank"),
            ("ada@localhost", "without a dot"),
            ("ada@example.com,", "punctuation"),
            ("ada@example.com.", "punctuation"),
            ("ada\u{200b}@example.com", "invisible"),
            ("ada\u{2019}s@example.com", "curly"),
            ("mailto:ada@example.com", "mailto"),
            ("Ada <ada@example.com>", "only the address"),
            ("N/A", "placeholder"),
            ("@example.com", "before"),
            ("ada@", "after"),
            ("ada@example..com", "not an e-mail"),
            ("ada@-example.com", "not an e-mail"),
            (".ada@example.com", "not an e-mail"),
            ("=A1", "formula"),
        ] {
            let reason = email_fault(address).unwrap_or("accepted");
            assert!(reason.contains(part), "{address}: {reason}");
        }
    }

    #[test]
    fn a_secret_is_never_in_a_finding() {
        let mut row = Row::new();
        row.set(Field::Email, "ada@example.com");
        row.set(Field::Password, "line\nbreak");
        let findings = validate(&row, None, Time::from_seconds(0));
        assert_eq!(findings.errors[0].field, Field::Password);
        assert_eq!(findings.errors[0].value, None);
    }

    #[test]
    fn what_is_required_belongs_to_the_platform() {
        let mut row = Row::new();
        row.set(Field::ExternalId, "42");
        let now = Time::from_seconds(1_700_000_000);
        assert_eq!(validate(&row, Some(Platform::Imocha), now).errors.len(), 2);
        assert_eq!(validate(&row, Some(Platform::ThinkExam), now).errors.len(), 2);
        assert_eq!(validate(&row, Some(Platform::TestInvite), now).errors.len(), 0);
    }
}
