//! Many candidates who come one after the other from a program: each judged, sent and told, at most so many at once.
//!
//! A file, its plan and its results are the command's; this is for who holds the people already, in any number: nobody is kept longer
//! than he is under way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use bidden::operation::{Disposition, InviteOptions, Outcome};
use bidden::{Candidate, Error, Kind};

use crate::ledger::Invitations;
use crate::send::Sender;
use crate::stop::Stop;

/// Who is invited, and how; an error is a row that cannot be one, and is told as it is.
pub type Invitee = Result<(Candidate, InviteOptions), Error>;

/// What came of many.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Rows that came.
    pub rows: u64,
    /// Rows that ended well, now or before.
    pub good: u64,
    /// Rows that were not sent, because the run ended before.
    pub not_sent: u64,
    /// Requests for mail that left in this run.
    pub mails: u64,
    /// Why the run ended before its end, if it did.
    pub stopped: Option<String>,
}

impl<S: Sender + Sync> Invitations<S> {
    /// Invites everybody whom `next` gives, `concurrency` at once, and tells `each` what came of each: its number from 0, in the order
    /// in which they end. When the run ends early (somebody cancels, or an error concerns every row), those who are under way are
    /// finished, and the next ones are told as *not sent* until `next` gives nobody any more or `stop` was set by `each`.
    ///
    /// # Errors
    /// `storage`, when the ledger fails; what `each` was told before holds.
    pub fn invite_many(
        &self,
        next: impl FnMut() -> Option<Invitee> + Send,
        each: impl FnMut(u64, &Outcome) + Send,
        concurrency: usize,
        stop: &Stop,
    ) -> Result<Totals, Error> {
        let source = Mutex::new((next, 0_u64));
        let told = Mutex::new((each, Totals::default()));
        let broken = Mutex::new(None);
        let take = || {
            let (next, count) = &mut *source.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever cancelled wants no more rows read; an error that ends the run tells the rest.
            let invitee = if stop.is_set() && self.cancellation().is_cancelled() { None } else { next() }?;
            *count += 1;
            Some((*count - 1, invitee))
        };
        let work = || {
            while let Some((number, invitee)) = take() {
                let outcome = match invitee {
                    Err(error) => Outcome::of_error(error),
                    Ok(_) if stop.is_set() => Outcome::of(Disposition::NotSent),
                    Ok((candidate, options)) => match self.invite(&candidate, &options) {
                        Ok(outcome) => outcome,
                        Err(error) => {
                            stop.set(format!("{}: {error}", error.kind()));
                            let outcome = Outcome::of_error(error.clone());
                            broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                            outcome
                        }
                    },
                };
                stop.judge(&outcome);
                let (each, totals) = &mut *told.lock().unwrap_or_else(PoisonError::into_inner);
                totals.rows += 1;
                totals.good += u64::from(outcome.disposition.exit_code() == 0);
                totals.not_sent += u64::from(outcome.disposition == Disposition::NotSent);
                totals.mails += u64::from(outcome.asked_for_mail);
                each(number, &outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..concurrency.max(1) {
                scope.spawn(|| {
                    if catch_unwind(AssertUnwindSafe(work)).is_err() {
                        stop.set("internal: a worker panicked");
                        let fault = Error::new(Kind::Internal, "a worker panicked");
                        broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
                    }
                });
            }
        });
        let (_, mut totals) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        totals.stopped = stop.why();
        match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(totals),
        }
    }
}
