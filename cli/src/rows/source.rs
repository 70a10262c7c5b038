//! Rows from a candidate file and from a list of addresses, checked before anything is sent.

use std::collections::VecDeque;
use std::io::BufRead;

use bidden::candidate::{Field, Row, email_fault, validate};
use bidden::operation::{Cancel, Disposition, Invite, InviteOptions, Outcome, TestId};
use bidden::testinvite::{Currency, Price};
use bidden::{Candidate, Decimal, Error, FieldError, Platform, Time};

use super::report::Person;
use super::seen::{Digester, Meeting, Place, Seen};
use super::{Line, Source, Task};
use crate::failure::{Failure, Result};
use crate::table::{self, Chunk, Form, Header, Input, Mapping, Reader};

impl From<table::Error> for Failure {
    fn from(error: table::Error) -> Self {
        Failure::usage(error.to_string())
    }
}

/// What is to be done with each row of a file.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// On which platform.
    pub platform: Platform,
    /// The test the candidates are invited to; `None` to register them only.
    pub test: Option<TestId>,
    /// How.
    pub options: InviteOptions,
    /// The header of the column that holds prices; such a column is never guessed.
    pub price_header: Option<String>,
    /// When the run began.
    pub now: Time,
}

impl Preparation {
    /// What is sent for a candidate. `price` is the cell of a column of prices: a blank one is no price.
    fn task(&self, candidate: Candidate, price: Option<&str>) -> std::result::Result<Task, Error> {
        let with_price;
        let options = match price {
            Some(text) => {
                with_price = InviteOptions { price: Some(read_price(text)?), ..self.options.clone() };
                &with_price
            }
            None => &self.options,
        };
        let Some(test) = &self.test else {
            bidden::operation::Register::new([&candidate], options)?;
            return Ok(Task::Register(Box::new(candidate)));
        };
        // For Think Exam this only proves that both steps can be sent; candidates are registered in batches.
        let invite = Invite::new(self.platform, test, &candidate, options, self.now)?;
        Ok(if self.platform == Platform::ThinkExam { Task::Register(Box::new(candidate)) } else { Task::Invite(Box::new(invite)) })
    }

    /// Whether a row that is sent asks for a mail to the candidate.
    #[must_use]
    pub fn asks_for_mail(&self) -> bool {
        self.test.is_some() && (self.options.send_email || self.options.email_template.is_some())
    }
}

/// An amount and its currency, e.g. `19.90 EUR`.
///
/// # Errors
/// `invalid-input`, field `price`.
pub fn read_price(text: &str) -> std::result::Result<Price, Error> {
    let expected = || Error::invalid_field("price", "an amount and a currency like 19.90 EUR are expected");
    let (amount, currency) = text.trim().split_once(char::is_whitespace).ok_or_else(expected)?;
    let word = currency.trim().to_ascii_uppercase();
    let currency = Currency::WORDS.iter().find(|(known, _)| *known == word).map(|(_, currency)| *currency);
    Ok(Price { amount: Decimal::parse(amount).map_err(|_| expected())?, currency: currency.ok_or_else(expected)? })
}

/// The fields of a row as core wants them.
#[must_use]
pub fn core_row<'a>(row: table::Row<'a>) -> Row<'a> {
    let mut fields = Row::new();
    for field in Field::ALL {
        if let Some(text) = row.field(field) {
            fields.set(field, text);
        }
    }
    fields
}

/// The columns that nothing is taken from, in words; `None` when there are none.
#[must_use]
pub fn ignored_columns(header: &Header, platform: Option<Platform>) -> Vec<String> {
    let unknown = header.ignored().map(|column| match column.header {
        Some(text) => super::report::shown(&text, 40),
        None => format!("column {}", column.number),
    });
    let useless = Field::ALL.into_iter().filter(|field| platform.is_some_and(|platform| !field.is_used_by(platform)));
    let columns = useless.flat_map(|field| header.columns(field));
    let useless = columns.filter_map(|column| header.texts().get(*column)).map(|text| super::report::shown(text.trim(), 40));
    unknown.chain(useless).collect()
}

/// The rows of a candidate file.
#[derive(Debug)]
pub struct FileRows<'a> {
    preparation: &'a Preparation,
    reader: Reader,
    chunk: Chunk,
    ready: VecDeque<Line>,
    digester: Digester,
    seen: Seen,
    keeps_cells: bool,
    price_column: Option<usize>,
}

