//! Many rows for a program that shows them itself, as the Python package does: read, looked at, planned and sent by the code of the
//! commands. Nothing is asked and nothing is printed; consent comes along, and each row goes to whoever called.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bidden::candidate::{Field, Finding, Findings};
use bidden::client::Cancel;
use bidden::operation::{Disposition, InviteOptions, Outcome, TestId};
use bidden::{BaseUrl, Error, Platform, Time};
use bidden_ledger::plan::{Header as PlanHeader, VERSION, Writer, create_private, options_from_json, options_to_json};
use bidden_ledger::{Consent, Ledger};
use serde::Serialize;

use crate::commands::apply::{look_again, secrets};
use crate::commands::check::column_of;
use crate::commands::invite::check_once;
use crate::commands::plan::{columns_of, input_file, is_input, row_of};
use crate::commands::review::{Circumstances, Place, Review, Said};
use crate::commands::sending::{FileOptions, batch_size, without_losses};
pub use crate::configuration::{Desk, LIVE_RATE};
use crate::failure::{Failure, Result};
use crate::rows::checking::{Checked, Checking, KEYS, RowFindings};
use crate::rows::planned::{Claims, PlanFile, PlanRows};
use crate::rows::planner::{Planner, Survey};
pub use crate::rows::report::Person;
use crate::rows::report::{Counts, Output, OutputForm, RowJson, settled};
use crate::rows::source::{Cells, FileRows, Preparation};
use crate::rows::{Line, Reporter, Sending, run};
use crate::table::{self, CellName, Chunk, Form, Input};
use bidden_ledger::seen::{Meeting, Place as SeenPlace, Seen};
use bidden_ledger::stop::Stop;

/// Where the rows come from.
#[derive(Debug)]
pub enum Rows {
    /// A file: CSV, TSV, XLSX or JSON Lines. `-` is standard input.
    File {
        /// Its name.
        name: String,
        /// The sheet of a workbook.
        sheet: Option<String>,
        /// `Header=field` for columns whose header does not say what they hold.
        mappings: Vec<String>,
    },
    /// JSON Lines that a program wrote for this run: their lines are nobody's.
    Written {
        /// The file, whole.
        file: std::fs::File,
        /// `Key=field`.
        mappings: Vec<String>,
    },
    /// None at all.
    Nobody,
}

/// What is done with the rows, apart from where they go.
#[derive(Debug)]
pub struct Wish {
    /// The test.
    pub test: TestId,
    /// How everybody is invited.
    pub options: InviteOptions,
    /// What was said yes to.
    pub consent: Consent,
    /// Whether somebody said yes to reaching people.
    pub is_confirmed: bool,
    /// To how many mails at most.
    pub max_emails: Option<u64>,
    /// Whether candidates may be charged.
    pub charge_candidates: bool,
    /// Whether options are left out that the platform cannot honour.
    pub allow_loss: bool,
    /// How many requests are under way at most.
    pub concurrency: u16,
    /// How many registrations go into one call.
    pub batch_size: Option<u16>,
    /// After how many rows that did not end well the others are not sent.
    pub stop_after_failures: Option<u64>,
    /// After how many rows that are sent the others are not.
    pub first: Option<u64>,
    /// The file for the columns of the input and the results.
    pub output: Option<PathBuf>,
}

impl Wish {
    /// What is wrong with it whatever the rows are.
    ///
    /// # Errors
    /// `invalid-input` with every option that the platform cannot take.
    pub fn check(&self, platform: Platform, mappings: &[String]) -> Result<()> {
        self.preparation(platform, false, price_header(mappings)?).map(|_| ())
    }

