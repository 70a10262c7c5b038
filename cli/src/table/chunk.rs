//! Rows, many in one text.

use std::fmt;

use bidden::candidate::Field;

use super::header::{Origin, Origins};
use super::record::Span;

/// Some rows of a file, in order. It owns their text, can go to another thread, and is filled
/// again and again by [`Reader::next_chunk`](super::Reader::next_chunk).
#[derive(Default)]
pub struct Chunk {
    pub(super) text: String,
    /// Names joined from several columns.
    pub(super) names: String,
    pub(super) cells: Vec<Span>,
    pub(super) rows: Vec<Entry>,
    pub(super) origins: Option<Origins>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) cells: (usize, usize),
    pub(super) name: Option<Span>,
    pub(super) record: u64,
    pub(super) line: u64,
    pub(super) fault: Option<Fault>,
}

/// What is wrong with the shape of a row. Its cells can be read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Fewer cells than the header.
    TooFewCells {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// More cells than the header, and not all of them blank.
    TooManyCells {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A closing quote with text behind it: often a quote further up that nobody closed. The cell
    /// is given with its quotes.
    TextAfterQuote {
        /// The column, counted from 1.
        column: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewCells { found, expected } => {
                write!(formatter, "too few cells ({found} of {expected})")
            }
            Self::TooManyCells { found, expected } => {
                write!(formatter, "too many cells ({found} instead of {expected})")
            }
            Self::TextAfterQuote { column } => write!(
                formatter,
                "text after the closing quote in column {column}; double a quote that belongs to \
                 the text"
            ),
        }
    }
}

impl Chunk {
    /// An empty chunk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rows, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|entry| Row { chunk: self, entry })
    }

    /// How many rows it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.names.clear();
        self.cells.clear();
        self.rows.clear();
    }
}

/// Without the text, which is personal data.
impl fmt::Debug for Chunk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Chunk").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// One record of the file below the header.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    chunk: &'a Chunk,
    entry: &'a Entry,
}

impl<'a> Row<'a> {
    /// Its number, counted from 1 without the header and without blank records.
    #[must_use]
    pub fn record(&self) -> u64 {
        self.entry.record
    }

    /// The line where it starts, counted from 1 with the header.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.entry.line
    }

    /// What is wrong with its shape.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.entry.fault
    }

    /// The text of a field as given, blanks included; nothing when the file has no such column or
    /// the row ends before it. A name from several columns is joined by a blank.
    #[inline]
    #[must_use]
    pub fn field(&self, field: Field) -> Option<&'a str> {
        match self.chunk.origins.as_ref()?[field as usize] {
            Origin::Nowhere => None,
            Origin::Column(column) => self.cell(column),
            Origin::Joined => self.entry.name.map(|name| name.text(&self.chunk.names)),
        }
    }

    /// The cell in a column, counted from 0.
    #[inline]
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&'a str> {
        self.spans().get(column).map(|span| span.text(&self.chunk.text))
    }

    /// All cells in order, also those beyond the header.
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'a str> {
        let text = self.chunk.text.as_str();
        self.spans().iter().map(move |span| span.text(text))
    }

    #[inline]
    fn spans(&self) -> &'a [Span] {
        let (start, end) = self.entry.cells;
        self.chunk.cells.get(start..end).unwrap_or_default()
    }
}

/// Without the text, which is personal data.
impl fmt::Debug for Row<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry.fmt(formatter)
    }
}
