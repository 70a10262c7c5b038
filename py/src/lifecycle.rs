//! What may happen to an invitation.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use bidden::lifecycle::{Decision as CoreDecision, Refusal as CoreRefusal, Rules};
use bidden::{Error, Event, FieldError, Platform, Status, Time, capability};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::boundary::guard;
use crate::error::OrRaise;
use crate::json;

/// When a candidate may start: from `start`, until before `end`; either side may be open.
///
/// Each side is an aware `datetime`, RFC 3339 text, or seconds since 1970. Raises `InvalidInputError` for a time
/// without zone and for an end that is not after the start.
///
/// >>> import bidden
/// >>> window = bidden.AccessWindow("2030-01-01T00:00:00Z", "2030-01-08T00:00:00Z")
/// >>> window.end.isoformat()
/// '2030-01-08T00:00:00+00:00'
#[pyclass(frozen, eq, hash, module = "bidden")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct AccessWindow(bidden::AccessWindow);

#[pymethods]
impl AccessWindow {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["start", "end"]))
    }

    #[new]
    #[pyo3(signature = (start = None, end = None))]
    fn new(py: Python<'_>, start: Option<&Bound<'_, PyAny>>, end: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        guard(py, || {
            let mut faults = Vec::new();
            let (start, end) = (json::time("start", start, &mut faults)?, json::time("end", end, &mut faults)?);
            if !faults.is_empty() {
                return Err(Error::invalid_input(faults)).or_raise(py);
            }
            bidden::AccessWindow::new(start, end).or_raise(py).map(AccessWindow)
        })
    }

    /// The first moment at which the test may be started, in UTC.
    #[getter]
    fn start<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.0.start.map(|time| datetime(py, time)).transpose())
    }

    /// The first moment at which it may no longer be started, in UTC.
    #[getter]
    fn end<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.0.end.map(|time| datetime(py, time)).transpose())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let side = |time: Option<Time>| time.map(|time| time.to_string());
        guard(py, || Ok((py.get_type::<Self>(), (side(self.0.start), side(self.0.end)).into_pyobject(py)?)))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let side = |time: Option<Time>| time.map_or("None".to_owned(), |time| format!("'{time}'"));
        guard(py, || Ok(format!("AccessWindow({}, {})", side(self.0.start), side(self.0.end))))
    }
}

/// An aware `datetime` in UTC.
fn datetime(py: Python<'_>, time: Time) -> PyResult<Bound<'_, PyAny>> {
    let module = py.import("datetime")?;
    let zone = module.getattr("timezone")?.getattr("utc")?;
    let epoch = module.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, zone))?;
    let passed = PyDict::new(py);
    passed.set_item("milliseconds", time.milliseconds())?;
    epoch.add(module.getattr("timedelta")?.call((), Some(&passed))?)
}

/// A word of one of the package's enumerations: each member is looked up once.
fn word<'py, const COUNT: usize>(
    py: Python<'py>,
    members: &'static [PyOnceLock<Py<PyAny>>; COUNT],
    index: usize,
    class: &str,
    slug: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let find = || py.import("bidden._words")?.getattr(class)?.call1((slug,)).map(Bound::unbind);
    match members.get(index) {
        Some(member) => Ok(member.get_or_try_init(py, find)?.bind(py).clone()),
        None => find().map(|found| found.into_bound(py)),
    }
}

fn status(py: Python<'_>, status: Status) -> PyResult<Bound<'_, PyAny>> {
    static MEMBERS: [PyOnceLock<Py<PyAny>>; Status::ALL.len()] = [const { PyOnceLock::new() }; Status::ALL.len()];
    word(py, &MEMBERS, status as usize, "Status", status.slug())
}

fn event(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    static MEMBERS: [PyOnceLock<Py<PyAny>>; Event::ALL.len()] = [const { PyOnceLock::new() }; Event::ALL.len()];
    word(py, &MEMBERS, event as usize, "Event", event.slug())
}

/// An event that may happen: true as a condition.
///
/// >>> import bidden
/// >>> decision = bidden.decide("imocha", "pending", "cancel")
/// >>> bool(decision), decision.next, decision.basis
/// (True, <Status.CANCELLED: 'cancelled'>, 'published')
#[pyclass(frozen, eq, hash, module = "bidden")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Decision {
    platform: Platform,
    event: Event,
    made: CoreDecision,
}

