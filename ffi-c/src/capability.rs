//! What each platform can do with an operation or an option, before anything is sent.

use std::ffi::{CString, c_char};
use std::sync::LazyLock;

use bidden::Platform;
use bidden::capability::{Capability, OPERATIONS, OPTIONS, Support};

use crate::boundary::{Or, boundary};
use crate::{memory, numbers};

/// As asked.
pub const BIDDEN_SUPPORT_HONOURED: i32 = 1;
/// Nearly: the note says in what it differs.
pub const BIDDEN_SUPPORT_APPROXIMATED: i32 = 2;
/// Not at all: the note says why, and what to do instead.
pub const BIDDEN_SUPPORT_NOT_POSSIBLE: i32 = 3;

/// The operations, then the options of an invitation, as static texts of C: the name, and the note of each platform.
static ROWS: LazyLock<Vec<(&'static Capability, CString, [CString; 3])>> = LazyLock::new(|| {
    let text = |text: &str| CString::new(text).unwrap_or_default();
    let row = |capability: &'static Capability| {
        (capability, text(capability.name), Platform::ALL.map(|platform| text(capability.on(platform).note())))
    };
    OPERATIONS.iter().chain(&OPTIONS).map(row).collect()
});

fn row(name: *const c_char) -> Option<&'static (&'static Capability, CString, [CString; 3])> {
    let name = memory::text(name, "name").ok()?;
    ROWS.iter().find(|(capability, ..)| capability.name == name)
}

/// How many operations and options there are.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_capability_count() -> usize {
    boundary(Or(0), || ROWS.len())
}

/// The name of an operation or an option of the command, from 0, e.g. `"reattempt"`, `"send-email"`: static text. NULL behind the
/// last.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_capability_name_at(index: usize) -> *const c_char {
    boundary(Or(std::ptr::null()), || ROWS.get(index).map_or(std::ptr::null(), |(_, name, _)| name.as_ptr()))
}

/// What a platform makes of an operation or an option, `BIDDEN_SUPPORT_…`; 0 for a platform or a name that is none. What is lost of
/// an invitation is known beforehand: ask for each option that is set.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_capability_support(platform: i32, name: *const c_char) -> i32 {
    boundary(Or(0), || match (numbers::platform(platform), row(name)) {
        (Ok(platform), Some((capability, ..))) => match capability.on(platform) {
            Support::Honoured => BIDDEN_SUPPORT_HONOURED,
            Support::Approximated(_) => BIDDEN_SUPPORT_APPROXIMATED,
            Support::NotPossible(_) => BIDDEN_SUPPORT_NOT_POSSIBLE,
        },
        _ => 0,
    })
}

/// In what it differs, or why it is not possible and what to do instead: static text, empty when it is honoured. NULL for a platform
/// or a name that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_capability_note(platform: i32, name: *const c_char) -> *const c_char {
    boundary(Or(std::ptr::null()), || {
        let (Ok(platform), Some((.., notes))) = (numbers::platform(platform), row(name)) else { return std::ptr::null() };
        let index = Platform::ALL.iter().position(|known| *known == platform);
        index.and_then(|index| notes.get(index)).map_or(std::ptr::null(), |note| note.as_ptr())
    })
}
