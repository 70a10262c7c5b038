//! Test links: the list, one, a new one. Reference: section 14.

use serde::Serialize;
use serde_json::{Map, Value};

use super::members::{Member, Wire, object, take};
use super::{ProctoringMode, reply};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, bare_request, json_request};
use crate::{AccessWindow, Error, FieldError, Platform, Time, wire};

/// The words of `testLinkStatus` (section 14, published).
pub const LINK_STATUSES: [&str; 2] = ["active", "inactive"];

/// The words of `invitationType` (section 14, published).
pub const INVITATION_TYPES: [&str; 2] = ["email", "open"];

/// The words of `scheduleType` (section 14, published).
pub const SCHEDULE_TYPES: [&str; 3] = ["validityindays", "timebound", "slotwise"];

object! {
    /// A test link (section 14, published). Words are kept as the platform writes them.
    TestLink {
        /// The link.
        test_link_id: i64 = "testLinkId",
        /// The test.
        test_id: i64 = "testId",
        /// What it is called.
        test_link_name: String = "testLinkName",
        /// Its access key.
        test_link: String = "testLink",
        /// `active` or `inactive`.
        test_link_status: String = "testLinkStatus",
        /// `email` or `open`.
        invitation_type: String = "invitationType",
        /// Whether it is the one that invites without a link go through.
        is_api_link: bool = "isApiLink",
        /// How candidates are watched.
        proctoring_settings: ProctoringSettings = "proctoringSettings",
        /// Comma-separated addresses told of completion.
        stakeholder_emails: String = "stakeholderEmails",
        /// When its invitations can be used.
        invitation_schedule: InvitationSchedule = "invitationSchedule",
    }
}

object! {
    /// How candidates of a link are watched.
    ProctoringSettings {
        /// `disabled`, `image` or `video`.
        proctoring_mode: String = "proctoringMode",
    }
}

object! {
    /// When the invitations of a link can be used.
    InvitationSchedule {
        /// `validityindays`, `timebound` or `slotwise`.
        schedule_type: String = "scheduleType",
        /// The numbers to it.
        schedule_details: ScheduleDetails = "scheduleDetails",
    }
}

object! {
    /// The numbers of a schedule.
    ScheduleDetails {
        /// From when, UTC.
        start_date_time: Time = "startDateTime",
        /// Until when, UTC.
        end_date_time: Time = "endDateTime",
        /// For how many days from the invitation; with `validityindays` only.
        invitation_validity_in_days: i64 = "invitationValidityInDays",
        /// The zone (section 20).
        time_zone_id: i64 = "timeZoneId",
    }
}

/// `GET /v3/tests/{testId}/testlinks` (section 14, published).
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let request = imocha::ListTestLinks { test_id: 303076 }.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/tests/303076/testlinks");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ListTestLinks {
    /// The test, a positive number.
    pub test_id: i64,
}

/// The answer to [`ListTestLinks`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TestLinks {
    /// The links, in the platform's order.
    pub test_links: Vec<TestLink>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl Call for ListTestLinks {
    type Reply = TestLinks;
    const NAME: &'static str = "imocha.list_test_links";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/tests/{test_id}/testlinks";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 14, published",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(&[("testLinks", crate::engine::Shape::List(&TestLink::SHAPE))], &crate::engine::Shape::Nothing),
    };

    fn read(fields: &mut Fields) -> Self {
        ListTestLinks { test_id: fields.integer("test_id").unwrap_or(0) }
    }

    fn faults(&self) -> Vec<FieldError> {
        super::id_fault("test_id", self.test_id).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &format!("/v3/tests/{}/testlinks", self.test_id))
    }

    fn read_reply(&self, response: &Response) -> Result<TestLinks, Error> {
        let mut body = reply::success(response)?;
        let test_links = take(&mut body, "testLinks").ok_or_else(|| reply::lacks(response, "testLinks"))?;
        Ok(TestLinks { test_links, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        Ok(ListTestLinks { test_id: super::request::id(ListTestLinks::PATH, request, super::NO_TEST)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TestLinks, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_links: Wire<'a, Vec<TestLink>>,
        }
        crate::http::json_response(200, &Body { test_links: Wire(&reply.test_links) })
    }
}

/// `GET /v3/tests/{testId}/testlinks/{testLinkId}` (section 14, published; no longer in the present menu).
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::FetchTestLink { test_id: 303076, test_link_id: 201044 };
/// assert_eq!(call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?.uri().path(), "/v3/tests/303076/testlinks/201044");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FetchTestLink {
    /// The test, a positive number.
    pub test_id: i64,
    /// The link, a positive number.
    pub test_link_id: i64,
}

/// The answer to [`FetchTestLink`].
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(transparent)]
pub struct FetchedTestLink(pub TestLink);

