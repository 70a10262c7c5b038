//! The record in memory: it is gone with its owner, and the law with it. Nothing waits for a disk, so nobody needs a thread of its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use bidden::operation::Disposition;
use bidden::{Error, Time};

use super::{
    Claim, Decided, EMAIL, EXTERNAL, Entry, Found, Intended, Intent, Note, Settlement, Storage, Ticket, decide, key_digest, resolve,
    word_of_email,
};
use crate::record::{Operation, Record};
use crate::turns::Pace;
use crate::{Digest, Keys, Place};

type Result<T> = std::result::Result<T, Error>;

/// The record in memory.
#[derive(Default)]
pub(crate) struct Memory {
    /// Numbered from 1, as all that follows.
    places: Vec<(Place, Time)>,
    /// The invitation of a key.
    keys: HashMap<i64, usize>,
    invitations: Vec<Invitation>,
    operations: Vec<Operation>,
    finished: HashSet<(Digest, i64)>,
    notes: BTreeMap<String, String>,
    pace: Pace,
}

struct Invitation {
    /// Whether it is under way; nobody but the one owner can have begun that: [`Record::is_live`].
    record: Record,
    token: Option<i64>,
}

/// The number of what stands last.
fn number(many: &[impl Sized]) -> i64 {
    i64::try_from(many.len()).unwrap_or(i64::MAX)
}

fn index(number: i64) -> usize {
    usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).unwrap_or(usize::MAX)
}

impl Memory {
    fn by_key(&self, place: i64, kind: u8, key: Option<&str>) -> Option<Record> {
        let at = self.keys.get(&key_digest(place, kind, key?))?;
        self.invitations.get(*at).map(|invitation| invitation.record.clone())
    }

    fn find_one(&self, place: i64, keys: &Keys) -> Found {
        let by_email = self.by_key(place, EMAIL, keys.email.as_deref());
        let by_external = self.by_key(place, EXTERNAL, keys.external.as_deref());
        resolve(keys, by_email, by_external)
    }

    fn add_keys(&mut self, place: i64, at: usize, keys: &Keys) {
        for (kind, key) in [(EMAIL, &keys.email), (EXTERNAL, &keys.external)] {
            if let Some(key) = key {
                self.keys.entry(key_digest(place, kind, key)).or_insert(at);
            }
        }
    }

    /// A key that the record lacks is added, also where nothing is to be sent.
    fn learn_keys(&mut self, record: &Record, keys: &Keys) {
        if !keys.adds_to(record) {
            return;
        }
        let at = index(record.id);
        self.add_keys(record.place, at, keys);
        if let Some(Invitation { record, .. }) = self.invitations.get_mut(at) {
            record.email = record.email.take().or_else(|| keys.email.clone());
            record.external = record.external.take().or_else(|| keys.external.clone());
        }
    }

    fn append(&mut self, operation: Operation) -> i64 {
        let id = number(&self.operations) + 1;
        self.operations.push(Operation { id, ..operation });
        id
    }

    fn close_lost(&mut self, operation: i64, at: Time) {
        if let Some(lost) = self.operations.get_mut(index(operation)).filter(|lost| lost.settled_at.is_none()) {
            lost.settled_at = Some(at);
            lost.outcome = Some(Disposition::Uncertain.slug().to_owned());
            lost.error_kind = Some(bidden::Kind::Uncertain.slug().to_owned());
            lost.email = Some(if lost.asks_for_mail { "uncertain" } else { "none" }.to_owned());
        }
    }

    fn intend(&mut self, intent: &Intent) -> Intended {
        let found = self.find_one(intent.place, &intent.keys);
        if let Found::One(record) = &found {
            self.learn_keys(record, &intent.keys);
        }
        let Decided { with_mail, reason, closes, request, standing } = match decide(intent, &found) {
            Ok(decided) => decided,
            Err(stay) => return stay,
        };
        if let Some(operation) = closes {
            self.close_lost(operation, intent.wish.now);
        }
        let known = if let Found::One(record) = found { Some(record) } else { None };
        let operation = self.append(Operation {
            id: 0,
            previous: known.as_ref().map(|record| record.operation),
            deed: intent.wish.deed,
            intended_at: intent.wish.now,
            request,
            asks_for_mail: with_mail,
            settled_at: None,
            sent: None,
            http_status: None,
            answer: None,
            outcome: None,
            error_kind: None,
            email: None,
            run: intent.run,
        });
        let token = Some(intent.token);
        let invitation = match known {
            Some(known) => {
                if let Some(invitation) = self.invitations.get_mut(index(known.id)) {
                    invitation.token = token;
                    let record = &mut invitation.record;
                    (record.version, record.operation, record.is_live) = (record.version + 1, operation, true);
                    record.standing = standing.clone();
                }
                known.id
            }
            None => {
                let id = number(&self.invitations) + 1;
                let Keys { email, external } = intent.keys.clone();
                let standing = standing.clone();
                let record = Record { id, place: intent.place, email, external, version: 1, operation, is_live: true, standing };
                self.invitations.push(Invitation { record, token });
                self.add_keys(intent.place, index(id), &intent.keys);
                id
            }
        };
        Intended::Go(Box::new(Ticket { operation, invitation, token: intent.token, with_mail, reason, standing }))
    }

