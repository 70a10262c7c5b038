//! Between Python's objects and the neutral JSON of the one door.

use std::fmt;
use std::ops::Range;

use bidden::{Error, FieldError, Given, Time};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::OrRaise;
use crate::secret::Secret;

/// Deeper nesting is a cycle, not a call.
const DEEPEST: usize = 32;

/// Keyword arguments: texts and whole numbers stay as they are, all else becomes its JSON.
pub(crate) struct Arguments<'py> {
    entries: Vec<(Bound<'py, PyString>, Argument<'py>)>,
    json: String,
}

enum Argument<'py> {
    Text(Bound<'py, PyString>),
    Integer(i64),
    /// Where its JSON stands.
    Json(Range<usize>),
}

impl<'py> Arguments<'py> {
    /// Reads them; every value that has no JSON is named.
    pub(crate) fn read(fields: &Bound<'py, PyDict>) -> PyResult<Self> {
        let mut writer = Writer::new(0);
        let mut entries = Vec::with_capacity(fields.len());
        for (key, value) in fields {
            let key = key.cast_into::<PyString>()?;
            let Ok(name) = key.to_str() else {
                writer.nameless(&Path::Whole);
                continue;
            };
            let argument = match value.cast_into_exact::<PyString>() {
                Ok(text) if text.to_str().is_ok() => Argument::Text(text),
                Ok(text) => writer.argument(name, text.as_any())?,
                Err(other) => {
                    let value = other.into_inner();
                    match plain_number(&value) {
                        Some(number) => Argument::Integer(number),
                        None => writer.argument(name, &value)?,
                    }
                }
            };
            entries.push((key, argument));
        }
        Ok(Arguments { entries, json: writer.finish(fields.py())? })
    }

    /// What the one door takes.
    pub(crate) fn members(&self) -> PyResult<Vec<(&str, Given<'_>)>> {
        let mut members = Vec::with_capacity(self.entries.len());
        for (name, argument) in &self.entries {
            let given = match argument {
                Argument::Text(text) => Given::Text(text.to_str()?),
                Argument::Integer(number) => Given::Integer(*number),
                Argument::Json(place) => Given::Json(self.json.get(place.clone()).unwrap_or("null")),
            };
            members.push((name.to_str()?, given));
        }
        Ok(members)
    }
}

/// The JSON of a Python value; everything that has none is named.
pub(crate) fn write(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut writer = Writer::new(256);
    writer.value(&Path::Whole, value, 0)?;
    writer.finish(value.py())
}

/// Where a value stands. Its name is written only for what is wrong.
enum Path<'a> {
    Whole,
    Member(&'a Path<'a>, &'a str),
    Entry(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Whole => Ok(()),
            Path::Member(Path::Whole, name) => formatter.write_str(name),
            Path::Member(outer, name) => write!(formatter, "{outer}.{name}"),
            Path::Entry(outer, index) => write!(formatter, "{outer}[{index}]"),
        }
    }
}

struct Writer {
    text: String,
    faults: Vec<FieldError>,
    /// The rest is not looked at: a cycle with two ways through it would be walked 2^[`DEEPEST`] times.
    is_too_deep: bool,
}

impl Writer {
    fn new(capacity: usize) -> Self {
        Writer { text: String::with_capacity(capacity), faults: Vec::new(), is_too_deep: false }
    }

    fn finish(self, py: Python<'_>) -> PyResult<String> {
        if self.faults.is_empty() { Ok(self.text) } else { Err(Error::invalid_input(self.faults)).or_raise(py) }
    }