    fn preparation(&self, platform: Platform, is_live: bool, price_header: Option<String>) -> Result<Preparation> {
        let mut given = self.options.clone();
        let also: Vec<&'static str> = self.batch_size.iter().map(|_| "batch-size").collect();
        let is_charged = given.price.is_some() || price_header.is_some();
        if is_charged && !self.charge_candidates {
            return Err(Failure::from(Error::invalid_field("charge_candidates", "is not given, and candidates are to pay")));
        }
        if price_header.is_some() && platform != Platform::TestInvite {
            return Err(Failure::from(Error::invalid_field("price", "can be sent to TestInvite only")));
        }
        if self.allow_loss {
            given = given.without_losses(platform);
        } else {
            given = without_losses(platform, given, &also, false)?;
        }
        let now = SystemTime::now().into();
        let preparation = Preparation { platform, test: Some(self.test.clone()), options: given, price_header, now, is_live };
        check_once(&preparation)?;
        Ok(preparation)
    }
}

fn price_header(mappings: &[String]) -> Result<Option<String>> {
    Ok(file_options(String::new(), None, mappings.to_vec()).mappings()?.1)
}

fn file_options(file: String, sheet: Option<String>, mappings: Vec<String>) -> FileOptions {
    FileOptions { file, sheet, mappings }
}

/// The desk that the rows go to, and where it stands.
pub struct Counter {
    /// The invitations.
    pub desk: Desk,
    /// On which platform.
    pub platform: Platform,
    /// At which address.
    pub base_url: BaseUrl,
    /// The name of the account.
    pub account: String,
    /// Requests per second.
    pub rate: Option<f64>,
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Counter").field("platform", &self.platform).finish_non_exhaustive()
    }
}

impl Counter {
    fn is_live(&self) -> bool {
        !self.base_url.is_loopback()
    }

    fn ledger(&self) -> &Ledger {
        self.desk.ledger()
    }

    fn place(&self) -> Place<'_> {
        Place { platform: self.platform, host: self.base_url.host(), account: &self.account, ledger: self.ledger().location() }
    }

    /// With what was said yes to, until somebody cancels.
    fn prepared(mut self, consent: Consent, cancel: &Cancel) -> Self {
        // Workers on a database share a rate; one process sends from a file's ledger, and its client keeps the rate.
        let shared = self.rate.filter(|_| self.ledger().location().contains("://"));
        self.desk = self.desk.with_consent(consent).with_cancel(cancel.clone()).with_rate(shared);
        self
    }
}

/// A row, and what it came to.
#[derive(Debug)]
pub struct Told {
    /// The record, from 1.
    pub row: u64,
    /// The line of the file on which it begins.
    pub line: Option<u64>,
    /// Who it is.
    pub person: Person,
    /// What it came to.
    pub outcome: Outcome,
    /// Where the same candidate stands first, when that is why.
    pub first: Option<String>,
}

/// What all rows came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many.
    pub rows: u64,
    /// What they came to, and how many.
    pub by_disposition: Vec<(Disposition, u64)>,
    /// Mails that were asked for.
    pub mails: u64,
    /// Why the run ended before its end.
    pub stopped: Option<String>,
    /// Rows that other workers have sent.
    pub elsewhere: u64,
    /// The exit code of the command.
    pub exit: u8,
}

/// Hands the rows on.
struct Telling<F> {
    tell: F,
    has_lines: bool,
    counts: Counts,
    mails: u64,
    output: Option<Output>,
    failure: Option<Failure>,
}

impl<F: FnMut(Told) -> bool> Telling<F> {
    fn new(tell: F, has_lines: bool, output: Option<Output>) -> Self {
        Telling { tell, has_lines, counts: Counts::default(), mails: 0, output, failure: None }
    }

    fn conclude(self, read: Result<()>, stop: &Stop, elsewhere: u64) -> Result<Summary> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        read?;
        let stopped = stop.why();
        let is_cut_short = stopped.as_ref().is_some_and(|why| why == "interrupted" || why.starts_with("storage"));
        let exit = if is_cut_short { 3 } else { self.counts.exit() };
        let by_disposition = self.counts.each().collect();
        Ok(Summary { rows: self.counts.total(), by_disposition, mails: self.mails, stopped, elsewhere, exit })
    }
}

