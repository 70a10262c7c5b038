//! Register candidates, or log them in. Reference: section 3.3.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Kind, Platform, Secret, wire};

/// The text for a new candidate (section 2.2; the misspelling is the platform's).
pub const REGISTERED: &str = "Registration Successfull.";

/// The text for a known candidate (section 2.2, published for one candidate, our choice for many).
pub const LOGGED_IN: &str = "Login Successfull.";

/// The picture of a candidate without one (section 2.2, documented).
pub const DEFAULT_PICTURE: &str = "https://gw-thinksaasmerged-deploy.s3-ap-south-1.amazonaws.com/student/assets6/image/profile.png";

/// Longer texts are refused: no limit is published, and no field of a person needs more (choice 23).
const LONGEST_TEXT: usize = 10_000;

/// `POST /api/v1/bulkCandidateRegister` (section 3.3, documented): a bare array on the wire. It assigns no test.
///
/// ```
/// use bidden::{BaseUrl, Call, think_exam};
/// let ada = think_exam::Registration { course_name: Some("CE104".into()), ..think_exam::Registration::new("Ada Lovelace", "ada@example.com") };
/// let call = think_exam::BulkCandidateRegister { candidates: vec![ada] };
/// let request = call.to_request(&BaseUrl::parse("https://think-exam.example")?)?;
/// assert_eq!(request.body(), br#"[{"name":"Ada Lovelace","email":"ada@example.com","courseName":"CE104"}]"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BulkCandidateRegister {
    /// Who is registered; at least one.
    pub candidates: Vec<Registration>,
}

/// One candidate of [`BulkCandidateRegister`]. All of it is text whose form is not published (choice 23).
#[derive(Clone, PartialEq, Default, Serialize)]
pub struct Registration {
    /// The full name, required.
    pub name: String,
    /// Comes back as `enrollment_no`; made by the platform when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_number: Option<String>,
    /// The address, required: it decides between registration and login.
    pub email: String,
    /// The password, sent as plain text.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "reply::expose")]
    pub password: Option<Secret>,
    /// The mobile number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// The gender; values are not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// The date of birth; its form is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dob: Option<String>,
    /// The course. A course is no test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course_name: Option<String>,
    /// First extra value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra1: Option<String>,
    /// Second extra value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra2: Option<String>,
    /// Third extra value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra3: Option<String>,
    /// The picture: an address, base64 or a data URI; which is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_pic: Option<String>,
    /// The sandbox's side: code and text of what is wrong with this element of a batch, answered in its place (choice 12).
    #[cfg(feature = "engine")]
    #[doc(hidden)]
    #[serde(skip)]
    pub fault: Option<(String, String)>,
}

impl Registration {
    /// A candidate with what is required.
    #[must_use]
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Registration { name: name.into(), email: email.into(), ..Registration::default() }
    }

    fn read(fields: &mut Fields) -> Self {
        let shared = Registration::read_shared(fields);
        Registration { extra1: fields.text("extra1"), extra2: fields.text("extra2"), extra3: fields.text("extra3"), ..shared }
    }

    /// What a registration of one shares with one of many (section 3.4).
    pub(super) fn read_shared(fields: &mut Fields) -> Self {
        Registration {
            name: fields.text("name").unwrap_or_default(),
            enrollment_number: fields.id_text("enrollment_number"),
            email: fields.text("email").unwrap_or_default(),
            password: fields.text("password").map(Secret::new),
            mobile: fields.id_text("mobile"),
            gender: fields.text("gender"),
            dob: fields.text("dob"),
            course_name: fields.text("course_name"),
            profile_pic: fields.text("profile_pic"),
            ..Registration::default()
        }
    }

    /// The faults of this candidate, each with the bare name of its field.
    pub(super) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() {
            faults.push(("name", "is missing; Think Exam requires it"));
        }
        if self.email.trim().is_empty() {
            faults.push(("email", "is missing; Think Exam requires it"));
        } else if let Some(reason) = email_fault(self.email.trim()) {
            faults.push(("email", reason));
        }
        // A picture may be a data URI of any length.
        let texts = [
            ("name", Some(self.name.as_str())),
            ("enrollment_number", self.enrollment_number.as_deref()),
            ("password", self.password.as_ref().map(Secret::expose)),
            ("mobile", self.mobile.as_deref()),
            ("gender", self.gender.as_deref()),
            ("dob", self.dob.as_deref()),
            ("course_name", self.course_name.as_deref()),
            ("extra1", self.extra1.as_deref()),
            ("extra2", self.extra2.as_deref()),
            ("extra3", self.extra3.as_deref()),
        ];
        let too_long = texts.iter().filter(|(_, text)| text.is_some_and(|text| text.len() > LONGEST_TEXT));
        faults.extend(too_long.map(|(field, _)| (*field, "is longer than 10,000 bytes")));
        faults
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Registration").field("course_name", &self.course_name).finish_non_exhaustive()
    }
}

