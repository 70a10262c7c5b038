//! What the commands that send rows have in common: their options, and the run itself.

use std::path::PathBuf;
use std::process::ExitCode;

use bidden::capability::{Loss, losses};
use bidden::operation::{InviteOptions, TestId};
use bidden::{Error, FieldError, Platform};
use bidden_ledger::Consent;
use bidden_ledger::plan::Action;

use super::review::{self, Circumstances, Review};
use crate::configuration::{Connection, ConnectionOptions, Desk};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::rows::planner::{Planned, Planner, Survey};
use crate::rows::progress::Progress;
use crate::rows::report::{FailedRows, Output, OutputForm, Report, Style, plural};
use crate::rows::source::{AddressRows, Cells, FileRows, Preparation, Step, secret_columns};
use crate::rows::{LARGEST_BATCH, Sending, Source, run};
use crate::table::{Input, Mapping, Reader};
use crate::{terminal, values};
use bidden_ledger::stop::Stop;

/// How fast, how many, and what is shown.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// How many requests are under way at most
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Pace")]
    pub concurrency: u16,
    /// Requests per second, e.g. 5/s [default: 5/s on live hosts, no limit on loopback]
    #[arg(long, value_name = "N/s", value_parser = read_rate, help_heading = "Pace")]
    pub rate: Option<f64>,
    /// Needs no question answered
    #[arg(long, help_heading = "Consent")]
    pub yes: bool,
    /// Sends the first N rows, shows them, and asks before it goes on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Consent")]
    pub first: Option<u64>,
    /// Stops after N rows that did not end well
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Run")]
    pub stop_after_failures: Option<u64>,
    /// Writes the columns of the input and the results to this file, a row at a time
    ///
    /// The result columns are disposition, known_from, mail (what became of the platform's mail), status, platform_status, invitation_id,
    /// invitation_code, test_url, error_kind, error_message, error_field and platform_code; one whose name the input has already is called
    /// bidden_…. A result that a spreadsheet would take for a formula begins with an apostrophe.
    #[arg(long, short = 'o', value_name = "FILE", help_heading = "Files")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub show: ShowOptions,
}

/// What is shown.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct ShowOptions {
    /// One JSON object per row, and a summary
    #[arg(long)]
    pub json: bool,
    /// No progress and no remarks
    #[arg(long)]
    pub quiet: bool,
}

/// Which column is what.
#[derive(Clone, Debug, clap::Args)]
pub struct FileOptions {
    /// CSV or TSV with a header, XLSX, or JSON Lines; - for standard input
    pub file: String,
    /// The sheet of an XLSX workbook [default: the first that is not hidden]
    #[arg(long, value_name = "NAME", help_heading = "Files")]
    pub sheet: Option<String>,
    /// What a column holds when its header does not say it
    ///
    /// Fields: email, name, external_id, uniq_id, user_id, enrollment_number, password, mobile, gender, dob, course_name, extra1, extra2,
    /// extra3, profile_pic, group, labels, tags, credential1, credential2, extra_emails; and price, together with --charge-candidates.
    #[arg(long = "map", value_name = "Header=field", help_heading = "Files")]
    pub mappings: Vec<String>,
}

impl FileOptions {
    /// The mappings, and the header of the price if one is mapped to it.
    ///
    /// # Errors
    /// Exit 2 for a mapping that cannot be read.
    pub fn mappings(&self) -> Result<(Vec<Mapping>, Option<String>)> {
        let mut mappings = Vec::new();
        let mut price = None;
        for text in &self.mappings {
            match text.rsplit_once('=') {
                Some((header, field)) if field.trim() == "price" && !header.trim().is_empty() => price = Some(header.trim().to_owned()),
                _ => mappings.push(text.parse().map_err(|error| Failure::usage(format!("--map {error}")))?),
            }
        }
        Ok((mappings, price))
    }

    /// Opens the file, or standard input.
    ///
    /// # Errors
    /// Exit 2 when it cannot be opened.
    pub fn input(&self) -> Result<Input> {
        Ok(Input::open(&self.file, self.sheet.as_deref())?)
    }
}

/// Reads `5/s`, `5` or `0.5/s`.
pub(super) fn read_rate(text: &str) -> std::result::Result<f64, String> {
    let number = text.trim().strip_suffix("/s").unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a number of requests per second like 5/s is expected".to_owned()),
    }
}

