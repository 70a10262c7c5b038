//! Test sessions, which the platform calls test instances too: list, fetch, search, expand. Reference: section 5.3.

use serde::Serialize;
use serde_json::{Map, Number, Value};

#[cfg(feature = "engine")]
use super::body::Members;
use super::paging::{Asked, Pagination, filter_faults, limit_fault};
#[cfg(feature = "engine")]
use super::reply::Refusal;
use super::{Mode, id_fault, shape};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
#[cfg(feature = "engine")]
use crate::http::query_value;
use crate::http::{BaseUrl, Request, Response, bare_request, json_request, path, with_query};
use crate::{Error, FieldError, Platform, Time, wire};

words! {
    /// Where a test session stands (section 5.3, published).
    SessionStatus {
        /// It runs.
        Started = "STARTED",
        /// It is over.
        Complete = "COMPLETE",
        /// It was over and runs again.
        Resetup = "RESETUP",
    }
}

words! {
    /// What [`ExpandTestSession`] adds (section 5.3, published).
    Expansion {
        /// The test.
        Test = "test",
        /// The candidate's unique id.
        UniqId = "uniqId",
        /// What the session cost.
        CreditCost = "creditCost",
        /// The form that the candidate filled in before.
        RoomForm = "roomForm",
        /// The photo by which the candidate is identified.
        IdentityPhoto = "identityPhoto",
    }
}

shapes! {
    /// A test session of a candidate. What the platform does not tell is `None`; everything from `organization_id` on is told in mode
    /// detailed only, everything from `credit_cost` on by [`ExpandTestSession`] only.
    TestSession(
        /// The platform's id.
        test_instance_id = "testInstanceId"
    ) {
        /// The task.
        task_id: String = "taskId";
        /// The step of the task.
        step_id: String = "stepId";
        /// The candidate's id, in an older word.
        ticket_id: String = "ticketId";
        /// `STARTED`, `COMPLETE` or `RESETUP`.
        status: String = "status";
        /// Whether it does not count.
        ignored: bool = "ignored";
        /// What came of it; `None` until there is a result.
        result: SessionResult = "result" or false;
        /// The organization.
        organization_id: String = "organizationId";
        /// Whose session.
        candidate: SessionCandidate = "candidate";
        /// The folder that it lies in.
        folder: String = "folder";
        /// The candidate's group.
        group: String = "group";
        /// The candidate's labels.
        labels: Vec<String> = "labels";
        /// The candidate's tags.
        tags: Map<String, Value> = "tags";
        /// What it cost.
        credit_cost: Number = "creditCost";
        /// The candidate's unique id; no other call tells it.
        uniq_id: String = "uniqId";
        /// The test.
        test: SessionTest = "test";
        /// The form that the candidate filled in before.
        room_form: Map<String, Value> = "roomForm";
        /// The photo by which the candidate is identified.
        identity_photo: IdentityPhoto = "identityPhoto";
    }

    /// What came of a session.
    SessionResult {
        /// When it was over.
        completed_at: Time = "completedAt";
        /// The points of the whole test.
        scoreboard: Scoreboard = "scoreboard";
        /// The points by section; in mode detailed only, like the two below.
        sections: Vec<SectionResult> = "sections";
        /// The points by dimension.
        dimensions: Vec<DimensionResult> = "dimensions";
        /// The scores by effect.
        effects: Vec<EffectResult> = "effects";
    }

    /// Points.
    Scoreboard {
        /// The points that were achieved.
        points_achieved: Number = "pointsAchieved";
        /// The points that can be achieved.
        max_achievable_points: Number = "maxAchievablePoints";
        /// The one by the other.
        achievement_ratio: Number = "achievementRatio";
        /// How many questions count; in mode detailed only.
        no_of_questions: i64 = "noOfQuestions";
    }

    /// The points of a section.
    SectionResult {
        /// The section.
        uuid: String = "uuid";
        /// Its points.
        scoreboard: Scoreboard = "scoreboard";
    }

    /// The points of a dimension.
    DimensionResult {
        /// The dimension.
        name: String = "name";
        /// Its points.
        scoreboard: Scoreboard = "scoreboard";
        /// The points of its parts.
        sub_dimensions: Vec<DimensionPart> = "subDimensions";
    }

    /// The points of a part of a dimension.
    DimensionPart {
        /// The part.
        name: String = "name";
        /// Its points.
        scoreboard: Scoreboard = "scoreboard";
    }

    /// The score of an effect.
    EffectResult {
        /// The effect.
        name: String = "name";
        /// Its score.
        score: Number = "score";
        /// The scores of its parts.
        sub_effects: Vec<EffectPart> = "subEffects";
    }

    /// The score of a part of an effect.
    EffectPart {
        /// The part.
        name: String = "name";
        /// Its score.
        score: Number = "score";
    }

    /// Whose session.
    SessionCandidate {
        /// The candidate's id.
        id: String = "id";
        /// `user` or `temp`.
        kind: String = "kind";
    }

    /// The test of a session.
    SessionTest {
        /// Where it comes from, e.g. `own-test`.
        source: String = "source";
        /// Its id.
        test_id: String = "testId";
        /// The organization that it belongs to.
        organization_id: String = "organizationId";
    }

    /// The photo by which a candidate is identified.
    IdentityPhoto {
        /// Where it lies; `None` when there is none.
        url: String = "url" or ();
    }

    /// Where a set of sessions stands among the others. What the platform does not tell is `None`.
    Cursor {
        /// How many sessions a set has.
        limit: i64 = "limit" or ();
        /// What the next search sends back as `last_doc_id`; none when there are no more.
        last_doc_id: String = "lastDocId" or ();
        /// The query of the next set; none when there are no more.
        next: String = "next" or ();
    }
}

