//! iMocha's rules: `docs/platforms/imocha.md` sections 7, 9, 10, 12, 15, 16, 21 and 22.

pub mod dialect;
pub mod fixtures;

use std::time::Duration;

use super::{Attempted, Change, Invitation, Link, MessageKind, Outcome, Sequence, Store, Turn, World, attempt, details, mail, message};
use crate::candidate::email_key;
use crate::imocha::{
    Cancel, Cancelled, CandidateReport, Invite, InviteState, Invited, NO_INVITATION, Reattempt, Reattempted, Report, ReportSection,
    ReportSkill, ReportType, RetrieveInvites, RetrieveTest, RetrievedInvite, RetrievedInvites, RetrievedTest, TestSection, refusal,
    text_refusal,
};
use crate::lifecycle::{Decision, Effect, Event, Rules, decide};
use crate::{AccessWindow, AnyReply, Platform, Status, Time};

/// Who is told of completion when neither the call nor the link says (choice 41).
const TEST_OWNER: &str = "owner@example.com";

/// How long an invitation of the default link is valid (choice 17).
const LINK_DAYS: u32 = 7;

/// The default link's zone: India Standard Time (choice 17).
const LINK_ZONE: i64 = 1720;

/// The only text for any state that cannot be cancelled (section 10, published).
const NOT_CANCELLED: &str = "Testinvitation state in inprogress, complete, and expired can not be cancelled.";

/// What every test of the sandbox looks like: one section of so many questions, for so many points each, in so many minutes.
const SECTION: &str = "S1";
const QUESTIONS: i64 = 20;
const POINTS: f64 = 5.0;
const MINUTES: i64 = 60;

/// Section 7, *Repeating the call*, and the invite column of section 21.
pub(super) fn invite<S: Store>(store: &S, call: Invite, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let test_id = call.test_id.to_string();
    let link = match store.link(&test_id)? {
        Some(link) => link,
        None => new_link(store, &test_id, turn)?,
    };
    // Choice 16: without an e-mail nothing can be found again, so each call makes a new invitation.
    let earlier = match &call.email {
        Some(email) => store.invitation_of(Platform::Imocha, &test_id, &email_key(email))?,
        None => None,
    };
    let rules = Rules::of(Platform::Imocha);
    let (state, window) = (earlier.as_ref().map(|it| it.status), earlier.as_ref().map(|it| it.window));
    let decision = match decide(rules, state, Event::Invite, window.as_ref(), turn.now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(text_refusal(403, &format!("{} (sandbox)", refusal.reason)))),
    };
    let asked = Asked {
        window: AccessWindow { start: call.start_date_time, end: call.end_date_time },
        time_zone_id: call.time_zone_id,
        mail: call.send_email,
    };
    let invitation = match earlier {
        None => {
            let stakeholder_emails = stakeholders(&call, &link);
            Invitation { stakeholder_emails, ..create(store, call, &link, turn)? }
        }
        // Choice 7: stakeholders on every call, access time and zone on every call that leaves the invitation pending, and
        // nothing else.
        Some(earlier) => Invitation { stakeholder_emails: stakeholders(&call, &link), ..earlier },
    };
    let invitation = settle(invitation, decision, &asked, &link, turn);
    // A window that lies in the past is taken, and the invitation is expired at the next read only (choice 30).
    let status = decision.next;
    Ok(Ok(AnyReply::from(Invited {
        test_invitation_id: number(&invitation),
        test_url: Some(invitation.test_url(turn.origin)),
        status,
        platform_status: Some(status.word().to_owned()),
        extra: serde_json::Map::new(),
    })))
}

/// Section 10, and the cancel column of section 21.
pub(super) fn cancel<S: Store>(store: &S, call: &Cancel, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(invitation) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let Attempted::Moved(_, changes) = attempt(store, turn.world, &invitation.id, Event::Cancel, turn.now)? else {
        return Ok(Err(text_refusal(400, NOT_CANCELLED)));
    };
    turn.changes.extend(changes);
    Ok(Ok(AnyReply::from(Cancelled {
        test_invitation_id: call.test_invitation_id,
        status: Status::Cancelled,
        // Lower case, British spelling (section 10, published).
        platform_status: Some("cancelled".to_owned()),
        extra: serde_json::Map::new(),
    })))
}

