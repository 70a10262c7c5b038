//! iMocha's rules: `docs/platforms/imocha.md` sections 7, 21 and 22.

use std::time::Duration;

use super::{Change, Invitation, Link, MessageKind, Outcome, Sequence, Store, Turn, details, mail, message};
use crate::candidate::email_key;
use crate::imocha::{Invite, Invited, text_refusal};
use crate::lifecycle::{Effect, Event, Rules, decide};
use crate::{AccessWindow, AnyReply, Platform, Status, Time};

/// Who is told of completion when neither the call nor the link says (choice 41).
const TEST_OWNER: &str = "owner@example.com";

/// How long an invitation of the default link is valid (choice 17).
const LINK_DAYS: u32 = 7;

/// The default link's zone: India Standard Time (choice 17).
const LINK_ZONE: i64 = 1720;

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
    let stakeholder_emails = stakeholders(&call, &link);
    let send_email = call.send_email && decision.next == Status::Pending;
    let invitation = match earlier {
        None => {
            let window = fresh_window(&call, &link, turn);
            let id = turn.count(store, Sequence::ImochaInvitation)?.to_string();
            let token = turn.token(&id);
            let email = call.email.as_deref().map_or_else(|| format!("candidate-{id}@example.invalid"), |email| email.trim().to_owned());
            let invitation = Invitation {
                platform: Platform::Imocha,
                link_id: Some(link.id),
                email: Some(email),
                name: Some(call.name.clone().unwrap_or_else(|| format!("Candidate {id}"))),
                status: decision.next,
                window,
                time_zone_id: Some(call.time_zone_id.unwrap_or(link.time_zone_id)),
                token,
                asked_for_mail: send_email,
                stakeholder_emails,
                created: turn.now,
                invitation_code: None,
                claims: Vec::new(),
                test_id,
                id,
                details: details(&Invite { email: None, name: None, ..call }),
            };
            turn.changes.push(Change::Created(Box::new(invitation.clone())));
            invitation
        }
        Some(earlier) => {
            let mut invitation = Invitation { status: decision.next, stakeholder_emails, ..earlier };
            // Choice 7: access time and zone on every call that leaves the invitation pending, and nothing else.
            if decision.next == Status::Pending {
                // Choice 8: a pending invitation keeps what the call does not name, a revived one takes the link's.
                if decision.effect == Effect::Refreshed {
                    invitation.window.start = call.start_date_time.or(invitation.window.start);
                    invitation.window.end = call.end_date_time.or(invitation.window.end);
                    invitation.time_zone_id = call.time_zone_id.or(invitation.time_zone_id);
                } else {
                    invitation.window = fresh_window(&call, &link, turn);
                    invitation.time_zone_id = Some(call.time_zone_id.unwrap_or(link.time_zone_id));
                }
                invitation.asked_for_mail |= send_email;
            }
            turn.changes.push(Change::Changed(Box::new(invitation.clone())));
            invitation
        }
    };
    if send_email {
        turn.changes.extend(mail(&invitation, MessageKind::Invitation, turn.now).map(Change::Mailed));
    }
    // A window that lies in the past is taken, and the invitation is expired at the next read only (choice 30).
    let status = decision.next;
    Ok(Ok(AnyReply::from(Invited {
        test_invitation_id: invitation.id.parse().unwrap_or(0),
        test_url: Some(invitation.test_url(turn.origin)),
        status,
        platform_status: Some(status.word().to_owned()),
        extra: serde_json::Map::new(),
    })))
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
fn fresh_window(call: &Invite, link: &Link, turn: &Turn<'_>) -> AccessWindow {
    let now = Time::from_seconds(turn.now.seconds());
    let start = call.start_date_time.unwrap_or(now);
    let end = call.end_date_time.unwrap_or_else(|| start.max(now).after(Duration::from_secs(u64::from(link.days) * 86_400)));
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
pub(super) fn moved(invitation: &Invitation, event: Event, now: Time, changes: &mut Vec<Change>) {
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
