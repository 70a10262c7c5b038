//! Rows of JSON Lines: one object per line, its keys are the headers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use bidden::candidate::Field;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::chunk::{Chunk, Fault};
use super::encoding::{DecodeFault, Decoder, Encoding};
use super::error::Problem;
use super::header::{Form, Header, Mapping};
use super::input::FileReader;
use super::reader::{CHUNK_BYTES, CHUNK_CELLS, Filled};
use super::record::Span;
use super::text::decode_problem;
use super::{MAX_COLUMNS, MAX_RECORD_BYTES};

/// The objects of a file, open at the next line.
pub(super) struct JsonLines {
    lines: Lines,
    columns: HashMap<String, usize>,
    /// The field that a column's lists and objects are for.
    fields: Vec<Option<Field>>,
    records: u64,
    /// The object at hand: which of its columns were seen, and where their text stands.
    row: Vec<Option<Span>>,
}

impl JsonLines {
    /// Reads the whole file once for its keys, in the order in which they first stand: a key of the
    /// last line is a column like any other, and none is missed in silence.
    pub(super) fn open(source: &FileReader, mappings: &[Mapping]) -> Result<(Header, Self), Problem> {
        let texts = keys(&mut Lines::new(source))?;
        let columns: HashMap<String, usize> = texts.iter().cloned().zip(0..).collect();
        let header = Header::new(texts, Form::Keys, mappings)?;
        let plural = [Field::Labels, Field::ExtraEmails, Field::Tags];
        let field_of = |column: usize| plural.into_iter().find(|field| header.columns(*field).contains(&column));
        let fields = (0..columns.len()).map(field_of).collect();
        let lines = Lines::new(source);
        Ok((header, Self { lines, columns, fields, records: 0, row: Vec::new() }))
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.lines.decoder.encoding()
    }

    pub(super) fn fill(&mut self, header: &Header, chunk: &mut Chunk) -> Filled {
        while chunk.text.len() < CHUNK_BYTES && chunk.cells.len() < CHUNK_CELLS {
            let (line, text) = match self.lines.next() {
                Ok(Some(next)) => next,
                Ok(None) => return Filled::Ended,
                Err(problem) => return Filled::Broken(problem),
            };
            let object: Object<'_> = match read(text, line) {
                Ok(object) => object,
                Err(problem) => return Filled::Broken(problem),
            };
            let first = chunk.cells.len();
            let fault = take(object, header, &self.columns, &self.fields, &mut self.row, chunk);
            self.records += 1;
            chunk.cells.extend(self.row.drain(..).map(|span| span.unwrap_or(Span::new(0, 0))));
            chunk.push_row(first, header.joined(), (self.records, line), fault);
        }
        Filled::More
    }
}

/// Writes the values of an object into a chunk, and gives the first that cannot be used.
fn take(
    object: Object<'_>,
    header: &Header,
    columns: &HashMap<String, usize>,
    fields: &[Option<Field>],
    row: &mut Vec<Option<Span>>,
    chunk: &mut Chunk,
) -> Option<Fault> {
    let mut fault = None;
    row.clear();
    for (key, value) in object.0 {
        // Keys were collected from the same lines.
        let Some(&column) = columns.get(&*key) else { continue };
        if row.len() <= column {
            row.resize(column + 1, None);
        }
        let start = chunk.text.len();
        let written = cell(value.get(), fields.get(column).copied().flatten(), &mut chunk.text);
        let is_twice = row[column].replace(Span::new(start, chunk.text.len())).is_some();
        let found = if is_twice { Some(Unusable::KeyTwice) } else { written.err() };
        if found.is_some() && header.is_used(column) {
            fault = fault.or(found.map(|found| found.at(column + 1)));
        }
    }
    fault
}

/// The lines of a file that are not blank.
struct Lines {
    decoder: Decoder,
    text: Vec<u8>,
    /// Where the next line starts.
    position: usize,
    line: u64,
    fault: Option<DecodeFault>,
}

impl Lines {
    fn new(source: &FileReader) -> Self {
        Self { decoder: Decoder::new(Box::new(source.again())), text: Vec::new(), position: 0, line: 0, fault: None }
    }

