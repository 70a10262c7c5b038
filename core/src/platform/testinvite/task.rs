//! List tasks, fetch one. Reference: section 5.1.

use serde::Serialize;
use serde_json::{Map, Value};

use super::paging::{Asked, Pagination, filter_faults};
use super::shape::Member;
use super::{Mode, id_fault, reply};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
#[cfg(feature = "engine")]
use crate::http::query_value;
use crate::http::{BaseUrl, Request, Response, bare_request, path};
use crate::wire::take_text;
use crate::{Error, FieldError, Platform, Time};

/// `GET /api/integration/rest/v1/tasks/{id}` (section 5.1, published).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FetchTask {
    /// The task.
    pub id: String,
    /// How much is told; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

/// The answer to [`FetchTask`]. What the platform does not tell is `None`; everything from `organization_id` on is told in mode
/// detailed only. Words are the platform's own.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
pub struct Task {
    /// The platform's id.
    pub task_id: String,
    /// The title.
    pub title: Option<String>,
    /// When it was made.
    pub created_at: Option<Time>,
    /// The organization that it belongs to.
    pub organization_id: Option<String>,
    /// Whether it is marked as a favorite.
    pub favorite: Option<bool>,
    /// The folder that it lies in.
    pub folder: Option<String>,
    /// The labels.
    pub labels: Option<Vec<String>>,
    /// The tags.
    pub tags: Option<Map<String, Value>>,
    /// `default`, or a code of [`super::Language`].
    pub lang: Option<String>,
    /// How candidates log in: `invitation-code`, `single-credential`, `double-credential` or `no-auth`.
    pub access_method: Option<String>,
    /// Whether candidates may log in.
    pub active: Option<bool>,
    /// Since when candidates may log in.
    pub active_after: Option<Time>,
    /// Until when candidates may log in.
    pub active_before: Option<Time>,
    /// What `program_ids` of a candidate may name.
    pub programs: Option<Vec<Named>>,
    /// The stages of a candidate.
    pub stages: Option<Vec<Named>>,
    /// What `email_template_name` of a candidate may name.
    pub email_templates: Option<Vec<EmailTemplate>>,
    /// Whether candidates may chat with the proctor.
    pub private_chat_enabled: Option<bool>,
    /// What `step_id` of a candidate may name.
    pub steps: Option<Vec<Step>>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// A program or a stage of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Named {
    /// Its id.
    pub uuid: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// A saved template of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EmailTemplate {
    /// The name that calls give.
    pub name: Option<String>,
    /// The subject line of its mails.
    pub subject: Option<String>,
}

/// A step of a task: one test that its candidates sit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// Its id.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Whether it may be entered.
    pub active: Option<bool>,
    /// Until when it may be entered.
    pub active_before: Option<Time>,
    /// Since when it may be entered.
    pub active_after: Option<Time>,
    /// How many attempts a candidate has.
    pub attempt_limit: Option<i64>,
    /// The test.
    pub test: Option<StepTest>,
    /// `NONE`, `PHOTO` or `VIDEO`.
    pub webcam_recording: Option<String>,
    /// `NONE`, `SCREENSHOT` or `SCREENCAPTURE`.
    pub screen_recording: Option<String>,
    /// Whether the test fills the screen.
    pub fullscreen: Option<bool>,
    /// Whether recordings are judged by a machine afterwards.
    pub post_ai_proctoring: Option<bool>,
    /// Whether it is for practice.
    pub practice_mode: Option<bool>,
}

/// The test of a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StepTest {
    /// Its id.
    pub test_id: Option<String>,
    /// The organization that it belongs to.
    pub organization_id: Option<String>,
    /// Where it comes from, e.g. `own-test` or `marketplace`.
    pub source: Option<String>,
}

impl Named {
    fn read(mut body: Map<String, Value>) -> Self {
        Named { uuid: take_text(&mut body, "uuid"), name: take_text(&mut body, "name") }
    }
}

impl EmailTemplate {
    fn read(mut body: Map<String, Value>) -> Self {
        EmailTemplate { name: take_text(&mut body, "name"), subject: take_text(&mut body, "subject") }
    }
}

