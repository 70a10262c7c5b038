//! What makes a candidate file unusable, in words for the person who made it.

use std::fmt;
use std::io;

use bidden::candidate::Field;

use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES};

/// A file that cannot be used, or not any further.
#[derive(Debug)]
pub struct Error {
    /// The file as the user named it.
    pub file: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// A column of the file, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Counted from 1.
    pub number: usize,
    /// The header, when the column has one.
    pub header: Option<String>,
}

impl Column {
    pub(super) fn new(index: usize, header: Option<&str>) -> Self {
        let header = header.map(str::trim).filter(|header| !header.is_empty());
        Self { number: index + 1, header: header.map(str::to_owned) }
    }
}

/// A cell of a sheet, by its name: `B7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellName {
    column: usize,
    line: u64,
}

impl CellName {
    /// The cell in a column, counted from 0, and a line, counted from 1.
    #[must_use]
    pub fn new(column: usize, line: u64) -> Self {
        Self { column, line }
    }

    /// The column, counted from 0.
    #[must_use]
    pub fn column(self) -> usize {
        self.column
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(self) -> u64 {
        self.line
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = self.column + 1;
        while rest > 0 {
            rest -= 1;
            letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 26]));
            rest /= 26;
        }
        letters.iter().rev().try_for_each(|letter| write!(formatter, "{letter}"))?;
        write!(formatter, "{}", self.line)
    }
}

/// Why a file is unusable. Lines count from 1, with the header, empty lines and line ends inside
/// quotes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The file cannot be opened.
    Open(io::Error),
    /// Reading failed.
    Read(io::Error),
    /// A copy of a stream cannot be written.
    Spool(io::Error),
    /// A stream that was read already.
    ReadTwice,
    /// A sheet was named, and the file has none.
    SheetOfText,
    /// A workbook of the form that was used before XLSX, or another old document.
    LegacyWorkbook,
    /// A workbook under a password.
    Encrypted,
    /// A ZIP archive that is no XLSX workbook.
    NotAWorkbook,
    /// A workbook that cannot be read, or not any further.
    DamagedWorkbook {
        /// The last cell that could be read.
        after: Option<CellName>,
        /// What is wrong.
        reason: String,
    },
    /// A workbook that would take too much memory.
    WorkbookTooLarge {
        /// What of it.
        reason: String,
    },
    /// No sheet has this name; or none is visible, when no name was given.
    NoSheet {
        /// The name given.
        wanted: Option<String>,
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// Cells that hang together, in the header or over several rows.
    MergedCells {
        /// The first of them.
        first: CellName,
        /// The last of them.
        last: CellName,
        /// Whether the header is among them.
        in_header: bool,
    },
    /// A cell of a sheet above [`MAX_CELL_BYTES`].
    CellOfSheetTooLong {
        /// The cell.
        cell: CellName,
    },
    /// One JSON array instead of one object per line.
    JsonArray,
    /// A line of JSON Lines that is no JSON object.
    NotAnObject {
        /// The line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Not even a header.
    Empty,
    /// The UTF-16 text is damaged.
    NotUtf16 {
        /// The line with the first bad character.
        line: u64,
    },
    /// UTF-8 and Windows-1252 in one file.
    MixedEncodings {
        /// The line that does not fit what came before.
        line: u64,
    },
    /// A byte that neither UTF-8 nor Windows-1252 has.
    UnknownEncoding {
        /// The line of the byte.
        line: u64,
        /// The byte.
        byte: u8,
    },
    /// A NUL, which no text holds.
    Nul {
        /// The line of the NUL.
        line: u64,
        /// Its column.
        column: Column,
    },
    /// A quote that nothing closes.
    UnclosedQuote {
        /// The line where it opened.
        line: u64,
        /// Its column.
        column: Column,
    },
    /// A cell above [`MAX_CELL_BYTES`].
    CellTooLong {
        /// The line where the cell starts.
        line: u64,
        /// Its column.
        column: Column,
        /// Whether it starts with a quote, which is then probably not closed.
        quoted: bool,
    },
    /// A record above [`MAX_RECORD_BYTES`].
    RecordTooLong {
        /// The line where the record starts.
        line: u64,
    },
    /// A record above [`MAX_COLUMNS`].
    TooManyColumns {
        /// The line where the limit is passed.
        line: u64,
    },
    /// The first record is a candidate already.
    NoHeader,
    /// No column tells the candidates apart.
    NoKeyColumn {
        /// The headers seen.
        headers: Vec<String>,
    },
    /// Two columns with different headers mean one field.
    SameField {
        /// The field.
        field: Field,
        /// The column further left.
        first: Column,
        /// The column further right.
        second: Column,
    },
    /// Two columns have the same header, and a field would be taken from it.
    DuplicateHeader {
        /// The field.
        field: Field,
        /// The column further left.
        first: Column,
        /// The column further right.
        second: Column,
    },
    /// A mapping names a header that the file does not have.
    UnknownMappedHeader {
        /// The header named.
        header: String,
        /// The headers seen.
        headers: Vec<String>,
    },
    /// Two mappings name the same column.
    ColumnMappedTwice {
        /// The column.
        column: Column,
        /// The field of the first mapping.
        first: Field,
        /// The field of the second.
        second: Field,
    },
    /// Two mappings name the same field.
    FieldMappedTwice {
        /// The field.
        field: Field,
        /// The column of the first mapping.
        first: Column,
        /// The column of the second.
        second: Column,
    },
}

/// A `--map` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MappingError {
    /// Without `=`.
    NoEqualsSign(String),
    /// Nothing before `=`.
    NoHeader(String),
    /// No field has this name.
    UnknownField(String),
}

