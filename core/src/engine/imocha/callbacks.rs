//! Callbacks: sections 11 and 13, and what happens beside the move itself when a candidate or a recruiter acts (section 21).

use std::time::Duration;

use serde::Serialize;

use super::{Score, Test, find, pdf_url};
use crate::engine::{Callback, Change, Invitation, Later, MessageKind, Outcome, Store, Turn, World, mail, message, note};
use crate::imocha::{Invite, InviteState, ProcessCallbacks, ProcessedCallbacks, validation_refusal};
use crate::lifecycle::{Event, Rules, decide};
use crate::{AnyReply, Platform, Status, Time};

/// The text of an id that is nobody's (section 13, published); the id follows it.
const NOT_OWN: &str = "testinvitationIds does not belong to account or not found";

/// The zones of which the reference knows the offset, in minutes from UTC (section 20).
const KNOWN_ZONES: [(i64, i64); 2] = [(1720, 330), (1200, 0)];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The latest final callback of each invitation goes out again (section 13; choices 25 and 33).
pub(in crate::engine) fn process_callbacks<S: Store>(store: &S, call: &ProcessCallbacks, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let (taken, rest) = call.testinvitation_ids.split_at(call.testinvitation_ids.len().min(ProcessCallbacks::MOST));
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for id in taken {
        match find(store, *id)? {
            Some(invitation) => found.push((*id, invitation)),
            None => unknown.push(id.to_string()),
        }
    }
    if !unknown.is_empty() {
        unknown.insert(0, NOT_OWN.to_owned());
        return Ok(Err(validation_refusal(&unknown)));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, invitation) in found {
        let called =
            if InviteState::Completed.covers(invitation.status) { callbacks(&invitation, turn.world, turn.origin) } else { Vec::new() };
        if called.is_empty() {
            failed.push(id)
        } else {
            successful.push(id)
        }
        turn.changes.extend(called);
    }
    failed.extend(rest);
    Ok(Ok(AnyReply::from(ProcessedCallbacks { successful, failed, extra: serde_json::Map::new() })))
}

/// What happens beside the move itself.
pub(in crate::engine) fn moved(invitation: &Invitation, world: &World, event: Event, now: Time, origin: &str, changes: &mut Vec<Change>) {
    match event {
        Event::Start => changes.push(Change::Scheduled(
            end_of_attempt(invitation, world, now),
            Later::Overrun { invitation_id: invitation.id.clone(), origin: origin.to_owned() },
        )),
        // Choice 41.
        Event::Finish => {
            let messages = invitation.stakeholder_emails.iter();
            changes.extend(messages.map(|to| Change::Mailed(message(invitation, MessageKind::StakeholderCompletion, to, now))));
        }
        // Choice 27.
        Event::Cancel if invitation.asked_for_mail && world.dialect.imocha.cancel_mails != "never" => {
            changes.extend(mail(invitation, MessageKind::Cancellation, now).map(Change::Mailed));
        }
        _ => {}
    }
    // Two per attempt: In Progress, then how it ended; none for Cancelled (section 11; choice 23).
    if invitation.status != Status::Cancelled {
        changes.extend(callbacks(invitation, world, origin));
    }
}

/// When an attempt that begins now is over by itself (choice 19).
fn end_of_attempt(invitation: &Invitation, world: &World, now: Time) -> Time {
    let minutes = u64::try_from(Test::of_invitation(world, invitation).minutes()).unwrap_or(0);
    let end = now.after(Duration::from_secs(minutes.saturating_mul(60)));
    match invitation.window.end {
        Some(closes) if world.dialect.imocha.overrun == "stop-at-window" => end.min(closes),
        _ => end,
    }
}

/// The test's duration is over: an attempt that still runs comes to Test Left, with its callback (section 21, *time passes*).
pub(in crate::engine) fn overrun<S: Store>(store: &S, world: &World, id: &str, origin: &str, now: Time) -> Result<Vec<Change>, S::Error> {
    let Some(mut invitation) = store.invitation(id)?.filter(|invitation| invitation.status == Status::InProgress) else {
        return Ok(Vec::new());
    };
    let Ok(decision) = decide(Rules::of(Platform::Imocha), Some(invitation.status), Event::Leave, Some(&invitation.window), now) else {
        return Ok(Vec::new());
    };
    let mut changes = vec![note(id, "overrun", &decision, now)];
    invitation.move_to(decision.next, now);
    moved(&invitation, world, Event::Leave, now, origin, &mut changes);
    changes.push(Change::Changed(Box::new(invitation)));
    Ok(changes)
}

