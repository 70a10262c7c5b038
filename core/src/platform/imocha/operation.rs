//! From a candidate and the options of an invitation to iMocha's calls.

use serde_json::Map;

use super::Invite;
use crate::Error;
use crate::candidate::{Candidate, Field};
use crate::operation::{InviteOptions, TestId};

/// The invite call. A window side is sent only when the caller gave it (choice 8), and `hideInstruction` only when set.
pub(crate) fn invite(test: &TestId, candidate: &Candidate, options: &InviteOptions) -> Result<Invite, Error> {
    Ok(Invite {
        test_id: test.number()?,
        email: candidate.email().map(str::to_owned),
        name: candidate.text(Field::Name).map(str::to_owned),
        callback_url: options.callback_url.clone(),
        redirect_url: options.redirect_url.clone(),
        disable_mandatory_fields: None,
        hide_instruction: options.hide_instruction.then_some(true),
        send_email: options.send_email,
        stakeholder_emails: options.stakeholder_emails.clone(),
        start_date_time: options.window.start,
        end_date_time: options.window.end,
        time_zone_id: options.time_zone_id,
        proctoring_mode: options.proctoring,
        extra: Map::new(),
    })
}
