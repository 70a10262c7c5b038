//! Small pieces that the wire of all platforms shares: JSON bodies, their reading without regard to letter case.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::Response;
use crate::{Error, Kind};

/// Writes a JSON body: the known fields in their order, then the caller's extra fields. Compact.
pub(crate) fn body(known: &impl Serialize, extra: &Map<String, Value>) -> Vec<u8> {
    with_extra(serde_json::to_vec(known), extra)
}

/// Once for all types of bodies: each brings its own writing, which is enough for a small libbidden.
#[inline(never)]
fn with_extra(known: serde_json::Result<Vec<u8>>, extra: &Map<String, Value>) -> Vec<u8> {
    let mut bytes = known.unwrap_or_default();
    if !extra.is_empty() && bytes.pop() == Some(b'}') {
        let mut separator: &[u8] = if bytes.last() == Some(&b'{') { b"" } else { b"," };
        for (name, value) in extra {
            bytes.extend_from_slice(separator);
            bytes.extend(serde_json::to_vec(name).unwrap_or_default());
            bytes.push(b':');
            bytes.extend(serde_json::to_vec(value).unwrap_or_default());
            separator = b",";
        }
        bytes.push(b'}');
    }
    bytes
}

/// The body of an answer as text; bytes that are not UTF-8 are replaced, for the error that keeps it.
pub(crate) fn text(response: &Response) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// An answer that cannot be read: status and raw text are kept.
pub(crate) fn malformed(response: &Response, why: &str) -> Error {
    let status = response.status();
    // A 5xx with a page instead of JSON is the platform being down, whatever the page says.
    let (kind, message) = if status.is_server_error() {
        (Kind::Unavailable, "the platform is down".to_owned())
    } else {
        (Kind::MalformedReply, format!("the answer cannot be read: {why}"))
    };
    Error::new(kind, message).with_status(status.as_u16()).with_raw_reply(text(response))
}

/// A JSON object, or what the answer is instead.
pub(crate) fn object(response: &Response) -> Result<Map<String, Value>, Error> {
    // Read as text: a second reader, of bytes, would be a second copy of the parser.
    let read = std::str::from_utf8(response.body()).ok().and_then(|text| serde_json::from_str(text).ok());
    match read {
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(malformed(response, "a JSON object is expected")),
        None => Err(malformed(response, "it is not JSON")),
    }
}

/// Takes a member whose name may be in any letter case.
pub(crate) fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = object.remove(name) {
        return Some(value);
    }
    let found = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.remove(&found)
}

/// Takes a text member; a number counts as its decimal text, null as absent.
pub(crate) fn take_text(object: &mut Map<String, Value>, name: &str) -> Option<String> {
    match take(object, name)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Takes a whole number, also as text of digits; anything else counts as absent.
pub(crate) fn take_integer(object: &mut Map<String, Value>, name: &str) -> Option<i64> {
    let value = take(object, name)?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Gives the entries of a list to `keep` until it refuses one; false for that, and for what is no list. Collecting each type by
/// itself would be a fiftieth of libbidden.
#[inline(never)]
pub(crate) fn each(list: Value, keep: &mut dyn FnMut(Value) -> bool) -> bool {
    if let Value::Array(entries) = list { entries.into_iter().all(keep) } else { false }
}

/// The answer is a redirect: none is followed, the location goes into the message.
pub(crate) fn redirect(response: &Response) -> Option<Error> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("nowhere");
    // A location may carry a token in its query.
    let shown = location.split(['?', '#']).next().unwrap_or(location);
    Some(
        Error::new(Kind::Rejected, format!("the platform redirects to {shown}; redirects are not followed, check the base URL"))
            .with_status(response.status().as_u16()),
    )
}

/// How long a `Retry-After` header asks to wait, in either of its forms, counted from the answer's own `Date` when it has one.
pub(crate) fn retry_after(response: &Response) -> Option<std::time::Duration> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    crate::retry::read_retry_after(header(http::header::RETRY_AFTER)?, header(http::header::DATE))
}
