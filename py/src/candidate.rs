//! Rows of a list, looked at before anything is sent.

use std::borrow::Cow;

use bidden::candidate::{Field, Finding as CoreFinding, Findings, Row, validate as validate_row};
use bidden::{Error, Platform, Time};
use bidden_cli::many::FoundInCell;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyIterator, PyList, PyString, PyTuple};

use crate::boundary::guard;
use crate::check::platform_of;
use crate::json;
use crate::secret::Secret;

/// One thing that is wrong or doubtful in a row. `repr` does not show the value.
///
/// >>> import bidden
/// >>> (checked,) = bidden.validate([{"email": "ada.example.com", "name": "Ada Lovelace"}])
/// >>> checked.errors[0], checked.errors[0].value
/// (<Finding email: has no @>, 'ada.example.com')
#[pyclass(frozen, eq, hash, module = "bidden")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Finding(pub(crate) FoundInCell);

impl From<CoreFinding> for Finding {
    fn from(found: CoreFinding) -> Self {
        let CoreFinding { field, reason, value } = found;
        Finding(FoundInCell { field: field.name(), column: None, cell: None, reason: reason.into_owned(), value })
    }
}

impl Finding {
    fn contents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let contents = PyDict::new(py);
        contents.set_item("field", self.0.field)?;
        contents.set_item("column", &self.0.column)?;
        contents.set_item("cell", &self.0.cell)?;
        contents.set_item("reason", &self.0.reason)?;
        contents.set_item("value", &self.0.value)?;
        Ok(contents)
    }
}

#[pymethods]
impl Finding {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["field", "reason"]))
    }

    /// The field, e.g. `email`; `row` for the shape of the row.
    #[getter]
    fn field(&self, py: Python<'_>) -> PyResult<&'static str> {
        guard(py, || Ok(self.0.field))
    }

    /// The header of its column; None where there are no columns.
    #[getter]
    fn column(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || Ok(self.0.column.clone()))
    }

    /// The name of its cell in a workbook, e.g. `B7`.
    #[getter]
    fn cell(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || Ok(self.0.cell.clone()))
    }

    /// What is wrong and what was expected.
    #[getter]
    fn reason(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(self.0.reason.clone()))
    }

    /// The value as given; None when absent or a secret.
    #[getter]
    fn value(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || Ok(self.0.value.clone()))
    }

    /// Its attributes as a new dict.
    ///
    /// >>> import bidden
    /// >>> (checked,) = bidden.validate([{"email": "ada.example.com", "name": "Ada Lovelace"}])
    /// >>> checked.errors[0].to_dict()["field"]
    /// 'email'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || self.contents(py))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let FoundInCell { field, column, cell, reason, value } = self.0.clone();
            let make = py.import("bidden._bidden")?.getattr("finding_of")?;
            Ok((make, (field, column, cell, reason, value).into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Finding {}: {}>", self.0.field, self.0.reason)))
    }
}

/// Makes a finding again that was pickled.
#[pyfunction]
pub(crate) fn finding_of(
    py: Python<'_>,
    field: &str,
    column: Option<String>,
    cell: Option<String>,
    reason: String,
    value: Option<String>,
) -> PyResult<Finding> {
    guard(py, || {
        let field = Field::from_name(field).map_or("row", Field::name);
        Ok(Finding(FoundInCell { field, column, cell, reason, value }))
    })
}

/// A row that was looked at.
///
/// >>> import bidden
/// >>> rows = [{"email": "ada@example.com", "name": "Ada Lovelace", "mobile": "12"}]
/// >>> [(checked.row, checked.is_valid, len(checked.warnings)) for checked in bidden.validate(rows)]
/// [(1, True, 1)]
#[pyclass(frozen, eq, hash, module = "bidden")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct CheckedRow {
    number: u64,
    errors: Vec<CoreFinding>,
    warnings: Vec<CoreFinding>,
}

fn findings<'py>(py: Python<'py>, found: &[CoreFinding]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, found.iter().cloned().map(Finding::from))
}

