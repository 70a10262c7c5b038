//! Log a candidate in, and get its tokens. Reference: section 4.1.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
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

/// The header that names the client's address (section 4.1, published; how it is sent is choice 41).
pub const CUSTOM_HEADER: &str = "custom-header";

/// The text of a login (section 2.2, published).
pub const LOGIN_SUCCESSFUL: &str = "Login successfully";

/// `POST /api/v1/checkLogin` (section 4.1, published). It is not signed: the candidate's own password is the credential.
///
/// ```
/// use bidden::{BaseUrl, Call, Secret, think_exam};
/// let call = think_exam::CheckLogin::new("ada@example.com", Secret::new("p4ssword"));
/// let request = call.to_request(&BaseUrl::parse("https://tenant.example")?)?;
/// assert_eq!(request.body(), br#"{"email":"ada@example.com","password":"cDRzc3dvcmQ="}"#);
/// assert_eq!(request.headers()[think_exam::CUSTOM_HEADER], r#"{"name":"tenant.example"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct CheckLogin {
    /// The candidate's address.
    pub email: String,
    /// The password as the candidate knows it; on the wire it is base64.
    #[serde(serialize_with = "reply::expose_one")]
    pub password: Secret,
    /// What the published header calls the client's URL; the host that is called when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_url: Option<String>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl CheckLogin {
    /// A login at the host that is called.
    #[must_use]
    pub fn new(email: impl Into<String>, password: Secret) -> Self {
        CheckLogin { email: email.into(), password, client_url: None, extra: Map::new() }
    }

    /// The header's value for a client's address; `None` when no header can carry it.
    fn header(client_url: &str) -> Option<HeaderValue> {
        let value = HeaderValue::from_str(&serde_json::json!({ "name": client_url }).to_string()).ok()?;
        (!client_url.chars().any(char::is_control)).then_some(value)
    }
}

impl fmt::Debug for CheckLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CheckLogin").field("client_url", &self.client_url).finish_non_exhaustive()
    }
}

/// The answer to [`CheckLogin`]. The tokens are credentials of the candidate: opaque, never decoded, never kept.
#[derive(Clone, PartialEq, Serialize)]
pub struct LoggedIn {
    /// The platform's word, `success`.
    pub result: String,
    /// The platform's code, `200`.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The course.
    pub course: Option<String>,
    /// The platform's id of the candidate.
    pub student_id: Option<i64>,
    /// `cbtName`; its meaning is not published.
    pub cbt_name: Option<String>,
    /// `sectorId`; its meaning is not published.
    pub sector_id: Option<i64>,
    /// The enrolment number.
    pub enrollment_no: Option<String>,
    /// The address of the picture.
    pub profile_pic: Option<String>,
    /// Where the candidate is logged in by itself: it ends with the access token, so it is a secret too.
    #[serde(serialize_with = "reply::expose")]
    pub redirection_url: Option<Secret>,
    /// `isIHRPEnable`, 0 or 1; its meaning is not published.
    pub is_ihrp_enable: Option<i64>,
    /// `loginStatus`; seen as null only.
    pub login_status: Option<Value>,
    /// `isPhc`, 0 or 1; its meaning is not published.
    pub is_phc: Option<i64>,
    /// `ACCESS_TOKEN`.
    #[serde(serialize_with = "reply::expose")]
    pub access_token: Option<Secret>,
    /// `LARAVEL_TOKEN`.
    #[serde(serialize_with = "reply::expose")]
    pub laravel_token: Option<Secret>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoggedIn")
            .field("result", &self.result)
            .field("code", &self.code)
            .field("student_id", &self.student_id)
            .finish_non_exhaustive()
    }
}

/// The body, in the published order.
#[derive(Serialize)]
struct Body<'a> {
    email: &'a str,
    password: &'a str,
}

const NAMES: [&str; 2] = ["email", "password"];

