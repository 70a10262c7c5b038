//! The command `bidden`, so that the wheel holds one copy of the code.

use std::ffi::OsString;
use std::process::ExitCode;

use pyo3::prelude::*;

use crate::boundary::guard;

/// Runs the command with its arguments, the program's name first, and returns its exit code.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<u8> {
    guard(py, || {
        let exit = py.detach(|| bidden_cli::run(arguments));
        // The standard library compares exit codes, but does not tell them.
        Ok((0..=u8::MAX).find(|code| ExitCode::from(*code) == exit).unwrap_or(u8::MAX))
    })
}
