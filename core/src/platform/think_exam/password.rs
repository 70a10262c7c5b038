//! Change a candidate's password. Reference: section 3.6.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::assign::address_fault;
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, Secret, wire};

/// The text of a changed password (section 2.2; misspelling and small `s` are the platform's).
pub const PASSWORD_CHANGED: &str = "Password change successfull.";

/// The method of [`ChangeStudentPassword`]: GET is published, and may be a slip (choice 28).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordMethod {
    /// GET with a body, as published.
    #[default]
    Get,
    /// POST.
    Post,
}

/// How [`ChangeStudentPassword`] writes the passwords; which of them the platform expects is not published (choice 29).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordEncoding {
    /// As they are.
    #[default]
    Plain,
    /// Base64, standard alphabet, padded, as in [`super::CheckLogin`].
    Base64,
}

impl PasswordMethod {
    const WORDS: [(&str, PasswordMethod); 2] = [("get", PasswordMethod::Get), ("post", PasswordMethod::Post)];
}

impl PasswordEncoding {
    const WORDS: [(&str, PasswordEncoding); 2] = [("plain", PasswordEncoding::Plain), ("base64", PasswordEncoding::Base64)];

    fn write(self, password: &Secret) -> Secret {
        match self {
            PasswordEncoding::Plain => password.clone(),
            PasswordEncoding::Base64 => Secret::new(STANDARD.encode(password.expose())),
        }
    }
}

/// `GET /api/v1/changeStudentPassword`, with a body (section 3.6, published).
///
/// ```
/// use bidden::{BaseUrl, Call, Secret, think_exam};
/// let call = think_exam::ChangeStudentPassword::new("ada@example.com", Secret::new("old"), Secret::new("new"));
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(request.method(), "GET");
/// assert_eq!(request.body(), br#"{"email":"ada@example.com","oldPassword":"old","newPassword":"new"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct ChangeStudentPassword {
    /// The candidate's address.
    pub email: String,
    /// The password that holds.
    #[serde(serialize_with = "reply::expose_one")]
    pub old_password: Secret,
    /// The password that is to hold.
    #[serde(serialize_with = "reply::expose_one")]
    pub new_password: Secret,
    /// The method.
    pub method: PasswordMethod,
    /// How the passwords are written.
    pub password_encoding: PasswordEncoding,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl ChangeStudentPassword {
    /// A change as it is published: by GET, in plain text.
    #[must_use]
    pub fn new(email: impl Into<String>, old_password: Secret, new_password: Secret) -> Self {
        ChangeStudentPassword {
            email: email.into(),
            old_password,
            new_password,
            method: PasswordMethod::Get,
            password_encoding: PasswordEncoding::Plain,
            extra: Map::new(),
        }
    }
}

impl fmt::Debug for ChangeStudentPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChangeStudentPassword")
            .field("method", &self.method)
            .field("password_encoding", &self.password_encoding)
            .finish_non_exhaustive()
    }
}

/// The answer to [`ChangeStudentPassword`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PasswordChanged {
    /// The platform's word, `success`.
    pub result: String,
    /// The platform's code, `200`.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// The body, in the published order.
#[derive(Serialize)]
struct Body<'a> {
    email: &'a str,
    #[serde(rename = "oldPassword")]
    old_password: &'a str,
    #[serde(rename = "newPassword")]
    new_password: &'a str,
}

const NAMES: [&str; 3] = ["email", "oldPassword", "newPassword"];

impl Call for ChangeStudentPassword {
    type Reply = PasswordChanged;
    const NAME: &'static str = "think_exam.change_student_password";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/v1/changeStudentPassword";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.6, published",
        query: "",
        body: crate::engine::Shape::Written("{email: text, oldPassword: text, newPassword: text}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success"|"SUCCESS", success: {code?: text|integer, msg?: text,
            message?: text}}"#,
        ),
    };

    fn takes_method(method: &str) -> bool {
        // Choice 28: the sandbox takes both.
        matches!(method, "GET" | "POST")
    }

    fn read(fields: &mut Fields) -> Self {
        let secret = |text: Option<String>| Secret::new(text.unwrap_or_default());
        ChangeStudentPassword {
            email: fields.text("email").unwrap_or_default(),
            old_password: secret(fields.text("old_password")),
            new_password: secret(fields.text("new_password")),
            method: fields.word("method", &PasswordMethod::WORDS).unwrap_or_default(),
            password_encoding: fields.word("password_encoding", &PasswordEncoding::WORDS).unwrap_or_default(),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = address_fault("email", &self.email).into_iter().collect();
        for (field, password) in [("old_password", &self.old_password), ("new_password", &self.new_password)] {
            if password.expose().trim().is_empty() {
                faults.push(FieldError::new(field, "is missing"));
            }
        }
        faults.extend(refuse_known(&self.extra, &NAMES));
        faults
    }

    fn is_change(&self) -> bool {
        true
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.email]
    }

    fn repeat(&self) -> Repeat {
        // Section 8: the old password may already be gone.
        Repeat::Never
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let (old, new) = (self.password_encoding.write(&self.old_password), self.password_encoding.write(&self.new_password));
        let body = Body { email: self.email.trim(), old_password: old.expose(), new_password: new.expose() };
        let method = match self.method {
            PasswordMethod::Get => http::Method::GET,
            PasswordMethod::Post => http::Method::POST,
        };
        json_request(base, method, Self::PATH, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<PasswordChanged, Error> {
        let (result, mut body) = reply::success(response)?;
        let (code, msg) = reply::words(&mut body, "success");
        Ok(PasswordChanged { result, code, msg, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        use reply::served as answer;
        let mut body = answer::object(request)?;
        let mut read = |name: &str| answer::text(&mut body, name);
        let (email, old, new) = (read("email")?, read("oldPassword")?, read("newPassword")?);
        // Choice 30.
        let (Some(email), Some(old), Some(new)) = (email, old, new) else { return Err(answer::went_wrong(dialect)) };
        let is_encoded = dialect.think_exam.password_encoding == "base64";
        let password = |text: String| if is_encoded { super::login::decoded(&text) } else { Some(Secret::new(text)) };
        let (Some(old_password), Some(new_password)) = (password(old), password(new)) else { return Err(answer::went_wrong(dialect)) };
        Ok(ChangeStudentPassword {
            email,
            old_password,
            new_password,
            method: if request.method() == http::Method::POST { PasswordMethod::Post } else { PasswordMethod::Get },
            password_encoding: if is_encoded { PasswordEncoding::Base64 } else { PasswordEncoding::Plain },
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &PasswordChanged, _dialect: &Dialect) -> Response {
        super::assign::served::write(reply.code.as_deref(), reply.msg.as_deref().unwrap_or(PASSWORD_CHANGED))
    }
}