pages! {
    /// The answer to [`ListTestSessions`].
    TestSessionPage {
        /// The sessions of this page.
        test_instances: TestSession = "testInstances", Pagination
    }

    /// The answer to [`SearchTestSessions`].
    TestSessionSet {
        /// The sessions of this set.
        test_instances: TestSession = "testInstances", Cursor
    }
}

/// The answer to [`ExpandTestSession`]: the detailed session with what was asked for.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ExpandedTestSession(pub TestSession);

/// The faults of the ids in a path.
fn id_faults(task_id: &str, id: Option<&str>) -> Vec<FieldError> {
    let ids = [("task_id", Some(task_id)), ("id", id)];
    ids.into_iter().filter_map(|(field, id)| Some(FieldError::new(field, id_fault(id?)?))).collect()
}

/// `GET /api/integration/rest/v1/tasks/{taskId}/test-instances` (section 5.3, published). Of one candidate, or of one external id;
/// both together are refused.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ListTestSessions {
    /// The task.
    pub task_id: String,
    /// How much is told of each session; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many sessions a page has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Which page, counted from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Only sessions of this candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<String>,
    /// Only sessions of candidates with this id on the caller's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

quiet_debug!(ListTestSessions);

impl ListTestSessions {
    /// The first page of all sessions of a task.
    #[must_use]
    pub fn new(task_id: impl Into<String>) -> Self {
        ListTestSessions { task_id: task_id.into(), mode: None, limit: None, page: None, candidate_id: None, external_id: None }
    }

    fn asked(&self) -> Asked {
        Asked { mode: self.mode, limit: self.limit, page: self.page }
    }
}

impl Call for ListTestSessions {
    type Reply = TestSessionPage;
    const NAME: &'static str = "testinvite.list_test_sessions";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/test-instances";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.3, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, page?: integer, candidateId?: text, externalId?: text"#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: TestSessionPage::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let task_id = fields.id_text("task_id").unwrap_or_default();
        let Asked { mode, limit, page } = Asked::read(fields);
        ListTestSessions {
            task_id,
            mode,
            limit,
            page,
            candidate_id: fields.id_text("candidate_id"),
            external_id: fields.id_text("external_id"),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = id_faults(&self.task_id, None);
        faults.extend(self.asked().faults());
        faults.extend(filter_faults(&[("candidate_id", &self.candidate_id), ("external_id", &self.external_id)]));
        if self.candidate_id.is_some() && self.external_id.is_some() {
            faults.push(FieldError::new("external_id", "the platform refuses it together with candidate_id"));
        }
        faults
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        // Choice C21.
        let filters = [("candidateId", &self.candidate_id), ("externalId", &self.external_id)];
        let path = path(Self::PATH, &[&self.task_id]);
        bare_request(base, http::Method::GET, &self.asked().path(&path, &filters))
    }