impl<F: FnMut(Told) -> bool> Reporter for Telling<F> {
    fn row(&mut self, line: Line, sent: Option<Outcome>, stop: &Stop) {
        let Line { row, line, person, cells, task, .. } = line;
        let line = line.filter(|_| self.has_lines);
        let (outcome, first) = settled(sent, task);
        self.counts.add(outcome.disposition);
        self.mails += u64::from(outcome.asked_for_mail);
        if let Some(output) = &mut self.output
            && self.failure.is_none()
            && let Err(failure) = output.write(&cells, &RowJson::new((row, line), &person, &outcome, first.as_deref()))
        {
            stop.set("the output file cannot be written");
            self.failure = Some(failure);
        }
        if !(self.tell)(Told { row, line, person, outcome, first }) {
            stop.set("interrupted");
        }
    }

    /// Nobody can be asked: whoever has looked at the first rows calls again.
    fn ask_to_go_on(&self, stop: &Stop) {
        stop.set("the first rows are sent");
    }
}

/// The rows as they are read, any number of times.
struct Table {
    input: Input,
    options: FileOptions,
    /// The name of the file, where it has one that others know.
    named: Option<String>,
}

impl Rows {
    /// Which columns are what.
    #[must_use]
    pub fn mappings(&self) -> &[String] {
        match self {
            Rows::File { mappings, .. } | Rows::Written { mappings, .. } => mappings,
            Rows::Nobody => &[],
        }
    }

    /// To be read any number of times.
    fn open(self) -> Result<Option<Table>> {
        let mut table = self.open_once()?;
        table.as_mut().map_or(Ok(()), |table| table.input.keep())?;
        Ok(table)
    }

    fn open_once(self) -> Result<Option<Table>> {
        let (options, input) = match self {
            Rows::Nobody => return Ok(None),
            Rows::File { name, sheet, mappings } => {
                let options = file_options(name, sheet, mappings);
                let input = options.input()?;
                (options, input)
            }
            Rows::Written { file, mappings } => {
                let options = file_options("-".to_owned(), None, mappings);
                (options, Input::written("the given rows", file))
            }
        };
        let named = (options.file != "-").then(|| options.file.clone());
        Ok(Some(Table { input, options, named }))
    }
}

/// Invites the rows, in order, and hands each on with what it came to. `begin` is told how many there are once the whole input was read
/// and before anything is sent; when `tell` says no, nothing more is sent.
///
/// # Errors
/// Exit 2 before anything is sent: for an input that cannot be used, options that the platform cannot take, missing consent. Exit 3 when
/// it breaks off.
pub fn invite(
    rows: Rows,
    wish: &Wish,
    counter: Counter,
    cancel: &Cancel,
    begin: impl FnOnce(u64),
    tell: impl FnMut(Told) -> bool,
) -> Result<Summary> {
    let has_lines = matches!(rows, Rows::File { .. });
    let preparation = wish.preparation(counter.platform, counter.is_live(), price_header(rows.mappings())?)?;
    let Some(mut table) = rows.open()? else {
        begin(0);
        return Telling::new(tell, false, None).conclude(Ok(()), &Stop::new(cancel.clone(), None), 0);
    };
    wish.output.as_deref().map_or(Ok(()), |path| Output::check(path, table.named.as_deref()))?;
    let (mappings, _) = table.options.mappings()?;
    let counter = counter.prepared(wish.consent, cancel);
    // Before anything is sent the whole input is read once: what breaks it off keeps every row from being sent.
    let mut source = FileRows::open(&mut table.input, &mappings, &preparation, Cells::None)?;
    let rows = if counter.is_live() || wish.max_emails.is_some() {
        let ignored = source.ignored_columns();
        let survey = Survey::of(&mut Planner::new(source, &counter.desk, counter.platform, &preparation.options, None), |_| Ok(()))?;
        consented(&review(&survey, wish, &preparation, &counter, &ignored), &counter, wish)?;
        survey.rows
    } else {
        source.count()?
    };
    begin(rows);
    let cells = if wish.output.is_some() { Cells::All } else { Cells::None };
    let mut source = FileRows::open(&mut table.input, &mappings, &preparation, cells)?;
    let (header, form) = (source.reader().header().texts().to_vec(), OutputForm::of(source.reader()));
    let output = wish.output.as_deref().map(|path| Output::create(path, table.named.as_deref(), &header, form)).transpose()?;
    let sending = Sending {
        desk: &counter.desk,
        concurrency: usize::from(wish.concurrency),
        batch_size: batch_size(wish.batch_size),
        options: &preparation.options,
        first: wish.first,
        run: None,
    };
    let stop = Stop::new(cancel.clone(), wish.stop_after_failures);
    let mut telling = Telling::new(tell, has_lines, output);
    let read = run(&mut source, &sending, &stop, &mut telling);
    telling.conclude(read, &stop, 0)
}

