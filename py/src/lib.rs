//! The extension `bidden._bidden`. It holds no rule: it converts, calls `bidden`, converts back.
//!
//! Every entry point is one call of `guard`, blocking work is done without the GIL, and exceptions are Python classes
//! that are only raised here. Doc comments are the docstrings that Python shows; their examples are run by the tests.

mod arrow;
mod boundary;
mod call;
mod callback;
mod candidate;
mod check;
mod client;
mod command;
mod error;
mod json;
mod ledger;
mod lifecycle;
mod many;
mod process;
mod sandbox;
mod secret;
mod sign;
mod spool;
#[cfg(feature = "testing")]
mod testing;
mod untracked;

use bidden::error::KINDS;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use boundary::guard;

/// Core's table of kinds: slug, number, name of the exception class, meaning.
#[pyfunction]
fn kinds(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    guard(py, || PyTuple::new(py, KINDS.iter().map(|row| (row.slug, row.number, row.python_class, row.meaning))))
}

/// Core's words: the slugs of statuses, events and platforms.
#[pyfunction]
fn words(py: Python<'_>) -> PyResult<(Vec<&'static str>, Vec<&'static str>, Vec<&'static str>)> {
    guard(py, || {
        Ok((
            bidden::Status::ALL.map(bidden::Status::slug).to_vec(),
            bidden::Event::ALL.map(bidden::Event::slug).to_vec(),
            bidden::Platform::ALL.map(bidden::Platform::slug).to_vec(),
        ))
    })
}

/// The one core behind the package `bidden`.
#[pymodule]
fn _bidden(module: &Bound<'_, PyModule>) -> PyResult<()> {
    boundary::quiet_panics();
    client::imported_here();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<call::Request>()?;
    module.add_class::<candidate::CheckedRow>()?;
    module.add_class::<candidate::CheckedRows>()?;
    module.add_class::<candidate::Finding>()?;
    module.add_class::<check::Candidate>()?;
    module.add_class::<check::InvalidRow>()?;
    module.add_class::<check::ValidatedRows>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<client::FetchedSigner>()?;
    module.add_class::<ledger::Ledger>()?;
    module.add_class::<lifecycle::AccessWindow>()?;
    module.add_class::<lifecycle::Capability>()?;
    module.add_class::<lifecycle::Decision>()?;
    module.add_class::<lifecycle::Refusal>()?;
    module.add_class::<many::Rows>()?;
    module.add_class::<many::Run>()?;
    module.add_class::<many::Running>()?;
    module.add_class::<sandbox::Sandbox>()?;
    module.add_class::<secret::Secret>()?;
    module.add_class::<sign::Signature>()?;
    module.add_class::<sign::SignatureExplanation>()?;
    module.add_function(wrap_pyfunction!(call::call_request, module)?)?;
    module.add_function(wrap_pyfunction!(call::calls, module)?)?;
    module.add_function(wrap_pyfunction!(call::read_reply, module)?)?;
    module.add_function(wrap_pyfunction!(callback::callback_moves, module)?)?;
    module.add_function(wrap_pyfunction!(callback::read_callback, module)?)?;
    module.add_function(wrap_pyfunction!(candidate::validate, module)?)?;
    module.add_function(wrap_pyfunction!(candidate::checked_row_of, module)?)?;
    module.add_function(wrap_pyfunction!(candidate::finding_of, module)?)?;
    module.add_function(wrap_pyfunction!(check::candidate_of, module)?)?;
    module.add_function(wrap_pyfunction!(check::invalid_row_of, module)?)?;
    module.add_function(wrap_pyfunction!(check::validate_rows, module)?)?;
    module.add_function(wrap_pyfunction!(command::run_command, module)?)?;
    module.add_function(wrap_pyfunction!(kinds, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::capabilities, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::capability_of, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::decide, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::explain_transition, module)?)?;
    module.add_function(wrap_pyfunction!(lifecycle::local_time, module)?)?;
    module.add_function(wrap_pyfunction!(many::finish_runs, module)?)?;
    module.add_function(wrap_pyfunction!(many::history, module)?)?;
    module.add_function(wrap_pyfunction!(many::plan, module)?)?;
    module.add_function(wrap_pyfunction!(many::reconcile, module)?)?;
    module.add_function(wrap_pyfunction!(many::status, module)?)?;
    module.add_function(wrap_pyfunction!(sign::explain_signature, module)?)?;
    module.add_function(wrap_pyfunction!(sign::hmac_text, module)?)?;
    module.add_function(wrap_pyfunction!(sign::make, module)?)?;
    module.add_function(wrap_pyfunction!(sign::verify, module)?)?;
    module.add_function(wrap_pyfunction!(process::forked, module)?)?;
    module.add_function(wrap_pyfunction!(words, module)?)?;
    process::watch(module)?;
    #[cfg(feature = "testing")]
    testing::add(module)?;
    Ok(())
}