    /// The next line that is not blank, and its number.
    fn next(&mut self) -> Result<Option<(u64, &str)>, Problem> {
        loop {
            let rest = self.text.get(self.position..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == b'\n');
            if end.unwrap_or(rest.len()) > MAX_RECORD_BYTES {
                return Err(Problem::RecordTooLong { line: self.line + 1 });
            }
            let (start, length, next) = match end {
                Some(end) => (self.position, end, end + 1),
                None if self.decoder.has_ended() && self.fault.is_none() => (self.position, rest.len(), rest.len()),
                None => {
                    self.read_on()?;
                    continue;
                }
            };
            if next == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.position = start + next;
            let is_blank = self.text[start..start + length].iter().all(u8::is_ascii_whitespace);
            if !is_blank {
                // The decoder gives nothing but UTF-8, and a line feed is no part of a character.
                return Ok(Some((self.line, str::from_utf8(&self.text[start..start + length]).unwrap_or_default())));
            }
        }
    }

    fn read_on(&mut self) -> Result<(), Problem> {
        if let Some(fault) = self.fault.take() {
            return Err(decode_problem(fault, self.line + 1));
        }
        self.text.drain(..self.position);
        self.position = 0;
        // Doubling keeps a long line, looked through again each time, linear.
        let wanted = CHUNK_BYTES.max(self.text.len());
        self.fault = self.decoder.fill(&mut self.text, wanted).err();
        Ok(())
    }
}

/// The keys of all objects. What cannot be read ends the list: the reading of the rows says so, with
/// the rows before it.
fn keys(lines: &mut Lines) -> Result<Vec<String>, Problem> {
    let mut keys = Vec::new();
    let mut known = HashSet::new();
    let mut bytes = 0;
    let mut first_problem = None;
    loop {
        let (line, text) = match lines.next() {
            Ok(Some(next)) => next,
            Ok(None) => break,
            Err(problem) => {
                first_problem = Some(problem);
                break;
            }
        };
        let object: Keys<'_> = match read(text, line) {
            Ok(object) => object,
            Err(problem) => {
                first_problem = Some(problem);
                break;
            }
        };
        for key in object.0 {
            if known.contains(&*key) {
                continue;
            }
            bytes += key.len();
            if keys.len() == MAX_COLUMNS || bytes > MAX_RECORD_BYTES {
                return Err(Problem::TooManyColumns { line });
            }
            known.insert(key.clone().into_owned());
            keys.push(key.into_owned());
        }
    }
    match first_problem {
        Some(problem) if keys.is_empty() => Err(problem),
        None if keys.is_empty() => Err(Problem::Empty),
        _ => Ok(keys),
    }
}

/// Reads one line as an object.
fn read<'a, T: serde::Deserialize<'a>>(text: &'a str, line: u64) -> Result<T, Problem> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Err(Problem::NotAnObject { line, reason: "expected {".to_owned() });
    }
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        Problem::NotAnObject { line, reason: format!("{reason} at character {}", error.column()) }
    })
}

/// Keys and values as they are written.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

struct Keys<'a>(Vec<Cow<'a, str>>);

struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Object)
    }
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Keys<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Vec<Cow<'de, str>>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut names = Vec::new();
                while let Some((Key(key), IgnoredAny)) = map.next_entry()? {
                    names.push(key);
                }
                Ok(names)
            }
        }
        deserializer.deserialize_map(Names).map(Keys)
    }
}

impl<'de: 'a, 'a> serde::Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text).map(Key)
    }
}

/// Why a value cannot be used.
#[derive(Debug, Clone, Copy)]
enum Unusable {
    NotOneValue,
    Separator,
    KeyTwice,
}

impl Unusable {
    fn at(self, column: usize) -> Fault {
        match self {
            Self::NotOneValue => Fault::NotOneValue { column },
            Self::Separator => Fault::Separator { column },
            Self::KeyTwice => Fault::KeyTwice { column },
        }
    }
}

/// Writes a value as the cell of a table would hold it. What cannot be used is written as it stands.
fn cell(value: &str, field: Option<Field>, text: &mut String) -> Result<(), Unusable> {
    let start = text.len();
    let written = match (value.as_bytes().first(), field) {
        (Some(b'['), Some(Field::Labels | Field::ExtraEmails | Field::Tags)) => list(value, field == Some(Field::Tags), text),
        (Some(b'{'), Some(Field::Tags)) => pairs(value, text),
        (Some(b'[' | b'{'), _) => Err(Unusable::NotOneValue),
        _ => scalar(value).map(|value| text.push_str(&value)),
    };
    if written.is_err() {
        text.truncate(start);
        text.push_str(value);
    }
    written
}

