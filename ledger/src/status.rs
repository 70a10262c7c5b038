//! The record as people and programs see it: one invitation with its operations, and the totals of every place.

use std::collections::{BTreeMap, HashMap};

use bidden::operation::{Disposition, Email};
use bidden::{Error, Kind, Status, Time, lifecycle};
use serde::Serialize;

use crate::record::{Deed, Failure, Operation, Record, Standing};
use crate::storage::Entry;
use crate::{Ledger, Place};

/// One invitation as it stands for somebody who looks now. Its JSON is that of `history`, `export` and `reconcile`.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation<'a> {
    /// Where it stands, apart from the candidate.
    pub place: &'a Place,
    /// Whose it is.
    pub candidate: Whose<'a>,
    /// What the last settled operation came to; `None` while the first is under way.
    pub disposition: Option<Disposition>,
    /// Where it stands, expiry computed; `None` when the platform never accepted it.
    pub status: Option<Status>,
    /// The platform's own word.
    pub platform_status: Option<&'a str>,
    /// What became of the mail.
    pub email: Email,
    /// The platform's id.
    pub invitation_id: Option<&'a str>,
    /// TestInvite: the code the candidate logs in with.
    pub invitation_code: Option<&'a str>,
    /// What the candidate opens.
    pub test_url: Option<&'a str>,
    /// Start of the access window last asked for.
    pub start: Option<Time>,
    /// Its end.
    pub end: Option<Time>,
    /// What went wrong last.
    pub error: Option<&'a Failure>,
    /// The operation whose outcome is not written.
    pub under_way: Option<UnderWay>,
    /// How many operations may have asked for a mail and were not refused. `None` without the operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_requests: Option<usize>,
    /// Its operations, the oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<&'a [Operation]>,
}

/// The candidate of an invitation.
#[derive(Clone, Copy, Serialize)]
pub struct Whose<'a> {
    /// The address, as it is compared.
    pub email: Option<&'a str>,
    /// The id on the caller's side.
    pub external_id: Option<&'a str>,
    /// The key of a candidate with neither: `user_id:…`, `uniq_id:…` or `invitation:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_id: Option<&'a str>,
}

impl std::fmt::Debug for Whose<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Whose(…)")
    }
}

/// An operation whose outcome is not written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct UnderWay {
    /// What it does.
    pub deed: Deed,
    /// Whether it asks for mail.
    pub asks_for_mail: bool,
    /// Whether nobody will write its outcome any more: its worker is gone.
    pub is_interrupted: bool,
}

impl<'a> Whose<'a> {
    /// The candidate of two keys, as a record has them.
    #[must_use]
    pub fn of(email: Option<&'a str>, external: Option<&'a str>) -> Self {
        let external_id = external.and_then(|key| key.strip_prefix("external_id:"));
        Whose { email, external_id, other_id: external.filter(|_| external_id.is_none()) }
    }

    /// What people know them by.
    #[must_use]
    pub fn label(&self) -> &'a str {
        self.email.or(self.external_id).or(self.other_id).unwrap_or_default()
    }
}

impl<'a> Invitation<'a> {
    /// An invitation as somebody sees it who looks at `now`.
    #[must_use]
    pub fn at(now: Time, place: &'a Place, record: &'a Record, operations: Option<&'a [Operation]>) -> Self {
        let standing = &record.standing;
        let window = standing.window();
        Invitation {
            place,
            candidate: Whose::of(record.email.as_deref(), record.external.as_deref()),
            disposition: disposition_of(record),
            status: standing.is_accepted.then(|| status_at(place, standing, now)),
            platform_status: standing.platform_status.as_deref(),
            email: email_of(record),
            invitation_id: standing.invitation_id.as_deref(),
            invitation_code: standing.invitation_code.as_deref(),
            test_url: standing.test_url.as_deref(),
            start: window.start,
            end: window.end,
            error: standing.failure.as_ref(),
            under_way: standing.pending.as_ref().map(|pending| UnderWay {
                deed: pending.deed,
                asks_for_mail: pending.asks_for_mail,
                is_interrupted: !record.is_live,
            }),
            mail_requests: operations.map(|operations| operations.iter().filter(|operation| operation.may_have_mailed()).count()),
            operations,
        }
    }

    /// An entry of [`Ledger::history`] as somebody sees it who looks at `now`.
    #[must_use]
    pub fn of(entry: &'a Entry, now: Time) -> Self {
        Invitation::at(now, &entry.place, &entry.record, Some(&entry.operations))
    }
}

/// An interrupted operation may have taken effect, whatever was known before.
fn is_interrupted(record: &Record) -> bool {
    record.standing.pending.as_ref().is_some_and(|pending| !record.is_live && pending.deed != Deed::Register)
}

fn disposition_of(record: &Record) -> Option<Disposition> {
    if is_interrupted(record) { Some(Disposition::Uncertain) } else { record.standing.disposition }
}

fn email_of(record: &Record) -> Email {
    let asks_for_mail = record.standing.pending.as_ref().is_some_and(|pending| pending.asks_for_mail);
    if is_interrupted(record) && asks_for_mail { Email::Uncertain } else { record.standing.email }
}

