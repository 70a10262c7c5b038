//! What may happen to an invitation.

use bidden::lifecycle::{Decision as CoreDecision, Refusal as CoreRefusal, Rules};
use bidden::{Error, Event, FieldError, Platform, Status, Time, capability};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

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
#[pyclass(frozen, eq, module = "bidden")]
#[derive(PartialEq)]
pub(crate) struct AccessWindow(bidden::AccessWindow);

#[pymethods]
impl AccessWindow {
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

/// A word of one of the package's enumerations.
fn word<'py>(py: Python<'py>, class: &str, slug: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("bidden._words")?.getattr(class)?.call1((slug,))
}

/// An event that may happen: true as a condition.
#[pyclass(frozen, module = "bidden")]
pub(crate) struct Decision(CoreDecision);

#[pymethods]
impl Decision {
    /// True: the event is allowed.
    #[getter]
    fn is_allowed(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(true))
    }

    /// The state the event met, expiry taken into account; None when there is no invitation.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.0.state.map(|state| word(py, "Status", state.slug())).transpose())
    }

    /// What the event does: created, refreshed, reopened, unchanged, moved or new-attempt.
    #[getter]
    fn effect(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.effect.slug()))
    }

    /// Where the invitation stands then.
    #[getter]
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || word(py, "Status", self.0.next.slug()))
    }

    /// How well that is known: documented, published or our choice.
    #[getter]
    fn basis(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.basis.word()))
    }

    /// What to know beside it; empty when there is nothing.
    #[getter]
    fn note(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.note))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(true))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Decision: {}, then {}>", self.0.effect.slug(), self.0.next)))
    }
}

/// An event that may not happen: false as a condition. `str` gives the whole sentence.
#[pyclass(frozen, module = "bidden")]
pub(crate) struct Refusal(CoreRefusal);

#[pymethods]
impl Refusal {
    /// False: the event is refused.
    #[getter]
    fn is_allowed(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(false))
    }

    /// The state the event met, expiry taken into account; None when there is no invitation.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.0.state.map(|state| word(py, "Status", state.slug())).transpose())
    }

    /// The event.
    #[getter]
    fn event<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || word(py, "Event", self.0.event.slug()))
    }

    /// Why not.
    #[getter]
    fn reason(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(reason(&self.0)))
    }

    /// The events that are allowed in this state.
    #[getter]
    fn allowed_events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || {
            let events: Vec<_> = self.0.allowed.iter().map(|event| word(py, "Event", event.slug())).collect::<PyResult<_>>()?;
            PyTuple::new(py, events)
        })
    }

    /// How well that is known: documented, published or our choice.
    #[getter]
    fn basis(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.basis.word()))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(false))
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.to_string()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Refusal: {}>", self.0)))
    }
}

fn reason(refusal: &CoreRefusal) -> String {
    match refusal.moment {
        Some(moment) => format!("{} {moment}", refusal.reason),
        None => refusal.reason.to_owned(),
    }
}

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
    Ok(cell.get_or_try_init(py, || Py::new(py, Decision(decision)))?.clone_ref(py).into_bound(py).into_any())
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
            Err(refusal) => Ok(Bound::new(py, Refusal(refusal))?.into_any()),
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
        let explained = PyDict::new(py);
        explained.set_item("platform", platform)?;
        explained.set_item("status", status.unwrap_or("none"))?;
        explained.set_item("event", event)?;
        match question.decide() {
            Ok(decision) => {
                explained.set_item("allowed", true)?;
                explained.set_item("effect", decision.effect.slug())?;
                explained.set_item("next", decision.next.slug())?;
                explained.set_item("basis", decision.basis.word())?;
                explained.set_item("note", decision.note)?;
            }
            Err(refusal) => {
                explained.set_item("allowed", false)?;
                explained.set_item("reason", reason(&refusal))?;
                explained.set_item("allowed_events", refusal.allowed.iter().map(Event::slug).collect::<Vec<_>>())?;
                explained.set_item("basis", refusal.basis.word())?;
            }
        }
        Ok(explained)
    })
}

/// One operation or option, and what a platform makes of it.
#[pyclass(frozen, get_all, module = "bidden")]
pub(crate) struct Capability {
    /// The operation, or the option in snake_case.
    name: String,
    /// Whether it is an operation; else it is an option of an invitation.
    is_operation: bool,
    /// `honoured`, `approximated` or `not possible`.
    support: &'static str,
    /// What to know; empty for honoured.
    note: &'static str,
}

#[pymethods]
impl Capability {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Capability {}: {}>", self.name, self.support)))
    }
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
                Capability { name: row.name.replace('-', "_"), is_operation, support: support.word(), note: support.note() }
            })
            .collect();
        PyTuple::new(py, found)
    })
}
