//! Think Exam's signatures: made, verified, explained.

use bidden::http::Request as HttpRequest;
use bidden::sign::{self, Check, Encoding, Recipe, Triple};
use bidden::{Error, Time};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::boundary::guard;
use crate::call::{Body, set_headers};
use crate::error::{OrRaise, raise};
use crate::json;
use crate::secret::Credential;

/// The three values of a signed request, and the message that was signed. `repr` and pickles show none of them.
///
/// >>> import bidden
/// >>> signature = bidden.sign(api_key="key", secret="secret", now=1_700_000_000)
/// >>> signature, signature.ts, sorted(signature.headers)
/// (<Signature>, '1700000000', ['ak', 'sgn', 'ts'])
#[pyclass(frozen, eq, module = "bidden")]
#[derive(PartialEq)]
pub(crate) struct Signature {
    triple: Triple,
    message: Vec<u8>,
}

impl Signature {
    pub(crate) fn triple(&self) -> &Triple {
        &self.triple
    }
}

#[pymethods]
impl Signature {
    /// The API key.
    #[getter]
    fn ak(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.triple.ak.clone()))
    }

    /// The signature.
    #[getter]
    fn sgn(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.triple.sgn.expose().to_owned()))
    }

    /// The time, as it was signed.
    #[getter]
    fn ts(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.triple.ts.clone()))
    }

    /// The bytes that were signed.
    #[getter]
    fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guard(py, || Ok(PyBytes::new(py, &self.message)))
    }

    /// The headers `ak`, `sgn` and `ts`.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let headers = PyDict::new(py);
            headers.set_item("ak", &self.triple.ak)?;
            headers.set_item("sgn", self.triple.sgn.expose())?;
            headers.set_item("ts", &self.triple.ts)?;
            Ok(headers)
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok("<Signature>".to_owned()))
    }
}

/// What a signature was found to be, for people who debug their own signing. It never holds the secret.
///
/// >>> import bidden
/// >>> headers = bidden.sign(api_key="key", secret="secret", now=1_700_000_000).headers
/// >>> bidden.explain_signature(api_key="key", secret="secret", headers=headers, now=1_700_009_000).ts_offset_seconds
/// -9000
#[pyclass(frozen, module = "bidden")]
pub(crate) struct SignatureExplanation(sign::Explanation);

#[pymethods]
impl SignatureExplanation {
    /// Whether the signature is good.
    #[getter]
    fn verifies(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(self.0.check == Check::Passed))
    }

    /// The first check that failed, in words; `passed` when none did.
    #[getter]
    fn check(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.check.text()))
    }

    /// The string that is signed, `⏎` for a line feed, a body as its length and SHA-256.
    #[getter]
    fn message(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.message.clone()))
    }

    /// Seconds by which `ts` is ahead of now, negative when behind; None when it cannot be read.
    #[getter]
    fn ts_offset_seconds(&self, py: Python<'_>) -> PyResult<Option<i64>> {
        guard(py, || Ok(self.0.ts_offset_s))
    }

    /// What may be the cause, e.g. `milliseconds-not-seconds`.
    #[getter]
    fn hints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || {
            let hints = json::read(py, &serde_json::to_string(&self.0.hints).unwrap_or_default())?;
            PyTuple::new(py, hints.try_iter()?.collect::<PyResult<Vec<_>>>()?)
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<SignatureExplanation: {}>", self.0.check.text())))
    }
}

/// A recipe given as the name of a preset or as a mapping; the default one when nothing is given.
pub(crate) fn recipe(given: Option<&Bound<'_, PyAny>>) -> PyResult<Recipe> {
    match given {
        None => Ok(Recipe::default()),
        Some(given) => Recipe::from_json(&json::write(given)?).or_raise(given.py()),
    }
}

fn request(py: Python<'_>, method: &str, url: &str, body: Option<&Body<'_>>) -> PyResult<HttpRequest> {
    let mut request = HttpRequest::new(body.map(Body::to_vec).transpose()?.unwrap_or_default());
    *request.method_mut() = method.parse().map_err(|_| raise(py, Error::invalid_field("method", "an HTTP method is expected")))?;
    *request.uri_mut() = url.parse().map_err(|_| raise(py, Error::invalid_field("url", "a complete address is expected")))?;
    Ok(request)
}

