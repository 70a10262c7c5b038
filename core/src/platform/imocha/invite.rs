//! Invite a candidate through the test's default link. Reference: section 7.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{AccessWindow, Error, FieldError, Platform, Status, Time, wire};

/// How the candidate is watched (section 7, documented; the wire name has a capital P).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProctoringMode {
    /// Not at all.
    Disabled,
    /// By pictures.
    Image,
    /// By video.
    Video,
}

impl ProctoringMode {
    /// The words of the wire.
    pub const WORDS: [(&str, ProctoringMode); 3] =
        [("disabled", ProctoringMode::Disabled), ("image", ProctoringMode::Image), ("video", ProctoringMode::Video)];

    /// The word of the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        ProctoringMode::WORDS[self as usize].0
    }
}

impl Serialize for ProctoringMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(feature = "engine")]
impl<'de> serde::Deserialize<'de> for ProctoringMode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let found = ProctoringMode::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, mode)| *mode).ok_or_else(|| serde::de::Error::custom("disabled, image or video is expected"))
    }
}

/// `POST /v3/tests/{testId}/invite` (section 7, documented). An upsert keyed by the test's default link and the e-mail.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::Invite { name: Some("Ada Lovelace".into()), ..imocha::Invite::new(292930, "ada@example.com") };
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/tests/292930/invite");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct Invite {
    /// The test, a positive number.
    pub test_id: i64,
    /// The candidate's address; may be left out only under `disable_mandatory_fields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The candidate's full name; may be left out only under `disable_mandatory_fields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the platform posts its callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Where the browser goes after the test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The platform makes random values for an e-mail and a name that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_mandatory_fields: Option<bool>,
    /// Skips the instruction page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_instruction: Option<bool>,
    /// Whether the platform mails the invitation. Always sent, `no` unless asked.
    pub send_email: bool,
    /// Comma-separated addresses told of completion, or `disable`; absent means the default link's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stakeholder_emails: Option<String>,
    /// Start of the access window, whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<Time>,
    /// End of the access window, whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_time: Option<Time>,
    /// The zone in which the invitation is used (section 20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone_id: Option<i64>,
    /// How the candidate is watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proctoring_mode: Option<ProctoringMode>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Invite {
    /// An invitation to a test, with nothing but the address.
    #[must_use]
    pub fn new(test_id: i64, email: impl Into<String>) -> Self {
        Invite { email: Some(email.into()), ..Invite::empty(test_id) }
    }

    fn empty(test_id: i64) -> Self {
        Invite {
            test_id,
            email: None,
            name: None,
            callback_url: None,
            redirect_url: None,
            disable_mandatory_fields: None,
            hide_instruction: None,
            send_email: false,
            stakeholder_emails: None,
            start_date_time: None,
            end_date_time: None,
            time_zone_id: None,
            proctoring_mode: None,
            extra: Map::new(),
        }
    }

    /// The settings of an invitation, out of what the sandbox kept of the call that made it.
    #[cfg(feature = "engine")]
    pub(crate) fn of_details(details: &str) -> Self {
        Fields::parse(details).map_or_else(|_| Invite::empty(0), |mut fields| Invite::read(&mut fields))
    }

    /// The body of the request.
    pub(super) fn body(&self) -> Vec<u8> {
        let body = Body {
            email: self.email.as_deref().map(str::trim),
            name: self.name.as_deref(),
            callback_url: self.callback_url.as_deref(),
            redirect_url: self.redirect_url.as_deref(),
            disable_mandatory_fields: self.disable_mandatory_fields.map(u8::from),
            hide_instruction: self.hide_instruction.map(u8::from),
            send_email: if self.send_email { "yes" } else { "no" },
            // The literal that turns these mails off (section 7) has one spelling.
            stakeholder_emails: self.stakeholder_emails.as_deref().map(|text| if is_disable(text) { "disable" } else { text }),
            start_date_time: self.start_date_time.map(Time::to_rfc3339_seconds),
            end_date_time: self.end_date_time.map(Time::to_rfc3339_seconds),
            time_zone_id: self.time_zone_id,
            proctoring_mode: self.proctoring_mode,
        };
        wire::body(&body, &self.extra)
    }

    fn makes_values(&self) -> bool {
        self.disable_mandatory_fields == Some(true)
    }
}

