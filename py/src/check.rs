//! Rows of a file, checked while they are taken: an object for each.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use bidden::candidate::Field;
use bidden::{Error, Platform};
use bidden_cli::many::{self, FoundInCell, FoundInRow};
use bidden_cli::table::Chunk;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::boundary::guard;
use crate::candidate::{Finding, Texts, row_dict};
use crate::error::raise;
use crate::many::{Rows, failed};
use crate::secret::Secret;
use crate::untracked::untracked;

/// Where the texts of a candidate are: in the rows that were read together, or its own.
enum Held {
    Read(Arc<Chunk>, u32),
    Own(Box<[Option<String>; Field::COUNT]>),
}

/// A row from which nothing keeps a candidate from being invited. Its texts are made when they are asked for.
///
/// Attributes are the fields of a candidate as they were given, without blanks around them; None is absent. Passwords are
/// `Secret`s. It can be handed to `invite_many`.
///
/// >>> import bidden, pathlib, tempfile
/// >>> with tempfile.TemporaryDirectory() as folder:
/// ...     path = pathlib.Path(folder, "list.csv")
/// ...     _ = path.write_text("E-Mail,Name\nada@example.com,Ada Lovelace\ngrace,Grace Hopper\n")
/// ...     for row in bidden.validate_csv(path):
/// ...         match row:
/// ...             case bidden.Candidate(email=email, name=name):
/// ...                 print(email, name)
/// ...             case bidden.InvalidRow(line=line, errors=errors):
/// ...                 print(line, [finding.reason for finding in errors])
/// ada@example.com Ada Lovelace
/// 3 ['has no @']
#[pyclass(frozen, module = "bidden")]
pub(crate) struct Candidate {
    row: u64,
    line: Option<u64>,
    held: Held,
    warnings: Vec<FoundInCell>,
}

impl Candidate {
    fn text(&self, field: Field) -> Option<&str> {
        let text = match &self.held {
            Held::Read(chunk, index) => chunk.row(*index as usize)?.field(field),
            Held::Own(texts) => texts.get(field as usize)?.as_deref(),
        };
        text.map(str::trim).filter(|text| !text.is_empty())
    }

    fn string<'py>(&self, py: Python<'py>, field: Field) -> PyResult<Option<Bound<'py, PyString>>> {
        Ok(self.text(field).map(|text| PyString::new(py, text)))
    }

    fn texts(&self) -> impl Iterator<Item = (Field, &str)> {
        Field::ALL.into_iter().filter_map(|field| Some((field, self.text(field)?)))
    }
}

