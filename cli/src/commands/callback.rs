//! `bidden callback`: reads a stored callback, for scripts and receivers of one's own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use bidden::{CallbackEvent, Platform, Secret};
use http::HeaderMap;

use super::call::ErrorObject;
use crate::failure::{Failure, Result};
use crate::{terminal, values};

/// The variable with the key that Think Exam's admin panel shows.
pub(crate) const WEBHOOK_KEY: &str = "BIDDEN_THINK_EXAM_WEBHOOK_KEY";

const AFTER_HELP: &str = "\
Think Exam's key is compared when BIDDEN_THINK_EXAM_WEBHOOK_KEY is set. iMocha and
TestInvite sign nothing: what they say is a hint (\"authenticity\":\"unsigned\").
Callbacks with an equal dedupe_key say the same. On failure standard output carries
{\"error\":{\"kind\",\"message\",…}}.

Exit code: 0 it was read, 1 it is no callback of the platform or its key is another.

Example: bidden callback imocha body.json";

/// The options of `bidden callback`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Whose callback
    #[arg(value_name = "PLATFORM", value_parser = values::platform())]
    platform: Platform,
    /// Its body as it came; - is standard input
    #[arg(value_name = "FILE|-")]
    body: PathBuf,
    /// Its headers as one JSON object
    #[arg(long, value_name = "FILE")]
    headers: Option<PathBuf>,
}

/// Runs `bidden callback`.
///
/// # Errors
/// Exit 1 for what is no callback, exit 2 for files that cannot be read.
pub fn run(options: &Options) -> Result<ExitCode> {
    let headers = match &options.headers {
        Some(path) => headers(&values::read_text(path)?)?,
        None => HeaderMap::new(),
    };
    let body = values::read_all(&options.body)?;
    match CallbackEvent::read(options.platform, &headers, &body, webhook_key()?.as_ref()) {
        Ok(event) => {
            terminal::print(&event.to_json())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            terminal::print_json(&ErrorObject::of(&error))?;
            Err(error.into())
        }
    }
}

/// The key of Think Exam's webhook, where one is set.
pub(crate) fn webhook_key() -> Result<Option<Secret>> {
    match std::env::var(WEBHOOK_KEY) {
        Ok(text) if !text.trim().is_empty() => Ok(Some(Secret::new(text.trim()))),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::configuration(format!("{WEBHOOK_KEY} is not text"))),
    }
}

fn headers(text: &str) -> Result<HeaderMap> {
    let wrong = |reason: String| Failure::usage(format!("the headers cannot be read: {reason}"));
    let given: BTreeMap<String, String> = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let unfit = || wrong(format!("{name} cannot be a header"));
        let read: http::HeaderName = name.parse().map_err(|_| unfit())?;
        headers.append(read, value.parse().map_err(|_| unfit())?);
    }
    Ok(headers)
}
