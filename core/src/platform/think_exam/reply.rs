//! What every Think Exam answer has in common: success and error bodies, and the meaning of an error (sections 2 and 6).

use serde::Serializer;
use serde_json::{Map, Value};

use crate::http::Response;
use crate::wire::{malformed, object, redirect, retry_after, take, take_text, text};
use crate::{Error, FieldError, Kind, Secret};

/// The members of an answer with which somebody could act as the candidate (Think Exam reference, sections 3 and 6).
const SECRETS: [&str; 5] = ["ACCESS_TOKEN", "LARAVEL_TOKEN", "laravelToken", "redirectionUrl", "password"];

/// An answer as it came, for people to look at: tokens, links with one in them and passwords are blanked.
///
/// ```
/// let shown = bidden::think_exam::without_secrets(r#"{"result":"success","laravelToken":"t0ken"}"#);
/// assert_eq!(shown, r#"{"laravelToken":"…","result":"success"}"#);
/// ```
#[must_use]
pub fn without_secrets(answer: &str) -> String {
    fn blank(value: &mut serde_json::Value) -> bool {
        match value {
            serde_json::Value::Array(values) => values.iter_mut().fold(false, |is_changed, value| blank(value) | is_changed),
            serde_json::Value::Object(members) => members.iter_mut().fold(false, |is_changed, (name, value)| {
                if SECRETS.contains(&name.as_str()) && value.is_string() {
                    *value = "…".into();
                    return true;
                }
                blank(value) | is_changed
            }),
            _ => false,
        }
    }
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(answer) else { return answer.to_owned() };
    if blank(&mut value) { value.to_string() } else { answer.to_owned() }
}

/// The code by which the sandbox refuses a signature (section 7.5). No code of the vendor looks like it.
pub const SANDBOX_AUTH: &str = "SANDBOX_AUTH";

/// The texts of section 2.3 that name a field, each with what it says of the field.
const FIELD_TEXTS: [(&str, &str); 3] = [
    (" is required.", "the platform misses it"),
    (" should not be blank", "the platform finds it blank"),
    (" not exist.", "the platform misses it, or does not know what it names"),
];

/// Whether a word of `result` means success; the letter case differs between calls (section 2.1).
pub(super) fn is_success(word: &str) -> bool {
    word.eq_ignore_ascii_case("success")
}

/// The members of an answer whose `result` says success, and that word. The body decides, not the HTTP status (choice 6);
/// only a redirect is never read.
pub(super) fn success(response: &Response) -> Result<(String, Map<String, Value>), Error> {
    if let Some(error) = redirect(response) {
        return Err(error);
    }
    let Ok(mut body) = object(response) else { return Err(without_body(response)) };
    match take_text(&mut body, "result") {
        Some(word) if is_success(&word) => Ok((word, body)),
        Some(word) => {
            let (code, message) = words(&mut body, "error");
            // A word of its own (`no_record`, section 2.3) is as good as a code where there is none.
            let code = code.or_else(|| Some(word).filter(|word| !word.eq_ignore_ascii_case("error")));
            Err(refused(response, code, message))
        }
        None => Err(without_body(response)),
    }
}

/// Takes `code` and `msg` out of the object `success` or `error`: a code may be a number or absent, `msg` may be `message`
/// (section 6). What else the object holds stays.
pub(super) fn words(body: &mut Map<String, Value>, member: &str) -> (Option<String>, Option<String>) {
    let Some(Value::Object(mut inner)) = take(body, member) else { return (None, None) };
    let code = take_text(&mut inner, "code");
    let message = take_text(&mut inner, "msg").or_else(|| take_text(&mut inner, "message"));
    if !inner.is_empty() {
        body.insert(member.to_owned(), Value::Object(inner));
    }
    (code, message)
}

