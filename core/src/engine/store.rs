//! What the rules read.

use super::{Invitation, Link, Sequence, Session, Student};
use crate::{Platform, Time};

/// What the rules read. Nothing here changes anything: the changes of an [`super::Answer`] are applied by the caller,
/// before the next question is asked.
///
/// `email_key` is [`crate::candidate::email_key`] of an address: all three platforms compare trimmed and without
/// regard to letter case (iMocha reference, section 21; Think Exam reference, C40).
pub trait Store {
    /// Why a record could not be read.
    type Error;

    /// The highest number of a sequence that was given out; `None` when none was.
    ///
    /// # Errors
    /// The store's own.
    fn highest(&self, sequence: Sequence) -> Result<Option<i64>, Self::Error>;

    /// The invitation of an id.
    ///
    /// # Errors
    /// The store's own.
    fn invitation(&self, id: &str) -> Result<Option<Invitation>, Self::Error>;

    /// The newest invitation of an address to a test.
    ///
    /// # Errors
    /// The store's own.
    fn invitation_of(&self, platform: Platform, test_id: &str, email_key: &str) -> Result<Option<Invitation>, Self::Error>;

    /// Hands out the iMocha invitations that came to rest between two moments, both included, by [`Invitation::rests`] in
    /// order of time. The cost must not grow with the number of the others.
    ///
    /// # Errors
    /// The store's own.
    fn imocha_at_rest(&self, from: Time, until: Time, each: &mut dyn FnMut(Invitation)) -> Result<(), Self::Error>;

    /// The invitations to a test, in order of creation; those of one address at a cost that does not grow with the others.
    ///
    /// # Errors
    /// The store's own.
    fn invitations_to(
        &self,
        platform: Platform,
        test_id: &str,
        email_key: Option<&str>,
        each: &mut dyn FnMut(Invitation),
    ) -> Result<(), Self::Error>;

    /// The default link of an iMocha test.
    ///
    /// # Errors
    /// The store's own.
    fn link(&self, test_id: &str) -> Result<Option<Link>, Self::Error>;

    /// A link of an iMocha test by its id.
    ///
    /// # Errors
    /// The store's own.
    fn test_link(&self, test_id: &str, link_id: i64) -> Result<Option<Link>, Self::Error>;

    /// All links of an iMocha test, in order of their ids.
    ///
    /// # Errors
    /// The store's own.
    fn test_links(&self, test_id: &str) -> Result<Vec<Link>, Self::Error>;

    /// The invitations of an address over all tests, in order of creation; at a cost that does not grow with the others.
    ///
    /// # Errors
    /// The store's own.
    fn invitations_of(&self, platform: Platform, email_key: &str, each: &mut dyn FnMut(Invitation)) -> Result<(), Self::Error>;

    /// The Think Exam student of an address.
    ///
    /// # Errors
    /// The store's own.
    fn student(&self, email_key: &str) -> Result<Option<Student>, Self::Error>;

    /// Whether any TestInvite candidate holds a claim. The cost must not grow with the number of candidates.
    ///
    /// # Errors
    /// The store's own.
    fn is_claimed(&self, claim: &str) -> Result<bool, Self::Error>;

    /// Hands out the ids of the TestInvite candidates who hold a claim.
    ///
    /// # Errors
    /// The store's own.
    fn holders(&self, claim: &str, each: &mut dyn FnMut(String)) -> Result<(), Self::Error>;

    /// The TestInvite test session of an id.
    ///
    /// # Errors
    /// The store's own.
    fn session(&self, id: &str) -> Result<Option<Session>, Self::Error>;

    /// The test sessions of a TestInvite candidate, in the order in which they began.
    ///
    /// # Errors
    /// The store's own.
    fn sessions_of(&self, invitation_id: &str) -> Result<Vec<Session>, Self::Error>;

    /// Hands out the test sessions of a TestInvite task, in the order in which they began, from the one after `after` on, until
    /// `each` says that it has enough; those of one external id at a cost that does not grow with the others.
    ///
    /// # Errors
    /// The store's own.
    fn sessions_in(
        &self,
        task_id: &str,
        external_id: Option<&str>,
        after: Option<&str>,
        each: &mut dyn FnMut(Session) -> bool,
    ) -> Result<(), Self::Error>;
}