/// Section 9, and the reattempt column of section 21.
pub(super) fn reattempt<S: Store>(store: &S, call: Reattempt, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(addressed) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    // *Chains*: the invitations of one address to one link are a chain, and only the newest of it may be untaken.
    let newest = match &addressed.email {
        Some(email) => store.invitation_of(Platform::Imocha, &addressed.test_id, &email_key(email))?,
        None => None,
    };
    let newest = newest.unwrap_or(addressed);
    let rules = Rules::of(Platform::Imocha);
    let Ok(decision) = decide(rules, Some(newest.status), Event::Reattempt, Some(&newest.window), turn.now) else {
        let text = format!("Reattempt is not allowed on Test invitation id: {} which is in inprogress state.", newest.id);
        return Ok(Err(refusal(400, &[text])));
    };
    let link = match store.link(&newest.test_id)? {
        Some(link) => link,
        None => new_link(store, &newest.test_id, turn)?,
    };
    let asked = Asked {
        window: AccessWindow { start: call.start_date_time, end: call.end_date_time },
        time_zone_id: call.time_zone_id,
        mail: call.send_email,
    };
    let invitation = if decision.effect == Effect::NewAttempt {
        let inherited = Invite::of_details(newest.details.get());
        let settings = Invite {
            email: newest.email,
            name: newest.name,
            callback_url: call.callback_url.or(inherited.callback_url),
            redirect_url: call.redirect_url.or(inherited.redirect_url),
            hide_instruction: call.hide_instruction.or(inherited.hide_instruction),
            send_email: call.send_email,
            start_date_time: call.start_date_time,
            end_date_time: call.end_date_time,
            time_zone_id: call.time_zone_id,
            ..inherited
        };
        Invitation { stakeholder_emails: newest.stakeholder_emails, ..create(store, settings, &link, turn)? }
    } else {
        newest
    };
    let invitation = settle(invitation, decision, &asked, &link, turn);
    let settings = Invite::of_details(invitation.details.get());
    Ok(Ok(AnyReply::from(Reattempted {
        test_invitation_id: number(&invitation),
        test_url: Some(invitation.test_url(turn.origin)),
        callback_url_registered: settings.callback_url,
        redirect_url_registered: settings.redirect_url,
        extra: serde_json::Map::new(),
    })))
}

/// Section 12; the window counts the time at which the listed state was reached (choice 24).
pub(super) fn retrieve_invites<S: Store>(store: &S, call: &RetrieveInvites, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let mut test_attempts = Vec::new();
    let (Some(state), Some(start), Some(end)) = (call.state, call.start_date_time, call.end_date_time) else {
        return Ok(Ok(AnyReply::from(RetrievedInvites { test_attempts, extra: serde_json::Map::new() })));
    };
    let test_id = call.test_id.map(|id| id.to_string());
    store.imocha_at_rest(start, end, &mut |invitation| {
        let status = invitation.state_at(turn.now);
        if state.covers(status) && test_id.as_ref().is_none_or(|id| *id == invitation.test_id) {
            // The page's word for one of them, the state table's for the others (choice 3).
            let word = if status == Status::Complete { "Completed" } else { status.word() };
            test_attempts.push(RetrievedInvite {
                test_invitation_id: number(&invitation),
                test_id: invitation.test_id.parse().ok(),
                name: invitation.name,
                email: invitation.email,
                invitation_type: Some("api".to_owned()),
                status,
                platform_status: Some(word.to_owned()),
                extra: serde_json::Map::new(),
            });
        }
    })?;
    Ok(Ok(AnyReply::from(RetrievedInvites { test_attempts, extra: serde_json::Map::new() })))
}