impl Call for CheckLogin {
    type Reply = LoggedIn;
    const NAME: &'static str = "think_exam.check_login";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/checkLogin";
    const IS_SIGNED: bool = false;

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 4.1, published",
        query: "",
        body: crate::engine::Shape::Written("{email: text, password: text}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{result: "success", success: {message: text, code: integer},
            data: {name: text|null, email: text|null, course: text|null,
            studentId: integer|null, cbtName: text|null, sectorId: integer|null, enrollmentNo: text|null, profilePic: text|null,
            redirectionUrl: text|null, isIHRPEnable: integer|null, loginStatus: any, isPhc: integer|null},
            ACCESS_TOKEN: text, LARAVEL_TOKEN: text}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        CheckLogin {
            email: fields.text("email").unwrap_or_default(),
            password: Secret::new(fields.text("password").unwrap_or_default()),
            client_url: fields.text("client_url"),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = address_fault("email", &self.email).into_iter().collect();
        if self.password.expose().is_empty() {
            faults.push(FieldError::new("password", "is missing"));
        }
        if self.client_url.as_deref().is_some_and(|client_url| CheckLogin::header(client_url).is_none()) {
            faults.push(FieldError::new("client_url", "holds characters that no header can carry"));
        }
        faults.extend(refuse_known(&self.extra, &NAMES));
        faults
    }

    fn is_change(&self) -> bool {
        // A token is handed out; the candidate stays as it is.
        false
    }

    fn addresses(&self) -> Vec<&str> {
        vec![&self.email]
    }

    fn repeat(&self) -> Repeat {
        // Section 8.
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let encoded = Secret::new(STANDARD.encode(self.password.expose()));
        let body = Body { email: self.email.trim(), password: encoded.expose() };
        let mut request = json_request(base, http::Method::POST, Self::PATH, wire::body(&body, &self.extra))?;
        if let Some(value) = CheckLogin::header(self.client_url.as_deref().unwrap_or_else(|| base.host())) {
            request.headers_mut().insert(CUSTOM_HEADER, value);
        }
        Ok(request)
    }