impl Call for FetchTestLink {
    type Reply = FetchedTestLink;
    const NAME: &'static str = "imocha.fetch_test_link";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/tests/{test_id}/testlinks/{test_link_id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 14, published",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: TestLink::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        FetchTestLink { test_id: fields.integer("test_id").unwrap_or(0), test_link_id: fields.integer("test_link_id").unwrap_or(0) }
    }

    fn faults(&self) -> Vec<FieldError> {
        [super::id_fault("test_id", self.test_id), super::id_fault("test_link_id", self.test_link_id)].into_iter().flatten().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &format!("/v3/tests/{}/testlinks/{}", self.test_id, self.test_link_id))
    }

    fn read_reply(&self, response: &Response) -> Result<FetchedTestLink, Error> {
        read_link(response).map(FetchedTestLink)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        Ok(FetchTestLink {
            test_id: super::request::id(FetchTestLink::PATH, request, super::NO_TEST)?,
            test_link_id: super::request::second_id(FetchTestLink::PATH, request, super::NO_TEST_LINK)?,
        })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &FetchedTestLink, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &Wire(&reply.0))
    }
}

/// `POST /v3/tests/{testId}/testlinks` (section 14, published; no longer in the present menu). A repeat makes another link, so a lost
/// answer is looked up in the list.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::CreateTestLink::new(303076, "Campus");
/// assert_eq!(call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?.body(), br#"{"testLinkName":"Campus"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct CreateTestLink {
    /// The test, a positive number.
    pub test_id: i64,
    /// What it is to be called; required (our choice).
    pub test_link_name: String,
    /// `active` or `inactive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_link_status: Option<String>,
    /// `email` or `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_type: Option<String>,
    /// How candidates are watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proctoring_settings: Option<ProctoringSettings>,
    /// Comma-separated addresses told of completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stakeholder_emails: Option<String>,
    /// When its invitations can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_schedule: Option<InvitationSchedule>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl CreateTestLink {
    /// A link with the account's settings.
    #[must_use]
    pub fn new(test_id: i64, test_link_name: impl Into<String>) -> Self {
        CreateTestLink {
            test_id,
            test_link_name: test_link_name.into(),
            test_link_status: None,
            invitation_type: None,
            proctoring_settings: None,
            stakeholder_emails: None,
            invitation_schedule: None,
            extra: Map::new(),
        }
    }
}

/// Shows the test only.
impl std::fmt::Debug for CreateTestLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CreateTestLink").field("test_id", &self.test_id).finish_non_exhaustive()
    }
}

/// The answer to [`CreateTestLink`]. It is not documented; read as the link itself (our choice), and what is missing is absent.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(transparent)]
pub struct CreatedTestLink(pub TestLink);

const WIRE_NAMES: [&str; 6] =
    ["testLinkName", "testLinkStatus", "invitationType", "proctoringSettings", "stakeholderEmails", "invitationSchedule"];

