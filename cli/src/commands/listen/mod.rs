//! `bidden listen`: receives callbacks, answers at once, and then says in peace what came of them.
//!
//! ```text
//! platform ──▶ receive: read, keep in the inbox, answer 200
//!                 └──▶ work: look up where nothing is signed ──▶ ledger ──▶ a line of JSON, --forward, --run ──▶ done
//! ```
//!
//! A callback is in the inbox before it is answered: the process may be killed at any moment and works off the rest when it is
//! started again. The ledger is opened beside whoever sends.

mod inbox;
mod receive;
mod work;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc;

use bidden::http::BaseUrl;
use bidden::{Platform, Secret};

use super::callback::webhook_key;
use crate::configuration::{RecordOptions, default_ledger, without_password};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::terminal;
use inbox::Inbox;
use receive::Receiver;
use work::Worker;

/// The variable with the part of the path that nobody else should know.
const PATH_SECRET: &str = "BIDDEN_LISTEN_SECRET";

const AFTER_HELP: &str = "\
Register http://HOST/imocha, http://HOST/think-exam or http://HOST/testinvite, with any
path below it: nothing else keeps strangers out on iMocha and TestInvite, which sign
nothing. BIDDEN_LISTEN_SECRET demands a part: /imocha/SECRET. Think Exam's key is compared
when BIDDEN_THINK_EXAM_WEBHOOK_KEY is set.

What is unsigned is looked up where credentials are there; otherwise it is a hint, which
the history shows and the invitation's status does not follow. The same callback twice is
told once; a late one moves nothing back. Every callback is one line of JSON on standard
output; \"ledger\" in it is moved, noted, hint, repeated, unknown, ambiguous or waiting.
--forward and --run get that line; what they refuse is tried again.

Exit code: 0 ended by Ctrl-C with everything passed on, 3 when something waits in the inbox.

Examples: bidden listen --ledger bidden.db
          bidden listen --listen 127.0.0.1:9000 --forward http://127.0.0.1:8000/results
          bidden listen --run 'jq -r .status >> statuses.txt'";

/// The options of `bidden listen`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8788", value_parser = super::sandbox::address)]
    listen: SocketAddr,
    /// Posts each callback to this address
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// Runs this command of the shell for each callback, the line of JSON on its standard input
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// Where callbacks are kept until they are passed on [default: callbacks.jsonl beside the ledger]
    #[arg(long, value_name = "FILE")]
    inbox: Option<PathBuf>,
    /// Writes the address to this file as one line of JSON, once it listens
    #[arg(long, value_name = "FILE")]
    ready: Option<PathBuf>,
    #[command(flatten)]
    record: RecordOptions,
}

/// Runs `bidden listen`.
///
/// # Errors
/// Exit 2 for a configuration that cannot be used, exit 3 when the inbox cannot be written.
pub fn run(options: &Options) -> Result<ExitCode> {
    let forward = options.forward.as_deref().map(BaseUrl::parse).transpose()?;
    let location = options.record.location()?;
    let path = match &options.inbox {
        Some(path) => path.clone(),
        None => inbox_beside(&location)?,
    };
    let interrupt = Interrupt::listen()?;
    let (inbox, waiting) = Inbox::open(&path)?;
    let inbox = Arc::new(inbox);
    let (jobs, arrived) = mpsc::channel();
    let receiver = Receiver { inbox: Arc::clone(&inbox), key: key(options)?, secret: path_secret()?, jobs };
    let listening = receive::Listening::start(options.listen, receiver)?;
    let url = format!("http://{}", listening.address);
    if !options.listen.ip().is_loopback() {
        terminal::note(&format!("warning: everybody who reaches {} can send callbacks", options.listen));
    }
    terminal::note(&format!("listening: {url}/imocha, {url}/think-exam, {url}/testinvite; Ctrl-C stops it"));
    terminal::note(&format!("ledger: {}; inbox: {}", without_password(&location), path.display()));
    if let Some(ready) = &options.ready {
        super::sandbox::write_ready(ready, &serde_json::json!({ "url": url }))
            .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", ready.display())))?;
    }
    let worker = Worker::new(options, forward, location, inbox);
    let left = worker.run(waiting, &arrived, interrupt)?;
    drop(listening);
    if left > 0 {
        terminal::note(&format!("{left} callbacks wait in {}; the next `bidden listen` goes on with them", path.display()));
        return Ok(ExitCode::from(3));
    }
    Ok(ExitCode::SUCCESS)
}

fn inbox_beside(location: &str) -> Result<PathBuf> {
    let ledger = if location.contains("://") { default_ledger()? } else { location.to_owned() };
    Ok(Path::new(&ledger).with_file_name("callbacks.jsonl"))
}

/// The key that Think Exam's callbacks bear. The sandbox's is known to everybody.
fn key(options: &Options) -> Result<Option<Secret>> {
    Ok(webhook_key()?.or_else(|| options.record.sandbox.then(|| Secret::new("sandbox-webhook-key"))))
}

fn path_secret() -> Result<Option<Secret>> {
    match std::env::var(PATH_SECRET) {
        Ok(text) if !text.trim().is_empty() => Ok(Some(Secret::new(text.trim()))),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::configuration(format!("{PATH_SECRET} is not text"))),
    }
}

/// The platform and the rest of a path such as `/imocha/SECRET`.
fn platform_of(path: &str) -> Option<(Platform, &str)> {
    let rest = path.strip_prefix('/')?;
    let (slug, suffix) = rest.split_once('/').unwrap_or((rest, ""));
    Some((Platform::from_slug(slug)?, suffix))
}