/// What `result:"error"` means. Choice 5 for the signature; every other code is a plain no (section 2.3).
fn refused(response: &Response, code: Option<String>, message: Option<String>) -> Error {
    let status = response.status();
    let kind = if code.as_deref() == Some(SANDBOX_AUTH) { Kind::Unauthorized } else { kind_of_status(response).unwrap_or(Kind::Rejected) };
    // A 404 with a body of the platform is an unknown path or method (choice 42), and a code says no more than a plain no.
    let kind = if kind == Kind::NotFound { Kind::Rejected } else { kind };
    rejection(kind, code, message).with_status(status.as_u16()).with_retry_after(retry_after(response))
}

/// A refusal in the platform's words, with the field that its text names.
pub(super) fn rejection(kind: Kind, code: Option<String>, message: Option<String>) -> Error {
    let fields = message.as_deref().and_then(named_field).into_iter().collect();
    Error::new(kind, kind.row().meaning).with_platform_words(code, message).with_fields(fields)
}

/// The field in `{Field name} is required.` and its like (section 6). What holds an `@` is an address and no field's name.
fn named_field(message: &str) -> Option<FieldError> {
    FIELD_TEXTS.iter().find_map(|(ending, reason)| {
        let field = message.strip_suffix(ending).filter(|field| !field.is_empty() && !field.contains(['@', '\n', '\r']))?;
        Some(FieldError::new(field, *reason))
    })
}

/// An answer without a body of the platform: status and raw text are all there is.
fn without_body(response: &Response) -> Error {
    match kind_of_status(response) {
        Some(kind) => Error::new(kind, kind.row().meaning)
            .with_status(response.status().as_u16())
            .with_retry_after(retry_after(response))
            .with_raw_reply(text(response)),
        None => malformed(response, "a JSON object with a result is expected"),
    }
}

fn kind_of_status(response: &Response) -> Option<Kind> {
    match response.status().as_u16() {
        401 | 403 => Some(Kind::Unauthorized),
        404 => Some(Kind::NotFound),
        429 => Some(Kind::RateLimited),
        400..=499 => Some(Kind::Rejected),
        500.. => Some(Kind::Unavailable),
        _ => None,
    }
}

/// Writes a secret's text into the neutral form, which is where it is meant to go.
pub(crate) fn expose<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
}

/// As [`expose`], for a secret that is always there.
pub(crate) fn expose_one<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// The sandbox's side: what it refuses, in the platform's shapes.
#[cfg(feature = "engine")]
pub(crate) mod served {
    use serde::Serialize;
    use serde_json::{Map, Value};

    use super::SANDBOX_AUTH;
    use crate::engine::Dialect;
    use crate::http::{Request, Response, json_response};
    use crate::sign::Explanation;

