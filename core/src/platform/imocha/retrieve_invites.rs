//! Retrieve invitations that are over. Reference: section 12.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, json_request, with_query};
use crate::{AccessWindow, Error, FieldError, Platform, Status, Time, wire};

/// Which invitations are listed (section 12, published). There is no word for pending or in progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InviteState {
    /// Completed, left and terminated.
    Completed,
    /// Cancelled.
    Cancelled,
    /// Not taken in time.
    Expired,
}

impl InviteState {
    /// The words of the wire.
    pub const WORDS: [(&str, InviteState); 3] =
        [("completed", InviteState::Completed), ("cancelled", InviteState::Cancelled), ("expired", InviteState::Expired)];

    /// The word of the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        InviteState::WORDS[self as usize].0
    }

    /// Whether the list of this state shows invitations that stand so.
    #[must_use]
    pub fn covers(self, status: Status) -> bool {
        match self {
            InviteState::Completed => matches!(status, Status::Complete | Status::TestLeft | Status::Terminated),
            InviteState::Cancelled => status == Status::Cancelled,
            InviteState::Expired => status == Status::Expired,
        }
    }
}

impl Serialize for InviteState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// `POST /v3/candidates/testattempts?state=…` (section 12, published): the invitations that came to a state within a window.
///
/// ```
/// use bidden::{BaseUrl, Call, Time, imocha};
/// let (start, end) = (Time::parse("2026-03-01T00:00:00Z")?, Time::parse("2026-04-01T00:00:00Z")?);
/// let call = imocha::RetrieveInvites::new(imocha::InviteState::Cancelled, start, end);
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().query(), Some("state=cancelled"));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RetrieveInvites {
    /// Which invitations; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<InviteState>,
    /// Start of the window, whole seconds; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<Time>,
    /// End of the window, whole seconds; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_time: Option<Time>,
    /// Only those of one test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_id: Option<i64>,
}

impl RetrieveInvites {
    /// The invitations of all tests that came to a state within a window.
    #[must_use]
    pub fn new(state: InviteState, start: Time, end: Time) -> Self {
        RetrieveInvites { state: Some(state), start_date_time: Some(start), end_date_time: Some(end), test_id: None }
    }
}

