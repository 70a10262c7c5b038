//! The only place that opens a socket (feature `client`): one client per platform and credential, blocking, shared by
//! any number of threads.
//!
//! It follows no redirect, keeps as many idle connections as it has callers, uses no connection that was idle for more
//! than a second, never a proxy for loopback, and tells *not sent* from *perhaps sent*: only the second can end as
//! `uncertain`.

mod cancel;
mod connection;
mod fetched;
mod observer;
mod rate;
mod transport;
mod typed;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};

pub use cancel::Cancel;
pub use fetched::FetchedSigner;
pub use observer::{Observer, Seen};
use rate::Limiter;
use transport::Transport;
pub use typed::{ImochaClient, TestInviteClient, ThinkExamClient};

pub use crate::credential::Credential;

use crate::call::{AnyCall, AnyReply, Repeat};
use crate::http::{Request, Response};
use crate::operation::{AnswerSeen, Operation, Report, Step};
use crate::retry::{Delivery, Policy, Verdict};
use crate::{BaseUrl, Error, Kind, Platform, Secret, Time};

/// How a client behaves. The defaults suit a batch against a live host.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// How often and how patiently a call is tried.
    pub policy: Policy,
    /// How long one try may take in all, to within a sixty-fourth.
    pub timeout: Duration,
    /// Calls per second for the credential, over all callers; `None` for no limit.
    pub rate: Option<f64>,
    /// How many callers share the client: that many idle connections are kept.
    pub callers: usize,
    /// The proxy of requests to hosts other than loopback, e.g. `http://user:password@proxy.example:3128`; `None` for the one that the
    /// environment names.
    pub proxy: Option<Secret>,
    /// Who hears of every request.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let timeout = Duration::from_secs(30);
        ClientOptions { policy: Policy::default(), timeout, rate: None, callers: 16, proxy: None, observer: None }
    }
}

/// The answer to a [`Client::probe`].
#[derive(Clone, Debug)]
pub struct Probe {
    /// What the platform said.
    pub result: Result<AnyReply, Error>,
    /// The answer's `Date`, whole seconds; `None` when the platform gave none.
    pub date: Option<Time>,
}

/// A client of one platform. Cheap to clone; clones share connections, rate limit and pauses.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    base: BaseUrl,
    credential: Credential,
    options: ClientOptions,
    transport: Transport,
    limiter: Limiter,
}

impl Client {
    /// A client of the credential's platform at an address.
    ///
    /// # Errors
    /// `configuration` when a credential of the sandbox would leave this machine, or the proxy's address cannot be read.
    pub fn new(base: BaseUrl, credential: Credential, options: ClientOptions) -> Result<Self, Error> {
        credential.check_host(&base)?;
        let transport = Transport::new(&base, &options)?;
        let limiter = Limiter::new(options.rate);
        Ok(Client { inner: Arc::new(Inner { base, credential, options, transport, limiter }) })
    }

