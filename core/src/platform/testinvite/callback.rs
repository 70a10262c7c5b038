//! What TestInvite sends to a candidate's `callback.url`. Reference: sections 5.3 and 6.

use serde_json::{Map, Value};

use crate::callback::{Authenticity, CallbackEvent, malformed, take_number, take_text};
use crate::wire::take;
use crate::{Error, Platform, Status, Time};

/// Reads a bare test instance, basic or detailed; the wrapper of the search is taken too (choice C26). Nothing is signed.
pub(crate) fn read(mut body: Map<String, Value>) -> Result<CallbackEvent, Error> {
    if let Some(Value::Array(instances)) = body.get_mut("testInstances") {
        match (instances.pop(), instances.is_empty()) {
            (Some(Value::Object(instance)), true) => {
                body.remove("testInstances");
                // What stands beside the wrapped instance, such as `params`, stays with it.
                let beside = std::mem::replace(&mut body, instance);
                for (name, value) in beside {
                    body.entry(name).or_insert(value);
                }
            }
            _ => return Err(malformed("one test instance is expected")),
        }
    }
    let Some(session_id) = take_text(&mut body, "testInstanceId") else { return Err(malformed("it has no testInstanceId")) };
    let Some(word) = take_text(&mut body, "status") else { return Err(malformed("it has no status")) };
    let status = match word.trim().to_ascii_uppercase().as_str() {
        // A session that is reinstated runs again.
        "STARTED" | "RESETUP" => Status::InProgress,
        _ => Status::read(&word),
    };
    let is_detailed = ["candidate", "organizationId", "folder"].into_iter().any(|name| body.contains_key(name));
    let ticket = take_text(&mut body, "ticketId");
    let named = match body.get_mut("candidate") {
        Some(Value::Object(candidate)) => take_text(candidate, "id"),
        _ => None,
    };
    let candidate_id = named.or(ticket);
    let mut event = CallbackEvent::new(Platform::TestInvite, if is_detailed { "detailed" } else { "basic" }, Authenticity::Unsigned);
    // `false` until there is a result.
    if let Some(Value::Object(mut result)) = take(&mut body, "result") {
        let completed = take_number(&mut result, "completedAt").map(|seconds| seconds as i64);
        event.completed_at = completed.and_then(|seconds| Time::read_seconds(seconds).ok());
        if let Some(Value::Object(mut scoreboard)) = take(&mut result, "scoreboard") {
            event.score = take_number(&mut scoreboard, "pointsAchieved");
            event.maximum_score = take_number(&mut scoreboard, "maxAchievablePoints");
            // 0.07 times 100 is not 7 in binary.
            event.percentage = take_number(&mut scoreboard, "achievementRatio").map(|ratio| (ratio * 1e11).round() / 1e9);
            if !scoreboard.is_empty() {
                result.insert("scoreboard".into(), Value::Object(scoreboard));
            }
        }
        if !result.is_empty() {
            body.insert("result".into(), Value::Object(result));
        }
    }
    let completed = event.completed_at.map(|time| time.seconds().to_string()).unwrap_or_default();
    Ok(CallbackEvent {
        status,
        // A session can be completed again after it was reinstated.
        dedupe_key: format!("testinvite/{session_id}/{}/{completed}", word.trim()),
        platform_status: Some(word),
        invitation_id: candidate_id.clone(),
        candidate_id,
        session_id: Some(session_id),
        test_id: take_text(&mut body, "taskId"),
        extra: body,
        ..event
    })
}