impl<'a> FileRows<'a> {
    /// Opens a reading of a file; `keeps_cells` for those who write them into an output file.
    ///
    /// # Errors
    /// Exit 2 when the file cannot be used.
    pub fn open(input: &mut Input, mappings: &[Mapping], preparation: &'a Preparation, keeps_cells: bool) -> Result<Self> {
        let reader = input.read(mappings)?;
        let price_column = match &preparation.price_header {
            None => None,
            Some(wanted) => {
                let texts = reader.header().texts();
                let found = texts.iter().position(|text| text.trim().eq_ignore_ascii_case(wanted.trim()));
                Some(found.ok_or_else(|| Failure::usage(format!("no column has the header “{wanted}” that --map names for the price")))?)
            }
        };
        Ok(FileRows {
            preparation,
            reader,
            chunk: Chunk::new(),
            ready: VecDeque::new(),
            digester: Digester::default(),
            seen: Seen::unlimited(),
            keeps_cells,
            price_column,
        })
    }

    /// The file as it is open.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The columns that nothing is taken from.
    #[must_use]
    pub fn ignored_columns(&self) -> Vec<String> {
        let mut ignored = ignored_columns(self.reader.header(), Some(self.preparation.platform));
        if let Some(price) = &self.preparation.price_header {
            ignored.retain(|header| !header.eq_ignore_ascii_case(price.trim()));
        }
        ignored
    }
}

impl Source for FileRows<'_> {
    fn next(&mut self) -> Result<Option<Line>> {
        if self.ready.is_empty() && self.reader.next_chunk(&mut self.chunk)? {
            let FileRows { preparation, reader, chunk, ready, digester, seen, keeps_cells, price_column } = self;
            let reading = Reading { preparation, header: reader.header(), digester, price_column: *price_column };
            ready.extend(chunk.rows().map(|row| Line {
                cells: if *keeps_cells { row.cells().map(str::to_owned).collect() } else { Vec::new() },
                ..prepared(&reading, row, seen)
            }));
        }
        Ok(self.ready.pop_front())
    }
}

/// What is the same for all rows of a file.
struct Reading<'a> {
    preparation: &'a Preparation,
    header: &'a Header,
    digester: &'a Digester,
    price_column: Option<usize>,
}

/// Names the cell of each fault, in a file that has cells.
fn with_cells(error: Error, header: &Header, line: u64) -> Error {
    if header.form() != Form::Cells {
        return error;
    }
    let named = |fault: &FieldError| match Field::from_name(&fault.field).and_then(|field| header.cell(field, line)) {
        Some(cell) => FieldError { reason: format!("{} (cell {cell})", fault.reason), ..fault.clone() },
        None => fault.clone(),
    };
    Error::invalid_input(error.fields().iter().map(named).collect())
}

fn prepared(reading: &Reading<'_>, row: table::Row<'_>, seen: &mut Seen) -> Line {
    let Reading { preparation, header, digester, price_column } = *reading;
    let line =
        |person, has_warnings, task| Line { row: row.record(), line: Some(row.line()), person, cells: Vec::new(), has_warnings, task };
    let settled = |error: Error| Task::Settled(Box::new(Outcome::of_error(error)));
    let fields = core_row(row);
    if let Some(fault) = row.fault() {
        // The cells may stand in the wrong columns: only an address that looks like one is shown.
        let email = fields.text(Field::Email).filter(|text| email_fault(text).is_none()).map(str::to_owned);
        let error = Error::invalid_field("row", header.told(fault, row.line()));
        return line(Person { email, ..Person::default() }, false, settled(error));
    }
    let text = |field| fields.text(field).map(str::to_owned);
    let person = Person {
        email: text(Field::Email),
        name: text(Field::Name),
        external_id: text(Field::ExternalId),
        other_id: text(Field::UserId).or_else(|| text(Field::UniqId)),
    };
    let findings = validate(&fields, Some(preparation.platform), preparation.now);
    let has_warnings = !findings.warnings.is_empty();
    if let Some(error) = findings.to_error() {
        return line(person, has_warnings, settled(with_cells(error, header, row.line())));
    }
    let candidate = Candidate::from_row(&fields, Some(preparation.platform), preparation.now);
    let task = candidate.and_then(|candidate| preparation.task(candidate, price_column.map(|column| row.cell(column).unwrap_or_default())));
    // Only what can be sent takes the place of what follows: the second of two rows may be the whole one.
    let task = match task {
        Err(error) => settled(error),
        Ok(task) => match seen.meet(&digester.keys(&fields), Place::new(row.record(), row.line())) {
            Meeting::New => task,
            Meeting::Same(_, place) => Task::Repeated { first: format!("row {} (line {})", place.row, place.line) },
            Meeting::Conflict(field, place) => Task::Settled(Box::new(held(field, place))),
        },
    };
    line(person, has_warnings, task)
}

