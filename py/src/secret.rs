//! Text that must not be seen.

use pyo3::prelude::*;

use crate::boundary::guard;
use crate::error::OrRaise;

/// A key, token or password that no `repr`, `str` or pickle shows.
///
/// Every place that takes a key takes a plain `str` too; a `Secret` keeps it out of logs on its way there.
///
/// >>> import bidden
/// >>> bidden.Secret("sandbox-key")
/// Secret(…)
/// >>> bidden.Secret("sandbox-key").expose()
/// 'sandbox-key'
#[pyclass(frozen, eq, module = "bidden")]
#[derive(PartialEq)]
pub(crate) struct Secret(bidden::Secret);

impl Secret {
    pub(crate) fn of(text: &str) -> Self {
        Secret(bidden::Secret::new(text))
    }

    pub(crate) fn expose_text(&self) -> &str {
        self.0.expose()
    }
}

#[pymethods]
impl Secret {
    #[new]
    #[pyo3(signature = (text, /))]
    fn new(py: Python<'_>, text: &str) -> PyResult<Self> {
        guard(py, || Ok(Secret(bidden::Secret::new(text))))
    }

    /// Reads it from an environment variable; raises `ConfigurationError` when that is not set or blank.
    ///
    /// >>> import bidden, os
    /// >>> os.environ["MY_IMOCHA_KEY"] = "sandbox-key"
    /// >>> bidden.Secret.from_env("MY_IMOCHA_KEY")
    /// Secret(…)
    #[staticmethod]
    #[pyo3(signature = (variable, /))]
    fn from_env(py: Python<'_>, variable: &str) -> PyResult<Self> {
        guard(py, || bidden::Secret::from_env(variable).or_raise(py).map(Secret))
    }

    /// The text itself, for the one place that needs it.
    ///
    /// >>> import bidden
    /// >>> bidden.Secret("sandbox-key").expose()
    /// 'sandbox-key'
    fn expose(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.expose().to_owned()))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("{:?}", self.0)))
    }
}

/// A credential as a caller gives it: text, a [`Secret`], or nothing, which means the environment.
#[derive(FromPyObject)]
pub(crate) enum Credential {
    #[pyo3(transparent)]
    Text(String),
    #[pyo3(transparent)]
    Secret(Py<Secret>),
}

impl Credential {
    /// The secret.
    pub(crate) fn read(self) -> bidden::Secret {
        match self {
            Credential::Text(text) => bidden::Secret::new(text),
            Credential::Secret(secret) => secret.get().0.clone(),
        }
    }

    /// The secret, or that of an environment variable.
    pub(crate) fn or_env(given: Option<Self>, variable: &str) -> Result<bidden::Secret, bidden::Error> {
        match given {
            Some(credential) => Ok(credential.read()),
            None => bidden::Secret::from_env(variable),
        }
    }
}
