//! Rows from a candidate file and from a list of addresses, checked before anything is sent.

use std::collections::VecDeque;
use std::io::BufRead;

use bidden::candidate::{Field, Row, email_fault, is_example_address, validate};
use bidden::operation::{Disposition, Invite, InviteOptions, Outcome, TestId};
use bidden::{Candidate, Error, FieldError, Platform, Time};
use bidden_ledger::Keys;
use bidden_ledger::plan::price_from_text;

use super::report::{FED_BACK, Person, unquoted};
use super::{Invitee, Line, Source, Target, Task};
use crate::failure::{Failure, Result};
use crate::table::{self, Chunk, Form, Header, Input, Mapping, Reader};
use bidden_ledger::seen::{Digester, Meeting, Place, Seen};

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
    /// Whether it goes to a host other than loopback.
    pub is_live: bool,
}

impl Preparation {
    /// What is sent for a candidate. `price` is the cell of a column of prices, which no row may leave blank.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn task(&self, candidate: Candidate, price: Option<&str>) -> std::result::Result<Task, Error> {
        if self.is_live && candidate.email().is_some_and(is_example_address) {
            return Err(Error::invalid_field("email", "is an example address; on a live host nobody can be reached there"));
        }
        let price = price.map(price_from_text).transpose()?;
        let Some(test) = &self.test else {
            bidden::operation::Register::new([&candidate], &self.options)?;
            return Ok(Task::Register(Box::new(candidate)));
        };
        let invitee = Invitee { candidate, price };
        // Only proves that it can be sent; the ledger says whether it is.
        Invite::new(self.platform, test, &invitee.candidate, &invitee.options(&self.options), self.now)?;
        Ok(Task::Invite(Box::new(invitee)))
    }
}

/// The fields of a row as core wants them.
#[must_use]
pub fn core_row<'a>(row: table::Row<'a>) -> Row<'a> {
    let mut fields = Row::new();
    for (field, text) in row.fields() {
        fields.set(field, text);
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

/// Which cells of a file are kept beside what is read from them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cells {
    /// None.
    None,
    /// All, for the output file.
    All,
    /// All but secrets, for a plan.
    WithoutSecrets,
}

/// The columns whose cells are secrets, counted from 0.
pub fn secret_columns(header: &Header) -> impl Iterator<Item = usize> {
    Field::ALL.into_iter().filter(|field| field.is_secret()).flat_map(|field| header.columns(field).to_vec())
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
    cells: Cells,
    price_column: Option<usize>,
}

impl<'a> FileRows<'a> {
    /// Opens a reading of a file.
    ///
    /// # Errors
    /// Exit 2 when the file cannot be used.
    pub fn open(input: &mut Input, mappings: &[Mapping], preparation: &'a Preparation, cells: Cells) -> Result<Self> {
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
            cells,
            price_column,
        })
    }

    /// The file as it is open.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads to the end, and says how many rows there are.
    ///
    /// # Errors
    /// Exit 2 where the file breaks off.
    pub fn count(&mut self) -> Result<u64> {
        let mut rows = 0;
        while self.reader.next_chunk(&mut self.chunk)? {
            rows += self.chunk.rows().len() as u64;
        }
        Ok(rows)
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
            let FileRows { preparation, reader, chunk, ready, digester, seen, cells, price_column } = self;
            let header = reader.header();
            let is_fed_back = header.texts().iter().any(|text| text == FED_BACK);
            let reading = Reading { preparation, header, digester, price_column: *price_column, is_fed_back };
            let secrets: Vec<usize> = secret_columns(header).collect();
            ready.extend(chunk.rows().map(|row| {
                let line = prepared(&reading, row, seen);
                let cells = match cells {
                    Cells::None => Vec::new(),
                    Cells::WithoutSecrets if !secrets.is_empty() => cells_without(&secrets, header, row, &line.person),
                    Cells::All | Cells::WithoutSecrets => row.cells().map(str::to_owned).collect(),
                };
                Line { cells, ..line }
            }));
        }
        Ok(self.ready.pop_front())
    }
}

/// The cells of a row, secrets left empty. Where cells may stand in other columns, any may hold one: the address alone is kept.
fn cells_without(secrets: &[usize], header: &Header, row: table::Row<'_>, person: &Person) -> Vec<String> {
    if row.fault().is_some_and(table::Fault::displaces) {
        let email = header.columns(Field::Email).first();
        let cell = |column| person.email.clone().filter(|_| email == Some(&column)).unwrap_or_default();
        return (0..header.texts().len()).map(cell).collect();
    }
    let cells = row.cells().enumerate();
    cells.map(|(column, cell)| if secrets.contains(&column) { String::new() } else { cell.to_owned() }).collect()
}

