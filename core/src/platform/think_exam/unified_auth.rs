//! Register one candidate, or log it in. Reference: section 3.4.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::register::{Element, RegisteredCandidate, Registration};
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, wire};

/// `POST /api/v1/unifiedAuth` (section 3.4, published). It assigns no test, and its answer holds no test link.
///
/// ```
/// use bidden::{BaseUrl, Call, think_exam};
/// let call = think_exam::UnifiedAuth::new(think_exam::Registration::new("Ada Lovelace", "ada@example.com"));
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(request.body(), br#"{"name":"Ada Lovelace","email":"ada@example.com"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct UnifiedAuth {
    /// Who is registered or logged in; `extra1` to `extra3` belong to the call for many only.
    #[serde(flatten)]
    pub candidate: Registration,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

const NAMES: [&str; 12] =
    ["name", "enrollment_number", "email", "password", "mobile", "gender", "dob", "courseName", "profilePic", "extra1", "extra2", "extra3"];

impl UnifiedAuth {
    /// Registers a candidate, or logs it in.
    #[must_use]
    pub fn new(candidate: Registration) -> Self {
        UnifiedAuth { candidate, extra: Map::new() }
    }
}

impl fmt::Debug for UnifiedAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UnifiedAuth").field("candidate", &self.candidate).finish_non_exhaustive()
    }
}

impl Call for UnifiedAuth {
    type Reply = RegisteredCandidate;
    const NAME: &'static str = "think_exam.unified_auth";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/unifiedAuth";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.4, published",
        query: "",
        body: crate::engine::Shape::Written(
            "{name: text, email: text, enrollment_number?: text, password?: text, mobile?: text,
            gender?: text, dob?: text, courseName?: text, profilePic?: text}",
        ),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success", success: {msg: text}, data: {studentId: integer|null,
            enrollmentNo: text|null, profilePic: text|null}, laravelToken: text}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        UnifiedAuth { candidate: Registration::read_shared(fields), extra: fields.object("extra").unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> =
            self.candidate.faults().into_iter().map(|(field, reason)| FieldError::new(field, reason)).collect();
        let others = [("extra1", &self.candidate.extra1), ("extra2", &self.candidate.extra2), ("extra3", &self.candidate.extra3)];
        let given = others.into_iter().filter(|(_, text)| text.is_some());
        faults.extend(given.map(|(field, _)| FieldError::new(field, "is a field of the registration of many only")));
        faults.extend(refuse_known(&self.extra, &NAMES));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.candidate.email]
    }

    fn repeat(&self) -> Repeat {
        // Section 8: "register or log in" is published, so the second answer is a login; no mail is documented.
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        json_request(base, http::Method::POST, Self::PATH, wire::body(&Element::from(&self.candidate), &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<RegisteredCandidate, Error> {
        let (result, body) = reply::success(response)?;
        Ok(RegisteredCandidate::read_members(result, body))
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        use super::register::served::registration;
        use reply::served as answer;
        let mut body = answer::object(request)?;
        // Choice 11: only 3023 is listed here, for an absent key too.
        match registration(&mut body, dialect, "3023")? {
            (_, Some((code, msg))) => Err(answer::refusal(dialect, &code, &msg)),
            (candidate, None) => Ok(UnifiedAuth { candidate, extra: body }),
        }
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &RegisteredCandidate, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &super::register::served::write_element(reply))
    }
}
