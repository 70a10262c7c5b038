//! What a row came to, for people, for programs, and in the output file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bidden::operation::{Disposition, Email, KnownFrom, Outcome};
use bidden::{Error, Status};
use serde::{Serialize, Serializer};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::progress::Progress;
use super::{Line, Reporter, Task};
use crate::failure::{Failure, Result};
use crate::table::{Encoding, Form, Reader};
use crate::terminal;
use bidden_ledger::plan::create_private;
use bidden_ledger::stop::{Stop, reason};

/// Who a row is about.
#[derive(Clone, Default, Serialize)]
pub struct Person {
    /// The address as written, without blanks around it.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The id on the caller's side.
    pub external_id: Option<String>,
    /// TestInvite: the user or unique id that stands in where there is neither address nor external id.
    #[serde(skip)]
    pub other_id: Option<String>,
}

impl Person {
    /// What people know them by.
    #[must_use]
    pub fn label(&self) -> &str {
        [&self.email, &self.external_id, &self.other_id, &self.name].into_iter().flatten().next().map_or("", String::as_str)
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Person(…)")
    }
}

/// Text of a file or a platform on one line of a terminal: nothing that moves the cursor or turns the line round, and
/// not wider than `most`.
#[must_use]
pub fn shown(text: &str, most: usize) -> String {
    // Joiners (U+200C, U+200D) stay: Persian and Indian names need them.
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut width = 0;
    let mut shown = String::new();
    for character in text.chars() {
        width += character.width().unwrap_or(1);
        if width > most {
            shown.push('…');
            break;
        }
        shown.push(if is_unsafe(character) { '\u{fffd}' } else { character });
    }
    shown
}

/// One row as programs see it.
#[derive(Serialize)]
pub(crate) struct RowJson<'a> {
    row: u64,
    line: Option<u64>,
    candidate: &'a Person,
    disposition: Disposition,
    known_from: Option<KnownFrom>,
    email: Email,
    status: Option<&'static str>,
    platform_status: Option<&'a str>,
    invitation_id: Option<&'a str>,
    invitation_code: Option<&'a str>,
    test_url: Option<&'a str>,
    error: Option<ErrorJson<'a>>,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    kind: Option<&'static str>,
    message: String,
    field: Option<&'a str>,
    platform_code: Option<&'a str>,
}

/// What a row came to, and where the same candidate stands first when that is why.
pub(crate) fn settled(sent: Option<Outcome>, task: Task) -> (Outcome, Option<String>) {
    match (sent, task) {
        (Some(outcome), _) => (outcome, None),
        (None, Task::Settled(outcome)) => (*outcome, None),
        (None, Task::Repeated { first }) => (Outcome::of(Disposition::DuplicateRow), Some(first)),
        (None, _) => (Outcome::of(Disposition::NotSent), None),
    }
}

impl<'a> RowJson<'a> {
    /// A row, and what it came to.
    pub(crate) fn new((row, line): (u64, Option<u64>), candidate: &'a Person, outcome: &'a Outcome, first: Option<&str>) -> Self {
        RowJson {
            row,
            line,
            candidate,
            disposition: outcome.disposition,
            known_from: outcome.known_from,
            email: outcome.email,
            status: known_status(outcome),
            platform_status: outcome.platform_status.as_deref(),
            invitation_id: outcome.invitation_id.as_deref(),
            invitation_code: outcome.invitation_code.as_deref(),
            test_url: outcome.test_url.as_deref(),
            error: match (&outcome.error, first) {
                (Some(error), _) => Some(ErrorJson {
                    kind: Some(error.kind().slug()),
                    message: reason(error),
                    field: error.fields().first().map(|field| field.field.as_str()),
                    platform_code: error.platform_code(),
                }),
                // No error: it only says where the candidate stands first.
                (None, Some(first)) => {
                    Some(ErrorJson { kind: None, message: format!("the same candidate as {first}"), field: None, platform_code: None })
                }
                (None, None) => None,
            },
        }
    }
}

