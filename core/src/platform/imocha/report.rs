//! A candidate's report as JSON. Reference: section 15.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::members::{Member, Wire, object, take};
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request, with_query};
use crate::{Error, FieldError, Platform, Status, Time};

/// What a report holds beside its summary (section 15, published).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportType {
    /// Section scores; the platform's default.
    Sections = 1,
    /// Skill scores.
    Skills = 2,
    /// Both.
    Both = 3,
}

impl ReportType {
    /// All of them.
    pub const ALL: [ReportType; 3] = [ReportType::Sections, ReportType::Skills, ReportType::Both];

    /// The number of the wire.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The type of a number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        ReportType::ALL.into_iter().find(|known| known.number() == number)
    }
}

impl Serialize for ReportType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

/// `GET /v3/reports/{testInvitationId}?reportType=…` (section 15, published).
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::Report { report_type: Some(imocha::ReportType::Both), ..imocha::Report::new(2807324) };
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path_and_query().map(|it| it.as_str()), Some("/v3/reports/2807324?reportType=3"));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// The invitation, a positive number.
    pub test_invitation_id: i64,
    /// What the report holds; left to the platform when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_type: Option<ReportType>,
}

impl Report {
    /// The platform's default report.
    #[must_use]
    pub fn new(test_invitation_id: i64) -> Self {
        Report { test_invitation_id, report_type: None }
    }
}

/// The answer to [`Report`]. Members are absent where the platform leaves them out or says null.
#[derive(Clone, PartialEq, Serialize)]
pub struct CandidateReport {
    /// The id of the attempt.
    pub test_invitation_id: i64,
    /// The test; text in the reference's table, a number on the wire.
    pub test_id: Option<String>,
    /// The candidate's address.
    pub candidate_email: Option<String>,
    /// The candidate's full name.
    pub candidate_name: Option<String>,
    /// When the attempt began.
    pub attempted_on: Option<Time>,
    /// Where the attempt stands; unknown as long as it is not over (null or `None` on the wire).
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// Points reached; deprecated by the platform.
    pub score: Option<f64>,
    /// Points reached.
    pub candidate_points: Option<f64>,
    /// Points that can be reached.
    pub total_test_points: Option<f64>,
    /// Points reached, in percent.
    pub score_percentage: Option<f64>,
    /// Seconds.
    pub time_taken: Option<i64>,
    /// Minutes.
    pub test_duration: Option<i64>,
    /// A category of the test's own, e.g. `Beginner`.
    pub performance_category: Option<String>,
    /// What the test is called.
    pub test_name: Option<String>,
    /// The report as PDF.
    pub pdf_report_url: Option<String>,
    /// The questions by difficulty.
    pub ques_difficulty_analysis: Option<Vec<DifficultyAnalysis>>,
    /// Section scores, in types 1 and 3.
    pub sections: Option<Vec<ReportSection>>,
    /// Skill scores, in types 2 and 3 (choice 38: the key is our guess).
    pub skills: Option<Vec<ReportSkill>>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl CandidateReport {
    /// Where the attempt stands: a report without a status says that it is not over, and with a time of the attempt, that it has
    /// begun (iMocha reference, section 15). `None` when it says neither.
    #[must_use]
    pub fn standing(&self) -> Option<Status> {
        match self.status {
            Status::Unknown => self.attempted_on.map(|_| Status::InProgress),
            status => Some(status),
        }
    }
}

/// Shows id and status only: no name, no address, no score.
impl std::fmt::Debug for CandidateReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.test_invitation_id;
        formatter.debug_struct("CandidateReport").field("test_invitation_id", id).field("status", &self.status).finish_non_exhaustive()
    }
}

object! {
    /// The questions of one difficulty (section 15, observed in public clients).
    DifficultyAnalysis {
        /// The level's name.
        difficulty_level: String = "difficultyLevel",
        /// How many questions have it.
        no_of_questions: i64 = "noOfQuestions",
        /// How many of them were answered correctly.
        no_of_correct_questions: i64 = "noOfCorrectQuestions",
        /// That in percent.
        percentage: f64 = "percentage",
    }
}

