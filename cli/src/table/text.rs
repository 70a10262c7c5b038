//! Rows of comma, semicolon or tab separated text.

use std::io::Read;

use super::chunk::{Chunk, Entry, Fault};
use super::delimiter::{self, Delimiter};
use super::encoding::{DecodeFault, Decoder, Encoding};
use super::error::{Column, Problem};
use super::header::{Form, Header, Mapping};
use super::reader::{Filled, join};
use super::record::{Broken, How, Splitter, Step, is_blank, line_ends};

/// The delimiter is found in at most this much text.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Text behind its header, open at the next row.
pub(super) struct Text {
    decoder: Decoder,
    splitter: Splitter,
    delimiter: Delimiter,
    /// Text behind the last whole record.
    pending: Vec<u8>,
    /// The line where `pending` starts.
    line: u64,
    records: u64,
    chunk_bytes: usize,
    /// Why the source cannot be read any further.
    decode_fault: Option<DecodeFault>,
}

impl Text {
    pub(super) fn open(source: Box<dyn Read + Send>, mappings: &[Mapping], chunk_bytes: usize) -> Result<(Header, Self), Problem> {
        let mut start = Start { decoder: Decoder::new(source), pending: Vec::new(), decode_fault: None, chunk_bytes };
        let (splitter, delimiter, header, line) = start.header(mappings)?;
        let Start { decoder, pending, decode_fault, .. } = start;
        Ok((header, Self { decoder, splitter, delimiter, pending, line, records: 0, chunk_bytes, decode_fault }))
    }

    pub(super) fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Fills a chunk until there is a row, as soon as the source has given one.
    pub(super) fn fill(&mut self, header: &Header, chunk: &mut Chunk) -> Filled {
        let mut text = std::mem::take(&mut chunk.text).into_bytes();
        text.append(&mut self.pending);
        let mut consumed = 0;
        let mut filled = Filled::More;
        while chunk.is_empty() && matches!(filled, Filled::More) {
            match self.split(&mut text, &mut consumed, header, chunk) {
                Ok(Step::End) => filled = Filled::Ended,
                Ok(_) if !chunk.is_empty() => {}
                Ok(_) => {
                    if let Some(fault) = self.decode_fault.take() {
                        let line = self.line + line_ends(&text[consumed..]);
                        filled = Filled::Broken(decode_problem(fault, line));
                    } else {
                        // Only blank records so far: they need not be kept.
                        text.drain(..consumed);
                        consumed = 0;
                        // Doubling keeps a long record, split again each time, linear.
                        let wanted = self.chunk_bytes.max(text.len());
                        self.decode_fault = self.decoder.fill(&mut text, wanted).err();
                    }
                }
                Err(broken) => filled = Filled::Broken(broken_problem(broken, self.line, |index| header.column(index))),
            }
        }
        self.pending.extend_from_slice(&text[consumed..]);
        text.truncate(consumed);
        // Only valid text was split, and only at ASCII characters.
        chunk.text = String::from_utf8(text).unwrap_or_default();
        filled
    }

    /// Splits all whole records of the text.
    fn split(&mut self, text: &mut [u8], consumed: &mut usize, header: &Header, chunk: &mut Chunk) -> Result<Step, Broken> {
        let is_whole = self.decoder.has_ended() && self.decode_fault.is_none();
        let expected = header.texts().len();
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
            let name = join(text, cells, header.joined(), &mut chunk.names);
            chunk.rows.push(Entry { cells: (first, chunk.cells.len()), name, record: self.records, line, fault });
        }
    }
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
        let header = Header::new(texts, Form::Columns, mappings)?;
        self.pending.drain(..position);
        Ok((splitter, delimiter, header, line))
    }
}

pub(super) fn decode_problem(fault: DecodeFault, line: u64) -> Problem {
    match fault {
        DecodeFault::Io(error) => Problem::Read(error),
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