/// How many rows came to what, in the order of [`Disposition::ALL`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts([u64; Disposition::ALL.len()]);

impl Counts {
    /// One row more.
    pub fn add(&mut self, disposition: Disposition) {
        if let Some(count) = self.0.get_mut(disposition as usize) {
            *count += 1;
        }
    }

    /// What occurred, and how often.
    pub fn each(&self) -> impl Iterator<Item = (Disposition, u64)> {
        Disposition::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// All rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The exit code: 3 when rows were not sent, 1 when some did not end well.
    #[must_use]
    pub fn exit(&self) -> u8 {
        self.each().map(|(disposition, _)| disposition.exit_code()).max().unwrap_or(0)
    }

    /// In words, e.g. `248 invited, 2 invalid`.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<String> = self.each().map(|(disposition, count)| format!("{count} {disposition}")).collect();
        words.join(", ")
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.each().map(|(disposition, count)| (disposition.slug(), count)))
    }
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    rows: u64,
    by_disposition: Counts,
    mails: u64,
    output: Option<Cow<'a, str>>,
    ledger: Option<&'a str>,
}

/// What is reported, and where.
#[derive(Clone, Debug)]
pub struct Style {
    /// One JSON object per row instead of a table.
    pub is_json: bool,
    /// No progress and no remarks.
    pub is_quiet: bool,
    /// How many rows there are, when it is known.
    pub total: Option<u64>,
    /// The width of the widest candidate, when it is known.
    pub widest: Option<usize>,
    /// What is to be run to see the warnings.
    pub warnings_hint: String,
    /// How many rows are sent after those of `--first`, when it is known.
    pub others: Option<u64>,
    /// Where the record is.
    pub ledger: String,
}

/// Writes the rows of a run as they come in, and the summary.
#[derive(Debug)]
pub struct Report {
    style: Style,
    progress: Progress,
    output: Option<Output>,
    failed: Option<FailedRows>,
    counts: Counts,
    mails: u64,
    links: u64,
    /// Rows that have an invitation code and no link.
    codes: u64,
    with_warnings: u64,
    has_header: bool,
    /// Why nothing more is written to standard output.
    closed: Option<Failure>,
    failure: Option<Failure>,
}

const NARROWEST: usize = 9;
const WIDEST: usize = 44;

impl Report {
    /// A report without rows. Nothing is written yet, so that a run that cannot begin leaves no table behind.
    #[must_use]
    pub fn new(style: Style, output: Option<Output>, failed: Option<FailedRows>) -> Self {
        let progress = Progress::begin(style.total, style.is_quiet);
        Report {
            style,
            progress,
            output,
            failed,
            counts: Counts::default(),
            mails: 0,
            links: 0,
            codes: 0,
            with_warnings: 0,
            has_header: false,
            closed: None,
            failure: None,
        }
    }

    fn table_row(&mut self, json: &RowJson<'_>) -> Result<()> {
        let number = self.style.total.map_or(5, |total| total.to_string().len()).max(3);
        let who = self.style.widest.unwrap_or(32).clamp(NARROWEST, WIDEST);
        let line = |row: &str, candidate: &str, disposition: &str, rest: &str| {
            let gap = " ".repeat(who.saturating_sub(candidate.width()));
            format!("{row:>number$}  {candidate}{gap}  {disposition:<17}  {rest}").trim_end().to_owned()
        };
        let mut text = String::new();
        if !self.has_header {
            self.has_header = true;
            text = line("row", "candidate", "result", "link or reason") + "\n";
        }
        let code = json.invitation_code.filter(|_| json.test_url.is_none());
        let rest = match (&json.error, json.test_url.or(code)) {
            (Some(error), _) => shown(&error.message, 400),
            (None, Some(link)) => shown(link, usize::MAX),
            (None, None) => String::new(),
        };
        text += &line(&json.row.to_string(), &shown(json.candidate.label(), who.max(WIDEST)), json.disposition.slug(), &rest);
        self.progress.beside(|| terminal::print(&text))
    }

