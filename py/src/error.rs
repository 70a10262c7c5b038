//! From core's error to the exception of its kind, which is a Python class that Rust only raises.

use bidden::Error;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The exception of an error, its cause included.
pub(crate) fn raise(py: Python<'_>, error: Error) -> PyErr {
    let cause = cause(py, &error);
    // Ctrl-C in a signer's callback is no failure of the call: it goes on as it came.
    if let Some(cause) = &cause
        && !cause.is_instance_of::<PyException>(py)
    {
        return cause.clone_ref(py);
    }
    match exception(py, &error) {
        Ok(exception) => {
            exception.set_cause(py, cause);
            exception
        }
        Err(failure) => failure,
    }
}

/// The part of `raise` that can fail itself, e.g. for want of memory.
fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let module = py.import("bidden._errors")?;
    let class = module.getattr(error.kind().row().python_class).or_else(|_| module.getattr("Error"))?;
    let field_class = module.getattr("FieldError")?;
    let fields: Vec<Bound<'_, PyAny>> =
        error.fields().iter().map(|fault| field_class.call1((&fault.field, &fault.reason, &fault.value))).collect::<PyResult<_>>()?;
    let attributes = PyDict::new(py);
    attributes.set_item("kind", error.kind().slug())?;
    attributes.set_item("message", error.message())?;
    attributes.set_item("operation", error.operation())?;
    attributes.set_item("platform", error.platform().map(bidden::Platform::slug))?;
    attributes.set_item("platform_code", error.platform_code())?;
    attributes.set_item("platform_message", error.platform_message())?;
    attributes.set_item("http_status", error.http_status())?;
    attributes.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    attributes.set_item("fields", PyTuple::new(py, fields)?)?;
    attributes.set_item("raw_reply", error.raw_reply())?;
    Ok(PyErr::from_value(class.call((error.to_string(),), Some(&attributes))?))
}

fn cause(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let source = std::error::Error::source(error)?;
    if let Some(inner) = source.downcast_ref::<Error>() {
        Some(raise(py, inner.clone()))
    } else if let Some(inner) = source.downcast_ref::<PyErr>() {
        Some(inner.clone_ref(py))
    } else {
        Some(PyException::new_err(source.to_string()))
    }
}

/// Turns core's results into Python's.
pub(crate) trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raise(py, error))
    }
}
