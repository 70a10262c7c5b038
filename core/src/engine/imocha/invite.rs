//! Invite, cancel, reattempt: sections 7 to 10, and the calls of section 21.

use super::{Test, find, links, no_test, number};
use crate::candidate::email_key;
use crate::engine::imocha::fixtures::LinkStatus;
use crate::engine::{Attempted, Change, Invitation, Link, MessageKind, Outcome, Sequence, Store, Turn, attempt, details, mail};
use crate::http::Response;
use crate::imocha::{
    Cancel, Cancelled, Invite, InviteByTestLink, Invited, InvitedByTestLink, NO_INVITATION, NO_TEST_LINK, ProctoringMode, Reattempt,
    Reattempted, refusal, text_refusal,
};
use crate::lifecycle::{Decision, Effect, Event, Rules, decide};
use crate::{AccessWindow, AnyReply, Platform, Status};

/// The only text for any state that cannot be cancelled (section 10, published).
const NOT_CANCELLED: &str = "Testinvitation state in inprogress, complete, and expired can not be cancelled.";

/// Section 7, *Repeating the call*, and the invite column of section 21.
pub(in crate::engine) fn invite<S: Store>(store: &S, call: Invite, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(test) = Test::of(turn.world, call.test_id) else { return Ok(Err(no_test())) };
    let link = links::default_link(store, test, turn)?;
    Ok(through(store, call, &link, turn)?.map(AnyReply::from))
}

/// Section 8, and the invite-by-link column of section 21.
pub(in crate::engine) fn invite_by_test_link<S: Store>(
    store: &S,
    call: InviteByTestLink,
    turn: &mut Turn<'_>,
) -> Result<Outcome, S::Error> {
    let Some(test) = Test::of(turn.world, call.invite.test_id) else { return Ok(Err(no_test())) };
    let Some(link) = links::link(store, test, call.test_link_id, turn.world)? else {
        return Ok(Err(refusal(404, &[NO_TEST_LINK])));
    };
    Ok(through(store, call.invite, &link, turn)?.map(|invited| InvitedByTestLink(invited).into()))
}

fn through<S: Store>(store: &S, call: Invite, link: &Link, turn: &mut Turn<'_>) -> Result<Result<Invited, Response>, S::Error> {
    let switches = &turn.world.dialect.imocha;
    if link.status == LinkStatus::Inactive && switches.inactive_link == "refuse" {
        return Ok(Err(text_refusal(403, "The test link is inactive. (sandbox)")));
    }
    let asked = Asked {
        window: AccessWindow { start: call.start_date_time, end: call.end_date_time },
        time_zone_id: call.time_zone_id,
        mail: call.send_email,
    };
    if let Some(refusal) = asked.refused(turn) {
        return Ok(Err(refusal));
    }
    // Choice 16: without an e-mail nothing can be found again, so each call makes a new invitation.
    let earlier = match &call.email {
        Some(email) => newest(store, &link.test_id, Some(link.id), email)?,
        None => None,
    };
    let rules = Rules::of(Platform::Imocha);
    let (state, window) = (earlier.as_ref().map(|it| it.status), earlier.as_ref().map(|it| it.window));
    let decision = match decide(rules, state, Event::Invite, window.as_ref(), turn.now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(text_refusal(403, &format!("{} (sandbox)", refusal.reason)))),
    };
    let invitation = match earlier {
        None => {
            let stakeholder_emails = stakeholders(&call, link);
            Invitation { stakeholder_emails, ..create(store, call, link, turn)? }
        }
        Some(mut earlier) => {
            // Choice 7: access time and zone on every call that leaves the invitation pending; stakeholders on every call (section 7,
            // documented), and by a link that is not the default one while it is pending (section 21: nothing changed).
            if link.is_api_link || decision.next == Status::Pending {
                earlier.stakeholder_emails = stakeholders(&call, link);
            }
            if decision.next == Status::Pending && turn.world.dialect.imocha.repeat_updates == "v2-style" {
                update(&mut earlier, &call);
            }
            earlier
        }
    };
    let invitation = settle(invitation, decision, &asked, link, turn);
    // A window that lies in the past is taken, and the invitation is expired at the next read only (choice 30).
    let status = decision.next;
    Ok(Ok(Invited {
        test_invitation_id: number(&invitation),
        test_url: Some(invitation.test_url(turn.origin)),
        status,
        platform_status: Some(status.word().to_owned()),
        extra: serde_json::Map::new(),
    }))
}

