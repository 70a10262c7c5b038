//! The window of a candidate who is there, replaced.

use super::{Disposition, Email, Operation, Outcome, Report, Step, TestId};
use crate::call::{AnyCall, AnyReply};
use crate::platform::testinvite;
use crate::{AccessWindow, Error, Kind, Status};

/// Replaces the window of a TestInvite candidate by *update candidate* (TestInvite reference, section 4.3, beta). It mails nobody
/// and may be repeated (section 3.4). A side that is not given stays as it is: the call has no form that takes one away.
///
/// ```
/// use bidden::operation::{Operation, Refresh, Step};
/// use bidden::{AccessWindow, Time};
/// let window = AccessWindow { start: None, end: Some(Time::from_seconds(1_900_000_000)) };
/// let mut refresh = Refresh::new(&"task-1".into(), "b7Qw0ZtXk3LmP9sRvY2a", window);
/// let Step::Send(call) = refresh.next(None) else { unreachable!() };
/// assert_eq!((call.name(), call.asks_for_mail()), ("testinvite.update_candidate", false));
/// ```
#[derive(Clone, Debug)]
pub struct Refresh {
    call: testinvite::UpdateCandidate,
}

impl Refresh {
    /// The window of the candidate of an id.
    #[must_use]
    pub fn new(test: &TestId, id: &str, window: AccessWindow) -> Self {
        let mut call = testinvite::UpdateCandidate::new(test.as_str(), id);
        (call.fields.active_after, call.fields.active_before) = (window.start, window.end);
        Refresh { call }
    }

    /// The call that replaces it.
    #[must_use]
    pub fn call(&self) -> AnyCall {
        self.call.clone().into()
    }
}

impl Operation for Refresh {
    type Done = Outcome;

    fn next(&mut self, last: Option<Report>) -> Step<Outcome> {
        let Some(report) = last else { return Step::Send(self.call()) };
        if report.cancelled {
            return Step::Done(Outcome::of(Disposition::NotSent));
        }
        Step::Done(match report.result {
            Ok(AnyReply::TestInviteUpdateCandidate(testinvite::UpdatedCandidate(candidate))) => Outcome {
                // TestInvite prints no status: the states are ours (section 3.4).
                status: if candidate.logged_in == Some(true) { Status::InProgress } else { Status::Pending },
                invitation_id: Some(candidate.candidate_id),
                invitation_code: candidate.invitation_code,
                test_url: candidate.direct_access_url,
                ..Outcome::replied(Disposition::Refreshed, Email::None)
            },
            Ok(_) => Outcome::of_error(Error::new(Kind::Internal, "the answer belongs to another call")),
            Err(error) => Outcome::of_error(error),
        })
    }
}
