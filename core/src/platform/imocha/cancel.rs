//! Cancel an invitation. Reference: section 10.

use serde::Serialize;
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request};
use crate::{Error, FieldError, Kind, Platform, Status, wire};

/// `POST /v3/invitations/{testInvitationId}/cancel` (section 10, published). Allowed only while the invitation is pending;
/// any other state is `refused`, and cancelling twice is thus an error.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let request = imocha::Cancel { test_invitation_id: 2932950 }.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/invitations/2932950/cancel");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cancel {
    /// The invitation, a positive number.
    pub test_invitation_id: i64,
}

/// The answer to [`Cancel`].
#[derive(Clone, PartialEq, Serialize)]
pub struct Cancelled {
    /// The id of the invitation.
    pub test_invitation_id: i64,
    /// Where the invitation stands.
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// Shows id and status only.
impl std::fmt::Debug for Cancelled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.test_invitation_id;
        formatter.debug_struct("Cancelled").field("test_invitation_id", id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Call for Cancel {
    type Reply = Cancelled;
    const NAME: &'static str = "imocha.cancel";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/invitations/{test_invitation_id}/cancel";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 10, published",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::Written("{testInvitationId: integer, status: text}"),
    };

    fn read(fields: &mut Fields) -> Self {
        Cancel { test_invitation_id: fields.integer("test_invitation_id").unwrap_or(0) }
    }

    fn faults(&self) -> Vec<FieldError> {
        super::id_fault("test_invitation_id", self.test_invitation_id).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        // Section 21a: a repeat of one that arrived is refused like any cancelled invitation, so it is looked up instead.
        Repeat::Never
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::POST, &format!("/v3/invitations/{}/cancel", self.test_invitation_id))
    }

    fn read_reply(&self, response: &Response) -> Result<Cancelled, Error> {
        let mut body = reply::success(response).map_err(|error| {
            // The one 400 of this call's page has `message`; any other has `errors` (section 5).
            let is_known = error.http_status() == Some(400)
                && wire::object(response).is_ok_and(|mut body| wire::take(&mut body, "message").is_some_and(|text| text.is_string()));
            if is_known { reply::of_kind(response, Kind::Refused) } else { error }
        })?;
        let test_invitation_id = reply::take_id(&mut body, response)?;
        let (status, platform_status) = reply::take_status(&mut body, "status");
        Ok(Cancelled { test_invitation_id, status, platform_status, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        Ok(Cancel { test_invitation_id: super::request::id(Cancel::PATH, request, super::NO_INVITATION)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Cancelled, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_invitation_id: i64,
            status: &'a str,
        }
        let status = reply.platform_status.as_deref().unwrap_or(reply.status.word());
        crate::http::json_response(200, &Body { test_invitation_id: reply.test_invitation_id, status })
    }
}