fn review<'a>(
    survey: &'a Survey,
    wish: &'a Wish,
    preparation: &'a Preparation,
    counter: &'a Counter,
    ignored_columns: &'a [String],
) -> Review<'a> {
    let circumstances = Circumstances {
        place: counter.place(),
        test: wish.test.as_str(),
        options: &preparation.options,
        rate: counter.rate,
        losses: &[],
        ignored_columns,
    };
    Review::new(survey, &circumstances)
}

/// What would be sent to whom, and how much of it, is said yes to beforehand: nobody is asked here.
fn consented(review: &Review<'_>, counter: &Counter, wish: &Wish) -> Result<()> {
    let mails = review.mails();
    let refused = |reason: String| Err(Failure::from(Error::invalid_field("confirm", reason)));
    match review.said(counter.is_live(), wish.is_confirmed, wish.max_emails) {
        Said::Yes => Ok(()),
        Said::NotSoMany(most) => refused(format!("allows {most} mails, and {mails} would be asked for; nothing was sent")),
        Said::NotToMails => refused(format!("says nothing of mails, and {mails} would be asked for; nothing was sent")),
        Said::Nothing => refused(format!(
            "is missing: {} people would be reached at {}, and {mails} mails be asked for; nothing was sent",
            review.would_send(),
            counter.base_url.host()
        )),
    }
}

/// Writes what [`invite`] would do into a file, or nowhere, and gives the review of it as JSON.
///
/// # Errors
/// Exit 2 when the input cannot be used or the plan not be written.
pub fn plan(rows: Rows, wish: &Wish, counter: Counter, cancel: &Cancel, path: Option<&Path>) -> Result<String> {
    let preparation = wish.preparation(counter.platform, counter.is_live(), price_header(rows.mappings())?)?;
    let Some(mut table) = rows.open()? else {
        return Err(Failure::from(Error::invalid_field("candidates", "hold nobody: there is nothing to plan")));
    };
    if let (Some(input), Some(path)) = (table.named.as_deref(), path)
        && is_input(input, path)
    {
        return Err(Failure::from(Error::invalid_field("path", "names the input; give the plan a file of its own")));
    }
    let (mappings, _) = table.options.mappings()?;
    let ignored = FileRows::open(&mut table.input, &mappings, &preparation, Cells::None)?.ignored_columns();
    let counter = counter.prepared(wish.consent, cancel);
    let source = FileRows::open(&mut table.input, &mappings, &preparation, Cells::WithoutSecrets)?;
    let columns = columns_of(source.reader());
    let header = PlanHeader {
        plan: VERSION,
        made_at: preparation.now.to_string(),
        place: counter.desk.base().clone(),
        base_url: counter.base_url.as_str().to_owned(),
        options: options_to_json(&preparation.options),
        consent: wish.consent,
        input: input_file(&table.options)?,
        columns: Some(columns.clone()),
    };
    let mut writer = match path {
        Some(path) => {
            let file = create_private(path).map_err(|error| Failure::usage(format!("the plan cannot be written: {error}")))?;
            Some(Writer::new(std::io::BufWriter::with_capacity(1 << 16, file), &header)?)
        }
        None => None,
    };
    let mut planner = Planner::new(source, &counter.desk, counter.platform, &preparation.options, None);
    let survey = Survey::of(&mut planner, |planned| {
        if cancel.is_cancelled() {
            return Err(Failure { exit: 3, ..Failure::usage("interrupted; nothing was sent") });
        }
        Ok(writer.as_mut().map_or(Ok(()), |writer| writer.row(&row_of(planned, &columns)))?)
    })?;
    writer.map_or(Ok(()), |writer| writer.finish().map(drop))?;
    to_json(&review(&survey, wish, &preparation, &counter, &ignored))
}

