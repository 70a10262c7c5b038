//! By what a candidate is known: e-mail address, external id, or both.

use std::fmt;

use bidden::candidate::{Candidate, Field, Row, email_key};
use bidden::testinvite::{CreateCandidate, Person};

use crate::record::Record;

/// The keys of a candidate: either one matching is the same candidate.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Keys {
    /// The address, trimmed, lower-cased, its domain in ASCII form.
    pub email: Option<String>,
    /// `external_id:…`; for a TestInvite candidate with neither address nor external id `user_id:…` or `uniq_id:…`.
    pub external: Option<String>,
}

impl Keys {
    /// The keys of a candidate.
    #[must_use]
    pub fn of(candidate: &Candidate) -> Self {
        Keys::of_texts(|field| candidate.text(field))
    }

    /// The keys of a row that is not judged: whoever is known already needs no more.
    #[must_use]
    pub fn of_row(row: &Row<'_>) -> Self {
        Keys::of_texts(|field| row.text(field))
    }

    fn of_texts<'a>(text: impl Fn(Field) -> Option<&'a str>) -> Self {
        let named = |field: Field| text(field).map(|text| format!("{}:{}", field.name(), text.trim()));
        let email = text(Field::Email).map(email_key);
        let external = named(Field::ExternalId);
        let last = if email.is_some() { None } else { named(Field::UserId).or_else(|| named(Field::UniqId)) };
        Keys { email, external: external.or(last) }
    }

    /// The key of an address alone.
    #[must_use]
    pub fn of_email(address: &str) -> Self {
        Keys { email: Some(email_key(address)), external: None }
    }

    /// The keys of the candidate whom a call creates.
    #[must_use]
    pub fn of_create(call: &CreateCandidate) -> Self {
        let named = |field: Field, text: &str| format!("{}:{}", field.name(), text.trim());
        let (email, last) = match &call.person {
            Person::Internal(person) => (None, Some(named(Field::UserId, &person.id))),
            Person::Temporary(person) => {
                let uniq_id = person.tracking.as_ref().map(|tracking| named(Field::UniqId, &tracking.uniq_id));
                (person.email.as_deref().map(email_key), uniq_id)
            }
        };
        let external = call.external_id.as_deref().map(|id| named(Field::ExternalId, id));
        let last = last.filter(|_| email.is_none());
        Keys { email, external: external.or(last) }
    }

    /// Whether the record lacks one of these.
    pub(crate) fn adds_to(&self, record: &Record) -> bool {
        let lacks = |known: &Option<String>, given: &Option<String>| known.is_none() && given.is_some();
        lacks(&record.email, &self.email) || lacks(&record.external, &self.external)
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.external.is_none()
    }

    /// The external id without its field's name.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.external.as_deref()?.strip_prefix("external_id:")
    }
}

/// Shows which keys there are, never the keys.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keys(email: {}, external: {})", self.email.is_some(), self.external.is_some())
    }
}