impl Problem {
    /// The line it stands on, where one can be named.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::NotUtf16 { line }
            | Self::MixedEncodings { line }
            | Self::UnknownEncoding { line, .. }
            | Self::Nul { line, .. }
            | Self::UnclosedQuote { line, .. }
            | Self::CellTooLong { line, .. }
            | Self::RecordTooLong { line }
            | Self::NotAnObject { line, .. }
            | Self::TooManyColumns { line } => Some(*line),
            Self::CellOfSheetTooLong { cell } => Some(cell.line()),
            Self::DamagedWorkbook { after, .. } => after.map(CellName::line),
            Self::MergedCells { first, .. } => Some(first.line()),
            _ => None,
        }
    }

    /// The column it stands in, where it stands in one.
    #[must_use]
    pub fn column(&self) -> Option<&Column> {
        match self {
            Self::Nul { column, .. } | Self::UnclosedQuote { column, .. } | Self::CellTooLong { column, .. } => Some(column),
            _ => None,
        }
    }

    /// The cell it stands in, where it stands in one.
    #[must_use]
    pub fn cell(&self) -> Option<CellName> {
        match self {
            Self::CellOfSheetTooLong { cell } => Some(*cell),
            Self::MergedCells { first, .. } => Some(*first),
            _ => None,
        }
    }

    /// What is wrong, without line and column.
    #[must_use]
    pub fn reason(&self) -> String {
        let text = self.to_string();
        let place = match (self.line(), self.column()) {
            (Some(line), Some(column)) => format!("line {line}, {column}: "),
            (Some(line), None) => format!("line {line}: "),
            (None, _) => String::new(),
        };
        text.strip_prefix(&place).map_or_else(|| text.clone(), str::to_owned)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Open(error) | Problem::Read(error) | Problem::Spool(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for MappingError {}

impl Column {
    /// The header in quotes, else the number.
    pub(super) fn in_quotes(&self) -> String {
        match &self.header {
            Some(header) => format!("`{}`", Shown(header)),
            None => format!("of column {}", self.number),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", Shown(&self.file), self.problem)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {}", self.number)?;
        match &self.header {
            Some(header) => write!(formatter, " ({})", Shown(header)),
            None => Ok(()),
        }
    }
}

const AS_UTF_8: &str = "save the file again as \"CSV UTF-8\"";

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => write!(formatter, "cannot be opened: {error}"),
            Self::Read(error) => write!(formatter, "reading failed: {error}"),
            Self::Spool(error) => write!(formatter, "the copy in the folder for temporary files cannot be written: {error}"),
            Self::ReadTwice => formatter.write_str("can be read only once"),
            Self::SheetOfText => formatter.write_str("this file has no sheets; leave out `--sheet`"),
            Self::LegacyWorkbook => formatter.write_str("this is a document of an old form such as XLS; save it as XLSX or \"CSV UTF-8\""),
            Self::Encrypted => formatter.write_str("this workbook is protected by a password; save it again without one"),
            Self::NotAWorkbook => formatter.write_str(
                "this is a ZIP archive and no XLSX workbook; save the sheet as XLSX or \"CSV UTF-8\" (not ODS, \
                 XLSB or Numbers)",
            ),
            Self::DamagedWorkbook { after, reason } => {
                match after {
                    Some(cell) => write!(formatter, "behind cell {cell} ")?,
                    None => formatter.write_str("this workbook ")?,
                }
                write!(formatter, "cannot be read: {}; open it, repair it and save it again", Shown(reason))
            }
            Self::WorkbookTooLarge { reason } => write!(
                formatter,
                "this workbook is too large to be opened safely: {reason}; save the sheet as \"CSV UTF-8\", which may \
                 have any length"
            ),
            Self::NoSheet { wanted: Some(wanted), sheets } => {
                write!(formatter, "no sheet is called {}; there are: {}", Shown(wanted), List(sheets))
            }
            Self::NoSheet { wanted: None, sheets } if sheets.is_empty() => formatter.write_str("this workbook has no sheet of cells"),
            Self::NoSheet { wanted: None, sheets } => {
                write!(formatter, "every sheet of this workbook is hidden; name one with `--sheet`: {}", List(sheets))
            }
            Self::MergedCells { first, last, in_header } => {
                write!(formatter, "the cells {first}:{last} are merged")?;
                formatter.write_str(if *in_header {
                    ", and the header is among them; unmerge them, and give each column a header of its own"
                } else {
                    ", so only the first row of them has a value; unmerge them and fill in the others"
                })
            }
            Self::CellOfSheetTooLong { cell } => write!(formatter, "cell {cell} is longer than {MAX_CELL_BYTES} bytes; shorten it"),
            Self::JsonArray => formatter.write_str(
                "this is one JSON array; write each object on a line of its own, without brackets and commas \
                 (`jq -c '.[]'` does it)",
            ),
            Self::NotAnObject { line, reason } => {
                write!(formatter, "line {line}: this is not one whole JSON object: {}", Shown(reason))
            }
            Self::Empty => formatter.write_str(
                "the file is empty; expected a header line such as `email,name` and one line for \
                 each candidate",
            ),
            Self::NotUtf16 { line } => {
                write!(formatter, "line {line}: the UTF-16 text is damaged; {AS_UTF_8}")
            }
            Self::MixedEncodings { line } => write!(
                formatter,
                "line {line}: some characters of this file are UTF-8 and some Windows-1252, and \
                 this is the first line that does not fit the lines before; {AS_UTF_8}"
            ),
            Self::UnknownEncoding { line, byte } => {
                write!(formatter, "line {line}: the byte 0x{byte:02X} is neither UTF-8 nor Windows-1252; {AS_UTF_8}")
            }
            Self::Nul { line, column } => {
                write!(formatter, "line {line}, {column}: holds a NUL byte, which no text has; delete it or {AS_UTF_8}")
            }
            Self::UnclosedQuote { line, column } => write!(
                formatter,
                "line {line}, {column}: the quote that opens here is never closed; add the closing \
                 one, or double a quote that belongs to the text"
            ),
            Self::CellTooLong { line, column, quoted } => {
                write!(formatter, "line {line}, {column}: the cell is longer than {MAX_CELL_BYTES} bytes")?;
                formatter.write_str(if *quoted {
                    "; the quote that opens here is probably not closed"
                } else {
                    "; shorten it, or check that the file is CSV"
                })
            }
            Self::RecordTooLong { line } => write!(
                formatter,
                "line {line}: the record that starts here is longer than {MAX_RECORD_BYTES} bytes; \
                 shorten it, or check that the file is CSV"
            ),
            Self::TooManyColumns { line } => write!(
                formatter,
                "line {line}: more than {MAX_COLUMNS} columns; delete the columns that are not \
                 needed, or check that the file is CSV"
            ),
            Self::NoHeader => formatter.write_str(
                "the first line holds an e-mail address and no header; add a first line that names \
                 the columns, such as `email,name`",
            ),
            Self::NoKeyColumn { headers } => write!(
                formatter,
                "no column for e-mail addresses; headers seen: {}; name one with \
                 `--map \"Header=email\"` (or external_id, uniq_id, user_id)",
                List(headers)
            ),
            Self::SameField { field, first, second } => {
                write!(formatter, "{first} and {second} both mean `{}`; choose one with `--map \"Header={0}\"`", field.name())
            }
            Self::DuplicateHeader { field, first, second } => write!(
                formatter,
                "{first} and {second} have the same header, and `{}` is to be taken from it; \
                 rename or delete one of them",
                field.name()
            ),
            Self::UnknownMappedHeader { header, headers } => {
                write!(formatter, "no column has the header {} named by `--map`; headers seen: {}", Shown(header), List(headers))
            }
            Self::ColumnMappedTwice { column, first, second } => {
                write!(formatter, "{column} is mapped to `{}` and to `{}`; leave one `--map` out", first.name(), second.name())
            }
            Self::FieldMappedTwice { field, first, second } => {
                write!(formatter, "`{}` is mapped to {first} and to {second}; leave one `--map` out", field.name())
            }
        }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEqualsSign(text) => {
                write!(formatter, "{}: expected `Header=field`", Shown(text))
            }
            Self::NoHeader(text) => {
                write!(formatter, "{}: no header before `=`; expected `Header=field`", Shown(text))
            }
            Self::UnknownField(name) => {
                write!(formatter, "no field is called {}; there are ", Shown(name))?;
                for (index, field) in Field::ALL.into_iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(formatter, "{separator}{}", field.name())?;
                }
                Ok(())
            }
        }
    }
}

/// Text from outside in a message: short, and without characters that move a terminal's cursor.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 80;
        for letter in self.0.chars().take(MOST) {
            let letter = if letter.is_control() { '\u{FFFD}' } else { letter };
            write!(formatter, "{letter}")?;
        }
        if self.0.chars().nth(MOST).is_some() { formatter.write_str("…") } else { Ok(()) }
    }
}

struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 30;
        let mut headers = self.0.iter().map(|header| header.trim()).filter(|header| !header.is_empty());
        for (index, header) in headers.by_ref().take(MOST).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}\"{}\"", Shown(header))?;
        }
        match headers.count() {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}