#[pymethods]
impl Candidate {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["email", "name"]))
    }

    /// Which row, from 1.
    #[getter]
    fn row(&self, py: Python<'_>) -> PyResult<u64> {
        guard(py, || Ok(self.row))
    }

    /// The line on which it begins; None where the rows came from no file.
    #[getter]
    fn line(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        guard(py, || Ok(self.line))
    }

    /// What a platform would take, but is probably a mistake.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || PyTuple::new(py, self.warnings.iter().cloned().map(Finding)))
    }

    /// The fields that are there, by name, as a new dict.
    ///
    /// >>> import bidden, pathlib, tempfile
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     path = pathlib.Path(folder, "list.csv")
    /// ...     _ = path.write_text("email,name\nada@example.com,Ada Lovelace\n")
    /// ...     (row,) = bidden.validate_csv(path)
    /// >>> row.to_dict()
    /// {'email': 'ada@example.com', 'name': 'Ada Lovelace'}
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let fields = PyDict::new(py);
            for (field, text) in self.texts() {
                match field.is_secret() {
                    true => fields.set_item(field.name(), Secret::of(text))?,
                    false => fields.set_item(field.name(), text)?,
                }
            }
            Ok(fields)
        })
    }

    /// The address.
    #[getter]
    fn email<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Email))
    }

    /// The name.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Name))
    }

    /// The id on the caller's side.
    #[getter]
    fn external_id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::ExternalId))
    }

    /// TestInvite: what makes the candidate unique.
    #[getter]
    fn uniq_id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::UniqId))
    }

    /// TestInvite: the user of the organization.
    #[getter]
    fn user_id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::UserId))
    }

    /// Think Exam: the enrollment number.
    #[getter]
    fn enrollment_number<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::EnrollmentNumber))
    }

    /// The phone number.
    #[getter]
    fn mobile<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Mobile))
    }

    /// The gender.
    #[getter]
    fn gender<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Gender))
    }

    /// The date of birth.
    #[getter]
    fn dob<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Dob))
    }

    /// Think Exam: the course.
    #[getter]
    fn course_name<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::CourseName))
    }

    /// Think Exam: a field of the tenant's own.
    #[getter]
    fn extra1<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Extra1))
    }

    /// Think Exam: a field of the tenant's own.
    #[getter]
    fn extra2<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Extra2))
    }

    /// Think Exam: a field of the tenant's own.
    #[getter]
    fn extra3<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Extra3))
    }

    /// Think Exam: where a picture is.
    #[getter]
    fn profile_pic<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::ProfilePic))
    }

    /// TestInvite: the group.
    #[getter]
    fn group<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Group))
    }

    /// TestInvite: the labels, as one text.
    #[getter]
    fn labels<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Labels))
    }

    /// TestInvite: the tags, as one text.
    #[getter]
    fn tags<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Tags))
    }

    /// TestInvite: the first credential.
    #[getter]
    fn credential1<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::Credential1))
    }

    /// TestInvite: more addresses, as one text.
    #[getter]
    fn extra_emails<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        guard(py, || self.string(py, Field::ExtraEmails))
    }

    /// Think Exam: the password.
    #[getter]
    fn password(&self, py: Python<'_>) -> PyResult<Option<Secret>> {
        guard(py, || Ok(self.text(Field::Password).map(Secret::of)))
    }

    /// TestInvite: the second credential.
    #[getter]
    fn credential2(&self, py: Python<'_>) -> PyResult<Option<Secret>> {
        guard(py, || Ok(self.text(Field::Credential2).map(Secret::of)))
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard(py, || {
            let Ok(other) = other.cast::<Candidate>() else { return Ok(false) };
            let other = other.get();
            Ok(self.row == other.row && self.line == other.line && self.texts().eq(other.texts()))
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        guard(py, || {
            let mut hasher = DefaultHasher::new();
            (self.row, self.line).hash(&mut hasher);
            self.texts().for_each(|(field, text)| (field as usize, text).hash(&mut hasher));
            Ok(hasher.finish())
        })
    }

    /// Secrets go into no pickle: a candidate that has one cannot be pickled.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let make = py.import("bidden._bidden")?.getattr("candidate_of")?;
            let warnings = PyTuple::new(py, self.warnings.iter().cloned().map(Finding))?;
            Ok((make, (self.row, self.line, self.to_dict(py)?, warnings).into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Candidate in row {}>", self.row)))
    }
}

/// Makes a candidate again that was pickled.
#[pyfunction]
pub(crate) fn candidate_of(
    py: Python<'_>,
    row: u64,
    line: Option<u64>,
    fields: &Bound<'_, PyDict>,
    warnings: Vec<PyRef<'_, Finding>>,
) -> PyResult<Candidate> {
    guard(py, || {
        let texts = Texts::read(fields.as_any())?;
        let given = texts.row()?;
        let own = Field::ALL.map(|field| given.text(field).map(str::to_owned));
        Ok(Candidate { row, line, held: Held::Own(Box::new(own)), warnings: warnings.iter().map(|found| found.0.clone()).collect() })
    })
}

/// A row that cannot be sent, with everything that is wrong with it.
///
/// >>> import bidden, pathlib, tempfile
/// >>> with tempfile.TemporaryDirectory() as folder:
/// ...     path = pathlib.Path(folder, "list.csv")
/// ...     _ = path.write_text("email,name\ngrace,Grace Hopper\n")
/// ...     for row in bidden.validate_csv(path):
/// ...         match row:
/// ...             case bidden.InvalidRow(number, [bidden.Finding("email", reason)]):
/// ...                 print(number, reason)
/// 1 has no @
#[pyclass(frozen, eq, hash, module = "bidden")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct InvalidRow {
    row: u64,
    line: Option<u64>,
    errors: Vec<FoundInCell>,
    warnings: Vec<FoundInCell>,
}

#[pymethods]
impl InvalidRow {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        guard(py, || PyTuple::new(py, ["row", "errors"]))
    }

    /// Which row, from 1.
    #[getter]
    fn row(&self, py: Python<'_>) -> PyResult<u64> {
        guard(py, || Ok(self.row))
    }

    /// The line on which it begins; None where the rows came from no file.
    #[getter]
    fn line(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        guard(py, || Ok(self.line))
    }

    /// What keeps the row from being sent.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || PyTuple::new(py, self.errors.iter().cloned().map(Finding)))
    }

    /// What a platform would take, but is probably a mistake.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || PyTuple::new(py, self.warnings.iter().cloned().map(Finding)))
    }

    /// The row with its findings as a new dict.
    ///
    /// >>> import bidden, pathlib, tempfile
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     path = pathlib.Path(folder, "list.csv")
    /// ...     _ = path.write_text("email,name\ngrace,Grace Hopper\n")
    /// ...     (row,) = bidden.validate_csv(path)
    /// >>> row.to_dict()["line"], row.to_dict()["errors"][0]["column"]
    /// (2, 'email')
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || row_dict(py, self.row, Some(self.line), &self.errors, &self.warnings))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        guard(py, || {
            let make = py.import("bidden._bidden")?.getattr("invalid_row_of")?;
            let all = |found: &[FoundInCell]| PyTuple::new(py, found.iter().cloned().map(Finding));
            Ok((make, (self.row, self.line, all(&self.errors)?, all(&self.warnings)?).into_pyobject(py)?))
        })
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memory: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<InvalidRow {}: {} errors>", self.row, self.errors.len())))
    }
}

