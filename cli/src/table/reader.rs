//! Fills chunks with the rows of a file, whatever its form.

use std::fmt;
use std::io::Read;

use super::chunk::Chunk;
use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::error::{Error, Problem};
use super::header::{Header, Mapping};
use super::input::FileReader;
use super::json_lines::JsonLines;
use super::record::Span;
use super::text::Text;
use super::workbook::Workbook;

/// How much text a chunk holds, about. Large enough that the hand-over costs nothing, small enough
/// for a processor's second cache.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// How many cells a chunk holds, about, where a row can have many cells and little text.
pub(super) const CHUNK_CELLS: usize = 64 * 1024;

/// A file of candidates, open at the next row.
pub struct Reader {
    file: String,
    header: Header,
    body: Body,
    /// Waits until the rows before it were handed out.
    problem: Option<Problem>,
    has_ended: bool,
}

enum Body {
    Text(Box<Text>),
    JsonLines(Box<JsonLines>),
    Workbook(Workbook),
}

/// How the filling of a chunk ended. The chunk may hold rows whatever it says.
pub(super) enum Filled {
    /// More rows may follow.
    More,
    /// Nothing follows.
    Ended,
    /// Nothing that follows can be read.
    Broken(Problem),
}

impl Reader {
    /// Reads separated text from any source; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// When the source cannot be read, is not text, or its header cannot be understood.
    pub fn new(file: &str, source: impl Read + Send + 'static, mappings: &[Mapping]) -> Result<Self, Error> {
        Self::with_chunk_bytes(file, Box::new(source), mappings, CHUNK_BYTES)
    }

    pub(super) fn with_chunk_bytes(
        file: &str,
        source: Box<dyn Read + Send>,
        mappings: &[Mapping],
        chunk_bytes: usize,
    ) -> Result<Self, Error> {
        let opened = Text::open(source, mappings, chunk_bytes);
        Self::over(file, opened.map(|(header, text)| (header, Body::Text(Box::new(text)))))
    }

    pub(super) fn json_lines(file: &str, source: &FileReader, mappings: &[Mapping]) -> Result<Self, Error> {
        let opened = JsonLines::open(source, mappings);
        Self::over(file, opened.map(|(header, lines)| (header, Body::JsonLines(Box::new(lines)))))
    }

    pub(super) fn workbook(file: &str, source: &FileReader, sheet: Option<&str>, mappings: &[Mapping]) -> Result<Self, Error> {
        let opened = Workbook::open(source, sheet, mappings);
        Self::over(file, opened.map(|(header, workbook)| (header, Body::Workbook(workbook))))
    }

    fn over(file: &str, opened: Result<(Header, Body), Problem>) -> Result<Self, Error> {
        match opened {
            Ok((header, body)) => Ok(Self { file: file.to_owned(), header, body, problem: None, has_ended: false }),
            Err(problem) => Err(Error { file: file.to_owned(), problem }),
        }
    }

    /// The header and what its columns mean.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What separates the cells; a comma where the file is not separated text.
    #[must_use]
    pub fn delimiter(&self) -> Delimiter {
        match &self.body {
            Body::Text(text) => text.delimiter(),
            Body::JsonLines(_) | Body::Workbook(_) => Delimiter::COMMA,
        }
    }

    /// How the file is written, as far as it was read: what looks like UTF-8 may turn out to be
    /// Windows-1252 at the first letter beyond ASCII. A workbook is UTF-8 inside.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match &self.body {
            Body::Text(text) => text.encoding(),
            Body::JsonLines(lines) => lines.encoding(),
            Body::Workbook(_) => Encoding::Utf8,
        }
    }

    /// Fills a chunk with the next rows, and says whether there were any. Separated text is handed
    /// out as soon as the source has given a whole row, so a slow source is followed row by row.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any further; all rows before that place were handed out, and
    /// nothing comes after it.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, Error> {
        chunk.clear();
        while chunk.is_empty() && self.problem.is_none() && !self.has_ended {
            chunk.origins = Some(self.header.origins());
            let filled = match &mut self.body {
                Body::Text(text) => text.fill(&self.header, chunk),
                Body::JsonLines(lines) => lines.fill(&self.header, chunk),
                Body::Workbook(workbook) => workbook.fill(&self.header, chunk),
            };
            match filled {
                Filled::More => {}
                Filled::Ended => self.has_ended = true,
                Filled::Broken(problem) => {
                    self.problem = Some(problem);
                    self.has_ended = true;
                }
            }
        }
        if !chunk.is_empty() {
            return Ok(true);
        }
        match self.problem.take() {
            Some(problem) => Err(Error { file: self.file.clone(), problem }),
            None => Ok(false),
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("file", &self.file)
            .field("header", &self.header)
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}

/// Joins the parts of a name that the row has, each without blanks around it.
pub(super) fn join(text: &[u8], cells: &[Span], columns: &[usize], names: &mut String) -> Option<Span> {
    let start = names.len();
    let mut has_any = false;
    for cell in columns.iter().filter_map(|column| cells.get(*column)) {
        has_any = true;
        let part = str::from_utf8(cell.bytes(text)).unwrap_or_default().trim();
        if !part.is_empty() && names.len() > start {
            names.push(' ');
        }
        names.push_str(part);
    }
    has_any.then(|| Span::new(start, names.len()))
}