object! {
    /// The score of one section (section 15, published; the last five observed in public clients).
    ReportSection {
        /// Points reached.
        candidate_score: f64 = "candidateScore",
        /// Points that can be reached.
        section_score: f64 = "sectionScore",
        /// How many questions there are.
        no_of_que: i64 = "noOfQue",
        /// The platform's id.
        section_id: i64 = "sectionId",
        /// What the section is called.
        section_name: String = "sectionName",
        /// Minutes.
        section_time: i64 = "sectionTime",
        /// Seconds.
        section_time_taken: i64 = "sectionTimeTaken",
        /// Points taken off.
        negative_mark: f64 = "negativeMark",
        /// Questions answered correctly.
        correct_questions: i64 = "correctQuestions",
        /// Questions answered wrongly.
        wrong_questions: i64 = "wrongQuestions",
        /// Questions skipped.
        skipped_questions: i64 = "skippedQuestions",
        /// Questions not answered.
        not_answered_questions: i64 = "notAnsweredQuestions",
    }
}

object! {
    /// The score of one skill (section 15, observed in public clients).
    ReportSkill {
        /// Points reached.
        candidate_qb_score: f64 = "candidateQbScore",
        /// Points that can be reached.
        qb_score: f64 = "qbScore",
        /// How many questions there are.
        no_of_que: i64 = "noOfQue",
        /// The platform's id.
        qb_id: i64 = "qbId",
        /// What the skill is called.
        qb_name: String = "qbName",
        /// The section it belongs to.
        section_id: i64 = "sectionId",
        /// What that section is called.
        section_name: String = "sectionName",
    }
}

/// What the report tells; the two words with a capital are those of the page's table (choice 5).
#[cfg(feature = "engine")]
const REPORT: &[(&str, crate::engine::Shape)] = {
    use crate::engine::Shape;
    const TEXT: Shape = Shape::OrNothing(&Shape::Text);
    const NUMBER: Shape = Shape::OrNothing(&Shape::Number);
    const INTEGER: Shape = Shape::OrNothing(&Shape::Integer);
    &[
        ("testId", Shape::Written("integer|text|null")),
        ("candidateEmail", TEXT),
        ("candidateName", TEXT),
        ("attemptedOn", TEXT),
        ("status", TEXT),
        ("Status", TEXT),
        ("score", NUMBER),
        ("candidatePoints", NUMBER),
        ("totalTestPoints", NUMBER),
        ("scorePercentage", NUMBER),
        ("timeTaken", INTEGER),
        ("testDuration", INTEGER),
        ("performanceCategory", TEXT),
        ("PerformanceCategory", TEXT),
        ("testName", TEXT),
        ("pdfReportUrl", TEXT),
        ("quesDifficultyAnalysis", Shape::OrNothing(&Shape::List(&DifficultyAnalysis::SHAPE))),
        ("sections", Shape::List(&ReportSection::SHAPE)),
        ("skills", Shape::List(&ReportSkill::SHAPE)),
    ]
};

