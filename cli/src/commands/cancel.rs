//! `bidden cancel` and `bidden reattempt`: an invitation is withdrawn, or another attempt allowed.

use std::process::ExitCode;

use bidden::operation::{InviteOptions, TestId};
use bidden::{AccessWindow, Platform};

use super::invite::time;
use super::sending::{ConsentOptions, RunOptions, send_addresses};
use crate::configuration::ConnectionOptions;
use crate::failure::{Failure, Result};
use crate::rows::source::Step;
use crate::values;

/// Whose invitation.
#[derive(Clone, Debug, clap::Args)]
pub struct Whose {
    /// The address of a candidate; - for addresses on standard input, one per line
    #[arg(value_name = "EMAIL|-", required_unless_present = "invitation")]
    email: Option<String>,
    /// The platform
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Platform,
    /// The test; TestInvite calls it task
    #[arg(long, value_name = "ID", required_unless_present = "invitation")]
    test: Option<String>,
    /// The platform's id of the invitation, in place of the address
    #[arg(long, value_name = "ID", conflicts_with = "email")]
    invitation: Option<String>,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    consent: ConsentOptions,
}

/// The options of `cancel`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: bidden cancel ada@example.com --on imocha --test 292930 --sandbox")]
pub struct CancelOptions {
    #[command(flatten)]
    whose: Whose,
}

/// The options of `reattempt`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Example: bidden reattempt ada@example.com --on imocha --test 292930 --start 2026-12-01T09:00:00Z --end 2026-12-01T11:00:00Z --time-zone-id 1720"
)]
pub struct ReattemptOptions {
    #[command(flatten)]
    whose: Whose,
    /// When the test may first be started: RFC 3339, or local time with --zone
    #[arg(long, value_name = "TIME", help_heading = "Window")]
    start: Option<String>,
    /// When it may no longer be started
    #[arg(long, value_name = "TIME", help_heading = "Window")]
    end: Option<String>,
    /// The zone of local times, e.g. Europe/Berlin
    #[arg(long, value_name = "IANA", help_heading = "Window")]
    zone: Option<String>,
    /// iMocha: the number of the zone in which the invitation is used
    #[arg(long, value_name = "N", help_heading = "Window")]
    time_zone_id: Option<i64>,
    /// The platform mails each candidate
    #[arg(long, help_heading = "Who is told (default: nobody)")]
    send_email: bool,
    /// Refuses to ask for more mails to candidates than this
    #[arg(long, value_name = "N", help_heading = "Who is told (default: nobody)")]
    max_emails: Option<u64>,
}

/// Runs `cancel`.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the input or the output breaks off.
pub fn run(options: &CancelOptions) -> Result<ExitCode> {
    options.whose.send(Step::Cancel, &InviteOptions::default(), None)
}

/// Runs `reattempt`.
///
/// # Errors
/// As [`run`].
pub fn run_reattempt(options: &ReattemptOptions) -> Result<ExitCode> {
    let zone = options.zone.as_deref();
    let window =
        AccessWindow { start: time("--start", options.start.as_deref(), zone)?, end: time("--end", options.end.as_deref(), zone)? };
    let invite = InviteOptions { window, time_zone_id: options.time_zone_id, send_email: options.send_email, ..InviteOptions::default() };
    options.whose.send(Step::Reattempt, &invite, options.max_emails)
}

impl Whose {
    fn send(&self, step: Step, options: &InviteOptions, most_mails: Option<u64>) -> Result<ExitCode> {
        let is_possible = match step {
            Step::Reattempt => self.on == Platform::Imocha,
            _ => true,
        };
        if !is_possible {
            return Err(Failure::usage(format!("{} has no call that allows another attempt", self.on.title())));
        }
        let test = TestId::from(self.test.as_deref().unwrap_or_default());
        let needs_test = self.invitation.is_none() || self.on != Platform::Imocha;
        if needs_test && test.as_str().is_empty() {
            return Err(Failure::usage("--test is missing"));
        }
        let whom = super::sending::Whom { email: self.email.as_deref(), invitation: self.invitation.as_deref() };
        send_addresses(whom, step, self.on, &test, options, most_mails, &self.connection, &self.run, self.consent)
    }
}
