//! Many rows: a run that goes on by itself while Python takes its rows, and plans. Everything is done by `bidden_cli::many`.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use bidden::client::Cancel;
use bidden::operation::{InviteOptions, TestId};
use bidden::{Error, FieldError, Kind};
use bidden_cli::failure::Failure;
use bidden_cli::many::{self, Counter, Desk, LIVE_RATE, Summary, Told, Wish};
use bidden_ledger::{Consent, Ledger as CoreLedger, LedgerOptions, Sender};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyString, PyType};

use crate::boundary::guard;
use crate::client::{Client, SIGNALS, test_id};
use crate::error::{OrRaise, raise};
use crate::ledger::{Ledger, Step, dict_of};
use crate::process::Birth;
use crate::{arrow, json, spool};

/// So many rows wait for a loop that is slower than the run.
const WAITING: usize = 1024;

/// Where the rows of a run come from.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Rows(Mutex<Option<many::Rows>>);

impl Rows {
    fn written(file: Option<File>, mappings: Vec<String>) -> Self {
        Rows(Mutex::new(Some(match file {
            Some(file) => many::Rows::Written { file, mappings },
            None => many::Rows::Nobody,
        })))
    }

    pub(crate) fn take(&self, py: Python<'_>) -> PyResult<many::Rows> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        rows.ok_or_else(|| raise(py, Error::new(Kind::Internal, "the rows were taken before")))
    }
}

#[pymethods]
impl Rows {
    /// Those of a file.
    #[staticmethod]
    fn file(py: Python<'_>, name: PathBuf, sheet: Option<String>, mappings: Vec<String>) -> PyResult<Self> {
        guard(py, || {
            let Some(name) = name.to_str() else {
                return Err(Error::invalid_field("candidates", "is a path that is not UTF-8")).or_raise(py);
            };
            Ok(Rows(Mutex::new(Some(many::Rows::File { name: name.to_owned(), sheet, mappings }))))
        })
    }

    /// Those of an iterable.
    #[staticmethod]
    fn each(py: Python<'_>, rows: &Bound<'_, PyAny>, mappings: Vec<String>) -> PyResult<Self> {
        guard(py, || Ok(Rows::written(spool::write_rows(rows)?, mappings)))
    }

    /// Those of a frame, given as the capsule of its `__arrow_c_stream__`.
    #[staticmethod]
    fn frame(py: Python<'_>, stream: &Bound<'_, PyCapsule>, mappings: Vec<String>) -> PyResult<Self> {
        guard(py, || Ok(Rows::written(arrow::write_frame(stream)?, mappings)))
    }
}

/// How a run is made.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    confirmed: bool,
    max_emails: Option<u64>,
    charge_candidates: bool,
    allow_loss: bool,
    reopen: bool,
    mail_again: bool,
    resend_uncertain: bool,
    retry_failed: bool,
    concurrency: u16,
    rate: Option<f64>,
    batch_size: Option<u16>,
    stop_after_failures: Option<u64>,
    first: Option<u64>,
    output: Option<PathBuf>,
    account: String,
}

impl Settings {
    fn check(&self) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: &str| faults.push(FieldError::new(field, reason));
        if !(1..=256).contains(&self.concurrency) {
            fault("concurrency", "a number from 1 to 256 is expected");
        }
        if self.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            fault("rate", "a positive number of calls per second is expected");
        }
        if self.batch_size.is_some_and(|size| !(1..=1000).contains(&size)) {
            fault("batch_size", "a number from 1 to 1000 is expected");
        }
        if self.stop_after_failures == Some(0) {
            fault("stop_after_failures", "at least 1 is expected");
        }
        if self.first == Some(0) {
            faults.push(FieldError::new("first", "at least 1 is expected"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::invalid_input(faults)) }
    }

    fn wish(&self, test: TestId, options: InviteOptions) -> Wish {
        Wish {
            test,
            options,
            consent: Consent {
                reopen: self.reopen,
                mail_again: self.mail_again,
                resend_uncertain: self.resend_uncertain,
                retry_failed: self.retry_failed,
            },
            is_confirmed: self.confirmed,
            max_emails: self.max_emails,
            charge_candidates: self.charge_candidates,
            allow_loss: self.allow_loss,
            concurrency: self.concurrency,
            batch_size: self.batch_size,
            stop_after_failures: self.stop_after_failures,
            first: self.first,
            output: self.output.clone(),
        }
    }
}

