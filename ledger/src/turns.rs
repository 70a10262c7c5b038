//! Send times of a rate that all workers of an account share. A worker takes them by the batch, so that the one row they come
//! from is no bottleneck.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bidden::Error;
use bidden::client::Cancel;

use crate::Ledger;

/// The send times that one process gives out, by its own clock: it is the only one that sends.
#[derive(Debug, Default)]
pub(crate) struct Pace(Option<(String, Instant)>);

impl Pace {
    /// Takes the next `count`, and says how long to wait for the first.
    pub(crate) fn take(&mut self, name: &str, per_second: f64, count: u32) -> Duration {
        let now = Instant::now();
        let first = match &self.0 {
            Some((known, next)) if known == name => (*next).max(now),
            _ => now,
        };
        let span = Duration::try_from_secs_f64(f64::from(count) / per_second).unwrap_or(Duration::MAX);
        self.0 = Some((name.to_owned(), first.checked_add(span).unwrap_or(first)));
        first.saturating_duration_since(now)
    }
}

/// A worker takes the send times of so long at once.
const AHEAD: f64 = 0.25;

/// The send times that this worker has taken.
#[derive(Debug)]
pub(crate) struct Turns {
    name: String,
    per_second: f64,
    taken: Mutex<(Instant, u32)>,
}

impl Turns {
    pub(crate) fn new(name: String, per_second: f64) -> Self {
        Turns { name, per_second, taken: Mutex::new((Instant::now(), 0)) }
    }

    /// Waits for this caller's turn. True when it was cancelled before.
    pub(crate) fn wait(&self, ledger: &Ledger, cancel: &Cancel) -> Result<bool, Error> {
        let turn = {
            // Others wait here while one fetches: they need what is fetched.
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            if taken.1 == 0 {
                let count = (self.per_second * AHEAD).clamp(1.0, 1000.0) as u32;
                let (name, per_second) = (self.name.clone(), self.per_second);
                let wait = ledger.ask(move |storage| storage.take_turns(&name, per_second, count))?;
                *taken = (Instant::now() + wait, count);
            }
            let turn = taken.0;
            taken.0 += Duration::try_from_secs_f64(1.0 / self.per_second).unwrap_or(Duration::from_secs(3600));
            taken.1 -= 1;
            turn
        };
        Ok(cancel.wait(turn.saturating_duration_since(Instant::now())))
    }
}
