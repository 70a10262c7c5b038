//! The one owned text that goes out.

use std::ffi::c_char;

use crate::boundary::{Or, boundary};
use crate::memory;

/// An owned text. It is UTF-8 unless the function that gave it says otherwise, and NUL-terminated.
///
/// A platform's text may hold NUL, so `length` is the truth. `{NULL, 0}` stands for *absent* and is a valid empty string
/// for `bidden_string_free`. The two members must not be changed.
#[repr(C)]
pub struct bidden_string {
    /// The text; NULL when absent.
    pub text: *mut c_char,
    /// Its length in bytes, without the NUL.
    pub length: usize,
}

impl Default for bidden_string {
    fn default() -> Self {
        bidden_string { text: std::ptr::null_mut(), length: 0 }
    }
}

impl From<&str> for bidden_string {
    fn from(text: &str) -> Self {
        memory::new_string(text.as_bytes())
    }
}

impl From<Option<&str>> for bidden_string {
    fn from(text: Option<&str>) -> Self {
        text.map(bidden_string::from).unwrap_or_default()
    }
}

/// Bytes of the caller: a secret or a body. `{NULL, 0}` is empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_bytes {
    /// The first byte.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
}

/// Frees a text and sets it to `{NULL, 0}`; the bytes are zeroed first. NULL and a zeroed text are allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_string_free(string: Option<&mut bidden_string>) {
    boundary(Or(()), || {
        if let Some(string) = string {
            memory::free_string(string);
        }
    })
}

/// The bytes of a NUL-terminated text, without the NUL, for secrets that are text. They stay the caller's. NULL gives
/// `{NULL, 0}`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_bytes_of(text: *const c_char) -> bidden_bytes {
    boundary(Or(bidden_bytes { bytes: std::ptr::null(), length: 0 }), || bidden_bytes {
        bytes: text.cast::<u8>(),
        length: memory::length(text),
    })
}
