//! What every iMocha answer has in common: three error bodies, and the status table (section 5).

use serde_json::Value;

use crate::http::Response;
use crate::wire::{malformed, object, redirect, retry_after, take, take_text};
use crate::{Error, Kind, Status};

/// The error that an answer means; `None` for a 2xx.
pub(super) fn error(response: &Response) -> Option<Error> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    if let Some(error) = redirect(response) {
        return Some(error);
    }
    let kind = match status.as_u16() {
        401 => Kind::Unauthorized,
        404 => Kind::NotFound,
        // Choice 13: 429 stands for rate and quota alike; only the text can tell them apart.
        429 if texts(response).is_some_and(|text| text.to_ascii_lowercase().contains("quota")) => Kind::QuotaExhausted,
        429 => Kind::RateLimited,
        500.. => Kind::Unavailable,
        _ => Kind::Rejected,
    };
    Some(of_kind(response, kind))
}

/// The error of an answer whose kind a call knows better than the status table does.
pub(super) fn of_kind(response: &Response, kind: Kind) -> Error {
    let texts = texts(response);
    let error = Error::new(kind, kind.row().meaning).with_status(response.status().as_u16()).with_retry_after(retry_after(response));
    match texts {
        Some(texts) => error.with_platform_words(None, Some(texts)),
        None => error.with_raw_reply(crate::wire::text(response)),
    }
}

/// The texts of an error body: `errors[]`, else `message`, else the raw text unless it is a page (choice 11).
fn texts(response: &Response) -> Option<String> {
    let Ok(mut body) = object(response) else {
        let raw = crate::wire::text(response).trim().to_owned();
        return Some(raw).filter(|raw| !raw.is_empty() && !raw.starts_with(['<', '[', '{']));
    };
    match take(&mut body, "errors") {
        Some(Value::Array(errors)) => {
            let texts: Vec<String> =
                errors.into_iter().map(|error| if let Value::String(text) = error { text } else { error.to_string() }).collect();
            Some(texts.join(" ")).filter(|text| !text.is_empty())
        }
        _ => match take(&mut body, "message") {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
    }
}

/// The object of a 2xx answer.
pub(super) fn success(response: &Response) -> Result<serde_json::Map<String, Value>, Error> {
    match error(response) {
        Some(error) => Err(error),
        None => object(response),
    }
}

/// The `result` of a 2xx answer of those two calls that refuse what cannot be read with 401 (retrieve invites, replay callbacks;
/// sections 12 and 13, published), and what stands beside it. `None` when it is null.
pub(super) fn result(response: &Response) -> Result<(Option<Value>, serde_json::Map<String, Value>), Error> {
    let mut body = success(response).map_err(|error| {
        // A 401 may be a validation failure; then the body says what was wrong (choice 12).
        let is_validation = error.kind() == Kind::Unauthorized
            && object(response)
                .is_ok_and(|body| body.keys().any(|name| name.eq_ignore_ascii_case("result") || name.eq_ignore_ascii_case("errors")));
        if is_validation { of_kind(response, Kind::Rejected) } else { error }
    })?;
    let result = take(&mut body, "result").ok_or_else(|| lacks(response, "result"))?;
    // Null unless something went wrong, and then there is no result.
    let errors = take(&mut body, "errors").filter(|errors| !errors.is_null());
    if result.is_null() && errors.is_some() {
        return Err(of_kind(response, Kind::Rejected));
    }
    body.extend(errors.map(|errors| ("errors".to_owned(), errors)));
    Ok((Some(result).filter(|result| !result.is_null()), body))
}

/// The id that a 2xx answer must have.
pub(super) fn take_id(body: &mut serde_json::Map<String, Value>, response: &Response) -> Result<i64, Error> {
    take(body, "testInvitationId").and_then(|id| id.as_i64()).ok_or_else(|| lacks(response, "testInvitationId"))
}

/// Where an invitation stands, and the platform's own word; an absent word is unknown.
pub(super) fn take_status(body: &mut serde_json::Map<String, Value>, name: &str) -> (Status, Option<String>) {
    let word = take_text(body, name);
    (word.as_deref().map_or(Status::Unknown, Status::read), word)
}

/// A 2xx answer that lacks what it must have.
pub(super) fn lacks(response: &Response, name: &str) -> Error {
    malformed(response, &format!("it has no {name}"))
}

/// The sandbox's side: `{"errors":[…]}`.
#[cfg(feature = "engine")]
pub(crate) fn refusal(status: u16, errors: &[impl serde::Serialize]) -> Response {
    crate::http::json_response(status, &serde_json::json!({ "errors": errors }))
}

/// The sandbox's side: `{"result":null,"errors":[…]}` with 401, as those two calls refuse what they cannot take (sections 12 and
/// 13, published).
#[cfg(feature = "engine")]
pub(crate) fn validation_refusal(errors: &[impl serde::Serialize]) -> Response {
    #[derive(serde::Serialize)]
    struct Body<'a, E> {
        result: Option<()>,
        errors: &'a [E],
    }
    crate::http::json_response(401, &Body { result: None, errors })
}

/// The sandbox's side: `{"statusCode":…,"message":…}`, as Azure API Management answers for a key (choice 11).
#[cfg(feature = "engine")]
pub(crate) fn text_refusal(status: u16, message: &str) -> Response {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        status_code: u16,
        message: &'a str,
    }
    crate::http::json_response(status, &Body { status_code: status, message })
}