/// The answer to [`Invite`].
#[derive(Clone, PartialEq, Serialize)]
pub struct Invited {
    /// The id of the attempt.
    pub test_invitation_id: i64,
    /// What the candidate opens. Opaque: keep it whole.
    pub test_url: Option<String>,
    /// Where the invitation stands; unknown when the platform does not say (older answers have no status).
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl Invited {
    /// Reads the answer of either way to invite.
    pub(super) fn read(response: &Response) -> Result<Self, Error> {
        let mut body = reply::success(response)?;
        let test_invitation_id = reply::take_id(&mut body, response)?;
        let (status, platform_status) = reply::take_status(&mut body, "status");
        Ok(Invited { test_invitation_id, test_url: wire::take_text(&mut body, "testUrl"), status, platform_status, extra: body })
    }
}

/// Shows the test only: no name, no address.
impl std::fmt::Debug for Invite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Invite").field("test_id", &self.test_id).finish_non_exhaustive()
    }
}

/// Shows id and status only: the URL is a key to the test.
impl std::fmt::Debug for Invited {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.test_invitation_id;
        formatter.debug_struct("Invited").field("test_invitation_id", id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// The body, in the order of the reference's sample.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(rename = "callbackUrl", skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
    #[serde(rename = "redirectUrl", skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    #[serde(rename = "disableMandatoryFields", skip_serializing_if = "Option::is_none")]
    disable_mandatory_fields: Option<u8>,
    #[serde(rename = "hideInstruction", skip_serializing_if = "Option::is_none")]
    hide_instruction: Option<u8>,
    #[serde(rename = "sendEmail")]
    send_email: &'static str,
    #[serde(rename = "stakeholderEmails", skip_serializing_if = "Option::is_none")]
    stakeholder_emails: Option<&'a str>,
    #[serde(rename = "startDateTime", skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(rename = "endDateTime", skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    #[serde(rename = "timeZoneId", skip_serializing_if = "Option::is_none")]
    time_zone_id: Option<i64>,
    #[serde(rename = "ProctoringMode", skip_serializing_if = "Option::is_none")]
    proctoring_mode: Option<ProctoringMode>,
}

const WIRE_NAMES: [&str; 12] = [
    "email",
    "name",
    "callbackUrl",
    "redirectUrl",
    "disableMandatoryFields",
    "hideInstruction",
    "sendEmail",
    "stakeholderEmails",
    "startDateTime",
    "endDateTime",
    "timeZoneId",
    "ProctoringMode",
];

impl Call for Invite {
    type Reply = Invited;
    const NAME: &'static str = "imocha.invite";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/tests/{test_id}/invite";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 7, documented",
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
        Invite {
            test_id: fields.integer("test_id").unwrap_or(0),
            email: fields.text("email"),
            name: fields.text("name"),
            callback_url: fields.text("callback_url"),
            redirect_url: fields.text("redirect_url"),
            disable_mandatory_fields: fields.boolean("disable_mandatory_fields"),
            hide_instruction: fields.boolean("hide_instruction"),
            send_email: fields.boolean("send_email").unwrap_or(false),
            stakeholder_emails: fields.text_or_list("stakeholder_emails", ","),
            start_date_time: fields.time("start_date_time"),
            end_date_time: fields.time("end_date_time"),
            time_zone_id: fields.integer("time_zone_id"),
            proctoring_mode: fields.word("proctoring_mode", &ProctoringMode::WORDS),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = super::id_fault("test_id", self.test_id).into_iter().collect();
        let mut fault = |field: &str, reason: &str| faults.push(FieldError::new(field, reason));
        match self.email.as_deref().map(str::trim) {
            None | Some("") if self.makes_values() => {}
            None | Some("") => fault("email", "is missing; iMocha requires it unless disable_mandatory_fields is set"),
            Some(email) => {
                if let Some(reason) = email_fault(email) {
                    fault("email", reason);
                }
            }
        }
        if self.name.as_deref().is_none_or(|name| name.trim().is_empty()) && !self.makes_values() {
            fault("name", "is missing; iMocha requires it unless disable_mandatory_fields is set");
        }
        for (field, url) in [("callback_url", &self.callback_url), ("redirect_url", &self.redirect_url)] {
            if url.as_deref().is_some_and(|url| !crate::http::is_web_address(url)) {
                fault(field, super::WEB_ADDRESS);
            }
        }
        if let Some(reason) = self.stakeholder_emails.as_deref().and_then(stakeholder_fault) {
            fault("stakeholder_emails", reason);
        }
        if let Some(reason) = (AccessWindow { start: self.start_date_time, end: self.end_date_time }).fault() {
            fault("end_date_time", &reason);
        }
        faults.extend(refuse_known(&self.extra, &WIRE_NAMES));
        faults
    }

