//! When a batch ends before its end: the kinds of error that concern every row, and the user's own limits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bidden::client::Cancel;
use bidden::error::Stops;
use bidden::operation::{Disposition, KnownFrom, Outcome};
use bidden::{Error, Kind};

/// An error as one sentence, without its kind and call: they stand beside it. Holds no address.
#[must_use]
pub fn reason(error: &Error) -> String {
    let text = error.to_string();
    let rest = text.strip_prefix(error.kind().slug()).unwrap_or(&text);
    let rest = error.operation().and_then(|call| rest.strip_prefix(" in ")?.strip_prefix(call)).unwrap_or(rest);
    match rest.strip_prefix(": ") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => error.kind().row().meaning.to_owned(),
    }
}

/// This many answers 403 without one success: the credential may not do it at all (DESIGN, the table of kinds).
const FORBIDDEN: u32 = 20;

/// Whether and why the rest of the rows is not sent. Shared by all threads of a run.
#[derive(Debug)]
pub struct Stop {
    is_set: AtomicBool,
    cancel: Cancel,
    after_failures: Option<u64>,
    tally: Mutex<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    why: Option<String>,
    successes: u64,
    failures: u64,
    forbidden: u32,
    /// Outcomes in a row of a kind that ends a batch after so many.
    in_a_row: u32,
}

impl Stop {
    /// A run that nothing has ended yet; whoever cancels ends it.
    #[must_use]
    pub fn new(cancel: Cancel, after_failures: Option<u64>) -> Self {
        Stop { is_set: AtomicBool::new(false), cancel, after_failures, tally: Mutex::default() }
    }

    /// Whether nothing more is to be sent.
    #[must_use]
    pub fn is_set(&self) -> bool {
        if self.is_set.load(Ordering::Relaxed) {
            return true;
        }
        if self.cancel.is_cancelled() {
            self.set("interrupted");
            return true;
        }
        false
    }

    /// Ends the run. The first reason stays.
    pub fn set(&self, why: impl Into<String>) {
        self.give_reason(why);
        self.is_set.store(true, Ordering::Relaxed);
    }

    /// Why rows that are still to be read are not sent, while those already queued are.
    pub fn give_reason(&self, why: impl Into<String>) {
        self.tally().why.get_or_insert_with(|| why.into());
    }

    /// Why the run ended, if it did.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        self.tally().why.clone()
    }

    /// Judges what came of a request; one that was called off, and a row that the ledger answered, say nothing.
    pub fn judge(&self, outcome: &Outcome) {
        if outcome.disposition == Disposition::NotSent || outcome.known_from == Some(KnownFrom::Ledger) {
            return;
        }
        let why = self.tally().judge(outcome, self.after_failures);
        if let Some(why) = why {
            self.set(why);
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    fn judge(&mut self, outcome: &Outcome, after_failures: Option<u64>) -> Option<String> {
        if outcome.disposition.exit_code() == 0 {
            self.successes += 1;
        } else {
            self.failures += 1;
        }
        let why = match &outcome.error {
            None => {
                self.in_a_row = 0;
                None
            }
            Some(error) => self.judge_error(error),
        };
        why.or_else(|| match after_failures {
            Some(limit) if self.failures >= limit => Some(format!("{} rows did not end well (--stop-after-failures)", self.failures)),
            _ => None,
        })
    }

    fn judge_error(&mut self, error: &Error) -> Option<String> {
        if error.kind() == Kind::Rejected && error.http_status() == Some(403) {
            self.forbidden += 1;
            if self.forbidden >= FORBIDDEN && self.successes == 0 {
                return Some(format!("{FORBIDDEN} rows were answered 403 and none was accepted: {}", reason(error)));
            }
        }
        let stops = error.kind().row().stops;
        if let Stops::BatchAfter(limit) = stops {
            self.in_a_row += 1;
            return (self.in_a_row >= limit).then(|| format!("{limit} rows in a row ended as {}: {}", error.kind(), reason(error)));
        }
        // An uncertain row is silence as well, and no sign of life between two failures.
        if error.kind() != Kind::Uncertain {
            self.in_a_row = 0;
        }
        match stops {
            Stops::Batch => Some(format!("{}: {}", error.kind(), reason(error))),
            Stops::BatchIfTest if names_the_test(error) => Some(format!("{}: {}", error.kind(), reason(error))),
            _ => None,
        }
    }
}

/// The calls of a batch name one thing that can be unknown, the test, unless the platform names another field.
fn names_the_test(error: &Error) -> bool {
    error.fields().iter().all(|field| matches!(field.field.as_str(), "test" | "test_id" | "task_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(outcomes: &[Outcome], after_failures: Option<u64>) -> Option<(usize, String)> {
        let mut tally = Tally::default();
        outcomes.iter().enumerate().find_map(|(index, outcome)| tally.judge(outcome, after_failures).map(|why| (index + 1, why)))
    }

    fn failed(kind: Kind) -> Outcome {
        Outcome::of_error(Error::new(kind, "no"))
    }

    #[test]
    fn what_concerns_every_row_ends_the_batch_at_once() {
        for kind in [Kind::Unauthorized, Kind::QuotaExhausted, Kind::Configuration, Kind::Storage, Kind::Internal, Kind::NotFound] {
            let (row, why) = judged(&[failed(kind)], None).unwrap();
            assert_eq!((row, why.starts_with(kind.slug())), (1, true), "{why}");
        }
    }

    #[test]
    fn an_unknown_candidate_is_no_unknown_test() {
        let error = Error::new(Kind::NotFound, "no").with_fields(vec![bidden::FieldError::new("id", "unknown user")]);
        assert_eq!(judged(&[Outcome::of_error(error)], None), None);
    }

    #[test]
    fn a_platform_that_is_down_ends_the_batch_after_twenty_in_a_row() {
        for kind in [Kind::Unavailable, Kind::TimedOut, Kind::MalformedReply] {
            let mut outcomes = vec![failed(kind); 19];
            outcomes.push(Outcome::of(Disposition::Invited));
            outcomes.extend(vec![failed(kind); 19]);
            assert_eq!(judged(&outcomes, None), None);
            outcomes.push(failed(kind));
            assert_eq!(judged(&outcomes, None).unwrap().0, 40);
        }
    }

    #[test]
    fn twenty_refusals_403_end_the_batch_unless_one_row_was_accepted() {
        let forbidden = Outcome::of_error(Error::new(Kind::Rejected, "no").with_status(403));
        assert_eq!(judged(&vec![forbidden.clone(); 25], None).unwrap().0, 20);
        let mut outcomes = vec![Outcome::of(Disposition::Invited)];
        outcomes.extend(vec![forbidden; 25]);
        assert_eq!(judged(&outcomes, None), None);
    }

    #[test]
    fn what_concerns_one_row_ends_nothing() {
        for kind in [Kind::Refused, Kind::Rejected, Kind::Duplicate, Kind::Uncertain, Kind::InvalidInput, Kind::RateLimited] {
            assert_eq!(judged(&vec![failed(kind); 100], None), None, "{kind}");
        }
    }

    #[test]
    fn the_users_own_limit_counts_rows_that_did_not_end_well() {
        let outcomes = [failed(Kind::Duplicate), Outcome::of(Disposition::Invited), failed(Kind::Rejected)];
        assert_eq!(judged(&outcomes, Some(2)).unwrap().0, 3);
    }
}
