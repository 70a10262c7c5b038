//! Callbacks on their way: the writer says which are due, tasks of their own send them, the writer keeps what came of it.
//!
//! The writer never waits for somebody's address. It hands over a try after the commit that made it, and hears of its end
//! as of any other request. A try that a kill interrupts is made again after the restart, because its row still says that
//! it is due. Of one invitation one callback is under way at a time, so that they arrive in the order in which they were
//! made.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::Duration;

use bidden::Time;
use bidden::engine::Callback;
use bidden::http::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::clock::{Clock, ClockChange};
use crate::control::{Control, json, refused};
use crate::database::{Kept, NOT_LOOPBACK, State, Try, WantedCallbacks};
use crate::faults::{CallbackFault, LATE};
use crate::server::Shared;
use crate::writer::{Job, Work, Writer, machine_now};

/// So long somebody's address has for its answer. None of the platforms says how long it waits.
const TIME_OUT: Duration = Duration::from_secs(5);

/// So many tries are under way at once at most.
const MOST_UNDER_WAY: usize = 32;

/// An answer held back for its callbacks waits no longer.
const LONGEST_HOLD: Duration = Duration::from_secs(10);

/// A try to be made.
pub(crate) struct Outgoing {
    ticket: u64,
    callback: Callback,
}

/// What came of a try: the status, and what was wrong beside it.
#[derive(Debug)]
pub(crate) struct Tried {
    status: Option<u16>,
    error: Option<&'static str>,
}

/// What the writer knows of the tries that are under way.
pub(crate) struct Deliveries {
    outgoing: mpsc::UnboundedSender<Outgoing>,
    under_way: HashMap<u64, UnderWay>,
    next_ticket: u64,
    count: watch::Sender<usize>,
}

struct UnderWay {
    number: i64,
    invitation: i64,
    due: Time,
}

impl Deliveries {
    /// With where the tries arrive that are to be made, and how many are under way.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Outgoing>, watch::Receiver<usize>) {
        let (outgoing, tries) = mpsc::unbounded_channel();
        let (count, under_way) = watch::channel(0);
        (Deliveries { outgoing, under_way: HashMap::new(), next_ticket: 0, count }, tries, under_way)
    }

    /// Whether another try may be under way.
    pub(crate) fn has_room(&self) -> bool {
        self.under_way.len() < MOST_UNDER_WAY
    }

    /// Whatever is under way concerns nobody any more.
    pub(crate) fn forget(&mut self) {
        self.under_way.clear();
    }
}

/// Makes the tries that the writer asks for, each on its own, until the writer is gone.
pub(crate) async fn run(mut tries: mpsc::UnboundedReceiver<Outgoing>, jobs: Sender<Job>) {
    let agent = agent();
    while let Some(Outgoing { ticket, callback }) = tries.recv().await {
        let (agent, jobs) = (agent.clone(), jobs.clone());
        tokio::spawn(async move {
            let tried = tokio::task::spawn_blocking(move || attempt(&agent, &callback)).await;
            let tried = tried.unwrap_or(Tried { status: None, error: Some("the sandbox failed") });
            tracing::debug!(status = tried.status, error = tried.error, "called back");
            let (reply, _) = oneshot::channel();
            // A writer that is gone finds the callback due when it is started again.
            drop(jobs.send(Job { work: Work::Tried { ticket, tried }, reply }));
        });
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(TIME_OUT))
        .proxy(None)
        .max_idle_connections(0)
        .user_agent(concat!("bidden-sandbox/", env!("CARGO_PKG_VERSION")))
        .build();
    ureq::Agent::with_parts(config, DefaultConnector::default(), Resolve(DefaultResolver::default()))
}

