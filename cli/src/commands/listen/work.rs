//! What is done with a callback once it is kept: looked up, noted, printed, passed on.

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use bidden::callback::Authenticity;
use bidden::http::BaseUrl;
use bidden::operation::TestId;
use bidden::{AnyCall, AnyReply, CallbackEvent, Error, Platform, Status, Time};
use bidden_ledger::callback::{Addressee, Asked, Heard};
use serde::Serialize;

use super::Options;
use super::inbox::{Inbox, Received};
use crate::configuration::{Connection, ConnectionOptions, open_to_note};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::terminal;

/// How long after something that did not work it is tried again, and how often an invitation is sought that the ledger does not
/// know.
const PAUSE: Duration = Duration::from_secs(2);
const TRIES: u32 = 4;

/// How often somebody looks whether the end was asked for.
const TICK: Duration = Duration::from_millis(100);

/// Works off callbacks one after the other.
#[derive(Debug)]
pub(super) struct Worker {
    forward: Option<BaseUrl>,
    command: Option<String>,
    location: String,
    inbox: Arc<Inbox>,
    agent: ureq::Agent,
    connections: HashMap<Platform, Option<Connection>>,
    connection: ConnectionOptions,
}

/// A callback on its way.
#[derive(Debug)]
struct Job {
    received: Received,
    /// What came of it in the ledger, as far as that is known.
    heard: Option<Heard>,
    is_printed: bool,
    is_forwarded: bool,
    is_run: bool,
    tries: u32,
    not_before: Instant,
}

impl Job {
    fn new(received: Received) -> Self {
        let heard = received.heard;
        Job { received, heard, is_printed: false, is_forwarded: false, is_run: false, tries: 0, not_before: Instant::now() }
    }
}

/// A line of the output: the event, when it came, what it came to.
#[derive(Serialize)]
struct Line<'a> {
    received_at: Time,
    ledger: &'a str,
    #[serde(flatten)]
    event: &'a CallbackEvent,
}

fn not_written(error: std::io::Error) -> Failure {
    Error::new(bidden::Kind::Storage, "the inbox cannot be written").with_source(error).into()
}

impl Worker {
    pub(super) fn new(options: &Options, forward: Option<BaseUrl>, location: String, inbox: Arc<Inbox>) -> Self {
        let is_near = forward.as_ref().is_some_and(BaseUrl::is_loopback);
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .user_agent(concat!("bidden/", env!("CARGO_PKG_VERSION")));
        let config = if is_near { config.proxy(None) } else { config };
        Worker {
            forward,
            command: options.run.clone(),
            location,
            inbox,
            agent: config.build().into(),
            connections: HashMap::new(),
            connection: ConnectionOptions {
                sandbox: options.record.sandbox,
                profile: options.record.profile.clone(),
                ..ConnectionOptions::default()
            },
        }
    }