/// The record of a run.
#[derive(FromPyObject)]
pub(crate) enum Record<'py> {
    #[pyo3(transparent)]
    Open(Bound<'py, Ledger>),
    #[pyo3(transparent)]
    Place(PathBuf),
}

/// The same, on its way to another thread.
enum Kept {
    Open(CoreLedger, Step),
    Place(PathBuf, String),
    /// Nowhere: on loopback only.
    Nowhere(String),
}

impl Kept {
    fn of(record: Option<Record<'_>>, client: &Client, account: &str, py: Python<'_>) -> PyResult<Self> {
        match record {
            Some(Record::Open(ledger)) => {
                let (ledger, step) = ledger.get().lend(py)?;
                Ok(Kept::Open(ledger, step))
            }
            Some(Record::Place(place)) => Ok(Kept::Place(place, account.to_owned())),
            None if client.core().base_url().is_loopback() => Ok(Kept::Nowhere(account.to_owned())),
            None => {
                let reason = "is missing: without a record nothing keeps people from being mailed twice; only on loopback it may be None";
                Err(Error::invalid_field("ledger", reason)).or_raise(py)
            }
        }
    }

    /// The record, and what has to be given back after it. One that is only read is read beside whoever sends.
    fn open(self, is_read: bool) -> Result<(CoreLedger, Option<Step>), Error> {
        let options = LedgerOptions { read_only: is_read, or_empty: is_read, ..LedgerOptions::default() };
        Ok(match self {
            Kept::Open(ledger, step) => (ledger, Some(step)),
            Kept::Place(place, account) => (CoreLedger::open_with(place, &options)?.account(&account), None),
            Kept::Nowhere(account) => (CoreLedger::without_record()?.account(&account), None),
        })
    }
}

/// What is needed to open the desk, on the thread of the run.
struct Opening {
    kept: Kept,
    client: bidden::client::Client,
    test: TestId,
    rate: Option<f64>,
    is_read: bool,
}

impl Opening {
    /// Nothing is written: whoever sends need not wait.
    fn reading(mut self, is_read: bool) -> Self {
        self.is_read = is_read;
        self
    }

    fn of(py: Python<'_>, client: &Client, test: TestId, record: Option<Record<'_>>, settings: &Settings) -> PyResult<Self> {
        let kept = Kept::of(record, client, &settings.account, py)?;
        // As the command: no more than a live host is known to bear.
        let is_live = !client.core().base_url().is_loopback();
        let rate = settings.rate.or(client.rate()).or_else(|| is_live.then_some(LIVE_RATE));
        let client = client.core_for(usize::from(settings.concurrency), rate).or_raise(py)?;
        Ok(Opening { kept, client, test, rate, is_read: false })
    }

    /// Does something at the desk; afterwards the record is free.
    fn with<T>(self, work: impl FnOnce(Counter) -> Result<T, Failure>) -> Result<T, Failure> {
        let Opening { kept, client, test, rate, is_read } = self;
        let (ledger, step) = kept.open(is_read)?;
        let place = ledger.place_of(&client, &test, None);
        let (platform, base_url, account) = (client.platform(), client.base_url().clone(), place.account.clone());
        let sender: Box<dyn Sender + Send + Sync> = Box::new(client);
        let desk: Desk = ledger.invitations(sender, &place)?;
        drop(ledger);
        let done = work(Counter { desk, platform, base_url, account, rate });
        drop(step);
        done
    }
}

/// What a run says on its way.
enum Message {
    Begin(u64),
    Row(Box<Told>),
    End(Box<Result<Summary, Failure>>),
}

type Work = Box<dyn FnOnce(&Cancel, &SyncSender<Message>) -> Result<Summary, Failure> + Send>;

/// What the thread of a run and its Python side share.
struct Shared {
    /// Where its thread is.
    birth: OnceLock<Birth>,
    cancel: Cancel,
    messages: Mutex<Option<Receiver<Message>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<u64>,
    summary: Option<Summary>,
}