impl Call for CreateTestLink {
    type Reply = CreatedTestLink;
    const NAME: &'static str = "imocha.create_test_link";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/tests/{test_id}/testlinks";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 14, published",
        query: "",
        body: crate::engine::Shape::With(
            &[("testLinkName", crate::engine::Shape::Text)],
            &crate::engine::Shape::Members(&[
                ("testLinkStatus", crate::engine::Shape::Text),
                ("invitationType", crate::engine::Shape::Text),
                ("proctoringSettings", ProctoringSettings::SHAPE),
                ("stakeholderEmails", crate::engine::Shape::Text),
                ("invitationSchedule", InvitationSchedule::SHAPE),
            ]),
        ),
        statuses: &[201],
        answer: TestLink::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let details = |fields: &mut Fields| ScheduleDetails {
            start_date_time: fields.time("start_date_time"),
            end_date_time: fields.time("end_date_time"),
            invitation_validity_in_days: fields.integer("invitation_validity_in_days"),
            time_zone_id: fields.integer("time_zone_id"),
            extra: fields.object("extra").unwrap_or_default(),
        };
        CreateTestLink {
            test_id: fields.integer("test_id").unwrap_or(0),
            test_link_name: fields.text("test_link_name").unwrap_or_default(),
            test_link_status: fields.text("test_link_status"),
            invitation_type: fields.text("invitation_type"),
            proctoring_settings: fields.nested("proctoring_settings", |fields| ProctoringSettings {
                proctoring_mode: fields.text("proctoring_mode"),
                extra: fields.object("extra").unwrap_or_default(),
            }),
            stakeholder_emails: fields.text_or_list("stakeholder_emails", ","),
            invitation_schedule: fields.nested("invitation_schedule", |fields| InvitationSchedule {
                schedule_type: fields.text("schedule_type"),
                schedule_details: fields.nested("schedule_details", details),
                extra: fields.object("extra").unwrap_or_default(),
            }),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = super::id_fault("test_id", self.test_id).into_iter().collect();
        let mut fault = |field: &str, reason: String| faults.push(FieldError::new(field, reason));
        if self.test_link_name.trim().is_empty() {
            fault("test_link_name", "is missing".to_owned());
        }
        let mode = self.proctoring_settings.as_ref().and_then(|settings| settings.proctoring_mode.as_ref());
        let kind = self.invitation_schedule.as_ref().and_then(|schedule| schedule.schedule_type.as_ref());
        let modes = ProctoringMode::WORDS.map(|(word, _)| word);
        for (field, word, words) in [
            ("test_link_status", self.test_link_status.as_ref(), &LINK_STATUSES[..]),
            ("invitation_type", self.invitation_type.as_ref(), &INVITATION_TYPES[..]),
            ("proctoring_settings.proctoring_mode", mode, &modes[..]),
            ("invitation_schedule.schedule_type", kind, &SCHEDULE_TYPES[..]),
        ] {
            if word.is_some_and(|word| !words.contains(&word.as_str())) {
                fault(field, format!("one of {} is expected", words.join(", ")));
            }
        }
        if let Some(reason) = self.stakeholder_emails.as_deref().and_then(super::invite::stakeholder_fault) {
            fault("stakeholder_emails", reason.to_owned());
        }
        if let Some(schedule) = &self.invitation_schedule {
            if schedule.schedule_type.is_none() {
                fault("invitation_schedule.schedule_type", "is missing".to_owned());
            }
            let is_in_days = schedule.schedule_type.as_deref() == Some("validityindays");
            let details = schedule.schedule_details.clone().unwrap_or_default();
            let days = "invitation_schedule.schedule_details.invitation_validity_in_days";
            match details.invitation_validity_in_days {
                None if is_in_days => fault(days, "is missing; validityindays needs it".to_owned()),
                Some(number) if number < 1 => fault(days, "a positive number is expected".to_owned()),
                Some(_) if !is_in_days => fault(days, "goes with validityindays only".to_owned()),
                _ => {}
            }
            if let Some(reason) = (AccessWindow { start: details.start_date_time, end: details.end_date_time }).fault() {
                fault("invitation_schedule.schedule_details.end_date_time", reason);
            }
        }
        faults.extend(refuse_known(&self.extra, &WIRE_NAMES));
        faults
    }

