//! Where the record is kept. One trait, one suite of tests that every storage passes which keeps anything (`suite`).
//!
//! A storage is used by one thread at a time. What a method returned is durable: it survives a power cut.

mod nothing;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod suite;

use std::time::Duration;

use bidden::operation::Email;
use bidden::{Error, Status, Time};
use sha2::{Digest as _, Sha256};

use crate::law::{self, Verdict, Wish};
use crate::record::{Deed, Operation, Pending, Record, Standing};
use crate::{Digest, Keys, Place};

pub(crate) use nothing::Nothing;
#[cfg(feature = "postgres")]
pub(crate) use postgres::{Postgres, Server};
pub(crate) use sqlite::Sqlite;

/// What is to be written before a request leaves.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The number of the place.
    pub place: i64,
    /// Who.
    pub keys: Keys,
    /// What is wished.
    pub wish: Wish,
    /// Random, so that a worker knows its own intent again after a lost connection.
    pub token: i64,
    /// The plan it belongs to.
    pub run: Option<Digest>,
}

/// What came of an intent.
#[derive(Clone, PartialEq, Debug)]
pub enum Intended {
    /// It is written: send.
    Go(Box<Ticket>),
    /// Nothing is written and nothing may be sent.
    Stay {
        /// Why.
        verdict: Verdict,
        /// What the record says, after what was seen.
        standing: Box<Standing>,
        /// The version of the record, which a look-up goes by; 0 when there is none.
        version: i64,
    },
}

/// The right to send one request.
#[derive(Clone, PartialEq, Debug)]
pub struct Ticket {
    /// The operation.
    pub operation: i64,
    /// The invitation.
    pub invitation: i64,
    /// The intent's token.
    pub token: i64,
    /// Whether the request may ask for mail.
    pub with_mail: bool,
    /// Why it is sent.
    pub reason: law::Reason,
    /// The standing with the intent in it.
    pub standing: Standing,
}

/// What is to be written after a request.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The operation.
    pub operation: i64,
    /// The invitation.
    pub invitation: i64,
    /// The intent's token: whoever lost his lease changes the operation only.
    pub token: i64,
    /// When.
    pub at: Time,
    /// How many requests left.
    pub sent: u32,
    /// The HTTP status of the last complete answer.
    pub http_status: Option<u16>,
    /// The digest of the last complete answer's body.
    pub answer: Option<Digest>,
    /// The invitation's new standing.
    pub standing: Standing,
}

/// What two keys find.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// One candidate. Keys of the row that the record lacks are added with the next intent.
    One(Box<Record>),
    /// Keys of two candidates, or a second value of a key that the candidate has: why.
    Conflict(String),
}

/// Brings together what an address and an external id find.
#[must_use]
pub fn resolve(keys: &Keys, by_email: Option<Record>, by_external: Option<Record>) -> Found {
    let differs = |one: &Option<String>, other: &Option<String>| matches!((one, other), (Some(one), Some(other)) if one != other);
    match (by_email, by_external) {
        (None, None) => Found::Nobody,
        (Some(one), Some(other)) if one.id != other.id => {
            Found::Conflict("the e-mail address belongs to one candidate of the ledger, the external id to another".to_owned())
        }
        (Some(record), _) if differs(&record.external, &keys.external) => {
            Found::Conflict("the ledger knows this e-mail address under another external id".to_owned())
        }
        (_, Some(record)) if differs(&record.email, &keys.email) => {
            Found::Conflict("the ledger knows this external id with another e-mail address".to_owned())
        }
        (Some(record), _) | (None, Some(record)) => Found::One(Box::new(record)),
    }
}

/// What a storage writes for an intent, decided by the law alone.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) with_mail: bool,
    pub(crate) reason: law::Reason,
    /// Whether the operation before was interrupted: it is closed as uncertain.
    pub(crate) closes: Option<i64>,
    pub(crate) request: Digest,
    pub(crate) standing: Standing,
}

