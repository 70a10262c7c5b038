//! `bidden apply`: a plan is looked at once more, and sent. The same command continues after an interruption.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::Platform;
use bidden::operation::TestId;
use bidden_ledger::plan::{Moved, SeenThen, options_from_json};
use serde::{Deserialize, Serialize};

use super::plan::{apply_command, digest_of};
use super::review::{self, Circumstances, Review};
use super::sending::{ConsentOptions, RunOptions, batch_size, shared_rate};
use crate::configuration::{Connection, ConnectionOptions, Desk, ProfileOptions};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::rows::planned::{Claims, PlanFile, PlanRows, Secrets};
use crate::rows::planner::{Planned, Planner, Survey, invitee};
use crate::rows::report::{FailedRows, Output, Report, Style};
use crate::rows::source::Preparation;
use crate::rows::{LARGEST_BATCH, Line, Sending, Source};
use crate::table::Input;
use crate::terminal;
use bidden_ledger::stop::Stop;

/// The plan, and how it is sent.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Where to, which test and how stand in the plan. The command may be run again after an\n\
interruption: what was sent is not sent again. Several may run at once on one\n\
PostgreSQL ledger. Rows that did not end well are in FILE.failed.csv beside the file that\n\
the plan was made from, or beside the plan where that file is not there.\n\n\
Exit code: 0 every row ended well, 1 some did not, 2 the plan is stale, or consent or\n\
configuration is missing, and nothing was sent, 3 stopped early.\n\n\
Example: bidden apply plan.jsonl --yes --max-emails 250")]
pub struct Options {
    /// The plan that `bidden plan` made
    plan: String,
    /// The original file, for password and credential2, which no plan holds
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    secrets: Option<String>,
    /// Which profile of which file.
    #[command(flatten)]
    profile: ProfileOptions,
    /// The record of what was sent: a file, or postgres://…
    #[arg(long, value_name = "FILE|postgres://…", help_heading = "Files")]
    ledger: Option<String>,
    /// Refuses the run when it would ask for more mails to candidates than this
    #[arg(long, value_name = "N", help_heading = "Consent")]
    max_emails: Option<u64>,
    /// How many candidates are registered with one call (Think Exam) [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=LARGEST_BATCH as i64), help_heading = "Pace")]
    batch_size: Option<u16>,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    consent: ConsentOptions,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 when the plan cannot be read or is stale, or consent is missing; exit 3 when it breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    let plan = PlanFile::open(&options.plan)?;
    let footer = plan.footer()?;
    let platform =
        plan.header.place.platform().ok_or_else(|| Failure::usage("the plan names a platform that this program does not know"))?;
    let connection = connection(options, &plan, platform)?;
    let ledger = connection.open_ledger()?;
    let run = footer.digest;
    if let Some(exit) = is_finished(options, &ledger, run)? {
        return Ok(exit);
    }
    let interrupt = Interrupt::listen()?;
    let concurrency = usize::from(options.run.concurrency);
    let rate = connection.rate(options.run.rate);
    let test = TestId::from(plan.header.place.test.as_str());
    let desk = connection.desk(&ledger, &test, rate, concurrency)?;
    if *desk.base() != plan.header.place {
        return Err(Failure::usage("the plan was made for another account or address than the configuration names"));
    }
    let desk = desk
        .with_consent(plan.header.consent.or(options.consent.consent()))
        .with_run(Some(run))
        .with_cancel(interrupt.cancel().clone())
        .with_rate(shared_rate(&connection, rate));
    if !options.run.show.quiet {
        terminal::note(&format!("ledger: {}", connection.ledger_shown()));
    }
    let preparation = Preparation {
        platform,
        test: Some(test.clone()),
        options: options_from_json(&plan.header.options)?,
        price_header: None,
        now: SystemTime::now().into(),
        is_live: connection.is_live(),
    };
    let survey = look_again(&plan, &preparation, &desk, secrets(options.secrets.as_deref(), &plan)?, run)?;
    if platform == Platform::ThinkExam && !options.run.show.quiet && survey.sendable > 0 {
        terminal::note("Think Exam shows no assignment: whether others changed one since the plan was made cannot be known");
    }
    let circumstances = Circumstances {
        place: review::Place::from(&connection),
        test: test.as_str(),
        options: &preparation.options,
        rate,
        losses: &[],
        ignored_columns: &[],
    };
    let consent = review::Consent { yes: options.run.yes, max_emails: options.max_emails, is_json: options.run.show.json };
    review::ask(&Review::new(&survey, &circumstances), &connection, consent, &ledger)?;
    let claims = Claims { ledger: ledger.clone(), run, rows: footer.rows };
    let mut source = PlanRows::new(&plan, &preparation, secrets(options.secrets.as_deref(), &plan)?, Some(claims))?;
    let (header, form) = source.layout();
    let original = plan.header.input.as_ref().map(|input| input.name.as_str());
    options.run.output.as_deref().map_or(Ok(()), |path| Output::check(path, original))?;
    let output = options.run.output.as_deref().map(|path| Output::create(path, Some(&options.plan), &header, form)).transpose()?;
    let secrets = plan.header.columns.iter().flat_map(|columns| columns.secrets()).collect();
    let failed = FailedRows::new(failed_beside(&options.plan, original), &header, form.delimiter, secrets);
    let style = Style {
        is_json: options.run.show.json,
        is_quiet: options.run.show.quiet,
        total: Some(survey.rows),
        widest: Some(survey.widest),
        warnings_hint: String::new(),
        others: Some(survey.sendable.saturating_sub(options.run.first.unwrap_or(0))),
        ledger: connection.ledger_shown().to_owned(),
    };
    let sending = Sending {
        desk: &desk,
        concurrency,
        batch_size: batch_size(options.batch_size),
        options: &preparation.options,
        first: options.run.first,
        run: Some(run),
    };
    let stop = Stop::new(interrupt.cancel().clone(), options.run.stop_after_failures);
    let mut report = Report::new(style, output, Some(failed));
    let read = crate::rows::run(&mut source, &sending, &stop, &mut report);
    let (exit, summary) = report.conclude(&stop)?;
    let sent = read.map(|()| ExitCode::from(exit));
    if sent.is_ok() && exit < 3 && !stop.is_set() && source.elsewhere() == 0 {
        let finished = Finished { exit, summary, output: options.run.output.clone() };
        let text = serde_json::to_string(&finished).unwrap_or_default();
        ledger.ask(move |storage| storage.keep_note(&note_name(run), &text))?;
    }
    if source.elsewhere() > 0 && !options.run.show.quiet {
        let again = apply_command(&options.plan, options.ledger.as_deref(), &options.profile);
        terminal::note(&format!("{} rows were sent by other workers; `{again}` shows them all", source.elsewhere()));
    }
    sent
}