    /// Writes one keyword argument.
    fn argument<'py>(&mut self, name: &str, value: &Bound<'py, PyAny>) -> PyResult<Argument<'py>> {
        let start = self.text.len();
        self.value(&Path::Member(&Path::Whole, name), value, 1)?;
        Ok(Argument::Json(start..self.text.len()))
    }

    fn fault(&mut self, path: &Path<'_>, reason: impl Into<String>) {
        self.text.push_str("null");
        self.faults.push(FieldError::new(path.to_string(), reason));
    }

    fn nameless(&mut self, path: &Path<'_>) {
        self.faults.push(FieldError::new(path.to_string(), "has a key that is no text"));
    }

    fn string(&mut self, path: &Path<'_>, text: &Bound<'_, PyString>) {
        match text.to_str() {
            Ok(text) => push_quoted(&mut self.text, text),
            Err(_) => self.fault(path, HALF_A_CHARACTER),
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        if self.is_too_deep {
            self.text.push_str("null");
        } else if depth > DEEPEST {
            self.is_too_deep = true;
            self.fault(path, "is nested too deeply");
        } else if let Ok(text) = value.cast::<PyString>() {
            self.string(path, text);
        } else if value.is_none() {
            self.text.push_str("null");
        } else if value.is_instance_of::<PyBool>() {
            self.text.push_str(if value.is_truthy()? { "true" } else { "false" });
        } else if let Some(number) = plain_number(value) {
            self.text.push_str(&number.to_string());
        } else if value.is_instance_of::<PyInt>() {
            match whole_number(value)? {
                Ok(digits) => self.text.push_str(&digits),
                Err(reason) => self.fault(path, reason),
            }
        } else if value.is_instance_of::<PyFloat>() {
            match serde_json::Number::from_f64(value.extract()?) {
                Some(number) => self.text.push_str(&number.to_string()),
                None => self.fault(path, "is no finite number"),
            }
        } else if let Ok(entries) = value.cast::<PyDict>() {
            self.object(path, entries.iter(), depth)?;
        } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            self.array(path, value, depth)?;
        } else if let Ok(secret) = value.cast::<Secret>() {
            push_quoted(&mut self.text, secret.get().expose_text());
        } else if is_a(value, "utcoffset")? {
            match datetime_text(value)? {
                Ok(text) => push_quoted(&mut self.text, &text),
                Err(reason) => self.fault(path, reason),
            }
        } else if is_a(value, "as_integer_ratio")? || is_a(value, "isoformat")? {
            // decimal.Decimal keeps its digits as text; a date has no moment, but may be the text of a field.
            self.string(path, &value.str()?);
        } else if let Ok(mapping) = value.cast::<PyMapping>() {
            let items: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)> =
                mapping.items()?.iter().map(|item| item.extract()).collect::<PyResult<_>>()?;
            self.object(path, items.into_iter(), depth)?;
        } else {
            self.fault(path, format!("a {} cannot be sent", value.get_type().name()?));
        }
        Ok(())
    }

    fn object<'py>(
        &mut self,
        path: &Path<'_>,
        items: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
        depth: usize,
    ) -> PyResult<()> {
        self.text.push('{');
        let mut separator = "";
        for (key, value) in items {
            self.text.push_str(separator);
            separator = ",";
            match key.cast::<PyString>().ok().and_then(|key| key.to_str().ok()) {
                Some(key) => {
                    push_quoted(&mut self.text, key);
                    self.text.push(':');
                    self.value(&Path::Member(path, key), &value, depth + 1)?;
                }
                None => {
                    self.text.push_str("\"\":");
                    self.nameless(path);
                    self.value(path, &value, depth + 1)?;
                }
            }
        }
        self.text.push('}');
        Ok(())
    }

    fn array(&mut self, path: &Path<'_>, values: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        self.text.push('[');
        for (index, value) in values.try_iter()?.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.value(&Path::Entry(path, index), &value?, depth + 1)?;
        }
        self.text.push(']');
        Ok(())
    }
}

/// Whether a value is of a kind that can do something. A class has the methods of its values, but is none.
pub(crate) fn is_a(value: &Bound<'_, PyAny>, method: &str) -> PyResult<bool> {
    value.get_type().hasattr(method)
}

/// A text that a read with `surrogateescape` makes of bytes that are no UTF-8, for one.
pub(crate) const HALF_A_CHARACTER: &str = "holds half of a character (a lone surrogate)";

/// The digits of an int, or of what stands for one; or what is wrong with it.
fn whole_number(value: &Bound<'_, PyAny>) -> PyResult<Result<String, &'static str>> {
    // An IntEnum is an int whose text is something else.
    match value.call_method0("__index__")?.call_method0("__repr__") {
        Ok(digits) => Ok(Ok(digits.extract()?)),
        // Python writes no more than some thousand digits.
        Err(error) if error.is_instance_of::<PyValueError>(value.py()) => Ok(Err("is too large a number")),
        Err(error) => Err(error),
    }
}

/// Text, or a whole number as text; or what is wrong with it. `None` when it is neither.
pub(crate) fn text_or_number(value: &Bound<'_, PyAny>) -> PyResult<Option<Result<String, &'static str>>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(text.to_str().map(str::to_owned).map_err(|_| HALF_A_CHARACTER)));
    }
    let is_number = !value.is_instance_of::<PyBool>() && (value.is_instance_of::<PyInt>() || is_a(value, "__index__")?);
    if is_number { whole_number(value).map(Some) } else { Ok(None) }
}

