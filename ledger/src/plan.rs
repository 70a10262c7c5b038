//! A plan as a file: what would be done, bound to what was seen when it was made. JSON Lines: a header, a row each, a footer.
//!
//! Rows are self-contained, apart from secrets: `password` and `credential2` are left out, and read again from the original file,
//! whose digest the header holds. Every other cell of the input comes along, so that results can be written beside it. The footer holds counts and the digest of all before it, so that a cut file is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use bidden::candidate::{Field, Row};
use bidden::imocha::ProctoringMode;
use bidden::operation::{Disposition, InviteOptions, KnownFrom, Outcome};
use bidden::testinvite::{Currency, Language, Price, Resource, Scope};
use bidden::{AccessWindow, Candidate, Decimal, Error, FieldError, Kind, Platform, Status, Time};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::law::{Consent, Reason, Verdict};
use crate::record::Standing;
use crate::storage::Found;
use crate::{Digest, Place};

/// The version of the format. Another one is refused.
pub const VERSION: u32 = 1;

/// What would be done with a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Invited; whether new or not cannot be known.
    Invite,
    /// A new candidate is created.
    Create,
    /// The window or other terms are replaced.
    Refresh,
    /// A cancelled or expired invitation is opened again.
    Reopen,
    /// An answer was lost; asked again what came of it.
    Resolve,
    /// Nothing to do.
    Unchanged,
    /// The attempt is over: a reattempt is needed.
    AlreadyAttempted,
    /// The attempt is running.
    InProgress,
    /// The same person stands further up.
    DuplicateRow,
    /// The row cannot be sent.
    Invalid,
    /// Kept back until somebody decides.
    Held,
    /// Nobody can say what came of an earlier request.
    Uncertain,
    /// The platform or the rules said no before; sent again with `--retry-failed`.
    Refused,
}

impl Action {
    /// All of them, in the order in which a plan counts them.
    pub const ALL: [Action; 13] = [
        Action::Invite,
        Action::Create,
        Action::Refresh,
        Action::Reopen,
        Action::Resolve,
        Action::Unchanged,
        Action::AlreadyAttempted,
        Action::InProgress,
        Action::DuplicateRow,
        Action::Invalid,
        Action::Held,
        Action::Uncertain,
        Action::Refused,
    ];

    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Action::Invite => "invite",
            Action::Create => "create",
            Action::Refresh => "refresh",
            Action::Reopen => "reopen",
            Action::Resolve => "resolve",
            Action::Unchanged => "unchanged",
            Action::AlreadyAttempted => "already-attempted",
            Action::InProgress => "in-progress",
            Action::DuplicateRow => "duplicate-row",
            Action::Invalid => "invalid",
            Action::Held => "held",
            Action::Uncertain => "uncertain",
            Action::Refused => "refused",
        }
    }

    /// Whether something that changes the platform is sent for it.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Action::Invite | Action::Create | Action::Refresh | Action::Reopen | Action::Resolve)
    }

    /// What a verdict means in a plan: the action, whether a mail is asked for, and why where nothing is done.
    #[must_use]
    pub fn of(platform: Platform, verdict: &Verdict, standing: &Standing) -> (Self, bool, Option<String>) {
        match verdict {
            Verdict::Send { with_mail, reason, .. } => {
                let action = match (reason, platform) {
                    (Reason::Refresh, _) => Action::Refresh,
                    (Reason::Reopen, _) => Action::Reopen,
                    (Reason::Resolve, _) => Action::Resolve,
                    (_, Platform::TestInvite) => Action::Create,
                    _ => Action::Invite,
                };
                (action, *with_mail, None)
            }
            Verdict::Known(disposition) => {
                let action = Action::ALL.into_iter().find(|action| action.slug() == disposition.slug());
                let why = standing.failure.as_ref().filter(|_| action.is_none()).map(|failure| failure.message.clone());
                let fallback = if disposition.exit_code() == 0 { Action::Unchanged } else { Action::Refused };
                (action.unwrap_or(fallback), false, why)
            }
            Verdict::Held(why) => (Action::Held, false, Some(why.clone())),
            Verdict::Uncertain(why) => (Action::Uncertain, false, Some(why.clone())),
            Verdict::Busy | Verdict::LookUp => (Action::Held, false, Some("another worker is sending this row now".to_owned())),
        }
    }
}

