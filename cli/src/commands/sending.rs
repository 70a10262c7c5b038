//! What the commands that send rows have in common: their options, and the run itself.

use std::path::PathBuf;
use std::process::ExitCode;

use bidden::capability::losses;
use bidden::operation::{InviteOptions, TestId};
use bidden::{Error, FieldError, Platform};

use crate::configuration::{Connection, ConnectionOptions};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::rows::report::{Output, OutputForm, Report, Style, plural};
use crate::rows::source::{FileRows, Preparation, Survey};
use crate::rows::stop::Stop;
use crate::rows::{LARGEST_BATCH, Sending, Source, run};
use crate::table::{Input, Mapping};
use crate::terminal;

/// How fast, how many, and what is shown.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// How many requests are under way at most
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Pace")]
    pub concurrency: u16,
    /// Requests per second, e.g. 5/s [default: no limit on loopback]
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
    #[arg(long, value_name = "FILE", help_heading = "Files")]
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
fn read_rate(text: &str) -> std::result::Result<f64, String> {
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

/// Everything that a command over a file decided.
#[derive(Debug)]
pub struct FileRun<'a> {
    /// The file.
    pub file: &'a FileOptions,
    /// The mappings of its columns.
    pub mappings: &'a [Mapping],
    /// What is done with each row.
    pub preparation: &'a Preparation,
    /// How it is sent.
    pub run: &'a RunOptions,
    /// Where it is sent.
    pub connection: &'a ConnectionOptions,
    /// How many registrations go into one call.
    pub batch_size: usize,
    /// More mails than this are not asked for.
    pub most_mails: Option<u64>,
}

impl FileRun<'_> {
    /// Sends the rows of the file and reports them.
    ///
    /// # Errors
    /// Exit 2 before anything is sent, exit 3 when the file or the output breaks off.
    pub fn send(&self) -> Result<ExitCode> {
        let FileRun { file, preparation, .. } = self;
        let mut input = file.input()?;
        input.keep()?;
        // Before anything is sent the whole file is read once: what breaks it off keeps every row from being sent.
        let survey = Survey::of(&mut FileRows::open(&mut input, self.mappings, preparation, false)?)?;
        if let Some(most) = self.most_mails
            && preparation.asks_for_mail()
            && survey.sendable > most
        {
            let mails = plural(survey.sendable, "mail", "mails");
            return Err(Failure::usage(format!("{} {mails} would be asked for, more than --max-emails {most}", survey.sendable)));
        }
        let keeps_cells = self.run.output.is_some();
        let mut source = FileRows::open(&mut input, self.mappings, preparation, keeps_cells)?;
        let connection = Connection::open(self.connection, preparation.platform)?;
        let header = source.reader().header().texts().to_vec();
        let form = OutputForm::of(source.reader());
        if !self.run.show.quiet {
            note_ignored(&source.ignored_columns());
        }
        let named = (file.file != "-").then_some(file.file.as_str());
        let output = self.run.output.as_deref().map(|path| Output::create(path, named, &header, form)).transpose()?;
        let sheet = file.sheet.as_ref().map(|sheet| format!(" --sheet \"{sheet}\"")).unwrap_or_default();
        let warnings_hint = format!("bidden check {}{sheet} --on {}", named.unwrap_or("FILE"), preparation.platform);
        let style = Style {
            is_json: self.run.show.json,
            is_quiet: self.run.show.quiet,
            total: Some(survey.rows),
            widest: Some(survey.widest),
            warnings_hint,
            others: Some(survey.sendable.saturating_sub(self.run.first.unwrap_or(0))),
        };
        let sending = Parameters {
            batch_size: self.batch_size,
            options: &preparation.options,
            then_assign: preparation.test.as_ref(),
            most_mails: self.most_mails,
        };
        send(&connection, self.run, &sending, &mut source, style, output)
    }
}

/// Says once which columns nothing is taken from.
pub fn note_ignored(ignored: &[String]) {
    if !ignored.is_empty() {
        terminal::note(&format!("columns not used: {}", ignored.join(", ")));
    }
}

/// What a run sends, beside its rows.
#[derive(Debug)]
pub struct Parameters<'a> {
    /// How many registrations go into one call.
    pub batch_size: usize,
    /// The options of registrations and assignments.
    pub options: &'a InviteOptions,
    /// The test that is assigned after a registration.
    pub then_assign: Option<&'a TestId>,
    /// More mails than this are not asked for.
    pub most_mails: Option<u64>,
}

/// Sends the rows of any source and reports them.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the source or the output breaks off.
pub fn send(
    connection: &Connection,
    options: &RunOptions,
    parameters: &Parameters<'_>,
    source: &mut (impl Source + Send),
    style: Style,
    output: Option<Output>,
) -> Result<ExitCode> {
    let concurrency = usize::from(options.concurrency);
    let client = connection.client(options.rate, concurrency)?;
    let stop = Stop::new(Interrupt::listen()?, options.stop_after_failures);
    let mut report = Report::new(style, output);
    let sending = Sending {
        client: &client,
        concurrency,
        batch_size: parameters.batch_size,
        options: parameters.options,
        then_assign: parameters.then_assign,
        first: options.first,
        most_mails: parameters.most_mails,
    };
    let read = run(source, &sending, &stop, &mut report);
    let exit = report.finish(&stop)?;
    read.map(|()| ExitCode::from(exit))
}
