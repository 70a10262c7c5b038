//! Data frames, read through Arrow's C stream interface (<https://arrow.apache.org/docs/format/CStreamInterface.html>): pandas, polars
//! and whatever else speaks it, without a dependency on any of them.
//!
//! One of two modules of this crate with unsafe code: the structures below are the ones of the specification, made and freed by their
//! producer. Their lengths are the producer's word, as the interface has it; every pointer is looked at before it is followed, and
//! text is checked to be UTF-8.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs::File;
use std::ptr::NonNull;

use bidden::{Error, Kind, Time};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::error::OrRaise;
use crate::spool::{Spool, UNUSABLE, push_float, push_text};

#[repr(C)]
struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut ArrowSchema,
    dictionary: *mut ArrowSchema,
    release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct ArrowArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut ArrowArray,
    dictionary: *mut ArrowArray,
    release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    private_data: *mut c_void,
}

impl Drop for ArrowSchema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: filled by its producer and not released yet: `release` is set.
            unsafe { release(self) }
        }
    }
}

impl Drop for ArrowArray {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: filled by its producer and not released yet: `release` is set.
            unsafe { release(self) }
        }
    }
}

/// A structure that its producer has not filled yet.
trait Empty {
    fn empty() -> Self;
}

impl Empty for ArrowSchema {
    fn empty() -> Self {
        ArrowSchema {
            format: std::ptr::null(),
            name: std::ptr::null(),
            metadata: std::ptr::null(),
            flags: 0,
            n_children: 0,
            children: std::ptr::null_mut(),
            dictionary: std::ptr::null_mut(),
            release: None,
            private_data: std::ptr::null_mut(),
        }
    }
}

impl Empty for ArrowArray {
    fn empty() -> Self {
        ArrowArray {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: std::ptr::null_mut(),
            children: std::ptr::null_mut(),
            dictionary: std::ptr::null_mut(),
            release: None,
            private_data: std::ptr::null_mut(),
        }
    }
}

const NAME: &CStr = c"arrow_array_stream";

/// Writes the rows of a frame, given as the capsule of its `__arrow_c_stream__`; `None` when it has none.
pub(crate) fn write_frame(capsule: &Bound<'_, PyCapsule>) -> PyResult<Option<File>> {
    let py = capsule.py();
    let broken = |message: String| Error::new(Kind::InvalidInput, message);
    let Ok(pointer) = capsule.pointer_checked(Some(NAME)) else {
        return Err(broken("the frame gave no Arrow stream".to_owned())).or_raise(py);
    };
    let mut stream = Stream(pointer.cast());
    let written = (|| {
        let schema: ArrowSchema = stream.read(|stream| stream.get_schema)?;
        let columns = Columns::of(&schema)?;
        let mut spool = Spool::new()?;
        loop {
            let batch: ArrowArray = stream.read(|stream| stream.get_next)?;
            if batch.release.is_none() {
                break;
            }
            columns.write(&batch, &mut spool)?;
        }
        spool.finish()
    })();
    written.or_raise(py)
}

/// The stream of a capsule, which frees it.
struct Stream(NonNull<ArrowArrayStream>);

impl Stream {
    fn read<T: Empty>(
        &mut self,
        function: impl FnOnce(&ArrowArrayStream) -> Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut T) -> c_int>,
    ) -> Result<T, Error> {
        // SAFETY: the capsule bears the name that says what it holds, and lives until the end of the call that was given it.
        let stream = unsafe { self.0.as_mut() };
        let refused = |why: String| Error::new(Kind::InvalidInput, format!("the frame cannot be read{why}"));
        let Some(function) = stream.release.and_then(|_| function(stream)) else {
            return Err(refused(": it was read before".to_owned()));
        };
        let mut target = T::empty();
        // SAFETY: the stream is not released, and the target is ours to be filled.
        if unsafe { function(stream, &raw mut target) } == 0 {
            return Ok(target);
        }
        let why = stream.get_last_error.map(|last| {
            // SAFETY: the function before failed, and the text is valid until the next one.
            let text = unsafe { last(stream) };
            text_of(text).map(|text| format!(": {text}")).unwrap_or_default()
        });
        Err(refused(why.unwrap_or_default()))
    }
}

