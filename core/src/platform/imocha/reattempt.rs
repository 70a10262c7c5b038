//! Allow a candidate another attempt. Reference: section 9.

use serde::Serialize;
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{AccessWindow, Error, FieldError, Kind, Platform, Time, wire};

/// `POST /v3/invitations/{testInvitationId}/reattempt` (section 9, published). After a finished attempt a new invitation
/// with a new id; while one is untaken, that one comes back with the window replaced; while one runs, `refused`.
///
/// ```
/// use bidden::{BaseUrl, Call, Time, imocha};
/// let call = imocha::Reattempt {
///     start_date_time: Some(Time::parse("2026-03-01T09:00:00Z")?),
///     end_date_time: Some(Time::parse("2026-03-08T09:00:00Z")?),
///     time_zone_id: Some(1720),
///     ..imocha::Reattempt::new(2807324)
/// };
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/invitations/2807324/reattempt");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct Reattempt {
    /// Any invitation of the chain, a positive number.
    pub test_invitation_id: i64,
    /// Start of the access window, whole seconds; required (choice 10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<Time>,
    /// End of the access window, whole seconds; required (choice 10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_time: Option<Time>,
    /// The zone in which the invitation is used (section 20); required (choice 10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone_id: Option<i64>,
    /// Where the platform posts its callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Where the browser goes after the test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// Skips the instruction page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_instruction: Option<bool>,
    /// Whether the platform mails the invitation. Always sent, `no` unless asked.
    pub send_email: bool,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Reattempt {
    /// Another attempt, with nothing but the invitation.
    #[must_use]
    pub fn new(test_invitation_id: i64) -> Self {
        Reattempt {
            test_invitation_id,
            start_date_time: None,
            end_date_time: None,
            time_zone_id: None,
            callback_url: None,
            redirect_url: None,
            hide_instruction: None,
            send_email: false,
            extra: Map::new(),
        }
    }
}

/// The answer to [`Reattempt`]. It has no status: what comes back can be started within the window that was sent.
#[derive(Clone, PartialEq, Serialize)]
pub struct Reattempted {
    /// The id of the attempt that can be taken: a new one after a finished attempt.
    pub test_invitation_id: i64,
    /// What the candidate opens. Opaque: keep it whole.
    pub test_url: Option<String>,
    /// Where callbacks are posted.
    pub callback_url_registered: Option<String>,
    /// Where the browser goes after the test.
    pub redirect_url_registered: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// Shows the invitation only.
impl std::fmt::Debug for Reattempt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reattempt").field("test_invitation_id", &self.test_invitation_id).finish_non_exhaustive()
    }
}

/// Shows the id only: the URL is a key to the test.
impl std::fmt::Debug for Reattempted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reattempted").field("test_invitation_id", &self.test_invitation_id).finish_non_exhaustive()
    }
}

/// The body, in the spelling and order of the reference's table.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    #[serde(rename = "hideInstruction", skip_serializing_if = "Option::is_none")]
    hide_instruction: Option<u8>,
    #[serde(rename = "sendEmail")]
    send_email: &'static str,
}

const WIRE_NAMES: [&str; 7] = ["StartDateTime", "EndDateTime", "TimeZoneId", "CallbackUrl", "RedirectUrl", "hideInstruction", "sendEmail"];

