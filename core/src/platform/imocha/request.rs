//! What the sandbox reads of a request. Request keys are read in any letter case (choice 4).

use serde_json::{Map, Value};

use super::reply;
use crate::Time;
use crate::http::{Request, Response};
use crate::wire;

type Body = Map<String, Value>;

/// The positive number in the path; anything else names nothing that exists.
pub(super) fn id(template: &str, request: &Request, unknown: &str) -> Result<i64, Response> {
    crate::http::path_parameters(template, request.uri().path())
        .and_then(|parameters| parameters.first()?.parse::<i64>().ok())
        .filter(|id| *id > 0)
        .ok_or_else(|| reply::refusal(404, &[unknown]))
}

/// The body's object.
pub(super) fn object(request: &Request) -> Result<Body, Response> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(reply::refusal(400, &["The request body is not a JSON object. (sandbox)"])),
    }
}

/// A text; anything else counts as absent.
pub(super) fn text(body: &mut Body, name: &str) -> Option<String> {
    wire::take(body, name).and_then(|value| if let Value::String(text) = value { Some(text) } else { None })
}

/// `yes` in any letter case; values outside the allowed set take the default (choice 39).
pub(super) fn is_yes(body: &mut Body, name: &str) -> bool {
    text(body, name).is_some_and(|word| word.eq_ignore_ascii_case("yes"))
}

/// 0 or 1, also as text; values outside the allowed set take the default (choice 39).
pub(super) fn flag(body: &mut Body, name: &str) -> Option<bool> {
    match wire::take(body, name)? {
        Value::Number(number) => Some(number.as_i64() == Some(1)),
        Value::String(text) => Some(text == "1"),
        _ => None,
    }
}

/// A whole number, also as text.
pub(super) fn integer(body: &mut Body, name: &str, errors: &mut Vec<String>) -> Option<i64> {
    let value = wire::take(body, name).filter(|value| !value.is_null())?;
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    if number.is_none() {
        errors.push(format!("{name} is not an integer. (sandbox)"));
    }
    number
}

/// ISO 8601 in UTC; a date without zone is taken as UTC, as the platform's other pages print it.
pub(super) fn date(body: &mut Body, name: &str, errors: &mut Vec<String>) -> Option<Time> {
    let value = wire::take(body, name).filter(|value| !value.is_null())?;
    let text = value.as_str().map(str::trim);
    if text == Some("") {
        return None;
    }
    let time = text.and_then(read_date);
    if time.is_none() {
        errors.push(format!("{name} is not a date and time. (sandbox)"));
    }
    time
}

/// A moment in UTC with or without `Z`; without a time part 00:00:00 is taken (section 12, published).
pub(super) fn read_date(text: &str) -> Option<Time> {
    [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")].iter().find_map(|text| Time::read(text).ok())
}
