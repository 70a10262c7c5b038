//! Another attempt.

use super::cancel::invitation_number;
use super::{Disposition, Email, InviteOptions, Operation, Outcome, Report, Step};
use crate::call::{AnyCall, AnyReply};
use crate::platform::imocha;
use crate::{Error, Kind, Platform, Status, Time};

/// Allows a candidate another attempt (iMocha reference, section 9).
#[derive(Clone, Debug)]
pub struct Reattempt {
    call: imocha::Reattempt,
}

impl Reattempt {
    /// Another attempt after the invitation of an id. Window and zone must be given: nothing is invented (choice 10).
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent; on a platform without such a call.
    pub fn new(platform: Platform, id: &str, options: &InviteOptions, now: Time) -> Result<Self, Error> {
        if platform != Platform::Imocha {
            return Err(Error::invalid_field("platform", format!("{} has no call that allows another attempt", platform.title())));
        }
        let call = imocha::Reattempt {
            start_date_time: options.window.start,
            end_date_time: options.window.end,
            time_zone_id: options.time_zone_id,
            callback_url: options.callback_url.clone(),
            redirect_url: options.redirect_url.clone(),
            hide_instruction: options.hide_instruction.then_some(true),
            send_email: options.send_email,
            ..imocha::Reattempt::new(invitation_number(id)?)
        };
        let faults = AnyCall::from(call.clone()).faults();
        if !faults.is_empty() {
            return Err(Error::invalid_input(faults));
        }
        options.window.check_not_over(now)?;
        Ok(Reattempt { call })
    }

    /// The attempt that a call allows.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn of_call(call: imocha::Reattempt) -> Result<Self, Error> {
        let faults = AnyCall::from(call.clone()).faults();
        if faults.is_empty() { Ok(Reattempt { call }) } else { Err(Error::invalid_input(faults)) }
    }

    /// The call that allows it.
    #[must_use]
    pub fn call(&self) -> AnyCall {
        self.call.clone().into()
    }

    /// The same asking for no mail.
    #[must_use]
    pub fn without_mail(mut self) -> Self {
        self.call.send_email = false;
        self
    }
}

impl Operation for Reattempt {
    type Done = Outcome;

    fn next(&mut self, last: Option<Report>) -> Step<Outcome> {
        let Some(report) = last else { return Step::Send(self.call()) };
        if report.cancelled {
            return Step::Done(Outcome::of(Disposition::NotSent));
        }
        let email = match (self.call.send_email, report.lost_before) {
            (false, _) => Email::None,
            (true, false) => Email::Asked,
            (true, true) => Email::Uncertain,
        };
        Step::Done(match report.result {
            Ok(AnyReply::ImochaReattempt(reply)) => Outcome {
                // The answer has no status: what it hands out waits to be taken (section 9).
                status: Status::Pending,
                invitation_id: Some(reply.test_invitation_id.to_string()),
                test_url: reply.test_url,
                ..Outcome::replied(Disposition::Invited, email)
            },
            Ok(_) => Outcome::of_error(Error::new(Kind::Internal, "the answer belongs to another call")),
            Err(error) if error.kind() == Kind::Uncertain || report.lost_before => Outcome { email, ..Outcome::of_error(error) },
            Err(error) => Outcome::of_error(error),
        })
    }
}
