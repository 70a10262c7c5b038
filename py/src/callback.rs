//! Reading what a platform sends by itself.

use bidden::{CallbackEvent, Error, Platform, Status};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::boundary::guard;
use crate::call::{Body, set_headers};
use crate::error::OrRaise;
use crate::json;
use crate::secret::Credential;

/// Reads a callback, as a dict; the package wraps it.
#[pyfunction]
#[pyo3(signature = (platform, headers, body, key = None))]
pub(crate) fn read_callback<'py>(
    py: Python<'py>,
    platform: &str,
    headers: Option<&Bound<'py, PyAny>>,
    body: Body<'py>,
    key: Option<Credential>,
) -> PyResult<Bound<'py, PyDict>> {
    guard(py, || {
        let named = Platform::from_slug(platform).ok_or_else(|| {
            Error::invalid_field("platform", format!("one of {} is expected", Platform::ALL.map(Platform::slug).join(", ")))
        });
        let platform = named.or_raise(py)?;
        let mut given = http::HeaderMap::new();
        if let Some(headers) = headers {
            set_headers(&mut given, headers)?;
        }
        let key = key.map(Credential::read);
        let event = CallbackEvent::read(platform, &given, &body.to_vec()?, key.as_ref()).or_raise(py)?;
        json::read_dict(py, &event.to_json())
    })
}

/// Whether a status that a callback tells moves an invitation that stands at another.
#[pyfunction]
pub(crate) fn callback_moves(py: Python<'_>, told: &str, known: &str) -> PyResult<bool> {
    guard(py, || {
        let read = |name: &str, slug: &str| {
            Status::from_slug(slug)
                .ok_or_else(|| Error::invalid_field(name, format!("one of {} is expected", Status::ALL.map(Status::slug).join(", "))))
        };
        Ok(bidden::callback::moves(read("told", told).or_raise(py)?, read("known", known).or_raise(py)?))
    })
}
