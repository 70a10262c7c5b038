//! The blocking clients. Arguments are read, the GIL is let go, the call is made, the answer is built.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, SystemTime};

use bidden::client::{Cancel, Client as CoreClient, ClientOptions, Credential as CoreCredential, Observer, Seen};
use bidden::http::Request as HttpRequest;
use bidden::operation::{Invite, InviteOptions, Operation, Step, TestId};
use bidden::sign::{Recipe, Signer, Triple};
use bidden::{AnyCall, AnyReply, BaseUrl, Error, FieldError, Kind, Platform, Time, imocha, testinvite};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyMapping, PyString, PyTuple, PyType};

use crate::boundary::guard;
use crate::call::{self, Body, Request};
use crate::candidate::Texts;
use crate::error::{OrRaise, raise};
use crate::json;
use crate::process::Birth;
use crate::secret::Credential;
use crate::sign::{Signature, recipe};

/// A function of the caller's that signs. The only Python object that Rust holds; the client shows it to the collector.
type Callable = Arc<Mutex<Option<Py<PyAny>>>>;

/// One platform's client: connections, rate limit and pauses, shared by any number of threads.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Client {
    client: CoreClient,
    birth: Birth,
    /// The one of a forked child: connections are nobody's to share.
    after_fork: Mutex<Option<(Birth, CoreClient)>>,
    credential: CoreCredential,
    options: ClientOptions,
    callable: Callable,
    /// Whose function signs, when another client was made from it: a function is shown to the collector once.
    origin: Option<Py<Client>>,
    /// What hears of every request: a function of the package's, which calls those of the caller.
    observer: Callable,
}

/// How patient a client is.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Patience {
    timeout: f64,
    tries: u32,
    rate: Option<f64>,
    callers: usize,
    proxy: Option<Credential>,
}

impl Patience {
    fn options(self) -> Result<ClientOptions, Error> {
        let mut faults = Vec::new();
        let proxy = self.proxy.map(Credential::read);
        let mut options = ClientOptions {
            rate: self.rate,
            callers: self.callers.max(1),
            proxy,
            observer: Some(Arc::new(Keeping)),
            ..ClientOptions::default()
        };
        match Duration::try_from_secs_f64(self.timeout) {
            Ok(timeout) if !timeout.is_zero() => options.timeout = timeout,
            _ => faults.push(FieldError::new("timeout", "a positive number of seconds is expected")),
        }
        if self.tries == 0 {
            faults.push(FieldError::new("tries", "at least 1 is expected"));
        }
        options.policy.tries = self.tries;
        if self.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            faults.push(FieldError::new("rate", "a positive number of calls per second is expected"));
        }
        if faults.is_empty() { Ok(options) } else { Err(Error::invalid_input(faults)) }
    }
}

fn connect(base_url: &str, credential: CoreCredential, patience: Patience, callable: Callable) -> Result<Client, Error> {
    made(base_url, credential, patience.options()?, callable)
}

fn made(base_url: &str, credential: CoreCredential, options: ClientOptions, callable: Callable) -> Result<Client, Error> {
    let client = CoreClient::new(BaseUrl::parse(base_url)?, credential.clone(), options.clone())?;
    let (birth, after_fork) = (Birth::here(), Mutex::default());
    Ok(Client { client, birth, after_fork, credential, options, callable, origin: None, observer: Callable::default() })
}

/// A test as callers name it. What else Python could write as text (`None`, say) is no test.
pub(crate) fn test_id(test: &Bound<'_, PyAny>) -> PyResult<TestId> {
    let reason = match json::text_or_number(test)? {
        Some(Ok(text)) => return Ok(TestId::from(text)),
        Some(Err(reason)) => reason,
        None => "text or a whole number is expected",
    };
    Err(Error::invalid_field("test", reason)).or_raise(test.py())
}

/// So often the main thread looks whether somebody pressed Ctrl-C.
pub(crate) const SIGNALS: Duration = Duration::from_millis(50);

/// The thread that imported the extension: as a rule the main one, which alone may handle signals.
static IMPORTED_BY: OnceLock<ThreadId> = OnceLock::new();

