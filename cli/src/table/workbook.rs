//! Rows of one sheet of an XLSX workbook.
//!
//! A thread of its own reads the sheet and hands it over in blocks: cells borrow from the open
//! workbook, and the rows are checked while the next block is read.

mod archive;

use std::io::BufReader;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{Cell, CellErrorType, DataRef, Dimensions, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::chunk::{Chunk, Fault};
use super::error::{CellName, Problem};
use super::header::{Form, Header, Mapping};
use super::input::FileReader;
use super::reader::{CHUNK_BYTES, CHUNK_CELLS, Filled};
use super::record::{Span, is_blank};
use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES};

/// Blocks that wait to be taken.
const WAITING: usize = 2;

/// The reader's side of the thread.
pub(super) struct Workbook {
    messages: Receiver<Message>,
    records: u64,
}

enum Message {
    Header { line: u64, texts: Vec<String>, merged: Vec<Dimensions> },
    Block(Block),
    Ended,
    Broken(Problem),
}

/// Some rows of the sheet.
#[derive(Default)]
struct Block {
    text: String,
    cells: Vec<Span>,
    /// The line of each row, and where its cells end.
    rows: Vec<(u64, usize)>,
    /// What cannot be used: the row in the block, the column from 0, and why.
    faults: Vec<(usize, usize, Unusable)>,
}

/// Why a value cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unusable {
    FormulaError,
    RoundedNumber,
    NoDate,
}

impl Unusable {
    fn at(self, column: usize) -> Fault {
        match self {
            Self::FormulaError => Fault::FormulaError { column },
            Self::RoundedNumber => Fault::RoundedNumber { column },
            Self::NoDate => Fault::NoDate { column },
        }
    }
}

impl Workbook {
    pub(super) fn open(source: &FileReader, sheet: Option<&str>, mappings: &[Mapping]) -> Result<(Header, Self), Problem> {
        let (sender, messages) = sync_channel(WAITING);
        let (source, sheet) = (source.again(), sheet.map(str::to_owned));
        let thread = std::thread::Builder::new().name("workbook".to_owned());
        let spawned = thread.spawn(move || {
            // A failed hand-over means that nobody wants the rest.
            let _ = sender.send(produce(&source, sheet.as_deref(), &sender).map_or_else(Message::Broken, |()| Message::Ended));
        });
        spawned.map_err(Problem::Read)?;
        match messages.recv() {
            Ok(Message::Header { line, texts, merged }) => {
                let header = Header::new(texts, Form::Cells, mappings)?;
                refuse_merged(&merged, line, &header)?;
                Ok((header, Self { messages, records: 0 }))
            }
            Ok(Message::Broken(problem)) => Err(problem),
            Ok(Message::Ended | Message::Block(_)) => Err(Problem::Empty),
            Err(_) => Err(panicked()),
        }
    }

    pub(super) fn fill(&mut self, header: &Header, chunk: &mut Chunk) -> Filled {
        let block = match self.messages.recv() {
            Ok(Message::Block(block)) => block,
            Ok(Message::Ended | Message::Header { .. }) => return Filled::Ended,
            Ok(Message::Broken(problem)) => return Filled::Broken(problem),
            Err(_) => return Filled::Broken(panicked()),
        };
        chunk.text = block.text;
        let mut faults = block.faults.into_iter().filter(|(_, column, _)| header.is_used(*column)).peekable();
        let mut first = 0;
        let mut cells = block.cells.into_iter();
        for (index, (line, end)) in block.rows.into_iter().enumerate() {
            chunk.cells.extend(cells.by_ref().take(end - first));
            let mut fault = None;
            while let Some((_, column, unusable)) = faults.next_if(|(row, ..)| *row == index) {
                fault = fault.or(Some(unusable.at(column + 1)));
            }
            self.records += 1;
            chunk.push_row(first, header.joined(), (self.records, line), fault);
            first = end;
        }
        Filled::More
    }
}

