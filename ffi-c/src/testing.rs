//! Fails or panics on demand at each stage of a crossing. In no release: the feature `testing` is off, and a test looks.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::{Error, Kind};

use crate::boundary::boundary;
use crate::error::bidden_error;
use crate::memory::{self, Output};
use crate::string::bidden_string;

/// What a crossing does at one of its stages.
struct Fault<'a> {
    stage: &'a str,
    panics: bool,
}

impl Fault<'_> {
    #[allow(clippy::panic, reason = "panicking is what it is for")]
    fn at(&self, stage: &str) -> Result<(), Error> {
        match (self.stage == stage, self.panics) {
            (false, _) => Ok(()),
            // A private text in the payload: it must not come out.
            (true, true) => std::panic::panic_any(format!("private@example.com while {stage}")),
            (true, false) => Err(Error::new(Kind::Refused, format!("refused while {stage}"))),
        }
    }
}

/// An argument whose conversion may fail.
fn convert<'a>(text: *const c_char, fault: &Fault<'_>) -> Result<&'a str, Error> {
    fault.at("converting")?;
    memory::text(text, "text")
}

/// A result whose way out may fail, with something allocated on the way.
fn give(text: String, output: Output<'_, bidden_string>, fault: &Fault<'_>) -> Result<(), Error> {
    fault.at("returning")?;
    output.put(text.as_str().into());
    Ok(())
}

/// Copies a text, and fails or panics (`panics`) at a stage: `converting`, `inside`, `returning`, or another word for none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testing_stage(
    stage: *const c_char,
    panics: bool,
    text: *const c_char,
    copy: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let copy = Output::new(copy, "copy")?;
        let fault = Fault { stage: memory::text(stage, "stage")?, panics };
        let text = convert(text, &fault)?.to_owned();
        fault.at("inside")?;
        give(text, copy, &fault)
    })
}
