//! Every call through the one door, for programs with an HTTP stack of their own.

use bidden::http::{Request as HttpRequest, Response};
use bidden::{AnyCall, BaseUrl, CALLS, Error, Kind, Platform, imocha, testinvite};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use crate::boundary::guard;
use crate::error::{OrRaise, raise};
use crate::json::{self, Arguments};

/// A request as data: `method`, `url`, `headers`, `body`, ready for any HTTP library.
///
/// >>> import bidden
/// >>> request = bidden.call_request("imocha.retrieve_test", test_id=292930)
/// >>> request.method, request.url, request.body
/// ('GET', 'https://apiv3.imocha.io/v3/tests/292930', b'')
#[pyclass(frozen, module = "bidden")]
pub(crate) struct Request(HttpRequest);

impl Request {
    pub(crate) fn new(request: HttpRequest) -> Self {
        Request(request)
    }
}

#[pymethods]
impl Request {
    /// The HTTP method, e.g. `POST`.
    #[getter]
    fn method(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.method().to_string()))
    }

    /// The complete address.
    #[getter]
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.uri().to_string()))
    }

    /// The headers, a new dict each time. A request made by a client carries its credential here.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let headers = PyDict::new(py);
            for (name, value) in self.0.headers() {
                headers.set_item(name.as_str(), String::from_utf8_lossy(value.as_bytes()))?;
            }
            Ok(headers)
        })
    }

    /// The body's exact bytes.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guard(py, || Ok(PyBytes::new(py, self.0.body())))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    /// Method and address; headers and body may hold credentials and personal data.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Request {} {}>", self.0.method(), self.0.uri())))
    }
}

/// Bytes as callers give them: `bytes`, or text that is sent as UTF-8.
#[derive(FromPyObject)]
pub(crate) enum Body<'py> {
    #[pyo3(transparent)]
    Bytes(Bound<'py, PyBytes>),
    #[pyo3(transparent)]
    Text(Bound<'py, PyString>),
}

impl Body<'_> {
    /// The bytes.
    pub(crate) fn to_vec(&self) -> PyResult<Vec<u8>> {
        match self {
            Body::Bytes(bytes) => Ok(bytes.as_bytes().to_vec()),
            Body::Text(text) => Ok(text.to_str()?.as_bytes().to_vec()),
        }
    }
}

/// Reads a call by its name and keyword arguments.
pub(crate) fn read(name: &Bound<'_, PyString>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<AnyCall> {
    let Some(fields) = fields else { return AnyCall::from_members(name.to_str()?, &[]).or_raise(name.py()) };
    let arguments = Arguments::read(fields)?;
    AnyCall::from_members(name.to_str()?, &arguments.members()?).or_raise(name.py())
}

/// Puts headers given as a mapping, an iterable of pairs not being one, on a message.
pub(crate) fn set_headers(headers: &mut http::HeaderMap, given: &Bound<'_, PyAny>) -> PyResult<()> {
    let pairs = PyDict::new(given.py());
    pairs.call_method1("update", (given,))?;
    for (name, value) in pairs {
        let (name, value): (String, String) = (name.extract()?, value.extract()?);
        let wrong = || Error::invalid_field("headers", format!("{name} cannot be a header"));
        let header = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong()).or_raise(given.py())?;
        // A server's header may hold letters of any encoding (RFC 9110, 5.5); the answer is not lost for one that nobody reads.
        let value = http::HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong()).or_raise(given.py())?;
        headers.insert(header, value);
    }
    Ok(())
}

/// The names of all calls.
///
/// >>> import bidden
/// >>> "imocha.invite" in bidden.calls()
/// True
#[pyfunction]
pub(crate) fn calls(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    guard(py, || PyTuple::new(py, CALLS.iter().map(|row| row.name)))
}

/// The request of a call, without credentials: for programs that carry requests with their own HTTP library.
///
/// `name` is one of `calls()`; the fields are the platform's own in snake_case. Without `base_url` it is the address of
/// the live service, which Think Exam has not. Raises `InvalidInputError` with every field that cannot be sent, and
/// `ConfigurationError` for an address that cannot be read.
///
/// >>> import bidden
/// >>> request = bidden.call_request("imocha.invite", test_id=292930, email="ada@example.com", name="Ada Lovelace")
/// >>> request.url
/// 'https://apiv3.imocha.io/v3/tests/292930/invite'
/// >>> request.body
/// b'{"email":"ada@example.com","name":"Ada Lovelace","sendEmail":"no"}'
#[pyfunction]
#[pyo3(signature = (name, /, *, base_url = None, **fields))]
pub(crate) fn call_request(
    py: Python<'_>,
    name: &Bound<'_, PyString>,
    base_url: Option<&str>,
    fields: Option<&Bound<'_, PyDict>>,
) -> PyResult<Request> {
    guard(py, || {
        let call = read(name, fields)?;
        let base = match (base_url, call.row().platform) {
            (Some(given), _) => BaseUrl::parse(given),
            (None, Platform::Imocha) => BaseUrl::parse(imocha::BASE_URL),
            (None, Platform::TestInvite) => BaseUrl::parse(testinvite::BASE_URL),
            (None, Platform::ThinkExam) => Err(no_common_host()),
        };
        base.and_then(|base| call.to_request(&base)).or_raise(py).map(Request)
    })
}

pub(crate) fn no_common_host() -> Error {
    Error::new(Kind::Configuration, "Think Exam has no common host; give base_url, the address of your tenant")
}

/// Reads the answer to a call that another HTTP library carried, as a dict.
///
/// `fields` are the arguments of the call that was sent, `status` and `body` what came back; `headers` matter for
/// waiting times and redirects. Raises the error of the kind that the platform's refusal means, and
/// `MalformedReplyError` for what cannot be read.
///
/// >>> import bidden
/// >>> fields = {"test_id": 292930, "email": "ada@example.com", "name": "Ada Lovelace"}
/// >>> body = b'{"testInvitationId": 7, "testUrl": "https://test.example/7", "status": "Pending"}'
/// >>> bidden.read_reply("imocha.invite", fields, 200, body)["status"]
/// 'pending'
#[pyfunction]
#[pyo3(signature = (name, fields, status, body, headers = None))]
pub(crate) fn read_reply<'py>(
    py: Python<'py>,
    name: &Bound<'py, PyString>,
    fields: &Bound<'py, PyAny>,
    status: u16,
    body: Body<'py>,
    headers: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    guard(py, || {
        let call = AnyCall::from_json(name.to_str()?, &json::write(fields)?).or_raise(py)?;
        let mut response = Response::new(body.to_vec()?);
        *response.status_mut() = http::StatusCode::from_u16(status)
            .map_err(|_| raise(py, Error::invalid_field("status", "an HTTP status from 100 to 999 is expected")))?;
        if let Some(headers) = headers {
            set_headers(response.headers_mut(), headers)?;
        }
        let reply = call.read_reply(&response).or_raise(py)?;
        json::read_dict(py, &reply.to_json())
    })
}
