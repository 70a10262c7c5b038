//! The one retry policy, pure: what became of the last try in, wait or give up out.

use std::time::Duration;

use crate::call::Repeat;
use crate::{Error, Kind, Time};

/// Reads a `Retry-After` header in either form: seconds, or a date. A date counts from the answer's own `Date` header,
/// so that a wrong clock on either side does no harm; without one it cannot be used.
pub(crate) fn read_retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Time::from_http_date(text)?;
    let from = Time::from_http_date(date?)?;
    Some(until.since(from))
}

/// How a try ended that brought no good answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Nothing was written to the platform: no name, no connection, no TLS.
    NotSent,
    /// Something was written, and no complete answer came.
    PerhapsSent,
    /// A complete answer came.
    Answered,
}

/// How often, how long, and how patiently a call is tried.
///
/// ```
/// use bidden::retry::{Delivery, Policy, Verdict};
/// use bidden::{Error, Kind, Repeat};
/// use std::time::Duration;
/// let policy = Policy::default();
/// let error = Error::new(Kind::TimedOut, "no answer");
/// let verdict = policy.judge(Repeat::Never, 1, &error, Delivery::PerhapsSent, Duration::ZERO, 0.5);
/// assert_eq!(verdict, Verdict::GiveUp);
/// let verdict = policy.judge(Repeat::Freely, 1, &error, Delivery::PerhapsSent, Duration::ZERO, 0.5);
/// assert_eq!(verdict, Verdict::Wait(Duration::from_millis(500)));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Policy {
    /// Tries in all, the first included.
    pub tries: u32,
    /// The first wait's upper bound; it doubles with every try. The wait is drawn evenly from zero to the bound (full jitter).
    pub base: Duration,
    /// No wait is longer, the platform's own `Retry-After` included: one that asks for more ends the call.
    pub longest: Duration,
    /// No try begins later than this after the first.
    pub deadline: Duration,
}

impl Default for Policy {
    /// Five tries, 1 s doubling, as clients of iMocha do (iMocha reference, section 6, observed in public clients), within two minutes.
    fn default() -> Self {
        Policy { tries: 5, base: Duration::from_secs(1), longest: Duration::from_secs(60), deadline: Duration::from_secs(120) }
    }
}

/// What to do after a failed try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Wait, then try again. After [`Delivery::PerhapsSent`] with [`Repeat::WithoutMail`] the repeat goes without mail.
    Wait(Duration),
    /// No further try.
    GiveUp,
}

impl Policy {
    /// Judges a failed try. `attempt` counts from 1; `elapsed` is the time since the first try began; `jitter` is an
    /// even draw from 0 to 1.
    #[must_use]
    pub fn judge(&self, repeat: Repeat, attempt: u32, error: &Error, delivery: Delivery, elapsed: Duration, jitter: f64) -> Verdict {
        if attempt >= self.tries {
            return Verdict::GiveUp;
        }
        let may_repeat = match error.kind() {
            Kind::RateLimited => true,
            Kind::Unavailable | Kind::TimedOut => delivery == Delivery::NotSent || repeat != Repeat::Never,
            _ => false,
        };
        if !may_repeat {
            return Verdict::GiveUp;
        }
        let bound = self.base.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX)).min(self.longest);
        let ours = bound.mul_f64(jitter.clamp(0.0, 1.0));
        let wait = match error.retry_after() {
            Some(theirs) if theirs > self.longest => return Verdict::GiveUp,
            Some(theirs) => theirs.max(ours),
            None => ours,
        };
        if elapsed.saturating_add(wait) > self.deadline { Verdict::GiveUp } else { Verdict::Wait(wait) }
    }
}