/// What was seen of a row's invitation when the plan was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenThen {
    /// How often the record had changed.
    pub version: i64,
    /// Where the invitation stood.
    pub status: String,
}

impl SeenThen {
    /// What is seen now; `None` when the record knows nobody.
    #[must_use]
    pub fn of(found: &Found, standing: &Standing) -> Option<Self> {
        match found {
            Found::One(record) => Some(SeenThen { version: record.version, status: standing.status.slug().to_owned() }),
            Found::Nobody | Found::Conflict(_) => None,
        }
    }
}

/// What changed the record of a row's invitation last, as far as a plan that is applied has to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LastChange {
    /// An operation of this very plan: nothing else has moved it.
    Operation,
    /// A look-up of this very plan: what it saw is compared, the version of the record is its own doing.
    LookUp,
    /// Something else.
    Elsewhere,
}

impl LastChange {
    /// What it was for the plan of this digest.
    #[must_use]
    pub fn of(found: &Found, run: Digest) -> Self {
        match found {
            Found::One(record) if record.standing.run == Some(run) => LastChange::Operation,
            Found::One(record) if record.standing.looked_up_by == Some(run) => LastChange::LookUp,
            _ => LastChange::Elsewhere,
        }
    }

    /// Whether what a plan saw does not hold any more.
    #[must_use]
    pub fn has_moved(self, then: Option<&SeenThen>, now: Option<&SeenThen>) -> bool {
        let status = |seen: Option<&SeenThen>| seen.map(|seen| seen.status.clone());
        match self {
            LastChange::Operation => false,
            LastChange::LookUp => status(then) != status(now),
            LastChange::Elsewhere => then != now,
        }
    }
}

/// How many rows whose world has moved are named.
const NAMED: usize = 20;

/// The rows of a plan whose world has moved since it was made: one is enough to send nothing.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    named: Vec<String>,
    count: usize,
}

impl Moved {
    /// Another one: what was seen of it then, and what is seen now.
    pub fn add(&mut self, row: u64, then: Option<&SeenThen>, now: Option<&SeenThen>) {
        self.count += 1;
        if self.named.len() < NAMED {
            let what = match (then, now) {
                (None, Some(now)) => format!("the candidate was invited since ({})", now.status),
                (Some(then), Some(now)) if then.status != now.status => format!("the invitation was {} and is {}", then.status, now.status),
                (Some(_), Some(_)) => "the ledger's record of the invitation has changed".to_owned(),
                (_, None) => "the ledger does not know the invitation any more".to_owned(),
            };
            self.named.push(format!("row {row}: {what}"));
        }
    }

    /// Whether the plan still holds.
    ///
    /// # Errors
    /// `invalid-input` when it is stale, with the first rows that are.
    pub fn check(&self) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let more = if self.count > NAMED { format!("; and {} more", self.count - NAMED) } else { String::new() };
        Err(Error::new(Kind::InvalidInput, format!("the plan is stale, and nothing was sent: {}{more}", self.named.join("; "))))
    }
}

/// The first line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub plan: u32,
    /// When it was made.
    pub made_at: String,
    /// Where its invitations stand.
    pub place: Place,
    /// The address that it was made for.
    pub base_url: String,
    /// How they are made.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// What was said yes to when it was made: what it says would be done is done without being asked again.
    #[serde(default, skip_serializing_if = "Consent::is_none")]
    pub consent: Consent,
    /// The original file, for those who need its secrets.
    pub input: Option<InputFile>,
    /// Its columns; none in a plan that was made without them, whose rows tell the candidate alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
}

/// The columns of the input, and how its like is written: a row's results stand behind its cells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Columns {
    /// The header cells as they were written.
    pub header: Vec<String>,
    /// Which field each column holds, where it holds one alone.
    pub fields: Vec<Option<String>>,
    /// What separates the cells.
    pub delimiter: char,
    /// Whether a mark for spreadsheets stands in front.
    pub has_mark: bool,
    /// Whether the cells were data whatever they began with, and would become formulas as they are.
    pub makes_formulas: bool,
}

impl Columns {
    fn field(&self, column: usize) -> Option<&str> {
        self.fields.get(column)?.as_deref()
    }

    fn is_secret(&self, column: usize) -> bool {
        self.field(column).and_then(Field::from_name).is_some_and(Field::is_secret)
    }