/// Reads for which test a plan was made.
///
/// # Errors
/// Exit 2 when it cannot be read or is no plan.
pub fn test_of_plan(path: &str) -> Result<TestId> {
    Ok(TestId::from(PlanFile::open(path)?.header.place.test.as_str()))
}

/// Sends what a plan says. That it was made and is sent is the consent; `wish` says how, and its test and options are the plan's.
/// `original` is the file that the plan was made from, for the secrets that no plan holds.
///
/// # Errors
/// As [`invite`]; exit 2 when the plan is stale.
pub fn apply(
    path: &str,
    original: Option<&str>,
    wish: &Wish,
    counter: Counter,
    cancel: &Cancel,
    begin: impl FnOnce(u64),
    tell: impl FnMut(Told) -> bool,
) -> Result<Summary> {
    let plan = PlanFile::open(path)?;
    let footer = plan.footer()?;
    if *counter.desk.base() != plan.header.place {
        return Err(Failure::usage("the plan was made for another platform, account or address than this client's"));
    }
    let mut counter = counter.prepared(plan.header.consent.or(wish.consent), cancel);
    counter.desk = counter.desk.with_run(Some(footer.digest));
    let preparation = Preparation {
        platform: counter.platform,
        test: Some(TestId::from(plan.header.place.test.as_str())),
        options: options_from_json(&plan.header.options)?,
        price_header: None,
        now: SystemTime::now().into(),
        is_live: counter.is_live(),
    };
    let survey = look_again(&plan, &preparation, &counter.desk, secrets(original, &plan)?, footer.digest)?;
    if let Some(most) = wish.max_emails.filter(|most| survey.mails > *most) {
        let reason = format!("allows {most} mails, and {} would be asked for; nothing was sent", survey.mails);
        return Err(Failure::from(Error::invalid_field("confirm", reason)));
    }
    begin(survey.rows);
    let claims = Claims { ledger: counter.ledger().clone(), run: footer.digest, rows: footer.rows };
    let mut source = PlanRows::new(&plan, &preparation, secrets(original, &plan)?, Some(claims))?;
    let (header, form) = source.layout();
    let output = wish.output.as_deref().map(|output| Output::create(output, Some(path), &header, form)).transpose()?;
    let sending = Sending {
        desk: &counter.desk,
        concurrency: usize::from(wish.concurrency),
        batch_size: batch_size(wish.batch_size),
        options: &preparation.options,
        first: wish.first,
        run: Some(footer.digest),
    };
    let stop = Stop::new(cancel.clone(), wish.stop_after_failures);
    let mut telling = Telling::new(tell, plan.header.input.is_some(), output);
    let read = run(&mut source, &sending, &stop, &mut telling);
    telling.conclude(read, &stop, source.elsewhere())
}

/// The rows of a file in order, each with everything that was found in it.
pub struct CheckedRows {
    checking: Checking,
    columns: [Option<String>; Field::COUNT],
    seen: Seen,
    has_lines: bool,
}

impl std::fmt::Debug for CheckedRows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.checking.fmt(formatter)
    }
}

/// Rows that were checked, and what was found in some of them.
#[derive(Debug)]
pub struct CheckedChunk {
    /// The rows.
    pub chunk: Arc<Chunk>,
    /// By the place of the row in the chunk, in order.
    pub found: Vec<(usize, FoundInRow)>,
    /// Whether the rows stand on lines of a file.
    pub has_lines: bool,
}

/// What was found in a row.
#[derive(Debug, Default)]
pub struct FoundInRow {
    /// What keeps it from being sent.
    pub errors: Vec<FoundInCell>,
    /// What is probably a mistake.
    pub warnings: Vec<FoundInCell>,
}

