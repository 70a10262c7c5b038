//! The account's tests. Reference: section 16.

use serde::Serialize;
use serde_json::{Map, Value};

use super::members::{Member, Wire, object, take};
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request, with_query};
use crate::{Error, FieldError, Platform};

/// `GET /v3/tests?pageNo=…&pageSize=…` (section 16, observed in public clients). Page and size are always sent (choice 37); a
/// listing is over when `count` tests were read, or at an empty page.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::ListTests { labels_filter: Some("x".into()), ..imocha::ListTests::page(2) };
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().query(), Some("pageNo=2&pageSize=10&labelsFilter=x"));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ListTests {
    /// Counts from 1.
    pub page_no: i64,
    /// How many tests a page has, at least 1.
    pub page_size: i64,
    /// Only tests that have the label of this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels_filter: Option<String>,
}

impl ListTests {
    /// How many tests a page has unless the caller says.
    pub const PAGE_SIZE: i64 = 10;

    /// A page of ten tests.
    #[must_use]
    pub fn page(page_no: i64) -> Self {
        ListTests { page_no, page_size: ListTests::PAGE_SIZE, labels_filter: None }
    }
}

/// The answer to [`ListTests`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TestPage {
    /// The tests, in the platform's order.
    pub tests: Vec<ListedTest>,
    /// How many there are on all pages (our choice: clients take it so).
    pub count: Option<i64>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

object! {
    /// One test of the list.
    ListedTest {
        /// The test.
        test_id: i64 = "testId",
        /// What it is called.
        test_name: String = "testName",
        /// The platform's word; its values are not documented.
        status: String = "status",
        /// Minutes.
        duration: i64 = "duration",
        /// The labels' texts.
        labels: Vec<String> = "labels",
    }
}

impl Call for ListTests {
    type Reply = TestPage;
    const NAME: &'static str = "imocha.list_tests";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/tests";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 16, observed in public clients",
        query: "pageNo?: integer, pageSize?: integer, labelsFilter?: text",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(
            &[("tests", crate::engine::Shape::List(&ListedTest::SHAPE))],
            &crate::engine::Shape::Members(&[("count", crate::engine::Shape::Integer)]),
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        ListTests {
            page_no: fields.integer("page_no").unwrap_or(1),
            page_size: fields.integer("page_size").unwrap_or(ListTests::PAGE_SIZE),
            labels_filter: fields.text("labels_filter"),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        [super::id_fault("page_no", self.page_no), super::id_fault("page_size", self.page_size)].into_iter().flatten().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let (page_no, page_size) = (Some(self.page_no.to_string()), Some(self.page_size.to_string()));
        let query = [("pageNo", page_no), ("pageSize", page_size), ("labelsFilter", self.labels_filter.clone())];
        bare_request(base, http::Method::GET, &with_query(ListTests::PATH, &query))
    }

    fn read_reply(&self, response: &Response) -> Result<TestPage, Error> {
        let mut body = reply::success(response)?;
        let tests = take(&mut body, "tests").ok_or_else(|| reply::lacks(response, "tests"))?;
        Ok(TestPage { tests, count: take(&mut body, "count"), extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        // Choice 37: 0 means the default for either, as in v2 (section 16); so does what is no number.
        let number = |name| crate::http::query_value(request, name).and_then(|text| text.trim().parse().ok()).filter(|number| *number > 0);
        Ok(ListTests {
            page_no: number("pageNo").unwrap_or(1),
            page_size: number("pageSize").unwrap_or(dialect.imocha.tests_page_size),
            labels_filter: crate::http::query_value(request, "labelsFilter").filter(|text| !text.is_empty()),
        })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &TestPage, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            tests: Wire<'a, Vec<ListedTest>>,
            count: Option<i64>,
        }
        crate::http::json_response(200, &Body { tests: Wire(&reply.tests), count: reply.count })
    }
}
