//! `bidden assign` and `bidden deassign`: a Think Exam test is given to candidates who are registered, or taken from them.

use std::process::ExitCode;

use bidden::Platform;
use bidden::operation::{InviteOptions, TestId};

use super::sending::{ConsentOptions, RunOptions, send_addresses};
use crate::configuration::ConnectionOptions;
use crate::failure::{Failure, Result};
use crate::rows::source::Step;

/// Whom, and to which test.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: bidden assign ada@example.com --test 41 --send-email --sandbox")]
pub struct Options {
    #[command(flatten)]
    whom: Whom,
    /// Think Exam mails each candidate
    #[arg(long, help_heading = "Who is told (default: nobody)")]
    send_email: bool,
    /// Refuses to ask for more mails to candidates than this
    #[arg(long, value_name = "N", help_heading = "Who is told (default: nobody)")]
    max_emails: Option<u64>,
    /// The candidate needs no password
    #[arg(long, help_heading = "Think Exam")]
    skip_password: bool,
}

/// Whom, and from which test.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: bidden deassign ada@example.com --test 41 --sandbox")]
pub struct DeassignOptions {
    #[command(flatten)]
    whom: Whom,
}

#[derive(Clone, Debug, clap::Args)]
struct Whom {
    /// The address of a candidate; - for addresses on standard input, one per line
    #[arg(value_name = "EMAIL|-")]
    email: String,
    /// The test
    #[arg(long, value_name = "ID")]
    test: String,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    consent: ConsentOptions,
}

/// Runs `assign`.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the input or the output breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    let invite = InviteOptions { send_email: options.send_email, skip_password: options.skip_password, ..InviteOptions::default() };
    options.whom.send(Step::Assign, &invite, options.max_emails)
}

/// Runs `deassign`.
///
/// # Errors
/// As [`run`].
pub fn run_deassign(options: &DeassignOptions) -> Result<ExitCode> {
    options.whom.send(Step::Cancel, &InviteOptions::default(), None)
}

impl Whom {
    fn send(&self, step: Step, options: &InviteOptions, most_mails: Option<u64>) -> Result<ExitCode> {
        let test = TestId::from(self.test.as_str());
        if test.as_str().is_empty() {
            return Err(Failure::usage("--test is blank"));
        }
        let whom = super::sending::Whom { email: Some(&self.email), invitation: None };
        send_addresses(whom, step, Platform::ThinkExam, &test, options, most_mails, &self.connection, &self.run, self.consent)
    }
}
