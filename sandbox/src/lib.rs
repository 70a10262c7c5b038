//! The three platforms on this machine: core's engine behind HTTP, with a store, a clock, an outbox and a control plane.
//!
//! It answers the calls of Think Exam, iMocha and TestInvite at the root of one port, so that a client only changes its
//! base URL, and shows under `/_sandbox/` what it knows. It mails nobody and reaches no platform. What it does not do is
//! listed in `docs/platforms/*.md`, choice by choice.
//!
//! ```
//! use bidden_sandbox::{Options, Sandbox};
//! let sandbox = Sandbox::start(Options::in_memory())?;
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! sandbox.stop();
//! # Ok::<(), bidden::Error>(())
//! ```

mod body;
mod clock;
mod control;
mod cut;
mod database;
mod deliver;
mod faults;
mod listen;
mod lists;
mod magic;
mod namespaces;
mod openapi;
mod pace;
mod pages;
mod redact;
mod server;
mod setup;
mod snapshot;
mod writer;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use bidden::engine::{IMOCHA_API_KEY, TESTINVITE_TOKEN, THINK_EXAM_API_KEY, THINK_EXAM_SECRET};
use bidden::{Error, Kind};
use serde::Serialize;
use tokio::sync::oneshot;

pub use bidden::engine::Fixtures;
pub use database::{Durability, Place};
pub use faults::Preset;
pub use magic::{MAGIC_ADDRESSES, MagicAddress};
pub use setup::{check_switch, read_fixtures};

use namespaces::Namespaces;

/// The port where a sandbox listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 8787;

/// How many platform calls are remembered unless told otherwise.
pub const DEFAULT_KEEP_REQUESTS: u64 = 100_000;

/// How a sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether to take any free port when the named one is taken.
    pub or_any_port: bool,
    /// Where to keep what happens.
    pub place: Place,
    /// What an answered request survives.
    pub durability: Durability,
    /// How many platform calls `GET /_sandbox/requests` remembers.
    pub keep_requests: u64,
    /// What goes wrong from the start: one call each, in this order.
    pub faults: Vec<Preset>,
    /// What the platforms' switches are, as names and values; the others are as the database says, else their defaults.
    pub switches: Vec<(String, String)>,
    /// What is declared of the platforms; `None` leaves what the database holds.
    pub fixtures: Option<Fixtures>,
    /// Hosts beside loopback whose addresses are called back, as they stand in the address, without a port.
    pub allow_callbacks_to: Vec<String>,
}

impl Default for Options {
    /// Port 8787 of loopback, in memory.
    fn default() -> Self {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            or_any_port: false,
            place: Place::Memory,
            durability: Durability::Kill,
            keep_requests: DEFAULT_KEEP_REQUESTS,
            faults: Vec::new(),
            switches: Vec::new(),
            fixtures: None,
            allow_callbacks_to: Vec::new(),
        }
    }
}

impl Options {
    /// Any free port of loopback, in memory: for a test.
    #[must_use]
    pub fn in_memory() -> Self {
        Options { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Options::default() }
    }
}

/// Lets this process hold as many connections as the system allows it: the limit that a process starts with is often 1024 open
/// files, each connection is one. For a program that is a sandbox; a library leaves its program's limits alone.
pub fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            tracing::warn!(%error, "the limit of open files stays as it was");
        }
    }
}

/// What a client has to know of a running sandbox; written as the line of `--ready FILE`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Credentials {
    /// Where it listens, without a trailing slash.
    pub url: String,
    /// iMocha's `X-API-KEY`.
    pub imocha_api_key: &'static str,
    /// TestInvite's bearer token.
    pub testinvite_token: &'static str,
    /// Think Exam's `ak`.
    pub think_exam_api_key: &'static str,
    /// Think Exam's secret for the default recipe.
    pub think_exam_secret: &'static str,
}

/// A running sandbox. It stops when dropped.
pub struct Sandbox {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    namespaces: Arc<Namespaces>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Opens the database, listens and answers, on threads of its own; so it may be called from anywhere, inside
    /// another runtime too. Returns when connections are accepted.
    ///
    /// # Errors
    /// `storage` when the database cannot be opened or another sandbox has it open; `configuration` when a switch or a
    /// fixture cannot be, or when the address cannot be listened on (the source is the [`std::io::Error`]); `internal` when no thread can be made.
    pub fn start(options: Options) -> Result<Self, Error> {
        let cannot_listen = |error: std::io::Error| {
            Error::new(Kind::Configuration, format!("cannot listen on {}: {error}", options.listen)).with_source(error)
        };
        let listener = match TcpListener::bind(options.listen) {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && options.or_any_port => {
                TcpListener::bind(SocketAddr::new(options.listen.ip(), 0)).map_err(cannot_listen)?
            }
            bound => bound.map_err(cannot_listen)?,
        };
        listener.set_nonblocking(true).map_err(cannot_listen)?;
        let url = format!("http://{}", listener.local_addr().map_err(cannot_listen)?);

        let no_thread = |error: std::io::Error| Error::new(Kind::Internal, "no thread can be made for the sandbox").with_source(error);
        let workers = std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("sandbox-http")
            .enable_io()
            .enable_time()
            .build()
            .map_err(no_thread)?;
        let namespaces = Arc::new(Namespaces::open(&options, &url, runtime.handle())?);
        let shared = Arc::clone(&namespaces);
        let (stop, stopped) = oneshot::channel();
        let server = std::thread::Builder::new()
            .name("sandbox-server".to_owned())
            .spawn(move || {
                runtime.block_on(listen::until(stopped, listener, shared));
                // Connections that still wait for their client end here.
                runtime.shutdown_background();
            })
            .map_err(no_thread)?;
        tracing::info!(url, "the sandbox listens");
        Ok(Sandbox { url, stop: Some(stop), server: Some(server), namespaces })
    }

    /// Where it listens, e.g. `http://127.0.0.1:8787`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address and the credentials that it accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            url: self.url.clone(),
            imocha_api_key: IMOCHA_API_KEY,
            testinvite_token: TESTINVITE_TOKEN,
            think_exam_api_key: THINK_EXAM_API_KEY,
            think_exam_secret: THINK_EXAM_SECRET,
        }
    }

    /// Answers what has arrived, then ends: when this returns, everything answered is in the database, which is closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that ended by itself no longer listens to this.
            let _ = stop.send(());
        }
        if self.server.take().is_some_and(|server| server.join().is_err()) {
            tracing::error!("a thread of the sandbox panicked");
        }
        self.namespaces.close();
    }
}