    /// The columns that hold secrets, counted from 0. Their cells are in no row.
    pub fn secrets(&self) -> impl Iterator<Item = usize> {
        (0..self.header.len()).filter(|column| self.is_secret(*column))
    }

    /// The cell that a candidate's fields tell.
    fn told<'a>(&self, column: usize, candidate: &'a BTreeMap<String, String>) -> &'a str {
        self.field(column).and_then(|field| candidate.get(field)).map_or("", String::as_str)
    }

    /// The cells of a row that its candidate's fields do not tell, with their columns: what [`PlannedRow::cells`] holds.
    #[must_use]
    pub fn untold(&self, cells: &[String], candidate: &BTreeMap<String, String>) -> Vec<(usize, String)> {
        let is_untold = |(column, cell): &(usize, &String)| {
            *column >= self.header.len() || (*cell != self.told(*column, candidate) && !self.is_secret(*column))
        };
        cells.iter().enumerate().filter(is_untold).map(|(column, cell)| (column, cell.clone())).collect()
    }

    /// The cells of a row as they stood in the input, those of secrets empty.
    #[must_use]
    pub fn cells(&self, row: &PlannedRow) -> Vec<String> {
        let mut cells: Vec<String> = (0..self.header.len()).map(|column| self.told(column, &row.candidate).to_owned()).collect();
        for (column, text) in &row.cells {
            match cells.get_mut(*column) {
                Some(cell) => cell.clone_from(text),
                // Cells beyond the header stand behind one another.
                None => cells.push(text.clone()),
            }
        }
        cells
    }
}

/// The file that a plan was made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InputFile {
    /// Its name as it was given.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Which header holds which field, where that was said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<String>,
    /// The sheet of a workbook, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// One row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PlannedRow {
    /// The record, from 1.
    pub row: u64,
    /// The line on which it begins.
    pub line: Option<u64>,
    /// What would be done.
    pub action: Action,
    /// Whether a mail to the candidate is asked for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mail: bool,
    /// The candidate's fields, secrets apart.
    pub candidate: BTreeMap<String, String>,
    /// The secrets that were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The cells of the input that `candidate` does not tell, with their columns counted from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<(usize, String)>,
    /// The price of this row, where a column holds prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// What was seen.
    pub seen: Option<SeenThen>,
    /// Why nothing is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The same for programs, where fields of the row are at fault: field and reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<(String, String)>,
}

/// What a row of a plan comes to without anything being sent or asked.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The same person stands further up.
    Repeated {
        /// Where, in words.
        first: String,
    },
    /// This.
    Outcome(Box<Outcome>),
}

impl PlannedRow {
    /// What the plan alone says the row comes to; none where the record is to be asked.
    #[must_use]
    pub fn settled(&self) -> Option<Settled> {
        let outcome = |disposition, error| Outcome { error: Some(error), ..Outcome::of(disposition) };
        let why = || self.why.clone().unwrap_or_default();
        let refused = || match self.faults.is_empty() {
            true => Error::new(Kind::InvalidInput, why()),
            false => Error::invalid_input(self.faults.iter().map(|(field, reason)| FieldError::new(field, reason)).collect()),
        };
        Some(match self.action {
            Action::DuplicateRow => {
                let why = why();
                Settled::Repeated { first: why.strip_prefix(SAME_AS).unwrap_or(&why).to_owned() }
            }
            Action::Invalid => Settled::Outcome(Box::new(outcome(Disposition::Invalid, refused()))),
            // By the file: which candidate is meant cannot be told.
            Action::Held if self.seen.is_none() && !self.faults.is_empty() => {
                Settled::Outcome(Box::new(outcome(Disposition::Held, refused())))
            }
            // By the ledger, which holds two candidates.
            Action::Held if self.seen.is_none() => {
                let held = outcome(Disposition::Held, Error::new(Kind::Refused, why()));
                Settled::Outcome(Box::new(Outcome { known_from: Some(KnownFrom::Ledger), ..held }))
            }
            _ => return None,
        })
    }

    /// What the row comes to where the secrets that the plan leaves out cannot be had. `remedy` says where they can.
    #[must_use]
    pub fn without_secrets(&self, remedy: &str) -> Outcome {
        let error = Error::new(Kind::InvalidInput, format!("{} is not in the plan; {remedy}", self.left_out.join(", ")));
        Outcome { error: Some(error), ..Outcome::of(Disposition::Held) }
    }