    /// Works until the end is asked for; says how many callbacks are left.
    pub(super) fn run(mut self, waiting: Vec<Received>, arrived: &Receiver<Received>, interrupt: Interrupt) -> Result<usize> {
        let mut jobs: VecDeque<Job> = waiting.into_iter().map(Job::new).collect();
        loop {
            let is_ending = interrupt.is_requested();
            match arrived.recv_timeout(if is_ending { Duration::ZERO } else { TICK }) {
                Ok(received) => jobs.push_back(Job::new(received)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            jobs.extend(arrived.try_iter().map(Job::new));
            for _ in 0..jobs.len() {
                let Some(mut job) = jobs.pop_front() else { break };
                if job.not_before > Instant::now() && !is_ending {
                    jobs.push_back(job);
                } else if self.is_done(&mut job, is_ending)? {
                    self.inbox.done(&job.received.event).map_err(not_written)?;
                } else {
                    if let Some(heard) = job.heard.filter(|heard| !heard.may_change() && job.received.heard.is_none()) {
                        self.inbox.heard(&job.received.event, heard).map_err(not_written)?;
                        job.received.heard = Some(heard);
                    }
                    job.tries += 1;
                    job.not_before = Instant::now() + PAUSE * job.tries.min(15);
                    jobs.push_back(job);
                }
            }
            if is_ending {
                break;
            }
        }
        Ok(jobs.len())
    }

    /// Takes the steps that are not taken yet; whether all are. At the end nothing is waited for any more.
    fn is_done(&mut self, job: &mut Job, is_ending: bool) -> Result<bool> {
        let event = &job.received.event;
        if job.heard.is_none_or(Heard::may_change) {
            match self.hear(event) {
                Ok(heard) => job.heard = Some(heard),
                Err(error) => terminal::note(&format!("waits for the ledger: {error}")),
            }
        }
        // What the ledger does not know yet it may know in a moment: the answer to the invitation is on its way.
        let may_change = job.heard.is_none_or(Heard::may_change);
        if may_change && job.tries == 0 && !is_ending {
            return Ok(false);
        }
        let line = Line { received_at: job.received.at, ledger: job.heard.map_or("waiting", Heard::slug), event };
        let text = serde_json::to_string(&line).unwrap_or_default();
        if !job.is_printed {
            terminal::print(&text)?;
            job.is_printed = true;
        }
        if let Some(url) = &self.forward
            && !job.is_forwarded
        {
            job.is_forwarded = self.forwards(url, &text);
        }
        if let Some(command) = &self.command
            && !job.is_run
        {
            job.is_run = runs(command, &text);
        }
        let is_passed_on = (job.is_forwarded || self.forward.is_none()) && (job.is_run || self.command.is_none());
        let is_noted = job.heard.is_some_and(|heard| !heard.may_change() || (heard == Heard::Unknown && (is_ending || job.tries >= TRIES)));
        Ok(is_passed_on && is_noted)
    }

    /// Notes it in the ledger, as it is after a look at the platform where nothing is signed.
    fn hear(&mut self, event: &CallbackEvent) -> std::result::Result<Heard, Error> {
        let Some(ledger) = open_to_note(&self.location)? else { return Ok(Heard::Unknown) };
        let asked = match event.authenticity {
            Authenticity::Verified => None,
            Authenticity::Unsigned | Authenticity::NotChecked => match ledger.addressee(event)? {
                Some(addressee) => self.ask(event, &addressee),
                None => None,
            },
        };
        ledger.hear(event, asked)
    }

    /// Where the platform says that the invitation stands; `None` where it cannot be asked, or says nothing.
    fn ask(&mut self, event: &CallbackEvent, addressee: &Addressee) -> Option<Asked> {
        let id = addressee.record.standing.invitation_id.as_deref()?;
        let (name, arguments) = match event.platform {
            Platform::Imocha => ("imocha.report", serde_json::json!({ "test_invitation_id": id })),
            Platform::TestInvite => ("testinvite.fetch_candidate", serde_json::json!({ "task_id": addressee.place.test, "id": id })),
            // There is no call that would say it (Think Exam reference, section 1).
            Platform::ThinkExam => return None,
        };
        let connection = self.connection(event.platform)?;
        let place = connection.place(&TestId::from(addressee.place.test.as_str()));
        if (&place.address, &place.account) != (&addressee.place.address, &addressee.place.account) {
            return None;
        }
        let client = connection.client(connection.rate(None), 1).ok()?;
        let answer = AnyCall::from_json(name, &arguments.to_string()).and_then(|call| client.call(&call));
        match answer {
            Ok(AnyReply::ImochaReport(report)) => match report.standing()? {
                // Nothing that is over is moved back by an attempt that runs.
                Status::InProgress if addressee.record.standing.status != Status::Pending => None,
                Status::InProgress => {
                    let platform_status = event.platform_status.clone().filter(|_| event.status == Status::InProgress);
                    Some(Asked { status: Status::InProgress, platform_status })
                }
                status => Some(Asked { status, platform_status: report.platform_status }),
            },
            // A session that is complete is not yet the candidate (TestInvite reference, section 3): only the login shows.
            Ok(AnyReply::TestInviteFetchCandidate(candidate)) if candidate.logged_in == Some(true) => {
                Some(Asked { status: Status::InProgress, platform_status: None })
            }
            Ok(_) => None,
            Err(error) => {
                terminal::note(&format!("not looked up: {error}"));
                None
            }
        }
    }

    fn connection(&mut self, platform: Platform) -> Option<&Connection> {
        let options = &self.connection;
        // Without credentials nothing is looked up; that is no fault.
        self.connections.entry(platform).or_insert_with(|| Connection::open(options, platform).ok()).as_ref()
    }

    fn forwards(&self, url: &BaseUrl, text: &str) -> bool {
        match self.agent.post(url.as_str()).header("content-type", "application/json").send(text) {
            Ok(response) if response.status().is_success() => true,
            Ok(response) => {
                terminal::note(&format!("not forwarded: HTTP {}", response.status().as_u16()));
                false
            }
            Err(error) => {
                terminal::note(&format!("not forwarded: {error}"));
                false
            }
        }
    }
}

fn runs(command: &str, text: &str) -> bool {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let started = Command::new(shell).arg(flag).arg(command).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let ended = started.and_then(|mut child| {
        if let Some(mut input) = child.stdin.take() {
            // A command that does not read it closes the pipe; that is its right.
            let _ = input.write_all(text.as_bytes()).and_then(|()| input.write_all(b"\n"));
        }
        child.wait()
    });
    match ended {
        Ok(status) if status.success() => true,
        Ok(status) => {
            terminal::note(&format!("--run ended with {status}"));
            false
        }
        Err(error) => {
            terminal::note(&format!("--run cannot be started: {error}"));
            false
        }
    }
}