/// Remembers the thread that imports the extension.
pub(crate) fn imported_here() {
    IMPORTED_BY.get_or_init(|| std::thread::current().id());
}

/// Does work without the GIL. What is done on the main thread is done by another one, so that Ctrl-C ends the waiting: `cancel`
/// keeps further tries from beginning then, and a request in flight ends by itself.
pub(crate) fn without_gil<T: Send + 'static>(
    py: Python<'_>,
    cancel: &Cancel,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    if IMPORTED_BY.get() != Some(&std::thread::current().id()) {
        return py.detach(work).or_raise(py);
    }
    let (done, waiting) = mpsc::sync_channel(1);
    let context = py.import("contextvars")?.call_method0("copy_context")?.unbind();
    let spawned = std::thread::Builder::new().name("bidden-call".to_owned()).spawn(move || {
        CONTEXT.set(Some(context));
        // After Ctrl-C nobody waits for it.
        let _ = done.send(work());
    });
    if let Err(error) = spawned {
        return Err(Error::new(Kind::Internal, "no thread can be made for the call").with_source(error)).or_raise(py);
    }
    let waiting = Mutex::new(waiting);
    loop {
        let answer = py.detach(|| waiting.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(SIGNALS));
        match answer {
            Ok(result) => return result.or_raise(py),
            Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| cancel.cancel())?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(Kind::Internal, "a fault of bidden itself while it sent; please report it")).or_raise(py);
            }
        }
    }
}

impl Client {
    /// The client of the core, to be asked what it is.
    pub(crate) fn core(&self) -> &CoreClient {
        &self.client
    }

    /// The client of the core, to send with.
    ///
    /// # Errors
    /// As making one.
    pub(crate) fn sending(&self) -> Result<CoreClient, Error> {
        if self.birth.is_here() {
            return Ok(self.client.clone());
        }
        let mut after_fork = self.after_fork.lock().unwrap_or_else(PoisonError::into_inner);
        match &*after_fork {
            Some((birth, client)) if birth.is_here() => Ok(client.clone()),
            _ => {
                let client = CoreClient::new(self.client.base_url().clone(), self.credential.clone(), self.options.clone())?;
                *after_fork = Some((Birth::here(), client.clone()));
                Ok(client)
            }
        }
    }

    /// The requests per second that were asked for.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.options.rate
    }

    /// A client with the same credential for so many callers, at this rate.
    pub(crate) fn core_for(&self, callers: usize, rate: Option<f64>) -> Result<CoreClient, Error> {
        let options = ClientOptions { callers, rate, ..self.options.clone() };
        CoreClient::new(self.client.base_url().clone(), self.credential.clone(), options)
    }

    /// Sends a call; its answer, and the body as it came.
    fn send(&self, py: Python<'_>, call: AnyCall) -> PyResult<(AnyReply, Vec<u8>)> {
        let (client, cancel) = (self.sending().or_raise(py)?, Cancel::default());
        let cancelled = cancel.clone();
        without_gil(py, &cancel, move || {
            let result = client.report_unless(&call, &cancelled).result;
            let body = BODY.take();
            result.map(|reply| (reply, body))
        })
    }

    fn answer<'py>(&self, py: Python<'py>, call: AnyCall) -> PyResult<Bound<'py, PyDict>> {
        let (reply, body) = self.send(py, call)?;
        let answer = json::read_dict(py, &reply.to_json())?;
        with_raw(py, answer, self.client.platform(), body)
    }
}

#[pymethods]
impl Client {
    /// A client of iMocha.
    #[staticmethod]
    fn imocha(py: Python<'_>, api_key: Option<Credential>, base_url: Option<&str>, patience: Patience) -> PyResult<Self> {
        guard(py, || {
            Credential::or_env(api_key, "BIDDEN_IMOCHA_API_KEY")
                .map(CoreCredential::ImochaKey)
                .and_then(|credential| connect(base_url.unwrap_or(imocha::BASE_URL), credential, patience, Callable::default()))
                .or_raise(py)
        })
    }