    /// Writes the summary and gives the exit code.
    ///
    /// # Errors
    /// When the results could not be written.
    pub fn finish(self, stop: &Stop) -> Result<u8> {
        self.conclude(stop).map(|(exit, _)| exit)
    }

    /// As [`Report::finish`], and gives the summary too.
    ///
    /// # Errors
    /// When the results could not be written.
    pub fn conclude(mut self, stop: &Stop) -> Result<(u8, String)> {
        self.progress.finish();
        let text = self.summary_for_people(self.output.as_ref().map(|output| output.path.to_string_lossy()).as_deref());
        let is_cut_short = stop.why().is_some_and(|why| why == "interrupted" || why.starts_with("storage"));
        let exit = if is_cut_short { 3 } else { self.counts.exit() };
        let output = self.output.as_ref().map(|output| output.path.to_string_lossy());
        if self.closed.is_none() {
            let written = if self.style.is_json {
                let summary = Summary {
                    rows: self.counts.total(),
                    by_disposition: self.counts,
                    mails: self.mails,
                    output: output.clone(),
                    ledger: Some(&self.style.ledger),
                };
                terminal::print_json(&SummaryLine { summary })
            } else {
                terminal::print(&text)
            };
            self.closed = written.err();
        }
        let left = self.counts.each().find(|(disposition, _)| *disposition == Disposition::NotSent).map_or(0, |(_, count)| count);
        if let Some(failed) = self.failed.take().and_then(FailedRows::finish) {
            terminal::note(&failed);
        }
        if let Some(why) = stop.why() {
            terminal::note(&format!("stopped: {why}; {left} {} not sent", plural(left, "row was", "rows were")));
        }
        match (self.failure, self.closed) {
            (Some(failure), _) => Err(failure),
            (None, Some(closed)) if closed.exit != 0 => Err(closed),
            _ => Ok((exit, text.trim_start().to_owned())),
        }
    }

    fn summary_for_people(&self, output: Option<&str>) -> String {
        let rows = self.counts.total();
        let mut lines = vec![String::new(), format!("{rows} {}: {}", plural(rows, "row", "rows"), self.counts.words())];
        if rows == 0 {
            lines = vec!["no rows".to_owned()];
        }
        if self.with_warnings > 0 {
            let rows = plural(self.with_warnings, "row", "rows");
            lines.push(format!("{} {rows} with warnings; `{}` lists them", self.with_warnings, self.style.warnings_hint));
        }
        let mut kept = Vec::new();
        if self.links > 0 {
            kept.push(format!("{} {}", self.links, plural(self.links, "link", "links")));
        }
        if self.codes > 0 {
            kept.push(format!("{} {}", self.codes, plural(self.codes, "invitation code", "invitation codes")));
        }
        let kept = kept.join(" and ");
        let links = match (kept.as_str(), output) {
            ("", None) => String::new(),
            ("", Some(output)) => format!(" Results: {output}"),
            (kept, Some(output)) => format!(" {kept}: {output}"),
            (kept, None) => format!(" {kept} above; `--output FILE` keeps them"),
        };
        let sentence = match self.mails {
            0 => "No mail was sent.".to_owned(),
            mails => format!("{mails} {} asked for.", plural(mails, "mail was", "mails were")),
        };
        lines.push(format!("{sentence}{links}"));
        lines.join("\n")
    }
}

