//! The command `bidden` as a library: [`run`] takes the arguments and gives the exit code.
//!
//! **In scope**: reading options, files, profiles and the environment; what people and scripts see. **Out of scope**:
//! any rule of a platform; those are in the crate `bidden`.

mod commands;
pub mod configuration;
pub mod failure;
pub mod interrupt;
mod log;
pub mod many;
mod rows;
pub mod sandbox_here;
pub mod table;
pub mod terminal;
pub mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Result;

/// What stands below every help text of the whole.
const AFTER_HELP: &str = "\
Credentials come from the environment (BIDDEN_IMOCHA_API_KEY,
BIDDEN_TESTINVITE_TOKEN, BIDDEN_THINK_EXAM_API_KEY, BIDDEN_THINK_EXAM_SECRET, …)
or from a profile in bidden.toml; never from arguments. BIDDEN_LOG=debug says more.

Example: bidden invite examples/candidates.csv --on imocha --test 292930 --sandbox";

/// Invites candidates to tests on Think Exam, iMocha and TestInvite.
#[derive(Debug, Parser)]
#[command(name = "bidden", version, after_help = AFTER_HELP, max_term_width = 120, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Invites the candidates of a file to a test
    Invite(Box<commands::invite::Options>),
    /// Finds every mistake of a candidate file, and sends nothing
    Check(commands::check::Options),
    /// Writes what `invite` would do into a file, to be reviewed and applied
    Plan(Box<commands::plan::PlanOptions>),
    /// Sends what a plan says, and continues after an interruption
    Apply(Box<commands::apply::Options>),
    /// Registers the candidates of a file with Think Exam, and invites them to nothing
    Register(commands::register::Options),
    /// Assigns a Think Exam test to registered candidates
    Assign(commands::assign::Options),
    /// Withdraws a Think Exam test from candidates
    Deassign(commands::assign::DeassignOptions),
    /// Withdraws invitations
    Cancel(commands::cancel::CancelOptions),
    /// Allows candidates another attempt (iMocha)
    Reattempt(commands::cancel::ReattemptOptions),
    /// Shows everything that was done for a candidate, and what came of it: the proof
    History(commands::history::Options),
    /// Counts the invitations of the ledger, place by place
    Status(commands::status::Options),
    /// Writes every invitation of the ledger as JSON Lines or CSV
    Export(commands::export::Options),
    /// Holds the ledger against what the platform shows of a test
    Reconcile(commands::reconcile::Options),
    /// Looks before the first send whether all is in order
    Doctor(commands::doctor::Options),
    /// Sends one call by its name, prints its request, or reads a stored answer
    Call(commands::call::Options),
    /// Receives the callbacks of the platforms, notes them in the ledger, and passes them on
    Listen(commands::listen::Options),
    /// Reads a stored callback of a platform
    Callback(commands::callback::Options),
    /// Says what an event does to an invitation, or why it is refused
    Explain(commands::explain::Options),
    /// Lists what each platform can do, and its calls
    Platforms(commands::platforms::Options),
    /// Makes or explains the headers ak, sgn and ts of a Think Exam request
    Sign(commands::sign::Options),
    /// Plays the three platforms on this machine
    Sandbox(commands::sandbox::Options),
}

/// Runs the command with its arguments, the program's name first.
///
/// Exit code: 0 all went well; 1 a platform or the rules said no; 2 wrong usage or configuration, nothing was sent;
/// 3 stopped early; 130 interrupted twice.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A reader of the help text that goes away is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    log::start();
    match dispatch(arguments.command) {
        Ok(exit) => exit,
        Err(failure) => {
            terminal::report(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Invite(options) => commands::invite::run(&options),
        Command::Check(options) => commands::check::run(&options),
        Command::Register(options) => commands::register::run(&options),
        Command::Assign(options) => commands::assign::run(&options),
        Command::Deassign(options) => commands::assign::run_deassign(&options),
        Command::Plan(options) => commands::plan::run(&options),
        Command::Apply(options) => commands::apply::run(&options),
        Command::Cancel(options) => commands::cancel::run(&options),
        Command::Reattempt(options) => commands::cancel::run_reattempt(&options),
        Command::History(options) => commands::history::run(&options),
        Command::Status(options) => commands::status::run(&options),
        Command::Export(options) => commands::export::run(&options),
        Command::Reconcile(options) => commands::reconcile::run(&options),
        Command::Doctor(options) => commands::doctor::run(&options),
        Command::Call(options) => commands::call::run(&options),
        Command::Listen(options) => commands::listen::run(&options),
        Command::Callback(options) => commands::callback::run(&options),
        Command::Explain(options) => commands::explain::run(&options),
        Command::Platforms(options) => commands::platforms::run(&options),
        Command::Sign(options) => commands::sign::run(&options),
        Command::Sandbox(options) => commands::sandbox::run(&options),
    }
}