/// Section 15. The scores of a finished attempt follow from its id, so that a report read twice says the same.
pub(super) fn report<S: Store>(store: &S, call: &Report, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(invitation) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let status = invitation.state_at(turn.now);
    let is_over = InviteState::Completed.covers(status);
    // Choice 20: null as long as no attempt is over; expired is a word of the report too (section 21).
    let word = (is_over || status == Status::Expired).then(|| status.word().to_owned());
    let correct = if is_over { call.test_invitation_id.wrapping_mul(7919).rem_euclid(QUESTIONS + 1) } else { 0 };
    let total = if is_over { points(QUESTIONS) } else { 0.0 };
    let percentage = correct * 100 / QUESTIONS;
    let time_taken = match (invitation.started, invitation.ended) {
        (Some(started), Some(ended)) if is_over => i64::try_from(ended.since(started).as_secs()).unwrap_or(i64::MAX),
        _ => 0,
    };
    let section = ReportSection {
        candidate_score: Some(points(correct)),
        section_score: Some(total),
        no_of_que: Some(QUESTIONS),
        section_id: Some(1),
        section_name: Some(SECTION.to_owned()),
        section_time: Some(MINUTES),
        section_time_taken: Some(time_taken),
        negative_mark: Some(0.0),
        correct_questions: Some(correct),
        wrong_questions: Some(QUESTIONS - correct),
        skipped_questions: Some(0),
        not_answered_questions: Some(0),
        extra: serde_json::Map::new(),
    };
    let skill = ReportSkill {
        candidate_qb_score: Some(points(correct)),
        qb_score: Some(total),
        no_of_que: Some(QUESTIONS),
        qb_id: Some(1),
        qb_name: Some("Skill 1".to_owned()),
        section_id: Some(1),
        section_name: Some(SECTION.to_owned()),
        extra: serde_json::Map::new(),
    };
    let report_type = call.report_type.unwrap_or(ReportType::Sections);
    Ok(Ok(AnyReply::from(CandidateReport {
        test_invitation_id: call.test_invitation_id,
        candidate_email: invitation.email,
        candidate_name: invitation.name,
        attempted_on: invitation.started,
        status: word.as_deref().map_or(Status::Unknown, Status::read),
        platform_status: word,
        score: Some(points(correct)),
        candidate_points: Some(points(correct)),
        total_test_points: Some(total),
        score_percentage: Some(percentage as f64),
        time_taken: Some(time_taken),
        test_duration: Some(MINUTES),
        performance_category: is_over.then(|| category(percentage).to_owned()),
        test_name: Some(test_name(&invitation.test_id)),
        pdf_report_url: is_over.then(|| format!("{}/PDFReport?id={}", turn.origin, invitation.token)),
        ques_difficulty_analysis: Some(Vec::new()),
        sections: (report_type != ReportType::Skills).then(|| if is_over { vec![section] } else { Vec::new() }),
        skills: (report_type != ReportType::Sections).then(|| if is_over { vec![skill] } else { Vec::new() }),
        test_id: Some(invitation.test_id),
        extra: serde_json::Map::new(),
    })))
}

/// Section 16. A test that no fixture declares looks like any other.
pub(super) fn retrieve_test(call: &RetrieveTest) -> Outcome {
    let section = TestSection {
        section_name: Some(SECTION.to_owned()),
        section_type: Some("MCQ".to_owned()),
        questions: Some(QUESTIONS),
        duration: Some(MINUTES),
        extra: serde_json::Map::new(),
    };
    Ok(AnyReply::from(RetrievedTest {
        test_id: call.test_id,
        test_name: Some(test_name(&call.test_id.to_string())),
        duration: Some(MINUTES),
        questions: Some(QUESTIONS),
        sections: Some(vec![section]),
        extra: serde_json::Map::new(),
    }))
}

fn test_name(test_id: &str) -> String {
    format!("Test {test_id}")
}

fn points(questions: i64) -> f64 {
    questions as f64 * POINTS
}

/// A category of the test's own (section 11: 1 to 6 of them, set per test).
fn category(percentage: i64) -> &'static str {
    match percentage {
        ..40 => "Beginner",
        40..70 => "Intermediate",
        _ => "Expert",
    }
}

/// The invitation of an id, as far as it is iMocha's.
fn find<S: Store>(store: &S, id: i64) -> Result<Option<Invitation>, S::Error> {
    Ok(store.invitation(&id.to_string())?.filter(|invitation| invitation.platform == Platform::Imocha))
}

fn number(invitation: &Invitation) -> i64 {
    invitation.id.parse().unwrap_or(0)
}

/// What a call asks for beside the settings of a new invitation.
struct Asked {
    window: AccessWindow,
    time_zone_id: Option<i64>,
    mail: bool,
}

/// A new invitation with the settings of the call that makes it.
fn create<S: Store>(store: &S, settings: Invite, link: &Link, turn: &mut Turn<'_>) -> Result<Invitation, S::Error> {
    let id = turn.count(store, Sequence::ImochaInvitation)?.to_string();
    let token = turn.token(&id);
    // Choice 16: only what is absent is made.
    let email = settings.email.as_deref().map_or_else(|| format!("candidate-{id}@example.invalid"), |email| email.trim().to_owned());
    Ok(Invitation {
        platform: Platform::Imocha,
        test_id: link.test_id.clone(),
        link_id: Some(link.id),
        email: Some(email),
        name: Some(settings.name.clone().unwrap_or_else(|| format!("Candidate {id}"))),
        status: Status::Pending,
        window: AccessWindow::default(),
        time_zone_id: None,
        token,
        asked_for_mail: false,
        stakeholder_emails: Vec::new(),
        created: turn.now,
        started: None,
        ended: None,
        invitation_code: None,
        claims: Vec::new(),
        id,
        details: details(&Invite { email: None, name: None, ..settings }),
    })
}