/// The thread ended without a word.
fn panicked() -> Problem {
    Problem::DamagedWorkbook { after: None, reason: "it holds what no spreadsheet program writes".to_owned() }
}

/// Cells that hang together hide what the others hold: of a header nobody knows which column it is
/// over, and below it the value stands in the first row only.
fn refuse_merged(merged: &[Dimensions], line: u64, header: &Header) -> Result<(), Problem> {
    for range in merged {
        let (top, bottom) = (u64::from(range.start.0) + 1, u64::from(range.end.0) + 1);
        let in_header = top <= line && line <= bottom;
        let hides_rows = top > line && bottom > top && (range.start.1..=range.end.1).any(|column| header.is_used(column as usize));
        if in_header || hides_rows {
            let name = |(row, column): (u32, u32)| CellName::new(column as usize, u64::from(row) + 1);
            return Err(Problem::MergedCells { first: name(range.start), last: name(range.end), in_header });
        }
    }
    Ok(())
}

/// Reads the sheet to its end, or until nobody takes its blocks any more.
fn produce(source: &FileReader, sheet: Option<&str>, messages: &SyncSender<Message>) -> Result<(), Problem> {
    let found = archive::inspect(source.again())?;
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(source.again())).map_err(|error| damaged(&error, None))?;
    let name = choose(&workbook, sheet)?;
    let mut merged = Vec::new();
    if found.has_merged_cells {
        merged = workbook.merge_cells_by_sheet_name(&name).map_err(|error| damaged(&error, None))?;
    }
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| damaged(&error, None))?;
    let mut rows = Rows { messages, merged: Some(merged), block: Block::default(), line: 0, first: 0, first_text: 0 };
    let mut last = None;
    loop {
        let cell = cells.next_cell().map_err(|error| damaged(&error, last));
        match cell {
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                let here = CellName::new(column as usize, u64::from(row) + 1);
                if !rows.take(cell, here)? {
                    return Ok(());
                }
                last = Some(here);
            }
            Ok(None) => {
                rows.end_row();
                rows.send();
                return Ok(());
            }
            Err(problem) => {
                // The rows before it are handed out; the one it stands in is not whole.
                rows.drop_row();
                rows.send();
                return Err(problem);
            }
        }
    }
}

/// The sheet of this name, else the first that is not hidden.
fn choose(workbook: &Xlsx<BufReader<FileReader>>, wanted: Option<&str>) -> Result<String, Problem> {
    let sheets = || workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = match wanted {
        None => sheets().find(|sheet| sheet.visible == SheetVisible::Visible),
        Some(wanted) => {
            let same = |name: &str| name.trim().to_lowercase() == wanted.trim().to_lowercase();
            sheets().find(|sheet| sheet.name == wanted).or_else(|| sheets().find(|sheet| same(&sheet.name)))
        }
    };
    let names = || sheets().map(|sheet| sheet.name.clone()).collect();
    found.map(|sheet| sheet.name.clone()).ok_or_else(|| Problem::NoSheet { wanted: wanted.map(str::to_owned), sheets: names() })
}

/// What calamine says of a workbook, without its values.
fn damaged(error: &XlsxError, after: Option<CellName>) -> Problem {
    let reason = match error {
        XlsxError::Password => return Problem::Encrypted,
        // Neither is there in the other ZIP archives that spreadsheet programs write.
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => return Problem::NotAWorkbook,
        XlsxError::CellError(_) => "a formula ended in an error of an unknown sort".to_owned(),
        XlsxError::Io(_) | XlsxError::Zip(_) | XlsxError::Xml(_) | XlsxError::XmlEof(_) => error.to_string(),
        _ => "it holds what no spreadsheet program writes".to_owned(),
    };
    Problem::DamagedWorkbook { after, reason }
}

/// Puts cells together to rows.
struct Rows<'a> {
    messages: &'a SyncSender<Message>,
    /// Until the header is handed over.
    merged: Option<Vec<Dimensions>>,
    block: Block,
    /// The row at hand; 0 before the first.
    line: u64,
    /// Where its cells begin.
    first: usize,
    /// Where its text begins.
    first_text: usize,
}

