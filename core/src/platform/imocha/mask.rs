//! Mask a candidate's personal data. Reference: section 17.

use serde::Serialize;
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, wire};

/// `POST /v3/gdpr/requests` (section 17, published): the personal data of a candidate are masked, some time later.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::MaskPersonalData::new("ada@example.com");
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.body(), br#"{"CandidateEmail":"ada@example.com"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MaskPersonalData {
    /// The candidate's address; required.
    pub candidate_email: String,
    /// Only this invitation; absent means all of the candidate's records in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub testinvitation_id: Option<i64>,
}

impl MaskPersonalData {
    /// All records of a candidate.
    #[must_use]
    pub fn new(candidate_email: impl Into<String>) -> Self {
        MaskPersonalData { candidate_email: candidate_email.into(), testinvitation_id: None }
    }
}

/// Shows the invitation only.
impl std::fmt::Debug for MaskPersonalData {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MaskPersonalData").field("testinvitation_id", &self.testinvitation_id).finish_non_exhaustive()
    }
}

/// The answer to [`MaskPersonalData`]: it is accepted, not done.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MaskingAccepted {
    /// The platform's text.
    pub result: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl Call for MaskPersonalData {
    type Reply = MaskingAccepted;
    const NAME: &'static str = "imocha.mask_personal_data";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/gdpr/requests";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 17, published",
        query: "",
        body: crate::engine::Shape::Written("{CandidateEmail: text, testinvitationId?: integer}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written("{result: text}"),
    };

    fn read(fields: &mut Fields) -> Self {
        MaskPersonalData {
            candidate_email: fields.text("candidate_email").unwrap_or_default(),
            testinvitation_id: fields.integer("testinvitation_id"),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let reason = match self.candidate_email.trim() {
            "" => Some("is missing"),
            email => email_fault(email),
        };
        let fault = reason.map(|reason| FieldError::new("candidate_email", reason));
        fault.into_iter().chain(self.testinvitation_id.and_then(|id| super::id_fault("testinvitation_id", id))).collect()
    }

    fn repeat(&self) -> Repeat {
        // What is masked already stays so.
        Repeat::Freely
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.candidate_email]
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(rename = "CandidateEmail")]
            email: &'a str,
            #[serde(rename = "testinvitationId", skip_serializing_if = "Option::is_none")]
            id: Option<i64>,
        }
        crate::call::refuse(self.faults())?;
        let body = Body { email: self.candidate_email.trim(), id: self.testinvitation_id };
        json_request(base, http::Method::POST, MaskPersonalData::PATH, wire::body(&body, &Map::new()))
    }

    fn read_reply(&self, response: &Response) -> Result<MaskingAccepted, Error> {
        let mut body = reply::success(response)?;
        Ok(MaskingAccepted { result: wire::take_text(&mut body, "result"), extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        use super::request;
        let (mut body, mut errors) = (request::object(request)?, Vec::new());
        let candidate_email = request::text(&mut body, "CandidateEmail").unwrap_or_default().trim().to_owned();
        if candidate_email.is_empty() {
            errors.push("'Candidate Email' must not be empty. (sandbox)".to_owned());
        }
        let testinvitation_id = request::integer(&mut body, "testinvitationId", &mut errors);
        if errors.is_empty() { Ok(MaskPersonalData { candidate_email, testinvitation_id }) } else { Err(reply::refusal(400, &errors)) }
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &MaskingAccepted, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            result: Option<&'a str>,
        }
        crate::http::json_response(200, &Body { result: reply.result.as_deref() })
    }
}