/// The answer to [`BulkCandidateRegister`]. Only the position ties an element to a candidate; when the numbers differ,
/// nothing can be told (section 3.3).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Registered {
    /// The platform's outer word, `Success`.
    pub result: String,
    /// What came of each candidate.
    pub candidates: Vec<RegisteredCandidate>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// What came of one candidate: registered, logged in, or an error of its own.
#[derive(Clone, PartialEq, Serialize)]
pub struct RegisteredCandidate {
    /// The platform's word, `success` or `error`.
    pub result: String,
    /// The platform's code; a success has none.
    pub code: Option<String>,
    /// The platform's text.
    pub msg: Option<String>,
    /// The platform's id of the candidate.
    pub student_id: Option<i64>,
    /// The enrolment number, given or made.
    pub enrollment_no: Option<String>,
    /// The address of the picture.
    pub profile_pic: Option<String>,
    /// A credential of the candidate: opaque, never decoded, never kept.
    #[serde(serialize_with = "reply::expose")]
    pub laravel_token: Option<Secret>,
    /// Members that bidden does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl RegisteredCandidate {
    /// Whether the candidate is registered now, be it by this call or before.
    #[must_use]
    pub fn is_success(&self) -> bool {
        reply::is_success(&self.result)
    }

    /// Whether the candidate was known before: the platform speaks of a login.
    #[must_use]
    pub fn is_login(&self) -> bool {
        self.is_success() && self.msg.as_deref().is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("login"))
    }

    /// The platform's refusal of this candidate, `rejected`; `None` for a success.
    ///
    /// ```
    /// use bidden::{Call, think_exam, Kind};
    /// let call = think_exam::BulkCandidateRegister { candidates: vec![think_exam::Registration::new("Ada", "ada@example.com")] };
    /// let text = r#"{"responseArray":[{"result":"error","error":{"code":"3023","msg":"name should not be blank"}}],"result":"Success"}"#;
    /// let registered = call.read_reply(&bidden::http::Response::new(text.into()))?;
    /// let error = registered.candidates[0].error().ok_or("an error is expected")?;
    /// assert_eq!((error.kind(), error.platform_code()), (Kind::Rejected, Some("3023")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        if self.is_success() {
            return None;
        }
        let error = reply::rejection(Kind::Rejected, self.code.clone(), self.msg.clone());
        Some(error.in_operation(BulkCandidateRegister::PLATFORM, BulkCandidateRegister::NAME))
    }

    /// Reads one element of `responseArray`; `None` when it is none.
    fn read(element: Value) -> Option<Self> {
        let Value::Object(mut element) = element else { return None };
        let result = wire::take_text(&mut element, "result")?;
        Some(RegisteredCandidate::read_members(result, element))
    }

    /// Reads what stands beside `result`.
    pub(super) fn read_members(result: String, mut element: Map<String, Value>) -> Self {
        let member = if reply::is_success(&result) { "success" } else { "error" };
        let (code, msg) = reply::words(&mut element, member);
        let mut data = match wire::take(&mut element, "data") {
            Some(Value::Object(data)) => data,
            _ => Map::new(),
        };
        let candidate = RegisteredCandidate {
            result,
            code,
            msg,
            student_id: wire::take_text(&mut data, "studentId").and_then(|id| id.trim().parse().ok()),
            enrollment_no: wire::take_text(&mut data, "enrollmentNo"),
            profile_pic: wire::take_text(&mut data, "profilePic"),
            laravel_token: wire::take_text(&mut element, "laravelToken")
                .or_else(|| wire::take_text(&mut element, "LARAVEL_TOKEN"))
                .map(Secret::new),
            extra: Map::new(),
        };
        if !data.is_empty() {
            element.insert("data".into(), Value::Object(data));
        }
        RegisteredCandidate { extra: element, ..candidate }
    }
}