/// The registrations that go into one call.
#[must_use]
pub fn batch_size(given: Option<u16>) -> usize {
    usize::from(given.unwrap_or(50)).min(LARGEST_BATCH)
}

/// The options as the platform can take them: what it cannot is refused, or with `--allow-loss` named and left out.
///
/// # Errors
/// `invalid-input` with every option that cannot be taken.
pub fn without_losses(platform: Platform, options: InviteOptions, also: &[&'static str], allow_loss: bool) -> Result<InviteOptions> {
    let lost = losses(platform, options.set().into_iter().chain(also.iter().copied()));
    let lost: Vec<_> = lost.into_iter().filter(|loss| loss.support == "not possible").collect();
    if allow_loss {
        for loss in &lost {
            terminal::note(&format!("left out: --{}: {}", loss.option, loss.note));
        }
        return Ok(options.without_losses(platform));
    }
    if lost.is_empty() {
        return Ok(options);
    }
    let faults = lost.iter().map(|loss| FieldError::new(format!("--{}", loss.option), loss.note)).collect();
    Err(Failure::from(Error::invalid_input(faults)).hint("--allow-loss sends without what the platform cannot do"))
}

/// What the user says yes to.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Consent")]
pub struct ConsentOptions {
    /// Opens invitations again that are cancelled or expired
    #[arg(long)]
    pub reopen: bool,
    /// Asks for a mail although one was asked for before
    #[arg(long)]
    pub mail_again: bool,
    /// Sends rows again of which nobody can say what came; without mail, unless --mail-again
    #[arg(long)]
    pub resend_uncertain: bool,
    /// Sends rows again that the platform refused
    #[arg(long, help_heading = "Run")]
    pub retry_failed: bool,
}

impl ConsentOptions {
    /// As the ledger takes it.
    #[must_use]
    pub fn consent(self) -> Consent {
        let ConsentOptions { reopen, mail_again, resend_uncertain, retry_failed } = self;
        Consent { reopen, mail_again, resend_uncertain, retry_failed }
    }
}

/// Everything that a command over a file decided.
#[derive(Debug)]
pub struct FileRun<'a> {
    /// The file.
    pub file: &'a FileOptions,
    /// The mappings of its columns.
    pub mappings: &'a [Mapping],
    /// What is done with each row.
    pub preparation: Preparation,
    /// How it is sent.
    pub run: &'a RunOptions,
    /// Where it is sent.
    pub connection: &'a ConnectionOptions,
    /// How many registrations go into one call.
    pub batch_size: usize,
    /// More mails than this are not asked for.
    pub most_mails: Option<u64>,
    /// What the user said yes to.
    pub consent: ConsentOptions,
    /// What the platform cannot honour.
    pub losses: &'a [Loss],
}

