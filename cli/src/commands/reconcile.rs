//! `bidden reconcile`: the ledger held against what the platform shows of a test.

use std::collections::BTreeMap;
use std::process::ExitCode;

use bidden::operation::TestId;
use bidden::{Platform, Status};
use bidden_ledger::reconcile::{Difference, Finding, Reconciliation};
use bidden_ledger::status::Whose;
use serde::Serialize;

use super::sending::{ShowOptions, read_rate};
use crate::configuration::{Connection, ConnectionOptions};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::rows::progress::Progress;
use crate::rows::report::{plural, shown};
use crate::{terminal, values};

const AFTER_HELP: &str = "\
agreed      both say the same
not-listed  iMocha lists neither waiting nor running invitations: it cannot tell
moved       it stands otherwise than the ledger said; the ledger learns it
resolved    it was not known to have arrived, and it is there; the ledger learns it
uncertain   nobody can say what came of it, the platform does not either
ghost       the ledger says that it was accepted, and it is not there (TestInvite);
            the ledger learns it as cancelled
orphan      it is there, and the ledger does not know it: somebody else invited
under-way   it was being sent meanwhile

Nothing is sent that changes anything. With --json one object per finding, those that
agree and those that are not listed apart, then a summary.

Exit code: 0, or 1 when there are orphans, ghosts or uncertain ones; 2 on Think Exam,
which shows nothing; 3 stopped early.

Example: bidden reconcile --on testinvite --test task-1 --sandbox";

/// The options of `bidden reconcile`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The platform
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Platform,
    /// The test; TestInvite calls it task
    #[arg(long, value_name = "ID")]
    test: String,
    /// Writes nothing into the ledger
    #[arg(long, help_heading = "Run")]
    dry_run: bool,
    /// Requests per second, e.g. 5/s [default: 5/s on live hosts, no limit on loopback]
    #[arg(long, value_name = "N/s", value_parser = read_rate, help_heading = "Pace")]
    rate: Option<f64>,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    show: ShowOptions,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 for a configuration that cannot be used, exit 1 for what the platform says, exit 3 when it breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.on == Platform::ThinkExam {
        return Err(Failure::usage("Think Exam shows no assignment: there is nothing to hold the ledger against")
            .hint("`bidden history` and `bidden status` show what the ledger says"));
    }
    let test = TestId::from(options.test.as_str());
    if test.as_str().is_empty() {
        return Err(Failure::usage("--test is blank"));
    }
    let connection = Connection::open(&options.connection, options.on)?;
    let ledger = if options.dry_run { connection.read_ledger()? } else { connection.open_ledger()? };
    let interrupt = Interrupt::listen()?;
    let desk = connection.desk(&ledger, &test, connection.rate(options.rate), 1)?.with_cancel(interrupt.cancel().clone());
    if !options.show.quiet {
        terminal::note(&format!("ledger: {}", connection.ledger_shown()));
    }
    let mut progress = Progress::begin(None, options.show.quiet);
    let mut done = 0;
    let reconciled = desk.reconcile(!options.dry_run, |found| {
        for _ in done..found {
            progress.advance(None);
        }
        done = found;
    });
    progress.finish();
    let reconciliation = reconciled.map_err(|error| match interrupt.is_requested() {
        true => Failure { exit: 3, message: "interrupted; nothing was written".to_owned(), hints: Vec::new(), error: Some(error) },
        false => Failure::from(error),
    })?;
    show(&reconciliation, options, &connection)?;
    let needs_somebody = reconciliation.counts.keys().any(|finding| finding.needs_somebody());
    Ok(ExitCode::from(u8::from(needs_somebody)))
}

fn show(reconciliation: &Reconciliation, options: &Options, connection: &Connection) -> Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        summary: Summary<'a>,
    }
    #[derive(Serialize)]
    struct Summary<'a> {
        platform: &'a str,
        test: &'a str,
        shown: usize,
        by_finding: BTreeMap<&'static str, u64>,
        written: usize,
        dry_run: bool,
        ledger: &'a str,
    }
    let Reconciliation { counts, differences, shown, written } = reconciliation;
    if options.show.json {
        differences.iter().try_for_each(terminal::print_json)?;
        let by_finding = counts.iter().map(|(finding, count)| (finding.slug(), *count)).collect();
        let summary = Summary {
            platform: options.on.slug(),
            test: options.test.trim(),
            shown: *shown,
            by_finding,
            written: *written,
            dry_run: options.dry_run,
            ledger: connection.ledger_shown(),
        };
        return terminal::print_json(&Line { summary });
    }
    if !differences.is_empty() {
        let rows: Vec<Vec<String>> = differences.iter().map(row).collect();
        terminal::print(&format!("{}\n", terminal::table(&["finding", "candidate", "invitation", "ledger", "platform"], &rows)))?;
    }
    let words: Vec<String> = counts.iter().map(|(finding, count)| format!("{count} {}", finding.slug())).collect();
    let words = if words.is_empty() { "neither side knows anybody".to_owned() } else { words.join(", ") };
    terminal::print(&words)?;
    let news = counts.iter().filter(|(finding, _)| matches!(finding, Finding::Moved | Finding::Resolved | Finding::Ghost));
    let news = news.map(|(_, count)| count).sum::<u64>();
    match (options.dry_run, news) {
        (_, 0) => Ok(()),
        (true, news) => terminal::print(&format!("{news} would be written into the ledger without --dry-run")),
        (false, _) => terminal::print(&format!("{written} {} written into the ledger", plural(*written as u64, "was", "were"))),
    }
}

fn row(difference: &Difference) -> Vec<String> {
    let Difference { finding, candidate, invitation_id, recorded, shown: seen, platform_status } = difference;
    let status = |status: &Option<Status>| status.map_or_else(|| "-".to_owned(), |status| status.slug().to_owned());
    let platform = match platform_status {
        Some(word) => format!("{} “{}”", status(seen), shown(word, 40)),
        None => status(seen),
    };
    vec![
        finding.slug().to_owned(),
        shown(Whose::of(candidate.email.as_deref(), candidate.external.as_deref()).label(), 60),
        invitation_id.as_deref().map_or_else(|| "-".to_owned(), |id| shown(id, 60)),
        status(recorded),
        platform,
    ]
}
