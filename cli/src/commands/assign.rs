//! `bidden assign` and `bidden deassign`: a Think Exam test is given to candidates who are registered, or taken from them.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::Platform;
use bidden::operation::{InviteOptions, TestId};

use super::sending::{Parameters, RunOptions, send};
use crate::configuration::{Connection, ConnectionOptions};
use crate::failure::{Failure, Result};
use crate::rows::report::{Output, OutputForm, Style};
use crate::rows::source::{AddressRows, Step};

/// Whom, and to which test.
#[derive(Clone, Debug, clap::Args)]
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
}

/// Runs `assign`.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the input or the output breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    let invite = InviteOptions { send_email: options.send_email, skip_password: options.skip_password, ..InviteOptions::default() };
    options.whom.send(Step::Assign(&invite), &invite, options.max_emails)
}

/// Runs `deassign`.
///
/// # Errors
/// As [`run`].
pub fn run_deassign(options: &DeassignOptions) -> Result<ExitCode> {
    options.whom.send(Step::Deassign, &InviteOptions::default(), None)
}

impl Whom {
    fn send(&self, step: Step<'_>, options: &InviteOptions, most_mails: Option<u64>) -> Result<ExitCode> {
        let test = TestId::from(self.test.as_str());
        if test.as_str().is_empty() {
            return Err(Failure::usage("--test is blank"));
        }
        let is_one = self.email != "-";
        if is_one && options.send_email && most_mails == Some(0) {
            return Err(Failure::usage("1 mail would be asked for, more than --max-emails 0"));
        }
        let connection = Connection::open(&self.connection, Platform::ThinkExam)?;
        let mut source = AddressRows::new(&self.email, &test, step, SystemTime::now().into());
        let form = OutputForm { delimiter: b',', has_mark: false, makes_formulas: false };
        let output = self.run.output.as_deref().map(|path| Output::create(path, None, &["email".to_owned()], form)).transpose()?;
        let style = Style {
            is_json: self.run.show.json,
            is_quiet: self.run.show.quiet,
            total: is_one.then_some(1),
            widest: is_one.then(|| unicode_width::UnicodeWidthStr::width(self.email.as_str())),
            warnings_hint: String::new(),
            others: None,
        };
        let parameters = Parameters { batch_size: 1, options, then_assign: None, most_mails };
        send(&connection, &self.run, &parameters, &mut source, style, output)
    }
}
