//! Assign a test to a candidate, and take it back. Reference: sections 3.1 and 3.2.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, wire};

/// The text of a successful assignment, whether a mail was asked for or not (section 3.1, documented).
pub const ASSIGNED: &str = "Test is assigned and mail has been sent successfully";

/// The text of a successful de-assignment, without a full stop (section 3.2, documented).
pub const DEASSIGNED: &str = "Test successfully deassigned from the candidate";

/// `POST /api/v1/assignTest` (section 3.1, documented). The candidate must be registered first (choice 15).
///
/// ```
/// use bidden::{BaseUrl, Call, think_exam};
/// let call = think_exam::AssignTest::new("ada@example.com", "41");
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(request.body(), br#"{"email":"ada@example.com","testId":"41","isMailEnable":"0","isPasswordSkip":"0"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct AssignTest {
    /// The candidate's address: Think Exam names a candidate by it.
    pub email: String,
    /// The test, opaque text.
    pub test_id: String,
    /// Whether the platform mails the candidate. Always sent.
    pub is_mail_enable: bool,
    /// Passed through; its meaning is not published (choice 21). Always sent.
    pub is_password_skip: bool,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl AssignTest {
    /// An assignment that mails nobody.
    #[must_use]
    pub fn new(email: impl Into<String>, test_id: impl Into<String>) -> Self {
        AssignTest { email: email.into(), test_id: test_id.into(), is_mail_enable: false, is_password_skip: false, extra: Map::new() }
    }
}

impl fmt::Debug for AssignTest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssignTest")
            .field("test_id", &self.test_id)
            .field("is_mail_enable", &self.is_mail_enable)
            .field("is_password_skip", &self.is_password_skip)
            .finish_non_exhaustive()
    }
}

/// The answer to [`AssignTest`]. Its text says nothing about whether a mail went out (choice 20).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Assigned {
    /// The platform's word, `success`.
    pub result: String,
    /// The platform's code, `200`.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// `POST /api/v1/deassignTest` (section 3.2, documented).
///
/// ```
/// use bidden::{BaseUrl, Call, think_exam};
/// let call = think_exam::DeassignTest::new("ada@example.com", "41");
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(request.uri().path(), "/api/v1/deassignTest");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct DeassignTest {
    /// The candidate's address.
    pub email: String,
    /// The test, opaque text.
    pub test_id: String,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl DeassignTest {
    /// Takes a test back from a candidate.
    #[must_use]
    pub fn new(email: impl Into<String>, test_id: impl Into<String>) -> Self {
        DeassignTest { email: email.into(), test_id: test_id.into(), extra: Map::new() }
    }
}

impl fmt::Debug for DeassignTest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DeassignTest").field("test_id", &self.test_id).finish_non_exhaustive()
    }
}

/// The answer to [`DeassignTest`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Deassigned {
    /// The platform's word, `success`.
    pub result: String,
    /// The platform's code, `200`.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// The body, in the documented order. De-assign has no flags.
#[derive(Serialize)]
struct Body<'a> {
    email: &'a str,
    #[serde(rename = "testId")]
    test_id: &'a str,
    #[serde(rename = "isMailEnable", skip_serializing_if = "Option::is_none")]
    is_mail_enable: Option<&'static str>,
    #[serde(rename = "isPasswordSkip", skip_serializing_if = "Option::is_none")]
    is_password_skip: Option<&'static str>,
}

const ASSIGN_NAMES: [&str; 4] = ["email", "testId", "isMailEnable", "isPasswordSkip"];
const DEASSIGN_NAMES: [&str; 2] = ["email", "testId"];

/// Flags are strings (section 2, item 7).
pub(super) fn flag(is_on: bool) -> Option<&'static str> {
    Some(if is_on { "1" } else { "0" })
}

/// What is wrong with an address by which a candidate is named.
pub(super) fn address_fault(field: &str, email: &str) -> Option<FieldError> {
    if email.trim().is_empty() {
        return Some(FieldError::new(field, "is missing; Think Exam names a candidate by it"));
    }
    email_fault(email.trim()).map(|reason| FieldError::new(field, reason))
}

pub(super) fn test_fault(test_id: &str) -> Option<FieldError> {
    test_id.trim().is_empty().then(|| FieldError::new("test_id", "is missing; the id of a test is expected"))
}

fn target_faults(email: &str, test_id: &str) -> Vec<FieldError> {
    address_fault("email", email).into_iter().chain(test_fault(test_id)).collect()
}

