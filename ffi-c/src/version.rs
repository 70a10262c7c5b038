//! Which library is running. The macros of the same meaning are written into `bidden.h` from `Cargo.toml`.

use std::ffi::c_char;

use crate::boundary::{Or, boundary};

/// The version of the binary interface, which the soname carries. Raised by every incompatible change of this header, and by
/// nothing else.
pub const BIDDEN_ABI_VERSION: u32 = 1;

const VERSION: &std::ffi::CStr = match std::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The running library's version, e.g. `"0.1.0"`: static text, the same as `BIDDEN_VERSION_STRING` when header and library
/// belong together.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_version() -> *const c_char {
    boundary(Or(VERSION.as_ptr()), || VERSION.as_ptr())
}

/// The running library's version as major × 1,000,000 + minor × 1,000 + patch, as `BIDDEN_VERSION_NUMBER`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_version_number() -> u32 {
    boundary(Or(0), || {
        let part = |text: &str| text.parse::<u32>().unwrap_or(0);
        part(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
            + part(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
            + part(env!("CARGO_PKG_VERSION_PATCH"))
    })
}

/// The running library's `BIDDEN_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_abi_version() -> u32 {
    boundary(Or(0), || BIDDEN_ABI_VERSION)
}
