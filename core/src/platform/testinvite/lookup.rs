//! List candidates of a task, fetch one. Reference: sections 4.1 and 4.2.

use serde::Serialize;
use serde_json::{Map, Value};

use super::paging::{Asked, Pagination, filter_faults};
use super::{id_fault, reply, shape};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
#[cfg(feature = "engine")]
use crate::http::query_value;
use crate::http::{BaseUrl, Request, Response, bare_request, path};
use crate::wire::take_text;
use crate::{Error, FieldError, Platform, Time};

words! {
    /// How much a look-up tells (section 4.1, published; choice C20).
    Mode {
        /// The basic shape; what an absent mode means.
        Basic = "basic",
        /// All that the platform tells.
        Detailed = "detailed",
    }
}

/// `GET /api/integration/rest/v1/tasks/{taskId}/candidates` (section 4.1, published). Filters compare exactly, and all of
/// them must hold (choice C24).
///
/// ```
/// use bidden::testinvite::{BASE_URL, ListCandidates};
/// use bidden::{BaseUrl, Call};
/// let call = ListCandidates { email: Some("ada@example.com".into()), ..ListCandidates::new("task-1") };
/// let request = call.to_request(&BaseUrl::parse(BASE_URL)?)?;
/// assert_eq!(request.uri().query(), Some("email=ada%40example.com"));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ListCandidates {
    /// The task.
    pub task_id: String,
    /// How much is told of each candidate; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many candidates a page has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Which page, counted from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Only candidates of this full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fullname: Option<String>,
    /// Only candidates of this address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Only the candidate of this invitation code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl ListCandidates {
    /// The first page of all candidates of a task.
    #[must_use]
    pub fn new(task_id: impl Into<String>) -> Self {
        ListCandidates { task_id: task_id.into(), mode: None, limit: None, page: None, fullname: None, email: None, code: None }
    }

    fn asked(&self) -> Asked {
        Asked { mode: self.mode, limit: self.limit, page: self.page }
    }
}

/// Shows the task only: the filters name a person.
impl std::fmt::Debug for ListCandidates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ListCandidates").field("task_id", &self.task_id).finish_non_exhaustive()
    }
}

/// `GET /api/integration/rest/v1/tasks/{taskId}/candidates/{id}` (section 4.2, published; path by choice C18).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FetchCandidate {
    /// The task.
    pub task_id: String,
    /// The candidate's id.
    pub id: String,
    /// How much is told; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

/// The answer to [`ListCandidates`].
#[derive(Clone, PartialEq, Serialize)]
pub struct CandidatePage {
    /// The candidates of this page.
    pub candidates: Vec<TaskCandidate>,
    /// Where this page stands among the others, when the platform tells it.
    pub pagination: Option<Pagination>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// A candidate of a task, as [`ListCandidates`] and [`FetchCandidate`] tell it (section 4.1, published). What the platform does
/// not tell is `None`; everything from `organization_id` on is told in mode detailed only.
#[derive(Clone, PartialEq, Serialize)]
pub struct TaskCandidate {
    /// The platform's id.
    pub candidate_id: String,
    /// `temp` or `user`.
    pub kind: Option<String>,
    /// The task.
    pub task_id: String,
    /// Whether the candidate has logged in.
    pub logged_in: Option<bool>,
    /// The full name, when there is one.
    pub fullname: Option<String>,
    /// The address, when there is one.
    pub email: Option<String>,
    /// What the candidate enters, or the link carries; may be null for a user (choice C16).
    pub invitation_code: Option<String>,
    /// The candidate's own link; null for a user, and told by the list only (choice C15).
    pub direct_access_url: Option<String>,
    /// The organization that the task belongs to.
    pub organization_id: Option<String>,
    /// `self-registration` or `pre-registration`.
    pub source: Option<String>,
    /// Whether the candidate may log in.
    pub active: Option<bool>,
    /// Since when the candidate may log in.
    pub active_after: Option<Time>,
    /// Until when the candidate may log in.
    pub active_before: Option<Time>,
    /// The group.
    pub group: Option<String>,
    /// The tags.
    pub tags: Option<Map<String, Value>>,
    /// The labels.
    pub labels: Option<Vec<String>>,
    /// The rating, 1 to 5.
    pub rating: Option<i64>,
    /// The stage.
    pub stage: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

quiet_debug!(CandidatePage, TaskCandidate);

impl TaskCandidate {
    /// As section 4.2 prints it; everything from `organizationId` on in mode detailed only.
    #[cfg(feature = "engine")]
    pub(super) const SHAPE: crate::engine::Shape = crate::engine::Shape::Written(
        r#"{candidateId: text, kind: "temp"|"user", taskId: text, loggedIn: boolean, fullname?: text, email?: text, invitationCode?: text|null,
        directAccessUrl?: text|null, organizationId?: text, source?: text, active?: boolean, activeAfter?: number|null, activeBefore?: number|null,
        group?: text|null, tags?: record, labels?: [text], rating?: number|null, stage?: text|null}"#,
    );