    /// A client of TestInvite.
    #[staticmethod]
    fn testinvite(py: Python<'_>, token: Option<Credential>, base_url: Option<&str>, patience: Patience) -> PyResult<Self> {
        guard(py, || {
            Credential::or_env(token, "BIDDEN_TESTINVITE_TOKEN")
                .map(CoreCredential::TestInviteToken)
                .and_then(|credential| connect(base_url.unwrap_or(testinvite::BASE_URL), credential, patience, Callable::default()))
                .or_raise(py)
        })
    }

    /// A client of Think Exam.
    #[staticmethod]
    fn think_exam(
        py: Python<'_>,
        api_key: Option<Credential>,
        secret: Option<Credential>,
        signer: Option<&Bound<'_, PyAny>>,
        base_url: Option<&str>,
        patience: Patience,
    ) -> PyResult<Self> {
        guard(py, || {
            let base_url = base_url.ok_or_else(call::no_common_host).or_raise(py)?;
            let callable = Callable::default();
            let credential = think_exam_credential(py, api_key, secret, signer, base_url, &callable)?;
            connect(base_url, credential, patience, callable).or_raise(py)
        })
    }

    /// Where it sends to.
    #[getter]
    fn base_url(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.client.base_url().as_str().to_owned()))
    }

    /// A client with the same credential and another patience; what is `None` stays.
    fn with_options(
        slf: &Bound<'_, Self>,
        py: Python<'_>,
        timeout: Option<f64>,
        tries: Option<u32>,
        rate: Option<f64>,
        callers: Option<usize>,
        proxy: Option<Credential>,
    ) -> PyResult<Self> {
        guard(py, || {
            let this = slf.get();
            let patience = Patience {
                timeout: timeout.unwrap_or(this.options.timeout.as_secs_f64()),
                tries: tries.unwrap_or(this.options.policy.tries),
                rate: rate.or(this.options.rate),
                callers: callers.unwrap_or(this.options.callers),
                proxy: None,
            };
            let options = ClientOptions {
                proxy: proxy.map(|proxy| proxy.read()).or_else(|| this.options.proxy.clone()),
                observer: this.options.observer.clone(),
                ..patience.options().or_raise(py)?
            };
            let client = made(this.client.base_url().as_str(), this.credential.clone(), options, Callable::default()).or_raise(py)?;
            Ok(Client { origin: Some(slf.clone().unbind()), ..client })
        })
    }

    /// The same client, of every request of which a function hears.
    fn observed(slf: &Bound<'_, Self>, py: Python<'_>, observer: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard(py, || {
            let this = slf.get();
            let held: Callable = Arc::new(Mutex::new(Some(observer.clone().unbind())));
            let options = ClientOptions { observer: Some(Arc::new(Observing(Arc::clone(&held)))), ..this.options.clone() };
            let client = made(this.client.base_url().as_str(), this.credential.clone(), options, Callable::default()).or_raise(py)?;
            Ok(Client { origin: Some(slf.clone().unbind()), observer: held, ..client })
        })
    }

    /// The request of a call with the credential on it.
    fn request(&self, py: Python<'_>, name: &Bound<'_, PyString>, fields: &Bound<'_, PyDict>) -> PyResult<Request> {
        guard(py, || {
            let call = call::read(name, Some(fields))?;
            // Only a signature that has to be fetched takes so long that others should run meanwhile.
            let request = match &self.credential {
                CoreCredential::ThinkExamFetched(_) => py.detach(|| self.client.request(&call)),
                _ => self.client.request(&call),
            };
            request.or_raise(py).map(Request::new)
        })
    }

    /// Sends any call and returns its answer.
    fn call<'py>(&self, py: Python<'py>, name: &Bound<'py, PyString>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let call = call::read(name, Some(fields))?;
            self.answer(py, call)
        })
    }

    /// iMocha: invites one candidate. The answer is that of `imocha.invite`.
    fn invite<'py>(
        &self,
        py: Python<'py>,
        test: &Bound<'py, PyAny>,
        candidate: &Bound<'py, PyDict>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let now: Time = SystemTime::now().into();
            let test = test_id(test)?;
            let texts = Texts::read(candidate.as_any())?;
            texts.refused().or_raise(py)?;
            let options = json::write(options.as_any())?;
            let mut operation = InviteOptions::with_candidate(&options, &texts.row()?, Platform::Imocha, now)
                .and_then(|(candidate, options)| Invite::new(Platform::Imocha, &test, &candidate, &options, now))
                .or_raise(py)?;
            let Step::Send(call) = operation.next(None) else {
                return Err(Error::new(Kind::Internal, "an invitation begins with a call")).or_raise(py);
            };
            self.answer(py, call)
        })
    }

    /// Think Exam: registers candidates; per candidate its answer, with the error that it means and whether it was known.
    fn register<'py>(&self, py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyList>> {
        guard(py, || {
            let name = PyString::intern(py, "think_exam.bulk_candidate_register");
            let call = call::read(&name, Some(fields))?;
            let (AnyReply::ThinkExamBulkCandidateRegister(reply), _) = self.send(py, call)? else {
                return Err(Error::new(Kind::Internal, "the answer belongs to another call")).or_raise(py);
            };
            let answers = PyList::empty(py);
            for candidate in &reply.candidates {
                answers.append(registered(py, candidate)?)?;
            }
            Ok(answers)
        })
    }

    /// Think Exam: registers or logs in one candidate; its answer as in [`Client::register`].
    fn unified_auth<'py>(&self, py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let name = PyString::intern(py, "think_exam.unified_auth");
            let call = call::read(&name, Some(fields))?;
            let (AnyReply::ThinkExamUnifiedAuth(reply), body) = self.send(py, call)? else {
                return Err(Error::new(Kind::Internal, "the answer belongs to another call")).or_raise(py);
            };
            with_raw(py, registered(py, &reply)?, Platform::ThinkExam, body)
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<{} client of {}>", self.client.platform().title(), self.client.base_url())))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(origin) = &self.origin {
            visit.call(origin)?;
        }
        // A callable that is being called right now is alive anyway.
        for held in [&self.callable, &self.observer] {
            if let Ok(callable) = held.try_lock() {
                visit.call(&*callable)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        for held in [&self.callable, &self.observer] {
            let callable = held.lock().unwrap_or_else(PoisonError::into_inner).take();
            drop(callable);
        }
    }
}