/// The outcome of a row whose candidate cannot be told from another.
fn held(field: Field, place: Place) -> Outcome {
    let error = Error::invalid_field(field.name(), Meeting::conflict(field, place));
    Outcome { error: Some(error), ..Outcome::of(Disposition::Held) }
}

/// What a first reading of the whole file shows, before anything is sent.
#[derive(Debug, Default)]
pub struct Survey {
    /// All rows.
    pub rows: u64,
    /// Rows that would be sent.
    pub sendable: u64,
    /// Rows that cannot be sent, those that are held among them.
    pub invalid: u64,
    /// Rows whose candidate stands further up.
    pub repeated: u64,
    /// Rows that hold something doubtful.
    pub with_warnings: u64,
    /// The width of the widest candidate.
    pub widest: usize,
    /// The first rows that would be sent.
    pub first: Vec<Line>,
    /// The first rows that would not.
    pub first_left_out: Vec<Line>,
}

/// How many rows of each sort a plan shows.
const SHOWN: usize = 5;

impl Survey {
    /// Reads a source to its end.
    ///
    /// # Errors
    /// When it cannot be read to its end.
    pub fn of(source: &mut impl Source) -> Result<Self> {
        let mut survey = Survey::default();
        while let Some(line) = source.next()? {
            survey.rows += 1;
            survey.with_warnings += u64::from(line.has_warnings);
            survey.widest = survey.widest.max(unicode_width::UnicodeWidthStr::width(line.person.label()));
            match &line.task {
                Task::Settled(_) => survey.invalid += 1,
                Task::Repeated { .. } => survey.repeated += 1,
                _ => survey.sendable += 1,
            }
            let list = if line.task.is_sent() { &mut survey.first } else { &mut survey.first_left_out };
            if list.len() < SHOWN {
                list.push(line);
            }
        }
        Ok(survey)
    }
}

/// What is done with an address.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The test is assigned.
    Assign(&'a InviteOptions),
    /// The test is withdrawn.
    Deassign,
}

/// The addresses of a text, one per line.
pub struct AddressRows<'a> {
    lines: Box<dyn BufRead + Send>,
    test: &'a TestId,
    step: Step<'a>,
    now: Time,
    row: u64,
    line: u64,
    has_lines: bool,
    digester: Digester,
    seen: Seen,
}

impl<'a> AddressRows<'a> {
    /// The address of an argument, or with `-` those of standard input.
    #[must_use]
    pub fn new(argument: &str, test: &'a TestId, step: Step<'a>, now: Time) -> Self {
        let has_lines = argument == "-";
        let lines: Box<dyn BufRead + Send> = if has_lines {
            Box::new(std::io::BufReader::new(std::io::stdin()))
        } else {
            Box::new(std::io::Cursor::new(argument.to_owned().into_bytes()))
        };
        AddressRows { lines, test, step, now, row: 0, line: 0, has_lines, digester: Digester::default(), seen: Seen::unlimited() }
    }

    fn task(&mut self, address: &str) -> std::result::Result<Task, Error> {
        let candidate = Candidate::new(address)?;
        let task = match self.step {
            Step::Assign(options) => Task::Invite(Box::new(Invite::assign(self.test, &candidate, options, self.now)?)),
            Step::Deassign => Task::Cancel(Box::new(Cancel::new(Platform::ThinkExam, self.test, address)?)),
        };
        let mut fields = Row::new();
        fields.set(Field::Email, address);
        Ok(match self.seen.meet(&self.digester.keys(&fields), Place::new(self.row, self.line)) {
            Meeting::Same(_, place) | Meeting::Conflict(_, place) => {
                Task::Repeated { first: format!("row {} (line {})", place.row, place.line) }
            }
            Meeting::New => task,
        })
    }
}

impl Source for AddressRows<'_> {
    fn next(&mut self) -> Result<Option<Line>> {
        let mut text = String::new();
        loop {
            text.clear();
            let read = self.lines.read_line(&mut text);
            if read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let address = text.trim_start_matches('\u{feff}').trim();
            if address.is_empty() && self.has_lines {
                continue;
            }
            self.row += 1;
            let task = self.task(address).unwrap_or_else(|error| Task::Settled(Box::new(Outcome::of_error(error))));
            let person = Person { email: Some(address.to_owned()), ..Person::default() };
            let line = self.has_lines.then_some(self.line);
            let cells = vec![address.to_owned()];
            return Ok(Some(Line { row: self.row, line, person, cells, has_warnings: false, task }));
        }
    }
}
