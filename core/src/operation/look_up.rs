//! Where invitations stand, asked of the platform.

use std::time::Duration;

use super::{Operation, Report, Step, TestId};
use crate::call::{AnyCall, AnyReply};
use crate::platform::{imocha, testinvite};
use crate::{Error, Kind, Platform, Status, Time};

/// What the platform shows of one invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The candidate's address as the platform has it.
    pub email: Option<String>,
    /// The platform's id of the invitation.
    pub invitation_id: String,
    /// Where it stands.
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// TestInvite: the code the candidate logs in with.
    pub invitation_code: Option<String>,
    /// What the candidate opens.
    pub test_url: Option<String>,
}

/// Shows id and status only.
impl std::fmt::Debug for Sighting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.invitation_id;
        formatter.debug_struct("Sighting").field("invitation_id", id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Asks where invitations to a test stand. iMocha shows finished, cancelled and expired ones, over a span of time, and lists
/// neither waiting nor running ones (section 12); TestInvite shows the candidates of one address (section 4.1); Think Exam shows
/// nothing (section 8).
#[derive(Clone, Debug)]
pub struct LookUp {
    test: TestId,
    waiting: Vec<AnyCall>,
    sent: Option<AnyCall>,
    found: Vec<Sighting>,
}

/// What the window of *retrieve invites* applies to is not documented, and clocks differ: the span is wide on both sides.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
const AFTER: Duration = Duration::from_secs(366 * 24 * 3600);

impl LookUp {
    /// The finished, cancelled and expired invitations to an iMocha test since a moment.
    ///
    /// # Errors
    /// `invalid-input` when the test is no iMocha test.
    pub fn imocha(test: &TestId, since: Time, now: Time) -> Result<Self, Error> {
        let start = Time::from_milliseconds(since.milliseconds() - i64::try_from(BEFORE.as_millis()).unwrap_or(0));
        let number = test.number()?;
        let calls = imocha::InviteState::WORDS.iter().rev().map(|(_, state)| {
            let call = imocha::RetrieveInvites { test_id: Some(number), ..imocha::RetrieveInvites::new(*state, start, now.after(AFTER)) };
            AnyCall::from(call)
        });
        Ok(LookUp { test: test.clone(), waiting: calls.collect(), sent: None, found: Vec::new() })
    }

    /// The candidates of a TestInvite task who have an address, as it was sent: the filter is exact and case-sensitive.
    #[must_use]
    pub fn testinvite(test: &TestId, email: &str) -> Self {
        LookUp::listing(test, Some(email.trim().to_owned()))
    }

    /// All candidates of a TestInvite task, a hundred at a time.
    #[must_use]
    pub fn testinvite_task(test: &TestId) -> Self {
        LookUp::listing(test, None)
    }

    fn listing(test: &TestId, email: Option<String>) -> Self {
        let call = testinvite::ListCandidates { email, limit: Some(100), ..testinvite::ListCandidates::new(test.as_str()) };
        LookUp { test: test.clone(), waiting: vec![call.into()], sent: None, found: Vec::new() }
    }

    /// How many invitations it has found so far.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found.len()
    }

    /// Whether a platform can be asked at all.
    #[must_use]
    pub fn is_possible(platform: Platform) -> bool {
        platform != Platform::ThinkExam
    }

    fn take(&mut self, reply: AnyReply) -> Result<(), Error> {
        match reply {
            AnyReply::ImochaRetrieveInvites(reply) => {
                let number = self.test.number()?;
                let of_test = reply.test_attempts.into_iter().filter(|attempt| attempt.test_id.is_none_or(|test| test == number));
                let state = if let Some(AnyCall::ImochaRetrieveInvites(call)) = &self.sent { call.state } else { None };
                self.found.extend(of_test.map(|attempt| Sighting {
                    email: attempt.email,
                    invitation_id: attempt.test_invitation_id.to_string(),
                    // A word that is missing or new: the list that was asked for says where it stands.
                    status: match (attempt.status, state) {
                        (Status::Unknown, Some(imocha::InviteState::Completed)) => Status::Complete,
                        (Status::Unknown, Some(imocha::InviteState::Cancelled)) => Status::Cancelled,
                        (Status::Unknown, Some(imocha::InviteState::Expired)) => Status::Expired,
                        (status, _) => status,
                    },
                    platform_status: attempt.platform_status,
                    invitation_code: None,
                    test_url: None,
                }));
            }
            AnyReply::TestInviteListCandidates(reply) => {
                let is_more = reply.pagination.as_ref().is_some_and(|pagination| pagination.next.is_some()) && !reply.candidates.is_empty();
                if let (true, Some(AnyCall::TestInviteListCandidates(call))) = (is_more, &self.sent) {
                    let page = Some(call.page.unwrap_or(1) + 1);
                    self.waiting.push(testinvite::ListCandidates { page, ..call.clone() }.into());
                }
                self.found.extend(reply.candidates.into_iter().map(|candidate| Sighting {
                    email: candidate.email,
                    invitation_id: candidate.candidate_id,
                    // TestInvite prints no status: the states are ours (section 3.4).
                    status: if candidate.logged_in == Some(true) { Status::InProgress } else { Status::Pending },
                    platform_status: None,
                    invitation_code: candidate.invitation_code,
                    test_url: candidate.direct_access_url,
                }));
            }
            _ => return Err(Error::new(Kind::Internal, "the answer belongs to another call")),
        }
        Ok(())
    }
}

impl Operation for LookUp {
    /// All that the platform shows; an error when any of the calls failed.
    type Done = Result<Vec<Sighting>, Error>;

    fn next(&mut self, last: Option<Report>) -> Step<Self::Done> {
        if let Some(report) = last
            && let Err(error) = report.result.and_then(|reply| self.take(reply))
        {
            return Step::Done(Err(error));
        }
        match self.waiting.pop() {
            Some(call) => {
                self.sent = Some(call.clone());
                Step::Send(call)
            }
            None => Step::Done(Ok(std::mem::take(&mut self.found))),
        }
    }
}