/// Sends a callback once. Any 2xx is a delivery.
fn attempt(agent: &ureq::Agent, callback: &Callback) -> Tried {
    let mut request = ureq::http::Request::post(callback.url.split('#').next().unwrap_or_default());
    if !callback.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in &callback.headers {
        request = request.header(name, value);
    }
    let Ok(request) = request.body(callback.body.as_bytes()) else {
        return Tried { status: None, error: Some("the address or a header cannot be sent") };
    };
    match agent.run(request) {
        Ok(response) => {
            let status = response.status();
            let error = status.is_redirection().then_some("redirects are not followed");
            Tried { status: Some(status.as_u16()), error }
        }
        Err(error) => Tried { status: None, error: Some(reason(&error)) },
    }
}

fn reason(error: &ureq::Error) -> &'static str {
    use std::io::ErrorKind::{ConnectionRefused, TimedOut};
    match error {
        ureq::Error::Timeout(_) => "no answer in time",
        ureq::Error::Io(io) if io.kind() == TimedOut => "no answer in time",
        ureq::Error::Io(io) if io.kind() == ConnectionRefused => "connection refused",
        ureq::Error::ConnectionFailed => "connection refused",
        ureq::Error::HostNotFound => "the host name is not known",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "no secure connection could be made",
        ureq::Error::Io(_) | ureq::Error::Protocol(_) => "the connection ended without an answer",
        _ => "the callback could not be sent",
    }
}

/// Loopback is what the URL says: it is asked of nobody.
#[derive(Debug)]
struct Resolve(DefaultResolver);

impl Resolver for Resolve {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut resolved = self.empty();
        if host.eq_ignore_ascii_case("localhost") {
            resolved.push(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port));
            resolved.push(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port));
        } else if let Ok(address) = host.parse::<IpAddr>() {
            resolved.push(SocketAddr::new(address, port));
        } else {
            return self.0.resolve(uri, config, timeout);
        }
        Ok(resolved)
    }
}

#[cfg(test)]
mod tests;

impl Writer {
    /// Hands over the tries that are due, as many as may be under way at once. Nothing is written.
    pub(crate) fn send_out(&mut self) -> Result<(), rusqlite::Error> {
        let now = self.now();
        let Deliveries { outgoing, under_way, next_ticket, .. } = &mut self.deliveries;
        let is_under_way = |invitation| under_way.values().any(|sent| sent.invitation == invitation);
        if under_way.len() < MOST_UNDER_WAY && self.database.next_callback(is_under_way)?.is_some_and(|due| due <= now) {
            self.database.due_tries(now, |found| {
                if under_way.values().all(|sent| sent.invitation != found.invitation) {
                    *next_ticket += 1;
                    let sent = UnderWay { number: found.number, invitation: found.invitation, due: found.due };
                    under_way.insert(*next_ticket, sent);
                    // Who sends is gone only when the sandbox stops.
                    drop(outgoing.send(Outgoing { ticket: *next_ticket, callback: found.callback }));
                }
                under_way.len() < MOST_UNDER_WAY
            })?;
            self.database.look_for_callbacks();
        }
        let count = under_way.len();
        self.deliveries.count.send_if_modified(|known| std::mem::replace(known, count) != count);
        Ok(())
    }

    /// Keeps what came of a try.
    pub(crate) fn tried(&mut self, ticket: u64, tried: &Tried) -> Result<(), rusqlite::Error> {
        let Some(UnderWay { number, due, .. }) = self.deliveries.under_way.remove(&ticket) else { return Ok(()) };
        self.database.look_for_callbacks();
        let Some(mut kept) = self.database.callback(number)? else { return Ok(()) };
        kept.made.push(Try { at: due.milliseconds(), status: tried.status, error: tried.error.map(str::to_owned) });
        let made = kept.made.len() - kept.made_before;
        let is_delivered = tried.status.is_some_and(|status| (200..300).contains(&status));
        let next = if is_delivered && kept.again > 0 {
            kept.again -= 1;
            kept.made_before = kept.made.len();
            Some(due)
        } else if is_delivered {
            kept.state = State::Delivered;
            None
        } else if made < usize::try_from(kept.callback.tries).unwrap_or(usize::MAX) {
            Some(due.after(Duration::from_secs(kept.callback.pause_seconds.into())))
        } else {
            kept.state = State::Failed;
            kept.reason = Some(format!("{made} of {made} tries failed"));
            None
        };
        self.database.change_callback(number, &kept, next)?;
        if next.is_none() {
            self.database.release_callbacks(&kept.callback.invitation_id, due)?;
        }
        Ok(())
    }

