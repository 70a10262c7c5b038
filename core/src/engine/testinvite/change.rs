//! Changing a candidate: section 4.3.

use super::super::{Change, Outcome, Store, Turn};
use super::kept::{Details, Kept};
use super::{candidate, claims, sessions, tasks, told};
use crate::lifecycle::Status;
use crate::testinvite::{Mode, SessionStatus, UpdateCandidate, UpdatedCandidate};

/// What is given replaces what was; the uniqueness is not checked again, but the claims follow group and labels (rule R10).
pub(in super::super) fn update<S: Store>(store: &S, call: UpdateCandidate, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let task = match tasks::find(turn.world, &call.task_id) {
        Ok(task) => task,
        Err(response) => return Ok(Err(response)),
    };
    let mut invitation = match candidate(store, &call.task_id, &call.id)? {
        Ok(invitation) => invitation,
        Err(response) => return Ok(Err(response)),
    };
    if let Some(response) = tasks::unknown_step(turn.world, &task, &call) {
        return Ok(Err(response));
    }
    let mut kept = Kept::of(&invitation);
    let mut details = Details::of(&invitation);
    let fields = call.fields;
    if let Some(fullname) = fields.fullname {
        details.set("fullname", &fullname);
        invitation.name = Some(fullname);
    }
    if let Some(email) = fields.email {
        details.set("email", &email);
        invitation.email = Some(email);
    }
    let moves_claims = fields.group.is_some() || fields.labels.is_some();
    if let Some(group) = fields.group {
        details.set("group", &group);
        kept.group = Some(group);
    }
    if let Some(labels) = fields.labels {
        kept.labels.retain(|label| !labels.remove.contains(label));
        for label in labels.add {
            if !kept.labels.contains(&label) {
                kept.labels.push(label);
            }
        }
        details.set("labels", &kept.labels);
    }
    if moves_claims && !invitation.claims.is_empty() {
        let tracked = kept.tracked(&turn.world.dialect.testinvite.default_group);
        let current = tracked.map(|tracked| claims(&call.task_id, &tracked)).unwrap_or_default();
        let invitation_id = &invitation.id;
        let (freed, claimed) = (
            invitation.claims.iter().filter(|claim| !current.contains(claim)),
            current.iter().filter(|claim| !invitation.claims.contains(claim)),
        );
        turn.changes.extend(freed.map(|claim| Change::Freed { claim: claim.clone(), invitation_id: invitation_id.clone() }));
        turn.changes.extend(claimed.map(|claim| Change::Claimed { claim: claim.clone(), invitation_id: invitation_id.clone() }));
        invitation.claims = current;
    }
    if let Some(favorite) = fields.favorite {
        details.set("favorite", &favorite);
    }
    if fields.active_after.is_some() {
        invitation.window.start = fields.active_after;
    }
    if fields.active_before.is_some() {
        invitation.window.end = fields.active_before;
    }
    // An inactive candidate counts as cancelled, and comes back to where it stood (section 3.4).
    match fields.active {
        Some(false) if kept.is_active() => {
            details.set("active", &false);
            details.set("was", &invitation.status);
            invitation.move_to(Status::Cancelled, turn.now);
        }
        Some(true) if !kept.is_active() => {
            details.remove("active");
            details.remove("was");
            (invitation.status, invitation.ended) = (kept.was.unwrap_or(Status::Pending), None);
        }
        _ => {}
    }
    if !call.steps.is_empty() {
        let mut own = kept.own_steps();
        for (id, change) in call.steps {
            own.entry(id).or_default().change(change);
        }
        details.set("steps", &own);
    }
    details.store(&mut invitation);
    if invitation.status == Status::Complete {
        // Raising the limit of a step is TestInvite's way to a further attempt (section 3.4).
        let sessions = store.sessions_of(&invitation.id)?;
        let is_open = |step: &super::fixtures::Step| {
            let of_step = || sessions.iter().filter(|session| session.step_id == step.id);
            let is_done = of_step().any(|session| session.status == SessionStatus::Complete);
            !is_done || step.attempt_limit > 1 && step.attempt_limit > of_step().count() as i64 || step.attempt_limit < 0
        };
        let is_reopened = tasks::accessible(turn.world, &task, &Kept::of(&invitation)).iter().any(is_open);
        if is_reopened {
            (invitation.status, invitation.ended) = (Status::InProgress, None);
        }
    }
    turn.changes.push(sessions::noted(&invitation, turn.asked, "the candidate is changed; beta at the platform", turn.now));
    turn.changes.push(Change::Changed(Box::new(invitation.clone())));
    Ok(Ok(UpdatedCandidate(told(&invitation, Some(Mode::Detailed), turn.world)).into()))
}
