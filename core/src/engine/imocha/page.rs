//! What the candidate's page needs to know of an invitation: its settings, and what the platform says in its state.

use super::links;
use crate::engine::{Invitation, Store, World};
use crate::imocha::lifecycle::{ALREADY_APPEARED, ALREADY_ATTEMPTED};
use crate::imocha::{Invite, ProctoringMode};
use crate::lifecycle::{Event, Rules, decide};
use crate::{Platform, Status, Time};

/// The settings of an invitation that show on the candidate's page (section 7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Where callbacks are posted.
    pub callback_url: Option<String>,
    /// Where the browser goes after the test.
    pub redirect_url: Option<String>,
    /// Whether the instruction page is skipped.
    pub hide_instruction: bool,
    /// How the candidate is watched.
    pub proctoring_mode: ProctoringMode,
}

impl Settings {
    /// The settings of an invitation: those of the call that made it, and its link's where that said nothing.
    #[must_use]
    pub fn of(invitation: &Invitation) -> Self {
        let call = Invite::of_details(invitation.details.get());
        Settings {
            callback_url: call.callback_url,
            redirect_url: call.redirect_url,
            hide_instruction: call.hide_instruction == Some(true),
            proctoring_mode: call.proctoring_mode.unwrap_or(ProctoringMode::Disabled),
        }
    }
}

/// What the candidate reads who opens the invitation and cannot take the test: the documented text of a finished one, the sandbox's
/// own wording in any other state. `None` when the test can be started or continued.
///
/// # Errors
/// The store's own.
pub fn page_text<S: Store>(store: &S, world: &World, invitation: &Invitation, now: Time) -> Result<Option<String>, S::Error> {
    let rules = Rules::of(Platform::Imocha);
    let Err(refusal) = decide(rules, Some(invitation.status), Event::Start, Some(&invitation.window), now) else { return Ok(None) };
    if is_finished(invitation) {
        return Ok(Some(finished_text(store, world, invitation)?.to_owned()));
    }
    let moment = refusal.moment.map(|moment| format!(" {moment}")).unwrap_or_default();
    Ok(Some(format!("This test cannot be taken: {}{moment}. (sandbox)", refusal.reason)))
}

/// A refusal with the text that this invitation's candidate reads.
pub(in crate::engine) fn in_its_words<S: Store>(
    store: &S,
    world: &World,
    invitation: &Invitation,
    reason: &str,
) -> Result<String, S::Error> {
    if !is_finished(invitation) || !reason.contains(ALREADY_ATTEMPTED) {
        return Ok(reason.to_owned());
    }
    Ok(reason.replace(ALREADY_ATTEMPTED, finished_text(store, world, invitation)?))
}

fn is_finished(invitation: &Invitation) -> bool {
    matches!(invitation.status, Status::Complete | Status::TestLeft | Status::Terminated)
}

/// Text A on default-link invitations, text B on those of another link, unless one of them is set for all (choice 6).
fn finished_text<S: Store>(store: &S, world: &World, invitation: &Invitation) -> Result<&'static str, S::Error> {
    let is_a = match world.dialect.imocha.already_taken_text {
        "a" => true,
        "b" => false,
        _ => links::is_by_default_link(store, world, invitation)?,
    };
    Ok(if is_a { ALREADY_ATTEMPTED } else { ALREADY_APPEARED })
}
