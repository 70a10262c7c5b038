//! One test. Reference: section 16.

use serde::Serialize;
use serde_json::{Map, Value};

use super::members::{Member, Wire, object, take};
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request};
use crate::{Error, FieldError, Platform};

/// `GET /v3/tests/{testId}` (section 16, observed in public clients).
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let request = imocha::RetrieveTest { test_id: 292930 }.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/tests/292930");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RetrieveTest {
    /// The test, a positive number.
    pub test_id: i64,
}

/// The answer to [`RetrieveTest`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RetrievedTest {
    /// The test.
    pub test_id: i64,
    /// What it is called.
    pub test_name: Option<String>,
    /// Minutes.
    pub duration: Option<i64>,
    /// How many questions there are.
    pub questions: Option<i64>,
    /// The sections.
    pub sections: Option<Vec<TestSection>>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

object! {
    /// One section of a test.
    TestSection {
        /// What it is called.
        section_name: String = "sectionName",
        /// The kind of its questions.
        section_type: String = "sectionType",
        /// How many questions there are.
        questions: i64 = "questions",
        /// Minutes.
        duration: i64 = "duration",
    }
}

impl Call for RetrieveTest {
    type Reply = RetrievedTest;
    const NAME: &'static str = "imocha.retrieve_test";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/tests/{test_id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 16, observed in public clients",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(
            &[("testId", crate::engine::Shape::Integer)],
            &crate::engine::Shape::Members(&[
                ("testName", crate::engine::Shape::Text),
                ("duration", crate::engine::Shape::Integer),
                ("questions", crate::engine::Shape::Integer),
                ("sections", crate::engine::Shape::List(&TestSection::SHAPE)),
            ]),
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        RetrieveTest { test_id: fields.integer("test_id").unwrap_or(0) }
    }

    fn faults(&self) -> Vec<FieldError> {
        super::id_fault("test_id", self.test_id).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &format!("/v3/tests/{}", self.test_id))
    }

    fn read_reply(&self, response: &Response) -> Result<RetrievedTest, Error> {
        let mut body = reply::success(response)?;
        Ok(RetrievedTest {
            test_id: take(&mut body, "testId").ok_or_else(|| reply::lacks(response, "testId"))?,
            test_name: take(&mut body, "testName"),
            duration: take(&mut body, "duration"),
            questions: take(&mut body, "questions"),
            sections: take(&mut body, "sections"),
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        Ok(RetrieveTest { test_id: super::request::id(RetrieveTest::PATH, request, super::NO_TEST)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &RetrievedTest, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_id: i64,
            test_name: Option<&'a str>,
            duration: Option<i64>,
            questions: Option<i64>,
            sections: Option<Wire<'a, Vec<TestSection>>>,
        }
        let body = Body {
            test_id: reply.test_id,
            test_name: reply.test_name.as_deref(),
            duration: reply.duration,
            questions: reply.questions,
            sections: reply.sections.as_ref().map(Wire),
        };
        crate::http::json_response(200, &body)
    }
}
