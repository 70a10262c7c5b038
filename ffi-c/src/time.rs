//! Moments and access windows. A moment is whole seconds since 1970 UTC; 0 says that there is none.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::time::SystemTime;

use bidden::{AccessWindow, Error, Time};

use crate::boundary::{Or, boundary};
use crate::error::bidden_error;
use crate::memory::{self, Output};
use crate::string::bidden_string;

/// No moment: an open side of a window, a date that is not given, and for `now_seconds` *read the clock*.
pub const BIDDEN_TIME_ABSENT: i64 = 0;

/// When a candidate may start: from `start_seconds`, until before `end_seconds`. A zeroed window is open on both sides.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_window {
    /// The first moment at which the test may be started; `BIDDEN_TIME_ABSENT` for none.
    pub start_seconds: i64,
    /// The first moment at which it may no longer be started; `BIDDEN_TIME_ABSENT` for none.
    pub end_seconds: i64,
}

/// A moment of C, `None` when absent. Milliseconds and durations are refused.
#[inline(always)]
pub fn moment(seconds: i64, argument: &str) -> Result<Option<Time>, Error> {
    if seconds == BIDDEN_TIME_ABSENT {
        return Ok(None);
    }
    match Time::from_plausible_seconds(seconds) {
        Ok(time) => Ok(Some(time)),
        Err(error) => Err(no_moment(&error, argument)),
    }
}

#[cold]
fn no_moment(error: &Error, argument: &str) -> Error {
    memory::fault(argument, error.fields().first().map_or("is no moment", |field| field.reason.as_str()))
}

/// `now` of C: absent means that the clock is read.
#[inline(always)]
pub fn now(seconds: i64) -> Result<Time, Error> {
    match moment(seconds, "now_seconds")? {
        Some(now) => Ok(now),
        None => Ok(SystemTime::now().into()),
    }
}

/// A window of C; NULL is open on both sides.
#[inline(always)]
pub fn window(window: Option<&bidden_window>) -> Result<AccessWindow, Error> {
    let Some(window) = window else { return Ok(AccessWindow::default()) };
    Ok(AccessWindow {
        start: moment(window.start_seconds, "window.start_seconds")?,
        end: moment(window.end_seconds, "window.end_seconds")?,
    })
}

/// Reads RFC 3339 text such as `2026-01-31T09:00:00+01:00`, or seconds since 1970 as digits. With a `zone` (an IANA name such
/// as `Europe/Berlin`; NULL for none) a local time such as `2026-01-31T09:00` is read too.
///
/// `invalid-input`: a time without zone, milliseconds, a duration, a local time that a clock change skips or repeats; `zone`
/// that is not NULL, in a library built without time zones.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_time_parse(
    text: *const c_char,
    zone: *const c_char,
    seconds: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let seconds = Output::new(seconds, "seconds")?;
        let text = memory::text(text, "text")?;
        let time = match memory::optional_text(zone, "zone")? {
            Some(zone) => in_zone(text, zone)?,
            None => Time::parse(text)?,
        };
        seconds.put(time.seconds());
        Ok(())
    })
}

#[cfg(feature = "zones")]
fn in_zone(text: &str, zone: &str) -> Result<Time, Error> {
    Time::parse_local(text, zone)
}

#[cfg(not(feature = "zones"))]
fn in_zone(_text: &str, _zone: &str) -> Result<Time, Error> {
    Err(memory::fault("zone", "this libbidden was built without time zones; give the time with its offset, and NULL here"))
}

/// A moment as RFC 3339 text in UTC, e.g. `2026-01-31T08:00:00Z`; held between the years 0 and 9999. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_time_text(seconds: i64) -> bidden_string {
    boundary(Or(bidden_string::default()), || Time::from_seconds(seconds).to_string().as_str().into())
}

/// Checks a window: its end lies after its start and has not passed. `window` may be NULL: it is open.
///
/// `invalid-input`, field `end` or the argument.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_window_check(
    window: Option<&bidden_window>,
    now_seconds: i64,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let window = self::window(window)?;
        AccessWindow::new(window.start, window.end)?.check_not_over(now(now_seconds)?)
    })
}