    /// The candidate, with the secrets that the plan leaves out.
    ///
    /// # Errors
    /// `invalid-input` with every field that is not what the platform takes.
    pub fn candidate(&self, secrets: &BTreeMap<Field, String>, platform: Platform, now: Time) -> Result<Candidate, Error> {
        let mut row = Row::new();
        for (name, value) in &self.candidate {
            if let Some(field) = Field::from_name(name) {
                row.set(field, value);
            }
        }
        for (field, value) in secrets {
            row.set(*field, value);
        }
        Candidate::from_row(&row, Some(platform), now)
    }
}

/// How a plan begins to say why a row is a duplicate.
pub const SAME_AS: &str = "the same candidate as ";

/// The last line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Footer {
    /// How many rows there are.
    pub rows: u64,
    /// How many mails to candidates are asked for.
    pub mails: u64,
    /// How many rows come to what.
    pub counts: BTreeMap<String, u64>,
    /// SHA-256 of everything before this line.
    pub digest: Digest,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LineOfPlan {
    Row(Box<PlannedRow>),
    End { end: Footer },
}

impl LineOfPlan {
    /// The last line is known by its beginning: trying one form after the other would keep each line twice.
    fn read(line: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct End {
            end: Footer,
        }
        if line.starts_with(b"{\"end\":") {
            let End { end } = serde_json::from_slice(line)?;
            return Ok(LineOfPlan::End { end });
        }
        Ok(LineOfPlan::Row(Box::new(serde_json::from_slice(line)?)))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The fields of a candidate as a plan holds them, and the names of the secrets that it does not.
#[must_use]
pub fn fields_of(candidate: &Candidate) -> (BTreeMap<String, String>, Vec<String>) {
    let mut fields = BTreeMap::new();
    let mut left_out = Vec::new();
    for field in Field::ALL {
        if let Some(text) = candidate.text(field) {
            if field.is_secret() {
                left_out.push(field.name().to_owned());
            } else {
                fields.insert(field.name().to_owned(), text.to_owned());
            }
        }
    }
    (fields, left_out)
}

/// Writes a plan.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    hasher: sha2::Sha256,
    rows: u64,
    mails: u64,
    counts: BTreeMap<String, u64>,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// `storage` when it cannot be written.
    pub fn new(output: W, header: &Header) -> Result<Self, Error> {
        let mut writer = Writer { output, hasher: sha2::Sha256::new(), rows: 0, mails: 0, counts: BTreeMap::new() };
        writer.line(header)?;
        Ok(writer)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let mut text =
            serde_json::to_vec(value).map_err(|error| Error::new(Kind::Internal, "a plan's line cannot be written").with_source(error))?;
        text.push(b'\n');
        self.hasher.update(&text);
        self.output.write_all(&text).map_err(unwritten)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `storage` when it cannot be written.
    pub fn row(&mut self, row: &PlannedRow) -> Result<(), Error> {
        self.rows += 1;
        self.mails += u64::from(row.mail);
        *self.counts.entry(row.action.slug().to_owned()).or_default() += 1;
        self.line(row)
    }

    /// Writes the last line.
    ///
    /// # Errors
    /// `storage` when it cannot be written.
    pub fn finish(mut self) -> Result<Footer, Error> {
        let digest = Digest(std::mem::take(&mut self.hasher).finalize().into());
        let footer = Footer { rows: self.rows, mails: self.mails, counts: std::mem::take(&mut self.counts), digest };
        self.line(&LineOfPlan::End { end: footer.clone() })?;
        self.output.flush().map_err(unwritten)?;
        Ok(footer)
    }
}

fn unwritten(error: std::io::Error) -> Error {
    Error::new(Kind::Storage, format!("the plan cannot be written: {error}")).with_source(error)
}

/// Reads a plan, line by line.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    header: Header,
    hasher: sha2::Sha256,
    line: Vec<u8>,
    number: u64,
    rows: u64,
    mails: u64,
    counts: BTreeMap<String, u64>,
    footer: Option<Footer>,
}

/// Far more than any row needs: a line beyond it is no line of a plan. A record of an input has 4 MiB at most, and JSON writes
/// a byte with six at most.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// `invalid-input` when it is no plan of this version.
    pub fn new(input: R) -> Result<Self, Error> {
        let mut reader = Reader {
            input,
            header: Header {
                plan: VERSION,
                made_at: String::new(),
                place: Place { platform: String::new(), address: String::new(), account: String::new(), test: String::new(), within: None },
                base_url: String::new(),
                options: serde_json::Map::new(),
                consent: Consent::default(),
                input: None,
                columns: None,
            },
            hasher: sha2::Sha256::new(),
            line: Vec::new(),
            number: 0,
            rows: 0,
            mails: 0,
            counts: BTreeMap::new(),
            footer: None,
        };
        if !reader.next_line()? {
            return Err(Error::new(Kind::InvalidInput, "the plan is empty"));
        }
        #[derive(Deserialize)]
        struct Version {
            plan: u32,
        }
        let version: Version = serde_json::from_slice(&reader.line)
            .map_err(|_| Error::new(Kind::InvalidInput, "this is no plan; `bidden plan -o FILE` makes one"))?;
        if version.plan != VERSION {
            let message = format!("the plan has version {}, this program knows {VERSION}; make it again", version.plan);
            return Err(Error::new(Kind::InvalidInput, message));
        }
        reader.header = serde_json::from_slice(&reader.line).map_err(|error| reader.unreadable(&error))?;
        reader.hasher.update(&reader.line);
        Ok(reader)
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The footer, once the last row is read.
    pub fn footer(&self) -> Option<&Footer> {
        self.footer.as_ref()
    }

    fn next_line(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.number += 1;
        let read = std::io::Read::take(&mut self.input, LONGEST_LINE).read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| Error::new(Kind::InvalidInput, format!("the plan cannot be read: {error}")).with_source(error))?;
        Ok(read > 0)
    }