    fn read_reply(&self, response: &Response) -> Result<LoggedIn, Error> {
        let (result, mut body) = reply::success(response)?;
        let (code, msg) = reply::words(&mut body, "success");
        let secret = |text: Option<String>| text.map(Secret::new);
        let access_token = secret(wire::take_text(&mut body, "ACCESS_TOKEN"));
        let laravel_token = secret(wire::take_text(&mut body, "LARAVEL_TOKEN").or_else(|| wire::take_text(&mut body, "laravelToken")));
        let mut data = match wire::take(&mut body, "data") {
            Some(Value::Object(data)) => data,
            _ => Map::new(),
        };
        let logged_in = LoggedIn {
            result,
            code,
            msg,
            name: wire::take_text(&mut data, "name"),
            email: wire::take_text(&mut data, "email"),
            course: wire::take_text(&mut data, "course"),
            student_id: wire::take_integer(&mut data, "studentId"),
            cbt_name: wire::take_text(&mut data, "cbtName"),
            sector_id: wire::take_integer(&mut data, "sectorId"),
            enrollment_no: wire::take_text(&mut data, "enrollmentNo"),
            profile_pic: wire::take_text(&mut data, "profilePic"),
            redirection_url: secret(wire::take_text(&mut data, "redirectionUrl")),
            is_ihrp_enable: wire::take_integer(&mut data, "isIHRPEnable"),
            login_status: wire::take(&mut data, "loginStatus").filter(|status| !status.is_null()),
            is_phc: wire::take_integer(&mut data, "isPhc"),
            access_token,
            laravel_token,
            extra: Map::new(),
        };
        if !data.is_empty() {
            body.insert("data".into(), Value::Object(data));
        }
        Ok(LoggedIn { extra: body, ..logged_in })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        served::read(request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &LoggedIn, _dialect: &Dialect) -> Response {
        served::write(reply)
    }
}

/// Base64 in the standard alphabet, padded or not, of UTF-8 text (choice 44).
#[cfg(feature = "engine")]
pub(super) fn decoded(text: &str) -> Option<Secret> {
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    String::from_utf8(bytes).ok().map(Secret::new)
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
pub(super) mod served {
    use serde::Serialize;
    use serde_json::Value;

    use super::{CUSTOM_HEADER, CheckLogin, LOGIN_SUCCESSFUL, LoggedIn};
    use crate::Secret;
    use crate::engine::Dialect;
    use crate::http::{Request, Response, json_response};
    use crate::platform::think_exam::reply::served as answer;

    /// The sandbox's side: the credentials do not match (choice 31).
    #[must_use]
    pub fn no_record() -> Response {
        let (code, msg) = answer::WENT_WRONG;
        json_response(200, &answer::Refusal::of("no_record", code, msg))
    }

    pub(super) fn read(request: &Request, dialect: &Dialect) -> Result<CheckLogin, Response> {
        let client_url = request.headers().get(CUSTOM_HEADER).and_then(|value| {
            let named: Value = serde_json::from_slice(value.as_bytes()).ok()?;
            named.get("name")?.as_str().map(str::to_owned)
        });
        // Choice 41.
        if client_url.is_none() && dialect.think_exam.require_custom_header {
            return Err(answer::went_wrong(dialect));
        }
        let mut body = answer::object(request)?;
        let (email, password) = (answer::text(&mut body, "email")?, answer::text(&mut body, "password")?);
        let (Some(email), Some(password)) = (email, password.and_then(|text| super::decoded(&text))) else { return Err(no_record()) };
        Ok(CheckLogin { email, password, client_url, extra: body })
    }

    #[derive(Serialize)]
    struct Body<'a> {
        result: &'static str,
        success: Words<'a>,
        data: Data<'a>,
        #[serde(rename = "ACCESS_TOKEN")]
        access_token: &'a str,
        #[serde(rename = "LARAVEL_TOKEN")]
        laravel_token: &'a str,
    }

    #[derive(Serialize)]
    struct Words<'a> {
        message: &'a str,
        code: u16,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Data<'a> {
        name: Option<&'a str>,
        email: Option<&'a str>,
        course: Option<&'a str>,
        student_id: Option<i64>,
        cbt_name: Option<&'a str>,
        sector_id: Option<i64>,
        enrollment_no: Option<&'a str>,
        profile_pic: Option<&'a str>,
        redirection_url: Option<&'a str>,
        #[serde(rename = "isIHRPEnable")]
        is_ihrp_enable: Option<i64>,
        login_status: Option<&'a Value>,
        is_phc: Option<i64>,
    }

    pub(super) fn write(reply: &LoggedIn) -> Response {
        let exposed = |secret: &'_ Option<Secret>| secret.as_ref().map(Secret::expose).unwrap_or_default().to_owned();
        let (access_token, laravel_token) = (exposed(&reply.access_token), exposed(&reply.laravel_token));
        let body = Body {
            result: "success",
            success: Words { message: reply.msg.as_deref().unwrap_or(LOGIN_SUCCESSFUL), code: 200 },
            data: Data {
                name: reply.name.as_deref(),
                email: reply.email.as_deref(),
                course: reply.course.as_deref(),
                student_id: reply.student_id,
                cbt_name: reply.cbt_name.as_deref(),
                sector_id: reply.sector_id,
                enrollment_no: reply.enrollment_no.as_deref(),
                profile_pic: reply.profile_pic.as_deref(),
                redirection_url: reply.redirection_url.as_ref().map(Secret::expose),
                is_ihrp_enable: reply.is_ihrp_enable,
                login_status: reply.login_status.as_ref(),
                is_phc: reply.is_phc,
            },
            access_token: &access_token,
            laravel_token: &laravel_token,
        };
        json_response(200, &body)
    }
}
