//! `bidden platforms`: what each platform can do, its calls and their required fields, out of core's tables.

use std::collections::BTreeMap;
use std::process::ExitCode;

use bidden::capability::{Capability, OPERATIONS, OPTIONS};
use bidden::{AnyCall, CALLS, CallRow, Platform};
use serde::Serialize;

use crate::configuration::public_base_url;
use crate::failure::Result;
use crate::terminal;

const AFTER_HELP: &str = "Example: bidden platforms --json";

/// The options of `bidden platforms`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    platforms: Vec<PlatformReport>,
}

#[derive(Serialize)]
struct PlatformReport {
    platform: &'static str,
    title: &'static str,
    /// Null where each tenant has its own.
    base_url: Option<&'static str>,
    calls: Vec<CallReport>,
    operations: BTreeMap<&'static str, SupportReport>,
    options: BTreeMap<&'static str, SupportReport>,
}

#[derive(Serialize)]
struct CallReport {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    required: Vec<String>,
}

#[derive(Serialize)]
struct SupportReport {
    support: &'static str,
    note: &'static str,
}

/// Runs `bidden platforms`.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.json {
        terminal::print_json(&Report { platforms: Platform::ALL.map(report).into() })?;
    } else {
        terminal::print(&for_people())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a call refuses to go without: the faults of empty arguments.
fn required(row: &CallRow) -> Vec<String> {
    match AnyCall::from_json(row.name, "{}") {
        Ok(_) => Vec::new(),
        Err(error) => error.fields().iter().map(|fault| fault.field.clone()).collect(),
    }
}

fn calls(platform: Platform) -> impl Iterator<Item = &'static CallRow> {
    CALLS.iter().filter(move |row| row.platform == platform)
}

fn support(capability: &Capability, platform: Platform) -> SupportReport {
    let support = capability.on(platform);
    SupportReport { support: support.word(), note: support.note() }
}

fn report(platform: Platform) -> PlatformReport {
    let support = |table: &'static [Capability]| table.iter().map(|capability| (capability.name, support(capability, platform))).collect();
    PlatformReport {
        platform: platform.slug(),
        title: platform.title(),
        base_url: public_base_url(platform),
        calls: calls(platform)
            .map(|row| CallReport { name: row.name, method: row.method, path: row.path, required: required(row) })
            .collect(),
        operations: support(&OPERATIONS),
        options: support(&OPTIONS),
    }
}

fn for_people() -> String {
    let mut parts = Vec::new();
    for platform in Platform::ALL {
        let address = public_base_url(platform).unwrap_or("each tenant has its own address: --base-url");
        parts.push(format!("{} (--on {platform}), {address}", platform.title()));
        for row in calls(platform) {
            parts.push(format!("  {}  {} {}", row.name, row.method, row.path));
            let required = required(row);
            if !required.is_empty() {
                parts.push(format!("    required: {}", required.join(", ")));
            }
        }
        parts.push(String::new());
    }
    parts.push(comparison("operation", "", &OPERATIONS));
    parts.push(String::new());
    parts.push(comparison("option of invite", "--", &OPTIONS));
    parts.join("\n")
}

/// A table with one column per platform, and below it what differs, each remark once.
fn comparison(title: &str, prefix: &str, table: &'static [Capability]) -> String {
    let header: Vec<&str> = std::iter::once(title).chain(Platform::ALL.map(Platform::title)).collect();
    let mut remarks: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for capability in table {
        let mut row = vec![format!("{prefix}{}", capability.name)];
        for platform in Platform::ALL {
            let SupportReport { support, note } = support(capability, platform);
            if note.is_empty() {
                row.push(support.to_owned());
                continue;
            }
            let known = remarks.iter().position(|remark| remark == note);
            let number = known.unwrap_or_else(|| {
                remarks.push(note.to_owned());
                remarks.len() - 1
            });
            row.push(format!("{support} [{}]", number + 1));
        }
        rows.push(row);
    }
    let mut text = terminal::table(&header, &rows);
    for (index, remark) in remarks.iter().enumerate() {
        text.push_str(&format!("\n  [{}] {remark}", index + 1));
    }
    text
}
