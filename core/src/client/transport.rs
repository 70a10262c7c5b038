//! One request over ureq, and what its failure means: not sent, or perhaps sent.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::ClientOptions;
use super::connection::Connections;
use crate::http::{Request, Response};
use crate::retry::Delivery;
use crate::{BaseUrl, Error, Kind, Time};

/// The largest answer that is read: no answer of the three platforms comes near it.
const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Transport {
    agent: ureq::Agent,
}

impl Transport {
    pub(super) fn new(base: &BaseUrl, options: &ClientOptions) -> Result<Self, Error> {
        let mut builder = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(options.timeout))
            .timeout_connect(Some(options.timeout.min(Duration::from_secs(10))))
            .max_idle_connections(options.callers.max(1))
            .max_idle_connections_per_host(options.callers.max(1))
            // A connection that idled may be half closed; a mailing call on it could get lost.
            .max_idle_age(Duration::from_secs(1))
            .user_agent(concat!("bidden/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback() {
            builder = builder.proxy(None);
        } else if let Some(proxy) = &options.proxy {
            // What was given may hold a password: the message does not repeat it.
            let proxy =
                ureq::Proxy::new(proxy.expose()).map_err(|_| Error::new(Kind::Configuration, "the address of the proxy cannot be read"))?;
            builder = builder.proxy(Some(proxy));
        }
        Ok(Transport { agent: ureq::Agent::with_parts(builder.build(), Connections::default(), Resolve(DefaultResolver::default())) })
    }

    /// Sends a request and reads the whole answer as it came.
    pub(super) fn exchange(&self, request: Request) -> Result<Response, (Error, Delivery)> {
        let response = self.agent.run(request).map_err(|error| failure(error, false))?;
        let (parts, mut body) = response.into_parts();
        let bytes = body.with_config().limit(LARGEST_ANSWER).read_to_vec().map_err(|error| failure(error, true))?;
        Ok(Response::from_parts(parts, bytes))
    }

    /// Sends a request and reads the whole answer; one that says when to come back has a date.
    pub(super) fn send(&self, request: Request) -> Result<Response, (Error, Delivery)> {
        let mut response = self.exchange(request)?;
        // A `Retry-After` that is a date counts from the answer's own time; where that is left out, from ours.
        if response.headers().contains_key(RETRY_AFTER) && !response.headers().contains_key(DATE) {
            let now: Time = SystemTime::now().into();
            if let Ok(date) = now.to_http_date().parse() {
                response.headers_mut().insert(DATE, date);
            }
        }
        Ok(response)
    }
}

/// Takes an address that is one as it is. ureq's own resolver starts a thread for every call that has a time-out, which costs
/// more than all the rest of a call on this machine.
#[derive(Debug)]
struct Resolve(DefaultResolver);

impl Resolver for Resolve {
    fn resolve(&self, uri: &http::Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let Ok(address) = host.parse::<IpAddr>() else {
            return self.0.resolve(uri, config, timeout);
        };
        let default_port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let mut resolved = self.empty();
        resolved.push(SocketAddr::new(address, uri.port_u16().unwrap_or(default_port)));
        Ok(resolved)
    }
}

/// What a failure of ureq means. What is not surely before the first written byte counts as perhaps sent.
fn failure(error: ureq::Error, answer_began: bool) -> (Error, Delivery) {
    let not_sent = !answer_began
        && match &error {
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::BadUri(_)
            | ureq::Error::Tls(_)
            | ureq::Error::Rustls(_)
            | ureq::Error::ConnectProxyFailed(_)
            | ureq::Error::InvalidProxyUrl
            | ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => true,
            ureq::Error::Io(io) => matches!(
                io.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
                    | ErrorKind::NetworkDown
                    | ErrorKind::AddrNotAvailable
            ),
            _ => false,
        };
    let (kind, message) = match &error {
        ureq::Error::Timeout(_) => (Kind::TimedOut, "no answer in time"),
        ureq::Error::Io(io) if io.kind() == ErrorKind::TimedOut => (Kind::TimedOut, "no answer in time"),
        ureq::Error::HostNotFound => (Kind::Unavailable, "the host name is not known"),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => (Kind::Unavailable, "no secure connection could be made"),
        ureq::Error::Protocol(_) => (Kind::MalformedReply, "the answer is not HTTP"),
        ureq::Error::BodyExceedsLimit(_) => (Kind::MalformedReply, "the answer is larger than 64 MiB"),
        _ if not_sent => (Kind::Unavailable, "no connection could be made"),
        _ => (Kind::Unavailable, "the connection broke before the answer was complete"),
    };
    let delivery = if not_sent { Delivery::NotSent } else { Delivery::PerhapsSent };
    (Error::new(kind, message).with_source(error), delivery)
}