/// The runs that have not ended, for the end of the interpreter.
static RUNS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn messages(&self) -> MutexGuard<'_, Option<Receiver<Message>>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_ended(&self) -> bool {
        self.messages().is_none()
    }

    /// What has come already, if nobody else is waiting.
    fn ready(&self) -> Option<Message> {
        self.messages.try_lock().ok()?.as_ref()?.try_recv().ok()
    }

    /// Waits a moment for what comes next; disconnected also after the end.
    fn receive(&self) -> Result<Message, RecvTimeoutError> {
        self.messages().as_ref().ok_or(RecvTimeoutError::Disconnected)?.recv_timeout(SIGNALS)
    }

    /// Takes what a run says; a row, or nothing after the last one.
    fn take(&self, message: Message) -> Option<Result<Option<Box<Told>>, Failure>> {
        match message {
            Message::Begin(total) => {
                self.state().total = Some(total);
                None
            }
            Message::Row(told) => Some(Ok(Some(told))),
            Message::End(ended) => {
                *self.messages() = None;
                Some(match *ended {
                    Ok(summary) => {
                        self.state().summary = Some(summary);
                        Ok(None)
                    }
                    Err(failure) => Err(failure),
                })
            }
        }
    }

    /// The next row, without the GIL where it has to be waited for. After Ctrl-C what is in flight is finished and written.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Box<Told>>> {
        self.birth.get().map_or(Ok(()), |birth| birth.check("the run was begun")).or_raise(py)?;
        loop {
            let received = match self.ready() {
                Some(message) => Ok(message),
                None => py.detach(|| self.receive()),
            };
            match received {
                Ok(message) => {
                    if let Some(taken) = self.take(message) {
                        return taken.map_err(|failure| failed(py, failure));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(interrupt) = py.check_signals() {
                        self.finish(py)?;
                        return Err(interrupt);
                    }
                }
                Err(RecvTimeoutError::Disconnected) if self.has_ended() => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => {
                    *self.messages() = None;
                    return Err(Error::new(Kind::Internal, "a fault of bidden itself while it sent; please report it")).or_raise(py);
                }
            }
        }
    }

    /// Stops: what is in flight is finished and written, nothing new is sent. A second Ctrl-C ends the waiting.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.cancel.cancel();
        while !py.detach(|| self.is_over()) {
            py.check_signals()?;
        }
        Ok(())
    }

    /// Passes over what comes in a moment; whether the run has ended.
    fn is_over(&self) -> bool {
        if self.birth.get().is_some_and(|birth| !birth.is_here()) {
            // Its thread goes on in the other process.
            return true;
        }
        match self.receive() {
            Ok(message) => drop(self.take(message)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => *self.messages() = None,
        }
        self.has_ended()
    }
}

pub(crate) fn failed(py: Python<'_>, failure: Failure) -> PyErr {
    let Failure { message, error, .. } = failure;
    raise(py, in_words_of_python(error.unwrap_or_else(|| Error::new(Kind::Internal, message))))
}

/// What the command says of its options, said of keyword arguments.
fn in_words_of_python(error: Error) -> Error {
    if error.fields().iter().any(|fault| fault.field.starts_with("--")) {
        let said = |fault: &FieldError| FieldError::new(fault.field.trim_start_matches("--").replace('-', "_"), &fault.reason);
        return Error::invalid_input(error.fields().iter().map(said).collect());
    }
    if error.fields().is_empty() && error.message().contains("`--map") {
        let said = error.message().replace("`--map \"Header=email\"`", "`map={\"Header\": \"email\"}`").replace("`--map`", "`map`");
        return Error::new(error.kind(), said);
    }
    error
}

/// A run that is made and not begun.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Run {
    work: Mutex<Option<Work>>,
    shared: Arc<Shared>,
}

impl Run {
    fn of(work: Work) -> Self {
        let shared = Shared { birth: OnceLock::new(), cancel: Cancel::default(), messages: Mutex::new(None), state: Mutex::default() };
        Run { work: Mutex::new(Some(work)), shared: Arc::new(shared) }
    }
}

