//! The sandbox's own clock: the machine's, moved or frozen.

use bidden::Time;
use serde::{Deserialize, Serialize};

/// How far the sandbox's clock is from the machine's, or where it stands still. Milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Clock {
    offset: i64,
    frozen: Option<i64>,
}

/// A body of `POST /_sandbox/clock`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockChange {
    set: Option<String>,
    advance: Option<String>,
    pub(crate) freeze: Option<bool>,
    /// Whether to answer only when everything that has come due has happened.
    #[serde(default)]
    pub(crate) wait: bool,
}

impl ClockChange {
    /// Only that the clock runs again.
    pub(crate) fn release() -> Self {
        ClockChange { freeze: Some(false), ..ClockChange::default() }
    }
}

impl Clock {
    pub(crate) fn now(self, machine_now: Time) -> Time {
        Time::from_milliseconds(self.frozen.unwrap_or_else(|| machine_now.milliseconds().saturating_add(self.offset)))
    }

    /// The clock after a change: set, then advanced, then frozen or released.
    pub(crate) fn changed(mut self, change: &ClockChange, machine_now: Time) -> Result<Clock, String> {
        if change.set.is_none() && change.advance.is_none() && change.freeze.is_none() {
            return Err("one of set, advance and freeze is expected".to_owned());
        }
        if let Some(text) = &change.set {
            let time = Time::parse(text).map_err(|_| "set: a time such as 2026-01-31T09:00:00Z is expected".to_owned())?;
            self = self.at(time.milliseconds(), machine_now);
        }
        if let Some(text) = &change.advance {
            self = self.at(later(self.now(machine_now), text)?, machine_now);
        }
        match change.freeze {
            Some(true) => self.frozen = Some(self.now(machine_now).milliseconds()),
            Some(false) => {
                self.offset = self.now(machine_now).milliseconds().saturating_sub(machine_now.milliseconds());
                self.frozen = None;
            }
            None => {}
        }
        Ok(self)
    }

    /// Whether it moves only when told.
    pub(crate) fn is_frozen(self) -> bool {
        self.frozen.is_some()
    }

    /// The clock that stands still at this time.
    pub(crate) fn frozen_at(self, time: Time) -> Clock {
        Clock { frozen: Some(time.milliseconds()), ..self }
    }

    /// The clock that shows this time, in milliseconds.
    pub(crate) fn at(self, time: i64, machine_now: Time) -> Clock {
        match self.frozen {
            Some(_) => Clock { frozen: Some(time), ..self },
            None => Clock { offset: time.saturating_sub(machine_now.milliseconds()), ..self },
        }
    }

    /// The clock that goes on from a moment; one that stands still stands where it stood.
    pub(crate) fn resumed(self, from: Time, machine_now: Time) -> Clock {
        if self.frozen.is_some() { self } else { self.at(from.milliseconds(), machine_now) }
    }
}

/// The moment after an ISO 8601 duration; days and months are counted in UTC.
fn later(now: Time, duration: &str) -> Result<i64, String> {
    let span: jiff::Span =
        duration.trim().parse().map_err(|_| "advance: an ISO 8601 duration such as P1D or PT2H is expected".to_owned())?;
    let moved = jiff::Timestamp::from_millisecond(now.milliseconds())
        .and_then(|timestamp| timestamp.to_zoned_datetime(jiff::tz::TimeZone::UTC).checked_add(span))
        .map_err(|_| "advance: that is beyond the year 9999".to_owned())?;
    Ok(moved.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(json: &str) -> ClockChange {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let machine = Time::from_seconds(1_700_000_000);
        let later = Time::from_seconds(1_700_000_500);
        let clock = Clock::default().changed(&change(r#"{"set":"2026-01-31T09:00:00Z","freeze":true}"#), machine).unwrap();
        assert_eq!(clock.now(later).to_string(), "2026-01-31T09:00:00Z");
        let clock = clock.changed(&change(r#"{"advance":"P1M"}"#), later).unwrap();
        assert_eq!(clock.now(later).to_string(), "2026-02-28T09:00:00Z");
        let clock = clock.changed(&change(r#"{"freeze":false}"#), later).unwrap();
        assert_eq!(clock.now(Time::from_seconds(1_700_000_501)).to_string(), "2026-02-28T09:00:01Z");
    }

    #[test]
    fn a_change_that_cannot_be_read_says_why() {
        let machine = Time::from_seconds(1_700_000_000);
        for json in ["{}", r#"{"advance":"tomorrow"}"#, r#"{"set":"2026-01-31T09:00:00"}"#, r#"{"advance":"P9999Y"}"#] {
            let reason = Clock::default().changed(&change(json), machine).unwrap_err();
            assert!(reason.contains("expected") || reason.contains("beyond"), "{json}: {reason}");
        }
    }
}
