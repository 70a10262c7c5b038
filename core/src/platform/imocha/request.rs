//! What the sandbox reads of a request. Request keys are read in any letter case (choice 4).

use serde_json::{Map, Value};

use super::reply;
use crate::engine::imocha::Switches;
use crate::http::{Request, Response};
use crate::wire;
use crate::{AccessWindow, Time};

type Body = Map<String, Value>;

/// The positive number in the path; anything else names nothing that exists.
pub(super) fn id(template: &str, request: &Request, unknown: &str) -> Result<i64, Response> {
    parameter(template, 0, request, unknown)
}

/// As [`id`], the second in the path.
pub(super) fn second_id(template: &str, request: &Request, unknown: &str) -> Result<i64, Response> {
    parameter(template, 1, request, unknown)
}

fn parameter(template: &str, index: usize, request: &Request, unknown: &str) -> Result<i64, Response> {
    crate::http::path_parameters(template, request.uri().path())
        .and_then(|parameters| parameters.get(index)?.parse::<i64>().ok())
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

/// `yes` or `no` in any letter case; anything else takes the default, or is refused when the values are strict (choice 39).
pub(super) fn is_yes(body: &mut Body, name: &str, switches: &Switches, errors: &mut Vec<String>) -> bool {
    word(body, name, &[("yes", true), ("no", false)], switches, errors).unwrap_or(false)
}

/// A word of a set in any letter case; anything else counts as absent, or is refused when the values are strict (choice 39).
pub(super) fn word<T: Copy>(body: &mut Body, name: &str, words: &[(&str, T)], switches: &Switches, errors: &mut Vec<String>) -> Option<T> {
    let value = wire::take(body, name).filter(|value| !value.is_null())?;
    let found = value.as_str().and_then(|text| words.iter().find(|(known, _)| text.eq_ignore_ascii_case(known)));
    if found.is_none() && switches.strict_values {
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        errors.push(format!("{name} is not one of {}. (sandbox)", known.join(", ")));
    }
    found.map(|(_, value)| *value)
}

/// 0 or 1, also as text; anything else takes the default, or is refused when the values are strict (choice 39).
pub(super) fn flag(body: &mut Body, name: &str, switches: &Switches, errors: &mut Vec<String>) -> Option<bool> {
    let value = wire::take(body, name).filter(|value| !value.is_null())?;
    let number = match &value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ if switches.strict_values => {
            errors.push(format!("{name} is not 0 or 1. (sandbox)"));
            None
        }
        Some(_) => Some(false),
        None => value.is_string().then_some(false),
    }
}

/// Both sides of a window under their two names. One side alone is taken; an end that does not lie after the start is refused
/// when dates are strict only (choice 15).
pub(super) fn window(body: &mut Body, names: [&str; 2], switches: &Switches, errors: &mut Vec<String>) -> (Option<Time>, Option<Time>) {
    let (start, end) = (date(body, names[0], errors), date(body, names[1], errors));
    if switches.strict_dates && (AccessWindow { start, end }).fault().is_some() {
        errors.push(format!("{} is not after {}. (sandbox)", names[1], names[0]));
    }
    (start, end)
}

/// A time zone: any whole number, unless zones are strict (choice 14).
pub(super) fn time_zone(body: &mut Body, name: &str, switches: &Switches, errors: &mut Vec<String>) -> Option<i64> {
    let zone = integer(body, name, errors)?;
    if switches.strict_time_zones && zone < 1 {
        errors.push(format!("{name} is not a time zone. (sandbox)"));
    }
    Some(zone)
}

/// The number of a status that a switch names.
pub(super) fn status(word: &str) -> u16 {
    word.parse().unwrap_or(200)
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

/// A moment in UTC with or without `Z`; without a time part 00:00:00 is taken (section 12, published). Seconds since 1970 are no
/// ISO 8601.
pub(super) fn read_date(text: &str) -> Option<Time> {
    if !text.contains(['-', 'T']) {
        return None;
    }
    [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")].iter().find_map(|text| Time::read(text).ok())
}