/// Section 10, and the cancel column of section 21.
pub(in crate::engine) fn cancel<S: Store>(store: &S, call: &Cancel, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(invitation) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let Attempted::Moved(_, changes) = attempt(store, turn.world, &invitation.id, Event::Cancel, turn.now, turn.origin)? else {
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
pub(in crate::engine) fn reattempt<S: Store>(store: &S, call: Reattempt, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(addressed) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let asked = Asked {
        window: AccessWindow { start: call.start_date_time, end: call.end_date_time },
        time_zone_id: call.time_zone_id,
        mail: call.send_email,
    };
    if let Some(refusal) = asked.refused(turn) {
        return Ok(Err(refusal));
    }
    // *Chains*: the invitations of one address to one link are a chain, and only the newest of it may be untaken.
    let newest = match &addressed.email {
        Some(email) => newest(store, &addressed.test_id, addressed.link_id, email)?,
        None => None,
    };
    let newest = newest.unwrap_or(addressed);
    let refuse = |states: &str| {
        let text = format!("Reattempt is not allowed on Test invitation id: {} which is in {states} state", newest.id);
        // Choice 9.
        let status = if turn.world.dialect.imocha.reattempt_refusal_status == "403" { 403 } else { 400 };
        (status, text)
    };
    let is_untaken = matches!(newest.state_at(turn.now), Status::Pending | Status::InProgress | Status::Expired | Status::Cancelled);
    if turn.world.dialect.imocha.reattempt_rules == "2020" && is_untaken {
        let (status, text) = refuse("pending, inprogress, expired or cancelled");
        return Ok(Err(refusal(status, &[text])));
    }
    let rules = Rules::of(Platform::Imocha);
    let Ok(decision) = decide(rules, Some(newest.status), Event::Reattempt, Some(&newest.window), turn.now) else {
        let (status, text) = refuse("inprogress");
        return Ok(Err(refusal(status, &[format!("{text}.")])));
    };
    let test = Test::of_invitation(turn.world, &newest);
    let link = match newest.link_id {
        Some(id) => links::link(store, test, id, turn.world)?,
        None => None,
    };
    let link = match link {
        Some(link) => link,
        None => links::default_link(store, test, turn)?,
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
        let child = create(store, settings, &link, turn)?;
        Invitation { stakeholder_emails: newest.stakeholder_emails, link_id: newest.link_id, ..child }
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

/// The newest invitation of an address to a link: identity is (link, e-mail), so another link of the same test does not count
/// (section 21). A masked address is nobody's.
fn newest<S: Store>(store: &S, test_id: &str, link_id: Option<i64>, email: &str) -> Result<Option<Invitation>, S::Error> {
    let key = email_key(email);
    if key == super::MASKED_EMAIL {
        return Ok(None);
    }
    let mut newest = None;
    store.invitations_to(Platform::Imocha, test_id, Some(&key), &mut |invitation| {
        if invitation.link_id == link_id {
            newest = Some(invitation);
        }
    })?;
    Ok(newest)
}

/// What a call asks for beside the settings of a new invitation.
struct Asked {
    window: AccessWindow,
    time_zone_id: Option<i64>,
    mail: bool,
}

impl Asked {
    /// The refusal of a window that nobody can use any more, where the account refuses those (choice 30).
    fn refused(&self, turn: &Turn<'_>) -> Option<Response> {
        let is_past = turn.world.dialect.imocha.refuse_past_window && self.window.is_over(turn.now);
        is_past.then(|| refusal(400, &["The end of the window has passed. (sandbox)"]))
    }
}

/// Choice 7, `v2-style`: name and URLs are replaced too (section 7: so it was in v2, published).
fn update(invitation: &mut Invitation, call: &Invite) {
    let kept = Invite::of_details(invitation.details.get());
    invitation.name = call.name.clone().or(invitation.name.take());
    invitation.details = details(&Invite {
        callback_url: call.callback_url.clone().or(kept.callback_url),
        redirect_url: call.redirect_url.clone().or(kept.redirect_url),
        ..kept
    });
}

/// A new invitation with the settings of the call that makes it.
fn create<S: Store>(store: &S, settings: Invite, link: &Link, turn: &mut Turn<'_>) -> Result<Invitation, S::Error> {
    let id = turn.count(store, Sequence::ImochaInvitation)?.to_string();
    let token = turn.token(&id);
    // Choice 16: only what is absent is made.
    let email = settings.email.as_deref().map_or_else(|| format!("candidate-{id}@example.invalid"), |email| email.trim().to_owned());
    // The link's settings are copied into the invitation (section 8, published).
    let of_link = Some(link.proctoring_mode).filter(|mode| *mode != ProctoringMode::Disabled);
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
        details: details(&Invite { email: None, name: None, proctoring_mode: settings.proctoring_mode.or(of_link), ..settings }),
    })
}

/// Brings an invitation to where a decision leaves it: its status, and while it is pending its window and the mail.
fn settle(mut invitation: Invitation, decision: Decision, asked: &Asked, link: &Link, turn: &mut Turn<'_>) -> Invitation {
    let switches = &turn.world.dialect.imocha;
    invitation.move_to(decision.next, turn.now);
    let is_repeat = matches!(decision.effect, Effect::Refreshed | Effect::Reopened | Effect::Unchanged);
    let mails = asked.mail && decision.next == Status::Pending && (switches.repeat_mail || !is_repeat);
    if decision.next == Status::Pending {
        // Choice 8: a pending invitation keeps what the call does not name, a new or revived one takes the link's.
        let keeps = match switches.repeat_without_dates {
            "keep" => is_repeat,
            "fresh" => false,
            _ => decision.effect == Effect::Refreshed,
        };
        if keeps {
            invitation.window.start = asked.window.start.or(invitation.window.start);
            invitation.window.end = asked.window.end.or(invitation.window.end);
            invitation.time_zone_id = asked.time_zone_id.or(invitation.time_zone_id);
        } else {
            invitation.window = links::fresh_window(asked.window, link, turn);
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

/// Choice 41: absent means the link's addresses, `disable` in any letter case nobody; the list is split at commas.
fn stakeholders(call: &Invite, link: &Link) -> Vec<String> {
    match call.stakeholder_emails.as_deref().map(str::trim) {
        None | Some("") => link.stakeholder_emails.clone(),
        Some(text) => addresses(text),
    }
}

/// The addresses of a list that is split at commas, each once; `disable` is none.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty() && !entry.eq_ignore_ascii_case("disable")) {
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(entry)) {
            addresses.push(entry.to_owned());
        }
    }
    addresses
}