/// Makes an invalid row again that was pickled.
#[pyfunction]
pub(crate) fn invalid_row_of(
    py: Python<'_>,
    row: u64,
    line: Option<u64>,
    errors: Vec<PyRef<'_, Finding>>,
    warnings: Vec<PyRef<'_, Finding>>,
) -> PyResult<InvalidRow> {
    guard(py, || {
        let all = |found: Vec<PyRef<'_, Finding>>| found.iter().map(|found| found.0.clone()).collect();
        Ok(InvalidRow { row, line, errors: all(errors), warnings: all(warnings) })
    })
}

/// The rows of a file that are checked while they are taken, by threads of their own: a `Candidate` or an `InvalidRow` for
/// each, in order. Memory holds some thousand rows at any length of the file.
#[pyclass(module = "bidden._bidden")]
pub(crate) struct ValidatedRows {
    /// `None` once the end was reached.
    rows: Mutex<Option<many::CheckedRows>>,
    chunk: Arc<Chunk>,
    /// The rows before those of `chunk`: a loop still holds its last row when it asks for the next.
    before: Arc<Chunk>,
    next: u32,
    length: u32,
    found: VecDeque<(usize, FoundInRow)>,
    has_lines: bool,
    /// Whether warnings are errors.
    is_strict: bool,
}

impl ValidatedRows {
    /// Takes the next rows that were checked; whether there are any.
    fn fill(&mut self, py: Python<'_>) -> PyResult<bool> {
        let rows = &self.rows;
        let before = std::mem::replace(&mut self.before, std::mem::take(&mut self.chunk));
        let taken = py.detach(|| {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            // Rows that nobody holds any more give their memory to the next.
            if let (Some(rows), Ok(chunk)) = (&*rows, Arc::try_unwrap(before)) {
                rows.recycle(chunk);
            }
            match rows.as_mut().map(many::CheckedRows::next_chunk) {
                None => Ok(None),
                Some(Ok(Some(chunk))) => Ok(Some(chunk)),
                Some(ended) => {
                    *rows = None;
                    ended
                }
            }
        });
        let Some(many::CheckedChunk { chunk, found, has_lines }) = taken.map_err(|failure| failed(py, failure))? else { return Ok(false) };
        py.check_signals()?;
        self.next = 0;
        self.length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        self.chunk = chunk;
        self.found = found.into();
        self.has_lines = has_lines;
        Ok(true)
    }
}

