//! Opens a file and fills chunks from it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

use super::chunk::{Chunk, Entry, Fault};
use super::delimiter::{self, Delimiter};
use super::encoding::{DecodeFault, Decoder, Encoding};
use super::error::{Column, Error, Problem};
use super::header::{Header, Mapping};
use super::record::{Broken, How, Span, Splitter, Step, is_blank, line_ends};

/// How much text a chunk holds, about. Large enough that the hand-over costs nothing, small enough
/// for a processor's second cache.
const CHUNK_BYTES: usize = 256 * 1024;

/// The delimiter is found in at most this much text.
const SAMPLE_BYTES: usize = 64 * 1024;

/// A file of candidates, open at the next row.
pub struct Reader {
    file: String,
    decoder: Decoder,
    splitter: Splitter,
    delimiter: Delimiter,
    header: Header,
    /// Text behind the last whole record.
    pending: Vec<u8>,
    /// The line where `pending` starts.
    line: u64,
    records: u64,
    chunk_bytes: usize,
    /// Why the source cannot be read any further.
    decode_fault: Option<DecodeFault>,
    /// Waits until the rows before it were handed out.
    problem: Option<Problem>,
    has_ended: bool,
}

impl Reader {
    /// Opens a file, or standard input when it is called `-`, and reads its header.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not text, or its header cannot be understood.
    pub fn open(file: &str, mappings: &[Mapping]) -> Result<Self, Error> {
        if file == "-" {
            return Self::new("standard input", io::stdin(), mappings);
        }
        match File::open(file) {
            Ok(source) => Self::new(file, source, mappings),
            Err(error) => Err(Error { file: file.to_owned(), problem: Problem::Open(error) }),
        }
    }