/// The body of a callback, in the names and the order of section 11.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    candidate_email_id: Option<&'a str>,
    attempted_on: String,
    total_score: i64,
    candidate_score: i64,
    #[serde(rename = "ReportPDFUrl")]
    report_pdf_url: Option<String>,
    test_invitation_id: i64,
    status: &'static str,
    attempted_on_utc: &'a str,
    performance_category: Option<&'static str>,
}

/// The callback about where an attempt stands, as often as it is sent; none without an address for it.
fn callbacks(invitation: &Invitation, world: &World, origin: &str) -> Vec<Change> {
    let switches = &world.dialect.imocha;
    let Some(url) = Invite::of_details(invitation.details.get()).callback_url.filter(|url| !url.trim().is_empty()) else {
        return Vec::new();
    };
    let Some(started) = invitation.started else { return Vec::new() };
    let score = InviteState::Completed.covers(invitation.status).then(|| Score::of(invitation, world));
    let utc = started.to_rfc3339_seconds();
    let body = Body {
        candidate_email_id: invitation.email.as_deref(),
        attempted_on: local_text(started, offset(invitation.time_zone_id, switches.account_utc_offset)),
        total_score: score.as_ref().map_or(0, Score::total),
        candidate_score: score.as_ref().map_or(0, Score::points),
        report_pdf_url: score.as_ref().map(|_| pdf_url(invitation, origin)),
        test_invitation_id: super::number(invitation),
        status: invitation.status.word(),
        attempted_on_utc: utc.trim_end_matches('Z'),
        performance_category: score.as_ref().map(Score::category),
    };
    let callback = Callback {
        platform: Platform::Imocha,
        invitation_id: invitation.id.clone(),
        status: body.status.to_owned(),
        url,
        // No signature, secret or auth header is documented (section 11).
        headers: Vec::new(),
        body: serde_json::to_string(&body).unwrap_or_default(),
        tries: switches.callback_attempts.parse().unwrap_or(5),
        pause_seconds: u32::try_from(switches.callback_retry_delay).unwrap_or(0),
    };
    let times = if switches.callback_duplicates { 2 } else { 1 };
    vec![Change::CalledBack(callback); times]
}

/// Minutes from UTC: the invitation's zone if its id is known, else the account's (choice 36).
fn offset(time_zone_id: Option<i64>, account: &str) -> i64 {
    if let Some((_, minutes)) = KNOWN_ZONES.iter().find(|(id, _)| Some(*id) == time_zone_id) {
        return *minutes;
    }
    let (sign, rest) = if let Some(rest) = account.strip_prefix('-') { (-1, rest) } else { (1, account.trim_start_matches('+')) };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    sign * (hours.parse::<i64>().unwrap_or(0) * 60 + minutes.parse::<i64>().unwrap_or(0))
}

/// `dd-MMM-yyyy hh:mm tt` so many minutes from UTC (section 11, published).
fn local_text(time: Time, offset_minutes: i64) -> String {
    let text = Time::from_seconds(time.seconds() + offset_minutes * 60).to_rfc3339_seconds();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<usize>().ok()).unwrap_or(0);
    let (year, month, day, hour, minute) = (part(0..4), part(5..7), part(8..10), part(11..13), part(14..16));
    let name = MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default();
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{day:02}-{name}-{year:04} {hour:02}:{minute:02} {half}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_form_is_that_of_the_published_samples() {
        let at = |text: &str| Time::parse(text).unwrap();
        // Section 11: the sample is +05:30 from its AttemptedOnUtc.
        assert_eq!(local_text(at("2020-10-09T13:21:53Z"), offset(Some(1720), "-12:00")), "09-Oct-2020 06:51 PM");
        assert_eq!(local_text(at("2020-10-09T00:05:00Z"), offset(Some(1200), "-12:00")), "09-Oct-2020 12:05 AM");
        assert_eq!(local_text(at("2020-10-09T12:05:00Z"), offset(Some(7), "+00:00")), "09-Oct-2020 12:05 PM");
        assert_eq!(local_text(at("2020-01-01T05:00:00Z"), offset(None, "-12:00")), "31-Dec-2019 05:00 PM");
        assert_eq!(local_text(at("2020-12-31T20:00:00Z"), offset(None, "+05:45")), "01-Jan-2021 01:45 AM");
    }
}