/// An answer with the body that it was read from, secrets apart.
fn with_raw<'py>(py: Python<'py>, answer: Bound<'py, PyDict>, platform: Platform, body: Vec<u8>) -> PyResult<Bound<'py, PyDict>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let text = String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    let text = if platform == Platform::ThinkExam { bidden::think_exam::without_secrets(&text) } else { text };
    let answer = CLASS.import(py, "bidden._results", "Answer")?.call1((answer,))?;
    answer.setattr(pyo3::intern!(py, "raw"), text)?;
    Ok(answer.cast_into::<PyDict>()?)
}

/// Keeps the body of an answer for whoever sends on this thread.
#[derive(Debug)]
struct Keeping;

impl Observer for Keeping {
    fn after(&self, seen: &Seen<'_>) {
        BODY.set(seen.result.map(|response| response.body().clone()).unwrap_or_default());
    }
}

/// Tells a Python function of every request: `(call, method, url, status, kind, seconds)`, the last three `None` before it leaves.
struct Observing(Callable);

impl std::fmt::Debug for Observing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Observing(…)")
    }
}

thread_local! {
    /// The context of the Python thread for which this one sends: what a trace belongs to.
    static CONTEXT: std::cell::RefCell<Option<Py<PyAny>>> = const { std::cell::RefCell::new(None) };
    /// The body of the last answer.
    static BODY: std::cell::Cell<Vec<u8>> = const { std::cell::Cell::new(Vec::new()) };
    /// The address of the request under way.
    static ADDRESS: std::cell::RefCell<(String, String)> = const { std::cell::RefCell::new((String::new(), String::new())) };
}