    /// Whose client it is.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.inner.credential.platform()
    }

    /// Where it sends to.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base
    }

    /// Sends a call, once more where its class and the policy allow it, and reads the answer.
    ///
    /// # Errors
    /// Any kind. `uncertain` when something was sent that changes something, and nobody can say what came of it.
    pub fn call(&self, call: &AnyCall) -> Result<AnyReply, Error> {
        self.report(call).result
    }

    /// As [`Client::call`], and says whether an earlier try was perhaps sent without an answer.
    #[must_use]
    pub fn report(&self, call: &AnyCall) -> Report {
        self.report_unless(call, &Cancel::default())
    }

    /// As [`Client::report`], until somebody cancels: no try begins and no wait goes on after that. A request in flight is
    /// finished, and bounded by [`ClientOptions::timeout`]: half a request would leave nobody knowing what came of it.
    ///
    /// Cancelled before anything was sent, the call ends as `timed-out`; between two tries it ends with the last try's error,
    /// as if the policy had given up.
    #[must_use]
    pub fn report_unless(&self, call: &AnyCall, cancel: &Cancel) -> Report {
        let began = Instant::now();
        let mut lost_before = false;
        let mut unanswered = false;
        let mut attempt = 1;
        let mut current = Cow::Borrowed(call);
        let mut sent = 0;
        let mut answer = None;
        loop {
            let (result, delivery) = self.try_once(&current, cancel, &mut answer);
            sent += u32::from(delivery != Delivery::NotSent);
            let result = match result {
                Err(error) if lost_before => current.settled_by(&error).ok_or(error),
                other => other,
            };
            let error = match result {
                Ok(reply) => return Report { result: Ok(reply), lost_before, cancelled: false, sent, answer },
                Err(error) => error,
            };
            tracing::debug!(call = call.name(), attempt, kind = error.kind().slug(), ?delivery, "a try failed");
            if error.kind() == Kind::RateLimited {
                self.inner.limiter.pause(error.retry_after().unwrap_or(Duration::ZERO).min(self.inner.options.policy.longest));
            }
            let verdict = self.inner.options.policy.judge(current.repeat(), attempt, &error, delivery, began.elapsed(), jitter());
            lost_before |= is_lost(&error, delivery);
            unanswered |= delivery == Delivery::PerhapsSent;
            match verdict {
                Verdict::Wait(wait) if !cancel.wait(wait) => {
                    // Perhaps the first one arrived: what goes out again must not ask for a second mail.
                    if is_lost(&error, delivery) && current.repeat() == Repeat::WithoutMail {
                        current = Cow::Owned(current.without_mail());
                    }
                    attempt += 1;
                }
                Verdict::Wait(_) | Verdict::GiveUp => {
                    let error = if attempt >= self.inner.options.policy.tries && error.kind() == Kind::RateLimited {
                        error.with_kind(Kind::QuotaExhausted)
                    } else {
                        error
                    };
                    let cancelled = cancel.is_cancelled() && !lost_before && error.can_retry();
                    return Report { result: Err(settle(call, error, unanswered, lost_before)), lost_before, cancelled, sent, answer };
                }
            }
        }
    }

    /// Drives an operation to its end.
    pub fn run<O: Operation>(&self, operation: &mut O) -> O::Done {
        self.run_unless(operation, &Cancel::default())
    }

    /// As [`Client::run`], until somebody cancels: a request in flight is finished, no wait goes on, nothing new is sent.
    pub fn run_unless<O: Operation>(&self, operation: &mut O, cancel: &Cancel) -> O::Done {
        let mut last = None;
        loop {
            match operation.next(last.take()) {
                Step::Done(done) => return done,
                Step::Send(call) => last = Some(self.report_unless(&call, cancel)),
            }
        }
    }

    /// Sends a call that only reads, once, and says what the platform's clock showed.
    ///
    /// # Errors
    /// When no complete answer came: `unavailable`, `timed-out`; `configuration` from the credential; `invalid-input` for a call
    /// that changes something.
    pub fn probe(&self, call: &AnyCall) -> Result<Probe, Error> {
        let name = |error: Error| error.in_operation(call.row().platform, call.name());
        if call.is_change() {
            return Err(name(Error::new(Kind::InvalidInput, "changes something; only a call that reads is sent so")));
        }
        self.inner.limiter.wait(&Cancel::default());
        let request = self.request(call).map_err(name)?;
        let secrets = secrets_of(&request);
        let response = self.inner.transport.exchange(request).map_err(|(error, _)| name(error))?;
        let date = response.headers().get(http::header::DATE).and_then(|date| Time::from_http_date(date.to_str().ok()?));
        Ok(Probe { result: call.read_reply(&response).map_err(|error| error.without_secrets(&secrets)), date })
    }

    /// The request as it would be sent, credential included.
    ///
    /// # Errors
    /// `invalid-input` with every fault; `configuration` from the credential.
    pub fn request(&self, call: &AnyCall) -> Result<Request, Error> {
        self.inner.credential.request(call, &self.inner.base, SystemTime::now().into())
    }

    fn exchange(&self, call: &AnyCall, request: Request) -> Result<Response, (Error, Delivery)> {
        let Some(observer) = &self.inner.options.observer else { return self.inner.transport.send(request) };
        observer.before(call, &request);
        let began = Instant::now();
        let sent = self.inner.transport.send(request);
        let result = sent.as_ref().map_err(|(error, _)| error);
        observer.after(&Seen { call, result, took: began.elapsed() });
        sent
    }

    fn try_once(&self, call: &AnyCall, cancel: &Cancel, answer: &mut Option<AnswerSeen>) -> (Result<AnyReply, Error>, Delivery) {
        let name = |error: Error| error.in_operation(call.row().platform, call.name());
        if self.inner.limiter.wait(cancel) {
            return (Err(name(Error::new(Kind::TimedOut, "cancelled by the caller before it was sent"))), Delivery::NotSent);
        }
        let mut may_fetch_again = true;
        loop {
            let request = match self.request(call) {
                Ok(request) => request,
                Err(error) => return (Err(name(error)), Delivery::NotSent),
            };
            let secrets = secrets_of(&request);
            match self.exchange(call, request) {
                Err((error, delivery)) => return (Err(name(error)), delivery),
                Ok(response) => {
                    *answer = Some(AnswerSeen { status: response.status().as_u16(), digest: Sha256::digest(response.body()).into() });
                    let result = call.read_reply(&response).map_err(|error| error.without_secrets(&secrets));
                    let is_unauthorized = result.as_ref().is_err_and(|error| error.kind() == Kind::Unauthorized);
                    // Think Exam reference, 7.1: a triple that was used before is fetched once more.
                    if let (true, true, Credential::ThinkExamFetched(fetched)) = (is_unauthorized, may_fetch_again, &self.inner.credential)
                        && fetched.forget()
                    {
                        may_fetch_again = false;
                        continue;
                    }
                    return (result, Delivery::Answered);
                }
            }
        }
    }
}

