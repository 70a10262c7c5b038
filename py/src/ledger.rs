//! The durable record, and the one path for one person.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::SystemTime;

use bidden::candidate::{Field, Row};
use bidden::client::{Cancel, Client as CoreClient};
use bidden::operation::{InviteOptions, Outcome, TestId};
use bidden::{Error, Kind, Time};
use bidden_ledger::{Consent as CoreConsent, Invitations, Keys, Ledger as CoreLedger};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::boundary::guard;
use crate::client::{Client, SIGNALS, test_id, without_gil};
use crate::error::{OrRaise, raise};
use crate::process::Birth;
use crate::{candidate, json};

/// A durable record, open until it is closed.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Ledger {
    open: Mutex<Option<CoreLedger>>,
    location: String,
    under_way: Arc<UnderWay>,
    birth: Birth,
}

/// How many operations are under way: closing waits for them, so that what came of them is in the record.
#[derive(Default)]
struct UnderWay {
    count: Mutex<usize>,
    less: Condvar,
}

/// One of them, until it is dropped.
pub(crate) struct Step(Arc<UnderWay>);

impl Step {
    fn begin(under_way: &Arc<UnderWay>) -> Self {
        *under_way.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Step(Arc::clone(under_way))
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.less.notify_all();
    }
}

impl UnderWay {
    /// Waits a moment for the last one to end; whether it has.
    fn is_over(&self) -> bool {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, _) = self.less.wait_timeout_while(count, SIGNALS, |count| *count > 0).unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }
}

/// What the caller said yes to.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Consent {
    reopen: bool,
    mail_again: bool,
    resend_uncertain: bool,
}

impl From<Consent> for CoreConsent {
    fn from(given: Consent) -> Self {
        let Consent { reopen, mail_again, resend_uncertain } = given;
        CoreConsent { reopen, mail_again, resend_uncertain, ..CoreConsent::default() }
    }
}

/// Which test, and what may be done.
struct Aim {
    client: CoreClient,
    test: TestId,
    consent: CoreConsent,
}

impl Aim {
    fn invitations(
        &self,
        ledger: &CoreLedger,
        person: Option<(&bidden::Candidate, &InviteOptions)>,
        cancel: Cancel,
    ) -> Result<Invitations<&CoreClient>, Error> {
        let place = ledger.place_of(&self.client, &self.test, person);
        Ok(ledger.one(&self.client, &place, self.consent)?.with_cancel(cancel))
    }
}

impl Ledger {
    /// The record, and the step that keeps it open as long as somebody works with it.
    pub(crate) fn lend(&self, py: Python<'_>) -> PyResult<(CoreLedger, Step)> {
        Ok((self.core(py)?, Step::begin(&self.under_way)))
    }

    fn core(&self, py: Python<'_>) -> PyResult<CoreLedger> {
        self.birth.check("the ledger was opened").or_raise(py)?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        open.ok_or_else(|| raise(py, Error::new(Kind::Storage, "the ledger is closed")))
    }

    /// Runs an operation without the GIL. After Ctrl-C what is in flight is finished and written.
    fn run<T: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&CoreLedger, Cancel) -> Result<T, Error> + Send + 'static,
    ) -> PyResult<T> {
        let (ledger, step, cancel) = (self.core(py)?, Step::begin(&self.under_way), Cancel::default());
        let cancelled = cancel.clone();
        without_gil(py, &cancel, move || {
            let came = work(&ledger, cancelled);
            // Whoever waits for the step finds the file free.
            drop(ledger);
            drop(step);
            came
        })
    }
}

fn aim(client: &Client, test: &Bound<'_, PyAny>, consent: Consent) -> PyResult<Aim> {
    Ok(Aim { client: client.sending().or_raise(test.py())?, test: test_id(test)?, consent: consent.into() })
}

fn keys(email: Option<&str>, external_id: Option<&str>) -> Keys {
    let mut row = Row::new();
    for (field, text) in [(Field::Email, email), (Field::ExternalId, external_id)] {
        if let Some(text) = text {
            row.set(field, text);
        }
    }
    Keys::of_row(&row)
}

fn person(aim: &Aim, fields: &Bound<'_, PyDict>, options: &Bound<'_, PyDict>) -> PyResult<(bidden::Candidate, InviteOptions)> {
    let texts = candidate::Texts::read(fields.as_any())?;
    texts.refused().or_raise(fields.py())?;
    let options = json::write(options.as_any())?;
    let now = Time::from(SystemTime::now());
    InviteOptions::with_candidate(&options, &texts.row()?, aim.client.platform(), now).or_raise(fields.py())
}