#[pymethods]
impl ValidatedRows {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            while self.next == self.length {
                if !self.fill(py)? {
                    return Ok(None);
                }
            }
            let index = self.next;
            self.next += 1;
            let Some(row) = self.chunk.row(index as usize) else { return Ok(None) };
            let (number, line) = (row.record(), self.has_lines.then(|| row.line()));
            let found = match self.found.front() {
                Some((at, _)) if *at == index as usize => self.found.pop_front().map(|(_, found)| found).unwrap_or_default(),
                _ => FoundInRow::default(),
            };
            let FoundInRow { mut errors, mut warnings } = found;
            if self.is_strict {
                errors.append(&mut warnings);
            }
            if errors.is_empty() {
                let held = Held::Read(Arc::clone(&self.chunk), index);
                return Ok(Some(untracked(Bound::new(py, Candidate { row: number, line, held, warnings })?).into_any()));
            }
            Ok(Some(untracked(Bound::new(py, InvalidRow { row: number, line, errors, warnings })?).into_any()))
        })
    }

    /// Takes all that is left, and gives the findings as columns.
    fn findings<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let [rows, severities, fields, columns, reasons, values] = [(); 6].map(|()| PyList::empty(py));
            while self.fill(py)? {
                for (index, FoundInRow { mut errors, mut warnings }) in self.found.drain(..) {
                    if self.is_strict {
                        errors.append(&mut warnings);
                    }
                    let Some(row) = self.chunk.row(index) else { continue };
                    for (severity, found) in
                        errors.iter().map(|found| ("error", found)).chain(warnings.iter().map(|found| ("warning", found)))
                    {
                        rows.append(row.record())?;
                        severities.append(severity)?;
                        fields.append(found.field)?;
                        columns.append(found.column.as_deref())?;
                        reasons.append(&found.reason)?;
                        values.append(found.value.as_deref())?;
                    }
                }
            }
            let frame = PyDict::new(py);
            for (name, column) in
                [("row", rows), ("severity", severities), ("field", fields), ("column", columns), ("reason", reasons), ("value", values)]
            {
                frame.set_item(name, column)?;
            }
            Ok(frame)
        })
    }
}

/// Begins to check the rows of an input.
#[pyfunction]
pub(crate) fn validate_rows(
    py: Python<'_>,
    rows: &Rows,
    platform: Option<&str>,
    today: Option<&Bound<'_, PyAny>>,
    strict: bool,
) -> PyResult<ValidatedRows> {
    guard(py, || {
        let platform = platform_of(py, platform)?;
        let (rows, today) = (rows.take(py)?, crate::json::now(today)?);
        let checked = py.detach(|| many::CheckedRows::begin(rows, platform, today)).map_err(|failure| failed(py, failure))?;
        let empty = VecDeque::new();
        Ok(ValidatedRows {
            rows: Mutex::new(checked),
            chunk: Arc::default(),
            before: Arc::default(),
            next: 0,
            length: 0,
            found: empty,
            has_lines: false,
            is_strict: strict,
        })
    })
}

/// A platform by its word.
pub(crate) fn platform_of(py: Python<'_>, slug: Option<&str>) -> PyResult<Option<Platform>> {
    let Some(slug) = slug else { return Ok(None) };
    match Platform::from_slug(slug) {
        Some(platform) => Ok(Some(platform)),
        None => {
            let known = Platform::ALL.map(Platform::slug).join(", ");
            Err(raise(py, Error::invalid_field("platform", format!("one of {known} is expected"))))
        }
    }
}
