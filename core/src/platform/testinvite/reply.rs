//! What every TestInvite answer has in common: statuses, and the error body (sections 2.6 and 7).

use serde_json::{Map, Value};

#[cfg(feature = "engine")]
use super::Mode;
#[cfg(feature = "engine")]
use crate::http::Request;
use crate::http::Response;
use crate::wire::{malformed, object, redirect, retry_after, take, take_text};
use crate::{Error, Kind, Time};

/// The code with which our sandbox refuses a duplicate; nothing but this code proves one (choice C4).
const DUPLICATE: &str = "duplicate-candidate";

/// The error that an answer means; `None` for any 2xx (choice C3).
pub(super) fn error(response: &Response) -> Option<Error> {
    error_where(response, Kind::Rejected)
}

/// As [`error`], for a call where 403 has a meaning of its own.
pub(super) fn error_where(response: &Response, forbidden: Kind) -> Option<Error> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    if let Some(error) = redirect(response) {
        return Some(error);
    }
    let (code, message) = words(response);
    let kind = match status.as_u16() {
        401 => Kind::Unauthorized,
        404 => Kind::NotFound,
        429 => Kind::RateLimited,
        500.. => Kind::Unavailable,
        403 if forbidden != Kind::Rejected => forbidden,
        400 | 403 | 409 if code.as_deref() == Some(DUPLICATE) => Kind::Duplicate,
        _ => Kind::Rejected,
    };
    let is_silent = code.is_none() && message.is_none();
    let error = Error::new(kind, kind.row().meaning)
        .with_status(status.as_u16())
        .with_retry_after(retry_after(response))
        .with_platform_words(code, message);
    Some(if is_silent { error.with_raw_reply(crate::wire::text(response)) } else { error })
}

/// Code and message of an error body (choice C5); anything else has none.
fn words(response: &Response) -> (Option<String>, Option<String>) {
    let error = object(response).ok().and_then(|mut body| take(&mut body, "error"));
    match error {
        Some(Value::Object(mut error)) => (take_text(&mut error, "code"), take_text(&mut error, "message")),
        Some(Value::String(message)) => (None, Some(message)),
        _ => (None, None),
    }
}

/// The object of a 2xx answer.
pub(super) fn success(response: &Response) -> Result<Map<String, Value>, Error> {
    match error(response) {
        Some(error) => Err(error),
        None => object(response),
    }
}

/// A 2xx answer that lacks what it must have.
pub(super) fn lacks(response: &Response, name: &str) -> Error {
    malformed(response, &format!("it has no {name}"))
}

/// A text that an answer must have.
pub(super) fn required_text(body: &mut Map<String, Value>, name: &str, response: &Response) -> Result<String, Error> {
    take_text(body, name).ok_or_else(|| lacks(response, name))
}

// A member of another type than the documented one is as good as absent: the rest of the answer still counts.

/// true or false.
pub(super) fn take_boolean(body: &mut Map<String, Value>, name: &str) -> Option<bool> {
    take(body, name)?.as_bool()
}

/// A whole number.
pub(super) fn take_integer(body: &mut Map<String, Value>, name: &str) -> Option<i64> {
    take(body, name)?.as_i64()
}

/// A moment in seconds since 1970.
pub(super) fn take_moment(body: &mut Map<String, Value>, name: &str) -> Option<Time> {
    let seconds = take(body, name)?;
    match seconds.as_i64() {
        Some(seconds) => Some(Time::from_seconds(seconds)),
        None => seconds.as_f64().map(|seconds| Time::from_milliseconds((seconds * 1000.0).round() as i64)),
    }
}

/// A list of texts.
pub(super) fn take_texts(body: &mut Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut keep = |entry| match entry {
        Value::String(text) => {
            all.push(text);
            true
        }
        _ => false,
    };
    crate::wire::each(take(body, name)?, &mut keep).then_some(all)
}

/// An object with any content.
pub(super) fn take_record(body: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    if let Value::Object(record) = take(body, name)? { Some(record) } else { None }
}

/// A list of objects.
pub(super) fn take_list<T>(body: &mut Map<String, Value>, name: &str, mut read: impl FnMut(Map<String, Value>) -> T) -> Option<Vec<T>> {
    let mut all = Vec::new();
    let mut keep = |entry| match entry {
        Value::Object(record) => {
            all.push(read(record));
            true
        }
        _ => false,
    };
    crate::wire::each(take(body, name)?, &mut keep).then_some(all)
}

/// The sandbox's side: the refusals of section 2.6.
#[cfg(feature = "engine")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The token is missing or unknown.
    Unauthorized,
    /// The token lacks the right.
    Forbidden,
    /// The task, or whatever else the path names, is unknown.
    NotFound,
    /// The body is not JSON, or a member is missing or of the wrong type.
    InvalidBody,
    /// A parameter of the query is unknown to the reference or out of range (choice C22).
    InvalidQuery,
    /// The body names a user, program, step or template that does not exist (choice C30).
    UnknownReference,
    /// The uniqueness of section 3 forbids the candidate; 403 by choice C4.
    DuplicateCandidate,
    /// A fault of the server.
    ServerError,
}

#[cfg(feature = "engine")]
impl Refusal {
    /// Status and code.
    const fn row(self) -> (u16, &'static str) {
        match self {
            Refusal::Unauthorized => (401, "unauthorized"),
            Refusal::Forbidden => (403, "forbidden"),
            Refusal::NotFound => (404, "not-found"),
            Refusal::InvalidBody => (400, "invalid-body"),
            Refusal::InvalidQuery => (400, "invalid-query"),
            Refusal::UnknownReference => (400, "unknown-reference"),
            Refusal::DuplicateCandidate => (403, DUPLICATE),
            Refusal::ServerError => (500, "server-error"),
        }
    }

    /// The answer `{"error":{"code":…,"message":…}}` (choice C5).
    #[must_use]
    pub fn to_response(self, message: &str) -> Response {
        self.with_status(self.row().0, message)
    }

    /// The same under another status, where a switch names one.
    #[must_use]
    pub(crate) fn with_status(self, status: u16, message: &str) -> Response {
        crate::http::json_response(status, &serde_json::json!({ "error": { "code": self.row().1, "message": message } }))
    }
}

/// The sandbox's side: the ids in a path.
#[cfg(feature = "engine")]
pub(super) fn path_ids<const COUNT: usize>(template: &str, request: &Request) -> Result<[String; COUNT], Response> {
    crate::http::path_parameters(template, request.uri().path())
        .and_then(|ids| ids.try_into().ok())
        .ok_or_else(|| Refusal::NotFound.to_response("there is no such path"))
}

/// The sandbox's side: the `mode` of a query; only the documented words are accepted (choices C20 and C22).
#[cfg(feature = "engine")]
pub(super) fn query_mode(request: &Request) -> Result<Option<Mode>, Response> {
    let Some(word) = crate::http::query_value(request, "mode") else { return Ok(None) };
    match Mode::WORDS.iter().find(|(known, _)| *known == word) {
        Some((_, mode)) => Ok(Some(*mode)),
        None => Err(Refusal::InvalidQuery.to_response("mode: one of basic, detailed is expected")),
    }
}
