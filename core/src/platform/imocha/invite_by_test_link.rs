//! Invite a candidate through a chosen test link. Reference: section 8.

use serde::Serialize;

use super::{Invite, Invited};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform};

/// `POST /v3/tests/{testId}/testlinks/{testLinkId}/invite` (section 8, published). An upsert keyed by this link and the e-mail;
/// links know nothing of one another. The fields are those of [`Invite`] (our choice: the page lists fewer, and clients send the
/// others).
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let invite = imocha::Invite { name: Some("Ada Lovelace".into()), ..imocha::Invite::new(303076, "ada@example.com") };
/// let request = imocha::InviteByTestLink { test_link_id: 201044, invite }.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/tests/303076/testlinks/201044/invite");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct InviteByTestLink {
    /// The link, a positive number.
    pub test_link_id: i64,
    /// The test, the candidate and the settings.
    #[serde(flatten)]
    pub invite: Invite,
}

/// The answer to [`InviteByTestLink`].
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(transparent)]
pub struct InvitedByTestLink(pub Invited);

/// Shows test and link only: no name, no address.
impl std::fmt::Debug for InviteByTestLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (test, link) = (&self.invite.test_id, &self.test_link_id);
        formatter.debug_struct("InviteByTestLink").field("test_id", test).field("test_link_id", link).finish_non_exhaustive()
    }
}

impl Call for InviteByTestLink {
    type Reply = InvitedByTestLink;
    const NAME: &'static str = "imocha.invite_by_test_link";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/tests/{test_id}/testlinks/{test_link_id}/invite";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 8, published",
        query: "",
        body: crate::engine::Shape::Written(
            r#"{email?: text, name?: text, callbackUrl?: text, redirectUrl?: text,
            disableMandatoryFields?: 0|1, hideInstruction?: 0|1, sendEmail?: "yes"|"no", stakeholderEmails?: text,
            startDateTime?: text, endDateTime?: text, timeZoneId?: integer, ProctoringMode?: "disabled"|"image"|"video"}"#,
        ),
        statuses: &[200],
        answer: crate::engine::Shape::Written("{testInvitationId: integer, testUrl?: text, status?: text}"),
    };

    fn read(fields: &mut Fields) -> Self {
        let test_link_id = fields.integer("test_link_id").unwrap_or(0);
        InviteByTestLink { test_link_id, invite: Invite::read(fields) }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = super::id_fault("test_link_id", self.test_link_id).into_iter().collect();
        faults.extend(self.invite.faults());
        faults
    }

    fn repeat(&self) -> Repeat {
        self.invite.repeat()
    }

    fn asks_for_mail(&self) -> bool {
        self.invite.asks_for_mail()
    }

    fn addresses(&self) -> Vec<&str> {
        self.invite.addresses()
    }

    fn without_mail(&self) -> Self {
        InviteByTestLink { test_link_id: self.test_link_id, invite: self.invite.without_mail() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = format!("/v3/tests/{}/testlinks/{}/invite", self.invite.test_id, self.test_link_id);
        json_request(base, http::Method::POST, &path, self.invite.body())
    }

    fn read_reply(&self, response: &Response) -> Result<InvitedByTestLink, Error> {
        Invited::read(response).map(InvitedByTestLink)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let test_id = super::request::id(InviteByTestLink::PATH, request, super::NO_TEST)?;
        let test_link_id = super::request::second_id(InviteByTestLink::PATH, request, super::NO_TEST_LINK)?;
        Ok(InviteByTestLink { test_link_id, invite: super::invite::served::read(test_id, request, dialect)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &InvitedByTestLink, dialect: &Dialect) -> Response {
        super::invite::served::write(&reply.0, dialect)
    }
}