/// Whether nobody knows what became of a try: perhaps sent and no complete answer.
fn is_lost(error: &Error, delivery: Delivery) -> bool {
    match delivery {
        Delivery::NotSent => false,
        Delivery::PerhapsSent => true,
        // A complete 5xx may have taken effect as well.
        Delivery::Answered => matches!(error.kind(), Kind::Unavailable | Kind::MalformedReply),
    }
}

/// The last word on a call that is not tried again. Where some try was never answered it ends as `uncertain`, unless the
/// platform's last word is a refusal, or the call only reads. A complete 5xx or unreadable answer keeps its kind, unless the
/// call asked for mail or may not be repeated.
fn settle(call: &AnyCall, error: Error, unanswered: bool, lost_before: bool) -> Error {
    let is_delicate = call.asks_for_mail() || call.repeat() == Repeat::Never;
    let is_refusal = matches!(error.kind(), Kind::Refused | Kind::Rejected | Kind::Duplicate | Kind::NotFound);
    if is_refusal || !call.is_change() || !(unanswered || (lost_before && is_delicate)) {
        return error;
    }
    let row = call.row();
    Error::new(Kind::Uncertain, "perhaps sent, and no answer says what came of it").in_operation(row.platform, row.name).with_source(error)
}

/// The values of the headers that carry the credential.
fn secrets_of(request: &Request) -> Vec<String> {
    [crate::imocha::KEY_HEADER, crate::testinvite::TOKEN_HEADER, "ak", "sgn"]
        .into_iter()
        .filter_map(|name| request.headers().get(name)?.to_str().ok())
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value).to_owned())
        .collect()
}

/// An even draw from 0 to 1. Only the spread matters, so the standard library's hasher seeds do.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let draw = std::hash::RandomState::new().build_hasher().finish();
    (draw >> 11) as f64 / (1_u64 << 53) as f64
}