impl FileRun<'_> {
    fn test(&self) -> TestId {
        self.preparation.test.clone().unwrap_or_else(|| TestId::from(""))
    }

    /// Plans the rows, asks, sends them and reports them.
    ///
    /// # Errors
    /// Exit 2 before anything is sent, exit 3 when the file or the output breaks off.
    pub fn send(mut self) -> Result<ExitCode> {
        let named = (self.file.file != "-").then_some(self.file.file.as_str());
        self.run.output.as_deref().map_or(Ok(()), |path| Output::check(path, named))?;
        let mut input = self.file.input()?;
        input.keep()?;
        // A file that cannot be used says so before anything is opened for it.
        let ignored = FileRows::open(&mut input, self.mappings, &self.preparation, Cells::None)?.ignored_columns();
        let connection = Connection::open(self.connection, self.preparation.platform)?;
        self.preparation.is_live = connection.is_live();
        let ledger = connection.open_ledger()?;
        let concurrency = usize::from(self.run.concurrency);
        let rate = connection.rate(self.run.rate);
        let interrupt = Interrupt::listen()?;
        let desk = connection.desk(&ledger, &self.test(), rate, concurrency)?;
        let desk =
            desk.with_consent(self.consent.consent()).with_cancel(interrupt.cancel().clone()).with_rate(shared_rate(&connection, rate));
        if !self.run.show.quiet {
            note_ignored(&ignored);
            terminal::note(&format!("ledger: {}", connection.ledger_shown()));
        }
        // Before anything is sent the whole file is read once: what breaks it off keeps every row from being sent.
        let survey = {
            let source = FileRows::open(&mut input, self.mappings, &self.preparation, Cells::None)?;
            let mut planner = Planner::new(source, &desk, self.preparation.platform, &self.preparation.options, None);
            Survey::of(&mut planner, |_| Ok(()))?
        };
        let test = self.test();
        let circumstances = Circumstances {
            place: review::Place::from(&connection),
            test: test.as_str(),
            options: &self.preparation.options,
            rate,
            losses: self.losses,
            ignored_columns: &ignored,
        };
        let consent = review::Consent { yes: self.run.yes, max_emails: self.most_mails, is_json: self.run.show.json };
        review::ask(&Review::new(&survey, &circumstances), &connection, consent, &ledger)?;
        let mut source = FileRows::open(&mut input, self.mappings, &self.preparation, Cells::All)?;
        let header = source.reader().header().texts().to_vec();
        let form = OutputForm::of(source.reader());
        let output = self.run.output.as_deref().map(|path| Output::create(path, named, &header, form)).transpose()?;
        let secrets = secret_columns(source.reader().header()).collect();
        let failed = named.map(|input| FailedRows::new(input, &header, form.delimiter, secrets));
        let sheet = self.file.sheet.as_ref().map(|sheet| format!(" --sheet \"{sheet}\"")).unwrap_or_default();
        let warnings_hint = format!("bidden check {}{sheet} --on {}", named.unwrap_or("FILE"), self.preparation.platform);
        let style = Style {
            is_json: self.run.show.json,
            is_quiet: self.run.show.quiet,
            total: Some(survey.rows),
            widest: Some(survey.widest),
            warnings_hint,
            others: Some(survey.sendable.saturating_sub(self.run.first.unwrap_or(0))),
            ledger: connection.ledger_shown().to_owned(),
        };
        let sending = Sending {
            desk: &desk,
            concurrency,
            batch_size: self.batch_size,
            options: &self.preparation.options,
            first: self.run.first,
            run: None,
        };
        let stop = Stop::new(interrupt.cancel().clone(), self.run.stop_after_failures);
        send(&sending, &stop, &mut source, Report::new(style, output, failed))
    }

    /// Plans the rows and sends nothing; `each` sees every row, with those cells of the file that are wanted.
    ///
    /// # Errors
    /// Exit 2 when the file cannot be used.
    pub fn plan(
        mut self,
        cells: Cells,
        begin: impl FnOnce(&Connection, &Desk, &Preparation, &Reader) -> Result<()>,
        mut each: impl FnMut(&Planned) -> Result<()>,
        end: impl FnOnce(&Review<'_>) -> Result<()>,
    ) -> Result<ExitCode> {
        let mut input = self.file.input()?;
        input.keep()?;
        let ignored = FileRows::open(&mut input, self.mappings, &self.preparation, Cells::None)?.ignored_columns();
        let connection = Connection::open(self.connection, self.preparation.platform)?;
        self.preparation.is_live = connection.is_live();
        let rate = connection.rate(self.run.rate);
        let desk = connection.desk(&connection.read_ledger()?, &self.test(), rate, 1)?.with_consent(self.consent.consent());
        let source = FileRows::open(&mut input, self.mappings, &self.preparation, cells)?;
        begin(&connection, &desk, &self.preparation, source.reader())?;
        let mut planner = Planner::new(source, &desk, self.preparation.platform, &self.preparation.options, None);
        let mut progress = Progress::begin(None, self.run.show.quiet);
        let survey = Survey::of(&mut planner, |planned| {
            progress.advance(None);
            each(planned)
        })?;
        progress.finish();
        let test = self.test();
        let circumstances = Circumstances {
            place: review::Place::from(&connection),
            test: test.as_str(),
            options: &self.preparation.options,
            rate,
            losses: self.losses,
            ignored_columns: &ignored,
        };
        end(&Review::new(&survey, &circumstances))?;
        Ok(ExitCode::from(u8::from(survey.count(Action::Invalid) > 0)))
    }
}

/// One process sends from a file's ledger, and its client keeps the rate; workers on a database share one.
#[must_use]
pub fn shared_rate(connection: &Connection, rate: Option<f64>) -> Option<f64> {
    rate.filter(|_| connection.ledger_shown().contains("://"))
}

/// Says once which columns nothing is taken from.
pub fn note_ignored(ignored: &[String]) {
    if !ignored.is_empty() {
        terminal::note(&format!("columns not used: {}", ignored.join(", ")));
    }
}

