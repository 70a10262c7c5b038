//! The answers of a test session; beta at the platform. Reference: section 5.4.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{Mode, id_fault, reply, shape};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request, path};
use crate::{Error, FieldError, Platform};

shapes! {
    /// What a candidate answered to one question. What the platform does not tell is `None`.
    Answer {
        /// The section, counted from 0.
        section_index: i64 = "sectionIndex";
        /// The section, counted from 1.
        section_no: i64 = "sectionNo";
        /// The page.
        page_no: i64 = "pageNo";
        /// The page within its section.
        page_no_in_section: i64 = "pageNoInSection";
        /// The question.
        question_no: i64 = "questionNo";
        /// The question within its section.
        question_no_in_section: i64 = "questionNoInSection";
        /// The question within its page.
        question_no_in_page: i64 = "questionNoInPage";
        /// Whether it has to be answered.
        required: bool = "required";
        /// Whether it counts.
        effective: bool = "effective";
        /// Where the question comes from.
        question_reference: QuestionReference = "questionReference";
        /// The question and its answer.
        question: Question = "question";
        /// The section; in mode detailed only.
        section_uuid: String = "sectionUuid";
        /// The page; in mode detailed only.
        page_uuid: String = "pageUuid";
    }

    /// Where a question comes from.
    QuestionReference {
        /// `questionbank` or `questionbox`.
        kind: String = "kind";
        /// The organization, of a question bank.
        organization_id: String = "organizationId";
        /// The question, of a question bank.
        question_id: String = "questionId";
        /// The question box.
        question_box_uuid: String = "questionBoxUUID";
    }

    /// A question and its answer.
    Question {
        /// `multiplechoice`, `match` or `input`.
        kind: String = "kind";
        /// What an `input` takes, e.g. `field` or `video`.
        #[serde(rename = "type")]
        input_type: String = "type";
        /// The question.
        text: String = "text";
        /// What was answered; `None` when nothing was.
        answer: GivenAnswer = "answer" or ();
    }

    /// What was answered to a question.
    GivenAnswer {
        /// Whether it is right.
        valid: bool = "valid";
        /// From -1 to 1.
        score: Number = "score";
        /// The points.
        points_achieved: Number = "pointsAchieved";
        /// What was chosen, of a `multiplechoice`.
        choices: Vec<Choice> = "choices";
        /// What was matched, of a `match`.
        matches: Vec<Matched> = "matches";
        /// What was entered, of an `input`.
        value: String = "value";
    }

    /// A choice that was taken.
    Choice {
        /// Its text.
        text: String = "text";
    }

    /// An item and the option that was matched with it.
    Matched {
        /// The item.
        item: String = "item";
        /// The option.
        option: String = "option";
    }
}

/// `GET /api/integration/rest/v1/tasks/{taskId}/test-instances/{id}/answers` (section 5.4, published, beta).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ListAnswers {
    /// The task.
    pub task_id: String,
    /// The session's id.
    pub id: String,
    /// How much is told; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

/// The answer to [`ListAnswers`].
#[derive(Clone, PartialEq, Serialize)]
pub struct Answers {
    /// The answers of the session, question by question.
    pub answers: Vec<Answer>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

quiet_debug!(Answers);

impl Call for ListAnswers {
    type Reply = Answers;
    const NAME: &'static str = "testinvite.list_answers";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/test-instances/{id}/answers";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.4, published, beta",
        query: r#"mode?: "basic"|"detailed""#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(
            &[("answers", crate::engine::Shape::List(&<Answer as shape::Member>::SHAPE))],
            &crate::engine::Shape::Nothing,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        ListAnswers {
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

    fn read_reply(&self, response: &Response) -> Result<Answers, Error> {
        let mut body = reply::success(response)?;
        let Some(answers) = shape::member(&mut body, "answers") else { return Err(reply::lacks(response, "answers")) };
        Ok(Answers { answers, extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] = reply::path_ids::<2>(Self::PATH, request)?;
        Ok(ListAnswers { task_id, id, mode: reply::query_mode(request)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Answers, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            answers: shape::Wired<'a, Vec<Answer>>,
            #[serde(flatten)]
            extra: &'a Map<String, Value>,
        }
        crate::http::json_response(200, &Body { answers: shape::Wired(&reply.answers), extra: &reply.extra })
    }
}
