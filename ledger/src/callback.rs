//! What the platforms tell by themselves, in the record.
//!
//! A callback is believed as far as it can be: what the platform itself showed when it was asked is written, else what a verified
//! callback says; an unsigned one that nobody could look up is a hint, which the history shows and the standing does not follow.

use bidden::callback::Authenticity;
use bidden::candidate::email_key;
use bidden::{CallbackEvent, Error, Platform, Status};
use serde::Serialize;

use crate::clock::now;
use crate::record::{Deed, Record};
use crate::storage::{Learned, Note, Storage};
use crate::{Digest, Ledger, Place};

/// What a callback came to in the record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// The invitation stands otherwise now.
    Moved,
    /// It is in the history; the invitation stood there already, or further on.
    Noted,
    /// It is in the history as a hint: nothing verifies it.
    Hint,
    /// It was in the history before.
    Repeated,
    /// The record knows no such invitation, or not yet.
    Unknown,
    /// It may speak of several invitations, and nothing says of which.
    Ambiguous,
    /// An operation on the invitation is under way: ask again.
    UnderWay,
}

impl Heard {
    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Heard::Moved => "moved",
            Heard::Noted => "noted",
            Heard::Hint => "hint",
            Heard::Repeated => "repeated",
            Heard::Unknown => "unknown",
            Heard::Ambiguous => "ambiguous",
            Heard::UnderWay => "under-way",
        }
    }

    /// Whether the same callback may come to something else a little later: the record did not know the invitation yet.
    #[must_use]
    pub fn may_change(self) -> bool {
        matches!(self, Heard::Unknown | Heard::UnderWay)
    }
}

/// Where the platform itself said that the invitation stands, when it was asked because of a callback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The status.
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
}

/// The invitation that a callback speaks of.
#[derive(Clone, PartialEq, Debug)]
pub struct Addressee {
    /// Where it stands, apart from the candidate.
    pub place: Place,
    /// The invitation.
    pub record: Record,
}

impl Ledger {
    /// The invitation that a callback speaks of, to be looked up before [`Ledger::hear`]; `None` when there is none, or more
    /// than one.
    ///
    /// # Errors
    /// `storage`.
    pub fn addressee(&self, event: &CallbackEvent) -> Result<Option<Addressee>, Error> {
        let about = About::of(event);
        self.ask(move |storage| Ok(about.find(storage)?.ok()))
    }

    /// Writes a callback into the history of its invitation, and moves the invitation as far as it is believed. The same
    /// callback twice is written once; a late one moves nothing back.
    ///
    /// # Errors
    /// `storage`.
    pub fn hear(&self, event: &CallbackEvent, asked: Option<Asked>) -> Result<Heard, Error> {
        let (about, event) = (About::of(event), event.clone());
        self.ask(move |storage| {
            let Addressee { record, .. } = match about.find(storage)? {
                Ok(found) => found,
                Err(heard) => return Ok(heard),
            };
            let (key, body) = (Digest::of(event.dedupe_key.as_bytes()), Digest::of(event.body.as_bytes()));
            let operations = storage.operations(record.operation)?;
            if operations.iter().any(|operation| operation.deed == Deed::Callback && operation.request == key) {
                return Ok(Heard::Repeated);
            }
            if record.standing.pending.is_some() {
                return Ok(Heard::UnderWay);
            }
            let is_verified = event.authenticity == Authenticity::Verified;
            let moved = match &asked {
                Some(asked) => Some((asked.status, asked.platform_status.clone())).filter(|(status, _)| *status != Status::Unknown),
                None if is_verified && event.moves(record.standing.status) => Some((event.status, event.platform_status.clone())),
                None => None,
            };
            let mut standing = record.standing.clone();
            let heard = match moved {
                Some((status, word)) if status != standing.status => {
                    (standing.status, standing.platform_status) = (status, word);
                    Heard::Moved
                }
                _ if asked.is_some() || is_verified => Heard::Noted,
                _ => Heard::Hint,
            };
            let learned = Learned::Callback { key, body, told: event.status };
            storage.note(&[Note { invitation: record.id, version: record.version, closes: None, at: now(), standing, learned }])?;
            // A sender beside us may have been faster: then nothing was written.
            let is_written = match about.find(storage)? {
                Ok(Addressee { record, .. }) => storage
                    .operations(record.operation)?
                    .iter()
                    .any(|operation| operation.deed == Deed::Callback && operation.request == key),
                Err(_) => false,
            };
            Ok(if is_written { heard } else { Heard::UnderWay })
        })
    }
}

/// By what a callback names its invitation.
#[derive(Clone)]
struct About {
    platform: Platform,
    invitation_id: Option<String>,
    email_key: Option<String>,
    test_id: Option<String>,
}

impl About {
    fn of(event: &CallbackEvent) -> Self {
        About {
            platform: event.platform,
            invitation_id: event.invitation_id.clone(),
            email_key: event.email.as_deref().map(email_key),
            test_id: event.test_id.clone(),
        }
    }

    fn find(&self, storage: &mut dyn Storage) -> Result<Result<Addressee, Heard>, Error> {
        let mut found = match &self.email_key {
            Some(key) => {
                let entries = storage.history(key)?;
                entries.into_iter().map(|entry| Addressee { place: entry.place, record: entry.record }).filter(|it| self.fits(it)).collect()
            }
            None => self.scan(storage)?,
        };
        // Think Exam's current form names no test: of several assignments it speaks of the one that is not over.
        if found.len() > 1 && self.invitation_id.is_none() {
            let is_open = |it: &Addressee| matches!(it.record.standing.status, Status::Pending | Status::InProgress | Status::Unknown);
            if found.iter().filter(|it| is_open(it)).count() == 1 {
                found.retain(is_open);
            }
        }
        Ok(match (found.pop(), found.is_empty()) {
            (None, _) => Err(Heard::Unknown),
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Heard::Ambiguous),
        })
    }

    /// Where no address is told: by the id, or read through.
    fn scan(&self, storage: &mut dyn Storage) -> Result<Vec<Addressee>, Error> {
        let places: std::collections::HashMap<i64, Place> = storage.places()?.into_iter().collect();
        let mut found = Vec::new();
        if let Some(id) = &self.invitation_id {
            let records = storage.of_invitation_id(id)?.into_iter();
            let addressees = records.filter_map(|record| places.get(&record.place).map(|place| Addressee { place: place.clone(), record }));
            return Ok(addressees.filter(|addressee| self.fits(addressee)).collect());
        }
        storage.each(None, &mut |number, record| {
            if let Some(place) = places.get(&number) {
                let addressee = Addressee { place: place.clone(), record };
                if self.fits(&addressee) {
                    found.push(addressee);
                }
            }
            Ok(true)
        })?;
        Ok(found)
    }

    fn fits(&self, Addressee { place, record }: &Addressee) -> bool {
        let is_here = place.platform() == Some(self.platform);
        match &self.invitation_id {
            Some(id) => is_here && record.standing.invitation_id.as_ref() == Some(id),
            None => is_here && record.standing.is_accepted && self.test_id.as_ref().is_none_or(|test| place.test == *test),
        }
    }
}