    fn unreadable(&self, error: &serde_json::Error) -> Error {
        Error::new(
            Kind::InvalidInput,
            format!("line {} of the plan cannot be read (column {}); make the plan again", self.number, error.column()),
        )
    }

    /// The next row; `None` behind the last one, once the footer has proved that nothing is missing.
    ///
    /// # Errors
    /// `invalid-input` when the plan was cut or changed.
    pub fn next_row(&mut self) -> Result<Option<PlannedRow>, Error> {
        if self.footer.is_some() {
            return Ok(None);
        }
        let cut = |why: &str| Error::new(Kind::InvalidInput, format!("the plan {why}; make it again"));
        if !self.next_line()? || self.line.last() != Some(&b'\n') {
            return Err(cut("is cut: its last line is missing"));
        }
        match LineOfPlan::read(&self.line).map_err(|error| self.unreadable(&error))? {
            LineOfPlan::Row(row) => {
                self.hasher.update(&self.line);
                self.rows += 1;
                self.mails += u64::from(row.mail);
                *self.counts.entry(row.action.slug().to_owned()).or_default() += 1;
                Ok(Some(*row))
            }
            LineOfPlan::End { end } => {
                let digest = Digest(std::mem::take(&mut self.hasher).finalize().into());
                let counted = Footer { rows: self.rows, mails: self.mails, counts: std::mem::take(&mut self.counts), digest };
                if counted != end {
                    return Err(cut("was changed after it was made"));
                }
                if self.next_line()? {
                    return Err(cut("goes on behind its last line"));
                }
                self.footer = Some(end);
                Ok(None)
            }
        }
    }
}

/// A plan file, open.
#[derive(Debug)]
pub struct PlanFile {
    file: File,
    /// What it was made for.
    pub header: Header,
}

impl PlanFile {
    /// Opens a plan and reads its header.
    ///
    /// # Errors
    /// `invalid-input` when it cannot be read or is no plan.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| {
            Error::new(Kind::InvalidInput, format!("the plan {} cannot be opened: {error}", path.display())).with_source(error)
        })?;
        let header = Reader::new(BufReader::new(&file))?.header().clone();
        Ok(PlanFile { file, header })
    }

    fn again(&self) -> Result<FromStart, Error> {
        let unreadable = |error: std::io::Error| Error::new(Kind::InvalidInput, format!("the plan cannot be read again: {error}"));
        let length = self.file.metadata().map_err(unreadable)?.len();
        Ok(FromStart { file: self.file.try_clone().map_err(unreadable)?, at: 0, length })
    }

    /// Its rows from the first on. Any number of readers may go through them at once.
    ///
    /// # Errors
    /// `invalid-input` when it cannot be read.
    pub fn rows(&self) -> Result<Reader<BufReader<FromStart>>, Error> {
        Reader::new(BufReader::with_capacity(1 << 16, self.again()?))
    }

    /// The last line, which proves that nothing is missing.
    ///
    /// # Errors
    /// `invalid-input` when the plan was cut or changed.
    pub fn footer(&self) -> Result<Footer, Error> {
        footer_of(&mut self.again()?)
    }
}

