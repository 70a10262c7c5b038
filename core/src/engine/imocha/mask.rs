//! Masking personal data: section 17. Accepted at once, done a little later; ids and scores are kept (choice 34).

use std::time::Duration;

use super::find;
use crate::candidate::email_key;
use crate::engine::{Change, Entry, Invitation, Later, Outcome, Store, Turn, details};
use crate::imocha::{Invite, MaskPersonalData, MaskingAccepted, refusal};
use crate::{AnyReply, Platform, Time};

/// What stands for every address that was masked (choice 34).
pub const MASKED_EMAIL: &str = "masked@example.invalid";

/// What stands for every name that was masked (choice 34).
pub const MASKED_NAME: &str = "Masked";

/// How long the platform takes; not documented beyond "accepted for processing".
const DELAY: Duration = Duration::from_secs(60);

/// `POST /v3/gdpr/requests`.
pub(in crate::engine) fn mask_personal_data<S: Store>(
    store: &S,
    call: &MaskPersonalData,
    turn: &mut Turn<'_>,
) -> Result<Outcome, S::Error> {
    let key = email_key(&call.candidate_email);
    let mut found = Vec::new();
    match call.testinvitation_id {
        Some(id) => found.extend(find(store, id)?),
        None => store.invitations_of(Platform::Imocha, &key, &mut |invitation| found.push(invitation))?,
    }
    found.retain(|invitation| !is_masked(invitation) && invitation.email.as_deref().is_some_and(|email| email_key(email) == key));
    if found.is_empty() {
        // Published.
        return Ok(Err(refusal(400, &[format!("No records found for given Email address: {}", call.candidate_email)])));
    }
    turn.changes.extend(found.iter().map(|invitation| noted(invitation, turn.asked, "personal data are masked later", turn.now)));
    let invitation_ids = found.into_iter().map(|invitation| invitation.id).collect();
    turn.changes.push(Change::Scheduled(turn.now.after(DELAY), Later::Mask { invitation_ids }));
    let result = Some("Request accepted for processing".to_owned());
    Ok(Ok(AnyReply::from(MaskingAccepted { result, extra: serde_json::Map::new() })))
}

/// The personal data go.
pub(in crate::engine) fn mask<S: Store>(store: &S, ids: &[String], now: Time) -> Result<Vec<Change>, S::Error> {
    let mut changes = Vec::new();
    for id in ids {
        let Some(mut invitation) = store.invitation(id)?.filter(|invitation| !is_masked(invitation)) else { continue };
        invitation.email = Some(MASKED_EMAIL.to_owned());
        invitation.name = Some(MASKED_NAME.to_owned());
        // What the caller sent beside the known fields may name the candidate too.
        let kept = Invite::of_details(invitation.details.get());
        invitation.details = details(&Invite { extra: serde_json::Map::new(), ..kept });
        changes.push(noted(&invitation, "mask", "personal data are masked", now));
        changes.push(Change::Masked { invitation: Box::new(invitation), email: MASKED_EMAIL });
    }
    Ok(changes)
}

fn is_masked(invitation: &Invitation) -> bool {
    invitation.email.as_deref() == Some(MASKED_EMAIL)
}

fn noted(invitation: &Invitation, asked: &str, rule: &str, at: Time) -> Change {
    Change::Noted(Entry {
        invitation_id: invitation.id.clone(),
        at,
        asked: asked.to_owned(),
        from: Some(invitation.status),
        to: invitation.status,
        effect: crate::lifecycle::Effect::Unchanged.slug().to_owned(),
        basis: crate::lifecycle::Basis::Published.word().to_owned(),
        rule: rule.to_owned(),
    })
}