    pub(super) fn read(mut body: Map<String, Value>, task_id: &str, response: &Response) -> Result<Self, Error> {
        Ok(TaskCandidate {
            candidate_id: reply::required_text(&mut body, "candidateId", response)?,
            kind: take_text(&mut body, "kind"),
            task_id: take_text(&mut body, "taskId").unwrap_or_else(|| task_id.to_owned()),
            logged_in: reply::take_boolean(&mut body, "loggedIn"),
            fullname: take_text(&mut body, "fullname"),
            email: take_text(&mut body, "email"),
            invitation_code: take_text(&mut body, "invitationCode"),
            direct_access_url: take_text(&mut body, "directAccessUrl"),
            organization_id: take_text(&mut body, "organizationId"),
            source: take_text(&mut body, "source"),
            active: reply::take_boolean(&mut body, "active"),
            active_after: reply::take_moment(&mut body, "activeAfter"),
            active_before: reply::take_moment(&mut body, "activeBefore"),
            group: take_text(&mut body, "group"),
            tags: reply::take_record(&mut body, "tags"),
            labels: reply::take_texts(&mut body, "labels"),
            rating: reply::take_integer(&mut body, "rating"),
            stage: take_text(&mut body, "stage"),
            extra: body,
        })
    }
}

impl Call for ListCandidates {
    type Reply = CandidatePage;
    const NAME: &'static str = "testinvite.list_candidates";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/candidates";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 4.1, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, page?: integer, fullname?: text, email?: text, code?: text"#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(
            &[("candidates", crate::engine::Shape::List(&TaskCandidate::SHAPE))],
            &crate::engine::Shape::Members(&[("pagination", <Pagination as shape::Member>::SHAPE)]),
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        let task_id = fields.id_text("task_id").unwrap_or_default();
        let Asked { mode, limit, page } = Asked::read(fields);
        ListCandidates {
            task_id,
            mode,
            limit,
            page,
            fullname: fields.text("fullname"),
            email: fields.text("email"),
            code: fields.text("code"),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let task = id_fault(&self.task_id).map(|reason| FieldError::new("task_id", reason));
        let filters = filter_faults(&[("fullname", &self.fullname), ("email", &self.email), ("code", &self.code)]);
        task.into_iter().chain(self.asked().faults()).chain(filters).collect()
    }