impl fmt::Debug for RegisteredCandidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RegisteredCandidate")
            .field("result", &self.result)
            .field("code", &self.code)
            .field("student_id", &self.student_id)
            .finish_non_exhaustive()
    }
}

/// One element of the body, in the sample's order.
#[derive(Serialize)]
pub(super) struct Element<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrollment_number: Option<&'a str>,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dob: Option<&'a str>,
    #[serde(rename = "courseName", skip_serializing_if = "Option::is_none")]
    course_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra3: Option<&'a str>,
    #[serde(rename = "profilePic", skip_serializing_if = "Option::is_none")]
    profile_pic: Option<&'a str>,
}

impl<'a> From<&'a Registration> for Element<'a> {
    fn from(candidate: &'a Registration) -> Self {
        Element {
            name: &candidate.name,
            enrollment_number: candidate.enrollment_number.as_deref(),
            email: candidate.email.trim(),
            password: candidate.password.as_ref().map(Secret::expose),
            mobile: candidate.mobile.as_deref(),
            gender: candidate.gender.as_deref(),
            dob: candidate.dob.as_deref(),
            course_name: candidate.course_name.as_deref(),
            extra1: candidate.extra1.as_deref(),
            extra2: candidate.extra2.as_deref(),
            extra3: candidate.extra3.as_deref(),
            profile_pic: candidate.profile_pic.as_deref(),
        }
    }
}

