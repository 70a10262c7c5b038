//! Withdrawing an invitation.

use super::{Disposition, Email, Operation, Outcome, Report, Step, TestId};
use crate::call::AnyCall;
use crate::platform::{imocha, testinvite, think_exam};
use crate::{Error, FieldError, Kind, Platform, Status};

/// Withdraws an invitation. iMocha: cancels it; Think Exam: de-assigns the test; TestInvite: deletes the candidate.
#[derive(Clone, Debug)]
pub struct Cancel {
    call: AnyCall,
}

impl Cancel {
    /// Withdraws a candidate's invitation to a test by the address (Think Exam).
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent; on a platform whose call names the invitation.
    pub fn new(platform: Platform, test: &TestId, email: &str) -> Result<Self, Error> {
        if platform != Platform::ThinkExam {
            return Err(Error::invalid_field("invitation", format!("cancelling on {platform} needs the invitation's id")));
        }
        Cancel::of(think_exam::DeassignTest::new(email.trim(), test.as_str()))
    }

    /// Withdraws the invitation of an id (iMocha, TestInvite).
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent; on Think Exam, whose assignments have no id.
    pub fn invitation(platform: Platform, test: &TestId, id: &str) -> Result<Self, Error> {
        match platform {
            Platform::Imocha => Cancel::of(imocha::Cancel { test_invitation_id: invitation_number(id)? }),
            Platform::TestInvite => Cancel::of(testinvite::DeleteCandidate { task_id: test.as_str().to_owned(), id: id.trim().to_owned() }),
            Platform::ThinkExam => {
                Err(Error::invalid_field("invitation", "a Think Exam assignment has no id; it is named by the e-mail address"))
            }
        }
    }

    fn of(call: impl Into<AnyCall>) -> Result<Self, Error> {
        let call = call.into();
        let faults = call.faults();
        if faults.is_empty() { Ok(Cancel { call }) } else { Err(Error::invalid_input(faults)) }
    }

    /// The call that withdraws.
    #[must_use]
    pub fn call(&self) -> &AnyCall {
        &self.call
    }
}

/// An iMocha invitation is a positive number.
pub(super) fn invitation_number(id: &str) -> Result<i64, Error> {
    match id.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Error::invalid_input(vec![FieldError::new("invitation", "an iMocha invitation is a positive number")])),
    }
}

impl Operation for Cancel {
    type Done = Outcome;

    fn next(&mut self, last: Option<Report>) -> Step<Outcome> {
        match last {
            None => Step::Send(self.call.clone()),
            Some(Report { cancelled: true, .. }) => Step::Done(Outcome::of(Disposition::NotSent)),
            Some(Report { result: Ok(_), .. }) => {
                Step::Done(Outcome { status: Status::Cancelled, ..Outcome::replied(Disposition::Cancelled, Email::None) })
            }
            // Think Exam reference, section 8: if only the repeat says error, the first one may have done it.
            Some(Report { result: Err(error), lost_before: true, .. }) if error.kind() == Kind::Rejected => {
                Step::Done(Outcome::of_error(error.with_kind(Kind::Uncertain)))
            }
            Some(Report { result: Err(error), .. }) => Step::Done(Outcome::of_error(error)),
        }
    }
}
