//! Splits text into records and cells, and knows where it stands.

use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES};

/// The place of a cell in its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        // A text is a chunk and at most one record longer, far below four gigabytes.
        Self { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
    }

    fn length(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn bytes(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    pub(super) fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// One whole record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Where the next record starts.
    pub(super) next: usize,
    /// The line ends passed, those inside quotes included.
    pub(super) line_ends: u64,
    /// The column, from 0, of the first cell with text after its closing quote.
    pub(super) text_after_quote: Option<usize>,
}

/// What was found at a place.
#[derive(Debug)]
pub(super) enum Step {
    /// A record; its cells were appended.
    Record(Record),
    /// The text stops inside a record.
    More,
    /// Nothing is left.
    End,
}

/// What makes the text unreadable, and how many line ends after the start of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line_ends: u64,
    pub(super) column: usize,
    pub(super) how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Nul,
    UnclosedQuote,
    CellTooLong { quoted: bool },
    RecordTooLong,
    TooManyColumns,
}

/// Bytes that end a run of plain text outside quotes, and inside.
const OUTSIDE: u8 = 1;
const INSIDE: u8 = 2;

/// Splits by one delimiter.
#[derive(Debug)]
pub(super) struct Splitter {
    delimiter: u8,
    classes: [u8; 256],
    /// The cells of the record at hand whose doubled quotes are still to be made single. It waits
    /// for the end of the record because an unfinished one is split again from its start.
    doubled: Vec<usize>,
}

impl Splitter {
    pub(super) fn new(delimiter: u8) -> Self {
        let mut classes = [0; 256];
        for byte in [b'\r', b'\n', 0] {
            classes[usize::from(byte)] = OUTSIDE | INSIDE;
        }
        classes[usize::from(b'"')] = INSIDE;
        classes[usize::from(delimiter)] |= OUTSIDE;
        Self { delimiter, classes, doubled: Vec::new() }
    }

    /// The first byte of `class` at or after `from`.
    #[inline]
    fn find(&self, text: &[u8], from: usize, class: u8) -> usize {
        let rest = text.get(from..).unwrap_or_default();
        let length = rest.iter().position(|byte| self.classes[usize::from(*byte)] & class != 0).unwrap_or(rest.len());
        from + length
    }

    /// Takes the plain cells at the start of a record, eight bytes at a time: most records are
    /// nothing else, and a file of them is read a quarter faster (measured on ten columns, 115
    /// bytes a record). Gives the end of the record and true, or else the start of the first cell
    /// that needs a closer look.
    #[inline]
    fn plain_cells(&self, text: &[u8], start: usize, cells: &mut Vec<Span>) -> (usize, bool) {
        let most = cells.len() + MAX_COLUMNS;
        let mut cell_start = start;
        let mut position = start;
        while let Some(&word) = text.get(position..).and_then(<[u8]>::first_chunk::<8>) {
            let mut found = marks(u64::from_le_bytes(word), self.delimiter);
            while found != 0 {
                let end = position + found.trailing_zeros() as usize / 8;
                found &= found - 1;
                let byte = text[end];
                let next = match (byte, text.get(end + 1)) {
                    (b'\n', _) => end + 1,
                    (b'\r', Some(b'\n')) => end + 2,
                    _ if byte == self.delimiter => 0,
                    _ => return (cell_start, false),
                };
                if end - cell_start > MAX_CELL_BYTES || cells.len() == most {
                    return (cell_start, false);
                }
                cells.push(Span::new(cell_start, end));
                if next != 0 {
                    return (next, true);
                }
                cell_start = end + 1;
            }
            position += 8;
        }
        (cell_start, false)
    }

    /// Splits the record that starts at `start` and appends its cells. `is_whole` says that
    /// nothing follows the text.
    #[inline]
    pub(super) fn record(&mut self, text: &mut [u8], start: usize, is_whole: bool, cells: &mut Vec<Span>) -> Result<Step, Broken> {
        if start >= text.len() {
            return Ok(if is_whole { Step::End } else { Step::More });
        }
        let first = cells.len();
        self.doubled.clear();
        let step = self.split(text, start, is_whole, cells);
        match step {
            Ok(Step::Record(_)) => {
                for &cell in &self.doubled {
                    if let Some(span) = cells.get_mut(cell) {
                        make_single(text, span);
                    }
                }
            }
            _ => cells.truncate(first),
        }
        step
    }

