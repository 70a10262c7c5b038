//! Think Exam's `ak`, `sgn`, `ts` received from a signature service, as the vendor's pages say they are
//! (Think Exam reference, sections 2 and 7.1: the service's path and body are not published, so all of it is configuration).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::transport::Transport;
use super::{BaseUrl, ClientOptions};
use crate::http::Request;
use crate::sign::Triple;
use crate::{Error, Kind, Secret, Time};

/// A signature service, and where in its answer the three values stand.
#[derive(Debug)]
pub struct FetchedSigner {
    url: http::Uri,
    method: http::Method,
    headers: http::HeaderMap,
    body: Vec<u8>,
    pointers: [String; 3],
    reuse: Duration,
    transport: Transport,
    held: Mutex<Option<(Triple, Time)>>,
}

impl FetchedSigner {
    /// A service at an address, asked with `POST`, whose answer holds `/ak`, `/sgn` and `/ts`; a new triple per request.
    ///
    /// # Errors
    /// `configuration` when the address cannot be read.
    pub fn new(url: &str) -> Result<Self, Error> {
        let wrong = || Error::new(Kind::Configuration, "the signature URL cannot be read; it begins with http:// or https://");
        let url: http::Uri = url.trim().parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else { return Err(wrong()) };
        let base = BaseUrl::parse(&format!("{scheme}://{authority}"))?;
        Ok(FetchedSigner {
            transport: Transport::new(&base, &ClientOptions::default())?,
            url,
            method: http::Method::POST,
            headers: http::HeaderMap::new(),
            body: Vec::new(),
            pointers: ["/ak", "/sgn", "/ts"].map(str::to_owned),
            reuse: Duration::ZERO,
            held: Mutex::new(None),
        })
    }

    /// Another method than `POST`.
    ///
    /// # Errors
    /// `configuration` when it is not an HTTP method.
    pub fn method(mut self, method: &str) -> Result<Self, Error> {
        self.method = method.parse().map_err(|_| Error::new(Kind::Configuration, "signature-method is not an HTTP method"))?;
        Ok(self)
    }

    /// A header of the request; its value counts as secret.
    ///
    /// # Errors
    /// `configuration` when it cannot be a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let wrong = |_| Error::new(Kind::Configuration, format!("signature-headers: {name} cannot be a header"));
        let name_read = http::HeaderName::from_bytes(name.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let mut value = http::HeaderValue::from_str(value).map_err(|error| wrong(error.to_string()))?;
        value.set_sensitive(true);
        self.headers.insert(name_read, value);
        Ok(self)
    }

    /// The body of the request.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The JSON Pointers of `ak`, `sgn` and `ts` in the answer.
    #[must_use]
    pub fn pointers(mut self, pointers: [String; 3]) -> Self {
        self.pointers = pointers;
        self
    }

    /// How long a triple is used again.
    #[must_use]
    pub fn reuse(mut self, reuse: Duration) -> Self {
        self.reuse = reuse;
        self
    }

    /// A triple: the one held, while it may be used again, else a new one.
    pub(crate) fn triple(&self, now: Time) -> Result<Triple, Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((triple, fetched)) = &*held
            && now.since(*fetched) < self.reuse
        {
            return Ok(triple.clone());
        }
        let triple = self.fetch()?;
        if self.reuse > Duration::ZERO {
            *held = Some((triple.clone(), now));
        }
        Ok(triple)
    }

    /// Drops the triple that is held. Whether there was one.
    pub(super) fn forget(&self) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    fn fetch(&self) -> Result<Triple, Error> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().entry(http::header::CONTENT_TYPE).or_insert(http::HeaderValue::from_static("application/json"));
        let response = self
            .transport
            .send(request)
            .map_err(|(error, _)| Error::new(error.kind(), "the signature service did not answer").with_source(error))?;
        let status = response.status();
        if !status.is_success() {
            let kind = match status.as_u16() {
                401 | 403 => Kind::Unauthorized,
                500.. => Kind::Unavailable,
                _ => Kind::Configuration,
            };
            return Err(Error::new(kind, "the signature service refused").with_status(status.as_u16()));
        }
        let answer: Value = serde_json::from_slice(response.body())
            .map_err(|_| Error::new(Kind::MalformedReply, "the signature service did not answer with JSON").with_status(status.as_u16()))?;
        let value = |index: usize| match answer.pointer(&self.pointers[index]) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(Error::new(Kind::MalformedReply, format!("the signature service's answer has nothing at {}", self.pointers[index]))),
        };
        Ok(Triple { ak: value(0)?, sgn: Secret::new(value(1)?), ts: value(2)? })
    }
}