impl Call for Reattempt {
    type Reply = Reattempted;
    const NAME: &'static str = "imocha.reattempt";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/invitations/{test_invitation_id}/reattempt";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 9, published",
        query: "",
        body: crate::engine::Shape::Written(
            r#"{StartDateTime?: text, EndDateTime?: text, TimeZoneId?: integer,
            CallbackUrl?: text, RedirectUrl?: text, hideInstruction?: 0|1, sendEmail?: "yes"|"no"}"#,
        ),
        statuses: &[200, 201],
        answer: crate::engine::Shape::Written(
            "{testInvitationId: integer, testUrl?: text|null,
            callbackUrlRegistered?: text|null, redirectUrlRegistered?: text|null}",
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        Reattempt {
            test_invitation_id: fields.integer("test_invitation_id").unwrap_or(0),
            start_date_time: fields.time("start_date_time"),
            end_date_time: fields.time("end_date_time"),
            time_zone_id: fields.integer("time_zone_id"),
            callback_url: fields.text("callback_url"),
            redirect_url: fields.text("redirect_url"),
            hide_instruction: fields.boolean("hide_instruction"),
            send_email: fields.boolean("send_email").unwrap_or(false),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = super::id_fault("test_invitation_id", self.test_invitation_id).into_iter().collect();
        let mut fault = |field: &str, reason: &str| faults.push(FieldError::new(field, reason));
        // Choice 10: which fields are required is not documented; these are never invented.
        for (field, is_missing) in [
            ("start_date_time", self.start_date_time.is_none()),
            ("end_date_time", self.end_date_time.is_none()),
            ("time_zone_id", self.time_zone_id.is_none()),
        ] {
            if is_missing {
                fault(field, "is missing; a reattempt needs its window and zone");
            }
        }
        if let Some(reason) = (AccessWindow { start: self.start_date_time, end: self.end_date_time }).fault() {
            fault("end_date_time", &reason);
        }
        for (field, url) in [("callback_url", &self.callback_url), ("redirect_url", &self.redirect_url)] {
            if url.as_deref().is_some_and(|url| !crate::http::is_web_address(url)) {
                fault(field, super::WEB_ADDRESS);
            }
        }
        faults.extend(refuse_known(&self.extra, &WIRE_NAMES));
        faults
    }

    fn repeat(&self) -> Repeat {
        // Section 21a: the latest untaken child comes back (section 9, published), and no mail must go out twice.
        if self.send_email { Repeat::WithoutMail } else { Repeat::Freely }
    }

    fn asks_for_mail(&self) -> bool {
        self.send_email
    }

    fn without_mail(&self) -> Self {
        Reattempt { send_email: false, ..self.clone() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let body = Body {
            start_date_time: self.start_date_time.map(Time::to_rfc3339_seconds),
            end_date_time: self.end_date_time.map(Time::to_rfc3339_seconds),
            time_zone_id: self.time_zone_id,
            callback_url: self.callback_url.as_deref(),
            redirect_url: self.redirect_url.as_deref(),
            hide_instruction: self.hide_instruction.map(u8::from),
            send_email: if self.send_email { "yes" } else { "no" },
        };
        let path = format!("/v3/invitations/{}/reattempt", self.test_invitation_id);
        json_request(base, http::Method::POST, &path, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<Reattempted, Error> {
        let mut body = reply::success(response).map_err(|error| {
            // Whether the status is 400 or 403 is not documented, so the text decides (choices 9 and 35).
            let says = error.platform_message().unwrap_or_default().to_ascii_lowercase();
            let is_known =
                error.kind() == Kind::Rejected && (says.contains("inprogress state") || says.contains("reattempt is not allowed"));
            if is_known { reply::of_kind(response, Kind::Refused) } else { error }
        })?;
        Ok(Reattempted {
            test_invitation_id: reply::take_id(&mut body, response)?,
            test_url: wire::take_text(&mut body, "testUrl"),
            callback_url_registered: wire::take_text(&mut body, "callbackUrlRegistered"),
            redirect_url_registered: wire::take_text(&mut body, "redirectUrlRegistered"),
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        use super::request;
        let switches = &dialect.imocha;
        let mut call = Reattempt::new(request::id(Reattempt::PATH, request, super::NO_INVITATION)?);
        let (mut body, mut errors) = (request::object(request)?, Vec::new());
        (call.start_date_time, call.end_date_time) = request::window(&mut body, ["StartDateTime", "EndDateTime"], switches, &mut errors);
        call.time_zone_id = request::time_zone(&mut body, "TimeZoneId", switches, &mut errors);
        call.callback_url = request::text(&mut body, "CallbackUrl");
        call.redirect_url = request::text(&mut body, "RedirectUrl");
        call.hide_instruction = request::flag(&mut body, "hideInstruction", switches, &mut errors);
        call.send_email = request::is_yes(&mut body, "sendEmail", switches, &mut errors);
        call.extra = body;
        // Choice 10: none is required unless the switch says so.
        if switches.reattempt_requires_window && errors.is_empty() {
            let missing = [
                ("StartDateTime", call.start_date_time.is_none()),
                ("EndDateTime", call.end_date_time.is_none()),
                ("TimeZoneId", call.time_zone_id.is_none()),
            ];
            errors.extend(missing.iter().filter(|(_, is)| *is).map(|(name, _)| format!("'{name}' must not be empty. (sandbox)")));
        }
        if errors.is_empty() { Ok(call) } else { Err(reply::refusal(400, &errors)) }
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Reattempted, dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_invitation_id: i64,
            test_url: Option<&'a str>,
            callback_url_registered: Option<&'a str>,
            redirect_url_registered: Option<&'a str>,
        }
        let body = Body {
            test_invitation_id: reply.test_invitation_id,
            test_url: reply.test_url.as_deref(),
            callback_url_registered: reply.callback_url_registered.as_deref(),
            redirect_url_registered: reply.redirect_url_registered.as_deref(),
        };
        // Choice 9.
        crate::http::json_response(super::request::status(dialect.imocha.reattempt_success_status), &body)
    }
}
