//! `bidden history`: everything that was ever done for a candidate, and what came of it. The proof.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::Time;
use bidden_ledger::Digest;
use bidden_ledger::record::Operation;
use bidden_ledger::status::Invitation;

use crate::configuration::RecordOptions;
use crate::failure::Result;
use crate::rows::report::{plural, shown, word};
use crate::{terminal, values};

const AFTER_HELP: &str = "\
Digests are SHA-256: of method, path and body of the request as it was meant,
without secrets, and of the body of the last complete answer. mail_requests counts the
operations that may have asked the platform for a mail and were not refused.

Exit code: 0 every address is known, 1 one is not.

Example: bidden history ada@example.com --json";

/// The options of `bidden history`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The address of a candidate; - for addresses on standard input, one per line
    #[arg(value_name = "EMAIL|-")]
    email: String,
    /// One JSON object per invitation, with its operations
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
    let text = if options.email == "-" { values::read_text("-".as_ref())? } else { options.email.clone() };
    let (ledger, location) = options.record.read()?;
    let now: Time = SystemTime::now().into();
    let mut unknown = 0;
    let mut is_first = true;
    for address in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let entries = ledger.history(address)?;
        unknown += u64::from(entries.is_empty());
        for entry in &entries {
            let invitation = Invitation::of(entry, now);
            if options.json {
                terminal::print_json(&invitation)?;
                continue;
            }
            let gap = if std::mem::take(&mut is_first) { "" } else { "\n" };
            terminal::print(&format!("{gap}{}", for_people(&invitation, &entry.operations)))?;
        }
    }
    if unknown > 0 {
        let addresses = plural(unknown, "address is", "addresses are");
        terminal::note(&format!("{unknown} {addresses} not in the ledger {location}"));
    }
    Ok(ExitCode::from(u8::from(unknown > 0)))
}

fn for_people(invitation: &Invitation<'_>, operations: &[Operation]) -> String {
    let Invitation { place, candidate, .. } = invitation;
    let within = place.within.as_ref().map_or(String::new(), |within| format!(", {}", shown(within, 80)));
    let mut lines = vec![format!(
        "{}: {} {}, account {}, test {}{within}",
        shown(candidate.label(), 254),
        place.platform,
        place.address,
        shown(&place.account, 80),
        shown(&place.test, 80)
    )];
    let mut facts = vec![invitation.disposition.map_or("under way", |disposition| disposition.slug()).to_owned()];
    facts.extend(invitation.status.map(|status| format!("status {status}")));
    facts.extend(invitation.platform_status.map(|word| format!("“{}”", shown(word, 80))));
    facts.extend(invitation.start.map(|start| format!("from {start}")));
    facts.extend(invitation.end.map(|end| format!("until {end}")));
    facts.extend(invitation.invitation_id.map(|id| format!("invitation {}", shown(id, 80))));
    facts.extend(invitation.invitation_code.map(|code| format!("code {}", shown(code, 80))));
    lines.push(format!("  {}", facts.join(", ")));
    lines.extend(invitation.test_url.map(|url| format!("  {}", shown(url, usize::MAX))));
    if let Some(error) = invitation.error {
        lines.push(format!("  {}: {}", error.kind, shown(&error.message, 400)));
    }
    if let Some(under_way) = invitation.under_way {
        let state = if under_way.is_interrupted { "was interrupted" } else { "is under way" };
        lines.push(format!("  {} {state}", under_way.deed.slug()));
    }
    let requests = invitation.mail_requests.unwrap_or(0) as u64;
    lines.push(format!(
        "  mail: {}; {requests} {} for one",
        word(&invitation.email).unwrap_or_default(),
        plural(requests, "request that asks", "requests that ask")
    ));
    let rows: Vec<Vec<String>> = operations.iter().map(row).collect();
    let table = terminal::table(&["began", "what", "asks", "sent", "request", "http", "answer", "outcome", "error", "mail"], &rows);
    lines.extend(table.lines().map(|line| format!("  {line}")));
    lines.join("\n")
}

fn row(operation: &Operation) -> Vec<String> {
    // The first digits tell requests apart; --json has all of them.
    let short = |digest: Digest| digest.to_string()[..12].to_owned();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        operation.intended_at.to_string(),
        operation.deed.slug().to_owned(),
        if operation.asks_for_mail { "mail" } else { "-" }.to_owned(),
        or_dash(operation.sent.map(|sent| sent.to_string())),
        or_dash((operation.request != Digest::default()).then(|| short(operation.request))),
        or_dash(operation.http_status.map(|status| status.to_string())),
        or_dash(operation.answer.map(short)),
        or_dash(operation.outcome.clone()),
        or_dash(operation.error_kind.clone()),
        or_dash(operation.email.clone()),
    ]
}