impl Call for BulkCandidateRegister {
    type Reply = Registered;
    const NAME: &'static str = "think_exam.bulk_candidate_register";
    const PLATFORM: Platform = Platform::ThinkExam;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/v1/bulkCandidateRegister";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 3.3, documented",
        query: "",
        body: crate::engine::Shape::Written(
            "[{name: text, email: text, enrollment_number?: text, password?: text, mobile?: text,
            gender?: text, dob?: text, courseName?: text, profilePic?: text, extra1?: text, extra2?: text, extra3?: text}]",
        ),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            r#"{responseArray: [{result: "success", success: {msg: text},
            data: {studentId: integer|null, enrollmentNo: text|null, profilePic: text|null}, laravelToken: text}|
            {result: "error", error: {code: text, msg: text}}], result: "Success"|"success"}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        BulkCandidateRegister { candidates: fields.list("candidates", Registration::read).unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        if self.candidates.is_empty() {
            return vec![FieldError::new("candidates", "at least one candidate is expected")];
        }
        let of_each = self.candidates.iter().enumerate();
        of_each
            .flat_map(|(index, candidate)| {
                let faults = candidate.faults();
                faults.into_iter().map(move |(field, reason)| FieldError::new(format!("candidates[{index}].{field}"), reason))
            })
            .collect()
    }

    fn addresses(&self) -> Vec<&str> {
        self.candidates.iter().map(|candidate| candidate.email.as_str()).collect()
    }

    fn repeat(&self) -> Repeat {
        // Section 8: "register or log in" is documented, so the second answer is a login; no mail is documented.
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let elements: Vec<Element<'_>> = self.candidates.iter().map(Element::from).collect();
        json_request(base, http::Method::POST, Self::PATH, wire::body(&elements, &Map::new()))
    }

    fn read_reply(&self, response: &Response) -> Result<Registered, Error> {
        let (result, mut body) = reply::success(response)?;
        let Some(Value::Array(elements)) = wire::take(&mut body, "responseArray") else {
            return Err(wire::malformed(response, "it has no responseArray"));
        };
        let candidates: Option<Vec<_>> = elements.into_iter().map(RegisteredCandidate::read).collect();
        let Some(candidates) = candidates else {
            return Err(wire::malformed(response, "an element of responseArray has no result"));
        };
        Ok(Registered { result, candidates, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        served::read(request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Registered, _dialect: &Dialect) -> Response {
        served::write(reply)
    }
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
pub(super) mod served {
    use super::{
        BulkCandidateRegister, Dialect, Map, REGISTERED, Registered, RegisteredCandidate, Registration, Request, Response, Secret,
        Serialize, Value,
    };
    use crate::platform::think_exam::reply::served as answer;

    impl Registered {
        /// The sandbox's side: the answer to a batch, with the outer `Success`.
        #[must_use]
        pub fn documented(candidates: Vec<RegisteredCandidate>) -> Self {
            Registered { result: "Success".into(), candidates, extra: Map::new() }
        }
    }

    /// Choice 12: the first element at fault refuses all, in the order of the documented body, unless a switch lets each have its
    /// own answer.
    pub(super) fn read(request: &Request, dialect: &Dialect) -> Result<BulkCandidateRegister, Response> {
        let Value::Array(elements) = answer::body(request)? else { return Err(answer::something_went_wrong(400)) };
        let candidates: Result<Vec<_>, Response> = elements.into_iter().map(|candidate| element(candidate, dialect)).collect();
        Ok(BulkCandidateRegister { candidates: candidates? })
    }

    fn element(element: Value, dialect: &Dialect) -> Result<Registration, Response> {
        let Value::Object(mut element) = element else { return Err(answer::something_went_wrong(400)) };
        // Choice 11: an absent key is 3084, a blank or null one 3023.
        let (mut registration, fault) = registration(&mut element, dialect, dialect.think_exam.absent_field_code)?;
        registration.extra1 = answer::text(&mut element, "extra1")?;
        registration.extra2 = answer::text(&mut element, "extra2")?;
        registration.extra3 = answer::text(&mut element, "extra3")?;
        match fault {
            Some((code, msg)) if !dialect.think_exam.bulk_partial => Err(answer::refusal(dialect, &code, &msg)),
            fault => Ok(Registration { fault, ..registration }),
        }
    }

    /// What bulk and single registration share, and the fault of the first required field that has one.
    pub(in crate::platform::think_exam) fn registration(
        element: &mut Map<String, Value>,
        dialect: &Dialect,
        absent_code: &str,
    ) -> Result<(Registration, Option<(String, String)>), Response> {
        let mut fault = None;
        let mut required = |element: &mut Map<String, Value>, name: &str| {
            let is_given = element.contains_key(name);
            let text = answer::text(element, name)?;
            if text.is_none() {
                let code = if is_given { "3023" } else { absent_code };
                let ending = if code == "3084" { "not exist." } else { "should not be blank" };
                fault.get_or_insert_with(|| (code.to_owned(), format!("{} {ending}", answer::shown(dialect, name))));
            }
            Ok(text.unwrap_or_default())
        };
        let name = required(element, "name")?;
        let email = required(element, "email")?;
        let registration = Registration {
            enrollment_number: answer::text(element, "enrollment_number")?,
            password: answer::text(element, "password")?.map(Secret::new),
            mobile: answer::text(element, "mobile")?,
            gender: answer::text(element, "gender")?,
            dob: answer::text(element, "dob")?,
            course_name: answer::text(element, "courseName")?,
            profile_pic: answer::text(element, "profilePic")?,
            ..Registration::new(name, email)
        };
        Ok((registration, fault))
    }

    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(rename = "responseArray")]
        response_array: Vec<Element<'a>>,
        result: &'a str,
    }

    #[derive(Serialize)]
    #[serde(untagged)]
    pub(in crate::platform::think_exam) enum Element<'a> {
        Success(Success<'a>),
        Error(answer::Refusal<'a>),
    }

    #[derive(Serialize)]
    pub(in crate::platform::think_exam) struct Success<'a> {
        result: &'static str,
        success: Words<'a>,
        data: Data<'a>,
        #[serde(rename = "laravelToken")]
        laravel_token: &'a str,
    }

    /// A success of registration has no code (section 3.3).
    #[derive(Serialize)]
    struct Words<'a> {
        msg: &'a str,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Data<'a> {
        student_id: Option<i64>,
        enrollment_no: Option<&'a str>,
        profile_pic: Option<&'a str>,
    }

    pub(super) fn write(reply: &Registered) -> Response {
        let response_array = reply.candidates.iter().map(write_element).collect();
        crate::http::json_response(200, &Body { response_array, result: &reply.result })
    }

    pub(in crate::platform::think_exam) fn write_element(candidate: &RegisteredCandidate) -> Element<'_> {
        if !candidate.is_success() {
            return Element::Error(answer::Refusal::new(
                candidate.code.as_deref().unwrap_or_default(),
                candidate.msg.as_deref().unwrap_or_default(),
            ));
        }
        Element::Success(Success {
            result: "success",
            success: Words { msg: candidate.msg.as_deref().unwrap_or(REGISTERED) },
            data: Data {
                student_id: candidate.student_id,
                enrollment_no: candidate.enrollment_no.as_deref(),
                profile_pic: candidate.profile_pic.as_deref(),
            },
            laravel_token: candidate.laravel_token.as_ref().map(Secret::expose).unwrap_or_default(),
        })
    }
}
