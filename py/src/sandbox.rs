//! The sandbox in this process.

use std::sync::{Mutex, PoisonError};

use bidden_sandbox::{Credentials, Options, Sandbox as Running};
use pyo3::prelude::*;

use crate::boundary::guard;
use crate::error::OrRaise;
use crate::process::Birth;

/// A running sandbox on a free port, in memory.
#[pyclass(frozen, module = "bidden._bidden")]
pub(crate) struct Sandbox {
    credentials: Credentials,
    running: Mutex<Option<Running>>,
    birth: Birth,
}

#[pymethods]
impl Sandbox {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        guard(py, || {
            let running = py.detach(|| Running::start(Options::in_memory())).or_raise(py)?;
            Ok(Sandbox { credentials: running.credentials(), running: Mutex::new(Some(running)), birth: Birth::here() })
        })
    }

    /// Where it listens.
    #[getter]
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.credentials.url.clone()))
    }

    /// iMocha's key.
    #[getter]
    fn imocha_api_key(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.credentials.imocha_api_key))
    }

    /// TestInvite's token.
    #[getter]
    fn testinvite_token(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.credentials.testinvite_token))
    }

    /// Think Exam's key.
    #[getter]
    fn think_exam_api_key(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.credentials.think_exam_api_key))
    }

    /// Think Exam's secret.
    #[getter]
    fn think_exam_secret(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.credentials.think_exam_secret))
    }

    /// Stops answering.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            if !self.birth.is_here() {
                // The other process plays it, and goes on.
                return Ok(());
            }
            py.detach(|| drop(self.running.lock().unwrap_or_else(PoisonError::into_inner).take()));
            Ok(())
        })
    }
}

impl Drop for Sandbox {
    /// One that nobody stopped: its threads end without the GIL, as in `stop`.
    fn drop(&mut self) {
        if let Some(running) = self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            if self.birth.is_here() {
                Python::try_attach(|py| py.detach(|| drop(running)));
            } else {
                std::mem::forget(running);
            }
        }
    }
}