/// What is the same for all rows of a file.
struct Reading<'a> {
    preparation: &'a Preparation,
    header: &'a Header,
    digester: &'a Digester,
    price_column: Option<usize>,
    /// Whether it is a file of failed rows, whose cells were quoted for spreadsheets.
    is_fed_back: bool,
}

/// The cells of a file of failed rows as they were before they were quoted.
fn as_before(mut fields: Row<'_>) -> Row<'_> {
    for field in Field::ALL {
        if let Some(text) = fields.text(field) {
            fields.set(field, unquoted(text));
        }
    }
    fields
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
    let Reading { preparation, header, digester, price_column, is_fed_back } = *reading;
    let line = |person, has_warnings, task| Line {
        row: row.record(),
        line: Some(row.line()),
        person,
        cells: Vec::new(),
        has_warnings,
        task,
        ends_chunk: None,
    };
    let settled = |error: Error| Task::Settled(Box::new(Outcome::of_error(error)));
    let fields = if is_fed_back { as_before(core_row(row)) } else { core_row(row) };
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
            Meeting::Same(_, place) => Task::Repeated { first: place.to_string() },
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

/// What is done with an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The test is assigned (Think Exam).
    Assign,
    /// The invitation is withdrawn.
    Cancel,
    /// Another attempt is allowed.
    Reattempt,
}

/// The addresses of a text, one per line; or one invitation named by the platform's id.
pub struct AddressRows {
    lines: Box<dyn BufRead + Send>,
    invitation: Option<String>,
    step: Step,
    is_live: bool,
    row: u64,
    line: u64,
    has_lines: bool,
    digester: Digester,
    seen: Seen,
}

impl AddressRows {
    /// The address of an argument.
    #[must_use]
    pub fn new(argument: &str, step: Step, is_live: bool) -> Self {
        let lines = Box::new(std::io::Cursor::new(argument.to_owned().into_bytes()));
        AddressRows {
            lines,
            invitation: None,
            step,
            is_live,
            row: 0,
            line: 0,
            has_lines: false,
            digester: Digester::default(),
            seen: Seen::unlimited(),
        }
    }

    /// The addresses of a text.
    #[must_use]
    pub fn lines(text: &str, step: Step, is_live: bool) -> Self {
        let lines = Box::new(std::io::Cursor::new(text.to_owned().into_bytes()));
        AddressRows { lines, has_lines: true, ..AddressRows::new("", step, is_live) }
    }

    /// The one invitation of an id.
    #[must_use]
    pub fn invitation(id: &str, step: Step, is_live: bool) -> Self {
        AddressRows { invitation: Some(id.to_owned()), ..AddressRows::new("invitation", step, is_live) }
    }

    fn task(&mut self, address: &str) -> std::result::Result<Task, Error> {
        if self.invitation.is_some() {
            let target = Target { keys: Keys::default(), invitation: self.invitation.take() };
            return Ok(if self.step == Step::Cancel { Task::Cancel(target.into()) } else { Task::Reattempt(target.into()) });
        }
        let candidate = Candidate::new(address)?;
        if self.is_live && is_example_address(address) {
            return Err(Error::invalid_field("email", "is an example address; on a live host nobody can be reached there"));
        }
        let target = || Box::new(Target { keys: Keys::of(&candidate), invitation: None });
        let task = match self.step {
            Step::Assign => Task::Assign(Box::new(Invitee { candidate: candidate.clone(), price: None })),
            Step::Cancel => Task::Cancel(target()),
            Step::Reattempt => Task::Reattempt(target()),
        };
        let mut fields = Row::new();
        fields.set(Field::Email, address);
        Ok(match self.seen.meet(&self.digester.keys(&fields), Place::new(self.row, self.line)) {
            Meeting::Same(_, place) | Meeting::Conflict(_, place) => Task::Repeated { first: place.to_string() },
            Meeting::New => task,
        })
    }
}

impl Source for AddressRows {
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
            let is_invitation = self.invitation.is_some();
            let task = self.task(address).unwrap_or_else(|error| Task::Settled(Box::new(Outcome::of_error(error))));
            let email = (!is_invitation).then(|| address.to_owned());
            let cells = vec![email.clone().unwrap_or_default()];
            let person = Person { email, ..Person::default() };
            let line = self.has_lines.then_some(self.line);
            return Ok(Some(Line { row: self.row, line, person, cells, has_warnings: false, task, ends_chunk: None }));
        }
    }
}