/// One value that is neither list nor object.
fn scalar(value: &str) -> Result<Cow<'_, str>, Unusable> {
    match value.as_bytes().first() {
        Some(b'"') => match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
            // Half a surrogate pair is no text.
            _ => serde_json::from_str::<String>(value).map(Cow::Owned).map_err(|_| Unusable::NotOneValue),
        },
        Some(b'n') => Ok(Cow::Borrowed("")),
        Some(b't' | b'f') => Ok(Cow::Borrowed(value)),
        Some(b'[' | b'{') | None => Err(Unusable::NotOneValue),
        Some(_) => Ok(plain_number(value)),
    }
}

fn list(value: &str, is_pairs: bool, text: &mut String) -> Result<(), Unusable> {
    let parts: Vec<&RawValue> = serde_json::from_str(value).map_err(|_| Unusable::NotOneValue)?;
    for (index, part) in parts.into_iter().enumerate() {
        let part = scalar(part.get())?;
        if part.trim().is_empty() || part.contains(';') || (is_pairs && !part.contains('=')) {
            return Err(Unusable::Separator);
        }
        text.push_str(if index == 0 { "" } else { "; " });
        text.push_str(&part);
    }
    Ok(())
}

fn pairs(value: &str, text: &mut String) -> Result<(), Unusable> {
    let Object(members) = serde_json::from_str(value).map_err(|_| Unusable::NotOneValue)?;
    for (index, (key, value)) in members.into_iter().enumerate() {
        let value = scalar(value.get())?;
        if key.trim().is_empty() || key.contains([';', '=']) || value.contains(';') {
            return Err(Unusable::Separator);
        }
        text.push_str(if index == 0 { "" } else { "; " });
        text.push_str(&key);
        text.push('=');
        text.push_str(&value);
    }
    Ok(())
}

/// A number digit for digit, never through a float: without an exponent, and without the `.0` that
/// programs write behind whole numbers kept as floats. Ids and phone numbers come like this.
fn plain_number(number: &str) -> Cow<'_, str> {
    /// A number that is longer when written out is left as it is.
    const MOST: i32 = 40;
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        None => match number.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => return Cow::Borrowed(whole),
            _ => return Cow::Borrowed(number),
        },
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|exponent| exponent.abs() <= MOST)),
    };
    let Some(exponent) = exponent else {
        return Cow::Borrowed(number);
    };
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).unwrap_or(i32::MAX).saturating_add(exponent);
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) if point > 0 => (digits[..point].to_owned(), digits[point..].to_owned()),
        _ => ("0".to_owned(), format!("{}{digits}", "0".repeat(usize::try_from(point.unsigned_abs()).unwrap_or(0)))),
    };
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Cow::Owned(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_lose_their_exponent() {
        for (given, expected) in [
            ("491761234567", "491761234567"),
            ("4.9176E+11", "491760000000"),
            ("491761234567.0", "491761234567"),
            ("4.91761234567e11", "491761234567"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1.5", "1.5"),
            ("15e-1", "1.5"),
            ("-2.50e-3", "-0.0025"),
            ("-2.50e0", "-2.5"),
            ("0e5", "0"),
            ("0.00", "0"),
            ("1e99", "1e99"),
            ("1e-2", "0.01"),
        ] {
            assert_eq!(plain_number(given), expected, "{given}");
        }
    }

    #[test]
    fn lists_and_objects_are_written_as_a_cell_holds_them() {
        let written = |value: &str, field| {
            let mut text = String::new();
            cell(value, field, &mut text).map(|()| text).map_err(|unusable| format!("{unusable:?}"))
        };
        assert_eq!(written(r#"["a", "b c", 7]"#, Some(Field::Labels)), Ok("a; b c; 7".to_owned()));
        assert_eq!(written(r#"{"dept":"R&D","n":1,"x":true}"#, Some(Field::Tags)), Ok("dept=R&D; n=1; x=true".to_owned()));
        assert_eq!(written("[]", Some(Field::Labels)), Ok(String::new()));
        assert_eq!(written(r#""\u00e9\"""#, None), Ok("é\"".to_owned()));
        assert_eq!(written("null", None), Ok(String::new()));
        for (value, field) in [(r#"["a;b"]"#, Field::Labels), (r#"{"a=b":"c"}"#, Field::Tags), (r#"[""]"#, Field::Labels)] {
            assert_eq!(written(value, Some(field)), Err("Separator".to_owned()), "{value}");
        }
        for (value, field) in [("[[]]", Some(Field::Labels)), ("{}", None), ("[1]", None), (r#""\ud800""#, None)] {
            assert_eq!(written(value, field), Err("NotOneValue".to_owned()), "{value}");
        }
    }
}