/// A file with a place of its own in it: copies of a handle share theirs.
#[derive(Debug)]
pub struct FromStart {
    file: File,
    at: u64,
    length: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&self.file, buffer, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for FromStart {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.length, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        self.at = from.checked_add_signed(by).ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Makes a file that only its owner reads: plans and results hold people and links to tests.
///
/// # Errors
/// Of the system.
pub fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The last line of a plan, proved by the digest of all before it, without reading the rows one by one.
///
/// # Errors
/// `invalid-input` when the plan was cut or changed.
pub fn footer_of(file: &mut (impl Read + Seek)) -> Result<Footer, Error> {
    let unreadable = |error: std::io::Error| Error::new(Kind::InvalidInput, format!("the plan cannot be read: {error}")).with_source(error);
    let cut = |why: &str| Error::new(Kind::InvalidInput, format!("the plan {why}; make it again"));
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let tail = length.min(LONGEST_FOOTER);
    file.seek(SeekFrom::Start(length - tail)).map_err(unreadable)?;
    let mut end = vec![0; usize::try_from(tail).unwrap_or(0)];
    file.read_exact(&mut end).map_err(unreadable)?;
    let text = end.strip_suffix(b"\n").ok_or_else(|| cut("is cut: its last line is missing"))?;
    let begins = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let Ok(LineOfPlan::End { end: footer }) = LineOfPlan::read(&text[begins..]) else {
        return Err(cut("is cut: its last line is missing"));
    };
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut left = length - tail + begins as u64;
    let mut hasher = crate::digest::Hasher::default();
    let mut buffer = vec![0; 1 << 17];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = file.read(&mut buffer[..most]).map_err(unreadable)?;
        if count == 0 {
            return Err(cut("became shorter while it was read"));
        }
        hasher.update(&buffer[..count]);
        left -= count as u64;
    }
    if hasher.finish() == footer.digest { Ok(footer) } else { Err(cut("was changed after it was made")) }
}

/// A footer holds a few counts and a digest.
const LONGEST_FOOTER: u64 = 64 * 1024;

/// The options of an invitation, under the command's names.
#[must_use]
pub fn options_to_json(options: &InviteOptions) -> serde_json::Map<String, serde_json::Value> {
    let mut map = serde_json::Map::new();
    let mut put = |name: &str, value: serde_json::Value| {
        let is_empty = value.is_null() || value == false || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            map.insert(name.to_owned(), value);
        }
    };
    let time = |time: Option<Time>| time.map(|time| time.to_string());
    put("send_email", options.send_email.into());
    put("email_template", options.email_template.clone().into());
    put("send_at", time(options.send_at).into());
    put("stakeholder_emails", options.stakeholder_emails.clone().into());
    put("start", time(options.window.start).into());
    put("end", time(options.window.end).into());
    put("time_zone_id", options.time_zone_id.into());
    put("callback_url", options.callback_url.clone().into());
    put("callback_resource", word(Resource::WORDS, options.callback_resource).into());
    put("redirect_url", options.redirect_url.clone().into());
    put("proctoring", word(&ProctoringMode::WORDS, options.proctoring).into());
    put("hide_instruction", options.hide_instruction.into());
    put("skip_password", options.skip_password.into());
    put("course", options.course.clone().into());
    put("group", options.group.clone().into());
    put("labels", options.labels.clone().into());
    put("tags", options.tags.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect::<Vec<_>>().into());
    put("language", word(Language::WORDS, options.language).into());
    put("program_ids", options.program_ids.clone().into());
    put("unique_within", word(Scope::WORDS, options.unique_within).into());
    put("no_tracking", options.no_tracking.into());
    put("price", options.price.as_ref().map(price_to_text).into());
    map
}

fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: Option<T>) -> Option<&'static str> {
    words.iter().find(|(_, known)| Some(*known) == value).map(|(word, _)| *word)
}

/// An amount and its currency as one text.
#[must_use]
pub fn price_to_text(price: &Price) -> String {
    format!("{} {}", price.amount, word(Currency::WORDS, Some(price.currency)).unwrap_or_default())
}

