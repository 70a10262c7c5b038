//! `bidden check`: every mistake of a file in one pass, without sending anything.
//!
//! Memory holds a few chunks, the keys met so far ([`KEYS`] at most) and the warnings kept for the end ([`WARNINGS`] at most).

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::Platform;
use bidden::candidate::{Field, Finding};
use serde::Serialize;

use super::sending::{FileOptions, ShowOptions, note_ignored};
use crate::failure::{Failure, Result};
use crate::rows::checking::{Checked, Checking, KEYS, RowFindings};
use crate::rows::report::{plural, shown};
use crate::rows::source::ignored_columns;
use crate::table::{self, CellName, Form, Header, Problem};
use crate::{terminal, values};
use bidden_ledger::seen::{Meeting, Place, Seen};

/// So many warnings are listed for people, after the errors; `--json` lists them all.
const WARNINGS: usize = 10_000;

/// What is checked, and for whom.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Exit code: 0 nothing keeps a row from being sent, 1 something does (with --strict a warning, too) or the \
file breaks off, 2 wrong usage, or the file cannot be opened or its header not read.\n\n\
Example: bidden check candidates.csv --on imocha")]
pub struct Options {
    /// Also what this platform requires
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Option<Platform>,
    /// Counts warnings as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    file: FileOptions,
    #[command(flatten)]
    show: ShowOptions,
}

/// One thing found in a row.
#[derive(Serialize)]
struct Found<'a> {
    /// Null where the file itself breaks off.
    field: Option<&'a str>,
    column: Option<&'a str>,
    /// In a workbook only.
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    row: Option<u64>,
    line: Option<u64>,
    errors: &'a [Found<'a>],
    warnings: &'a [Found<'a>],
}

#[derive(Serialize)]
struct SummaryJson<'a> {
    summary: Summary<'a>,
}

#[derive(Default, Serialize)]
struct Summary<'a> {
    rows: u64,
    rows_with_errors: u64,
    rows_with_warnings: u64,
    errors: u64,
    warnings: u64,
    ignored_columns: &'a [String],
}

/// Runs the command.
///
/// # Errors
/// Exit 2 when the file cannot be used, exit 1 when it cannot be read to its end.
pub fn run(options: &Options) -> Result<ExitCode> {
    let (mappings, price) = options.file.mappings()?;
    let reader = options.file.input()?.read(&mappings)?;
    let header = reader.header().clone();
    let mut ignored = ignored_columns(&header, options.on);
    if let Some(price) = &price {
        ignored.retain(|text| !text.eq_ignore_ascii_case(price));
    }
    if !options.show.json && !options.show.quiet {
        note_ignored(&ignored);
    }
    let mut checking = Checking::begin(reader, options.on, SystemTime::now().into());
    let mut listing = Listing {
        options,
        columns: Field::ALL.map(|field| column_of(&header, field)),
        header: &header,
        seen: Seen::limited(KEYS),
        summary: Summary { ignored_columns: &ignored, ..Summary::default() },
        kept: Vec::new(),
        has_title: false,
    };
    while let Some(checked) = checking.next_chunk() {
        listing.take(&checked)?;
        checking.recycle(checked.chunk);
    }
    let broken = checking.broken();
    if let Some(error) = &broken {
        listing.broken(&error.problem)?;
    }
    listing.finish()?;
    if let Some(error) = broken {
        return Err(Failure { exit: 1, ..Failure::from(error) });
    }
    let summary = &listing.summary;
    Ok(ExitCode::from(u8::from(summary.errors > 0 || (options.strict && summary.warnings > 0))))
}

/// The header text of a field, as in the file; several are joined as their cells are.
pub(crate) fn column_of(header: &Header, field: Field) -> Option<String> {
    let texts: Vec<&str> = header.columns(field).iter().filter_map(|column| header.texts().get(*column)).map(String::as_str).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// Lists what was found, in the order of the file.
struct Listing<'a> {
    options: &'a Options,
    header: &'a Header,
    columns: [Option<String>; Field::COUNT],
    seen: Seen,
    summary: Summary<'a>,
    /// The warnings that people read after the errors.
    kept: Vec<String>,
    has_title: bool,
}