/// Where an invitation stands for somebody who looks at `now`.
pub(crate) fn status_at(place: &Place, standing: &Standing, now: Time) -> Status {
    let seen = place.platform().map(lifecycle::Rules::of);
    seen.and_then(|rules| lifecycle::state_at(rules, Some(standing.status), Some(&standing.window()), now)).unwrap_or(standing.status)
}

/// How many invitations of a place stand how.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Totals {
    /// Where they stand.
    pub place: Place,
    /// All of them, those that were refused included.
    pub invitations: u64,
    /// By what their last operation came to; `under-way` while the first is.
    pub by_disposition: BTreeMap<&'static str, u64>,
    /// Those that the platform accepted, by where they stand, expiry computed.
    pub by_status: BTreeMap<&'static str, u64>,
    /// By what became of the mail, those without one apart.
    pub mails: BTreeMap<&'static str, u64>,
    /// Of which nobody can say what came.
    pub uncertain: u64,
    /// Operations that somebody is sending now.
    pub under_way: u64,
    /// Operations whose worker is gone: the next run looks after them.
    pub interrupted: u64,
    /// When the last operation was begun.
    pub last: Option<Time>,
}

impl Totals {
    fn of(place: Place) -> Self {
        Totals {
            place,
            invitations: 0,
            by_disposition: BTreeMap::new(),
            by_status: BTreeMap::new(),
            mails: BTreeMap::new(),
            uncertain: 0,
            under_way: 0,
            interrupted: 0,
            last: None,
        }
    }

    fn add(&mut self, record: &Record, now: Time) {
        self.invitations += 1;
        let disposition = disposition_of(record);
        *self.by_disposition.entry(disposition.map_or("under-way", Disposition::slug)).or_default() += 1;
        if record.standing.is_accepted {
            *self.by_status.entry(status_at(&self.place, &record.standing, now).slug()).or_default() += 1;
        }
        let email = email_of(record);
        if email != Email::None {
            *self.mails.entry(crate::storage::word_of_email(email)).or_default() += 1;
        }
        self.uncertain += u64::from(disposition == Some(Disposition::Uncertain));
        if record.standing.pending.is_some() {
            let count = if record.is_live { &mut self.under_way } else { &mut self.interrupted };
            *count += 1;
        }
    }
}

impl Ledger {
    /// The totals of every place, in the order in which the places came into the record.
    ///
    /// # Errors
    /// `storage`.
    pub fn totals(&self, now: Time) -> Result<Vec<Totals>, Error> {
        self.ask(move |storage| {
            let places = storage.places()?;
            let index: HashMap<i64, usize> = places.iter().enumerate().map(|(index, (number, _))| (*number, index)).collect();
            let mut totals: Vec<(Totals, i64)> = places.into_iter().map(|(_, place)| (Totals::of(place), 0)).collect();
            storage.each(None, &mut |number, record| {
                let missing = || Error::new(Kind::Storage, "the ledger holds an invitation without a place");
                let (totals, last) = index.get(&number).and_then(|index| totals.get_mut(*index)).ok_or_else(missing)?;
                totals.add(&record, now);
                *last = record.operation.max(*last);
                Ok(true)
            })?;
            for (totals, last) in &mut totals {
                totals.last = storage.operations(*last)?.last().map(|operation| operation.intended_at);
            }
            Ok(totals.into_iter().map(|(totals, _)| totals).collect())
        })
    }

    /// Hands out every invitation with its place, in the order in which they were made, until `each` says false. It is called on
    /// the ledger's own thread: whatever it asks of this ledger waits forever.
    ///
    /// # Errors
    /// `storage`, and what `each` says.
    pub fn each(&self, mut each: impl FnMut(&Place, Record) -> Result<bool, Error> + Send + 'static) -> Result<(), Error> {
        self.ask(move |storage| {
            let places: HashMap<i64, Place> = storage.places()?.into_iter().collect();
            storage.each(None, &mut |number, record| match places.get(&number) {
                Some(place) => each(place, record),
                None => Err(Error::new(Kind::Storage, "the ledger holds an invitation without a place")),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    #[test]
    fn a_refused_request_asked_for_no_mail_and_a_lost_one_may_have() {
        let operation = |sent, http_status, email: Option<&str>| Operation {
            id: 1,
            previous: None,
            deed: Deed::Invite,
            intended_at: Time::from_seconds(1_700_000_000),
            request: Digest::default(),
            asks_for_mail: true,
            settled_at: email.map(|_| Time::from_seconds(1_700_000_001)),
            sent,
            http_status,
            answer: None,
            outcome: None,
            error_kind: None,
            email: email.map(str::to_owned),
            run: None,
        };
        for (sent, http_status, email, may_have_mailed) in [
            (Some(1), Some(200), Some("asked"), true),
            (None, None, None, true),
            (Some(1), None, Some("uncertain"), true),
            // The first of two was lost, the second refused.
            (Some(2), Some(400), Some("uncertain"), true),
            (Some(1), Some(400), Some("none"), false),
            // Refused after an invitation that was mailed.
            (Some(1), Some(400), Some("asked"), false),
            // Too fast, five times.
            (Some(5), Some(429), Some("none"), false),
            (Some(0), None, Some("none"), false),
        ] {
            let operation = operation(sent, http_status, email);
            assert_eq!(operation.may_have_mailed(), may_have_mailed, "{sent:?} {http_status:?} {email:?}");
            assert!(!Operation { asks_for_mail: false, ..operation }.may_have_mailed());
        }
    }
}