/// What an operation came to, as the contents of a Python `Outcome`.
pub(crate) fn dict_of(py: Python<'_>, outcome: Outcome) -> PyResult<Bound<'_, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item("disposition", outcome.disposition.slug())?;
    answer.set_item("known_from", outcome.known_from.map(bidden::operation::KnownFrom::slug))?;
    answer.set_item("email", outcome.email.slug())?;
    answer.set_item("asked_for_mail", outcome.asked_for_mail)?;
    answer.set_item("status", outcome.status.slug())?;
    answer.set_item("platform_status", outcome.platform_status)?;
    answer.set_item("invitation_id", outcome.invitation_id)?;
    answer.set_item("invitation_code", outcome.invitation_code)?;
    answer.set_item("test_url", outcome.test_url)?;
    answer.set_item("is_good", outcome.disposition.exit_code() == 0)?;
    answer.set_item("error", outcome.error.map(|error| raise(py, error)))?;
    Ok(answer)
}

#[pymethods]
impl Ledger {
    #[new]
    fn new(py: Python<'_>, location: PathBuf, account: &str) -> PyResult<Self> {
        guard(py, || {
            let ledger = py.detach(|| CoreLedger::open(location)).or_raise(py)?.account(account);
            let location = ledger.location().to_owned();
            Ok(Ledger { open: Mutex::new(Some(ledger)), location, under_way: Arc::default(), birth: Birth::here() })
        })
    }

    /// Where the record is kept.
    #[getter]
    fn location(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.location.clone()))
    }

    /// Invites one candidate.
    fn invite<'py>(
        &self,
        py: Python<'py>,
        client: &Client,
        test: &Bound<'py, PyAny>,
        candidate: &Bound<'py, PyDict>,
        options: &Bound<'py, PyDict>,
        consent: Consent,
    ) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let aim = aim(client, test, consent)?;
            let (candidate, options) = person(&aim, candidate, options)?;
            let outcome = self.run(py, move |ledger, cancel| {
                aim.invitations(ledger, Some((&candidate, &options)), cancel)?.invite(&candidate, &options)?.tried()
            })?;
            dict_of(py, outcome)
        })
    }

    /// Withdraws one invitation.
    #[allow(clippy::too_many_arguments)] // the parameters of the Python method
    fn cancel<'py>(
        &self,
        py: Python<'py>,
        client: &Client,
        test: &Bound<'py, PyAny>,
        email: Option<&str>,
        external_id: Option<&str>,
        invitation: Option<String>,
        consent: Consent,
    ) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let (aim, keys) = (aim(client, test, consent)?, keys(email, external_id));
            let outcome =
                self.run(py, move |ledger, cancel| aim.invitations(ledger, None, cancel)?.cancel(&keys, invitation.as_deref())?.tried())?;
            dict_of(py, outcome)
        })
    }

    /// Allows another attempt.
    #[allow(clippy::too_many_arguments)] // the parameters of the Python method
    fn reattempt<'py>(
        &self,
        py: Python<'py>,
        client: &Client,
        test: &Bound<'py, PyAny>,
        email: Option<&str>,
        external_id: Option<&str>,
        invitation: Option<String>,
        options: &Bound<'py, PyDict>,
        consent: Consent,
    ) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let (aim, keys) = (aim(client, test, consent)?, keys(email, external_id));
            let options = InviteOptions::from_json(&json::write(options.as_any())?).or_raise(py)?;
            let outcome = self.run(py, move |ledger, cancel| {
                aim.invitations(ledger, None, cancel)?.reattempt(&keys, invitation.as_deref(), &options)?.tried()
            })?;
            dict_of(py, outcome)
        })
    }

    /// Registers one candidate.
    fn register<'py>(&self, py: Python<'py>, client: &Client, candidate: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let aim = Aim { client: client.sending().or_raise(py)?, test: TestId::from(""), consent: CoreConsent::default() };
            let (candidate, options) = person(&aim, candidate, &PyDict::new(py))?;
            let outcome =
                self.run(py, move |ledger, cancel| aim.invitations(ledger, None, cancel)?.register_one(&candidate, &options)?.tried())?;
            dict_of(py, outcome)
        })
    }

    /// Every invitation of an address with all its operations.
    fn history<'py>(&self, py: Python<'py>, email: String) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let history = self.run(py, move |ledger, _| ledger.history_json(&email))?;
            json::read(py, &history)
        })
    }

    /// How many invitations stand how, place by place.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let totals = self.run(py, |ledger, _| ledger.totals(SystemTime::now().into()))?;
            crate::many::told(py, &totals)
        })
    }

    /// Waits for what is under way and closes the record.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            if !self.birth.is_here() {
                // It is the other process's to close.
                return Ok(());
            }
            py.detach(|| drop(self.open.lock().unwrap_or_else(PoisonError::into_inner).take()));
            while !py.detach(|| self.under_way.is_over()) {
                py.check_signals()?;
            }
            Ok(())
        })
    }
}

impl Drop for Ledger {
    /// One that nobody closed: its thread ends without the GIL, as in `close`.
    fn drop(&mut self) {
        if let Some(open) = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            if self.birth.is_here() {
                Python::try_attach(|py| py.detach(|| drop(open)));
            } else {
                // Its thread, for which closing waits, stayed in the other process.
                std::mem::forget(open);
            }
        }
    }
}