/// Sends the rows of any source and reports them.
///
/// # Errors
/// Exit 3 when the source or the output breaks off.
pub fn send(sending: &Sending<'_>, stop: &Stop, source: &mut (impl Source + Send), mut report: Report) -> Result<ExitCode> {
    let read = run(source, sending, stop, &mut report);
    let exit = report.finish(stop)?;
    read.map(|()| ExitCode::from(exit))
}

/// Whom a command over addresses means.
#[derive(Clone, Copy, Debug)]
pub struct Whom<'a> {
    /// An address, or `-` for those of standard input.
    pub email: Option<&'a str>,
    /// The platform's id of an invitation.
    pub invitation: Option<&'a str>,
}

/// Does one thing to the invitations of addresses.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the input or the output breaks off.
#[allow(clippy::too_many_arguments, reason = "the options of four commands, each of which has its own structure")]
pub fn send_addresses(
    whom: Whom<'_>,
    step: Step,
    platform: Platform,
    test: &TestId,
    options: &InviteOptions,
    most_mails: Option<u64>,
    connection: &ConnectionOptions,
    run_options: &RunOptions,
    consent: ConsentOptions,
) -> Result<ExitCode> {
    // Read whole before anything is sent, so that people can be counted and asked about.
    let addresses = match whom.email {
        Some("-") => Some(values::read_text("-".as_ref())?),
        _ => None,
    };
    let argument = whom.email.unwrap_or_default();
    let is_one = addresses.is_none();
    let people = addresses.as_deref().map_or(1, |text| text.lines().filter(|line| !line.trim().is_empty()).count() as u64);
    let mails = if options.send_email { people } else { 0 };
    let connection = Connection::open(connection, platform)?;
    let is_live = connection.is_live();
    if let Some(most) = most_mails.filter(|most| mails > *most) {
        let word = plural(mails, "mail", "mails");
        return Err(Failure::usage(format!("{mails} {word} would be asked for, more than --max-emails {most}")));
    }
    let ledger = connection.open_ledger()?;
    // Whoever names one person means it, also after a refusal.
    let consent = ConsentOptions { retry_failed: consent.retry_failed || is_one, ..consent };
    let rows = || match (whom.invitation, &addresses) {
        (Some(id), _) => AddressRows::invitation(id, step, is_live),
        (None, Some(text)) => AddressRows::lines(text, step, is_live),
        (None, None) => AddressRows::new(argument, step, is_live),
    };
    let concurrency = usize::from(run_options.concurrency);
    let rate = connection.rate(run_options.rate);
    let interrupt = Interrupt::listen()?;
    let desk = connection.desk(&ledger, test, rate, concurrency)?;
    let desk = desk.with_consent(consent.consent()).with_cancel(interrupt.cancel().clone()).with_rate(shared_rate(&connection, rate));
    if !run_options.show.quiet {
        terminal::note(&format!("ledger: {}", connection.ledger_shown()));
    }
    if is_live {
        let mut planner = Planner::new(rows(), &desk, platform, options, None);
        let survey = Survey::of(&mut planner, |_| Ok(()))?;
        let circumstances = Circumstances {
            place: review::Place::from(&connection),
            test: test.as_str(),
            options,
            rate,
            losses: &[],
            ignored_columns: &[],
        };
        let mut review = Review::new(&survey, &circumstances);
        review.at_most(mails);
        let said = review::Consent { yes: run_options.yes, max_emails: most_mails, is_json: run_options.show.json };
        review::ask(&review, &connection, said, &ledger)?;
    }
    let form = OutputForm { delimiter: b',', has_mark: false, makes_formulas: false };
    let output = run_options.output.as_deref().map(|path| Output::create(path, None, &["email".to_owned()], form)).transpose()?;
    let style = Style {
        is_json: run_options.show.json,
        is_quiet: run_options.show.quiet,
        total: Some(people),
        widest: is_one.then(|| unicode_width::UnicodeWidthStr::width(argument)),
        warnings_hint: String::new(),
        others: None,
        ledger: connection.ledger_shown().to_owned(),
    };
    let sending = Sending { desk: &desk, concurrency, batch_size: 1, options, first: run_options.first, run: None };
    let stop = Stop::new(interrupt.cancel().clone(), run_options.stop_after_failures);
    send(&sending, &stop, &mut rows(), Report::new(style, output, None))
}