/// What of a row was found, as plain values.
fn plain<'py>(py: Python<'py>, found: &[FoundInCell]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for finding in found {
        list.append(Finding(finding.clone()).contents(py)?)?;
    }
    Ok(list)
}

/// A row with its findings as plain values.
pub(crate) fn row_dict<'py>(
    py: Python<'py>,
    row: u64,
    line: Option<Option<u64>>,
    errors: &[FoundInCell],
    warnings: &[FoundInCell],
) -> PyResult<Bound<'py, PyDict>> {
    let contents = PyDict::new(py);
    contents.set_item("row", row)?;
    if let Some(line) = line {
        contents.set_item("line", line)?;
    }
    contents.set_item("errors", plain(py, errors)?)?;
    contents.set_item("warnings", plain(py, warnings)?)?;
    Ok(contents)
}

impl CheckedRow {
    fn in_cells(found: &[CoreFinding]) -> Vec<FoundInCell> {
        found.iter().cloned().map(|found| Finding::from(found).0).collect()
    }
}

#[pymethods]
impl CheckedRow {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["row", "errors"]))
    }

    /// The row with its findings as a new dict.
    ///
    /// >>> import bidden
    /// >>> (checked,) = bidden.validate([{"email": "ada.example.com", "name": "Ada Lovelace"}])
    /// >>> [error["reason"] for error in checked.to_dict()["errors"]]
    /// ['has no @']
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || row_dict(py, self.number, None, &Self::in_cells(&self.errors), &Self::in_cells(&self.warnings)))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let make = py.import("bidden._bidden")?.getattr("checked_row_of")?;
            Ok((make, (self.number, findings(py, &self.errors)?, findings(py, &self.warnings)?).into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    /// Which row, from 1.
    #[getter]
    fn row(&self, py: Python<'_>) -> PyResult<u64> {
        guard(py, || Ok(self.number))
    }

    /// Whether nothing keeps the row from being sent.
    #[getter]
    fn is_valid(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || Ok(self.errors.is_empty()))
    }

    /// What keeps the row from being sent.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || findings(py, &self.errors))
    }

    /// What a platform would take, but is probably a mistake.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || findings(py, &self.warnings))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<CheckedRow {}: {} errors, {} warnings>", self.number, self.errors.len(), self.warnings.len())))
    }
}

/// Makes a checked row again that was pickled.
#[pyfunction]
pub(crate) fn checked_row_of(
    py: Python<'_>,
    row: u64,
    errors: Vec<PyRef<'_, Finding>>,
    warnings: Vec<PyRef<'_, Finding>>,
) -> PyResult<CheckedRow> {
    guard(py, || {
        let core = |found: &FoundInCell| {
            let (reason, value) = (found.reason.clone().into(), found.value.clone());
            Field::from_name(found.field).map(|field| CoreFinding { field, reason, value })
        };
        let all = |found: Vec<PyRef<'_, Finding>>| found.iter().filter_map(|found| core(&found.0)).collect();
        Ok(CheckedRow { number: row, errors: all(errors), warnings: all(warnings) })
    })
}

/// What `validate` returns: checks one row each time it is asked.
#[pyclass(module = "bidden._bidden")]
pub(crate) struct CheckedRows {
    rows: Py<PyIterator>,
    platform: Option<Platform>,
    today: Time,
    number: u64,
    /// Whether warnings are errors.
    is_strict: bool,
}

#[pymethods]
impl CheckedRows {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<CheckedRow>> {
        guard(py, || {
            let Some(given) = self.rows.bind(py).clone().next() else { return Ok(None) };
            self.number += 1;
            let texts = Texts::read(crate::spool::entries(&given?, self.number)?.as_any())?;
            let Findings { mut errors, mut warnings } = validate_row(&texts.row()?, self.platform, self.today);
            // What is no text is not missing.
            errors.retain(|found| texts.refused.iter().all(|refused| refused.field != found.field));
            errors.extend(texts.refused);
            if self.is_strict {
                errors.append(&mut warnings);
            }
            Ok(Some(CheckedRow { number: self.number, errors, warnings }))
        })
    }
}