impl Call for Report {
    type Reply = CandidateReport;
    const NAME: &'static str = "imocha.report";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/reports/{test_invitation_id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 15, published",
        query: "reportType?: integer",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::With(&[("testInvitationId", crate::engine::Shape::Integer)], &crate::engine::Shape::Members(REPORT)),
    };

    fn read(fields: &mut Fields) -> Self {
        let test_invitation_id = fields.integer("test_invitation_id").unwrap_or(0);
        let number = fields.integer("report_type");
        let report_type = number.and_then(ReportType::from_number);
        if number.is_some() && report_type.is_none() {
            fields.fault("report_type", "1 (sections), 2 (skills) or 3 (both) is expected");
        }
        Report { test_invitation_id, report_type }
    }

    fn faults(&self) -> Vec<FieldError> {
        super::id_fault("test_invitation_id", self.test_invitation_id).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let report_type = self.report_type.map(|report_type| report_type.number().to_string());
        let path = with_query(&format!("/v3/reports/{}", self.test_invitation_id), &[("reportType", report_type)]);
        bare_request(base, http::Method::GET, &path)
    }

    fn read_reply(&self, response: &Response) -> Result<CandidateReport, Error> {
        let mut body = reply::success(response)?;
        let test_invitation_id = reply::take_id(&mut body, response)?;
        let (status, platform_status) = reply::take_status(&mut body, "status");
        Ok(CandidateReport {
            test_invitation_id,
            test_id: take(&mut body, "testId"),
            candidate_email: take(&mut body, "candidateEmail"),
            candidate_name: take(&mut body, "candidateName"),
            attempted_on: take(&mut body, "attemptedOn"),
            status,
            platform_status,
            score: take(&mut body, "score"),
            candidate_points: take(&mut body, "candidatePoints"),
            total_test_points: take(&mut body, "totalTestPoints"),
            score_percentage: take(&mut body, "scorePercentage"),
            time_taken: take(&mut body, "timeTaken"),
            test_duration: take(&mut body, "testDuration"),
            performance_category: take(&mut body, "performanceCategory"),
            test_name: take(&mut body, "testName"),
            pdf_report_url: take(&mut body, "pdfReportUrl"),
            ques_difficulty_analysis: take(&mut body, "quesDifficultyAnalysis"),
            sections: take(&mut body, "sections"),
            skills: take(&mut body, "skills"),
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let test_invitation_id = super::request::id(Report::PATH, request, super::NO_INVITATION)?;
        // A number outside of the set takes the default, or is refused when the values are strict (choice 39).
        let asked = crate::http::query_value(request, "reportType");
        let report_type = asked.as_deref().and_then(|text| ReportType::from_number(text.trim().parse().ok()?));
        if dialect.imocha.strict_values && asked.is_some() && report_type.is_none() {
            return Err(reply::refusal(400, &["reportType is not 1, 2 or 3. (sandbox)"]));
        }
        Ok(Report { test_invitation_id, report_type })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &CandidateReport, dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            test_invitation_id: i64,
            test_id: Option<Value>,
            candidate_email: Option<&'a str>,
            candidate_name: Option<&'a str>,
            attempted_on: Option<Time>,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<Option<&'a str>>,
            #[serde(rename = "Status", skip_serializing_if = "Option::is_none")]
            status_of_table: Option<Option<&'a str>>,
            score: Option<f64>,
            candidate_points: Option<f64>,
            total_test_points: Option<f64>,
            score_percentage: Option<f64>,
            time_taken: Option<i64>,
            test_duration: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            performance_category: Option<Option<&'a str>>,
            #[serde(rename = "PerformanceCategory", skip_serializing_if = "Option::is_none")]
            performance_category_of_table: Option<Option<&'a str>>,
            test_name: Option<&'a str>,
            pdf_report_url: Option<&'a str>,
            ques_difficulty_analysis: Option<Wire<'a, Vec<DifficultyAnalysis>>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            sections: Option<Wire<'a, Vec<ReportSection>>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            skills: Option<Wire<'a, Vec<ReportSkill>>>,
        }
        // Choice 5: the page's table against what clients see on the wire.
        let is_table = dialect.imocha.report_key_casing == "table";
        let (status, category) = (reply.platform_status.as_deref(), reply.performance_category.as_deref());
        let number = |id: &String| id.parse::<i64>().ok().map(Value::from).filter(|_| !is_table);
        let body = Body {
            test_invitation_id: reply.test_invitation_id,
            test_id: reply.test_id.as_ref().map(|id| number(id).unwrap_or_else(|| id.clone().into())),
            candidate_email: reply.candidate_email.as_deref(),
            candidate_name: reply.candidate_name.as_deref(),
            attempted_on: reply.attempted_on,
            status: (!is_table).then_some(status),
            status_of_table: is_table.then_some(status),
            score: reply.score,
            candidate_points: reply.candidate_points,
            total_test_points: reply.total_test_points,
            score_percentage: reply.score_percentage,
            time_taken: reply.time_taken,
            test_duration: reply.test_duration,
            performance_category: (!is_table).then_some(category),
            performance_category_of_table: is_table.then_some(category),
            test_name: reply.test_name.as_deref(),
            pdf_report_url: reply.pdf_report_url.as_deref(),
            ques_difficulty_analysis: reply.ques_difficulty_analysis.as_ref().map(Wire),
            sections: reply.sections.as_ref().map(Wire),
            skills: reply.skills.as_ref().map(Wire),
        };
        crate::http::json_response(200, &body)
    }
}
