//! What a plan says before anything is sent: what would be done, who gets a mail, what is charged, how long it takes, and what
//! the platform does not tell.

use std::collections::BTreeMap;
use std::io::Write;

use bidden::Platform;
use bidden::capability::Loss;
use bidden::operation::InviteOptions;
use bidden_ledger::Ledger;
use bidden_ledger::plan::Action;
use serde::Serialize;

use crate::configuration::Connection;
use crate::failure::{Failure, Result};
use crate::rows::planner::{Planned, Survey, amount};
use crate::rows::report::{Person, plural, shown};
use crate::terminal;

/// The plan as people and programs see it.
#[derive(Serialize)]
pub struct Review<'a> {
    platform: &'a str,
    test: &'a str,
    host: &'a str,
    account: &'a str,
    ledger: &'a str,
    rows: u64,
    would_send: u64,
    actions: BTreeMap<&'static str, u64>,
    invalid: u64,
    duplicate_rows: u64,
    rows_with_warnings: u64,
    mails: u64,
    /// Mails to others: completion mails, copies. Shown, not counted.
    other_mails: Vec<String>,
    charge: BTreeMap<&'a str, String>,
    /// How long it takes at the rate; null without one.
    seconds: Option<u64>,
    not_told: Vec<&'static str>,
    losses: &'a [Loss],
    ignored_columns: &'a [String],
    first_rows: Vec<ReviewedRow<'a>>,
    left_out: Vec<ReviewedRow<'a>>,
}

#[derive(Serialize)]
struct ReviewedRow<'a> {
    row: u64,
    line: Option<u64>,
    candidate: &'a Person,
    action: Action,
    mail: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a Planned> for ReviewedRow<'a> {
    fn from(planned: &'a Planned) -> Self {
        let Planned { line, action, mail, why, .. } = planned;
        ReviewedRow { row: line.row, line: line.line, candidate: &line.person, action: *action, mail: *mail, reason: why.as_deref() }
    }
}

/// Where something goes, and as whom.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Which platform.
    pub platform: Platform,
    /// Its host.
    pub host: &'a str,
    /// The name of the account.
    pub account: &'a str,
    /// Where the record is.
    pub ledger: &'a str,
}

impl<'a> From<&'a Connection> for Place<'a> {
    fn from(connection: &'a Connection) -> Self {
        let Connection { platform, base_url, account, .. } = connection;
        Place { platform: *platform, host: base_url.host(), account, ledger: connection.ledger_shown() }
    }
}

/// What a review is made of, beside the rows.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// Where it goes, and as whom.
    pub place: Place<'a>,
    /// The test.
    pub test: &'a str,
    /// How.
    pub options: &'a InviteOptions,
    /// Requests per second.
    pub rate: Option<f64>,
    /// What the platform cannot honour.
    pub losses: &'a [Loss],
    /// Columns that nothing is taken from.
    pub ignored_columns: &'a [String],
}

impl<'a> Review<'a> {
    /// The review of what a first reading shows.
    #[must_use]
    pub fn new(survey: &'a Survey, circumstances: &Circumstances<'a>) -> Self {
        let Circumstances { place, test, options, rate, losses, ignored_columns } = circumstances;
        let platform = place.platform;
        // Think Exam registers in batches before it assigns; one request each is the upper bound that matters.
        let seconds = rate.map(|rate| (survey.sendable as f64 / rate).ceil() as u64);
        Review {
            platform: platform.slug(),
            test,
            host: place.host,
            account: place.account,
            ledger: place.ledger,
            rows: survey.rows,
            would_send: survey.sendable,
            actions: survey.actions.iter().map(|(action, count)| (action.slug(), *count)).collect(),
            invalid: survey.count(Action::Invalid),
            duplicate_rows: survey.count(Action::DuplicateRow),
            rows_with_warnings: survey.with_warnings,
            mails: survey.mails,
            other_mails: other_mails(platform, options, survey),
            charge: survey.charge.iter().map(|(currency, sum)| (currency.as_str(), amount(*sum))).collect(),
            seconds,
            not_told: not_told(platform, options, survey),
            losses,
            ignored_columns,
            first_rows: survey.first.iter().map(ReviewedRow::from).collect(),
            left_out: survey.first_left_out.iter().map(ReviewedRow::from).collect(),
        }
    }