impl Rows<'_> {
    /// Takes a cell, and says whether anybody wants more.
    fn take(&mut self, cell: Cell<DataRef<'_>>, here: CellName) -> Result<bool, Problem> {
        if here.line() != self.line {
            self.end_row();
            let is_full = self.block.text.len() >= CHUNK_BYTES || self.block.cells.len() >= CHUNK_CELLS;
            if is_full && !self.send() {
                return Ok(false);
            }
            if here.line() < self.line {
                return Err(Problem::DamagedWorkbook { after: Some(here), reason: "its rows are out of order".to_owned() });
            }
            self.line = here.line();
        }
        let value = cell.get_value();
        if matches!(value, DataRef::Empty) {
            return Ok(true);
        }
        let column = here.column();
        let cells = self.block.cells.len() - self.first;
        if column < cells {
            return Err(Problem::DamagedWorkbook { after: Some(here), reason: "its cells are out of order".to_owned() });
        }
        if column >= MAX_COLUMNS {
            return Err(Problem::TooManyColumns { line: self.line });
        }
        let start = self.block.text.len();
        if let Some(unusable) = write(value, &mut self.block.text) {
            self.block.faults.push((self.block.rows.len(), column, unusable));
        }
        let end = self.block.text.len();
        if end - start > MAX_CELL_BYTES {
            return Err(Problem::CellOfSheetTooLong { cell: here });
        }
        // Cells share their strings, so a short sheet can hold a long row.
        if end - self.first_text > MAX_RECORD_BYTES {
            return Err(Problem::RecordTooLong { line: self.line });
        }
        if end > start {
            let padding = std::iter::repeat_n(Span::new(start, start), column - cells);
            self.block.cells.extend(padding);
            self.block.cells.push(Span::new(start, end));
        }
        Ok(true)
    }

    /// Ends the row at hand. A blank one is none; the first that is not is the header.
    fn end_row(&mut self) {
        let cells = &self.block.cells[self.first..];
        if is_blank(self.block.text.as_bytes(), cells) {
            return self.drop_row();
        }
        if let Some(merged) = self.merged.take() {
            let mut texts: Vec<String> = cells.iter().map(|cell| cell.text(&self.block.text).to_owned()).collect();
            while texts.last().is_some_and(|text| text.trim().is_empty()) {
                texts.pop();
            }
            // When nobody takes it, the next hand-over says so.
            let _ = self.messages.send(Message::Header { line: self.line, texts, merged });
            return self.drop_row();
        }
        self.first = self.block.cells.len();
        self.first_text = self.block.text.len();
        self.block.rows.push((self.line, self.first));
    }

    /// Forgets the row at hand.
    fn drop_row(&mut self) {
        let row = self.block.rows.len();
        self.block.faults.retain(|(index, ..)| *index < row);
        self.block.cells.truncate(self.first);
        self.block.text.truncate(self.first_text);
    }

    /// Hands over the rows so far, and says whether anybody takes them.
    fn send(&mut self) -> bool {
        (self.first, self.first_text) = (0, 0);
        let block = std::mem::take(&mut self.block);
        block.rows.is_empty() || self.messages.send(Message::Block(block)).is_ok()
    }
}