    #[inline]
    fn split(&mut self, text: &[u8], start: usize, is_whole: bool, cells: &mut Vec<Span>) -> Result<Step, Broken> {
        let first = cells.len();
        let mut line_ends = 0;
        let mut text_after_quote = None;
        let (mut position, is_done) = self.plain_cells(text, start, cells);
        if is_done {
            return finished(start, Record { next: position, line_ends: 1, text_after_quote });
        }
        loop {
            let column = cells.len() - first;
            let broken = |line_ends, how| Broken { line_ends, column, how };
            if column == MAX_COLUMNS {
                return Err(broken(line_ends, How::TooManyColumns));
            }
            let cell_start = position;
            let cell_line_ends = line_ends;
            let quoted = text.get(position) == Some(&b'"');
            let mut span = None;
            if quoted {
                let quote = self.closing_quote(text, position, is_whole, cells.len(), &mut line_ends);
                match quote.map_err(|how| broken(line_ends, how))? {
                    Some(quote) => {
                        span = Some(Span::new(cell_start + 1, quote));
                        position = quote + 1;
                    }
                    None if text.len() - cell_start > MAX_CELL_BYTES + 2 => {
                        return Err(broken(cell_line_ends, How::CellTooLong { quoted }));
                    }
                    None if is_whole => return Err(broken(cell_line_ends, How::UnclosedQuote)),
                    None => return unfinished(text, start),
                }
            }
            let end = self.find(text, position, OUTSIDE);
            if text.get(end) == Some(&0) {
                return Err(broken(line_ends, How::Nul));
            }
            if end > position && span.is_some() {
                // What was meant cannot be known: the cell stays as it was written.
                text_after_quote.get_or_insert(column);
                span = None;
                self.doubled.pop_if(|cell| *cell == cells.len());
            }
            let span = span.unwrap_or_else(|| Span::new(cell_start, end));
            if span.length() > MAX_CELL_BYTES {
                return Err(broken(cell_line_ends, How::CellTooLong { quoted }));
            }
            let next = match text.get(end) {
                None if !is_whole => return unfinished(text, start),
                None => end,
                Some(&byte) if byte == self.delimiter => {
                    cells.push(span);
                    position = end + 1;
                    continue;
                }
                Some(b'\r') => match text.get(end + 1) {
                    // The line feed that belongs to it may still come.
                    None if !is_whole => return unfinished(text, start),
                    Some(b'\n') => end + 2,
                    _ => end + 1,
                },
                Some(_) => end + 1,
            };
            cells.push(span);
            if next > end {
                line_ends += 1;
            }
            return finished(start, Record { next, line_ends, text_after_quote });
        }
    }

    /// The place of the quote that closes the one at `open`, or nothing when the text stops first.
    fn closing_quote(&mut self, text: &[u8], open: usize, is_whole: bool, cell: usize, line_ends: &mut u64) -> Result<Option<usize>, How> {
        let mut position = open + 1;
        let mut has_doubled = false;
        loop {
            position = self.find(text, position, INSIDE);
            let after = text.get(position + 1);
            match text.get(position) {
                None => return Ok(None),
                Some(0) => return Err(How::Nul),
                Some(b'"') if after == Some(&b'"') => {
                    has_doubled = true;
                    position += 2;
                }
                Some(b'"') if after.is_none() && !is_whole => return Ok(None),
                Some(b'"') => {
                    if has_doubled {
                        self.doubled.push(cell);
                    }
                    return Ok(Some(position));
                }
                Some(b'\r') if after == Some(&b'\n') => {
                    *line_ends += 1;
                    position += 2;
                }
                Some(_) => {
                    *line_ends += 1;
                    position += 1;
                }
            }
        }
    }
}

/// The high bit of each byte that is a quote, the delimiter or a control character up to carriage
/// return.
#[inline]
fn marks(word: u64, delimiter: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW_BITS: u64 = 0x7F * ONES;
    const HIGH_BITS: u64 = 0x80 * ONES;
    let is_byte = |byte: u8| {
        let unlike = word ^ (u64::from(byte) * ONES);
        !(((unlike & LOW_BITS) + LOW_BITS) | unlike | LOW_BITS)
    };
    let is_control = !(((word | HIGH_BITS) - 0x0E * ONES) | word) & HIGH_BITS;
    is_byte(b'"') | is_byte(delimiter) | is_control
}

fn finished(start: usize, record: Record) -> Result<Step, Broken> {
    within_limit(record.next - start).map(|()| Step::Record(record))
}

fn unfinished(text: &[u8], start: usize) -> Result<Step, Broken> {
    within_limit(text.len() - start).map(|()| Step::More)
}

fn within_limit(length: usize) -> Result<(), Broken> {
    if length > MAX_RECORD_BYTES {
        return Err(Broken { line_ends: 0, column: 0, how: How::RecordTooLong });
    }
    Ok(())
}

/// Makes doubled quotes single, in place. What is left over behind the cell becomes blanks, so
/// that the text stays valid UTF-8.
fn make_single(text: &mut [u8], span: &mut Span) {
    let Some(cell) = text.get_mut(span.start as usize..span.end as usize) else {
        return;
    };
    let mut write = 0;
    let mut read = 0;
    while read < cell.len() {
        cell[write] = cell[read];
        read += if cell[read..].starts_with(b"\"\"") { 2 } else { 1 };
        write += 1;
    }
    cell[write..].fill(b' ');
    *span = Span::new(span.start as usize, span.start as usize + write);
}

/// How many lines end in a text.
pub(super) fn line_ends(text: &[u8]) -> u64 {
    let mut count = 0;
    let mut previous = 0;
    for &byte in text {
        if byte == b'\r' || (byte == b'\n' && previous != b'\r') {
            count += 1;
        }
        previous = byte;
    }
    count
}

/// Whether every cell is empty or blank.
#[inline]
pub(super) fn is_blank(text: &[u8], cells: &[Span]) -> bool {
    cells.iter().all(|cell| {
        let bytes = cell.bytes(text);
        // Nearly every record ends this at its first letter.
        !bytes.first().is_some_and(u8::is_ascii_graphic) && str::from_utf8(bytes).is_ok_and(|cell| cell.trim().is_empty())
    })
}