/// Tells how many rows there are, and each of them.
fn voices(sender: &SyncSender<Message>, cancel: &Cancel) -> (impl FnOnce(u64) + use<>, impl FnMut(Told) -> bool + use<>) {
    let (first, each, cancel) = (sender.clone(), sender.clone(), cancel.clone());
    let begin = move |total| drop(first.send(Message::Begin(total)));
    let tell = move |told| each.send(Message::Row(Box::new(told))).is_ok() && !cancel.is_cancelled();
    (begin, tell)
}

#[pymethods]
impl Run {
    /// One that invites.
    #[staticmethod]
    #[allow(clippy::too_many_arguments, reason = "called by one Python function with all that it was given")]
    fn invite(
        py: Python<'_>,
        client: &Client,
        test: &Bound<'_, PyAny>,
        rows: &Rows,
        options: &Bound<'_, PyDict>,
        settings: Settings,
        ledger: Option<Record<'_>>,
    ) -> PyResult<Self> {
        guard(py, || {
            settings.check().or_raise(py)?;
            let test = test_id(test)?;
            let options = InviteOptions::from_json(&json::write(options.as_any())?).or_raise(py)?;
            let wish = settings.wish(test.clone(), options);
            let rows = rows.take(py)?;
            wish.check(client.core().platform(), rows.mappings()).map_err(|failure| failed(py, failure))?;
            let opening = Opening::of(py, client, test, ledger, &settings)?;
            Ok(Run::of(Box::new(move |cancel, sender| {
                let (begin, tell) = voices(sender, cancel);
                opening.with(|counter| many::invite(rows, &wish, counter, cancel, begin, tell))
            })))
        })
    }

    /// One that applies a plan.
    #[staticmethod]
    fn apply(
        py: Python<'_>,
        client: &Client,
        path: PathBuf,
        secrets: Option<PathBuf>,
        settings: Settings,
        ledger: Option<Record<'_>>,
    ) -> PyResult<Self> {
        guard(py, || {
            settings.check().or_raise(py)?;
            let text = |field: &str, path: PathBuf| match path.to_str() {
                Some(path) => Ok(path.to_owned()),
                None => Err(Error::invalid_field(field, "is a path that is not UTF-8")).or_raise(py),
            };
            let (path, secrets) = (text("path", path)?, secrets.map(|secrets| text("secrets", secrets)).transpose()?);
            let test = py.detach(|| many::test_of_plan(&path)).map_err(|failure| failed(py, failure))?;
            let wish = settings.wish(test.clone(), InviteOptions::default());
            let opening = Opening::of(py, client, test, ledger, &settings)?;
            Ok(Run::of(Box::new(move |cancel, sender| {
                let (begin, tell) = voices(sender, cancel);
                opening.with(|counter| many::apply(&path, secrets.as_deref(), &wish, counter, cancel, begin, tell))
            })))
        })
    }

    /// Begins; `None` when it was begun before.
    fn start(&self, py: Python<'_>) -> PyResult<Option<Running>> {
        guard(py, || {
            let Some(work) = self.work.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(None) };
            let (sender, receiver) = sync_channel(WAITING);
            *self.shared.messages() = Some(receiver);
            let _ = self.shared.birth.set(Birth::here());
            let cancel = self.shared.cancel.clone();
            let spawned = std::thread::Builder::new().name("bidden-run".to_owned()).spawn(move || {
                let ended = work(&cancel, &sender);
                // Nobody may wait any more.
                let _ = sender.send(Message::End(Box::new(ended)));
            });
            if let Err(error) = spawned {
                return Err(Error::new(Kind::Internal, "no thread can be made for the run").with_source(error)).or_raise(py);
            }
            let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
            runs.retain(|run| run.strong_count() > 0);
            runs.push(Arc::downgrade(&self.shared));
            Ok(Some(Running { shared: Arc::clone(&self.shared), class: PyOnceLock::new() }))
        })
    }

    /// Ends the run: what is in flight is finished. May be called from any thread.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            self.shared.cancel.cancel();
            Ok(())
        })
    }

    /// How many rows there are, once they were read.
    #[getter]
    fn total(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        guard(py, || Ok(self.shared.state().total))
    }

    /// What all rows came to, once the run has ended.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        guard(py, || {
            let Some(summary) = self.shared.state().summary.clone() else { return Ok(None) };
            let Summary { rows, by_disposition, mails, stopped, elsewhere, exit } = summary;
            let counts = PyDict::new(py);
            for (disposition, count) in by_disposition {
                counts.set_item(disposition.slug(), count)?;
            }
            let contents = PyDict::new(py);
            contents.set_item("rows", rows)?;
            contents.set_item("by_disposition", counts)?;
            contents.set_item("mails", mails)?;
            contents.set_item("stopped", stopped)?;
            contents.set_item("elsewhere", elsewhere)?;
            contents.set_item("exit_code", exit)?;
            Ok(Some(contents))
        })
    }
}

