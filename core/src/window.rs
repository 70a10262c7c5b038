//! One type for a moment, one for the window in which a candidate may start.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::calendar::{self, Written};
use crate::{Error, FieldError};

/// A moment, in whole milliseconds since 1970 UTC. Goes in and out as seconds, RFC 3339 text or [`SystemTime`].
///
/// ```
/// use bidden::Time;
/// let time = Time::parse("2020-06-11T21:30:00+05:30")?;
/// assert_eq!(time.to_string(), "2020-06-11T16:00:00Z");
/// assert_eq!(time, Time::from_seconds(1_591_891_200));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// The last second of the year 9999: RFC 3339 has four digits for a year.
const LAST_SECOND: i64 = 253_402_300_799;

/// Below this, a number of seconds is a duration and not a moment (2001-09-09); see TestInvite reference, choice C37.
const FIRST_PLAUSIBLE_SECOND: i64 = 1_000_000_000;

/// Above this, a number is milliseconds and not seconds (year 5138); see TestInvite reference, choice C37.
const LAST_PLAUSIBLE_SECOND: i64 = 100_000_000_000;

impl Time {
    /// Seconds since 1970 UTC, held between the years 0 and 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Time(seconds.clamp(-62_167_219_200, LAST_SECOND) * 1000)
    }

    /// Seconds since 1970 UTC that a person or a program gave: refuses what looks like milliseconds or like a duration.
    ///
    /// # Errors
    /// `invalid-input`.
    #[inline(always)]
    pub fn from_plausible_seconds(seconds: i64) -> Result<Self, Error> {
        // A decision in C reads three of them and takes less time than calls would, also in a build for size.
        if !(FIRST_PLAUSIBLE_SECOND..=LAST_PLAUSIBLE_SECOND).contains(&seconds) {
            Err(Time::implausible(seconds))
        } else {
            Ok(Time(seconds * 1000))
        }
    }

    #[cold]
    fn implausible(seconds: i64) -> Error {
        let reason = Time::read_seconds(seconds).err().unwrap_or_default();
        Error::invalid_field("time", reason)
    }

    /// Milliseconds since 1970 UTC, held between the years 0 and 9999.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        Time(milliseconds.clamp(-62_167_219_200_000, LAST_SECOND * 1000 + 999))
    }

    /// Whole seconds since 1970 UTC, rounded down.
    #[must_use]
    #[inline]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// The moment after a duration.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Time::from_milliseconds(self.0.saturating_add(milliseconds))
    }

    /// How long it is from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads RFC 3339 text, or seconds since 1970 as digits.
    ///
    /// # Errors
    /// `invalid-input`, without a field name: a time without zone, milliseconds or a duration where seconds belong, or
    /// anything else that is not a moment.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Time::read(text).map_err(|reason| Error::invalid_field("time", reason))
    }

    /// As [`Time::parse`], with the bare reason, for callers that know the field.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let seconds = text.parse().unwrap_or(i64::MAX);
            return Time::read_seconds(seconds);
        }
        match calendar::read(text) {
            Some(Written::Utc(milliseconds)) => Ok(Time::from_milliseconds(milliseconds)),
            Some(Written::Local(_)) => {
                Err("a time without zone could mean any hour; write it like 2026-01-31T09:00:00Z or 2026-01-31T09:00:00+01:00".into())
            }
            None => Err("not a time; write it like 2026-01-31T09:00:00Z, or as seconds since 1970".into()),
        }
    }

    /// Seconds since 1970 where a moment is meant: refuses milliseconds and durations.
    ///
    /// Source: TestInvite reference, choice C37.
    pub(crate) fn read_seconds(seconds: i64) -> Result<Self, String> {
        if seconds > LAST_PLAUSIBLE_SECOND {
            Err(format!("{seconds} looks like milliseconds; seconds since 1970 are expected"))
        } else if seconds < FIRST_PLAUSIBLE_SECOND {
            Err(format!("{seconds} looks like a duration; seconds since 1970 are expected"))
        } else {
            Ok(Time::from_seconds(seconds))
        }
    }

    /// Reads a local time such as `2026-01-31T09:00` in an IANA zone, or any text that [`Time::parse`] takes. Feature `zones`.
    ///
    /// # Errors
    /// `invalid-input`: an unknown zone, or a local time that the zone's clock change skips or repeats.
    ///
    /// ```
    /// let time = bidden::Time::parse_local("2026-01-31T09:00", "Asia/Kolkata")?;
    /// assert_eq!(time.to_string(), "2026-01-31T03:30:00Z");
    /// # Ok::<(), bidden::Error>(())
    /// ```
    #[cfg(feature = "zones")]
    pub fn parse_local(text: &str, zone: &str) -> Result<Self, Error> {
        let Some(Written::Local(milliseconds)) = calendar::read(text.trim()) else {
            return Time::parse(text);
        };
        let zone_found = jiff::tz::TimeZone::get(zone)
            .map_err(|_| Error::invalid_field("zone", format!("unknown zone “{zone}”; an IANA name such as Europe/Berlin is expected")))?;
        let local = jiff::Timestamp::from_millisecond(milliseconds).map(|moment| jiff::tz::TimeZone::UTC.to_datetime(moment));
        let moment = local.and_then(|local| zone_found.to_ambiguous_timestamp(local).unambiguous()).map_err(|_| {
            Error::invalid_field(
                "time",
                format!("the clocks of {zone} change then, so this local time is skipped or happens twice; give it with its offset"),
            )
        })?;
        Ok(Time::from_milliseconds(moment.as_millisecond()))
    }

    /// The form of HTTP headers, e.g. `Tue, 14 Nov 2023 22:13:20 GMT`.
    #[must_use]
    pub fn to_http_date(self) -> String {
        calendar::to_http_date(self.seconds())
    }

    /// Reads the form of HTTP headers. `None` when it is not one.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        calendar::from_http_date(text.trim()).map(Time)
    }

    /// RFC 3339 in UTC with whole seconds, `YYYY-MM-ddTHH:mm:ssZ`: iMocha's wire form (iMocha reference, section 3, documented).
    #[must_use]
    pub fn to_rfc3339_seconds(self) -> String {
        Time::from_seconds(self.seconds()).to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        calendar::write(self.0, formatter)
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Time({self})")
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        let milliseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |m| -m),
        };
        Time::from_milliseconds(milliseconds)
    }
}