impl Listing<'_> {
    fn take(&mut self, checked: &Checked) -> Result<()> {
        let mut found = checked.found.iter().peekable();
        for (index, (row, keys)) in checked.chunk.rows().zip(&checked.keys).enumerate() {
            self.summary.rows += 1;
            let meeting = self.seen.meet(keys, Place::new(row.record(), row.line()));
            let findings = found.next_if(|(at, _)| *at == index).map(|(_, findings)| findings);
            if findings.is_some() || meeting != Meeting::New {
                self.row(row, findings, meeting)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, row: table::Row<'_>, findings: Option<&RowFindings>, meeting: Meeting) -> Result<()> {
        let columns = &self.columns;
        let column = |field: Field| columns.get(field as usize).and_then(Option::as_deref);
        let cell = |field: Field| self.header.cell(field, row.line()).map(|cell| cell.to_string());
        let shape;
        let first;
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        match findings {
            Some(RowFindings::Shape(fault)) => {
                shape = self.header.told(*fault, row.line());
                let index = fault.column().map(|column| column - 1);
                let column = index.and_then(|index| self.header.texts().get(index)).map(String::as_str);
                let cell = index.filter(|_| self.header.form() == Form::Cells).map(|index| CellName::new(index, row.line()).to_string());
                errors.push(Found { field: Some("row"), column, cell, reason: &shape, value: None });
            }
            Some(RowFindings::Cells(findings)) => {
                for (list, all) in [(&mut errors, &findings.errors), (&mut warnings, &findings.warnings)] {
                    for finding in all {
                        let Finding { field, reason, value } = finding;
                        let (column, cell) = (column(*field), cell(*field));
                        list.push(Found { field: Some(field.name()), column, cell, reason, value: value.as_deref() });
                    }
                }
            }
            None => {}
        }
        let other = match meeting {
            Meeting::New => None,
            Meeting::Same(field, place) => {
                let reason = format!("is the same candidate as row {} (line {})", place.row, place.line);
                Some((&mut warnings, field, reason))
            }
            // Such a row is held.
            Meeting::Conflict(field, place) => Some((&mut errors, field, Meeting::conflict(field, place))),
        };
        if let Some((list, field, reason)) = other {
            first = reason;
            let value = row.field(field).map(str::trim);
            list.push(Found { field: Some(field.name()), column: column(field), cell: cell(field), reason: &first, value });
        }
        self.summary.errors += errors.len() as u64;
        self.summary.warnings += warnings.len() as u64;
        self.summary.rows_with_errors += u64::from(!errors.is_empty());
        self.summary.rows_with_warnings += u64::from(!warnings.is_empty());
        if self.options.show.json {
            return terminal::print_json(&RowJson {
                row: Some(row.record()),
                line: Some(row.line()),
                errors: &errors,
                warnings: &warnings,
            });
        }
        let listed = |found: &Found<'_>| listed(row.line(), row.record(), found);
        let mut lines: Vec<String> = errors.iter().map(listed).collect();
        let warnings = warnings.iter().map(listed);
        if self.options.strict {
            lines.extend(warnings);
        } else {
            self.kept.extend(warnings.take(WARNINGS.saturating_sub(self.kept.len())));
        }
        if lines.is_empty() {
            return Ok(());
        }
        if !self.has_title {
            self.has_title = true;
            lines.insert(0, format!("Errors\n{}", title()));
        }
        terminal::print(&lines.join("\n"))
    }

    /// Takes what ends the file before its end. People read it last of all, as the error of the command.
    fn broken(&mut self, problem: &Problem) -> Result<()> {
        self.summary.rows += 1;
        self.summary.errors += 1;
        self.summary.rows_with_errors += 1;
        if !self.options.show.json {
            return Ok(());
        }
        let reason = problem.reason();
        let column = problem.column().and_then(|column| column.header.as_deref());
        let errors = [Found { field: None, column, cell: problem.cell().map(|cell| cell.to_string()), reason: &reason, value: None }];
        terminal::print_json(&RowJson { row: None, line: problem.line(), errors: &errors, warnings: &[] })
    }

    fn finish(&mut self) -> Result<()> {
        if self.seen.is_full() && !self.options.show.quiet {
            terminal::note(&format!("the same candidate was looked for among the first {KEYS} keys only"));
        }
        let summary = &self.summary;
        if self.options.show.json {
            return terminal::print_json(&SummaryJson { summary: Summary { ..*summary } });
        }
        let mut lines = Vec::new();
        let gap = |lines: &Vec<String>| if self.has_title || !lines.is_empty() { "\n" } else { "" };
        if !self.kept.is_empty() {
            lines.push(format!("{}Warnings\n{}", gap(&lines), title()));
            lines.extend(self.kept.iter().cloned());
            let more = summary.warnings - self.kept.len() as u64;
            if more > 0 {
                lines.push(format!("… and {more} more; --json lists them all"));
            }
        }
        let count = |number: u64, one: &'static str, many: &'static str| format!("{number} {}", plural(number, one, many));
        lines.push(format!(
            "{}{}: {} in {}, {} in {}",
            gap(&lines),
            count(summary.rows, "row", "rows"),
            count(summary.errors, "error", "errors"),
            count(summary.rows_with_errors, "row", "rows"),
            count(summary.warnings, "warning", "warnings"),
            count(summary.rows_with_warnings, "row", "rows"),
        ));
        terminal::print(&lines.join("\n"))
    }
}

fn title() -> String {
    format!("{:>7}  {:>7}  {:<18}  reason", "line", "row", "column")
}

/// One finding on one line, for people.
fn listed(line: u64, row: u64, found: &Found<'_>) -> String {
    let column = found.column.or(found.field).unwrap_or_default().trim();
    let column = match &found.cell {
        Some(cell) => shown(&format!("{cell} {column}"), 30),
        None => shown(column, 30),
    };
    let value = match found.value {
        Some(value) if !value.trim().is_empty() => format!(": {}", shown(value, 60)),
        _ => String::new(),
    };
    let gap = " ".repeat(18_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(column.as_str())));
    format!("{line:>7}  {row:>7}  {column}{gap}  {}{value}", found.reason)
}
