//! What every entry point goes through: a panic becomes `bidden.InternalError`, never pyo3's `PanicException`, which is
//! no `Exception` and would end a program that handles its errors.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bidden::{Error, Kind};
use pyo3::prelude::*;

use crate::error::raise;

thread_local! {
    static LAST_PANIC: Cell<Option<String>> = const { Cell::new(None) };
}

/// Keeps where a panic happened for the error, and prints nothing: its text may hold personal data.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        LAST_PANIC.set(panic.location().map(|location| format!("{}:{}", location.file(), location.line())));
    }));
}

/// Runs the body of an entry point.
pub(crate) fn guard<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        let place = LAST_PANIC.take().map(|place| format!(" at {place}")).unwrap_or_default();
        Err(raise(py, Error::new(Kind::Internal, format!("a fault of bidden itself{place}; please report it"))))
    })
}