#[pymethods]
impl Decision {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["effect", "next"]))
    }

    /// True: the event is allowed.
    #[getter]
    fn is_allowed(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(true))
    }

    /// The state the event met, expiry taken into account; None when there is no invitation.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.made.state.map(|state| status(py, state)).transpose())
    }

    /// What the event does: created, refreshed, reopened, unchanged, moved or new-attempt.
    #[getter]
    fn effect(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.made.effect.slug()))
    }

    /// Where the invitation stands then.
    #[getter]
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || status(py, self.made.next))
    }

    /// How well that is known: documented, published or our choice.
    #[getter]
    fn basis(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.made.basis.word()))
    }

    /// What to know beside it; empty when there is nothing.
    #[getter]
    fn note(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.made.note))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(true))
    }

    /// The decision as `explain_transition` gives it.
    ///
    /// >>> import bidden
    /// >>> bidden.decide("imocha", "pending", "cancel").to_dict()["next"]
    /// 'cancelled'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || explained(py, self.platform, self.made.state, self.event, &Ok(self.made)))
    }

    /// Made again by the same rules.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let asked = (self.platform.slug(), self.made.state.map(Status::slug), self.event.slug());
            Ok((py.import("bidden._bidden")?.getattr("decide")?, asked.into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Decision: {}, then {}>", self.made.effect.slug(), self.made.next)))
    }
}

/// An event that may not happen: false as a condition. `str` gives the whole sentence.
///
/// >>> import bidden
/// >>> refusal = bidden.decide("imocha", "complete", "cancel")
/// >>> bool(refusal), refusal.state, refusal.event
/// (False, <Status.COMPLETE: 'complete'>, <Event.CANCEL: 'cancel'>)
#[pyclass(frozen, eq, hash, module = "bidden")]
pub(crate) struct Refusal {
    asked: Question,
    given: CoreRefusal,
}

// Whenever it was asked, the same answer is the same.
impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given
    }
}

impl Hash for Refusal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.given.hash(state);
    }
}

#[pymethods]
impl Refusal {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["event", "reason"]))
    }

    /// False: the event is refused.
    #[getter]
    fn is_allowed(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(false))
    }

    /// The state the event met, expiry taken into account; None when there is no invitation.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.given.state.map(|state| status(py, state)).transpose())
    }

    /// The event.
    #[getter]
    fn event<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || event(py, self.given.event))
    }

    /// Why not.
    #[getter]
    fn reason(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(reason(&self.given)))
    }

    /// The events that are allowed in this state.
    #[getter]
    fn allowed_events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || {
            let events: Vec<_> = self.given.allowed.iter().map(|allowed| event(py, allowed)).collect::<PyResult<_>>()?;
            PyTuple::new(py, events)
        })
    }

    /// How well that is known: documented, published or our choice.
    #[getter]
    fn basis(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.given.basis.word()))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(false))
    }

    /// The refusal as `explain_transition` gives it.
    ///
    /// >>> import bidden
    /// >>> bidden.decide("imocha", "complete", "cancel").to_dict()["allowed"]
    /// False
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || explained(py, self.given.platform, self.given.state, self.given.event, &Err(self.given)))
    }

    /// Made again by the same rules, at the same moment.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let Question { platform, state, event, window, now } = self.asked;
            let window = window.map(|window| Bound::new(py, AccessWindow(window))).transpose()?;
            let asked = (platform.slug(), state.map(Status::slug), event.slug(), window, now.to_string());
            Ok((py.import("bidden._bidden")?.getattr("decide")?, asked.into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.given.to_string()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Refusal: {}>", self.given)))
    }
}

fn reason(refusal: &CoreRefusal) -> String {
    match refusal.moment {
        Some(moment) => format!("{} {moment}", refusal.reason),
        None => refusal.reason.to_owned(),
    }
}

#[derive(Clone, Copy)]
struct Question {
    platform: Platform,
    state: Option<Status>,
    event: Event,
    window: Option<bidden::AccessWindow>,
    now: Time,
}

impl Question {
    fn read(
        py: Python<'_>,
        platform: &str,
        status: Option<&str>,
        event: &str,
        window: Option<&AccessWindow>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let known = Platform::from_slug(platform);
        let state = status.map(Status::from_slug);
        let known_event = Event::from_slug(event);
        let (Some(platform), Some(event)) = (known, known_event) else {
            return Err(unknown_words(known, state, known_event)).or_raise(py);
        };
        if state == Some(None) {
            return Err(unknown_words(known, state, known_event)).or_raise(py);
        }
        Ok(Question { platform, state: state.flatten(), event, window: window.map(|window| window.0), now: json::now(now)? })
    }