impl Observing {
    fn tell(&self, call: &AnyCall, seen: Option<&Seen<'_>>) {
        // An interpreter that ends hears nothing more.
        Python::try_attach(|py| {
            let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|observer| observer.clone_ref(py));
            let Some(observer) = held else { return };
            let (method, url) = ADDRESS.with_borrow(Clone::clone);
            let status = seen.and_then(Seen::status);
            let kind = seen.and_then(Seen::failure).map(Kind::slug);
            let seconds = seen.map(|seen| seen.took.as_secs_f64());
            let arguments = (call.name(), method, url, status, kind, seconds);
            let context = CONTEXT.with_borrow(|context| context.as_ref().map(|context| context.clone_ref(py)));
            let told = match context {
                None => observer.call1(py, arguments),
                Some(context) => arguments.into_pyobject(py).and_then(|arguments| {
                    let mut all = vec![observer.into_bound(py)];
                    all.extend(arguments.iter());
                    context.bind(py).call_method1("run", PyTuple::new(py, all)?).map(Bound::unbind)
                }),
            };
            // What a hook raises cannot stop the bookkeeping.
            if let Err(error) = told {
                error.write_unraisable(py, None);
            }
        });
    }
}

impl Observer for Observing {
    fn before(&self, call: &AnyCall, request: &HttpRequest) {
        ADDRESS.set((request.method().to_string(), request.uri().to_string()));
        self.tell(call, None);
    }

    fn after(&self, seen: &Seen<'_>) {
        Keeping.after(seen);
        self.tell(seen.call, Some(seen));
    }
}

/// What Think Exam answered for one candidate, with whether it was known and the error that it means.
fn registered<'py>(py: Python<'py>, candidate: &bidden::think_exam::RegisteredCandidate) -> PyResult<Bound<'py, PyDict>> {
    let answer = json::read_dict(py, &serde_json::to_string(candidate).unwrap_or_default())?;
    answer.set_item("is_login", candidate.is_login())?;
    answer.set_item("error", candidate.error().map(|error| raise(py, error)))?;
    Ok(answer)
}

fn think_exam_credential(
    py: Python<'_>,
    api_key: Option<Credential>,
    secret: Option<Credential>,
    signer: Option<&Bound<'_, PyAny>>,
    base_url: &str,
    callable: &Callable,
) -> PyResult<CoreCredential> {
    let signer = match signer {
        Some(given) => {
            if let Ok(fetched) = given.cast::<FetchedSigner>() {
                return Ok(CoreCredential::ThinkExamFetched(Arc::clone(&fetched.get().0)));
            }
            if let Some(triple) = triple(given)? {
                Signer::Supplied(triple)
            } else if given.is_callable() {
                *callable.lock().unwrap_or_else(PoisonError::into_inner) = Some(given.clone().unbind());
                let callable = Arc::clone(callable);
                Signer::callback(move |request, now| Python::attach(|py| ask(py, &callable, request, now)))
            } else if given.is_instance_of::<PyString>() || given.is_instance_of::<PyMapping>() {
                by_recipe(py, api_key, secret, recipe(Some(given))?)?
            } else {
                let reason = "a recipe (its name or a mapping), a triple (ak, sgn, ts), a callable or a FetchedSigner is expected";
                return Err(Error::invalid_field("signer", reason)).or_raise(py);
            }
        }
        // How the vendor signs is not published (Think Exam reference, section 7): the default recipe is the sandbox's.
        None if BaseUrl::parse(base_url).or_raise(py)?.is_loopback() => by_recipe(py, api_key, secret, Recipe::default())?,
        None => {
            let message = "how Think Exam signs is not published: say where signatures come from with signer=…";
            return Err(Error::new(Kind::Configuration, message)).or_raise(py);
        }
    };
    Ok(CoreCredential::ThinkExamSigner(Arc::new(signer)))
}

fn by_recipe(py: Python<'_>, api_key: Option<Credential>, secret: Option<Credential>, recipe: Recipe) -> PyResult<Signer> {
    let api_key = Credential::or_env(api_key, "BIDDEN_THINK_EXAM_API_KEY").or_raise(py)?;
    let secret = Credential::or_env(secret, "BIDDEN_THINK_EXAM_SECRET").or_raise(py)?;
    Ok(Signer::recipe(api_key, secret, recipe))
}