impl Step {
    fn read(mut body: Map<String, Value>) -> Self {
        Step {
            id: take_text(&mut body, "id"),
            title: take_text(&mut body, "title"),
            active: reply::take_boolean(&mut body, "active"),
            active_before: reply::take_moment(&mut body, "activeBefore"),
            active_after: reply::take_moment(&mut body, "activeAfter"),
            attempt_limit: reply::take_integer(&mut body, "attemptLimit"),
            test: reply::take_record(&mut body, "test").map(StepTest::read),
            webcam_recording: take_text(&mut body, "webcamRecording"),
            screen_recording: take_text(&mut body, "screenRecording"),
            fullscreen: reply::take_boolean(&mut body, "fullscreen"),
            post_ai_proctoring: reply::take_boolean(&mut body, "postAiProctoring"),
            practice_mode: reply::take_boolean(&mut body, "practiceMode"),
        }
    }
}

impl StepTest {
    fn read(mut body: Map<String, Value>) -> Self {
        StepTest {
            test_id: take_text(&mut body, "testId"),
            organization_id: take_text(&mut body, "organizationId"),
            source: take_text(&mut body, "source"),
        }
    }
}

impl Member for Task {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Written(
        "{taskId: text, title?: text, createdAt?: number, organizationId?: text, favorite?: boolean, folder?: text|null, labels?: [text],
        tags?: record, lang?: text, accessMethod?: text, active?: boolean, activeAfter?: number|null, activeBefore?: number|null,
        programs?: [{uuid: text, name: text}], stages?: [{uuid: text, name: text}], emailTemplates?: [{name: text, subject: text}],
        privateChatEnabled?: boolean, steps?: [{id: text, title: text|null, active: boolean, activeBefore: number|null,
        activeAfter: number|null, attemptLimit: integer|null, test: {testId: text, organizationId?: text, source?: text}|null,
        webcamRecording: text|null, screenRecording: text|null, fullscreen: boolean|null, postAiProctoring: boolean|null,
        practiceMode: boolean|null}]}",
    );

    fn read(value: Value) -> Option<Self> {
        let Value::Object(mut body) = value else { return None };
        let body = &mut body;
        Some(Task {
            task_id: take_text(body, "taskId")?,
            title: take_text(body, "title"),
            created_at: reply::take_moment(body, "createdAt"),
            organization_id: take_text(body, "organizationId"),
            favorite: reply::take_boolean(body, "favorite"),
            folder: take_text(body, "folder"),
            labels: reply::take_texts(body, "labels"),
            tags: reply::take_record(body, "tags"),
            lang: take_text(body, "lang"),
            access_method: take_text(body, "accessMethod"),
            active: reply::take_boolean(body, "active"),
            active_after: reply::take_moment(body, "activeAfter"),
            active_before: reply::take_moment(body, "activeBefore"),
            programs: reply::take_list(body, "programs", Named::read),
            stages: reply::take_list(body, "stages", Named::read),
            email_templates: reply::take_list(body, "emailTemplates", EmailTemplate::read),
            private_chat_enabled: reply::take_boolean(body, "privateChatEnabled"),
            steps: reply::take_list(body, "steps", Step::read),
            extra: std::mem::take(body),
        })
    }

    #[cfg(feature = "engine")]
    fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        served::Body::new(self).serialize(serializer)
    }
}

pages! {
    /// The answer to [`ListTasks`].
    TaskPage {
        /// The tasks of this page.
        tasks: Task = "tasks", Pagination
    }
}

/// `GET /api/integration/rest/v1/tasks` (section 5.1, published).
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct ListTasks {
    /// How much is told of each task; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many tasks a page has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Which page, counted from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Only tasks whose title contains this, in any letter case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl ListTasks {
    fn asked(&self) -> Asked {
        Asked { mode: self.mode, limit: self.limit, page: self.page }
    }
}

impl Call for ListTasks {
    type Reply = TaskPage;
    const NAME: &'static str = "testinvite.list_tasks";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.1, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, page?: integer, title?: text"#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: TaskPage::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let Asked { mode, limit, page } = Asked::read(fields);
        ListTasks { mode, limit, page, title: fields.text("title") }
    }

    fn faults(&self) -> Vec<FieldError> {
        self.asked().faults().into_iter().chain(filter_faults(&[("title", &self.title)])).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &self.asked().path(Self::PATH, &[("title", &self.title)]))
    }

    fn read_reply(&self, response: &Response) -> Result<TaskPage, Error> {
        TaskPage::read(response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let Asked { mode, limit, page } = super::paging::served::asked(request, dialect)?;
        Ok(ListTasks { mode, limit, page, title: query_value(request, "title") })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TaskPage, _dialect: &Dialect) -> Response {
        reply.write()
    }
}