/// The text of a producer; `None` for NULL.
fn text_of<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by the specification NUL-terminated UTF-8 that lives as long as the structure it stands in.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

/// The child of a structure.
fn child<'a, T>(children: *mut *mut T, count: i64, index: usize) -> Option<&'a T> {
    if children.is_null() || usize::try_from(count).is_ok_and(|count| index >= count) {
        return None;
    }
    // SAFETY: there are `count` children, and they live as long as their parent.
    unsafe { (*children.add(index)).as_ref() }
}

/// How the values of a column lie in memory.
#[derive(Clone, Debug)]
enum Layout {
    Null,
    Bool,
    Int {
        bytes: usize,
        is_signed: bool,
    },
    Float32,
    Float64,
    Text {
        has_long_offsets: bool,
    },
    TextView,
    /// Days since 1970.
    Days,
    /// Moments since 1970 in parts of a second, and whether they have a zone.
    Moment {
        per_second: i64,
        is_aware: bool,
    },
    /// Milliseconds since 1970 at midnight.
    Date64,
    Decimal128 {
        scale: usize,
    },
    List {
        has_long_offsets: bool,
        values: Box<Layout>,
    },
    Encoded {
        keys: Box<Layout>,
        values: Box<Layout>,
    },
    /// What no field can take.
    Other,
}

impl Layout {
    fn of(schema: &ArrowSchema) -> Self {
        let format = text_of(schema.format).unwrap_or_default();
        // SAFETY: NULL, or the schema of the values, which lives as long as this one.
        if let Some(values) = unsafe { schema.dictionary.as_ref() } {
            return Layout::Encoded { keys: Box::new(Layout::plain(format)), values: Box::new(Layout::of(values)) };
        }
        let values = || child(schema.children, schema.n_children, 0).map_or(Layout::Other, Layout::of);
        match format {
            "+l" => Layout::List { has_long_offsets: false, values: Box::new(values()) },
            "+L" => Layout::List { has_long_offsets: true, values: Box::new(values()) },
            format => Layout::plain(format),
        }
    }

    fn plain(format: &str) -> Self {
        let int = |bytes, is_signed| Layout::Int { bytes, is_signed };
        match format {
            "n" => Layout::Null,
            "b" => Layout::Bool,
            "c" => int(1, true),
            "C" => int(1, false),
            "s" => int(2, true),
            "S" => int(2, false),
            "i" => int(4, true),
            "I" => int(4, false),
            "l" => int(8, true),
            "L" => int(8, false),
            "f" => Layout::Float32,
            "g" => Layout::Float64,
            "u" => Layout::Text { has_long_offsets: false },
            "U" => Layout::Text { has_long_offsets: true },
            "vu" => Layout::TextView,
            "tdD" => Layout::Days,
            "tdm" => Layout::Date64,
            _ => {
                if let Some((unit, zone)) = format.strip_prefix("ts").and_then(|rest| rest.split_once(':')) {
                    let per_second = match unit {
                        "s" => 1,
                        "m" => 1_000,
                        "u" => 1_000_000,
                        "n" => 1_000_000_000,
                        _ => return Layout::Other,
                    };
                    return Layout::Moment { per_second, is_aware: !zone.is_empty() };
                }
                // `d:precision,scale` has 128 bits; others name their width.
                let scale = format.strip_prefix("d:").and_then(|rest| rest.split_once(',')).and_then(|(_, scale)| scale.parse().ok());
                scale.map_or(Layout::Other, |scale| Layout::Decimal128 { scale })
            }
        }
    }
}

/// The columns of a frame.
struct Columns {
    /// Each with its name as JSON.
    columns: Vec<(String, Layout)>,
}

