//! `bidden status`: how many invitations stand how, place by place.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::SystemTime;

use bidden_ledger::status::Totals;
use serde::Serialize;

use crate::configuration::RecordOptions;
use crate::failure::Result;
use crate::rows::report::{plural, shown};
use crate::terminal;

const AFTER_HELP: &str = "\
The whole record is read, beside whoever sends; no platform is asked
(`bidden reconcile` asks). With --json one object per place, then a summary.

Example: bidden status --sandbox";

/// The options of `bidden status`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// One JSON object per place, and a summary
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 for a configuration that cannot be used, exit 3 when the record cannot be read.
pub fn run(options: &Options) -> Result<ExitCode> {
    #[derive(Serialize)]
    struct Line<'a> {
        summary: Summary<'a>,
    }
    #[derive(Serialize)]
    struct Summary<'a> {
        places: usize,
        invitations: u64,
        uncertain: u64,
        ledger: &'a str,
    }
    let (ledger, location) = options.record.read()?;
    let totals = ledger.totals(SystemTime::now().into())?;
    let sum = |count: fn(&Totals) -> u64| totals.iter().map(count).sum::<u64>();
    let summary = Summary {
        places: totals.len(),
        invitations: sum(|totals| totals.invitations),
        uncertain: sum(|totals| totals.uncertain),
        ledger: &location,
    };
    if options.json {
        totals.iter().try_for_each(terminal::print_json)?;
        terminal::print_json(&Line { summary })?;
        return Ok(ExitCode::SUCCESS);
    }
    for totals in &totals {
        terminal::print(&for_people(totals))?;
    }
    let invitations = plural(summary.invitations, "invitation", "invitations");
    terminal::print(&format!("{} {invitations} in the ledger {location}", summary.invitations))?;
    Ok(ExitCode::SUCCESS)
}

fn for_people(totals: &Totals) -> String {
    let place = &totals.place;
    let within = place.within.as_ref().map_or(String::new(), |within| format!(", {}", shown(within, 80)));
    let mut lines = vec![format!(
        "{} {}, account {}, test {}{within}",
        place.platform,
        place.address,
        shown(&place.account, 80),
        shown(&place.test, 80)
    )];
    let words = |counts: &BTreeMap<&'static str, u64>| {
        let words: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        words.join(", ")
    };
    lines.push(format!(
        "  {} {}: {}",
        totals.invitations,
        plural(totals.invitations, "invitation", "invitations"),
        words(&totals.by_disposition)
    ));
    for (what, counts) in [("status", &totals.by_status), ("mails", &totals.mails)] {
        if !counts.is_empty() {
            lines.push(format!("  {what}: {}", words(counts)));
        }
    }
    if totals.under_way > 0 {
        lines.push(format!("  {} under way now", totals.under_way));
    }
    if totals.interrupted > 0 {
        lines.push(format!("  {} interrupted; the command that sent them, run again, looks after them", totals.interrupted));
    }
    lines.extend(totals.last.map(|last| format!("  last: {last}")));
    lines.push(String::new());
    lines.join("\n")
}
