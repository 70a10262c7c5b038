//! `bidden sandbox`: the three platforms on this machine, until Ctrl-C.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bidden::Kind;
use bidden_sandbox::{Credentials, DEFAULT_KEEP_REQUESTS, Durability, Fixtures, Options as SandboxOptions, Place, Preset};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::sandbox_here::{Running, default_database};
use crate::terminal;

const AFTER_HELP: &str = "\
It mails nobody and reaches no platform. Its control plane is below /_sandbox/, e.g. /_sandbox/health.

Example: bidden sandbox --listen 127.0.0.1:8787 --database :memory:";

/// The options of `bidden sandbox`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    listen: SocketAddr,
    /// Where to keep what happens: a file, or :memory: [default: .bidden/sandbox.db]
    #[arg(long, value_name = "FILE|:memory:")]
    database: Option<PathBuf>,
    /// Writes address and credentials to this file as one line of JSON, once it listens
    #[arg(long, value_name = "FILE")]
    ready: Option<PathBuf>,
    /// What an answered request survives: the end of the process, or a power cut too
    #[arg(long, value_parser = ["kill", "power-loss"], default_value = "kill")]
    durability: String,
    /// How many platform calls /_sandbox/requests remembers
    #[arg(long, value_name = "N", default_value_t = DEFAULT_KEEP_REQUESTS)]
    keep_requests: u64,
    /// Lets the first platform call go wrong in this way, the second as the second --fault says, and so on;
    /// /_sandbox/faults does more
    #[arg(long = "fault", value_name = "PRESET", value_parser = preset())]
    faults: Vec<Preset>,
    /// Sets a switch of the platforms, e.g. imocha.repeat-mail=off; docs/switches.md lists them; may be repeated
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = switch)]
    switches: Vec<(String, String)>,
    /// Declares tests, tasks, users and candidates, as JSON (docs/fixtures.md); replaces what the database holds of them
    #[arg(long, value_name = "FILE")]
    fixtures: Option<PathBuf>,
    /// Calls addresses of this host back too, not of loopback alone; may be repeated
    #[arg(long, value_name = "HOST", value_parser = host)]
    allow_callbacks_to: Vec<String>,
}

fn preset() -> impl TypedValueParser<Value = Preset> {
    PossibleValuesParser::new(Preset::ALL.map(Preset::slug)).try_map(|slug| Preset::from_slug(&slug).ok_or("there is no such preset"))
}

fn switch(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a name and a value are expected, like imocha.repeat-mail=off")?;
    bidden_sandbox::check_switch(name, value)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A host as it stands in an address, without a port.
fn host(text: &str) -> std::result::Result<String, String> {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_host = match inside {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !text.is_empty()
                && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || "/:?#@[]\\*".contains(letter))
        }
    };
    if is_host {
        Ok(text.to_owned())
    } else {
        Err("a host alone is expected, like receiver.test or [::1], without scheme, port and path".to_owned())
    }
}

pub(crate) fn address(text: &str) -> std::result::Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| "an address and a port are expected, like 127.0.0.1:8787 or [::1]:0".to_owned())
}

/// Runs `bidden sandbox`.
pub fn run(options: &Options) -> Result<ExitCode> {
    let place = match options.database.as_deref() {
        Some(path) if path == Path::new(":memory:") => Place::Memory,
        Some(path) => Place::File(path.to_owned()),
        None => Place::File(default_database()?),
    };
    let fixtures = options.fixtures.as_deref().map(fixtures).transpose()?;
    bidden_sandbox::allow_many_connections();
    let interrupt = Interrupt::listen()?;
    let running = Running::start(SandboxOptions {
        listen: options.listen,
        or_any_port: false,
        place: place.clone(),
        durability: if options.durability == "power-loss" { Durability::PowerLoss } else { Durability::Kill },
        keep_requests: options.keep_requests,
        faults: options.faults.clone(),
        switches: options.switches.clone(),
        fixtures,
        allow_callbacks_to: options.allow_callbacks_to.clone(),
    })
    .map_err(|error| {
        let hint = match error.kind() {
            // An address that cannot be listened on has the system's error beneath; what cannot be declared has none.
            Kind::Configuration if std::error::Error::source(&error).is_none() => {
                "--fixtures names the file, docs/switches.md lists the switches"
            }
            Kind::Configuration => "--listen 127.0.0.1:0 takes any free port",
            _ => "--database names another file, --database :memory: keeps nothing",
        };
        Failure::from(error).hint(hint)
    })?;
    if !options.listen.ip().is_loopback() {
        terminal::note(&format!("warning: everybody who reaches {} can use this sandbox", options.listen));
    }
    let credentials = running.sandbox.credentials();
    if let Some(path) = &options.ready {
        write_ready(path, &credentials).map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display())))?;
    }
    // Whoever reads only the first line does not end the sandbox.
    if let Err(failure) = terminal::print(&shown(&credentials, &place))
        && failure.exit != 0
    {
        return Err(failure);
    }
    interrupt.wait();
    drop(running);
    Ok(ExitCode::SUCCESS)
}

fn fixtures(path: &Path) -> Result<Fixtures> {
    let wrong = |reason: String| Failure::usage(format!("{}: {reason}", path.display()));
    let json = std::fs::read(path).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
    bidden_sandbox::read_fixtures(&json).map_err(wrong)
}

fn shown(credentials: &Credentials, place: &Place) -> String {
    let database = match place {
        Place::Memory => "in memory, gone when it stops".to_owned(),
        Place::File(path) => path.display().to_string(),
    };
    [
        format!("bidden sandbox: {}", credentials.url),
        format!("  iMocha      X-API-KEY: {}", credentials.imocha_api_key),
        format!("  Think Exam  ak: {}, secret: {}", credentials.think_exam_api_key, credentials.think_exam_secret),
        format!("  TestInvite  Authorization: Bearer {}", credentials.testinvite_token),
        format!("  database    {database}"),
        "Ctrl-C stops it.".to_owned(),
    ]
    .join("\n")
}

/// Whoever waits for the file must not read half a line: a file appears complete. A pipe or a device is written as it is.
pub(crate) fn write_ready(path: &Path, credentials: &impl serde::Serialize) -> std::io::Result<()> {
    let line = serde_json::to_string(credentials)? + "\n";
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return std::fs::write(path, line);
    }
    let mut unfinished: OsString = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    std::fs::write(&unfinished, line)?;
    std::fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_that_could_never_be_called_back_is_refused() {
        for text in ["receiver.test", "192.0.2.7", "[2001:db8::1]", "Receiver"] {
            assert_eq!(host(text).as_deref(), Ok(text));
        }
        for text in ["", "http://receiver.test", "receiver.test:9000", "receiver.test/callbacks", "*.receiver.test", "2001:db8::1", "a b"] {
            assert!(host(text).unwrap_err().contains("a host alone is expected"), "{text}");
        }
    }
}