impl Reporter for Report {
    fn row(&mut self, line: Line, sent: Option<Outcome>, stop: &Stop) {
        let (outcome, first) = settled(sent, line.task);
        self.counts.add(outcome.disposition);
        self.mails += u64::from(outcome.asked_for_mail);
        // Beside a reason there is no room for a link.
        let is_shown = outcome.error.is_none();
        self.links += u64::from(is_shown && outcome.test_url.is_some());
        self.codes += u64::from(is_shown && outcome.test_url.is_none() && outcome.invitation_code.is_some());
        self.with_warnings += u64::from(line.has_warnings);
        let json = RowJson::new((line.row, line.line), &line.person, &outcome, first.as_deref());
        if let Some(failed) = &mut self.failed
            && outcome.disposition.exit_code() != 0
            && self.failure.is_none()
            && let Err(failure) = failed.write(&line.cells, &json)
        {
            stop.set("the file of failed rows cannot be written");
            self.failure = Some(failure);
        }
        if let Some(output) = &mut self.output
            && self.failure.is_none()
            && let Err(failure) = output.write(&line.cells, &json)
        {
            stop.set("the output file cannot be written");
            self.failure = Some(failure);
        }
        if self.closed.is_none() {
            let written = if self.style.is_json { self.progress.beside(|| terminal::print_json(&json)) } else { self.table_row(&json) };
            if let Err(closed) = written {
                if self.output.is_none() {
                    stop.set("nobody reads the results any more");
                }
                self.closed = Some(closed);
            }
        }
        self.progress.advance(Some(&self.counts));
    }

    fn ask_to_go_on(&self, stop: &Stop) {
        if !terminal::can_ask() {
            return stop.set("the first rows are sent (--first), and without a terminal nobody can be asked for the others");
        }
        let others = match self.style.others {
            Some(others) => format!("the other {others}"),
            None => "the others".to_owned(),
        };
        let answer = self.progress.beside(|| {
            let mut error = std::io::stderr().lock();
            let _ = write!(error, "Send {others} too? Type yes: ");
            let _ = error.flush();
            let mut answer = String::new();
            std::io::stdin().read_line(&mut answer).map(|_| answer).unwrap_or_default()
        });
        if !answer.trim().eq_ignore_ascii_case("yes") {
            stop.set("the first rows are sent (--first), and the others were not wanted");
        }
    }
}

/// The word for one, or for another number.
#[must_use]
pub fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// Where the invitation stands: `unknown` when the platform accepted and did not say, nothing when there may be none.
fn known_status(outcome: &Outcome) -> Option<&'static str> {
    let is_accepted = outcome.known_from.is_some() && outcome.disposition.exit_code() == 0;
    (is_accepted || outcome.status != Status::Unknown).then(|| outcome.status.slug())
}

/// The columns that are added, in this order. `mail` is what became of the platform's mail to the candidate.
const RESULT_COLUMNS: [&str; 12] = [
    "disposition",
    "known_from",
    "mail",
    "status",
    "platform_status",
    "invitation_id",
    "invitation_code",
    "test_url",
    "error_kind",
    "error_message",
    "error_field",
    "platform_code",
];

/// The file of `--output`: the columns of the input, then the result columns, a row at a time. A result column whose
/// name the input has already is called `bidden_…`.
pub struct Output {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    columns: usize,
    makes_formulas: bool,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Output").field("path", &self.path).finish_non_exhaustive()
    }
}

/// How the output file is written: as the input was.
#[derive(Clone, Copy, Debug)]
pub struct OutputForm {
    /// What separates the cells.
    pub delimiter: u8,
    /// Whether a mark for spreadsheets stands in front.
    pub has_mark: bool,
    /// Whether the cells of the input were data whatever they began with, and would become formulas as they are.
    pub makes_formulas: bool,
}

impl OutputForm {
    /// The form that fits an input. What came from a workbook will be opened with a spreadsheet program.
    #[must_use]
    pub fn of(reader: &Reader) -> Self {
        let form = reader.header().form();
        OutputForm {
            delimiter: reader.delimiter().byte(),
            has_mark: form == Form::Cells || reader.encoding() != Encoding::Utf8,
            makes_formulas: form != Form::Columns,
        }
    }
}