/// Signs a request of Think Exam by a recipe: the name of a preset or a mapping. How the vendor signs is not published.
///
/// `now` is the clock's time when left out. Raises `ConfigurationError` for a recipe that cannot be used.
///
/// >>> import bidden
/// >>> signature = bidden.sign("default", api_key="TEST_API_KEY", secret="TEST_API_SECRET", now=1_700_000_000)
/// >>> signature.sgn
/// 'c5a77094300ca0628e8412be85316b2b0c7039fcc05d73cd8be4ee6b8f83d93c'
#[pyfunction(name = "sign")]
#[pyo3(signature = (recipe = None, *, api_key, secret, method = "POST", url = "/", body = None, now = None))]
#[allow(clippy::too_many_arguments)] // the parameters of the Python function
pub(crate) fn make(
    py: Python<'_>,
    recipe: Option<&Bound<'_, PyAny>>,
    api_key: Credential,
    secret: Credential,
    method: &str,
    url: &str,
    body: Option<Body<'_>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Signature> {
    guard(py, || {
        let recipe = self::recipe(recipe)?;
        let request = request(py, method, url, body.as_ref())?;
        let triple = recipe.sign(api_key.read().expose(), &secret.read(), &request, json::now(now)?).or_raise(py)?;
        let message = recipe.message(&triple.ak, &triple.ts, &request);
        Ok(Signature { triple, message })
    })
}

/// A signed request as it arrived, and what it is judged by.
struct Received {
    recipe: Recipe,
    api_key: bidden::Secret,
    secret: bidden::Secret,
    request: HttpRequest,
    now: Time,
    window_seconds: u32,
}

impl Received {
    fn explain(&self) -> sign::Explanation {
        sign::explain(&self.recipe, self.api_key.expose(), &self.secret, &self.request, self.now, self.window_seconds)
    }
}

/// Whether the headers `ak`, `sgn` and `ts` of a request fit; `explain_signature` says why not.
///
/// `window_seconds` is how far `ts` may lie from `now` on either side.
///
/// >>> import bidden
/// >>> signature = bidden.sign(api_key="key", secret="secret")
/// >>> bidden.verify(api_key="key", secret="secret", headers=signature.headers)
/// True
#[pyfunction]
#[pyo3(signature = (recipe = None, *, api_key, secret, headers, method = "POST", url = "/", body = None, now = None, window_seconds = 900))]
#[allow(clippy::too_many_arguments)] // the parameters of the Python function
pub(crate) fn verify(
    py: Python<'_>,
    recipe: Option<&Bound<'_, PyAny>>,
    api_key: Credential,
    secret: Credential,
    headers: &Bound<'_, PyAny>,
    method: &str,
    url: &str,
    body: Option<Body<'_>>,
    now: Option<&Bound<'_, PyAny>>,
    window_seconds: u32,
) -> PyResult<bool> {
    guard(py, || {
        let mut request = request(py, method, url, body.as_ref())?;
        set_headers(request.headers_mut(), headers)?;
        let (recipe, now) = (self::recipe(recipe)?, json::now(now)?);
        let verdict = sign::verify(&recipe, api_key.read().expose(), &secret.read(), &request, now, window_seconds);
        Ok(verdict.is_ok())
    })
}

/// Why a signature does not verify, or that it does, with what is signed and hints at the usual mistakes.
///
/// >>> import bidden
/// >>> signature = bidden.sign(api_key="key", secret="another")
/// >>> explanation = bidden.explain_signature(api_key="key", secret="secret", headers=signature.headers)
/// >>> explanation.check, explanation.hints
/// ('sgn differs', ('wrong-secret',))
#[pyfunction]
#[pyo3(signature = (recipe = None, *, api_key, secret, headers, method = "POST", url = "/", body = None, now = None, window_seconds = 900))]
#[allow(clippy::too_many_arguments)] // the parameters of the Python function
pub(crate) fn explain_signature(
    py: Python<'_>,
    recipe: Option<&Bound<'_, PyAny>>,
    api_key: Credential,
    secret: Credential,
    headers: &Bound<'_, PyAny>,
    method: &str,
    url: &str,
    body: Option<Body<'_>>,
    now: Option<&Bound<'_, PyAny>>,
    window_seconds: u32,
) -> PyResult<SignatureExplanation> {
    guard(py, || {
        let mut request = request(py, method, url, body.as_ref())?;
        set_headers(request.headers_mut(), headers)?;
        let received = Received {
            recipe: self::recipe(recipe)?,
            api_key: api_key.read(),
            secret: secret.read(),
            request,
            now: json::now(now)?,
            window_seconds,
        };
        // A mistaken signature is tried in many variants.
        Ok(SignatureExplanation(py.detach(|| received.explain())))
    })
}

/// HMAC-SHA256 of any text; for the vectors of other vendors' strings.
#[pyfunction]
pub(crate) fn hmac_text(py: Python<'_>, secret: Credential, message: &str, encoding: &str) -> PyResult<String> {
    guard(py, || {
        let Some((_, encoding)) = Encoding::WORDS.iter().find(|(word, _)| *word == encoding) else {
            return Err(Error::invalid_field("encoding", "hex or base64 is expected")).or_raise(py);
        };
        sign::hmac_text(&secret.read(), message, *encoding).or_raise(py)
    })
}