impl Call for AssignTest {
    type Reply = Assigned;
    const NAME: &'static str = "think_exam.assign_test";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/assignTest";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.1, documented",
        query: "",
        body: crate::engine::Shape::Written(
            r#"{email: text, testId: text|integer, isMailEnable?: "0"|"1"|0|1,
            isPasswordSkip?: "0"|"1"|0|1}"#,
        ),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success"|"SUCCESS", success: {code?: text|integer, msg?: text,
            message?: text}}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        AssignTest {
            email: fields.text("email").unwrap_or_default(),
            test_id: fields.id_text("test_id").unwrap_or_default(),
            is_mail_enable: fields.boolean("is_mail_enable").unwrap_or(false),
            is_password_skip: fields.boolean("is_password_skip").unwrap_or(false),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = target_faults(&self.email, &self.test_id);
        faults.extend(refuse_known(&self.extra, &ASSIGN_NAMES));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.email]
    }

    fn repeat(&self) -> Repeat {
        // Section 8: without a mail a second assignment is not made (choice 17); with one the repeat would mail again (choice 38).
        if self.is_mail_enable { Repeat::WithoutMail } else { Repeat::Freely }
    }

    fn asks_for_mail(&self) -> bool {
        self.is_mail_enable
    }

    fn without_mail(&self) -> Self {
        AssignTest { is_mail_enable: false, ..self.clone() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        // Both flags always go, so that no default of the platform matters (section 3.1).
        let body = Body {
            email: self.email.trim(),
            test_id: &self.test_id,
            is_mail_enable: flag(self.is_mail_enable),
            is_password_skip: flag(self.is_password_skip),
        };
        json_request(base, http::Method::POST, Self::PATH, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<Assigned, Error> {
        let (result, mut body) = reply::success(response)?;
        let (code, msg) = reply::words(&mut body, "success");
        Ok(Assigned { result, code, msg, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        served::read_assign(request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Assigned, _dialect: &Dialect) -> Response {
        served::write(reply.code.as_deref(), reply.msg.as_deref().unwrap_or(ASSIGNED))
    }
}

impl Call for DeassignTest {
    type Reply = Deassigned;
    const NAME: &'static str = "think_exam.deassign_test";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/deassignTest";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.2, documented",
        query: "",
        body: crate::engine::Shape::Written("{email: text, testId: text|integer}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success"|"SUCCESS", success: {code?: text|integer, msg?: text,
            message?: text}}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        DeassignTest {
            email: fields.text("email").unwrap_or_default(),
            test_id: fields.id_text("test_id").unwrap_or_default(),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = target_faults(&self.email, &self.test_id);
        faults.extend(refuse_known(&self.extra, &DEASSIGN_NAMES));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.email]
    }

    fn repeat(&self) -> Repeat {
        // Section 8: the end state is the same.
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let body = Body { email: self.email.trim(), test_id: &self.test_id, is_mail_enable: None, is_password_skip: None };
        json_request(base, http::Method::POST, Self::PATH, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<Deassigned, Error> {
        let (result, mut body) = reply::success(response)?;
        let (code, msg) = reply::words(&mut body, "success");
        Ok(Deassigned { result, code, msg, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        served::read_deassign(request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Deassigned, _dialect: &Dialect) -> Response {
        served::write(reply.code.as_deref(), reply.msg.as_deref().unwrap_or(DEASSIGNED))
    }
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
pub(super) mod served {
    use super::{ASSIGNED, AssignTest, Assigned, DEASSIGNED, DeassignTest, Deassigned, Dialect, Map, Request, Response, Serialize};
    use crate::platform::think_exam::reply::served as answer;

    impl Assigned {
        /// The sandbox's side: the one documented success.
        #[must_use]
        pub fn documented() -> Self {
            Assigned { result: "success".into(), code: Some("200".into()), msg: Some(ASSIGNED.into()), extra: Map::new() }
        }
    }

    impl Deassigned {
        /// The sandbox's side: the one documented success.
        #[must_use]
        pub fn documented() -> Self {
            Deassigned { result: "success".into(), code: Some("200".into()), msg: Some(DEASSIGNED.into()), extra: Map::new() }
        }
    }

    /// Choice 9: the first missing field answers, in the order of the documented body.
    pub(super) fn read_assign(request: &Request, dialect: &Dialect) -> Result<AssignTest, Response> {
        let mut body = answer::object(request)?;
        let email = answer::needed(dialect, &mut body, "email")?;
        let test_id = answer::test_id(dialect, &mut body)?;
        let is_mail_enable = answer::flag(dialect, &mut body, "isMailEnable")?;
        let is_password_skip = answer::flag(dialect, &mut body, "isPasswordSkip")?;
        Ok(AssignTest { email, test_id, is_mail_enable, is_password_skip, extra: body })
    }

    pub(super) fn read_deassign(request: &Request, dialect: &Dialect) -> Result<DeassignTest, Response> {
        let mut body = answer::object(request)?;
        let email = answer::needed(dialect, &mut body, "email")?;
        let test_id = answer::test_id(dialect, &mut body)?;
        Ok(DeassignTest { email, test_id, extra: body })
    }

    pub(in crate::platform::think_exam) fn write(code: Option<&str>, msg: &str) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            result: &'static str,
            success: Words<'a>,
        }
        #[derive(Serialize)]
        struct Words<'a> {
            code: &'a str,
            msg: &'a str,
        }
        crate::http::json_response(200, &Body { result: "success", success: Words { code: code.unwrap_or("200"), msg } })
    }
}
