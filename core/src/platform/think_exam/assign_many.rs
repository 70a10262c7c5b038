//! Assign a test to many candidates at once. Reference: section 3.5.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::assign::{address_fault, flag, test_fault};
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, wire};

/// `POST /api/v1/assignTestMultiCandidates` (section 3.5, published). The answer says nothing of a single candidate, so a part
/// that failed cannot be seen: [`super::AssignTest`], once per candidate, is what the operations use.
///
/// ```
/// use bidden::{BaseUrl, Call, think_exam};
/// let call = think_exam::AssignTestMultiCandidates::new(["ada@example.com", "alan@example.com"], "41");
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(
///     request.body(),
///     br#"{"email":["ada@example.com","alan@example.com"],"testId":"41","isMailEnable":"0","isPasswordSkip":"0"}"#
/// );
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct AssignTestMultiCandidates {
    /// The candidates' addresses; at least one.
    pub email: Vec<String>,
    /// The test, opaque text.
    pub test_id: String,
    /// Whether the platform mails the candidates. Always sent.
    pub is_mail_enable: bool,
    /// Passed through; its meaning is not published (choice 21). Always sent.
    pub is_password_skip: bool,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl AssignTestMultiCandidates {
    /// An assignment that mails nobody.
    #[must_use]
    pub fn new<T: Into<String>>(email: impl IntoIterator<Item = T>, test_id: impl Into<String>) -> Self {
        AssignTestMultiCandidates {
            email: email.into_iter().map(Into::into).collect(),
            test_id: test_id.into(),
            is_mail_enable: false,
            is_password_skip: false,
            extra: Map::new(),
        }
    }
}

impl fmt::Debug for AssignTestMultiCandidates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssignTestMultiCandidates")
            .field("candidates", &self.email.len())
            .field("test_id", &self.test_id)
            .field("is_mail_enable", &self.is_mail_enable)
            .finish_non_exhaustive()
    }
}

/// The answer to [`AssignTestMultiCandidates`]: one for all, and nothing of any candidate.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AssignedMany {
    /// The platform's word, `success`.
    pub result: String,
    /// The platform's code, `200`.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

#[cfg(feature = "engine")]
impl AssignedMany {
    /// The sandbox's side: the one published success.
    #[must_use]
    pub fn documented() -> Self {
        AssignedMany { result: "success".into(), code: Some("200".into()), msg: Some(super::ASSIGNED.into()), extra: Map::new() }
    }
}

/// The body, in the published order.
#[derive(Serialize)]
struct Body<'a> {
    email: Vec<&'a str>,
    #[serde(rename = "testId")]
    test_id: &'a str,
    #[serde(rename = "isMailEnable")]
    is_mail_enable: Option<&'static str>,
    #[serde(rename = "isPasswordSkip")]
    is_password_skip: Option<&'static str>,
}

const NAMES: [&str; 4] = ["email", "testId", "isMailEnable", "isPasswordSkip"];

impl Call for AssignTestMultiCandidates {
    type Reply = AssignedMany;
    const NAME: &'static str = "think_exam.assign_test_multi_candidates";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/assignTestMultiCandidates";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.5, published",
        query: "",
        body: crate::engine::Shape::Written(
            r#"{email: [text], testId: text|integer, isMailEnable?: "0"|"1"|0|1,
            isPasswordSkip?: "0"|"1"|0|1}"#,
        ),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success"|"SUCCESS", success: {code?: text|integer, msg?: text,
            message?: text}}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        AssignTestMultiCandidates {
            email: fields.texts("email").unwrap_or_default(),
            test_id: fields.id_text("test_id").unwrap_or_default(),
            is_mail_enable: fields.boolean("is_mail_enable").unwrap_or(false),
            is_password_skip: fields.boolean("is_password_skip").unwrap_or(false),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.email.is_empty() {
            faults.push(FieldError::new("email", "at least one address is expected"));
        }
        faults.extend(self.email.iter().enumerate().filter_map(|(index, email)| address_fault(&format!("email[{index}]"), email)));
        faults.extend(test_fault(&self.test_id));
        faults.extend(refuse_known(&self.extra, &NAMES));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        self.email.iter().map(String::as_str).collect()
    }

    fn repeat(&self) -> Repeat {
        // Section 8: as a single assignment, only without a mail.
        if self.is_mail_enable { Repeat::WithoutMail } else { Repeat::Freely }
    }

    fn asks_for_mail(&self) -> bool {
        self.is_mail_enable
    }

    fn without_mail(&self) -> Self {
        AssignTestMultiCandidates { is_mail_enable: false, ..self.clone() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let body = Body {
            email: self.email.iter().map(|email| email.trim()).collect(),
            test_id: &self.test_id,
            is_mail_enable: flag(self.is_mail_enable),
            is_password_skip: flag(self.is_password_skip),
        };
        json_request(base, http::Method::POST, Self::PATH, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<AssignedMany, Error> {
        let (result, mut body) = reply::success(response)?;
        let (code, msg) = reply::words(&mut body, "success");
        Ok(AssignedMany { result, code, msg, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        use reply::served as answer;
        let mut body = answer::object(request)?;
        let email = match body.remove("email") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => {
                let texts: Option<Vec<String>> = entries.into_iter().map(|entry| entry.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| answer::something_went_wrong(400))?
            }
            Some(_) => return Err(answer::something_went_wrong(400)),
        };
        // Choice 13; a blank address is as good as none (choice 10).
        let has_blank = email.iter().any(|email| email.trim().is_empty());
        if email.is_empty() || (has_blank && dialect.think_exam.blank_is_missing) {
            return Err(answer::required(dialect, "email"));
        }
        let test_id = answer::test_id(dialect, &mut body)?;
        let is_mail_enable = answer::flag(dialect, &mut body, "isMailEnable")?;
        let is_password_skip = answer::flag(dialect, &mut body, "isPasswordSkip")?;
        Ok(AssignTestMultiCandidates { email, test_id, is_mail_enable, is_password_skip, extra: body })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &AssignedMany, _dialect: &Dialect) -> Response {
        super::assign::served::write(reply.code.as_deref(), reply.msg.as_deref().unwrap_or(super::ASSIGNED))
    }
}