/// One thing that was found.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FoundInCell {
    /// The field; `row` for the shape of the row.
    pub field: &'static str,
    /// The header of its column.
    pub column: Option<String>,
    /// The name of its cell, in a workbook.
    pub cell: Option<String>,
    /// What is wrong and what was expected.
    pub reason: String,
    /// The value as given; none when absent or a secret.
    pub value: Option<String>,
}

impl CheckedRows {
    /// Begins to check the rows of an input.
    ///
    /// # Errors
    /// Exit 2 when it cannot be used.
    pub fn begin(rows: Rows, platform: Option<Platform>, today: Time) -> Result<Option<Self>> {
        let has_lines = matches!(rows, Rows::File { .. });
        let Some(mut table) = rows.open_once()? else { return Ok(None) };
        let (mappings, _) = table.options.mappings()?;
        let checking = Checking::begin(table.input.read(&mappings)?, platform, today);
        let columns = Field::ALL.map(|field| column_of(checking.header(), field));
        Ok(Some(CheckedRows { checking, columns, seen: Seen::limited(KEYS), has_lines }))
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// Exit 2 where the file breaks off; all rows before that place were handed out.
    pub fn next_chunk(&mut self) -> Result<Option<CheckedChunk>> {
        let Some(Checked { chunk, keys, found: by_cells, .. }) = self.checking.next_chunk() else {
            return match self.checking.broken() {
                Some(error) => Err(error.into()),
                None => Ok(None),
            };
        };
        let mut found = Vec::with_capacity(by_cells.len());
        let mut by_cells = by_cells.into_iter().peekable();
        for (index, (row, keys)) in chunk.rows().zip(&keys).enumerate() {
            let meeting = self.seen.meet(keys, SeenPlace::new(row.record(), row.line()));
            let findings = by_cells.next_if(|(at, _)| *at == index).map(|(_, findings)| findings);
            if findings.is_some() || meeting != Meeting::New {
                found.push((index, self.found(row, findings, meeting)));
            }
        }
        Ok(Some(CheckedChunk { chunk: Arc::new(chunk), found, has_lines: self.has_lines }))
    }

    /// Gives rows back that nobody holds any more, to be filled again.
    pub fn recycle(&self, chunk: Chunk) {
        self.checking.recycle(chunk);
    }

    fn found(&self, row: table::Row<'_>, findings: Option<RowFindings>, meeting: Meeting) -> FoundInRow {
        let header = self.checking.header();
        let of_field = |field: Field, reason: String, value: Option<String>| FoundInCell {
            field: field.name(),
            column: self.columns.get(field as usize).cloned().flatten(),
            cell: header.cell(field, row.line()).map(|cell| cell.to_string()),
            reason,
            value,
        };
        let of_finding = |finding: Finding| of_field(finding.field, finding.reason.into_owned(), finding.value);
        let mut found = FoundInRow::default();
        match findings {
            Some(RowFindings::Shape(fault)) => {
                let index = fault.column().map(|column| column - 1);
                found.errors.push(FoundInCell {
                    field: "row",
                    column: index.and_then(|index| header.texts().get(index)).cloned(),
                    cell: index.filter(|_| header.form() == Form::Cells).map(|index| CellName::new(index, row.line()).to_string()),
                    reason: header.told(fault, row.line()),
                    value: None,
                });
            }
            Some(RowFindings::Cells(Findings { errors, warnings })) => {
                found.errors.extend(errors.into_iter().map(of_finding));
                found.warnings.extend(warnings.into_iter().map(of_finding));
            }
            None => {}
        }
        let value = |field| row.field(field).map(|text| text.trim().to_owned());
        match meeting {
            Meeting::New => {}
            Meeting::Same(field, place) => {
                let reason = format!("is the same candidate as {place}");
                found.warnings.push(of_field(field, reason, value(field)));
            }
            // Such a row is held.
            Meeting::Conflict(field, place) => found.errors.push(of_field(field, Meeting::conflict(field, place), value(field))),
        }
        found
    }
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Failure::from(Error::new(bidden::Kind::Internal, "a review cannot be written as JSON").with_source(error)))
}