    fn repeat(&self) -> Repeat {
        // Section 21a: without a mail and with an e-mail, the same invitation is documented to come back.
        if self.email.is_none() {
            Repeat::Never
        } else if self.send_email {
            Repeat::WithoutMail
        } else {
            Repeat::Freely
        }
    }

    fn asks_for_mail(&self) -> bool {
        self.send_email
    }

    fn addresses(&self) -> Vec<&str> {
        self.email.as_deref().into_iter().collect()
    }

    fn without_mail(&self) -> Self {
        Invite { send_email: false, ..self.clone() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        json_request(base, http::Method::POST, &format!("/v3/tests/{}/invite", self.test_id), self.body())
    }

    fn read_reply(&self, response: &Response) -> Result<Invited, Error> {
        Invited::read(response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let test_id = super::request::id(Invite::PATH, request, super::NO_TEST)?;
        served::read(test_id, request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Invited, dialect: &Dialect) -> Response {
        served::write(reply, dialect)
    }
}

fn is_disable(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("disable")
}

/// Choice 41: a list that mixes `disable` with addresses is refused.
pub(super) fn stakeholder_fault(text: &str) -> Option<&'static str> {
    if is_disable(text) {
        return None;
    }
    let mut entries = text.split(',').map(str::trim);
    if text.trim().is_empty() {
        Some("comma-separated addresses, or disable, are expected")
    } else if entries.clone().any(|entry| entry.eq_ignore_ascii_case("disable")) {
        Some("disable cannot stand among addresses")
    } else if entries.any(|entry| email_fault(entry).is_some()) {
        Some("holds something that is not an e-mail address")
    } else {
        None
    }
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
pub(super) mod served {
    use super::super::request;
    use super::{Dialect, Invite, Invited, ProctoringMode, Request, Response, Serialize, email_fault, reply};

    /// Request keys are read in any letter case (choice 4); values outside an allowed set take the default (choice 39).
    pub(crate) fn read(test_id: i64, request: &Request, dialect: &Dialect) -> Result<Invite, Response> {
        let mut body = request::object(request)?;
        let mut errors = Vec::new();
        let switches = &dialect.imocha;
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let mut call = Invite {
            email: filled(request::text(&mut body, "email")),
            name: filled(request::text(&mut body, "name")),
            callback_url: request::text(&mut body, "callbackUrl"),
            redirect_url: request::text(&mut body, "redirectUrl"),
            ..Invite::empty(test_id)
        };
        let mut of_set = Vec::new();
        call.disable_mandatory_fields = request::flag(&mut body, "disableMandatoryFields", switches, &mut of_set);
        call.hide_instruction = request::flag(&mut body, "hideInstruction", switches, &mut of_set);
        call.send_email = request::is_yes(&mut body, "sendEmail", switches, &mut of_set);
        call.stakeholder_emails = request::text(&mut body, "stakeholderEmails");
        call.proctoring_mode = request::word(&mut body, "ProctoringMode", &ProctoringMode::WORDS, switches, &mut of_set);
        // Documented 400: both texts for an absent, null or blank e-mail, only the second for a malformed one.
        match &call.email {
            None if call.disable_mandatory_fields == Some(true) => {}
            None => errors.extend(["'Email' must not be empty.", "Email address is in invalid format"].map(str::to_owned)),
            Some(email) if email_fault(email.trim()).is_some() => errors.push("Email address is in invalid format".to_owned()),
            Some(_) => {}
        }
        if call.name.is_none() && call.disable_mandatory_fields != Some(true) {
            errors.push("'Name' must not be empty.".to_owned());
        }
        errors.append(&mut of_set);
        (call.start_date_time, call.end_date_time) = request::window(&mut body, ["startDateTime", "endDateTime"], switches, &mut errors);
        call.time_zone_id = request::time_zone(&mut body, "timeZoneId", switches, &mut errors);
        call.extra = body;
        if errors.is_empty() { Ok(call) } else { Err(reply::refusal(400, &errors)) }
    }

    pub(crate) fn write(reply: &Invited, dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_invitation_id: i64,
            test_url: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<&'a str>,
        }
        let status = reply.platform_status.as_deref().unwrap_or(reply.status.word());
        let body = Body {
            test_invitation_id: reply.test_invitation_id,
            test_url: reply.test_url.as_deref(),
            // Choice 2.
            status: (!dialect.imocha.invite_omit_status).then_some(status),
        };
        // Choice 1.
        crate::http::json_response(request::status(dialect.imocha.invite_success_status), &body)
    }
}