/// Beside which file the failed rows are kept: the original, where it is still there, else the plan.
fn failed_beside<'a>(plan: &'a str, original: Option<&'a str>) -> &'a str {
    let beside_plan = plan.strip_suffix(".jsonl").unwrap_or(plan);
    original.filter(|name| std::path::Path::new(name).is_file()).unwrap_or(beside_plan)
}

/// What is kept of a run that came to its end.
#[derive(Serialize, Deserialize)]
struct Finished {
    exit: u8,
    summary: String,
    output: Option<std::path::PathBuf>,
}

fn note_name(run: bidden_ledger::Digest) -> String {
    format!("run {run}")
}

/// A run that came to its end says so again at once, unless its rows are wanted or something is to be tried again.
fn is_finished(options: &Options, ledger: &bidden_ledger::Ledger, run: bidden_ledger::Digest) -> Result<Option<ExitCode>> {
    let consent = options.consent.consent();
    if options.run.show.json || consent != bidden_ledger::Consent::default() {
        return Ok(None);
    }
    let note = ledger.ask(move |storage| storage.note_of(&note_name(run)))?;
    let Some(finished) = note.and_then(|text| serde_json::from_str::<Finished>(&text).ok()) else { return Ok(None) };
    let output = options.run.output.as_ref();
    // Rows that did not end well are looked at again.
    let is_told = output.is_none_or(|output| finished.output.as_ref() == Some(output) && output.exists());
    if finished.exit != 0 || !is_told {
        return Ok(None);
    }
    terminal::print(&format!("applied before; nothing is sent\n{}", finished.summary))?;
    Ok(Some(ExitCode::from(finished.exit)))
}

