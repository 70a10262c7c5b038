//! Rows that Python holds, written as JSON Lines for the one reader of candidate files.
//!
//! A run reads its rows twice, once to be looked at and once to be sent, and an iterator can be read once: what came from Python lies in
//! a file that has no name and is gone with the process, however it ends.

use std::fs::File;
use std::io::{BufWriter, Write};

use bidden::{Error, Kind};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyMapping, PySet, PyString, PyTuple};

use crate::candidate;
use crate::error::OrRaise;

/// What stands for a value that no field can take: the reader refuses it where the column is used, and passes it over elsewhere.
pub(crate) const UNUSABLE: &str = "{}";

/// So many rows are written between two looks at Ctrl-C.
const ROWS: u64 = 1024;

/// A file that is being filled with rows.
pub(crate) struct Spool {
    file: BufWriter<File>,
    line: String,
    rows: u64,
}

impl Spool {
    /// An empty one.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) fn new() -> Result<Self, Error> {
        let file = tempfile::tempfile().map_err(cannot)?;
        Ok(Spool { file: BufWriter::with_capacity(1 << 16, file), line: String::new(), rows: 0 })
    }

    /// A row, written by `write` as a JSON object.
    pub(crate) fn row<E: From<Error>>(&mut self, write: impl FnOnce(&mut String) -> Result<(), E>) -> Result<(), E> {
        self.line.clear();
        write(&mut self.line)?;
        if self.line == "{}" {
            // Keys are the columns, and a file without any has no rows.
            self.line.clear();
            self.line.push_str(r#"{"email":null}"#);
        }
        self.line.push('\n');
        self.rows += 1;
        self.file.write_all(self.line.as_bytes()).map_err(|error| E::from(cannot(error)))
    }

    /// How many rows it holds.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// The file; `None` when it holds no row.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) fn finish(self) -> Result<Option<File>, Error> {
        let file = self.file.into_inner().map_err(|error| cannot(error.into_error()))?;
        Ok((self.rows > 0).then_some(file))
    }
}

fn cannot(error: std::io::Error) -> Error {
    Error::new(Kind::Storage, "the rows cannot be kept in a temporary file").with_source(error)
}

/// A fault of writing: Python's, or core's.
struct Fault(PyErr);

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault(Python::attach(|py| crate::error::raise(py, error)))
    }
}

/// Writes the rows of any iterable; `None` when there are none.
pub(crate) fn write_rows(rows: &Bound<'_, PyAny>) -> PyResult<Option<File>> {
    let py = rows.py();
    let mut spool = Spool::new().or_raise(py)?;
    for item in rows.try_iter()? {
        let item = item?;
        let number = spool.rows() + 1;
        if number.is_multiple_of(ROWS) {
            py.check_signals()?;
        }
        let entries = entries(&item, number)?;
        spool.row(|text| object(text, &entries, number).map_err(Fault)).map_err(|fault| fault.0)?;
    }
    spool.finish().or_raise(py)
}

/// What a row holds, by name: a mapping, a dataclass, a named tuple, or what a validation of bidden gave.
pub(crate) fn entries<'py>(item: &Bound<'py, PyAny>, number: u64) -> PyResult<Bound<'py, PyDict>> {
    let py = item.py();
    if let Ok(entries) = item.cast::<PyDict>() {
        return Ok(entries.clone());
    }
    let copied = PyDict::new(py);
    let of_class = |name: &str| item.get_type().hasattr(name);
    if item.cast::<PyMapping>().is_ok() {
        copied.call_method1("update", (item,))?;
    } else if of_class("__dataclass_fields__")? {
        for name in item.getattr("__dataclass_fields__")?.try_iter()? {
            let name = name?.cast_into::<PyString>()?;
            copied.set_item(&name, item.getattr(&name)?)?;
        }
    } else if of_class("_asdict")? {
        return Ok(item.call_method0("_asdict")?.cast_into::<PyDict>()?);
    } else if of_class("to_dict")? {
        return Ok(item.call_method0("to_dict")?.cast_into::<PyDict>()?);
    } else {
        let class = item.get_type().name()?.to_string();
        return Err(PyTypeError::new_err(format!("row {number} is a {class}; a mapping or a dataclass is expected")));
    }
    Ok(copied)
}

fn object(text: &mut String, entries: &Bound<'_, PyDict>, number: u64) -> PyResult<()> {
    text.push('{');
    let mut separator = "";
    for (key, value) in entries.iter() {
        let Ok(key) = key.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("row {number} has a key that is no text")));
        };
        text.push_str(separator);
        separator = ",";
        push_text(text, key.to_str()?);
        text.push(':');
        cell(text, &value)?;
    }
    text.push('}');
    Ok(())
}

/// Writes one text as JSON.
pub(crate) fn push_text(text: &mut String, value: &str) {
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

fn cell(text: &mut String, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() || value.is_instance_of::<PySet>() {
        text.push('[');
        for (index, part) in value.try_iter()?.enumerate() {
            text.push_str(if index == 0 { "" } else { "," });
            scalar(text, &part?)?;
        }
        text.push(']');
        return Ok(());
    }
    if let Ok(entries) = value.cast::<PyDict>() {
        text.push('{');
        let mut separator = "";
        for (key, value) in entries.iter() {
            text.push_str(separator);
            separator = ",";
            push_text(text, key.str()?.to_str()?);
            text.push(':');
            scalar(text, &value)?;
        }
        text.push('}');
        return Ok(());
    }
    scalar(text, value)
}

fn scalar(text: &mut String, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(plain) = value.cast::<PyString>() {
        match plain.to_str() {
            Ok(plain) => push_text(text, plain),
            Err(_) => text.push_str(UNUSABLE),
        }
    } else if value.is_instance_of::<PyBool>() {
        text.push_str(if value.is_truthy()? { "true" } else { "false" });
    } else if let Ok(number) = value.cast::<PyFloat>() {
        push_float(text, number.value());
    } else if is_no_value(value)? {
        text.push_str("null");
    } else {
        match candidate::text(value)? {
            Ok(Some(plain)) => push_text(text, plain.to_str()?),
            Ok(None) => text.push_str("null"),
            Err(_) => text.push_str(UNUSABLE),
        }
    }
    Ok(())
}

/// A number as it is; what data frames write for a cell that holds nothing is nothing.
pub(crate) fn push_float(text: &mut String, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => text.push_str(&number.to_string()),
        None => text.push_str(if number.is_nan() { "null" } else { UNUSABLE }),
    }
}

/// pandas' words for a cell that holds nothing, of whose types nothing is imported here.
fn is_no_value(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let class = value.get_type();
    let name = class.name()?;
    Ok(value.is_none() || name == "NAType" || name == "NaTType")
}