/// `(ak, sgn, ts)`, or what `bidden.sign` made; `None` when it is something else.
fn triple(value: &Bound<'_, PyAny>) -> PyResult<Option<Triple>> {
    if let Ok(signature) = value.cast::<Signature>() {
        return Ok(Some(signature.get().triple().clone()));
    }
    let Ok(tuple) = value.cast::<PyTuple>() else { return Ok(None) };
    let (ak, sgn, ts): (Credential, Credential, Bound<'_, PyAny>) = tuple.extract()?;
    Ok(Some(Triple { ak: ak.read().expose().to_owned(), sgn: sgn.read(), ts: ts.str()?.to_str()?.to_owned() }))
}

/// Asks the caller's function: `(method, url, body, now) -> (ak, sgn, ts)`, `now` in seconds since 1970.
fn ask(py: Python<'_>, callable: &Callable, request: &HttpRequest, now: Time) -> Result<Triple, Error> {
    let failed = |error: PyErr| Error::new(Kind::Configuration, "the signer raised an exception").with_source(error);
    let held = callable.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|callable| callable.clone_ref(py));
    let callable = held.ok_or_else(|| Error::new(Kind::Configuration, "the client is being thrown away"))?;
    let arguments = (request.method().as_str(), request.uri().to_string(), PyBytes::new(py, request.body()), now.seconds());
    let answer = callable.bind(py).call1(arguments).map_err(failed)?;
    match triple(&answer).map_err(failed)? {
        Some(triple) => Ok(triple),
        None => Err(Error::new(Kind::Configuration, "the signer did not return a tuple (ak, sgn, ts)")),
    }
}

/// A signature service of Think Exam: asked for `ak`, `sgn` and `ts`, which stand at `pointers` (JSON Pointers) of its
/// answer. `reuse` is for how many seconds a triple is used again; header values count as secret.
///
/// Raises `ConfigurationError` for an address, a method or a header that cannot be.
///
/// >>> import bidden
/// >>> bidden.FetchedSigner("https://signatures.example/sign", headers={"authorization": "Bearer …"})
/// <FetchedSigner>
#[pyclass(frozen, module = "bidden")]
pub(crate) struct FetchedSigner(Arc<bidden::client::FetchedSigner>);

#[pymethods]
impl FetchedSigner {
    #[new]
    #[pyo3(signature = (url, *, method = "POST", headers = None, body = None, pointers = None, reuse = 0.0))]
    fn new(
        py: Python<'_>,
        url: &str,
        method: &str,
        headers: Option<&Bound<'_, PyAny>>,
        body: Option<Body<'_>>,
        pointers: Option<(String, String, String)>,
        reuse: f64,
    ) -> PyResult<Self> {
        guard(py, || {
            let mut signer = bidden::client::FetchedSigner::new(url).and_then(|signer| signer.method(method)).or_raise(py)?;
            if let Some(headers) = headers {
                let pairs = PyDict::new(py);
                pairs.call_method1("update", (headers,))?;
                for (name, value) in pairs {
                    let value: Credential = value.extract()?;
                    signer = signer.header(&name.extract::<String>()?, value.read().expose()).or_raise(py)?;
                }
            }
            if let Some(body) = body {
                signer = signer.body(body.to_vec()?);
            }
            if let Some((ak, sgn, ts)) = pointers {
                signer = signer.pointers([ak, sgn, ts]);
            }
            let reuse = Duration::try_from_secs_f64(reuse)
                .map_err(|_| raise(py, Error::invalid_field("reuse", "a number of seconds is expected")))?;
            Ok(FetchedSigner(Arc::new(signer.reuse(reuse))))
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok("<FetchedSigner>".to_owned()))
    }
}

// Shared by threads, as the documentation promises.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Client>();
    shared::<FetchedSigner>();
    shared::<AnyCall>();
};