    /// Reads from any source; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn new(file: &str, source: impl Read + Send + 'static, mappings: &[Mapping]) -> Result<Self, Error> {
        Self::with_chunk_bytes(file, Box::new(source), mappings, CHUNK_BYTES)
    }

    pub(super) fn with_chunk_bytes(
        file: &str,
        source: Box<dyn Read + Send>,
        mappings: &[Mapping],
        chunk_bytes: usize,
    ) -> Result<Self, Error> {
        let mut start = Start { decoder: Decoder::new(source), pending: Vec::new(), decode_fault: None, chunk_bytes };
        let opened = start.header(mappings);
        match opened {
            Ok((splitter, delimiter, header, line)) => Ok(Self {
                file: file.to_owned(),
                decoder: start.decoder,
                splitter,
                delimiter,
                header,
                pending: start.pending,
                line,
                records: 0,
                chunk_bytes,
                decode_fault: start.decode_fault,
                problem: None,
                has_ended: false,
            }),
            Err(problem) => Err(Error { file: file.to_owned(), problem }),
        }
    }

    /// The header and what its columns mean.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What separates the cells.
    #[must_use]
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// How the file is written, as far as it was read: what looks like UTF-8 may turn out to be
    /// Windows-1252 at the first letter beyond ASCII.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Fills a chunk with the next rows, and says whether there were any. Returns as soon as the
    /// source has given a whole row, so a slow source is followed row by row.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any further; all rows before that place were handed out, and
    /// nothing comes after it.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, Error> {
        chunk.clear();
        if self.problem.is_none() && !self.has_ended {
            self.fill(chunk);
        }
        if !chunk.is_empty() {
            return Ok(true);
        }
        match self.problem.take() {
            Some(problem) => Err(Error { file: self.file.clone(), problem }),
            None => Ok(false),
        }
    }

    fn fill(&mut self, chunk: &mut Chunk) {
        chunk.origins = Some(self.header.origins());
        let mut text = std::mem::take(&mut chunk.text).into_bytes();
        text.append(&mut self.pending);
        let mut consumed = 0;
        while chunk.is_empty() && !self.has_ended {
            match self.split(&mut text, &mut consumed, chunk) {
                Ok(Step::End) => self.has_ended = true,
                Ok(_) if !chunk.is_empty() => {}
                Ok(_) => {
                    if let Some(fault) = self.decode_fault.take() {
                        let line = self.line + line_ends(&text[consumed..]);
                        self.stop(decode_problem(fault, line));
                    } else {
                        // Only blank records so far: they need not be kept.
                        text.drain(..consumed);
                        consumed = 0;
                        // Doubling keeps a long record, split again each time, linear.
                        let wanted = self.chunk_bytes.max(text.len());
                        self.decode_fault = self.decoder.fill(&mut text, wanted).err();
                    }
                }
                Err(broken) => {
                    let header = &self.header;
                    self.problem = Some(broken_problem(broken, self.line, |index| header.column(index)));
                    self.has_ended = true;
                }
            }
        }
        self.pending.extend_from_slice(&text[consumed..]);
        text.truncate(consumed);
        // Only valid text was split, and only at ASCII characters.
        chunk.text = String::from_utf8(text).unwrap_or_default();
    }

    fn stop(&mut self, problem: Problem) {
        self.problem = Some(problem);
        self.has_ended = true;
    }

    /// Splits all whole records of the text.
    fn split(&mut self, text: &mut [u8], consumed: &mut usize, chunk: &mut Chunk) -> Result<Step, Broken> {
        let is_whole = self.decoder.has_ended() && self.decode_fault.is_none();
        let expected = self.header.texts().len();
        loop {
            let first = chunk.cells.len();
            let record = match self.splitter.record(text, *consumed, is_whole, &mut chunk.cells) {
                Ok(Step::Record(record)) => record,
                // The rows before it come first; the same place is split again afterwards.
                Err(_) if !chunk.is_empty() => return Ok(Step::More),
                other => return other,
            };
            let line = self.line;
            *consumed = record.next;
            self.line += record.line_ends;
            let cells = &chunk.cells[first..];
            if is_blank(text, cells) {
                chunk.cells.truncate(first);
                continue;
            }
            self.records += 1;
            let found = cells.len();
            let fault = if let Some(column) = record.text_after_quote {
                Some(Fault::TextAfterQuote { column: column + 1 })
            } else if found < expected {
                Some(Fault::TooFewCells { found, expected })
            } else if found > expected && !is_blank(text, &cells[expected..]) {
                Some(Fault::TooManyCells { found, expected })
            } else {
                None
            };
            let name = join(text, cells, self.header.joined(), &mut chunk.names);
            chunk.rows.push(Entry { cells: (first, chunk.cells.len()), name, record: self.records, line, fault });
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("file", &self.file)
            .field("header", &self.header)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// Joins the parts of a name that the row has, each without blanks around it.
fn join(text: &[u8], cells: &[Span], columns: &[usize], names: &mut String) -> Option<Span> {
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

/// The file up to its header.
struct Start {
    decoder: Decoder,
    pending: Vec<u8>,
    decode_fault: Option<DecodeFault>,
    chunk_bytes: usize,
}

impl Start {
    /// Reads on, unless nothing more can be read.
    fn read_on(&mut self) -> bool {
        if self.decoder.has_ended() || self.decode_fault.is_some() {
            return false;
        }
        let wanted = self.chunk_bytes.max(self.pending.len());
        self.decode_fault = self.decoder.fill(&mut self.pending, wanted).err();
        true
    }

    fn is_whole(&self) -> bool {
        self.decoder.has_ended() && self.decode_fault.is_none()
    }

    /// Gives the header and the line of the first record below it.
    fn header(&mut self, mappings: &[Mapping]) -> Result<(Splitter, Delimiter, Header, u64), Problem> {
        let sample_lines = delimiter::SAMPLE_RECORDS as u64 + 1;
        while line_ends(&self.pending) <= sample_lines && self.pending.len() < SAMPLE_BYTES {
            if !self.read_on() {
                break;
            }
        }
        let mut line = 1;
        let mut position = 0;
        let delimiter = if let Some((delimiter, end)) = delimiter::declared(&self.pending) {
            position = end;
            line += line_ends(&self.pending[..end]);
            delimiter
        } else {
            let sample = &self.pending[..self.pending.len().min(SAMPLE_BYTES)];
            let is_whole = self.is_whole() && sample.len() == self.pending.len();
            delimiter::sniff(sample, is_whole, mappings)
        };
        let mut splitter = Splitter::new(delimiter.byte());
        let mut cells = Vec::new();
        loop {
            let is_whole = self.is_whole();
            let step = splitter
                .record(&mut self.pending, position, is_whole, &mut cells)
                .map_err(|broken| broken_problem(broken, line, |index| Column::new(index, None)))?;
            match step {
                Step::Record(record) => {
                    line += record.line_ends;
                    position = record.next;
                    if !is_blank(&self.pending, &cells) {
                        break;
                    }
                    cells.clear();
                }
                Step::End => return Err(Problem::Empty),
                Step::More => {
                    self.pending.drain(..position);
                    position = 0;
                    if !self.read_on() {
                        let line = line + line_ends(&self.pending);
                        return Err(match self.decode_fault.take() {
                            Some(fault) => decode_problem(fault, line),
                            None => Problem::Empty,
                        });
                    }
                }
            }
        }
        let texts = cells.iter().map(|cell| String::from_utf8_lossy(cell.bytes(&self.pending)).into_owned()).collect();
        let header = Header::new(texts, mappings)?;
        self.pending.drain(..position);
        Ok((splitter, delimiter, header, line))
    }
}

fn decode_problem(fault: DecodeFault, line: u64) -> Problem {
    match fault {
        DecodeFault::Io(error) => Problem::Read(error),
        DecodeFault::Workbook => Problem::Workbook,
        DecodeFault::Mixed => Problem::MixedEncodings { line },
        DecodeFault::Utf16 => Problem::NotUtf16 { line },
        DecodeFault::NoEncoding(byte) => Problem::UnknownEncoding { line, byte },
    }
}

fn broken_problem(broken: Broken, line: u64, column: impl Fn(usize) -> Column) -> Problem {
    let Broken { line_ends, column: index, how } = broken;
    let line = line + line_ends;
    match how {
        How::Nul => Problem::Nul { line, column: column(index) },
        How::UnclosedQuote => Problem::UnclosedQuote { line, column: column(index) },
        How::CellTooLong { quoted } => Problem::CellTooLong { line, column: column(index), quoted },
        How::RecordTooLong => Problem::RecordTooLong { line },
        How::TooManyColumns => Problem::TooManyColumns { line },
    }
}
