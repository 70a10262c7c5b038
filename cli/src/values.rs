//! Values that several commands read from their arguments.

use std::io::Read;
use std::path::Path;

use bidden::{Error, Event, Platform, Status, Time};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::failure::{Failure, Result};

/// `imocha`, `think-exam` or `testinvite`.
pub fn platform() -> impl TypedValueParser<Value = Platform> {
    let slugs = Platform::ALL.map(Platform::slug);
    PossibleValuesParser::new(slugs).try_map(|slug| Platform::from_slug(&slug).ok_or("no such platform"))
}

/// A status, or `none` where there is no invitation.
pub fn status_or_none() -> impl TypedValueParser<Value = StatusOrNone> {
    let slugs = std::iter::once("none").chain(Status::ALL.map(Status::slug));
    PossibleValuesParser::new(slugs).map(|slug| StatusOrNone(Status::from_slug(&slug)))
}

/// What `--status` names. A type of its own, because an option that is left out is an `Option` to clap.
#[derive(Clone, Copy, Debug)]
pub struct StatusOrNone(pub Option<Status>);

/// An event such as `reattempt`.
pub fn event() -> impl TypedValueParser<Value = Event> {
    PossibleValuesParser::new(Event::ALL.map(Event::slug)).try_map(|slug| Event::from_slug(&slug).ok_or("no such event"))
}

/// The moment that an option names.
///
/// # Errors
/// `invalid-input` with the option's name.
pub fn time(option: &str, text: &str) -> Result<Time> {
    Time::parse(text).map_err(|error| {
        let reason = error.fields().first().map_or_else(|| error.message().to_owned(), |fault| fault.reason.clone());
        Error::invalid_field(option, reason).into()
    })
}

/// The whole of a file, or of standard input for `-`.
///
/// # Errors
/// Exit 2 when it cannot be read.
pub fn read_all(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::usage(format!("{} cannot be read: {error}", shown(path))))?;
    Ok(bytes)
}

/// As [`read_all`], for text.
///
/// # Errors
/// Exit 2 when it cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read_all(path)?).map_err(|_| Failure::usage(format!("{} is not UTF-8", shown(path))))
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
