//! Rows, many in one text.

use std::fmt;

use bidden::candidate::Field;

use super::header::{Origin, Origins};
use super::reader::join;
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
    /// A formula of a sheet that ended in an error.
    FormulaError {
        /// The column, counted from 1.
        column: usize,
    },
    /// A number of a sheet with more digits than a spreadsheet keeps.
    RoundedNumber {
        /// The column, counted from 1.
        column: usize,
    },
    /// A number of a sheet that is shown as a date and is none.
    NoDate {
        /// The column, counted from 1.
        column: usize,
    },
    /// A list or an object of JSON where one value is expected.
    NotOneValue {
        /// The column, counted from 1.
        column: usize,
    },
    /// A part of a list or an object of JSON that holds a character which parts them in a cell.
    Separator {
        /// The column, counted from 1.
        column: usize,
    },
    /// A key that stands twice in one JSON object.
    KeyTwice {
        /// The column, counted from 1.
        column: usize,
    },
}

impl Fault {
    /// Whether cells may stand in other columns than their own.
    #[must_use]
    pub fn displaces(self) -> bool {
        matches!(self, Self::TooFewCells { .. } | Self::TooManyCells { .. } | Self::TextAfterQuote { .. })
    }

    /// The column it stands in, counted from 1.
    #[must_use]
    pub fn column(self) -> Option<usize> {
        match self {
            Self::TooFewCells { .. } | Self::TooManyCells { .. } => None,
            Self::TextAfterQuote { column }
            | Self::FormulaError { column }
            | Self::RoundedNumber { column }
            | Self::NoDate { column }
            | Self::NotOneValue { column }
            | Self::Separator { column }
            | Self::KeyTwice { column } => Some(column),
        }
    }
}

/// What is wrong; [`Header::told`](super::Header::told) adds the key or cell.
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
            Self::FormulaError { .. } => formatter.write_str("holds a formula that ended in an error"),
            Self::RoundedNumber { .. } => formatter.write_str(
                "holds a number of more than 15 digits, which spreadsheets round; format the column \
                 as text and write it again",
            ),
            Self::NoDate { .. } => formatter.write_str("is formatted as a date and holds a number that is none"),
            Self::NotOneValue { .. } => formatter.write_str(
                "holds what this field cannot take; text, a number, true, false or null is expected \
                 (a list too for labels and extra_emails, an object of them for tags)",
            ),
            Self::Separator { .. } => {
                formatter.write_str("has a part that is empty or holds a semicolon, or a tag whose name holds an equals sign")
            }
            Self::KeyTwice { .. } => formatter.write_str("stands twice in this object"),
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

    /// The row at a place, counted from 0.
    #[inline]
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        self.rows.get(index).map(|entry| Row { chunk: self, entry })
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

    /// Ends the cells that were added since `first` and makes them a row.
    pub(super) fn push_row(&mut self, first: usize, joined: &[usize], place: (u64, u64), fault: Option<Fault>) {
        let (record, line) = place;
        let name = join(self.text.as_bytes(), &self.cells[first..], joined, &mut self.names);
        self.rows.push(Entry { cells: (first, self.cells.len()), name, record, line, fault });
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
        self.text_from(self.chunk.origins.as_ref()?[field as usize], self.spans())
    }

    /// All fields that have a text, each as [`Row::field`] gives it.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &'a str)> {
        let (row, spans) = (*self, self.spans());
        let origins = Field::ALL.into_iter().zip(self.chunk.origins.iter().flatten());
        origins.filter_map(move |(field, origin)| Some((field, row.text_from(*origin, spans)?)))
    }

    #[inline]
    fn text_from(&self, origin: Origin, spans: &[Span]) -> Option<&'a str> {
        match origin {
            Origin::Nowhere => None,
            Origin::Column(column) => spans.get(column).map(|span| span.text(&self.chunk.text)),
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