/// Judges an intent on what was found. `Err` is the answer when nothing may be sent.
pub(crate) fn decide(intent: &Intent, found: &Found) -> Result<Decided, Intended> {
    let record = match found {
        Found::Nobody => None,
        Found::One(record) => Some(&**record),
        Found::Conflict(why) => {
            return Err(Intended::Stay { verdict: Verdict::Held(why.clone()), standing: Box::default(), version: 0 });
        }
    };
    let wish = &intent.wish;
    let before = || record.map_or_else(Standing::default, |record| law::seen(record.standing.clone().with_loss(), &wish.sight));
    match law::judge(record, wish, intent.run) {
        Verdict::Send { with_mail, reason, is_new } => {
            let standing = before();
            let refresh = wish.refresh_request(&standing).filter(|_| law::is_refresh(wish, reason, is_new));
            let (request, request_without_mail) = match refresh {
                Some(request) => (request, request),
                None => (if with_mail { wish.request } else { wish.request_without_mail }, wish.request_without_mail),
            };
            let closes = record.filter(|record| record.standing.pending.is_some()).map(|record| record.operation);
            let pending = Pending {
                deed: wish.deed,
                asks_for_mail: with_mail,
                request,
                request_without_mail,
                terms: wish.terms,
                start: wish.window.start.map(Time::milliseconds),
                end: wish.window.end.map(Time::milliseconds),
                is_new,
                beside_window: wish.refresh.as_ref().map(|refresh| refresh.beside_window),
                is_refresh: refresh.is_some(),
            };
            // From the intent on: a plan that is interrupted before the outcome must know its own rows again.
            let standing = Standing { run: intent.run, looked_up_by: None, ..standing }.with_intent(pending);
            Ok(Decided { with_mail, reason, closes, request, standing })
        }
        verdict => {
            let version = record.map_or(0, |record| record.version);
            // What was seen before the record moved is not so any more: the next look-up goes by the record alone.
            let standing = match (&verdict, record) {
                (Verdict::LookUp, Some(record)) => record.standing.clone().with_loss(),
                _ => before(),
            };
            Err(Intended::Stay { verdict, standing: Box::new(standing), version })
        }
    }
}

/// One line of the record: an invitation, its place, and all its operations, the oldest first.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The place.
    pub place: Place,
    /// The invitation.
    pub record: Record,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// How far a plan is applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The chunk is this worker's now.
    Mine,
    /// Its rows are settled.
    Done,
    /// Another worker has it.
    Others,
}

/// Where the record is kept.
///
/// Every step of a row (free → intended → settled) is conditional on what was read, so that of two workers one wins.
pub trait Storage: Send {
    /// The number of a place, which is made when it is new.
    ///
    /// # Errors
    /// `storage`.
    fn place(&mut self, place: &Place) -> Result<i64, Error>;

    /// Finds candidates by place and keys, in that order.
    ///
    /// # Errors
    /// `storage`.
    fn find(&mut self, wanted: &[(i64, Keys)]) -> Result<Vec<Found>, Error>;

    /// Writes outcomes, then intents, in one commit, and answers the intents in their order.
    ///
    /// # Errors
    /// `storage`; nothing is written then.
    fn write(&mut self, settlements: &[Settlement], intents: &[Intent]) -> Result<Vec<Intended>, Error>;

    /// Writes what a look-up saw of invitations, where nothing is under way and the version is still this.
    ///
    /// # Errors
    /// `storage`.
    fn note(&mut self, notes: &[Note]) -> Result<(), Error>;

    /// Says that this worker is still there, where leases run out.
    ///
    /// # Errors
    /// `storage`.
    fn renew(&mut self) -> Result<(), Error>;

    /// Every invitation of an address, over all places.
    ///
    /// # Errors
    /// `storage`.
    fn history(&mut self, email_key: &str) -> Result<Vec<Entry>, Error>;

    /// The invitations to which a platform gave this id, over all places, in the order in which they were made.
    ///
    /// # Errors
    /// `storage`.
    fn of_invitation_id(&mut self, id: &str) -> Result<Vec<Record>, Error>;

    /// The invitations of all places, or of one, in the order in which they were made. Stops when `each` says false.
    ///
    /// # Errors
    /// `storage`, and what `each` says.
    fn each(&mut self, place: Option<i64>, each: &mut dyn FnMut(i64, Record) -> Result<bool, Error>) -> Result<(), Error>;

    /// All places with their numbers.
    ///
    /// # Errors
    /// `storage`.
    fn places(&mut self) -> Result<Vec<(i64, Place)>, Error>;

