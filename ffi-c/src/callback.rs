//! What a platform sends to an address of the program's: read, verified where it can be, told apart from its repetitions.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::{CallbackEvent, Secret};

use crate::boundary::{Or, boundary};
use crate::call::bidden_header;
use crate::error::bidden_error;
use crate::memory::{self, Output};
use crate::numbers;
use crate::request;
use crate::string::bidden_string;

/// What a platform says has happened, in one form for all three. *Shared*.
pub struct bidden_callback(CallbackEvent);

/// Reads a callback: its headers (NULL with 0 when the program has none) and its body's bytes. `key` is what Think Exam's receiver
/// was given, compared in constant time; NULL leaves it unchecked, and the other two platforms have none. Nothing is assumed of
/// order or of number. What is not verified is a hint: look it up at the platform before you act on it. Free it with
/// `bidden_callback_free`.
///
/// `unauthorized`: the key is missing or another. `malformed-reply`: the body is no callback of the platform.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_read(
    platform: i32,
    headers: *const bidden_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
    key: *const c_char,
    callback: Option<&mut MaybeUninit<Option<Box<bidden_callback>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let callback = Output::new(callback, "callback")?;
        let platform = numbers::platform(platform)?;
        let headers = request::headers(memory::list(headers, header_count, "headers")?)?;
        let key = memory::optional_text(key, "key")?.map(Secret::new);
        let event = CallbackEvent::read(platform, &headers, memory::bytes(body, body_length, "body")?, key.as_ref())?;
        callback.put(Some(Box::new(bidden_callback(event))));
        Ok(())
    })
}

/// Frees a callback. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_free(callback: Option<Box<bidden_callback>>) {
    boundary(Or(()), || drop(callback))
}

/// Whose it is, `BIDDEN_PLATFORM_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_platform(callback: Option<&bidden_callback>) -> i32 {
    boundary(Or(0), || callback.map_or(0, |callback| numbers::of_platform(callback.0.platform)))
}

/// Where the attempt stands, `BIDDEN_STATUS_…`; 0 for NULL. TestInvite speaks of one test session, of which an invitation may
/// have several.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_status(callback: Option<&bidden_callback>) -> i32 {
    boundary(Or(0), || numbers::of_status(callback.map(|callback| callback.0.status)))
}

/// How far it can be believed, `BIDDEN_AUTHENTICITY_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_authenticity(callback: Option<&bidden_callback>) -> i32 {
    boundary(Or(0), || callback.map_or(0, |callback| numbers::of_authenticity(callback.0.authenticity)))
}

/// Whether it moves an invitation that stands at `known_status`, `BIDDEN_STATUS_…`: callbacks come late, twice and in any order,
/// and what is over is not in progress again. False for NULL and for a number that is no status.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_moves(callback: Option<&bidden_callback>, known_status: i32) -> bool {
    boundary(Or(false), || match (callback, numbers::status(known_status)) {
        (Some(callback), Ok(Some(known))) => callback.0.moves(known),
        _ => false,
    })
}

/// Equal for two callbacks that say the same; holds no personal data. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_dedupe_key(callback: Option<&bidden_callback>) -> bidden_string {
    boundary(Or(bidden_string::default()), || callback.map(|callback| callback.0.dedupe_key.as_str()).into())
}

/// The invitation by the platform's id: iMocha's invitation, TestInvite's candidate. Absent for Think Exam. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_invitation_id(callback: Option<&bidden_callback>) -> bidden_string {
    boundary(Or(bidden_string::default()), || callback.and_then(|callback| callback.0.invitation_id.as_deref()).into())
}

/// The candidate's address, where it is told. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_email(callback: Option<&bidden_callback>) -> bidden_string {
    boundary(Or(bidden_string::default()), || callback.and_then(|callback| callback.0.email.as_deref()).into())
}

/// The score, where it is told. False when it is not, and then `score` is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_score(callback: Option<&bidden_callback>, score: Option<&mut MaybeUninit<f64>>) -> bool {
    boundary(Or(false), || match (callback.and_then(|callback| callback.0.score), score) {
        (Some(told), Some(score)) => {
            score.write(told);
            true
        }
        _ => false,
    })
}

/// The neutral JSON: every known member, `null` when not told, unknown ones under `extra`, the body as it came under `body`. It
/// holds personal data. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_callback_json(callback: Option<&bidden_callback>) -> bidden_string {
    boundary(Or(bidden_string::default()), || callback.map(|callback| callback.0.to_json()).as_deref().into())
}