    fn read_reply(&self, response: &Response) -> Result<TestSessionPage, Error> {
        TestSessionPage::read(response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let [task_id] = super::reply::path_ids::<1>(Self::PATH, request)?;
        let Asked { mode, limit, page } = super::paging::served::asked(request, dialect)?;
        let ticket_id = query_value(request, "ticketId");
        let candidate_id = match dialect.testinvite.candidate_filter_key {
            "ticketId" => ticket_id,
            _ => query_value(request, "candidateId").or(ticket_id),
        };
        let external_id = query_value(request, "externalId");
        if candidate_id.is_some() && external_id.is_some() {
            return Err(Refusal::InvalidQuery.to_response("candidateId and externalId cannot be used together"));
        }
        Ok(ListTestSessions { task_id, mode, limit, page, candidate_id, external_id })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TestSessionPage, _dialect: &Dialect) -> Response {
        reply.write()
    }
}

/// `GET /api/integration/rest/v1/tasks/{taskId}/test-instances/{id}` (section 5.3, published).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FetchTestSession {
    /// The task.
    pub task_id: String,
    /// The session's id.
    pub id: String,
    /// How much is told; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

impl Call for FetchTestSession {
    type Reply = TestSession;
    const NAME: &'static str = "testinvite.fetch_test_session";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/test-instances/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.3, published",
        query: r#"mode?: "basic"|"detailed""#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: <TestSession as shape::Member>::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        FetchTestSession {
            task_id: fields.id_text("task_id").unwrap_or_default(),
            id: fields.id_text("id").unwrap_or_default(),
            mode: fields.word("mode", Mode::WORDS),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        id_faults(&self.task_id, Some(&self.id))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id, &self.id]);
        bare_request(base, http::Method::GET, &super::with_mode(&path, self.mode))
    }

    fn read_reply(&self, response: &Response) -> Result<TestSession, Error> {
        shape::bare(response, "testInstanceId")
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] = super::reply::path_ids::<2>(Self::PATH, request)?;
        Ok(FetchTestSession { task_id, id, mode: super::reply::query_mode(request)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TestSession, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &shape::Wired(reply))
    }
}

/// What [`SearchTestSessions`] looks for; all that is given must hold.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SessionSearch {
    /// By what a session carries.
    Meta {
        /// The candidate's group.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// One of the candidate's labels.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// The step.
        #[serde(skip_serializing_if = "Option::is_none")]
        step_id: Option<String>,
        /// Where it stands.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<SessionStatus>,
        /// Not before; milliseconds on the wire. What the platform compares it with is not stated (choice C43).
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Time>,
        /// Not after; milliseconds on the wire.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Time>,
    },
    /// By the candidate.
    Info {
        /// The full name.
        #[serde(skip_serializing_if = "Option::is_none")]
        display_name: Option<String>,
        /// The address.
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<String>,
        /// The first login credential.
        #[serde(skip_serializing_if = "Option::is_none")]
        credential1: Option<String>,
        /// The invitation code.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The unique id.
        #[serde(skip_serializing_if = "Option::is_none")]
        uniq_id: Option<String>,
    },
}

words! {
    /// The two kinds of a [`SessionSearch`].
    SearchKind {
        /// By what a session carries.
        Meta = "meta",
        /// By the candidate.
        Info = "info",
    }
}

/// `POST /api/integration/rest/v1/tasks/{taskId}/test-instances/filter` (section 5.3, published).
///
/// ```
/// use bidden::testinvite::{BASE_URL, SearchTestSessions, SessionSearch, SessionStatus};
/// use bidden::{BaseUrl, Call};
/// let done = SessionSearch::Meta { group: None, label: None, step_id: None, status: Some(SessionStatus::Complete), from: None, to: None };
/// let request = SearchTestSessions::new("task-1", done).to_request(&BaseUrl::parse(BASE_URL)?)?;
/// assert_eq!(request.body(), br#"{"kind":"meta","status":"COMPLETE"}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct SearchTestSessions {
    /// The task.
    pub task_id: String,
    /// How much is told of each session; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many sessions a set has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// What the answer before gave as its cursor; absent means the first set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_doc_id: Option<String>,
    /// What is looked for.
    #[serde(flatten)]
    pub search: SessionSearch,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

quiet_debug!(SessionSearch, SearchTestSessions);

impl SearchTestSessions {
    /// The first set of what is looked for.
    #[must_use]
    pub fn new(task_id: impl Into<String>, search: SessionSearch) -> Self {
        SearchTestSessions { task_id: task_id.into(), mode: None, limit: None, last_doc_id: None, search, extra: Map::new() }
    }
}

/// Milliseconds since 1970, the one place where the wire has them.
struct Milliseconds(Time);