    fn decide(&self) -> Result<CoreDecision, CoreRefusal> {
        bidden::lifecycle::decide(Rules::of(self.platform), self.state, self.event, self.window.as_ref(), self.now)
    }
}

fn unknown_words(platform: Option<Platform>, state: Option<Option<Status>>, event: Option<Event>) -> Error {
    let mut faults = Vec::new();
    if platform.is_none() {
        faults.push(FieldError::new("platform", format!("one of {} is expected", Platform::ALL.map(Platform::slug).join(", "))));
    }
    if state == Some(None) {
        faults.push(FieldError::new("status", format!("None or one of {} is expected", Status::ALL.map(Status::slug).join(", "))));
    }
    if event.is_none() {
        faults.push(FieldError::new("event", format!("one of {} is expected", Event::ALL.map(Event::slug).join(", "))));
    }
    Error::invalid_input(faults)
}

/// The decision of a cell of the tables, made once: making one takes longer than deciding.
fn allowed<'py>(py: Python<'py>, question: &Question, decision: CoreDecision) -> PyResult<Bound<'py, PyAny>> {
    const STATES: usize = Status::ALL.len() + 1;
    const CELLS: usize = Platform::ALL.len() * STATES * Event::ALL.len();
    static DECISIONS: [PyOnceLock<Py<Decision>>; CELLS] = [const { PyOnceLock::new() }; CELLS];
    let row = question.platform as usize * STATES + decision.state.map_or(0, |state| state as usize + 1);
    let cell = &DECISIONS[row * Event::ALL.len() + question.event as usize];
    Ok(cell
        .get_or_try_init(py, || Py::new(py, Decision { platform: question.platform, event: question.event, made: decision }))?
        .clone_ref(py)
        .into_bound(py)
        .into_any())
}

/// Whether an event may happen to an invitation, by the rules of its platform: a `Decision` or a `Refusal`.
///
/// `status` is None when there is no invitation; `window` is the invitation's own, as far as it is known; `now` is the
/// clock's time when left out. Raises `InvalidInputError` for a word that is not known.
///
/// >>> import bidden
/// >>> decision = bidden.decide(bidden.Platform.IMOCHA, bidden.Status.CANCELLED, bidden.Event.INVITE)
/// >>> decision.effect, decision.next
/// ('reopened', <Status.PENDING: 'pending'>)
/// >>> refusal = bidden.decide(bidden.Platform.IMOCHA, bidden.Status.COMPLETE, bidden.Event.CANCEL)
/// >>> bool(refusal), bidden.Event.REATTEMPT in refusal.allowed_events
/// (False, True)
#[pyfunction]
#[pyo3(signature = (platform, status, event, window = None, now = None))]
pub(crate) fn decide<'py>(
    py: Python<'py>,
    platform: &str,
    status: Option<&str>,
    event: &str,
    window: Option<&Bound<'py, AccessWindow>>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    guard(py, || {
        let question = Question::read(py, platform, status, event, window.map(Bound::get), now)?;
        match question.decide() {
            Ok(decision) => allowed(py, &question, decision),
            Err(given) => Ok(Bound::new(py, Refusal { asked: question, given })?.into_any()),
        }
    })
}

/// The same as `decide` as a dict of plain values, in the words of `bidden explain --json`.
///
/// >>> import bidden
/// >>> explained = bidden.explain_transition("think-exam", "complete", "cancel")
/// >>> explained["allowed"], explained["allowed_events"]
/// (False, ['invite'])
#[pyfunction]
#[pyo3(signature = (platform, status, event, window = None, now = None))]
pub(crate) fn explain_transition<'py>(
    py: Python<'py>,
    platform: &str,
    status: Option<&str>,
    event: &str,
    window: Option<&Bound<'py, AccessWindow>>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    guard(py, || {
        let question = Question::read(py, platform, status, event, window.map(Bound::get), now)?;
        explained(py, question.platform, question.state, question.event, &question.decide())
    })
}