/// The answer to [`RetrieveInvites`].
#[derive(Clone, PartialEq, Serialize)]
pub struct RetrievedInvites {
    /// The invitations, in the platform's order.
    pub test_attempts: Vec<RetrievedInvite>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// One invitation of [`RetrievedInvites`].
#[derive(Clone, PartialEq, Serialize)]
pub struct RetrievedInvite {
    /// The id of the attempt.
    pub test_invitation_id: i64,
    /// The test.
    pub test_id: Option<i64>,
    /// The candidate's full name.
    pub name: Option<String>,
    /// The candidate's address.
    pub email: Option<String>,
    /// `api` or `app`.
    pub invitation_type: Option<String>,
    /// Where the invitation stands.
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// Shows how many there are.
impl std::fmt::Debug for RetrievedInvites {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RetrievedInvites").field("test_attempts", &self.test_attempts.len()).finish_non_exhaustive()
    }
}

/// Shows id and status only: no name, no address.
impl std::fmt::Debug for RetrievedInvite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.test_invitation_id;
        formatter.debug_struct("RetrievedInvite").field("test_invitation_id", id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// The body, in the spelling and order of the reference.
#[derive(Serialize)]
struct Body {
    #[serde(rename = "StartDateTime")]
    start_date_time: Option<String>,
    #[serde(rename = "EndDateTime")]
    end_date_time: Option<String>,
    #[serde(rename = "testId", skip_serializing_if = "Option::is_none")]
    test_id: Option<i64>,
}

impl Call for RetrieveInvites {
    type Reply = RetrievedInvites;
    const NAME: &'static str = "imocha.retrieve_invites";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/candidates/testattempts";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 12, published",
        query: r#"state?: "completed"|"cancelled"|"expired""#,
        body: crate::engine::Shape::Written("{StartDateTime: text, EndDateTime: text, testId?: integer}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            "{result: {testAttempts: [{testInvitationId: integer, testId?: integer|null,
            name?: text|null, email?: text|null, invitationtype?: text|null, testStatus?: text, teststatus?: text}]}|null,
            errors: null}",
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        RetrieveInvites {
            state: fields.word("state", &InviteState::WORDS),
            start_date_time: fields.time("start_date_time"),
            end_date_time: fields.time("end_date_time"),
            test_id: fields.integer("test_id"),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: &str| faults.push(FieldError::new(field, reason));
        if self.state.is_none() {
            // The platform's default is not documented (choice 24).
            fault("state", "is missing; completed, cancelled or expired is expected");
        }
        if self.start_date_time.is_none() {
            fault("start_date_time", "is missing");
        }
        if self.end_date_time.is_none() {
            fault("end_date_time", "is missing");
        }
        if let Some(reason) = (AccessWindow { start: self.start_date_time, end: self.end_date_time }).fault() {
            fault("end_date_time", &reason);
        }
        faults.extend(self.test_id.and_then(|id| super::id_fault("test_id", id)));
        faults
    }

    fn is_change(&self) -> bool {
        false
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let body = Body {
            start_date_time: self.start_date_time.map(Time::to_rfc3339_seconds),
            end_date_time: self.end_date_time.map(Time::to_rfc3339_seconds),
            test_id: self.test_id,
        };
        let path = with_query(RetrieveInvites::PATH, &[("state", self.state.map(|state| state.word().to_owned()))]);
        json_request(base, http::Method::POST, &path, wire::body(&body, &Map::new()))
    }

    fn read_reply(&self, response: &Response) -> Result<RetrievedInvites, Error> {
        // Clients take it as "no results" (section 12, observed in public clients; choice 24).
        if response.status() == http::StatusCode::NOT_FOUND {
            return Ok(RetrievedInvites { test_attempts: Vec::new(), extra: Map::new() });
        }
        let (result, mut body) = reply::result(response)?;
        let attempts = match result {
            None => None,
            Some(Value::Object(mut result)) => {
                let attempts = wire::take(&mut result, "testAttempts");
                body.extend(result);
                attempts
            }
            Some(_) => return Err(reply::lacks(response, "result.testAttempts")),
        };
        let test_attempts = match attempts {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => entries.into_iter().map(|entry| retrieved(entry, response)).collect::<Result<_, _>>()?,
            Some(_) => return Err(reply::lacks(response, "list result.testAttempts")),
        };
        Ok(RetrievedInvites { test_attempts, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        served::read(request)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &RetrievedInvites, dialect: &Dialect) -> Response {
        served::write(reply, dialect)
    }
}

fn retrieved(entry: Value, response: &Response) -> Result<RetrievedInvite, Error> {
    let Value::Object(mut entry) = entry else {
        return Err(reply::lacks(response, "object in result.testAttempts"));
    };
    let test_invitation_id = reply::take_id(&mut entry, response)?;
    let (status, platform_status) = reply::take_status(&mut entry, "testStatus");
    Ok(RetrievedInvite {
        test_invitation_id,
        test_id: wire::take_integer(&mut entry, "testId"),
        name: wire::take_text(&mut entry, "name"),
        email: wire::take_text(&mut entry, "email"),
        invitation_type: wire::take_text(&mut entry, "invitationtype"),
        status,
        platform_status,
        extra: entry,
    })
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
mod served {
    use super::super::request;
    use super::{Dialect, InviteState, Request, Response, RetrieveInvites, RetrievedInvites, Serialize, Time, Value, wire};

    /// Sent with 401, as the page says (section 12, published).
    const BAD_DATES: &str = "Date & time is not invalid or incorrect format";

    fn refusal(text: &str) -> Response {
        super::reply::validation_refusal(&[text])
    }

    pub(super) fn read(request: &Request) -> Result<RetrieveInvites, Response> {
        // Choice 24: completed when it is left out.
        let state = match crate::http::query_value(request, "state").as_deref() {
            None | Some("") => InviteState::Completed,
            Some(word) => match InviteState::WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)) {
                Some((_, state)) => *state,
                None => return Err(refusal("state is not completed, cancelled or expired. (sandbox)")),
            },
        };
        // A body that cannot be read has no dates either.
        let mut body = request::object(request).map_err(|_| refusal(BAD_DATES))?;
        let mut date = |name: &str| -> Option<Time> { request::read_date(request::text(&mut body, name)?.trim()) };
        let (Some(start), Some(end)) = (date("StartDateTime"), date("EndDateTime")) else {
            return Err(refusal(BAD_DATES));
        };
        let mut call = RetrieveInvites::new(state, start, end);
        call.test_id = match wire::take(&mut body, "testId") {
            None | Some(Value::Null) => None,
            Some(value) => match value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()) {
                Some(id) => Some(id),
                None => return Err(refusal("testId is not an integer. (sandbox)")),
            },
        };
        Ok(call)
    }

    pub(super) fn write(reply: &RetrievedInvites, dialect: &Dialect) -> Response {
        // Choice 24: clients take 404 as "no results" (section 12, observed in public clients).
        if reply.test_attempts.is_empty() && dialect.imocha.testattempts_empty == "not-found" {
            return super::reply::refusal(404, &["No test attempts found. (sandbox)"]);
        }
        let is_observed = dialect.imocha.testattempts_spelling == "observed";
        #[derive(Serialize)]
        struct Body<'a> {
            result: Outcome<'a>,
            errors: Option<()>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Outcome<'a> {
            test_attempts: Vec<Attempt<'a>>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Attempt<'a> {
            test_invitation_id: i64,
            test_id: Option<i64>,
            name: Option<&'a str>,
            email: Option<&'a str>,
            #[serde(rename = "invitationtype")]
            invitation_type: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            test_status: Option<&'a str>,
            // Choice 5: what one client reads.
            #[serde(rename = "teststatus", skip_serializing_if = "Option::is_none")]
            observed: Option<&'a str>,
        }
        let test_attempts = reply
            .test_attempts
            .iter()
            .map(|attempt| Attempt {
                test_invitation_id: attempt.test_invitation_id,
                test_id: attempt.test_id,
                name: attempt.name.as_deref(),
                email: attempt.email.as_deref(),
                invitation_type: attempt.invitation_type.as_deref(),
                test_status: attempt.platform_status.as_deref().filter(|_| !is_observed),
                observed: attempt.platform_status.as_deref().filter(|_| is_observed),
            })
            .collect();
        crate::http::json_response(200, &Body { result: Outcome { test_attempts }, errors: None })
    }
}