    /// Lets faults hit the callbacks that were just made.
    pub(crate) fn judge_callbacks(&mut self, at: Time) -> Result<(), rusqlite::Error> {
        for number in self.database.take_made_callbacks() {
            let Some(mut kept) = self.database.callback(number)? else { continue };
            let next = match self.faults.judge_callback(kept.callback.platform) {
                None => continue,
                Some(CallbackFault::BeforeAnswer) => {
                    self.answers_after_callbacks = true;
                    continue;
                }
                Some(CallbackFault::Twice) => {
                    kept.again = 1;
                    Some(at)
                }
                Some(CallbackFault::AfterAnother) => {
                    kept.waits_for_another = true;
                    Some(at.after(LATE))
                }
                Some(CallbackFault::Dropped) => {
                    kept.state = State::Failed;
                    kept.reason = Some("a fault dropped it".to_owned());
                    None
                }
            };
            self.database.change_callback(number, &kept, next)?;
        }
        Ok(())
    }

    /// Whether no try is under way or due, once what is due has happened.
    pub(crate) fn is_settled(&mut self) -> Result<bool, rusqlite::Error> {
        let now = self.now();
        self.work_off_due(now)?;
        Ok(self.deliveries.under_way.is_empty() && self.earliest_callback()?.is_none_or(|due| due > now))
    }

    /// When the earliest try is due of an invitation of which none is under way.
    pub(crate) fn earliest_callback(&mut self) -> Result<Option<Time>, rusqlite::Error> {
        let under_way = &self.deliveries.under_way;
        self.database.next_callback(|invitation| under_way.values().any(|sent| sent.invitation == invitation))
    }

    /// Begins to move the clock; `Err` says why that cannot be.
    pub(crate) fn depart(&mut self, change: &ClockChange) -> Result<Response, rusqlite::Error> {
        let machine_now = machine_now();
        let target = match self.clock.changed(change, machine_now) {
            Ok(clock) => clock.now(machine_now),
            Err(reason) => return Ok(refused(409, &reason)),
        };
        // A clock that is to stand still does so from here on, so that it arrives exactly.
        if change.freeze == Some(true) {
            self.stand_at(self.clock.frozen_at(self.now()))?;
        }
        if target < self.now() {
            self.stand_at(self.clock.at(target.milliseconds(), machine_now))?;
        }
        let mut response = Response::default();
        response.extensions_mut().insert(target);
        Ok(response)
    }

    /// Moves the clock from one due moment to the next, up to `target` or to the first callback that leaves on the way.
    /// Says whether it has arrived with nothing under way.
    pub(crate) fn travel(&mut self, target: Time) -> Result<bool, rusqlite::Error> {
        loop {
            if !self.is_settled()? {
                return Ok(false);
            }
            let now = self.now();
            if now >= target {
                return Ok(true);
            }
            let next = [self.database.next_due(), self.earliest_callback()?, Some(target)].into_iter().flatten().min().unwrap_or(target);
            self.stand_at(self.clock.at(next.max(now).milliseconds(), machine_now()))?;
        }
    }

    fn stand_at(&mut self, clock: Clock) -> Result<(), rusqlite::Error> {
        self.database.set_clock(clock)?;
        self.clock = clock;
        Ok(())
    }