/// Reads an amount and its currency, e.g. `19.90 EUR`.
///
/// # Errors
/// `invalid-input`, field `price`.
pub fn price_from_text(text: &str) -> Result<Price, Error> {
    let expected = || Error::invalid_field("price", "an amount and a currency like 19.90 EUR are expected");
    let (amount, currency) = text.trim().split_once(char::is_whitespace).ok_or_else(expected)?;
    let currency = currency.trim().to_ascii_uppercase();
    let currency = Currency::WORDS.iter().find(|(known, _)| *known == currency).map(|(_, currency)| *currency);
    Ok(Price { amount: Decimal::parse(amount).map_err(|_| expected())?, currency: currency.ok_or_else(expected)? })
}

/// The options of a plan's header.
///
/// # Errors
/// `invalid-input` for an option that this program does not know or cannot read.
pub fn options_from_json(map: &serde_json::Map<String, serde_json::Value>) -> Result<InviteOptions, Error> {
    let mut options = InviteOptions::default();
    for (name, value) in map {
        let wrong = || Error::invalid_field(name.clone(), "cannot be read in the plan's header");
        let text = || value.as_str().map(str::to_owned).ok_or_else(wrong);
        let flag = || value.as_bool().ok_or_else(wrong);
        let time = || Time::parse(value.as_str().unwrap_or_default()).map_err(|_| wrong());
        let texts = |value: &serde_json::Value| {
            let list = value.as_array().ok_or_else(wrong)?;
            list.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<Vec<_>, _>>()
        };
        match name.as_str() {
            "send_email" => options.send_email = flag()?,
            "email_template" => options.email_template = Some(text()?),
            "send_at" => options.send_at = Some(time()?),
            "stakeholder_emails" => options.stakeholder_emails = Some(text()?),
            "start" => options.window = AccessWindow { start: Some(time()?), ..options.window },
            "end" => options.window = AccessWindow { end: Some(time()?), ..options.window },
            "time_zone_id" => options.time_zone_id = Some(value.as_i64().ok_or_else(wrong)?),
            "callback_url" => options.callback_url = Some(text()?),
            "callback_resource" => options.callback_resource = Some(read_word(Resource::WORDS, value).ok_or_else(wrong)?),
            "redirect_url" => options.redirect_url = Some(text()?),
            "proctoring" => options.proctoring = Some(read_word(&ProctoringMode::WORDS, value).ok_or_else(wrong)?),
            "hide_instruction" => options.hide_instruction = flag()?,
            "skip_password" => options.skip_password = flag()?,
            "course" => options.course = Some(text()?),
            "group" => options.group = Some(text()?),
            "labels" => options.labels = texts(value)?,
            "tags" => {
                for pair in value.as_array().ok_or_else(wrong)? {
                    let [key, value] = texts(pair)?.try_into().map_err(|_| wrong())?;
                    options.tags.push((key, value));
                }
            }
            "language" => options.language = Some(read_word(Language::WORDS, value).ok_or_else(wrong)?),
            "program_ids" => options.program_ids = texts(value)?,
            "unique_within" => options.unique_within = Some(read_word(Scope::WORDS, value).ok_or_else(wrong)?),
            "no_tracking" => options.no_tracking = flag()?,
            "price" => options.price = Some(price_from_text(value.as_str().unwrap_or_default())?),
            _ => return Err(Error::invalid_field(name.clone(), "is an option that this program does not know; make the plan again")),
        }
    }
    Ok(options)
}

