//! What iMocha sends to a `callbackUrl`. Reference: section 11.

use serde_json::{Map, Value};

use crate::callback::{Authenticity, CallbackEvent, malformed, take_number, take_text};
use crate::{Error, Platform, Status, Time};

/// Reads the one form there is. Nothing is signed.
pub(crate) fn read(mut body: Map<String, Value>) -> Result<CallbackEvent, Error> {
    let Some(invitation_id) = take_text(&mut body, "TestInvitationId") else { return Err(malformed("it has no TestInvitationId")) };
    let Some(word) = take_text(&mut body, "Status") else { return Err(malformed("it has no Status")) };
    let status = Status::read(&word);
    let attempted = take_text(&mut body, "AttemptedOnUtc");
    // UTC, printed without its `Z`.
    let attempted_at = attempted.as_deref().and_then(|text| Time::read(text).or_else(|_| Time::read(&format!("{}Z", text.trim()))).ok());
    if let (None, Some(text)) = (attempted_at, &attempted) {
        body.insert("AttemptedOnUtc".into(), Value::String(text.clone()));
    }
    // A live score has decimals where the sample has none; `0` belongs to an attempt that runs.
    let (maximum_score, score) = (take_number(&mut body, "TotalScore"), take_number(&mut body, "CandidateScore"));
    let dedupe_key = format!("imocha/{invitation_id}/{}/{}", word.trim(), attempted.as_deref().unwrap_or_default());
    Ok(CallbackEvent {
        status,
        platform_status: Some(word),
        invitation_id: Some(invitation_id),
        email: take_text(&mut body, "CandidateEmailId"),
        score,
        maximum_score,
        category: take_text(&mut body, "PerformanceCategory"),
        attempted_at,
        report_url: take_text(&mut body, "ReportPDFUrl"),
        dedupe_key,
        extra: body,
        ..CallbackEvent::new(Platform::Imocha, "attempt", Authenticity::Unsigned)
    })
}