/// The text of each field of a mapping, and what is no text.
pub(crate) struct Texts<'py> {
    texts: [Option<Bound<'py, PyString>>; Field::COUNT],
    refused: Vec<CoreFinding>,
}

impl<'py> Texts<'py> {
    /// Reads a mapping; keys that are no field are nobody's, as the other columns of a file.
    pub(crate) fn read(given: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        let copied;
        let entries = match given.cast::<PyDict>() {
            Ok(entries) => entries,
            Err(_) => {
                copied = PyDict::new(py);
                copied.call_method1("update", (given,))?;
                &copied
            }
        };
        let mut texts = Texts { texts: [const { None }; Field::COUNT], refused: Vec::new() };
        for (key, value) in entries.iter() {
            let Some(field) = key.cast::<PyString>().ok().and_then(|key| Field::from_name(key.to_str().ok()?)) else { continue };
            match text(&value)? {
                Ok(text) => texts.texts[field as usize] = text,
                Err(reason) => texts.refused.push(CoreFinding { field, reason, value: None }),
            }
        }
        Ok(texts)
    }

    /// The texts as a row.
    pub(crate) fn row(&self) -> PyResult<Row<'_>> {
        let mut row = Row::new();
        for (field, text) in Field::ALL.into_iter().zip(&self.texts) {
            if let Some(text) = text {
                row.set(field, text.to_str()?);
            }
        }
        Ok(row)
    }

    /// The error of what is no text.
    pub(crate) fn refused(&self) -> Result<(), Error> {
        Findings { errors: self.refused.clone(), ..Findings::default() }.to_error().map_or(Ok(()), Err)
    }
}

/// The text of one cell, `None` for an empty one; or what is wrong with it.
pub(crate) fn text<'py>(value: &Bound<'py, PyAny>) -> PyResult<Result<Option<Bound<'py, PyString>>, Cow<'static, str>>> {
    let py = value.py();
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(if text.to_str().is_ok() { Ok(Some(text.clone())) } else { Err(json::HALF_A_CHARACTER.into()) });
    }
    // Data frames say NaN for a cell that holds nothing.
    if value.is_none() || value.cast::<PyFloat>().is_ok_and(|number| number.value().is_nan()) {
        return Ok(Ok(None));
    }
    if let Ok(secret) = value.cast::<Secret>() {
        return Ok(Ok(Some(PyString::new(py, secret.get().expose_text()))));
    }
    Ok(match json::text_or_number(value)? {
        Some(digits) => digits.map(|digits| Some(PyString::new(py, &digits))).map_err(Cow::from),
        // Other numbers, and dates.
        None if !value.is_instance_of::<PyBool>() && (json::is_a(value, "as_integer_ratio")? || json::is_a(value, "isoformat")?) => {
            Ok(Some(value.str()?))
        }
        None => Err(format!("text is expected, not a {}", value.get_type().name()?).into()),
    })
}

/// Looks at rows of candidates one by one and yields a `CheckedRow` for each: every error and every warning.
///
/// A row is a mapping from a candidate's fields to texts, as `csv.DictReader` gives them, or a dataclass; None and NaN are
/// absent, other keys are passed over.
/// With a platform, what its call requires is required. `today` decides whether a date of birth lies in the past; `strict`
/// counts warnings as errors.
///
/// >>> import bidden
/// >>> rows = [{"email": "ada@example.com", "name": "Ada Lovelace"}, {"email": "grace.example.com", "name": "Grace"}]
/// >>> [[finding.reason for finding in checked.errors] for checked in bidden.validate(rows)]
/// [[], ['has no @']]
#[pyfunction]
#[pyo3(signature = (rows, platform = None, *, today = None, strict = false))]
pub(crate) fn validate(
    py: Python<'_>,
    rows: &Bound<'_, PyAny>,
    platform: Option<&str>,
    today: Option<&Bound<'_, PyAny>>,
    strict: bool,
) -> PyResult<CheckedRows> {
    guard(py, || {
        let platform = platform_of(py, platform)?;
        Ok(CheckedRows { rows: rows.try_iter()?.unbind(), platform, today: json::now(today)?, number: 0, is_strict: strict })
    })
}