impl Serialize for Milliseconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.milliseconds())
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum SearchBody<'a> {
    Meta {
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        step_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<SessionStatus>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Milliseconds>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Milliseconds>,
    },
    Info {
        #[serde(skip_serializing_if = "Option::is_none")]
        display_name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        credential1: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        uniq_id: Option<&'a str>,
    },
}

impl<'a> SearchBody<'a> {
    fn new(search: &'a SessionSearch) -> Self {
        match search {
            SessionSearch::Meta { group, label, step_id, status, from, to } => SearchBody::Meta {
                group: group.as_deref(),
                label: label.as_deref(),
                step_id: step_id.as_deref(),
                status: *status,
                from: from.map(Milliseconds),
                to: to.map(Milliseconds),
            },
            SessionSearch::Info { display_name, email, credential1, code, uniq_id } => SearchBody::Info {
                display_name: display_name.as_deref(),
                email: email.as_deref(),
                credential1: credential1.as_deref(),
                code: code.as_deref(),
                uniq_id: uniq_id.as_deref(),
            },
        }
    }
}

impl Call for SearchTestSessions {
    type Reply = TestSessionSet;
    const NAME: &'static str = "testinvite.search_test_sessions";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/test-instances/filter";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.3, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, lastDocId?: text"#,
        body: crate::engine::Shape::Written(
            r#"{kind: "meta", group?: text, label?: text, stepId?: text,
            status?: "STARTED"|"COMPLETE"|"RESETUP", from?: number, to?: number}|{kind: "info", displayName?: text, email?: text,
            credential1?: text, code?: text, uniqId?: text}"#,
        ),
        statuses: &[200],
        answer: TestSessionSet::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let task_id = fields.id_text("task_id").unwrap_or_default();
        let mode = fields.word("mode", Mode::WORDS);
        let limit = fields.integer("limit");
        let last_doc_id = fields.id_text("last_doc_id");
        let is_given = fields.has("kind");
        let kind = fields.word("kind", SearchKind::WORDS);
        if !is_given {
            fields.fault("kind", "is missing; meta or info is expected");
        }
        let search = if kind == Some(SearchKind::Info) {
            SessionSearch::Info {
                display_name: fields.text("display_name"),
                email: fields.text("email"),
                credential1: fields.text("credential1"),
                code: fields.text("code"),
                uniq_id: fields.text("uniq_id"),
            }
        } else {
            SessionSearch::Meta {
                group: fields.text("group"),
                label: fields.text("label"),
                step_id: fields.text("step_id"),
                status: fields.word("status", SessionStatus::WORDS),
                from: fields.time("from"),
                to: fields.time("to"),
            }
        };
        SearchTestSessions { task_id, mode, limit, last_doc_id, search, extra: fields.object("extra").unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        const KNOWN: [&str; 12] =
            ["kind", "group", "label", "stepId", "status", "from", "to", "displayName", "email", "credential1", "code", "uniqId"];
        let mut faults = id_faults(&self.task_id, None);
        faults.extend(limit_fault(self.limit));
        faults.extend(filter_faults(&[("last_doc_id", &self.last_doc_id)]));
        match &self.search {
            SessionSearch::Meta { group, label, step_id, from, to, .. } => {
                faults.extend(filter_faults(&[("group", group), ("label", label), ("step_id", step_id)]));
                if from.zip(*to).is_some_and(|(from, to)| from > to) {
                    faults.push(FieldError::new("to", "lies before from"));
                }
            }
            SessionSearch::Info { display_name, email, credential1, code, uniq_id } => faults.extend(filter_faults(&[
                ("display_name", display_name),
                ("email", email),
                ("credential1", credential1),
                ("code", code),
                ("uniq_id", uniq_id),
            ])),
        }
        faults.extend(refuse_known(&self.extra, &KNOWN));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        if let SessionSearch::Info { email, .. } = &self.search { email.as_deref().into_iter().collect() } else { Vec::new() }
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn is_change(&self) -> bool {
        false
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let query = [
            ("mode", self.mode.map(|mode| mode.word().to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("lastDocId", self.last_doc_id.clone()),
        ];
        let path = with_query(&path(Self::PATH, &[&self.task_id]), &query);
        json_request(base, http::Method::POST, &path, wire::body(&SearchBody::new(&self.search), &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<TestSessionSet, Error> {
        TestSessionSet::read(response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let [task_id] = super::reply::path_ids::<1>(Self::PATH, request)?;
        let mode = super::reply::query_mode(request)?;
        let limit = super::paging::served::limit(request, dialect)?;
        let mut body = Members::of_request(request, dialect)?;
        body.require(&["kind"]);
        let search = if body.word("kind", SearchKind::WORDS) == Some(SearchKind::Info) {
            SessionSearch::Info {
                display_name: body.text("displayName"),
                email: body.text("email"),
                credential1: body.text("credential1"),
                code: body.text("code"),
                uniq_id: body.text("uniqId"),
            }
        } else {
            SessionSearch::Meta {
                group: body.text("group"),
                label: body.text("label"),
                step_id: body.text("stepId"),
                status: body.word("status", SessionStatus::WORDS),
                from: body.milliseconds("from"),
                to: body.milliseconds("to"),
            }
        };
        let call = SearchTestSessions { task_id, mode, limit, last_doc_id: query_value(request, "lastDocId"), search, extra: body.rest() };
        body.finish(call)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TestSessionSet, _dialect: &Dialect) -> Response {
        reply.write()
    }
}

/// `POST /api/integration/rest/tasks/{taskId}/test-instances/{id}/expand` (section 5.3, published; printed without `/v1`, choice
/// C17). It changes nothing.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ExpandTestSession {
    /// The task.
    pub task_id: String,
    /// The session's id.
    pub id: String,
    /// What is added.
    pub expand: Vec<Expansion>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl ExpandTestSession {
    /// The path with a version in it, which some server may expect (choice C17).
    #[cfg(feature = "engine")]
    const VERSIONED_PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/test-instances/{id}/expand";
}

impl Call for ExpandTestSession {
    type Reply = ExpandedTestSession;
    const NAME: &'static str = "testinvite.expand_test_session";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/integration/rest/tasks/{task_id}/test-instances/{id}/expand";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.3, published",
        query: "",
        body: crate::engine::Shape::Written(r#"{expand: ["test"|"uniqId"|"creditCost"|"roomForm"|"identityPhoto"]}"#),
        statuses: &[200],
        answer: <TestSession as shape::Member>::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let task_id = fields.id_text("task_id").unwrap_or_default();
        let id = fields.id_text("id").unwrap_or_default();
        let is_given = fields.has("expand");
        let mut expand = Vec::new();
        for (index, word) in fields.texts("expand").unwrap_or_default().iter().enumerate() {
            match Expansion::WORDS.iter().find(|(known, _)| known == word) {
                Some((_, expansion)) => expand.push(*expansion),
                None => fields.fault(&format!("expand[{index}]"), "one of test, uniqId, creditCost, roomForm, identityPhoto is expected"),
            }
        }
        if !is_given {
            fields.fault("expand", "is missing; a list of test, uniqId, creditCost, roomForm, identityPhoto is expected");
        }
        ExpandTestSession { task_id, id, expand, extra: fields.object("extra").unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        id_faults(&self.task_id, Some(&self.id)).into_iter().chain(refuse_known(&self.extra, &["expand"])).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn is_change(&self) -> bool {
        false
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        #[derive(Serialize)]
        struct Body<'a> {
            expand: &'a [Expansion],
        }
        let path = path(Self::PATH, &[&self.task_id, &self.id]);
        json_request(base, http::Method::POST, &path, wire::body(&Body { expand: &self.expand }, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<ExpandedTestSession, Error> {
        shape::bare(response, "testInstanceId").map(ExpandedTestSession)
    }

    #[cfg(feature = "engine")]
    fn is_at(path: &str, dialect: &Dialect) -> bool {
        let fits = |template| crate::http::path_parameters(template, path).is_some();
        fits(Self::VERSIONED_PATH) || fits(Self::PATH) && dialect.testinvite.unversioned_paths == "printed"
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] =
            super::reply::path_ids::<2>(Self::PATH, request).or_else(|_| super::reply::path_ids::<2>(Self::VERSIONED_PATH, request))?;
        let mut body = Members::of_request(request, dialect)?;
        body.require(&["expand"]);
        let words = Expansion::WORDS;
        let expand = body.take("expand", "a list of test, uniqId, creditCost, roomForm, identityPhoto", |json| {
            let texts: Vec<String> = serde_json::from_str(json).ok()?;
            texts.iter().map(|text| words.iter().find(|(word, _)| word == text).map(|(_, expansion)| *expansion)).collect()
        });
        let call = ExpandTestSession { task_id, id, expand: expand.unwrap_or_default(), extra: body.rest() };
        body.finish(call)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &ExpandedTestSession, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &shape::Wired(&reply.0))
    }
}
