//! Entry points that fail on purpose at each stage of the way: reading arguments, working, building the result.

use bidden::{Error, Kind};
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::boundary::guard;
use crate::error::OrRaise;
use crate::json;

fn fail(stage: &str, wanted: &str, how: &str) -> Result<(), Error> {
    if stage != wanted {
        return Ok(());
    }
    if how == "panic" {
        // What panics on purpose shall panic: this file is in no release.
        #[allow(clippy::panic)]
        {
            panic!("ada@example.com must not be seen");
        }
    }
    Err(Error::new(Kind::Storage, format!("failed on purpose at {stage}")))
}

/// Fails at a stage (`arguments`, `work`, `result` or another word: nowhere) as told (`panic` or `error`).
#[pyfunction]
fn testing_fail(py: Python<'_>, stage: &str, how: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    guard(py, || {
        let text = json::write(value)?;
        fail(stage, "arguments", how).or_raise(py)?;
        py.detach(|| fail(stage, "work", how)).or_raise(py)?;
        fail(stage, "result", how).or_raise(py)?;
        Ok(text)
    })
}

/// Adds them to the module.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(testing_fail, module)?)
}
