//! Reads a file of candidates: comma, semicolon or tab separated text in the encodings that
//! spreadsheets write, a sheet of an XLSX workbook, or JSON Lines.
//!
//! In scope: the form of the file, encoding, delimiter, quotes, the header and where each row
//! stands. Out of scope: what a cell means beyond its column. Cells are handed out as they were
//! given, blanks included; numbers, dates and truth values of workbooks and JSON become text.
//!
//! [`Input`] is a file, a pipe or standard input that can be read several times; [`Reader`] is one
//! reading of it. Every form fills the same chunks, so nothing behind it knows the difference.
//!
//! Rows come in [`Chunk`]s: one text and the places of the cells in it, so a row costs no
//! allocation and several threads can work on chunks while one [`Reader`] fills the next. Memory
//! is bounded by [`MAX_RECORD_BYTES`] and the size of a chunk, at any length of the file.
//!
//! The records are split here and not by a CSV crate because a person must be told the line where
//! a quote opened, the cell that holds a NUL and the line of every row, empty lines and single
//! carriage returns counted.

mod chunk;
mod delimiter;
mod encoding;
mod error;
mod header;
mod input;
mod json_lines;
mod reader;
mod record;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod workbook;

pub use chunk::{Chunk, Fault, Row};
pub use delimiter::Delimiter;
pub use encoding::Encoding;
pub use error::{CellName, Column, Error, MappingError, Problem};
pub use header::{Form, Header, Mapping};
pub use input::Input;
pub use reader::Reader;

/// The longest cell, in bytes of UTF-8. A longer one is nearly always a quote that nobody closed.
pub const MAX_CELL_BYTES: usize = 1 << 20;

/// The widest record, in cells.
pub const MAX_COLUMNS: usize = 10_000;

/// The longest record, in bytes of UTF-8: what keeps memory bounded.
pub const MAX_RECORD_BYTES: usize = 4 << 20;