/// The plan says where it goes; credentials come from where they always do.
fn connection(options: &Options, plan: &PlanFile, platform: Platform) -> Result<Connection> {
    let is_sandbox = plan.header.place.address == "sandbox";
    let connection = ConnectionOptions {
        sandbox: is_sandbox,
        base_url: (!is_sandbox).then(|| plan.header.base_url.clone()),
        profile: options.profile.clone(),
        account: Some(plan.header.place.account.clone()),
        ledger: options.ledger.clone(),
    };
    Connection::open(&connection, platform)
}

/// The secrets of the file that a plan was made from, given once more.
///
/// # Errors
/// Exit 2 when it is another file, or the plan was made from none.
pub(crate) fn secrets(path: Option<&str>, plan: &PlanFile) -> Result<Option<Secrets>> {
    let Some(path) = path else { return Ok(None) };
    let Some(original) = &plan.header.input else {
        return Err(Failure::usage("the plan was made from no file that has a name: its secrets cannot be read again"));
    };
    if digest_of(path)? != original.digest {
        return Err(Failure::usage(format!("{path} is not the file that the plan was made from ({})", original.name)));
    }
    let mappings = original.mappings.iter().filter_map(|text| text.parse().ok()).collect();
    Ok(Some(Secrets::open(Input::open(path, original.sheet.as_deref())?, mappings)?))
}

/// The rows of a plan and what it says of each, side by side with what the ledger says now.
struct Both<'a> {
    rows: PlanRows<'a>,
    then: std::collections::VecDeque<(u64, Option<SeenThen>)>,
}

impl Source for Both<'_> {
    fn next(&mut self) -> Result<Option<Line>> {
        Ok(self.rows.next_planned()?.map(|(planned, line)| {
            self.then.push_back((planned.row, planned.seen));
            line
        }))
    }
}

/// Looks at every row again. Nothing is sent when the world of any of them has moved since the plan was made.
///
/// # Errors
/// Exit 2 when it has.
pub(crate) fn look_again(
    plan: &PlanFile,
    preparation: &Preparation,
    desk: &Desk,
    secrets: Option<Secrets>,
    run: bidden_ledger::Digest,
) -> Result<Survey> {
    let rows = PlanRows::new(plan, preparation, secrets, None)?;
    let both = std::cell::RefCell::new(Both { rows, then: std::collections::VecDeque::new() });
    let shared = Shared(&both);
    let mut planner = Planner::new(shared, desk, preparation.platform, &preparation.options, Some(run));
    let mut moved = Moved::default();
    let survey = Survey::of(&mut planner, |planned| {
        let then = both.borrow_mut().then.pop_front();
        if let Some((row, seen)) = then
            && has_moved(seen.as_ref(), planned)
        {
            moved.add(row, seen.as_ref(), planned.seen.as_ref());
        }
        Ok(())
    })?;
    moved.check().map_err(|error| Failure::from(error).hint("`bidden plan` makes a new one"))?;
    Ok(survey)
}

struct Shared<'a, 'b>(&'a std::cell::RefCell<Both<'b>>);

impl Source for Shared<'_, '_> {
    fn next(&mut self) -> Result<Option<Line>> {
        self.0.borrow_mut().next()
    }
}

/// Of a row that is settled without the ledger (invalid, held for its secrets) nothing is seen, and nothing is sent.
fn has_moved(then: Option<&SeenThen>, planned: &Planned) -> bool {
    invitee(&planned.line.task).is_some() && planned.last_change.has_moved(then, planned.seen.as_ref())
}