impl Call for FetchTask {
    type Reply = Task;
    const NAME: &'static str = "testinvite.fetch_task";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.1, published",
        query: r#"mode?: "basic"|"detailed""#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: Task::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        FetchTask { id: fields.id_text("id").unwrap_or_default(), mode: fields.word("mode", Mode::WORDS) }
    }

    fn faults(&self) -> Vec<FieldError> {
        id_fault(&self.id).map(|reason| FieldError::new("id", reason)).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.id]);
        bare_request(base, http::Method::GET, &super::with_mode(&path, self.mode))
    }

    fn read_reply(&self, response: &Response) -> Result<Task, Error> {
        super::shape::bare(response, "taskId")
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [id] = reply::path_ids::<1>(Self::PATH, request)?;
        Ok(FetchTask { id, mode: reply::query_mode(request)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Task, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &served::Body::new(reply))
    }
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
mod served {
    use super::super::candidate::Seconds;
    use super::{EmailTemplate, Map, Named, Serialize, Step, StepTest, Task, Value};

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Body<'a> {
        task_id: &'a str,
        title: Option<&'a str>,
        created_at: Option<Seconds>,
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
        favorite: Option<bool>,
        folder: Option<&'a str>,
        labels: Option<&'a [String]>,
        tags: Option<&'a Map<String, Value>>,
        lang: Option<&'a str>,
        access_method: Option<&'a str>,
        active: Option<bool>,
        active_after: Option<Seconds>,
        active_before: Option<Seconds>,
        // What these two are made of has the same names in the neutral form.
        programs: Option<&'a [Named]>,
        stages: Option<&'a [Named]>,
        email_templates: Option<&'a [EmailTemplate]>,
        private_chat_enabled: Option<bool>,
        steps: Option<Vec<StepBody<'a>>>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct StepBody<'a> {
        id: Option<&'a str>,
        title: Option<&'a str>,
        active: Option<bool>,
        active_before: Option<Seconds>,
        active_after: Option<Seconds>,
        attempt_limit: Option<i64>,
        test: Option<TestBody<'a>>,
        webcam_recording: Option<&'a str>,
        screen_recording: Option<&'a str>,
        fullscreen: Option<bool>,
        post_ai_proctoring: Option<bool>,
        practice_mode: Option<bool>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct TestBody<'a> {
        test_id: Option<&'a str>,
        organization_id: Option<&'a str>,
        source: Option<&'a str>,
    }

    impl<'a> From<&'a Step> for StepBody<'a> {
        fn from(step: &'a Step) -> Self {
            StepBody {
                id: step.id.as_deref(),
                title: step.title.as_deref(),
                active: step.active,
                active_before: step.active_before.map(Seconds),
                active_after: step.active_after.map(Seconds),
                attempt_limit: step.attempt_limit,
                test: step.test.as_ref().map(|StepTest { test_id, organization_id, source }| TestBody {
                    test_id: test_id.as_deref(),
                    organization_id: organization_id.as_deref(),
                    source: source.as_deref(),
                }),
                webcam_recording: step.webcam_recording.as_deref(),
                screen_recording: step.screen_recording.as_deref(),
                fullscreen: step.fullscreen,
                post_ai_proctoring: step.post_ai_proctoring,
                practice_mode: step.practice_mode,
            }
        }
    }

    impl<'a> Body<'a> {
        pub(super) fn new(task: &'a Task) -> Self {
            let details = task.organization_id.as_deref().map(|organization_id| Details {
                organization_id,
                favorite: task.favorite,
                folder: task.folder.as_deref(),
                labels: task.labels.as_deref(),
                tags: task.tags.as_ref(),
                lang: task.lang.as_deref(),
                access_method: task.access_method.as_deref(),
                active: task.active,
                active_after: task.active_after.map(Seconds),
                active_before: task.active_before.map(Seconds),
                programs: task.programs.as_deref(),
                stages: task.stages.as_deref(),
                email_templates: task.email_templates.as_deref(),
                private_chat_enabled: task.private_chat_enabled,
                steps: task.steps.as_ref().map(|steps| steps.iter().map(StepBody::from).collect()),
            });
            Body {
                task_id: &task.task_id,
                title: task.title.as_deref(),
                created_at: task.created_at.map(Seconds),
                details,
                extra: &task.extra,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn read(body: &str) -> Result<Task, Error> {
        FetchTask { id: "t".into(), mode: None }.read_reply(&http::Response::new(body.as_bytes().to_vec()))
    }

    #[test]
    fn what_create_needs_is_found_here() {
        let body = r#"{"taskId":"t","title":"A","createdAt":1738400000,"organizationId":"o","programs":[{"uuid":"p","name":"P"}],
            "emailTemplates":[{"name":"Welcome","subject":"Hello"}],"steps":[{"id":"s","activeAfter":1738400000,"activeBefore":null,
            "attemptLimit":-1,"test":{"testId":"x","organizationId":"o","source":"own-test"},"webcamRecording":"SOMETHING NEW"}],"new":1}"#;
        let task = read(body).unwrap();
        assert_eq!(task.created_at, Some(Time::from_seconds(1_738_400_000)));
        assert_eq!(task.programs.unwrap()[0].uuid.as_deref(), Some("p"));
        assert_eq!(task.email_templates.unwrap()[0].name.as_deref(), Some("Welcome"));
        let step = &task.steps.unwrap()[0];
        assert_eq!((step.id.as_deref(), step.attempt_limit, step.active_before), (Some("s"), Some(-1), None));
        assert_eq!(step.test.as_ref().unwrap().source.as_deref(), Some("own-test"));
        assert_eq!(step.webcam_recording.as_deref(), Some("SOMETHING NEW"));
        assert_eq!((task.stages, task.favorite), (None, None));
        assert_eq!(task.extra["new"], 1);
    }

    #[test]
    fn a_task_without_its_id_is_malformed() {
        assert_eq!(read(r#"{"title":"A"}"#).unwrap_err().kind(), Kind::MalformedReply);
    }

    #[cfg(feature = "engine")]
    #[test]
    fn an_answer_says_the_same_to_the_other_side() {
        let named = |text: &str| Some(vec![Named { uuid: Some(text.to_owned()), name: None }]);
        let moment = Some(Time::from_milliseconds(1_738_400_000_500));
        let basic = Task {
            task_id: "t".into(),
            title: Some("A".into()),
            created_at: moment,
            organization_id: None,
            favorite: None,
            folder: None,
            labels: None,
            tags: None,
            lang: None,
            access_method: None,
            active: None,
            active_after: None,
            active_before: None,
            programs: None,
            stages: None,
            email_templates: None,
            private_chat_enabled: None,
            steps: None,
            extra: Map::new(),
        };
        let detailed = Task {
            organization_id: Some("o".into()),
            favorite: Some(true),
            folder: Some("f".into()),
            labels: Some(vec!["l".into()]),
            tags: Some(Map::from_iter([("k".to_owned(), "v".into())])),
            lang: Some("tr".into()),
            access_method: Some("no-auth".into()),
            active: Some(false),
            active_after: moment,
            active_before: Some(Time::from_seconds(1_738_500_000)),
            programs: named("p"),
            stages: named("s"),
            email_templates: Some(vec![EmailTemplate { name: Some("n".into()), subject: Some("s".into()) }]),
            private_chat_enabled: Some(true),
            steps: Some(vec![Step {
                id: Some("i".into()),
                title: Some("t".into()),
                active: Some(true),
                active_before: moment,
                active_after: None,
                attempt_limit: Some(3),
                test: Some(StepTest { test_id: Some("x".into()), organization_id: Some("o".into()), source: None }),
                webcam_recording: Some("PHOTO".into()),
                screen_recording: Some("NONE".into()),
                fullscreen: Some(true),
                post_ai_proctoring: Some(false),
                practice_mode: None,
            }]),
            extra: Map::from_iter([("new".to_owned(), 1.into())]),
            ..basic.clone()
        };
        for task in [basic, detailed] {
            let response = FetchTask::write_reply(&task, &Dialect::default());
            let text = String::from_utf8_lossy(response.body()).into_owned();
            assert_eq!(read(&text).unwrap(), task, "{text}");
        }
    }
}