/// A run that was begun: gives its rows. Whoever throws it away stops it, as Ctrl-C does, and waits for what is in flight.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Running {
    shared: Arc<Shared>,
    class: PyOnceLock<Py<PyType>>,
}

impl Running {
    fn row<'py>(&self, py: Python<'py>, told: Told) -> PyResult<Bound<'py, PyAny>> {
        let Told { row, line, person, outcome, first } = told;
        let contents = PyDict::new(py);
        contents.set_item("row", row)?;
        contents.set_item("line", line)?;
        let candidate = PyDict::new(py);
        candidate.set_item("email", person.email)?;
        candidate.set_item("name", person.name)?;
        candidate.set_item("external_id", person.external_id)?;
        contents.set_item("candidate", candidate)?;
        contents.update(dict_of(py, outcome)?.as_mapping())?;
        contents.set_item("repeats", first)?;
        let class = self.class.import(py, "bidden._results", "RowOutcome")?;
        class.call1((contents,))
    }
}

#[pymethods]
impl Running {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || match self.shared.next(py)? {
            Some(told) => self.row(py, *told).map(Some),
            None => Ok(None),
        })
    }

    /// The next rows, at least one and no more than have come; none at the end.
    fn some<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        guard(py, || {
            let mut rows = Vec::new();
            let Some(told) = self.shared.next(py)? else { return Ok(rows) };
            rows.push(self.row(py, *told)?);
            while rows.len() < WAITING {
                match self.shared.ready() {
                    Some(Message::Row(told)) => rows.push(self.row(py, *told)?),
                    Some(message @ Message::Begin(_)) => drop(self.shared.take(message)),
                    // The end is for the next call: it may raise.
                    Some(Message::End(ended)) => {
                        // Put back as a channel of its own.
                        let (sender, receiver) = sync_channel(1);
                        let _ = sender.send(Message::End(ended));
                        *self.shared.messages() = Some(receiver);
                        break;
                    }
                    None => break,
                }
            }
            Ok(rows)
        })
    }

    /// Takes all rows that are left and shows none; `each` is told how many were taken.
    fn drain(&self, py: Python<'_>, each: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        guard(py, || {
            let mut taken: u64 = 0;
            while self.shared.next(py)?.is_some() {
                taken += 1;
                if let Some(each) = each {
                    each.call1((taken, self.shared.state().total))?;
                }
            }
            Ok(())
        })
    }

    /// Stops, and waits for what is in flight.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || self.shared.finish(py))
    }
}

impl Drop for Running {
    /// One whose loop was left: what is in flight is finished without the GIL.
    fn drop(&mut self) {
        if self.shared.birth.get().is_some_and(|birth| !birth.is_here()) {
            return;
        }
        self.shared.cancel.cancel();
        Python::try_attach(|py| {
            py.detach(|| while !self.shared.is_over() {});
        });
    }
}

/// Stops all runs and waits for what is in flight: the interpreter ends.
#[pyfunction]
pub(crate) fn finish_runs(py: Python<'_>) -> PyResult<()> {
    guard(py, || {
        let runs = std::mem::take(&mut *RUNS.lock().unwrap_or_else(PoisonError::into_inner));
        let is_here = |run: &Arc<Shared>| run.birth.get().is_some_and(|birth| birth.is_here());
        let runs: Vec<Arc<Shared>> = runs.iter().filter_map(Weak::upgrade).filter(is_here).collect();
        runs.iter().for_each(|run| run.cancel.cancel());
        runs.iter().try_for_each(|run| run.finish(py))
    })
}