impl Columns {
    fn of(schema: &ArrowSchema) -> Result<Self, Error> {
        if text_of(schema.format) != Some("+s") {
            return Err(Error::new(Kind::InvalidInput, "a frame with columns is expected, not a stream of one array"));
        }
        let count = usize::try_from(schema.n_children).unwrap_or_default();
        let column = |index| {
            let column: &ArrowSchema = child(schema.children, schema.n_children, index)?;
            let mut name = String::new();
            push_text(&mut name, text_of(column.name).unwrap_or_default());
            Some((name, Layout::of(column)))
        };
        Ok(Columns { columns: (0..count).filter_map(column).collect() })
    }

    fn write(&self, batch: &ArrowArray, spool: &mut Spool) -> Result<(), Error> {
        let (length, offset) = (usize::try_from(batch.length).unwrap_or_default(), usize::try_from(batch.offset).unwrap_or_default());
        let cells: Vec<(&str, &Layout, &ArrowArray)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, (name, layout))| Some((name.as_str(), layout, child(batch.children, batch.n_children, index)?)))
            .collect();
        for row in 0..length {
            spool.row(|text| {
                text.push('{');
                let mut separator = "";
                for (name, layout, array) in &cells {
                    text.push_str(separator);
                    separator = ",";
                    text.push_str(name);
                    text.push(':');
                    // A slice of a frame moves its columns along (specification, *Structure of arrays*).
                    write_value(text, layout, array, offset + row);
                }
                text.push('}');
                Ok::<(), Error>(())
            })?;
        }
        Ok(())
    }
}

/// The buffer of an array; `None` where it is left out.
fn buffer(array: &ArrowArray, index: usize) -> Option<*const u8> {
    if array.buffers.is_null() || usize::try_from(array.n_buffers).is_ok_and(|count| index >= count) {
        return None;
    }
    // SAFETY: there are `n_buffers` of them.
    let buffer = unsafe { *array.buffers.add(index) };
    (!buffer.is_null()).then_some(buffer.cast())
}

/// The value of a fixed width at a place, which may be unaligned.
fn value<T: Copy>(array: &ArrowArray, index: usize, place: usize) -> Option<T> {
    // SAFETY: by the layout of the column the buffer holds a value of this width at every place up to offset + length.
    buffer(array, index).map(|buffer| unsafe { buffer.cast::<T>().add(place).read_unaligned() })
}

fn bit(array: &ArrowArray, index: usize, place: usize) -> Option<bool> {
    // SAFETY: the buffer holds a bit for every place up to offset + length.
    buffer(array, index).map(|bits| unsafe { *bits.add(place / 8) } >> (place % 8) & 1 == 1)
}

fn text_at<'a>(start: *const u8, length: usize) -> Option<&'a str> {
    if length == 0 {
        return Some("");
    }
    // SAFETY: offsets and lengths of a text column lie within its data, which lives as long as the batch.
    str::from_utf8(unsafe { std::slice::from_raw_parts(start, length) }).ok()
}

fn integer(array: &ArrowArray, place: usize, bytes: usize, is_signed: bool) -> Option<i128> {
    match (bytes, is_signed) {
        (1, true) => value::<i8>(array, 1, place).map(i128::from),
        (1, false) => value::<u8>(array, 1, place).map(i128::from),
        (2, true) => value::<i16>(array, 1, place).map(i128::from),
        (2, false) => value::<u16>(array, 1, place).map(i128::from),
        (4, true) => value::<i32>(array, 1, place).map(i128::from),
        (4, false) => value::<u32>(array, 1, place).map(i128::from),
        (8, true) => value::<i64>(array, 1, place).map(i128::from),
        _ => value::<u64>(array, 1, place).map(i128::from),
    }
}

/// Where the value at a place begins and ends.
fn range(array: &ArrowArray, place: usize, has_long_offsets: bool) -> Option<(usize, usize)> {
    let offset = |place| match has_long_offsets {
        true => value::<i64>(array, 1, place).and_then(|offset| usize::try_from(offset).ok()),
        false => value::<i32>(array, 1, place).and_then(|offset| usize::try_from(offset).ok()),
    };
    Some((offset(place)?, offset(place + 1)?))
}