/// Brings an invitation to where a decision leaves it: its status, and while it is pending its window and the mail.
fn settle(mut invitation: Invitation, decision: Decision, asked: &Asked, link: &Link, turn: &mut Turn<'_>) -> Invitation {
    invitation.move_to(decision.next, turn.now);
    let is_repeat = matches!(decision.effect, Effect::Refreshed | Effect::Reopened | Effect::Unchanged);
    let mails = asked.mail && decision.next == Status::Pending && (turn.world.dialect.imocha.repeat_mail || !is_repeat);
    if decision.next == Status::Pending {
        // Choice 8: a pending invitation keeps what the call does not name, a new or revived one takes the link's.
        if decision.effect == Effect::Refreshed {
            invitation.window.start = asked.window.start.or(invitation.window.start);
            invitation.window.end = asked.window.end.or(invitation.window.end);
            invitation.time_zone_id = asked.time_zone_id.or(invitation.time_zone_id);
        } else {
            invitation.window = fresh_window(asked.window, link, turn);
            invitation.time_zone_id = Some(asked.time_zone_id.unwrap_or(link.time_zone_id));
        }
        invitation.asked_for_mail |= mails;
    }
    turn.note(&invitation.id, &decision);
    let kept = Box::new(invitation.clone());
    turn.changes.push(match decision.effect {
        Effect::Created | Effect::NewAttempt => Change::Created(kept),
        _ => Change::Changed(kept),
    });
    if mails {
        // A repeat mails again (choice 40).
        turn.changes.extend(mail(&invitation, MessageKind::Invitation, turn.now).map(Change::Mailed));
    }
    invitation
}

/// The first invite of a test makes its default link; what that call says belongs to its own invitation (choice 41).
fn new_link<S: Store>(store: &S, test_id: &str, turn: &mut Turn<'_>) -> Result<Link, S::Error> {
    let link = Link {
        id: turn.count(store, Sequence::ImochaLink)?,
        test_id: test_id.to_owned(),
        name: "API".to_owned(),
        is_api_link: true,
        days: LINK_DAYS,
        time_zone_id: LINK_ZONE,
        stakeholder_emails: vec![TEST_OWNER.to_owned()],
    };
    turn.changes.push(Change::Linked(link.clone()));
    Ok(link)
}

/// A side that the call does not name is the link's: from now, and the link's days from the start (choices 8 and 17).
fn fresh_window(asked: AccessWindow, link: &Link, turn: &Turn<'_>) -> AccessWindow {
    let now = Time::from_seconds(turn.now.seconds());
    let start = asked.start.unwrap_or(now);
    let end = asked.end.unwrap_or_else(|| start.max(now).after(Duration::from_secs(u64::from(link.days) * 86_400)));
    AccessWindow { start: Some(start), end: Some(end) }
}

/// Choice 41: absent means the link's addresses, `disable` in any letter case nobody; the list is split at commas.
fn stakeholders(call: &Invite, link: &Link) -> Vec<String> {
    match call.stakeholder_emails.as_deref().map(str::trim) {
        None | Some("") => link.stakeholder_emails.clone(),
        Some(text) => {
            let mut addresses: Vec<String> = Vec::new();
            for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty() && !entry.eq_ignore_ascii_case("disable")) {
                if !addresses.iter().any(|known| known.eq_ignore_ascii_case(entry)) {
                    addresses.push(entry.to_owned());
                }
            }
            addresses
        }
    }
}

/// What happens beside the move itself when a candidate or a recruiter acts.
pub(super) fn moved(invitation: &Invitation, _world: &World, event: Event, now: Time, changes: &mut Vec<Change>) {
    match event {
        // Choice 41.
        Event::Finish => {
            let messages = invitation.stakeholder_emails.iter();
            changes.extend(messages.map(|to| Change::Mailed(message(invitation, MessageKind::StakeholderCompletion, to, now))));
        }
        // Choice 27.
        Event::Cancel if invitation.asked_for_mail => {
            changes.extend(mail(invitation, MessageKind::Cancellation, now).map(Change::Mailed));
        }
        _ => {}
    }
}