    /// Counts so many mails at least, where rows are not judged beforehand.
    pub fn at_most(&mut self, mails: u64) {
        self.mails = self.mails.max(mails);
    }

    /// Mails to candidates that would be asked for.
    #[must_use]
    pub fn mails(&self) -> u64 {
        self.mails
    }

    /// Rows for which something would be sent.
    #[must_use]
    pub fn would_send(&self) -> u64 {
        self.would_send
    }

    /// Columns that nothing is taken from.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        self.ignored_columns
    }

    /// The review as text.
    #[must_use]
    pub fn for_people(&self) -> String {
        let actions: Vec<String> = self.actions.iter().map(|(action, count)| format!("{count} {action}")).collect();
        let mut lines = vec![
            format!(
                "{} of {} {} would be sent to test {} on {} ({}, account {}): {}",
                self.would_send,
                self.rows,
                plural(self.rows, "row", "rows"),
                self.test,
                self.platform,
                self.host,
                self.account,
                actions.join(", ")
            ),
            format!("{} {} would be asked for", self.mails, plural(self.mails, "mail to a candidate", "mails to candidates")),
        ];
        lines.extend(self.other_mails.iter().cloned());
        lines.extend(self.charge.iter().map(|(currency, sum)| format!("candidates are charged {sum} {currency} in all")));
        if let Some(seconds) = self.seconds.filter(|seconds| *seconds > 0) {
            lines.push(format!("it takes about {} at the rate", duration(seconds)));
        }
        lines.extend(self.not_told.iter().map(|line| (*line).to_owned()));
        lines.extend(self.losses.iter().map(|loss| format!("--{} is {}: {}", loss.option, loss.support, loss.note)));
        if self.rows_with_warnings > 0 {
            let rows = plural(self.rows_with_warnings, "row", "rows");
            lines.push(format!("{} {rows} with warnings; `bidden check FILE --on {}` lists them", self.rows_with_warnings, self.platform));
        }
        let table = |title: &str, all: u64, header: &[&str], rows: &[ReviewedRow<'_>]| {
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    let rest = row.reason.or(row.candidate.name.as_deref()).unwrap_or_default();
                    vec![row.row.to_string(), shown(row.candidate.label(), 44), row.action.slug().to_owned(), shown(rest, 200)]
                })
                .collect();
            let more = all.saturating_sub(rows.len() as u64);
            let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
            format!("\n{title}\n{}{more}", terminal::table(header, &cells))
        };
        if !self.first_rows.is_empty() {
            lines.push(table("First rows", self.would_send, &["row", "candidate", "action", "name"], &self.first_rows));
        }
        if !self.left_out.is_empty() {
            let left_out = self.rows.saturating_sub(self.would_send);
            lines.push(table("Not sent", left_out, &["row", "candidate", "action", "reason"], &self.left_out));
        }
        lines.join("\n")
    }
}

fn other_mails(platform: Platform, options: &InviteOptions, survey: &Survey) -> Vec<String> {
    let rows = survey.sendable;
    if platform != Platform::Imocha || rows == 0 {
        return Vec::new();
    }
    // iMocha reference, section 7 and choice 41.
    match options.stakeholder_emails.as_deref() {
        Some(text) if text.trim().eq_ignore_ascii_case("disable") => Vec::new(),
        Some(_) => vec![format!("each of --stakeholder-emails gets a mail when a candidate completes: up to {rows} each")],
        None => vec![format!(
            "without --stakeholder-emails the test's owner, or those of its default link, get a mail per candidate who completes: up to {rows}"
        )],
    }
}

fn not_told(platform: Platform, options: &InviteOptions, survey: &Survey) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if survey.sendable == 0 {
        return lines;
    }
    match platform {
        Platform::ThinkExam => {
            lines.push("Think Exam does not say whether registering a candidate mails them, and shows no assignment again");
        }
        Platform::Imocha => {
            lines.push("iMocha lists no invitation that waits or runs: whom others invited before cannot be seen");
            if options.window.start.is_none() && options.window.end.is_none() {
                lines.push("without --start and --end the default link's own settings hold");
            }
        }
        Platform::TestInvite => {}
    }
    lines
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{:.1} hours", seconds as f64 / 3600.0),
    }
}