    /// The operations of an invitation, the oldest first.
    ///
    /// # Errors
    /// `storage`.
    fn operations(&mut self, last: i64) -> Result<Vec<Operation>, Error>;

    /// When a place came into the record: nothing happened at it through this ledger before.
    ///
    /// # Errors
    /// `storage`.
    fn since(&mut self, place: i64) -> Result<Option<Time>, Error>;

    /// Takes a chunk of a plan for this worker.
    ///
    /// # Errors
    /// `storage`.
    fn claim(&mut self, run: Digest, chunk: i64) -> Result<Claim, Error>;

    /// Says that every row of a chunk is settled.
    ///
    /// # Errors
    /// `storage`.
    fn finish(&mut self, run: Digest, chunk: i64) -> Result<(), Error>;

    /// A text that is kept under a name: the summary of a finished run, the fingerprint of a credential.
    ///
    /// # Errors
    /// `storage`.
    fn note_of(&mut self, name: &str) -> Result<Option<String>, Error>;

    /// Keeps a text under a name.
    ///
    /// # Errors
    /// `storage`.
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error>;

    /// Takes the next `count` send times of a rate that all workers share. The answer says how long to wait for the first;
    /// the others follow in the interval of the rate.
    ///
    /// # Errors
    /// `storage`.
    fn take_turns(&mut self, name: &str, per_second: f64, count: u32) -> Result<Duration, Error>;
}

/// What a standing holds that names this id, as the storages write it. They look for it as text: an index would cost every row of
/// a run, to find sooner what a callback seldom needs.
fn told_of(id: &str) -> String {
    serde_json::Value::from(id).to_string()
}

/// What was learned of an invitation without asking the platform to change it: what a look-up saw, what a callback told.
#[derive(Clone, Debug)]
pub struct Note {
    /// The invitation.
    pub invitation: i64,
    /// The version on which it was judged.
    pub version: i64,
    /// The interrupted operation that is closed with it.
    pub closes: Option<i64>,
    /// When.
    pub at: Time,
    /// The new standing.
    pub standing: Standing,
    /// How it was learned: the operation row that is written.
    pub learned: Learned,
}

/// How something was learned of an invitation.
#[derive(Clone, Debug)]
pub enum Learned {
    /// By a look-up.
    LookUp,
    /// By a callback.
    Callback {
        /// What makes it the same as another that says the same.
        key: Digest,
        /// Of its body.
        body: Digest,
        /// The status that it told.
        told: Status,
    },
}

impl Note {
    fn deed(&self) -> Deed {
        match self.learned {
            Learned::LookUp => Deed::LookUp,
            Learned::Callback { .. } => Deed::Callback,
        }
    }

    fn request(&self) -> Digest {
        match self.learned {
            Learned::LookUp => Digest::default(),
            Learned::Callback { key, .. } => key,
        }
    }

    fn answer(&self) -> Option<Digest> {
        match self.learned {
            Learned::LookUp => None,
            Learned::Callback { body, .. } => Some(body),
        }
    }

    fn outcome(&self) -> Option<&'static str> {
        match self.learned {
            Learned::LookUp => self.standing.disposition.map(bidden::operation::Disposition::slug),
            Learned::Callback { told, .. } => Some(told.slug()),
        }
    }
}

/// The eight bytes by which a key is found, the place among what they are made of: the random pages of an index are what limits a
/// writer, a text index is several times as large, and PostgreSQL indexes no long text.
fn key_digest(place: i64, kind: u8, key: &str) -> i64 {
    let digest = Sha256::new().chain_update(place.to_le_bytes()).chain_update([kind]).chain_update(key).finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(bytes)
}

const EMAIL: u8 = 1;
const EXTERNAL: u8 = 2;

/// The mark of the opening that made a token: its upper half.
pub(crate) fn mark_of(token: i64) -> u32 {
    (token.cast_unsigned() >> 32) as u32
}

/// The word of what became of a mail.
pub(crate) fn word_of_email(email: Email) -> &'static str {
    match email {
        Email::None => "none",
        Email::Asked => "asked",
        Email::Scheduled => "scheduled",
        Email::Uncertain => "uncertain",
    }
}

/// What an operation row of a word that nobody knows counts as.
pub(crate) const LOOK_UP: Deed = Deed::LookUp;
