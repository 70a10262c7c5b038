//! No record at all: everybody is new to it. It stands in for a record that is not there yet and is only read, and takes the place of one
//! where a run against this machine is told to keep none.

use std::time::Duration;

use bidden::{Error, Time};

use super::{Claim, Entry, Found, Intended, Intent, Note, Settlement, Storage, Ticket, decide};
use crate::record::{Operation, Record};
use crate::turns::Pace;
use crate::{Digest, Keys, Place};

type Result<T> = std::result::Result<T, Error>;

/// Keeps nothing of anybody, and so never waits.
pub(crate) struct Nothing {
    /// Which number means which place: within its own place the same person is somebody else.
    places: Vec<Place>,
    since: Time,
    pace: Pace,
}

impl Nothing {
    pub(crate) fn new() -> Self {
        Nothing { places: Vec::new(), since: crate::clock::now(), pace: Pace::default() }
    }
}

/// Of every operation and invitation: nobody asks for them again.
const NUMBER: i64 = 0;

fn intend(intent: &Intent) -> Intended {
    match decide(intent, &Found::Nobody) {
        Err(stay) => stay,
        Ok(decided) => Intended::Go(Box::new(Ticket {
            operation: NUMBER,
            invitation: NUMBER,
            token: intent.token,
            with_mail: decided.with_mail,
            reason: decided.reason,
            standing: decided.standing,
        })),
    }
}

impl Storage for Nothing {
    fn place(&mut self, place: &Place) -> Result<i64> {
        let at = self.places.iter().position(|known| known == place).unwrap_or_else(|| {
            self.places.push(place.clone());
            self.places.len() - 1
        });
        Ok(i64::try_from(at).unwrap_or(i64::MAX))
    }

    fn find(&mut self, wanted: &[(i64, Keys)]) -> Result<Vec<Found>> {
        Ok(wanted.iter().map(|_| Found::Nobody).collect())
    }

    fn write(&mut self, _: &[Settlement], intents: &[Intent]) -> Result<Vec<Intended>> {
        Ok(intents.iter().map(intend).collect())
    }

    fn note(&mut self, _: &[Note]) -> Result<()> {
        Ok(())
    }

    fn renew(&mut self) -> Result<()> {
        Ok(())
    }

    fn history(&mut self, _: &str) -> Result<Vec<Entry>> {
        Ok(Vec::new())
    }

    fn of_invitation_id(&mut self, _: &str) -> Result<Vec<Record>> {
        Ok(Vec::new())
    }

    fn each(&mut self, _: Option<i64>, _: &mut dyn FnMut(i64, Record) -> Result<bool>) -> Result<()> {
        Ok(())
    }

    fn places(&mut self) -> Result<Vec<(i64, Place)>> {
        Ok(Vec::new())
    }

    fn operations(&mut self, _: i64) -> Result<Vec<Operation>> {
        Ok(Vec::new())
    }

    fn since(&mut self, _: i64) -> Result<Option<Time>> {
        Ok(Some(self.since))
    }

    fn claim(&mut self, _: Digest, _: i64) -> Result<Claim> {
        Ok(Claim::Mine)
    }

    fn finish(&mut self, _: Digest, _: i64) -> Result<()> {
        Ok(())
    }

    fn note_of(&mut self, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn keep_note(&mut self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn take_turns(&mut self, name: &str, per_second: f64, count: u32) -> Result<Duration> {
        Ok(self.pace.take(name, per_second, count))
    }
}