/// Writes a value as text, and says why it is of no use.
fn write(value: &DataRef<'_>, text: &mut String) -> Option<Unusable> {
    use std::fmt::Write as _;
    // Writing into a String does not fail.
    let _ = match value {
        DataRef::Empty => Ok(()),
        DataRef::String(value) => text.write_str(value),
        DataRef::SharedString(value) => text.write_str(value),
        DataRef::Bool(value) => write!(text, "{value}"),
        DataRef::Int(value) => write!(text, "{value}"),
        DataRef::Float(value) => {
            // Display of a float has no exponent, and the fewest digits that mean the same number.
            let _ = write!(text, "{value}");
            return (value.abs() >= FIRST_ROUNDED).then_some(Unusable::RoundedNumber);
        }
        DataRef::DateTime(value) => return write_date(value, text),
        DataRef::DateTimeIso(value) => text.write_str(value.strip_suffix("T00:00:00").unwrap_or(value)),
        DataRef::DurationIso(value) => text.write_str(value),
        DataRef::Error(error) => {
            let word = if matches!(error, CellErrorType::GettingData) { "#GETTING_DATA".to_owned() } else { error.to_string() };
            text.push_str(&word);
            return Some(Unusable::FormulaError);
        }
    };
    None
}

/// The first number of 16 digits: spreadsheets keep 15.
const FIRST_ROUNDED: f64 = 1e15;

/// The day behind the last day of the year 9999, the last that a spreadsheet knows.
const END_OF_DAYS: f64 = 2_958_466.0;

/// Writes a date as ISO 8601: `2001-12-31`, `2001-12-31T08:30:00`, `08:30:00`.
fn write_date(value: &ExcelDateTime, text: &mut String) -> Option<Unusable> {
    use std::fmt::Write as _;
    const SECONDS_OF_DAY: f64 = 86_400.0;
    let days = value.as_f64();
    // 60 is 29 February 1900 in the older system, a day that was none.
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let is_no_day = (year, month, day) == (1900, 2, 29);
    if !(0.0..END_OF_DAYS).contains(&days) || (is_no_day && !value.is_duration()) {
        let _ = write!(text, "{days}");
        return Some(Unusable::NoDate);
    }
    let _ = if value.is_duration() {
        // Below 2^38 seconds, so nothing is lost.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^38")]
        let seconds = (days * SECONDS_OF_DAY).round() as u64;
        write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    } else if days < 1.0 {
        write!(text, "{hour:02}:{minute:02}:{second:02}")
    } else if (hour, minute, second) == (0, 0, 0) {
        write!(text, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    };
    None
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn written(value: &DataRef<'_>) -> (String, Option<Unusable>) {
        let mut text = String::new();
        let unusable = write(value, &mut text);
        (text, unusable)
    }

    #[test]
    fn numbers_are_written_without_an_exponent() {
        for (number, expected) in [(4.917_612_345_678e12, "4917612345678"), (0.1, "0.1"), (19.9, "19.9"), (-3.0, "-3"), (1e-7, "0.0000001")]
        {
            assert_eq!(written(&DataRef::Float(number)), (expected.to_owned(), None));
        }
        assert_eq!(written(&DataRef::Float(999_999_999_999_999.0)).1, None);
        assert_eq!(written(&DataRef::Float(1_234_567_890_123_456.0)).1, Some(Unusable::RoundedNumber));
        assert_eq!(written(&DataRef::Bool(true)).0, "true");
    }

    #[test]
    fn dates_of_both_systems_are_iso_dates() {
        let date = |days: f64, kind, is_1904| written(&DataRef::DateTime(ExcelDateTime::new(days, kind, is_1904)));
        let moment = |days| date(days, ExcelDateTimeType::DateTime, false);
        for (days, expected) in [
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (61.0, "1900-03-01"),
            (36_526.0, "2000-01-01"),
            (45_943.5, "2025-10-13T12:00:00"),
            (0.5, "12:00:00"),
            (2_958_465.0, "9999-12-31"),
        ] {
            assert_eq!(moment(days), (expected.to_owned(), None), "{days}");
        }
        assert_eq!(date(35_064.0, ExcelDateTimeType::DateTime, true).0, "2000-01-01");
        assert_eq!(date(1.0, ExcelDateTimeType::DateTime, true).0, "1904-01-02");
        assert_eq!(date(1.5, ExcelDateTimeType::TimeDelta, false).0, "36:00:00");
        for days in [-1.0, 60.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(moment(days).1, Some(Unusable::NoDate), "{days}");
        }
    }
}
