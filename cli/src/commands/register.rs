//! `bidden register`: the candidates of a file are registered, and invited to nothing.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::Platform;
use bidden::capability::{OPERATIONS, Support};
use bidden::operation::InviteOptions;

use super::sending::{ConsentOptions, FileOptions, FileRun, RunOptions, batch_size};
use crate::configuration::ConnectionOptions;
use crate::failure::{Failure, Result};
use crate::rows::LARGEST_BATCH;
use crate::rows::source::Preparation;
use crate::values;

/// What is registered, and where.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: bidden register candidates.csv --on think-exam --sandbox")]
pub struct Options {
    /// The platform; only Think Exam registers apart from inviting
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Platform,
    #[command(flatten)]
    file: FileOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
    /// The course of candidates whose row names none
    #[arg(long, value_name = "NAME", help_heading = "Think Exam")]
    course: Option<String>,
    /// How many candidates are registered with one call [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=LARGEST_BATCH as i64), help_heading = "Think Exam")]
    batch_size: Option<u16>,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    consent: ConsentOptions,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the file or the output breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    let support = OPERATIONS.iter().find(|operation| operation.name == "register").map(|operation| operation.on(options.on));
    if let Some(Support::NotPossible(note)) = support {
        return Err(Failure::usage(format!("--on {}: {note}", options.on)));
    }
    let (mappings, price) = options.file.mappings()?;
    if price.is_some() {
        return Err(Failure::usage("a registration has no price"));
    }
    let preparation = Preparation {
        platform: options.on,
        test: None,
        options: InviteOptions { course: options.course.clone(), ..InviteOptions::default() },
        price_header: None,
        now: SystemTime::now().into(),
        is_live: false,
    };
    let run = FileRun {
        file: &options.file,
        mappings: &mappings,
        preparation,
        run: &options.run,
        connection: &options.connection,
        batch_size: batch_size(options.batch_size),
        most_mails: None,
        consent: options.consent,
        losses: &[],
    };
    run.send()
}