/// Does something at a desk while this thread looks for Ctrl-C.
fn at_desk<T: Send + 'static>(
    py: Python<'_>,
    opening: Opening,
    work: impl FnOnce(Counter, &Cancel) -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let cancel = Cancel::default();
    let cancelled = cancel.clone();
    let done = crate::client::without_gil(py, &cancel, move || Ok(opening.with(|counter| work(counter, &cancelled))))?;
    done.map_err(|failure| failed(py, failure))
}

/// Writes a plan where there is a path, and gives its review.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "called by one Python function with all that it was given")]
pub(crate) fn plan<'py>(
    py: Python<'py>,
    client: &Client,
    test: &Bound<'py, PyAny>,
    rows: &Rows,
    path: Option<PathBuf>,
    options: &Bound<'py, PyDict>,
    settings: Settings,
    ledger: Option<Record<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    guard(py, || {
        settings.check().or_raise(py)?;
        let test = test_id(test)?;
        let options = InviteOptions::from_json(&json::write(options.as_any())?).or_raise(py)?;
        let wish = settings.wish(test.clone(), options);
        let rows = rows.take(py)?;
        let opening = Opening::of(py, client, test, ledger, &settings)?;
        let review = at_desk(py, opening.reading(true), move |counter, cancel| many::plan(rows, &wish, counter, cancel, path.as_deref()))?;
        json::read(py, &review)
    })
}

/// Every invitation of an address, read from a record beside whoever sends; none where there is no record yet.
#[pyfunction]
pub(crate) fn history<'py>(py: Python<'py>, location: PathBuf, email: String) -> PyResult<Bound<'py, PyAny>> {
    guard(py, || {
        let history = crate::client::without_gil(py, &Cancel::default(), move || {
            let options = LedgerOptions { read_only: true, or_empty: true, ..LedgerOptions::default() };
            CoreLedger::open_with(location, &options)?.history_json(&email)
        })?;
        json::read(py, &history)
    })
}

/// How many invitations stand how, place by place, read from a record beside whoever sends; nothing where there is none yet.
#[pyfunction]
pub(crate) fn status<'py>(py: Python<'py>, location: PathBuf) -> PyResult<Bound<'py, PyAny>> {
    guard(py, || {
        let totals = crate::client::without_gil(py, &Cancel::default(), move || {
            let options = LedgerOptions { read_only: true, or_empty: true, ..LedgerOptions::default() };
            CoreLedger::open_with(location, &options)?.totals(std::time::SystemTime::now().into())
        })?;
        told(py, &totals)
    })
}

/// The totals of a record as Python has them.
pub(crate) fn told<'py>(py: Python<'py>, totals: &[bidden_ledger::status::Totals]) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(totals)
        .map_err(|error| raise(py, Error::new(Kind::Internal, "the totals cannot be handed to Python").with_source(error)))?;
    json::read(py, &text)
}

/// Holds the record against what the platform shows of a test.
#[pyfunction]
pub(crate) fn reconcile<'py>(
    py: Python<'py>,
    client: &Client,
    test: &Bound<'py, PyAny>,
    writes: bool,
    settings: Settings,
    ledger: Option<Record<'py>>,
) -> PyResult<Bound<'py, PyDict>> {
    guard(py, || {
        settings.check().or_raise(py)?;
        let opening = Opening::of(py, client, test_id(test)?, ledger, &settings)?;
        let found = at_desk(py, opening.reading(!writes), move |counter, cancel| {
            Ok(counter.desk.with_cancel(cancel.clone()).reconcile(writes, |_| {})?)
        })?;
        let counts = PyDict::new(py);
        for (finding, count) in &found.counts {
            counts.set_item(finding.slug(), count)?;
        }
        let differences = serde_json::to_string(&found.differences)
            .map_err(|error| raise(py, Error::new(Kind::Internal, "the findings cannot be handed to Python").with_source(error)))?;
        let contents = PyDict::new(py);
        contents.set_item("differences", json::read(py, &differences)?)?;
        contents.set_item("counts", counts)?;
        contents.set_item("shown", found.shown)?;
        contents.set_item("written", found.written)?;
        contents.set_item(PyString::intern(py, "needs_somebody"), found.counts.keys().any(|finding| finding.needs_somebody()))?;
        Ok(contents)
    })
}