    fn settle(&mut self, settlement: &Settlement) {
        let Settlement { operation, invitation, token, at, sent, http_status, answer, standing } = settlement;
        if let Some(operation) = self.operations.get_mut(index(*operation)) {
            operation.settled_at = Some(*at);
            operation.sent = Some(*sent);
            operation.http_status = *http_status;
            operation.answer = *answer;
            operation.outcome = standing.disposition.map(|disposition| disposition.slug().to_owned());
            operation.error_kind = standing.failure.as_ref().map(|failure| failure.kind.clone());
            operation.email = Some(word_of_email(standing.email).to_owned());
        }
        // Whoever lost his right meanwhile has written his operation above and changes nothing else.
        if let Some(invitation) = self.invitations.get_mut(index(*invitation)).filter(|invitation| invitation.token == Some(*token)) {
            invitation.token = None;
            let record = &mut invitation.record;
            (record.version, record.is_live) = (record.version + 1, false);
            record.standing = standing.clone();
        }
    }

    fn note_one(&mut self, note: &Note) {
        let at = index(note.invitation);
        let known = self.invitations.get(at).filter(|invitation| invitation.record.version == note.version);
        let Some(previous) = known.map(|invitation| invitation.record.operation) else { return };
        if let Some(lost) = note.closes {
            self.close_lost(lost, note.at);
        }
        let operation = self.append(Operation {
            id: 0,
            previous: Some(previous),
            deed: note.deed(),
            intended_at: note.at,
            request: note.request(),
            asks_for_mail: false,
            settled_at: Some(note.at),
            sent: None,
            http_status: None,
            answer: note.answer(),
            outcome: note.outcome().map(str::to_owned),
            error_kind: None,
            email: Some(word_of_email(note.standing.email).to_owned()),
            run: None,
        });
        if let Some(invitation) = self.invitations.get_mut(at) {
            invitation.token = None;
            let record = &mut invitation.record;
            (record.version, record.operation, record.is_live) = (record.version + 1, operation, false);
            record.standing = note.standing.clone();
        }
    }
}

impl Storage for Memory {
    fn place(&mut self, place: &Place) -> Result<i64> {
        if let Some(at) = self.places.iter().position(|(known, _)| known == place) {
            return Ok(number(&self.places[..=at]));
        }
        self.places.push((place.clone(), crate::clock::now()));
        Ok(number(&self.places))
    }

    fn find(&mut self, wanted: &[(i64, Keys)]) -> Result<Vec<Found>> {
        Ok(wanted.iter().map(|(place, keys)| self.find_one(*place, keys)).collect())
    }

    fn write(&mut self, settlements: &[Settlement], intents: &[Intent]) -> Result<Vec<Intended>> {
        settlements.iter().for_each(|settlement| self.settle(settlement));
        Ok(intents.iter().map(|intent| self.intend(intent)).collect())
    }

    fn note(&mut self, notes: &[Note]) -> Result<()> {
        notes.iter().for_each(|note| self.note_one(note));
        Ok(())
    }

    fn renew(&mut self) -> Result<()> {
        Ok(())
    }

    fn history(&mut self, email_key: &str) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for (place, id) in self.places.iter().map(|(place, _)| place.clone()).zip(1..) {
            if let Some(record) = self.by_key(id, EMAIL, Some(email_key)) {
                let operations = operations(&self.operations, record.operation);
                entries.push(Entry { place, record, operations });
            }
        }
        Ok(entries)
    }

    fn of_invitation_id(&mut self, id: &str) -> Result<Vec<Record>> {
        let bears = |record: &&Record| record.standing.invitation_id.as_deref() == Some(id);
        Ok(self.invitations.iter().map(|invitation| &invitation.record).filter(bears).cloned().collect())
    }

    fn each(&mut self, place: Option<i64>, each: &mut dyn FnMut(i64, Record) -> Result<bool>) -> Result<()> {
        for Invitation { record, .. } in &self.invitations {
            if place.is_none_or(|place| place == record.place) && !each(record.place, record.clone())? {
                break;
            }
        }
        Ok(())
    }

    fn places(&mut self) -> Result<Vec<(i64, Place)>> {
        Ok((1..).zip(self.places.iter().map(|(place, _)| place.clone())).collect())
    }

    fn operations(&mut self, last: i64) -> Result<Vec<Operation>> {
        Ok(operations(&self.operations, last))
    }

    fn since(&mut self, place: i64) -> Result<Option<Time>> {
        Ok(self.places.get(index(place)).map(|(_, since)| *since))
    }

    fn claim(&mut self, run: Digest, chunk: i64) -> Result<Claim> {
        Ok(if self.finished.contains(&(run, chunk)) { Claim::Done } else { Claim::Mine })
    }

    fn finish(&mut self, run: Digest, chunk: i64) -> Result<()> {
        self.finished.insert((run, chunk));
        Ok(())
    }

    fn note_of(&mut self, name: &str) -> Result<Option<String>> {
        Ok(self.notes.get(name).cloned())
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<()> {
        self.notes.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    fn take_turns(&mut self, name: &str, per_second: f64, count: u32) -> Result<Duration> {
        Ok(self.pace.take(name, per_second, count))
    }
}

fn operations(all: &[Operation], last: i64) -> Vec<Operation> {
    let of = |id: i64| all.get(index(id));
    let mut found: Vec<Operation> = std::iter::successors(of(last), |operation| of(operation.previous?)).cloned().collect();
    found.reverse();
    found
}
