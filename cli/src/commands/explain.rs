//! `bidden explain`: what the lifecycle rules of a platform say.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::lifecycle::{Decision, Effect, Refusal, Rule, Rules, decide};
use bidden::{AccessWindow, Event, Platform, Status, Time};
use serde::Serialize;

use crate::failure::{Failure, Result};
use crate::terminal;
use crate::values::{self, StatusOrNone};

const AFTER_HELP: &str = "\
Exit 0 when the event is allowed, 1 when it is refused. Without EVENT every event is shown.

Example: bidden explain --on imocha --status cancelled invite";

/// The options of `bidden explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// What would happen to the invitation
    #[arg(value_parser = values::event(), conflicts_with = "table")]
    event: Option<Event>,
    /// Whose rules
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Platform,
    /// Where the invitation stands; none when there is no invitation
    #[arg(long, value_parser = values::status_or_none(), required_unless_present = "table", conflicts_with = "table")]
    status: Option<StatusOrNone>,
    /// When its access window opens
    #[arg(long, value_name = "TIME", conflicts_with = "table")]
    start: Option<String>,
    /// When its access window ends
    #[arg(long, value_name = "TIME", conflicts_with = "table")]
    end: Option<String>,
    /// The moment that counts as now [default: the clock]
    #[arg(long, value_name = "TIME", conflicts_with = "table")]
    now: Option<String>,
    /// Prints the whole table as Markdown
    #[arg(long)]
    table: bool,
    /// Prints JSON, one object per event
    #[arg(long, conflicts_with = "table")]
    json: bool,
}

/// Runs `bidden explain`.
pub fn run(options: &Options) -> Result<ExitCode> {
    let rules = Rules::of(options.on);
    let Some(StatusOrNone(state)) = options.status else {
        terminal::print(&markdown(rules))?;
        return Ok(ExitCode::SUCCESS);
    };
    let read = |name: &str, text: &Option<String>| text.as_deref().map(|text| values::time(name, text)).transpose();
    let (start, end) = (read("start", &options.start)?, read("end", &options.end)?);
    let window = if start.is_some() || end.is_some() { Some(AccessWindow::new(start, end)?) } else { None };
    let now = read("now", &options.now)?.unwrap_or_else(|| SystemTime::now().into());

    let judge = |event| (event, decide(rules, state, event, window.as_ref(), now));
    let judged: Vec<(Event, std::result::Result<Decision, Refusal>)> = match options.event {
        Some(event) => vec![judge(event)],
        None => Event::ALL.into_iter().map(judge).collect(),
    };
    for (event, verdict) in &judged {
        if options.json {
            terminal::print_json(&Verdict::of(options.on, state, *event, verdict))?;
        } else {
            terminal::print(&sentence(options.on, state, *event, verdict, now))?;
        }
    }
    match judged.as_slice() {
        [(_, Err(_))] => Err(Failure::ended(1)),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// A verdict as scripts read it.
#[derive(Serialize)]
#[serde(untagged)]
enum Verdict {
    Allowed {
        platform: &'static str,
        status: &'static str,
        event: Event,
        allowed: bool,
        effect: &'static str,
        next: Status,
        basis: &'static str,
        note: &'static str,
    },
    Refused {
        platform: &'static str,
        status: &'static str,
        event: Event,
        allowed: bool,
        reason: String,
        allowed_events: Vec<Event>,
        basis: &'static str,
    },
}

impl Verdict {
    fn of(platform: Platform, state: Option<Status>, event: Event, verdict: &std::result::Result<Decision, Refusal>) -> Self {
        let (platform, status) = (platform.slug(), word(state));
        match verdict {
            Ok(decision) => Verdict::Allowed {
                platform,
                status,
                event,
                allowed: true,
                effect: decision.effect.slug(),
                next: decision.next,
                basis: decision.basis.word(),
                note: decision.note,
            },
            Err(refusal) => Verdict::Refused {
                platform,
                status,
                event,
                allowed: false,
                reason: reason(refusal),
                allowed_events: refusal.allowed.iter().collect(),
                basis: refusal.basis.word(),
            },
        }
    }
}

fn word(state: Option<Status>) -> &'static str {
    state.map_or("none", Status::slug)
}

fn reason(refusal: &Refusal) -> String {
    match refusal.moment {
        Some(moment) => format!("{} {moment}", refusal.reason),
        None => refusal.reason.to_owned(),
    }
}

fn sentence(
    platform: Platform,
    state: Option<Status>,
    event: Event,
    verdict: &std::result::Result<Decision, Refusal>,
    now: Time,
) -> String {
    let seen = match verdict {
        Ok(decision) => decision.state,
        Err(refusal) => refusal.state,
    };
    let mut text = format!("{}, {event}", platform.title());
    text.push_str(&match seen {
        None => " where there is no invitation:".to_owned(),
        Some(seen) if Some(seen) == state => format!(" on an invitation that is {seen}:"),
        Some(seen) => format!(" on an invitation that is {seen}, because its window is over at {now}:"),
    });
    match verdict {
        Ok(decision) => {
            text.push_str(&format!(" allowed, {}.", effect(decision.effect, decision.next)));
            if !decision.note.is_empty() {
                text.push_str(&format!(" Note: {}.", decision.note));
            }
            text.push_str(&format!(" ({})", decision.basis.word()));
        }
        Err(refusal) => {
            let allowed: Vec<&str> = refusal.allowed.iter().map(Event::slug).collect();
            let instead = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            text.push_str(&format!(" refused: {}. Allowed there: {instead}. ({})", reason(refusal), refusal.basis.word()));
        }
    }
    text
}

fn effect(effect: Effect, next: Status) -> String {
    match effect {
        Effect::Created => format!("a new invitation is made; then it is {next}"),
        Effect::Refreshed => format!("the same invitation, its window replaced; it stays {next}"),
        Effect::Reopened => format!("the same invitation is reopened; then it is {next}"),
        Effect::Unchanged => format!("accepted, and nothing changes; it stays {next}"),
        Effect::Moved => format!("then it is {next}"),
        Effect::NewAttempt => format!("a new invitation in the same chain; then it is {next}"),
    }
}

/// The table of a platform as documentation: effect and next state per cell, reasons and notes below.
fn markdown(rules: &Rules) -> String {
    let states = std::iter::once(None).chain(Status::ALL.into_iter().filter(|status| *status != Status::Unknown).map(Some));
    let mut lines = vec![
        format!("| {} | {} |", rules.platform.title(), Event::ALL.map(Event::slug).join(" | ")),
        format!("|---|{}", "---|".repeat(Event::ALL.len())),
    ];
    let mut remarks = Vec::new();
    for state in states {
        let mut cells = vec![word(state).to_owned()];
        for event in Event::ALL {
            let (cell, remark, basis) = match rules.rule(state, event) {
                Some(Rule::Allowed(effect, next, basis, note)) => (format!("{} → {next}", effect.slug()), *note, basis.word()),
                Some(Rule::Refused(basis, reason)) => ("refused".to_owned(), *reason, basis.word()),
                None => continue,
            };
            remarks.push(if remark.is_empty() {
                format!("- {}, {event}: {cell} ({basis})", word(state))
            } else {
                format!("- {}, {event}: {cell} ({basis}): {remark}", word(state))
            });
            cells.push(cell);
        }
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.push(String::new());
    lines.extend(remarks);
    lines.join("\n")
}