    /// `{"result":"error","error":{"code":…,"msg":…}}`.
    #[derive(Serialize)]
    pub(crate) struct Refusal<'a> {
        result: &'static str,
        error: Words<'a>,
    }

    #[derive(Serialize)]
    struct Words<'a> {
        code: &'a str,
        msg: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        explain: Option<&'a Explanation>,
    }

    impl<'a> Refusal<'a> {
        pub(crate) fn new(code: &'a str, msg: &'a str) -> Self {
            Refusal::of("error", code, msg)
        }

        /// With a word of its own for `result`.
        pub(crate) fn of(result: &'static str, code: &'a str, msg: &'a str) -> Self {
            Refusal { result, error: Words { code, msg, explain: None } }
        }
    }

    /// The sandbox's side: a refusal, with HTTP 200 unless a switch says otherwise (choice 6).
    #[must_use]
    pub fn refusal(dialect: &Dialect, code: &str, msg: &str) -> Response {
        json_response(status(dialect.think_exam.error_status), &Refusal::new(code, msg))
    }

    /// The sandbox's side: 3100 `Something went wrong` with a status of its own, borrowed from change password (choice 42).
    #[must_use]
    pub fn something_went_wrong(status: u16) -> Response {
        json_response(status, &Refusal::new(WENT_WRONG.0, WENT_WRONG.1))
    }

    /// 3100 as [`refusal`], for every cause without a code of its own (choices 15, 22).
    pub(crate) fn went_wrong(dialect: &Dialect) -> Response {
        refusal(dialect, WENT_WRONG.0, WENT_WRONG.1)
    }

    /// The code and text of change password's error (section 3.6, published).
    pub(crate) const WENT_WRONG: (&str, &str) = ("3100", "Something went wrong");

    /// The number in a word of a switch.
    fn status(word: &str) -> u16 {
        word.parse().unwrap_or(200)
    }

    /// The sandbox's side: HTTP 401 for a signature that does not verify, with what would help (section 7.5, choice 5).
    #[must_use]
    pub fn unsigned(dialect: &Dialect, explanation: &Explanation) -> Response {
        let mut refusal = Refusal::new(SANDBOX_AUTH, explanation.check.text());
        refusal.error.explain = Some(explanation);
        json_response(status(dialect.think_exam.auth_status), &refusal)
    }

    /// How an error names a field (choice 8).
    pub(crate) fn shown(dialect: &Dialect, field: &str) -> String {
        if dialect.think_exam.field_name_style == "key" {
            return field.to_owned();
        }
        let mut words = String::new();
        for letter in field.chars() {
            let begins = words.is_empty() || words.ends_with(' ');
            match letter {
                '_' => words.push(' '),
                _ if begins => words.extend(letter.to_uppercase()),
                _ if letter.is_uppercase() => words.extend([' ', letter]),
                _ => words.push(letter),
            }
        }
        words
    }

    /// 3095: a field of assign or de-assign is missing.
    pub(crate) fn required(dialect: &Dialect, field: &str) -> Response {
        refusal(dialect, "3095", &format!("{} is required.", shown(dialect, field)))
    }

    /// A field of assign or de-assign that must be there: null and blank are missing unless a switch says otherwise (choice 10).
    pub(crate) fn needed(dialect: &Dialect, body: &mut Map<String, Value>, name: &str) -> Result<String, Response> {
        let is_given = body.contains_key(name);
        match text(body, name)? {
            Some(text) => Ok(text),
            None if is_given && !dialect.think_exam.blank_is_missing => Ok(String::new()),
            None => Err(required(dialect, name)),
        }
    }

    /// `testId`: a number is taken as its decimal text (choice 42).
    pub(crate) fn test_id(dialect: &Dialect, body: &mut Map<String, Value>) -> Result<String, Response> {
        if let Some(Value::Number(number)) = body.get("testId") {
            let text = number.to_string();
            body.insert("testId".into(), Value::String(text));
        }
        needed(dialect, body, "testId")
    }

    /// Text or number 0 or 1; absent, null and blank are `0`; anything else is 3100 (section 2, item 7; choice 22).
    pub(crate) fn flag(dialect: &Dialect, body: &mut Map<String, Value>, name: &str) -> Result<bool, Response> {
        match body.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::String(text)) if text.trim().is_empty() || text == "0" => Ok(false),
            Some(Value::String(text)) if text == "1" => Ok(true),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(false),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(true),
            Some(_) if dialect.think_exam.strict_flags => Err(went_wrong(dialect)),
            Some(_) => Ok(false),
        }
    }

    /// The body as JSON, or 400 (choice 42).
    pub(crate) fn body(request: &Request) -> Result<Value, Response> {
        serde_json::from_slice(request.body()).map_err(|_| something_went_wrong(400))
    }

    /// The body as a JSON object, or 400 (choice 42).
    pub(crate) fn object(request: &Request) -> Result<Map<String, Value>, Response> {
        if let Value::Object(object) = body(request)? { Ok(object) } else { Err(something_went_wrong(400)) }
    }

    /// A text member; a wrong type is 400 (choice 42), null and blank are as good as absent.
    pub(crate) fn text(body: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Response> {
        match body.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Some(_) => Err(something_went_wrong(400)),
        }
    }
}

#[cfg(feature = "engine")]
pub use served::{refusal, something_went_wrong, unsigned};