/// What the user may have said beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Consent {
    /// `--yes`.
    pub yes: bool,
    /// `--max-emails`.
    pub max_emails: Option<u64>,
    /// No terminal talk beside the results.
    pub is_json: bool,
}

/// Asks when a host other than loopback would be reached, and only then. Without a yes the plan is shown and nothing is sent.
///
/// # Errors
/// Exit 2 when consent is missing.
pub fn ask(review: &Review<'_>, connection: &Connection, consent: Consent, ledger: &Ledger) -> Result<()> {
    confirm(review, connection, consent, connection.credential_changed(ledger)?)?;
    connection.remember_credential(ledger)
}

/// What was said beforehand to what would be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Nothing has to be said, or yes was said.
    Yes,
    /// Nothing: somebody is to be asked.
    Nothing,
    /// No to more mails than these.
    NotSoMany(u64),
    /// Yes, and nothing to the mails.
    NotToMails,
}

impl Review<'_> {
    /// What was said to it by `yes` and a largest number of mails.
    #[must_use]
    pub fn said(&self, is_live: bool, yes: bool, max_emails: Option<u64>) -> Said {
        match max_emails {
            Some(most) if self.mails > most => Said::NotSoMany(most),
            _ if !is_live || self.would_send == 0 => Said::Yes,
            None if yes && self.mails > 0 => Said::NotToMails,
            _ if yes => Said::Yes,
            _ => Said::Nothing,
        }
    }
}

const CHANGED: &str = "The credential is another one than in the runs before.";

fn confirm(review: &Review<'_>, connection: &Connection, consent: Consent, credential_changed: bool) -> Result<()> {
    let Consent { yes, max_emails, is_json } = consent;
    match review.said(connection.is_live(), yes, max_emails) {
        Said::NotSoMany(most) => {
            refused(review, is_json)?;
            let mails = plural(review.mails, "mail", "mails");
            return Err(Failure::usage(format!(
                "{} {mails} would be asked for, more than --max-emails {most}; nothing was sent",
                review.mails
            )));
        }
        Said::NotToMails => {
            refused(review, is_json)?;
            let hint = format!("--yes --max-emails {} says yes to them", review.mails);
            return Err(Failure::usage("--yes alone is no consent to mails; nothing was sent").hint(hint));
        }
        Said::Yes => {
            if yes && connection.is_live() && review.would_send > 0 && credential_changed {
                terminal::note(CHANGED);
            }
            return Ok(());
        }
        Said::Nothing => {}
    }
    refused(review, is_json)?;
    if !terminal::can_ask() {
        let hint = match review.mails {
            0 => "--yes says yes to it".to_owned(),
            mails => format!("--yes --max-emails {mails} says yes to it"),
        };
        return Err(Failure::usage("nobody can be asked without a terminal; nothing was sent").hint(hint));
    }
    let (number, what) = match review.mails {
        0 => (review.would_send, "people"),
        mails => (mails, "mails"),
    };
    let changed = if credential_changed { format!("\n{CHANGED}") } else { String::new() };
    let question = format!(
        "{changed}\nSend to {} as account {}, test {}: {} {}, {} {}{}. Type the number of {what} to go on: ",
        review.host,
        review.account,
        review.test,
        review.would_send,
        plural(review.would_send, "person", "people"),
        review.mails,
        plural(review.mails, "mail", "mails"),
        review.charge.iter().map(|(currency, sum)| format!(", {sum} {currency}")).collect::<String>(),
    );
    let mut error = std::io::stderr().lock();
    let _ = write!(error, "{question}");
    let _ = error.flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && answer.trim() == number.to_string() { Ok(()) } else { Err(Failure::usage("that was no yes; nothing was sent")) }
}

fn refused(review: &Review<'_>, is_json: bool) -> Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        plan: &'a Review<'a>,
    }
    if is_json { terminal::print_json(&Line { plan: review }) } else { terminal::print(&review.for_people()) }
}