    fn repeat(&self) -> Repeat {
        Repeat::Never
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_link_name: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            test_link_status: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            invitation_type: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            proctoring_settings: Option<Wire<'a, ProctoringSettings>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            stakeholder_emails: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            invitation_schedule: Option<Wire<'a, InvitationSchedule>>,
        }
        crate::call::refuse(self.faults())?;
        let body = Body {
            test_link_name: &self.test_link_name,
            test_link_status: self.test_link_status.as_deref(),
            invitation_type: self.invitation_type.as_deref(),
            proctoring_settings: self.proctoring_settings.as_ref().map(Wire),
            stakeholder_emails: self.stakeholder_emails.as_deref(),
            invitation_schedule: self.invitation_schedule.as_ref().map(Wire),
        };
        json_request(base, http::Method::POST, &format!("/v3/tests/{}/testlinks", self.test_id), wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<CreatedTestLink, Error> {
        read_link(response).map(CreatedTestLink)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        use super::request;
        let switches = &dialect.imocha;
        let mut call = CreateTestLink::new(request::id(CreateTestLink::PATH, request, super::NO_TEST)?, "");
        let (mut body, mut errors) = (request::object(request)?, Vec::new());
        call.test_link_name = request::text(&mut body, "testLinkName").unwrap_or_default();
        if call.test_link_name.trim().is_empty() {
            errors.push("'Test Link Name' must not be empty. (sandbox)".to_owned());
        }
        let words = |words: &[&'static str]| words.iter().map(|word| (*word, *word)).collect::<Vec<_>>();
        let word = |body: &mut Map<String, Value>, name: &str, known: &[&'static str], errors: &mut Vec<String>| {
            request::word(body, name, &words(known), switches, errors).map(str::to_owned)
        };
        call.test_link_status = word(&mut body, "testLinkStatus", &LINK_STATUSES, &mut errors);
        call.invitation_type = word(&mut body, "invitationType", &INVITATION_TYPES, &mut errors);
        if let Some(Value::Object(mut settings)) = wire::take(&mut body, "proctoringSettings") {
            let modes = ProctoringMode::WORDS.map(|(word, _)| word);
            let proctoring_mode = word(&mut settings, "proctoringMode", &modes, &mut errors);
            call.proctoring_settings = Some(ProctoringSettings { proctoring_mode, ..ProctoringSettings::default() });
        }
        call.stakeholder_emails = request::text(&mut body, "stakeholderEmails");
        if let Some(Value::Object(mut schedule)) = wire::take(&mut body, "invitationSchedule") {
            let schedule_type = word(&mut schedule, "scheduleType", &SCHEDULE_TYPES, &mut errors);
            let mut details = ScheduleDetails::default();
            if let Some(Value::Object(mut given)) = wire::take(&mut schedule, "scheduleDetails") {
                (details.start_date_time, details.end_date_time) =
                    request::window(&mut given, ["startDateTime", "endDateTime"], switches, &mut errors);
                details.invitation_validity_in_days = request::integer(&mut given, "invitationValidityInDays", &mut errors);
                details.time_zone_id = request::time_zone(&mut given, "timeZoneId", switches, &mut errors);
            }
            let schedule_details = Some(details);
            call.invitation_schedule = Some(InvitationSchedule { schedule_type, schedule_details, ..InvitationSchedule::default() });
        }
        call.extra = body;
        if errors.is_empty() { Ok(call) } else { Err(reply::refusal(400, &errors)) }
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &CreatedTestLink, _dialect: &Dialect) -> Response {
        // Not documented; 201 is "a new resource created" (section 5, published).
        crate::http::json_response(201, &Wire(&reply.0))
    }
}

/// The link that an answer is.
fn read_link(response: &Response) -> Result<TestLink, Error> {
    let body = reply::success(response)?;
    TestLink::read(&Value::Object(body)).ok_or_else(|| reply::lacks(response, "test link"))
}
