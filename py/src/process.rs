//! Which process this is. What a fork copies has neither its threads nor connections of its own: a client makes new ones, a record, a
//! run and a sandbox that were begun before are refused or let be.

use std::sync::atomic::{AtomicU32, Ordering};

use bidden::{Error, Kind};
use pyo3::prelude::*;

use crate::boundary::guard;

/// How many forks lie between this process and the one that imported the extension.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// The process in which something was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Birth(u32);

impl Birth {
    /// This process.
    pub(crate) fn here() -> Self {
        Birth(FORKS.load(Ordering::Relaxed))
    }

    /// Whether it was this one.
    pub(crate) fn is_here(self) -> bool {
        self == Birth::here()
    }

    /// What was made here can be used.
    ///
    /// # Errors
    /// `storage` otherwise: `what` says of what it is too late to speak.
    pub(crate) fn check(self, what: &str) -> Result<(), Error> {
        if self.is_here() {
            return Ok(());
        }
        Err(Error::new(Kind::Storage, format!("{what} before this process was forked, and its threads stayed behind; make it anew here")))
    }
}

/// A child was forked, and this is it.
#[pyfunction]
pub(crate) fn forked(py: Python<'_>) -> PyResult<()> {
    guard(py, || {
        FORKS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })
}

/// Has Python tell when it forks.
pub(crate) fn watch(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    // Windows has none.
    if os.hasattr("register_at_fork")? {
        let told = pyo3::types::PyDict::new(module.py());
        told.set_item("after_in_child", module.getattr("forked")?)?;
        os.call_method("register_at_fork", (), Some(&told))?;
    }
    Ok(())
}