fn explained<'py>(
    py: Python<'py>,
    platform: Platform,
    status: Option<Status>,
    event: Event,
    decided: &Result<CoreDecision, CoreRefusal>,
) -> PyResult<Bound<'py, PyDict>> {
    let explained = PyDict::new(py);
    explained.set_item("platform", platform.slug())?;
    explained.set_item("status", status.map_or("none", Status::slug))?;
    explained.set_item("event", event.slug())?;
    match decided {
        Ok(decision) => {
            explained.set_item("allowed", true)?;
            explained.set_item("effect", decision.effect.slug())?;
            explained.set_item("next", decision.next.slug())?;
            explained.set_item("basis", decision.basis.word())?;
            explained.set_item("note", decision.note)?;
        }
        Err(refusal) => {
            explained.set_item("allowed", false)?;
            explained.set_item("reason", reason(refusal))?;
            explained.set_item("allowed_events", refusal.allowed.iter().map(Event::slug).collect::<Vec<_>>())?;
            explained.set_item("basis", refusal.basis.word())?;
        }
    }
    Ok(explained)
}

/// A local time, given as text or as a `datetime` without tzinfo, in an IANA zone: RFC 3339. What has its own offset keeps it.
#[pyfunction]
pub(crate) fn local_time(py: Python<'_>, field: &str, value: &Bound<'_, PyAny>, zone: &str) -> PyResult<Option<String>> {
    guard(py, || {
        let text = match value.call_method0("isoformat") {
            _ if value.is_instance_of::<PyString>() => value.str()?.to_string(),
            Ok(text) if json::is_a(value, "utcoffset")? => text.extract()?,
            _ => String::new(),
        };
        // What is no local time is read, or refused, like any other.
        let time = match text.is_empty() {
            true => {
                let mut faults = Vec::new();
                match json::time(field, Some(value), &mut faults)? {
                    Some(time) => Ok(time),
                    None => Err(Error::invalid_input(faults)),
                }
            }
            false => Time::parse_local(&text, zone).map_err(|error| {
                let named = |fault: &FieldError| if fault.field == "zone" { fault.clone() } else { FieldError::new(field, &fault.reason) };
                Error::invalid_input(error.fields().iter().map(named).collect())
            }),
        };
        time.or_raise(py).map(|time| Some(time.to_string()))
    })
}

/// One operation or option, and what a platform makes of it.
///
/// >>> import bidden
/// >>> next(capability for capability in bidden.capabilities("imocha") if capability.name == "cancel").support
/// 'honoured'
#[pyclass(frozen, get_all, eq, hash, module = "bidden")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Capability {
    /// The operation, or the option in snake_case.
    name: String,
    /// Whether it is an operation; else it is an option of an invitation.
    is_operation: bool,
    /// `honoured`, `approximated` or `not possible`.
    support: Cow<'static, str>,
    /// What to know; empty for honoured.
    note: Cow<'static, str>,
}

#[pymethods]
impl Capability {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["name", "support"]))
    }

    /// Its attributes as a new dict.
    ///
    /// >>> import bidden
    /// >>> bidden.capabilities("imocha")[0].to_dict()["is_operation"]
    /// True
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let attributes = PyDict::new(py);
            attributes.set_item("name", &self.name)?;
            attributes.set_item("is_operation", self.is_operation)?;
            attributes.set_item("support", &self.support)?;
            attributes.set_item("note", &self.note)?;
            Ok(attributes)
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let attributes = (&self.name, self.is_operation, &self.support, &self.note).into_pyobject(py)?;
            Ok((py.import("bidden._bidden")?.getattr("capability_of")?, attributes))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Capability {}: {}>", self.name, self.support)))
    }
}

/// Makes a capability again that was pickled.
#[pyfunction]
pub(crate) fn capability_of(py: Python<'_>, name: String, is_operation: bool, support: String, note: String) -> PyResult<Capability> {
    guard(py, || Ok(Capability { name, is_operation, support: support.into(), note: note.into() }))
}

/// What a platform can do: every operation, then every option of an invitation.
///
/// Raises `InvalidInputError` for a platform that is not known.
///
/// >>> import bidden
/// >>> {capability.name: capability.support for capability in bidden.capabilities("think-exam")}["end"]
/// 'not possible'
#[pyfunction]
pub(crate) fn capabilities<'py>(py: Python<'py>, platform: &str) -> PyResult<Bound<'py, PyTuple>> {
    guard(py, || {
        let Some(platform) = Platform::from_slug(platform) else {
            return Err(unknown_words(None, None, Some(Event::Invite))).or_raise(py);
        };
        let operations = capability::OPERATIONS.iter().map(|row| (row, true));
        let rows = operations.chain(capability::OPTIONS.iter().map(|row| (row, false)));
        let found: Vec<Capability> = rows
            .map(|(row, is_operation)| {
                let support = row.on(platform);
                Capability { name: row.name.replace('-', "_"), is_operation, support: support.word().into(), note: support.note().into() }
            })
            .collect();
        PyTuple::new(py, found)
    })
}
