//! Where a single call belongs that asks for mail: the place of its test, and the keys of its candidate.

use std::collections::HashMap;

use bidden::operation::TestId;
use bidden::{AnyCall, Error, Kind};

use crate::record::Record;
use crate::{Keys, Ledger, Place};

impl Ledger {
    /// The place and the candidate of a call that asks for mail; `base` is any place of the same platform, address and account.
    /// iMocha's *reattempt* names an invitation and neither test nor candidate: the record is searched for it.
    ///
    /// # Errors
    /// `invalid-input` when nothing tells the candidate from another, and for a call that mails nobody; `storage`.
    pub fn place_of_call(&self, base: &Place, call: &AnyCall) -> Result<(Place, Keys), Error> {
        let at = |test: TestId| Place { test: test.as_str().to_owned(), within: None, ..base.clone() };
        let (place, keys) = match call {
            AnyCall::ImochaInvite(call) => (at(TestId::from(call.test_id)), call.email.as_deref().map(Keys::of_email).unwrap_or_default()),
            // Links know nothing of one another (iMocha reference, section 8), so each is a place of its own.
            AnyCall::ImochaInviteByTestLink(call) => (
                at(TestId::from(format!("{}/{}", call.invite.test_id, call.test_link_id).as_str())),
                call.invite.email.as_deref().map(Keys::of_email).unwrap_or_default(),
            ),
            AnyCall::ThinkExamAssignTest(call) => (at(TestId::from(call.test_id.as_str())), Keys::of_email(&call.email)),
            AnyCall::TestInviteCreateCandidate(call) => (at(TestId::from(call.task_id.as_str())).of_create(call), Keys::of_create(call)),
            AnyCall::ImochaReattempt(call) => {
                let id = call.test_invitation_id.to_string();
                let unknown = Keys { email: None, external: Some(format!("invitation:{id}")) };
                match self.holder(base, id)? {
                    Some((place, record)) => (place, Keys { email: record.email, external: record.external }),
                    None => (at(TestId::from("")), unknown),
                }
            }
            // One request for many, and no answer that says whom it mailed: the record could not keep the law for any of them.
            AnyCall::ThinkExamAssignTestMultiCandidates(_) => {
                let reason = "mails many candidates by one request whose answer tells of none; think_exam.assign_test mails one at a time";
                return Err(Error::invalid_field("is_mail_enable", reason));
            }
            other => return Err(Error::new(Kind::InvalidInput, format!("{} mails nobody", other.name()))),
        };
        if keys.is_empty() {
            let reason = "is missing, and so is every other key: nothing tells whom a mail would go to";
            return Err(Error::invalid_field("email", reason));
        }
        Ok((place, keys))
    }

    /// The record of an invitation that the platform knows by an id.
    fn holder(&self, base: &Place, id: String) -> Result<Option<(Place, Record)>, Error> {
        let base = base.clone();
        self.ask(move |storage| {
            let places: HashMap<i64, Place> = storage.places()?.into_iter().filter(|(_, place)| place.is_beside(&base)).collect();
            let mut found = None;
            storage.each(None, &mut |number, record| {
                if record.standing.invitation_id.as_deref() == Some(id.as_str())
                    && let Some(place) = places.get(&number)
                {
                    found = Some((place.clone(), record));
                }
                Ok(found.is_none())
            })?;
            Ok(found)
        })
    }
}
