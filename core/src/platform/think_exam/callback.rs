//! The webhook of Think Exam, current and legacy. Reference: section 5.

use std::fmt::Write;

use http::HeaderMap;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::callback::{Authenticity, CallbackEvent, malformed, take_number, take_text};
use crate::{Error, Kind, Platform, Secret, Status};

/// The header of the key: the current form's, and the one that the legacy sample reads.
const KEY_HEADERS: [&str; 2] = ["x-webhook_key", "webhook_key"];

/// Compares the key, in constant time. It is no signature: it says who sends, and nothing of the body.
pub(crate) fn verify(headers: &HeaderMap, key: Option<&Secret>) -> Result<Authenticity, Error> {
    let Some(key) = key else { return Ok(Authenticity::NotChecked) };
    if key.expose().is_empty() {
        return Err(Error::new(Kind::Configuration, "the key of the webhook is empty; it would let everybody in"));
    }
    let Some(given) = KEY_HEADERS.iter().find_map(|name| headers.get(*name)) else {
        return Err(Error::new(
            Kind::Unauthorized,
            "the header X-webhook_key is missing; nginx drops it unless underscores_in_headers is on",
        ));
    };
    if key.matches(given.as_bytes()) {
        Ok(Authenticity::Verified)
    } else {
        Err(Error::new(Kind::Unauthorized, "the key in X-webhook_key is another"))
    }
}

/// Reads both forms: the current one has an object `result`, the legacy one is flat.
pub(crate) fn read(mut body: Map<String, Value>, bytes: &[u8], authenticity: Authenticity) -> Result<CallbackEvent, Error> {
    let dedupe_key = Sha256::digest(bytes).iter().fold("think-exam/".to_owned(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    if let Some(Value::Object(_)) = body.get("result") {
        let Some(Value::Object(mut result)) = body.remove("result") else { return Err(malformed("it has no result")) };
        let word = take_text(&mut result, "status");
        let event = CallbackEvent {
            status: word.as_deref().map_or(Status::Unknown, Status::read),
            platform_status: word,
            candidate_id: take_text(&mut result, "enrollment_no"),
            email: take_text(&mut result, "email"),
            name: take_text(&mut result, "name"),
            test_id: take_text(&mut result, "test_id"),
            score: take_number(&mut result, "marks_scored"),
            maximum_score: take_number(&mut result, "total_marks"),
            percentage: take_number(&mut result, "percentage"),
            dedupe_key,
            ..CallbackEvent::new(Platform::ThinkExam, "current", authenticity)
        };
        // What stands beside `result`, should there ever be something, is kept with what is left of it.
        for (name, value) in body {
            result.entry(name).or_insert(value);
        }
        return Ok(CallbackEvent { extra: result, ..event });
    }
    let (email, test_id) = (take_text(&mut body, "EMAIL"), take_text(&mut body, "TEST_ID"));
    if email.is_none() && test_id.is_none() {
        return Err(malformed("it has neither a result nor EMAIL and TEST_ID"));
    }
    Ok(CallbackEvent {
        // The legacy form has no status: it is sent when a test is done.
        status: Status::Complete,
        candidate_id: take_text(&mut body, "ENROLLMENT_NO"),
        email,
        test_id,
        score: take_number(&mut body, "CORRECT_MARKS"),
        maximum_score: take_number(&mut body, "TOTAL_MARKS"),
        dedupe_key,
        extra: body,
        ..CallbackEvent::new(Platform::ThinkExam, "legacy", authenticity)
    })
}