/// The number of an `int` that is no subclass, which may write itself as something else.
fn plain_number(value: &Bound<'_, PyAny>) -> Option<i64> {
    value.cast_exact::<PyInt>().ok()?.extract().ok()
}

fn push_quoted(text: &mut String, value: &str) {
    // Most texts need no escape.
    if value.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f) {
        text.push('"');
        text.push_str(value);
        text.push('"');
    } else {
        text.push_str(&serde_json::to_string(value).unwrap_or_default());
    }
}

/// RFC 3339 of an aware `datetime`, or what is wrong with it.
fn datetime_text(value: &Bound<'_, PyAny>) -> PyResult<Result<String, String>> {
    if value.call_method0("utcoffset")?.is_none() {
        return Ok(Err("a time without zone could mean any hour; give the datetime a tzinfo, such as datetime.timezone.utc".to_owned()));
    }
    Ok(Ok(value.call_method0("isoformat")?.extract()?))
}

/// A moment given as an aware `datetime`, RFC 3339 text, or seconds since 1970. A fault goes to `faults`.
pub(crate) fn time(field: &str, value: Option<&Bound<'_, PyAny>>, faults: &mut Vec<FieldError>) -> PyResult<Option<Time>> {
    let Some(value) = value else { return Ok(None) };
    // Seconds as they are most often given: writing and reading digits takes longer than a whole decision.
    if let Ok(number) = value.cast_exact::<PyInt>()
        && let Ok(seconds) = number.extract::<i64>()
        && let Ok(time) = Time::from_plausible_seconds(seconds)
    {
        return Ok(Some(time));
    }
    let text = if let Some(text) = text_or_number(value)? {
        text.map_err(str::to_owned)
    } else if is_a(value, "utcoffset")? {
        datetime_text(value)?
    } else {
        Err("an aware datetime, RFC 3339 text, or seconds since 1970 are expected".to_owned())
    };
    let read = text.and_then(|text| Time::parse(&text).map_err(|error| error.fields().iter().map(|fault| fault.reason.clone()).collect()));
    match read {
        Ok(time) => Ok(Some(time)),
        Err(reason) => {
            faults.push(FieldError::new(field, reason));
            Ok(None)
        }
    }
}

/// `now`: as given, else the clock's.
pub(crate) fn now(value: Option<&Bound<'_, PyAny>>) -> PyResult<Time> {
    let Some(given) = value else { return Ok(std::time::SystemTime::now().into()) };
    let mut faults = Vec::new();
    match time("now", Some(given), &mut faults)? {
        Some(time) => Ok(time),
        None => Err(Error::invalid_input(faults)).or_raise(given.py()),
    }
}

/// The Python value of a JSON text, members in their order.
pub(crate) fn read<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    ToPython(py).deserialize(&mut deserializer).map_err(|error| {
        crate::error::raise(py, Error::new(bidden::Kind::Internal, "an answer could not be handed to Python").with_source(error))
    })
}

/// The Python dict of a JSON object.
pub(crate) fn read_dict<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    Ok(read(py, json)?.cast_into::<PyDict>()?)
}

#[derive(Clone, Copy)]
struct ToPython<'py>(Python<'py>);

fn failed<E: serde::de::Error>(error: PyErr) -> E {
    E::custom(error)
}

impl<'de, 'py> DeserializeSeed<'de> for ToPython<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for ToPython<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.0, value).to_owned().into_any())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(PyFloat::new(self.0, value).into_any())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.0, value).into_any())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.0);
        while let Some(value) = values.next_element_seed(self)? {
            list.append(value).map_err(failed)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.0);
        while let Some(key) = members.next_key::<String>()? {
            dict.set_item(key, members.next_value_seed(self)?).map_err(failed)?;
        }
        Ok(dict.into_any())
    }
}