impl Output {
    /// Refuses the input as output, before anything else is done.
    ///
    /// # Errors
    /// Exit 2.
    pub fn check(path: &Path, input: Option<&str>) -> Result<()> {
        match input {
            Some(input) if is_same_file(path, Path::new(input)) => {
                Err(Failure::usage("--output names the input file; give the results a file of their own"))
            }
            _ => Ok(()),
        }
    }

    /// Creates the file and writes its header.
    ///
    /// # Errors
    /// Exit 2 when the file is the input, or cannot be written.
    pub fn create(path: &Path, input: Option<&str>, header: &[String], form: OutputForm) -> Result<Self> {
        Output::check(path, input)?;
        let mut file = create_private(path).map_err(|error| Failure::usage(format!("--output cannot be written: {error}")))?;
        let cannot = |error: &dyn std::fmt::Display| Failure::usage(format!("--output cannot be written: {error}"));
        if form.has_mark {
            file.write_all("\u{feff}".as_bytes()).map_err(|error| cannot(&error))?;
        }
        let writer = csv::WriterBuilder::new().flexible(true).delimiter(form.delimiter).from_writer(BufWriter::new(file));
        let mut output = Output { path: path.to_owned(), writer, columns: header.len(), makes_formulas: form.makes_formulas };
        let is_taken = |name: &str| header.iter().any(|text| text.trim().eq_ignore_ascii_case(name));
        let added = RESULT_COLUMNS.iter().map(|name| if is_taken(name) { format!("bidden_{name}") } else { (*name).to_owned() });
        let record: Vec<String> = header.iter().cloned().chain(added).collect();
        output.writer.write_record(&record).map_err(|error| cannot(&error))?;
        output.writer.flush().map_err(|error| cannot(&error))?;
        Ok(output)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `storage` when it cannot be written.
    pub(crate) fn write(&mut self, cells: &[String], json: &RowJson<'_>) -> Result<()> {
        let (input, surplus) = cells.split_at(cells.len().min(self.columns));
        let error = json.error.as_ref();
        let results = [
            Some(Cow::Borrowed(json.disposition.slug())),
            json.known_from.as_ref().and_then(word),
            word(&json.email),
            json.status.map(Cow::Borrowed),
            json.platform_status.map(Cow::Borrowed),
            json.invitation_id.map(Cow::Borrowed),
            json.invitation_code.map(Cow::Borrowed),
            json.test_url.map(Cow::Borrowed),
            error.and_then(|error| error.kind).map(Cow::Borrowed),
            error.map(|error| Cow::Borrowed(error.message.as_str())),
            error.and_then(|error| error.field).map(Cow::Borrowed),
            error.and_then(|error| error.platform_code).map(Cow::Borrowed),
        ];
        let missing = self.columns - input.len();
        let makes_formulas = self.makes_formulas;
        let as_given = |cell: &String| {
            let cell = Cow::Owned(cell.clone());
            if makes_formulas && !is_number(&cell) { harmless(cell) } else { cell }
        };
        let record = input
            .iter()
            .map(as_given)
            .chain(std::iter::repeat_n(Cow::Borrowed(""), missing))
            .chain(results.into_iter().map(|cell| harmless(cell.unwrap_or_default())))
            // Cells beyond the header stay, behind the results, so that these keep their columns.
            .chain(surplus.iter().map(as_given));
        let written =
            self.writer.write_record(record.map(Cow::into_owned)).map_err(std::io::Error::from).and_then(|()| self.writer.flush());
        written.map_err(|error| Failure::from(Error::new(bidden::Kind::Storage, format!("the output file cannot be written: {error}"))))
    }
}

/// The column that only a file of failed rows has.
pub const FED_BACK: &str = "bidden_disposition";

/// The rows that did not end well, in a file beside the input that can be fed back: `FILE.failed.csv`. Made with the first of
/// them, never over another file.
#[derive(Debug)]
pub struct FailedRows {
    path: PathBuf,
    header: Vec<String>,
    delimiter: u8,
    /// The columns whose cells are left empty.
    secrets: Vec<usize>,
    writer: Option<csv::Writer<BufWriter<File>>>,
    rows: u64,
}

impl FailedRows {
    /// The file beside an input; nothing is made yet.
    #[must_use]
    pub fn new(input: &str, header: &[String], delimiter: u8, secrets: Vec<usize>) -> Self {
        let mut failed = FailedRows { path: PathBuf::new(), header: header.to_vec(), delimiter, secrets, writer: None, rows: 0 };
        failed.path = PathBuf::from(format!("{input}.failed.csv"));
        failed
    }

