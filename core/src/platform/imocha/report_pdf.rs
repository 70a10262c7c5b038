//! A candidate's report as PDF. Reference: section 15.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request};
use crate::{Error, FieldError, Platform, wire};

/// How every PDF file begins.
const MAGIC: &[u8] = b"%PDF-";

/// `GET /v3/reports/{testInvitationId}/pdf` (section 15, path observed in public clients). Whether it answers with the file or with
/// where the file is, is not documented: both are read (choice 21). [`super::CandidateReport::pdf_report_url`] is the better known way.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let request = imocha::ReportPdf { test_invitation_id: 2807324 }.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/v3/reports/2807324/pdf");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReportPdf {
    /// The invitation, a positive number.
    pub test_invitation_id: i64,
}

/// The answer to [`ReportPdf`]: the file or its address.
#[derive(Clone, PartialEq, Serialize)]
pub struct PdfReport {
    /// The file; base64 in JSON.
    #[serde(serialize_with = "base64")]
    pub pdf: Option<Vec<u8>>,
    /// Where the file is.
    pub pdf_report_url: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

/// Shows how large the file is: the address is a key to it.
impl std::fmt::Debug for PdfReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PdfReport").field("pdf", &self.pdf.as_ref().map(Vec::len)).finish_non_exhaustive()
    }
}

fn base64<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
}

impl Call for ReportPdf {
    type Reply = PdfReport;
    const NAME: &'static str = "imocha.report_pdf";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/v3/reports/{test_invitation_id}/pdf";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 15, path observed in public clients",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::File("application/pdf"),
    };

    fn read(fields: &mut Fields) -> Self {
        ReportPdf { test_invitation_id: fields.integer("test_invitation_id").unwrap_or(0) }
    }

    fn faults(&self) -> Vec<FieldError> {
        super::id_fault("test_invitation_id", self.test_invitation_id).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &format!("/v3/reports/{}/pdf", self.test_invitation_id))
    }

    fn read_reply(&self, response: &Response) -> Result<PdfReport, Error> {
        if let Some(error) = reply::error(response) {
            return Err(error);
        }
        let content_type = response.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json = content_type.to_ascii_lowercase().contains("json");
        if !is_json && response.body().starts_with(MAGIC) {
            return Ok(PdfReport { pdf: Some(response.body().clone()), pdf_report_url: None, extra: Map::new() });
        }
        if content_type.to_ascii_lowercase().contains("pdf") {
            return Err(wire::malformed(response, "it is called a PDF and is none"));
        }
        let mut body = wire::object(response)?;
        let url = ["pdfReportUrl", "url"].iter().find_map(|name| wire::take_text(&mut body, name));
        let url = url.ok_or_else(|| reply::lacks(response, "PDF and no pdfReportUrl"))?;
        Ok(PdfReport { pdf: None, pdf_report_url: Some(url), extra: body })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        Ok(ReportPdf { test_invitation_id: super::request::id(ReportPdf::PATH, request, super::NO_INVITATION)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &PdfReport, _dialect: &Dialect) -> Response {
        let Some(pdf) = &reply.pdf else {
            return crate::http::json_response(200, &serde_json::json!({ "pdfReportUrl": reply.pdf_report_url }));
        };
        let mut response = Response::new(pdf.clone());
        response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/pdf"));
        response
    }
}
