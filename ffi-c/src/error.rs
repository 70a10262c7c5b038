//! The error object: owned by the caller, never an errno, never a "last error" of a thread.

use std::ffi::c_char;

use bidden::error::KINDS;
use bidden::{Error, Kind};

use crate::boundary::{Or, boundary};
use crate::numbers;
use crate::string::bidden_string;

/// What went wrong. *Shared*: any number of threads may read one object.
pub struct bidden_error(pub Error);

/// The error of a number that a callback returned; `other` for a number that is no kind.
pub fn of_number(number: i32, other: Kind, message: &str) -> Error {
    let kind = KINDS.iter().find(|row| row.number == number).map_or(other, |row| row.kind);
    Error::new(kind, message)
}

/// Frees an error. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_free(error: Option<Box<bidden_error>>) {
    boundary(Or(()), || drop(error))
}

/// The number of its kind, `BIDDEN_ERROR_…`; `BIDDEN_OK` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_kind(error: Option<&bidden_error>) -> i32 {
    boundary(Or(0), || error.map_or(0, |error| error.0.kind().row().number))
}

/// The name of its kind, e.g. `"not-found"`: static text. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_slug(error: Option<&bidden_error>) -> *const c_char {
    boundary(Or(std::ptr::null()), || numbers::bidden_kind_slug(error.map_or(-1, |error| error.0.kind().row().number)))
}

/// One line for people and logs, without secrets and personal data. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_message(error: Option<&bidden_error>) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.map(|error| error.0.to_string().as_str().into()).unwrap_or_default())
}

/// Whether the same request may help when sent again, given that nothing was sent or that it may be repeated.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_can_retry(error: Option<&bidden_error>) -> bool {
    boundary(Or(false), || error.is_some_and(|error| error.0.can_retry()))
}

/// The platform it concerns, `BIDDEN_PLATFORM_…`; 0 when it concerns none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_platform(error: Option<&bidden_error>) -> i32 {
    boundary(Or(0), || error.and_then(|error| error.0.platform()).map_or(0, numbers::of_platform))
}

/// The call it happened in, e.g. `imocha.invite`; absent when it was none. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_operation(error: Option<&bidden_error>) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.operation()).into())
}

/// The platform's own code, e.g. `3095`; absent when it gave none. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_platform_code(error: Option<&bidden_error>) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.platform_code()).into())
}

/// The platform's own text as it came: it may hold personal data. Absent when it gave none. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_platform_message(error: Option<&bidden_error>) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.platform_message()).into())
}

/// The answer as it came, where it could not be read: it may hold personal data. Else absent. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_raw_reply(error: Option<&bidden_error>) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.raw_reply()).into())
}

/// HTTP status of the answer; 0 when there was none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_http_status(error: Option<&bidden_error>) -> i32 {
    boundary(Or(0), || error.and_then(|error| error.0.http_status()).map_or(0, i32::from))
}

/// How many seconds the platform asks to wait, rounded up; -1 when it does not say.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_retry_after_seconds(error: Option<&bidden_error>) -> i64 {
    boundary(Or(-1), || {
        let wait = error.and_then(|error| error.0.retry_after());
        wait.map_or(-1, |wait| i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX))
    })
}

/// How many fields were refused.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_field_count(error: Option<&bidden_error>) -> usize {
    boundary(Or(0), || error.map_or(0, |error| error.0.fields().len()))
}

/// The name of a refused field or argument, from 0; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_field(error: Option<&bidden_error>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.fields().get(index)).map(|field| field.field.as_str()).into())
}

/// Why a field was refused, without its value; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_error_field_reason(error: Option<&bidden_error>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || error.and_then(|error| error.0.fields().get(index)).map(|field| field.reason.as_str()).into())
}