fn read_word<T: Copy>(words: &[(&'static str, T)], value: &serde_json::Value) -> Option<T> {
    let text = value.as_str()?;
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

/// The status of a slug, as `seen` holds it.
#[must_use]
pub fn status_of(slug: &str) -> Status {
    Status::from_slug(slug).unwrap_or(Status::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let place =
            Place { platform: "imocha".into(), address: "sandbox".into(), account: "default".into(), test: "1".into(), within: None };
        Header {
            plan: VERSION,
            made_at: "2026-01-01T00:00:00Z".into(),
            place,
            base_url: "http://x".into(),
            options: serde_json::Map::new(),
            consent: Consent::default(),
            input: None,
            columns: None,
        }
    }

    fn row(number: u64) -> PlannedRow {
        PlannedRow {
            row: number,
            line: Some(number + 1),
            action: Action::Invite,
            mail: true,
            candidate: BTreeMap::from([("email".to_owned(), format!("c{number}@example.com"))]),
            left_out: Vec::new(),
            cells: Vec::new(),
            price: None,
            seen: None,
            why: None,
            faults: Vec::new(),
        }
    }

    fn written() -> (Vec<u8>, Footer) {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, &header()).unwrap();
        (1..=3).for_each(|number| writer.row(&row(number)).unwrap());
        let footer = writer.finish().unwrap();
        (bytes, footer)
    }

    fn read(bytes: &[u8]) -> Result<(Vec<PlannedRow>, Footer), Error> {
        let mut reader = Reader::new(bytes)?;
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            rows.push(row);
        }
        Ok((rows, reader.footer().unwrap().clone()))
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let (bytes, footer) = written();
        assert_eq!(footer_of(&mut std::io::Cursor::new(&bytes)).unwrap(), footer);
        assert_eq!(read(&bytes).unwrap(), ((1..=3).map(row).collect(), footer.clone()));
        assert_eq!((footer.rows, footer.mails, footer.counts.get("invite")), (3, 3, Some(&3)));
    }

    #[test]
    fn a_plan_that_was_cut_or_changed_anywhere_is_refused() {
        let (bytes, _) = written();
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]).unwrap_err().kind(), Kind::InvalidInput, "cut at {length}");
            let mut cut = std::io::Cursor::new(&bytes[..length]);
            assert_eq!(footer_of(&mut cut).unwrap_err().kind(), Kind::InvalidInput, "cut at {length}");
        }
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] = if changed[index] == b'2' { b'7' } else { b'2' };
            let read = read(&changed);
            assert!(read.is_err() || changed == bytes, "byte {index} changed and nobody noticed");
        }
    }

    #[test]
    fn the_cells_of_an_input_come_back_as_they_were_and_those_of_secrets_empty() {
        let fields = [None, Some("email"), Some("password"), Some("external_id"), None];
        let columns = Columns {
            header: ["", "E-Mail", "Password", "Nr", "Remark"].map(str::to_owned).into(),
            fields: fields.map(|field| field.map(str::to_owned)).into(),
            delimiter: ';',
            has_mark: false,
            makes_formulas: false,
        };
        assert_eq!(columns.secrets().collect::<Vec<_>>(), [2]);
        let row = |cells: &[&str]| {
            let cells: Vec<String> = cells.iter().copied().map(str::to_owned).collect();
            let cells = columns.untold(&cells, &row(1).candidate);
            PlannedRow { cells, ..row(1) }
        };
        let plain = row(&["", "c1@example.com", "hunter", "", "=1"]);
        assert_eq!(plain.cells, [(4, "=1".to_owned())], "what the candidate's fields tell stands once");
        assert_eq!(columns.cells(&plain), ["", "c1@example.com", "", "", "=1"]);
        let blanks = row(&["x", " c1@example.com", "hunter", "7", "", "", ""]);
        assert_eq!(columns.cells(&blanks), ["x", " c1@example.com", "", "7", "", "", ""]);
        // A cell that is empty where the candidate has a value, and a row that is too short.
        assert_eq!(columns.cells(&row(&["", ""]))[1], "");
        let text = serde_json::to_vec(&LineOfPlan::Row(Box::new(blanks.clone()))).unwrap();
        let LineOfPlan::Row(read) = LineOfPlan::read(&text).unwrap() else { panic!("no row") };
        assert_eq!(*read, blanks);
    }

    #[test]
    fn options_come_back_as_they_were() {
        let options = InviteOptions {
            send_email: true,
            email_template: Some("welcome".into()),
            window: AccessWindow { start: Some(Time::from_seconds(1_800_000_000)), end: Some(Time::from_seconds(1_900_000_000)) },
            labels: vec!["a".into(), "b".into()],
            tags: vec![("k".into(), "v=1".into())],
            language: Some(Language::WORDS[0].1),
            unique_within: Some(Scope::Labels),
            price: Some(price_from_text("19.90 eur").unwrap()),
            proctoring: Some(ProctoringMode::Video),
            ..InviteOptions::default()
        };
        assert_eq!(options_from_json(&options_to_json(&options)).unwrap(), options);
        assert!(options_to_json(&InviteOptions::default()).is_empty());
    }
}