impl From<Time> for SystemTime {
    fn from(time: Time) -> Self {
        match u64::try_from(time.0) {
            Ok(milliseconds) => UNIX_EPOCH + Duration::from_millis(milliseconds),
            Err(_) => UNIX_EPOCH - Duration::from_millis(time.0.unsigned_abs()),
        }
    }
}

/// When a candidate may start: from `start`, until before `end`. Either side may be open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct AccessWindow {
    /// The first moment at which the test may be started.
    pub start: Option<Time>,
    /// The first moment at which it may no longer be started.
    pub end: Option<Time>,
}

impl AccessWindow {
    /// A window whose end, when both sides are given, lies after its start.
    ///
    /// # Errors
    /// `invalid-input`, field `end`: the end is not after the start.
    pub fn new(start: Option<Time>, end: Option<Time>) -> Result<Self, Error> {
        let window = AccessWindow { start, end };
        match window.fault() {
            Some(reason) => Err(Error::invalid_field("end", reason)),
            None => Ok(window),
        }
    }

    /// What is wrong with the two sides together.
    pub(crate) fn fault(&self) -> Option<String> {
        match (self.start, self.end) {
            (Some(start), Some(end)) if end <= start => Some(format!("the end {end} is not after the start {start}")),
            _ => None,
        }
    }

    /// Refuses a window that nobody could use any more.
    ///
    /// # Errors
    /// `invalid-input`, field `end`: the end has passed.
    pub fn check_not_over(&self, now: Time) -> Result<(), Error> {
        match self.end {
            Some(end) if end <= now => Err(Error::invalid_input(vec![FieldError::new("end", format!("the end {end} has already passed"))])),
            _ => Ok(()),
        }
    }

    /// Whether the window has not opened yet.
    #[must_use]
    pub fn is_before(&self, now: Time) -> bool {
        self.start.is_some_and(|start| now < start)
    }

    /// Whether the window is over.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_zone() {
        let error = Time::parse("2026-01-31T09:00:00").unwrap_err();
        assert!(error.to_string().contains("without zone"), "{error}");
    }

    #[test]
    fn milliseconds_and_durations_are_not_seconds() {
        assert!(Time::parse("1700000000000").unwrap_err().to_string().contains("milliseconds"));
        assert!(Time::parse("86400").unwrap_err().to_string().contains("duration"));
        assert_eq!(Time::parse("1700000000").unwrap().to_string(), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn imocha_gets_whole_seconds() {
        assert_eq!(Time::from_milliseconds(1_591_891_200_987).to_rfc3339_seconds(), "2020-06-11T16:00:00Z");
    }

    #[cfg(feature = "zones")]
    #[test]
    fn a_skipped_local_time_is_refused() {
        assert!(Time::parse_local("2026-03-29T02:30", "Europe/Berlin").is_err());
        assert!(Time::parse_local("2026-03-29T03:30", "Europe/Berlin").is_ok());
        assert!(Time::parse_local("2026-03-29T03:30", "Europe/Nowhere").unwrap_err().to_string().contains("IANA"));
    }

    #[test]
    fn the_end_comes_after_the_start_and_is_not_past() {
        let (early, late) = (Time::from_seconds(1_700_000_000), Time::from_seconds(1_700_000_001));
        assert!(AccessWindow::new(Some(late), Some(early)).is_err());
        assert!(AccessWindow::new(Some(early), Some(early)).is_err());
        let window = AccessWindow::new(Some(early), Some(late)).unwrap();
        assert!(window.check_not_over(late).is_err());
        assert!(window.check_not_over(early).is_ok());
    }

    #[test]
    fn http_dates_go_both_ways() {
        let time = Time::from_seconds(1_700_000_000);
        assert_eq!(time.to_http_date(), "Tue, 14 Nov 2023 22:13:20 GMT");
        assert_eq!(Time::from_http_date("Tue, 14 Nov 2023 22:13:20 GMT"), Some(time));
        assert_eq!(Time::from_http_date("2 seconds"), None);
    }
}