fn text_value<'a>(layout: &Layout, array: &'a ArrowArray, place: usize) -> Option<&'a str> {
    match layout {
        Layout::Text { has_long_offsets } => {
            let (start, end) = range(array, place, *has_long_offsets)?;
            match buffer(array, 2) {
                // SAFETY: offsets lie within the data.
                Some(data) => text_at(unsafe { data.add(start) }, end.checked_sub(start)?),
                None => Some(""),
            }
        }
        Layout::TextView => {
            // 16 bytes: the length, and up to 12 bytes of text, or four of them, the number of a buffer and an offset in it.
            let view = buffer(array, 1)?;
            let [length, _, number, offset] = value::<[i32; 4]>(array, 1, place)?;
            let length = usize::try_from(length).ok()?;
            if length <= 12 {
                // SAFETY: a view has 16 bytes.
                return text_at(unsafe { view.add(place * 16 + 4) }, length);
            }
            let data = buffer(array, 2 + usize::try_from(number).ok()?)?;
            // SAFETY: the view says where its text lies in the buffer.
            text_at(unsafe { data.add(usize::try_from(offset).ok()?) }, length)
        }
        _ => None,
    }
}

/// Writes a value as JSON. `row` counts from the array's own beginning.
fn write_value(text: &mut String, layout: &Layout, array: &ArrowArray, row: usize) {
    let place = row + usize::try_from(array.offset).unwrap_or_default();
    let has_validity = !matches!(layout, Layout::Null);
    if !has_validity || bit(array, 0, place) == Some(false) {
        return text.push_str("null");
    }
    if write_present(text, layout, array, place).is_none() {
        text.push_str(UNUSABLE);
    }
}

fn write_present(text: &mut String, layout: &Layout, array: &ArrowArray, place: usize) -> Option<()> {
    match layout {
        Layout::Null => text.push_str("null"),
        Layout::Bool => text.push_str(if bit(array, 1, place)? { "true" } else { "false" }),
        Layout::Int { bytes, is_signed } => text.push_str(&integer(array, place, *bytes, *is_signed)?.to_string()),
        Layout::Float32 => push_float(text, f64::from(value::<f32>(array, 1, place)?)),
        Layout::Float64 => push_float(text, value::<f64>(array, 1, place)?),
        Layout::Text { .. } | Layout::TextView => push_text(text, text_value(layout, array, place)?),
        Layout::Days => push_text(text, date(i64::from(value::<i32>(array, 1, place)?)).get(..10)?),
        Layout::Date64 => push_text(text, date(value::<i64>(array, 1, place)?.div_euclid(86_400_000)).get(..10)?),
        Layout::Moment { per_second, is_aware } => {
            let moment = Time::from_seconds(value::<i64>(array, 1, place)?.div_euclid(*per_second)).to_string();
            push_text(text, if *is_aware { &moment } else { moment.trim_end_matches('Z') });
        }
        Layout::Decimal128 { scale } => {
            let digits = value::<i128>(array, 1, place)?;
            let (sign, magnitude) = (if digits < 0 { "-" } else { "" }, digits.unsigned_abs());
            let digits = format!("{magnitude:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            text.push_str(sign);
            text.push_str(whole);
            text.push_str(if fraction.is_empty() { "" } else { "." });
            text.push_str(fraction);
        }
        Layout::List { has_long_offsets, values } => {
            let (start, end) = range(array, place, *has_long_offsets)?;
            let inner = child(array.children, array.n_children, 0)?;
            text.push('[');
            for row in start..end {
                text.push_str(if row == start { "" } else { "," });
                write_value(text, values, inner, row);
            }
            text.push(']');
        }
        Layout::Encoded { keys, values } => {
            let Layout::Int { bytes, is_signed } = **keys else { return None };
            let key = usize::try_from(integer(array, place, bytes, is_signed)?).ok()?;
            // SAFETY: NULL, or the values, which live as long as the array.
            write_value(text, values, unsafe { array.dictionary.as_ref() }?, key);
        }
        Layout::Other => return None,
    }
    Some(())
}

fn date(days: i64) -> String {
    Time::from_seconds(days.saturating_mul(86_400)).to_string()
}