    fn open(&mut self) -> std::io::Result<()> {
        let base = self.path.clone();
        for number in 2.. {
            let mut options = File::options();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&self.path) {
                Ok(file) => {
                    let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(self.delimiter).from_writer(BufWriter::new(file));
                    let added = [FED_BACK, "bidden_error"].map(str::to_owned);
                    writer.write_record(self.header.iter().chain(&added))?;
                    self.writer = Some(writer);
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    self.path = base.with_extension(format!("{number}.csv"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write(&mut self, cells: &[String], json: &RowJson<'_>) -> Result<()> {
        if json.disposition == Disposition::NotSent {
            // It waits for the same command, and did not fail.
            return Ok(());
        }
        let mut write = || -> std::io::Result<()> {
            if self.writer.is_none() {
                self.open()?;
            }
            let Some(writer) = &mut self.writer else { return Ok(()) };
            let missing = self.header.len().saturating_sub(cells.len());
            let secrets = &self.secrets;
            let input = cells.iter().take(self.header.len()).enumerate().map(|(index, cell)| match cell.as_str() {
                _ if secrets.contains(&index) => Cow::Borrowed(""),
                cell => quoted(cell),
            });
            let message = json.error.as_ref().map_or("", |error| error.message.as_str());
            let results = [Cow::Borrowed(json.disposition.slug()), harmless(Cow::Borrowed(message))];
            let record: Vec<String> =
                input.chain(std::iter::repeat_n(Cow::Borrowed(""), missing)).chain(results).map(Cow::into_owned).collect();
            writer.write_record(record)?;
            writer.flush()
        };
        write().map_err(|error| {
            Failure::from(Error::new(bidden::Kind::Storage, format!("the file of failed rows cannot be written: {error}")))
        })?;
        self.rows += 1;
        Ok(())
    }

    /// What is said of the file; nothing when there is none.
    fn finish(self) -> Option<String> {
        self.writer.as_ref()?;
        let secrets = if self.secrets.is_empty() { "" } else { "; password and credential2 are left empty in it" };
        Some(format!("{} {}: {}{secrets}", self.rows, plural(self.rows, "failed row", "failed rows"), self.path.display()))
    }
}

/// The word that a value is in JSON.
pub(crate) fn word<'a>(value: &impl Serialize) -> Option<Cow<'a, str>> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(Cow::Owned(word)),
        _ => None,
    }
}

/// A spreadsheet takes a cell that begins like this for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What a platform sends must not become a formula.
pub(crate) fn harmless(cell: Cow<'_, str>) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { Cow::Owned(format!("'{cell}")) } else { cell }
}

/// A cell that a spreadsheet would take for a formula, with an apostrophe that [`unquoted`] takes away again. One that looks as if it had
/// been quoted already gets another, so that nothing is lost on the way back.
fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches('\'').starts_with(FORMULA) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell of a file of failed rows as it was before it was quoted.
pub(crate) fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.trim_start_matches('\'').starts_with(FORMULA) => text,
        _ => cell,
    }
}

/// Digits behind a sign, as phone numbers are written: a spreadsheet makes nothing but a number of them.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' '))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other || is_hard_link(&one, &other),
        _ => false,
    }
}

#[cfg(unix)]
fn is_hard_link(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_hard_link(_: &Path, _: &Path) -> bool {
    false
}
