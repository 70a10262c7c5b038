//! What an operation through the ledger came to.

use std::mem::MaybeUninit;

use bidden::operation::Outcome;

use crate::boundary::{Or, boundary};
use crate::error::bidden_error;
use crate::memory::{Output, present};
use crate::numbers;
use crate::string::bidden_string;

/// What an operation came to. *Shared*.
pub struct bidden_outcome(pub Outcome);

/// Frees an outcome. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_free(outcome: Option<Box<bidden_outcome>>) {
    boundary(Or(()), || drop(outcome))
}

/// What it came to, `BIDDEN_DISPOSITION_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_disposition(outcome: Option<&bidden_outcome>) -> i32 {
    boundary(Or(0), || outcome.map_or(0, |outcome| numbers::of_disposition(outcome.0.disposition)))
}

/// Whether it ended well: what was wished is so, by this call or before. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_is_good(outcome: Option<&bidden_outcome>) -> bool {
    boundary(Or(false), || outcome.is_some_and(|outcome| outcome.0.disposition.exit_code() == 0))
}

/// Where that is known from, `BIDDEN_KNOWN_FROM_…`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_known_from(outcome: Option<&bidden_outcome>) -> i32 {
    boundary(Or(0), || numbers::of_known_from(outcome.and_then(|outcome| outcome.0.known_from)))
}

/// What became of the platform's mail to the candidate, over all that the ledger knows of the invitation, `BIDDEN_EMAIL_…`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_email(outcome: Option<&bidden_outcome>) -> i32 {
    boundary(Or(0), || outcome.map_or(0, |outcome| numbers::of_email(outcome.0.email)))
}

/// Whether this very operation asked for a mail and was not refused. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_asked_for_mail(outcome: Option<&bidden_outcome>) -> bool {
    boundary(Or(false), || outcome.is_some_and(|outcome| outcome.0.asked_for_mail))
}

/// Where the invitation stands, `BIDDEN_STATUS_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_status(outcome: Option<&bidden_outcome>) -> i32 {
    boundary(Or(0), || numbers::of_status(outcome.map(|outcome| outcome.0.status)))
}

/// The platform's own word for it; absent when it gave none. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_platform_status(outcome: Option<&bidden_outcome>) -> bidden_string {
    boundary(Or(bidden_string::default()), || outcome.and_then(|outcome| outcome.0.platform_status.as_deref()).into())
}

/// The platform's id of the invitation; absent when nobody knows it. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_invitation_id(outcome: Option<&bidden_outcome>) -> bidden_string {
    boundary(Or(bidden_string::default()), || outcome.and_then(|outcome| outcome.0.invitation_id.as_deref()).into())
}

/// TestInvite: the code with which the candidate logs in; absent when nobody knows it. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_invitation_code(outcome: Option<&bidden_outcome>) -> bidden_string {
    boundary(Or(bidden_string::default()), || outcome.and_then(|outcome| outcome.0.invitation_code.as_deref()).into())
}

/// What the candidate opens; absent when nobody knows it. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_test_url(outcome: Option<&bidden_outcome>) -> bidden_string {
    boundary(Or(bidden_string::default()), || outcome.and_then(|outcome| outcome.0.test_url.as_deref()).into())
}

/// Why it did not end well: a copy, or NULL when nothing went wrong. Free it with `bidden_error_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_outcome_error(
    outcome: Option<&bidden_outcome>,
    why: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let why = Output::new(why, "why")?;
        why.put(present(outcome, "outcome")?.0.error.clone().map(|error| Box::new(bidden_error(error))));
        Ok(())
    })
}