    /// The callbacks as the control plane shows them.
    pub(crate) fn callbacks(&self, wanted: &WantedCallbacks) -> Result<Response, rusqlite::Error> {
        #[derive(Serialize)]
        struct Answer<'a> {
            callbacks: Vec<Shown<'a>>,
            next: Option<String>,
        }
        let found = self.database.callbacks(wanted)?;
        let next = (found.len() >= wanted.limit).then(|| found.last().map(|(number, _)| number.to_string())).flatten();
        let callbacks = found.iter().map(|(number, kept)| Shown::new(*number, kept)).collect();
        Ok(json(200, &Answer { callbacks, next }))
    }

    /// Sends a callback again, with all its tries.
    pub(crate) fn resend(&mut self, callback_id: &str) -> Result<Response, rusqlite::Error> {
        let found = match callback_id.parse() {
            Ok(number) => self.database.callback(number)?.map(|kept| (number, kept)),
            Err(_) => None,
        };
        let Some((number, mut kept)) = found else { return Ok(refused(404, "there is no such callback")) };
        if kept.state == State::NotDelivered {
            return Ok(refused(409, kept.reason.as_deref().unwrap_or(NOT_LOOPBACK)));
        }
        kept.state = State::Waiting;
        kept.reason = None;
        kept.made_before = kept.made.len();
        kept.waits_for_another = false;
        let now = self.now();
        self.database.change_callback(number, &kept, Some(now))?;
        Ok(json(200, &Shown::new(number, &kept)))
    }
}

/// A callback as the control plane shows it. Its headers are not: one of them may be a key.
#[derive(Serialize)]
struct Shown<'a> {
    callback_id: String,
    platform: bidden::Platform,
    invitation_id: &'a str,
    status: &'a str,
    url: &'a str,
    body: Box<RawValue>,
    state: State,
    reason: Option<&'a str>,
    tries: Vec<ShownTry<'a>>,
}

#[derive(Serialize)]
struct ShownTry<'a> {
    at: Time,
    status: Option<u16>,
    error: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn new(number: i64, kept: &'a Kept) -> Self {
        let Callback { platform, invitation_id, status, url, body, .. } = &kept.callback;
        let made = kept.made.iter();
        Shown {
            callback_id: number.to_string(),
            platform: *platform,
            invitation_id,
            status,
            url,
            // A body is JSON, digit for digit; whatever else is shown as the text it is.
            body: RawValue::from_string(body.clone()).or_else(|_| serde_json::value::to_raw_value(body)).unwrap_or_default(),
            state: kept.state,
            reason: kept.reason.as_deref(),
            tries: made
                .map(|tried| ShownTry { at: Time::from_milliseconds(tried.at), status: tried.status, error: tried.error.as_deref() })
                .collect(),
        }
    }
}

/// Waits until no callback is under way and none is due.
pub(crate) async fn settle(shared: &Shared) -> Option<Response> {
    let mut under_way = shared.under_way.clone();
    loop {
        let response = shared.ask(Work::Control(Control::Settle)).await?;
        if response.status() != axum::http::StatusCode::ACCEPTED {
            return Some(response);
        }
        under_way.wait_for(|count| *count == 0).await.ok()?;
    }
}

/// Waits for the callbacks that an answer was held back for, as long as their addresses answer.
pub(crate) async fn before_answer(shared: &Shared) {
    drop(tokio::time::timeout(LONGEST_HOLD, settle(shared)).await);
}

/// Moves the clock and answers when everything that comes due on the way has happened, in order of time.
pub(crate) async fn travel(shared: &Shared, change: ClockChange) -> Option<Response> {
    let is_released = change.freeze == Some(false);
    let departed = shared.ask(Work::Control(Control::Depart(change))).await?;
    let Some(target) = departed.extensions().get::<Time>().copied() else { return Some(departed) };
    let mut under_way = shared.under_way.clone();
    while shared.ask(Work::Control(Control::Travel { target })).await?.status() == axum::http::StatusCode::ACCEPTED {
        under_way.wait_for(|count| *count == 0).await.ok()?;
    }
    let last = is_released.then(ClockChange::release);
    shared.ask(Work::Control(Control::Clock(last))).await
}