    fn addresses(&self) -> Vec<&str> {
        self.email.as_deref().into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id]);
        let filters = [("fullname", &self.fullname), ("email", &self.email), ("code", &self.code)];
        bare_request(base, http::Method::GET, &self.asked().path(&path, &filters))
    }

    fn read_reply(&self, response: &Response) -> Result<CandidatePage, Error> {
        let mut body = reply::success(response)?;
        let read = |candidate| TaskCandidate::read(candidate, &self.task_id, response);
        let Some(candidates) = reply::take_list(&mut body, "candidates", read) else {
            return Err(reply::lacks(response, "candidates"));
        };
        Ok(CandidatePage {
            candidates: candidates.into_iter().collect::<Result<_, _>>()?,
            pagination: shape::member(&mut body, "pagination"),
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let [task_id] = reply::path_ids::<1>(Self::PATH, request)?;
        let Asked { mode, limit, page } = super::paging::served::asked(request, dialect)?;
        let text = |name: &str| query_value(request, name);
        Ok(ListCandidates { task_id, mode, limit, page, fullname: text("fullname"), email: text("email"), code: text("code") })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &CandidatePage, _dialect: &Dialect) -> Response {
        served::write_page(reply)
    }
}

impl Call for FetchCandidate {
    type Reply = TaskCandidate;
    const NAME: &'static str = "testinvite.fetch_candidate";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/candidates/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 4.2, published",
        query: r#"mode?: "basic"|"detailed""#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: TaskCandidate::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        FetchCandidate {
            task_id: fields.id_text("task_id").unwrap_or_default(),
            id: fields.id_text("id").unwrap_or_default(),
            mode: fields.word("mode", Mode::WORDS),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let ids = [("task_id", &self.task_id), ("id", &self.id)];
        ids.into_iter().filter_map(|(field, id)| Some(FieldError::new(field, id_fault(id)?))).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id, &self.id]);
        bare_request(base, http::Method::GET, &super::with_mode(&path, self.mode))
    }

    fn read_reply(&self, response: &Response) -> Result<TaskCandidate, Error> {
        TaskCandidate::read(reply::success(response)?, &self.task_id, response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] = reply::path_ids::<2>(Self::PATH, request)?;
        Ok(FetchCandidate { task_id, id, mode: reply::query_mode(request)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TaskCandidate, _dialect: &Dialect) -> Response {
        served::write_candidate(reply)
    }
}

#[cfg(feature = "engine")]
pub(super) use served::write_candidate;

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
mod served {
    use super::super::candidate::Seconds;
    use super::super::shape::Wired;
    use super::{CandidatePage, Map, Pagination, Response, Serialize, TaskCandidate, Value};
    use crate::http::json_response;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        candidate_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<&'a str>,
        task_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        logged_in: Option<bool>,
        // Choice C40: what is not set is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        fullname: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
        invitation_code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        direct_access_url: Option<Option<&'a str>>,
        #[serde(flatten)]
        details: Option<Details<'a>>,
        #[serde(flatten)]
        extra: &'a Map<String, Value>,
    }

    /// What mode detailed adds.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Details<'a> {
        organization_id: &'a str,
        source: Option<&'a str>,
        active: Option<bool>,
        active_after: Option<Seconds>,
        active_before: Option<Seconds>,
        group: Option<&'a str>,
        tags: Option<&'a Map<String, Value>>,
        labels: Option<&'a [String]>,
        rating: Option<i64>,
        stage: Option<&'a str>,
    }

    impl<'a> Body<'a> {
        fn new(candidate: &'a TaskCandidate, direct_access_url: Option<Option<&'a str>>) -> Self {
            let details = candidate.organization_id.as_deref().map(|organization_id| Details {
                organization_id,
                source: candidate.source.as_deref(),
                active: candidate.active,
                active_after: candidate.active_after.map(Seconds),
                active_before: candidate.active_before.map(Seconds),
                group: candidate.group.as_deref(),
                tags: candidate.tags.as_ref(),
                labels: candidate.labels.as_deref(),
                rating: candidate.rating,
                stage: candidate.stage.as_deref(),
            });
            Body {
                candidate_id: &candidate.candidate_id,
                kind: candidate.kind.as_deref(),
                task_id: &candidate.task_id,
                logged_in: candidate.logged_in,
                fullname: candidate.fullname.as_deref(),
                email: candidate.email.as_deref(),
                invitation_code: candidate.invitation_code.as_deref(),
                direct_access_url,
                details,
                extra: &candidate.extra,
            }
        }
    }

    /// The bare candidate; the link is left out where there is none to tell (choice C15).
    pub(in super::super) fn write_candidate(candidate: &TaskCandidate) -> Response {
        json_response(200, &Body::new(candidate, candidate.direct_access_url.as_deref().map(Some)))
    }

    /// In the list the link is null where there is none (choice C15).
    pub(super) fn write_page(page: &CandidatePage) -> Response {
        #[derive(Serialize)]
        struct Page<'a> {
            candidates: Vec<Body<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pagination: Option<Wired<'a, Pagination>>,
            #[serde(flatten)]
            extra: &'a Map<String, Value>,
        }
        let body = Page {
            candidates: page
                .candidates
                .iter()
                .map(|candidate| Body::new(candidate, Some(candidate.direct_access_url.as_deref())))
                .collect(),
            pagination: page.pagination.as_ref().map(Wired),
            extra: &page.extra,
        };
        json_response(200, &body)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::{AnyCall, Kind};

    fn base() -> BaseUrl {
        BaseUrl::parse(super::super::BASE_URL).unwrap()
    }

    fn read(status: u16, body: &str) -> Result<CandidatePage, Error> {
        ListCandidates::new("t").read_reply(&http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn faults_of_typed_values_are_found_too() {
        let empty = Some(" ".to_owned());
        let call = ListCandidates {
            limit: Some(101),
            page: Some(0),
            fullname: empty.clone(),
            email: empty.clone(),
            code: empty,
            ..ListCandidates::new("..")
        };
        let error = call.to_request(&base()).unwrap_err();
        let fields: Vec<&str> = error.fields().iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["task_id", "limit", "page", "fullname", "email", "code"]);
        let error = FetchCandidate { task_id: String::new(), id: ".".into(), mode: None }.to_request(&base()).unwrap_err();
        assert_eq!(error.fields().len(), 2, "{error}");
    }

    #[test]
    fn what_the_platform_does_not_tell_is_null_and_what_is_new_is_kept() {
        let page = read(200, r#"{"Candidates":[{"candidateId":7,"activeAfter":1.5,"labels":"x","new":{"a":1}}],"newer":[]}"#).unwrap();
        let candidate = &page.candidates[0];
        assert_eq!((candidate.candidate_id.as_str(), candidate.task_id.as_str()), ("7", "t"));
        assert_eq!((candidate.logged_in, candidate.active, &candidate.labels), (None, None, &None));
        assert_eq!(candidate.active_after, Some(Time::from_milliseconds(1500)));
        assert_eq!((candidate.extra["new"]["a"].as_i64(), page.extra.contains_key("newer")), (Some(1), true));
        assert!(page.pagination.is_none());
    }

    #[test]
    fn a_page_that_lacks_what_it_must_have_is_malformed() {
        for body in ["", "[]", "{}", r#"{"candidates":{}}"#, r#"{"candidates":[5]}"#, r#"{"candidates":[{"email":"a@example.com"}]}"#] {
            assert_eq!(read(200, body).err().map(|error| error.kind()), Some(Kind::MalformedReply), "{body}");
        }
        assert_eq!(read(403, "").err().map(|error| error.kind()), Some(Kind::Rejected));
    }

    #[test]
    fn a_person_shows_neither_in_debug_nor_in_what_the_platform_repeats() {
        let arguments = r#"{"task_id":"t","fullname":"Ada Lovelace","email":"ada@example.com","code":"K7P2QX"}"#;
        let call = AnyCall::from_json(ListCandidates::NAME, arguments).unwrap();
        let candidate = r#"{"candidateId":"c","fullname":"Ada Lovelace","email":"ada@example.com","invitationCode":"K7P2QX"}"#;
        let body = format!(r#"{{"candidates":[{candidate}],"pagination":{{"next":"?email=ada%40example.com"}}}}"#);
        let response = |status: u16, body: String| http::Response::builder().status(status).body(body.into_bytes()).unwrap();
        let reply = call.read_reply(&response(200, body)).unwrap();
        let query = "fullname=Ada%20Lovelace&email=ada%40example.com&code=K7P2QX";
        let error = call.read_reply(&response(400, format!(r#"{{"error":"no such page: {query}"}}"#))).unwrap_err();
        for shown in [format!("{call:?}"), format!("{reply:?}"), error.to_string(), format!("{error:?}")] {
            assert!(!["Ada", "ada%40", "ada@", "K7P2"].iter().any(|word| shown.contains(word)), "{shown}");
        }
    }

    fn text() -> impl Strategy<Value = Option<String>> {
        prop::option::of("\\PC{0,8}x")
    }

    #[cfg(feature = "engine")]
    fn time() -> impl Strategy<Value = Option<Time>> {
        prop::option::of((-1_000_000_000_000_i64..100_000_000_000_000).prop_map(Time::from_milliseconds))
    }

    fn mode() -> impl Strategy<Value = Option<Mode>> {
        prop::option::of(select(Mode::WORDS).prop_map(|(_, mode)| mode))
    }

    fn list() -> impl Strategy<Value = ListCandidates> {
        let numbers = (prop::option::of(1_i64..=100), prop::option::of(1_i64..));
        ("[!-~é李]{1,8}x", mode(), numbers, text(), text(), text()).prop_map(|(task_id, mode, (limit, page), fullname, email, code)| {
            ListCandidates { task_id, mode, limit, page, fullname, email, code }
        })
    }

    #[cfg(feature = "engine")]
    fn candidate() -> impl Strategy<Value = TaskCandidate> {
        let basic = ("\\PC{1,8}", text(), "\\PC{1,8}", prop::option::of(any::<bool>()), text(), text(), text(), text());
        let tags =
            prop::option::of(prop::collection::btree_map("\\PC{1,5}", "\\PC{0,5}".prop_map(Value::from), 0..3).prop_map(Map::from_iter));
        let labels = prop::option::of(prop::collection::vec("\\PC{0,5}", 0..3));
        let details = (text(), prop::option::of(any::<bool>()), time(), time(), text(), tags, labels, prop::option::of(1_i64..=5), text());
        (basic, prop::option::of(("\\PC{1,8}", details))).prop_map(|(basic, details)| {
            let (candidate_id, kind, task_id, logged_in, fullname, email, invitation_code, direct_access_url) = basic;
            let (organization_id, details) = details.unzip();
            let (source, active, active_after, active_before, group, tags, labels, rating, stage) = details.unwrap_or_default();
            TaskCandidate {
                candidate_id,
                kind,
                task_id,
                logged_in,
                fullname,
                email,
                invitation_code,
                direct_access_url,
                organization_id,
                source,
                active,
                active_after,
                active_before,
                group,
                tags,
                labels,
                rating,
                stage,
                extra: Map::new(),
            }
        })
    }

    proptest! {
        #[test]
        fn the_neutral_form_goes_there_and_back(call in list()) {
            let json = AnyCall::from(call.clone()).to_json();
            match AnyCall::from_json(ListCandidates::NAME, &json) {
                Ok(AnyCall::TestInviteListCandidates(read)) => prop_assert!(read == call, "{}", json),
                other => prop_assert!(false, "{json} {other:?}"),
            }
        }

        #[cfg(feature = "engine")]
        #[test]
        fn a_request_says_the_same_to_the_other_side(call in list()) {
            let request = call.to_request(&base()).unwrap();
            let read = ListCandidates::from_request(&request, &Dialect::default());
            prop_assert!(read.is_ok_and(|read| read == call), "{}", request.uri());
        }

        #[cfg(feature = "engine")]
        #[test]
        fn an_answer_says_the_same_to_the_other_side(candidates in prop::collection::vec(candidate(), 0..3), total in prop::option::of(0_i64..), next in text()) {
            let pagination = Some(Pagination { total_items: total, next, ..Pagination::default() });
            let page = CandidatePage { candidates, pagination, extra: Map::new() };
            let response = ListCandidates::write_reply(&page, &Dialect::default());
            let read = ListCandidates::new("t").read_reply(&response);
            prop_assert!(read.is_ok_and(|read| read == page), "{}", String::from_utf8_lossy(response.body()));
            for candidate in &page.candidates {
                let call = FetchCandidate { task_id: "t".into(), id: "c".into(), mode: None };
                let read = call.read_reply(&FetchCandidate::write_reply(candidate, &Dialect::default()));
                prop_assert!(read.is_ok_and(|read| read == *candidate));
            }
        }
    }
}
