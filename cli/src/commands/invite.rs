//! `bidden invite`: the candidates of a file are invited to a test.

use std::process::ExitCode;
use std::time::SystemTime;

use bidden::capability::losses;
use bidden::imocha::ProctoringMode;
use bidden::operation::{Invite, InviteOptions, TestId};
use bidden::testinvite::{Language, Resource, Scope};
use bidden::{AccessWindow, Candidate, Error, FieldError, Platform, Time};
use bidden_ledger::plan::price_from_text;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::review::Review;
use super::sending::{ConsentOptions, FileOptions, FileRun, RunOptions, batch_size, note_ignored, without_losses};
use crate::configuration::ConnectionOptions;
use crate::failure::{Failure, Result};
use crate::rows::LARGEST_BATCH;
use crate::rows::source::{Cells, Preparation};
use crate::{terminal, values};

/// Everything a user can say about an invitation.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Nobody is mailed unless --send-email or --email-template is given.\n\n\
Exit code: 0 every row ended well, 1 some did not, 2 wrong usage or configuration and nothing was sent, 3 stopped early.\n\n\
Example: bidden invite examples/candidates.csv --on imocha --test 292930 --sandbox")]
pub struct Options {
    /// The platform
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    pub(super) on: Platform,
    /// The test; TestInvite calls it task
    #[arg(long, value_name = "ID")]
    pub(super) test: String,
    #[command(flatten)]
    pub(super) file: FileOptions,
    #[command(flatten)]
    pub(super) connection: ConnectionOptions,
    #[command(flatten)]
    told: Told,
    #[command(flatten)]
    window: Window,
    #[command(flatten)]
    afterwards: Afterwards,
    #[command(flatten)]
    imocha: ImochaOptions,
    #[command(flatten)]
    think_exam: ThinkExamOptions,
    #[command(flatten)]
    testinvite: TestInviteOptions,
    #[command(flatten)]
    pub(super) run: RunOptions,
    #[command(flatten)]
    consent: ConsentOptions,
    /// Sends without those options that the platform cannot honour
    #[arg(long, help_heading = "Consent")]
    allow_loss: bool,
    /// Sends nothing and says what would be sent
    #[arg(long, help_heading = "Run")]
    dry_run: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Who is told (default: nobody)")]
struct Told {
    /// The platform mails each candidate
    #[arg(long)]
    send_email: bool,
    /// TestInvite: mails this saved template of the task
    #[arg(long, value_name = "NAME")]
    email_template: Option<String>,
    /// TestInvite: mails it at this time (RFC 3339, or local time with --zone)
    #[arg(long, value_name = "TIME")]
    send_at: Option<String>,
    /// iMocha: comma-separated addresses told of completion, or disable
    #[arg(long, value_name = "LIST|disable")]
    stakeholder_emails: Option<String>,
    /// Refuses the run when it would ask for more mails to candidates than this
    #[arg(long, value_name = "N")]
    max_emails: Option<u64>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Window")]
struct Window {
    /// When the test may first be started: RFC 3339, or local time with --zone
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// When it may no longer be started
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// The zone of local times, e.g. Europe/Berlin
    #[arg(long, value_name = "IANA")]
    zone: Option<String>,
    /// iMocha: the number of the zone in which the invitation is used
    #[arg(long, value_name = "N")]
    time_zone_id: Option<i64>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Afterwards")]
struct Afterwards {
    /// Where the platform posts what becomes of the invitation
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// TestInvite: how much it posts
    #[arg(long, value_name = "HOW", value_parser = word(Resource::WORDS))]
    callback_resource: Option<Resource>,
    /// Where the browser goes after the test
    #[arg(long, value_name = "URL")]
    redirect_url: Option<String>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "iMocha")]
struct ImochaOptions {
    /// How the candidate is watched
    #[arg(long, value_name = "HOW", value_parser = word(&ProctoringMode::WORDS))]
    proctoring: Option<ProctoringMode>,
    /// Skips the instruction page
    #[arg(long)]
    hide_instruction: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Think Exam")]
struct ThinkExamOptions {
    /// The candidate needs no password
    #[arg(long)]
    skip_password: bool,
    /// The course of candidates whose row names none
    #[arg(long, value_name = "NAME")]
    course: Option<String>,
    /// How many candidates are registered with one call [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=LARGEST_BATCH as i64))]
    batch_size: Option<u16>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "TestInvite")]
struct TestInviteOptions {
    /// The group of candidates whose row names none
    #[arg(long, value_name = "G")]
    group: Option<String>,
    /// A label beside those of the row; may be given again
    #[arg(long = "label", value_name = "L")]
    labels: Vec<String>,
    /// A tag beside those of the row; may be given again
    #[arg(long = "tag", value_name = "K=V", value_parser = read_tag)]
    tags: Vec<(String, String)>,
    /// The language of the interface
    #[arg(long, value_name = "CODE", value_parser = word(Language::WORDS))]
    language: Option<Language>,
    /// A program the candidates are put into; may be given again
    #[arg(long = "program", value_name = "ID")]
    programs: Vec<String>,
    /// Where a candidate may stand only once [default: task]
    #[arg(long, value_name = "SCOPE", value_parser = word(Scope::WORDS))]
    unique_within: Option<Scope>,
    /// Sends nothing that guards against a second candidate
    #[arg(long)]
    no_tracking: bool,
    /// What each candidate pays, e.g. "19.90 EUR"
    #[arg(long, value_name = "AMOUNT CURRENCY")]
    price: Option<String>,
    /// Says yes to --price, or to a column mapped to price
    #[arg(long)]
    charge_candidates: bool,
}

/// One of a platform's closed words.
fn word<T: Copy + Send + Sync + 'static>(words: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word))
        .try_map(move |given| words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value).ok_or("no such word"))
}

fn read_tag(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("KEY=VALUE is expected".to_owned()),
    }
}

/// Reads all options, and hands on what they come to.
pub(super) fn prepare(options: &Options, then: impl FnOnce(&Options, FileRun<'_>) -> Result<ExitCode>) -> Result<ExitCode> {
    let now = Time::from(SystemTime::now());
    let (mappings, price_header) = options.file.mappings()?;
    let given = invite_options(options)?;
    let also: Vec<&'static str> = options.think_exam.batch_size.iter().map(|_| "batch-size").collect();
    let lost = losses(options.on, given.set().into_iter().chain(also.iter().copied()));
    if (given.price.is_some() || price_header.is_some()) && !options.testinvite.charge_candidates {
        return Err(Failure::usage("candidates are to pay: say so with --charge-candidates"));
    }
    if options.testinvite.charge_candidates && given.price.is_none() && price_header.is_none() {
        return Err(Failure::usage("--charge-candidates needs --price, or a column mapped with --map \"Header=price\""));
    }
    if price_header.is_some() && options.on != Platform::TestInvite {
        return Err(Failure::usage("a price can be sent to TestInvite only"));
    }
    let accepted = without_losses(options.on, given, &also, options.allow_loss)?;
    let preparation = Preparation {
        platform: options.on,
        test: Some(TestId::from(options.test.as_str())),
        options: accepted,
        price_header,
        now,
        is_live: false,
    };
    check_once(&preparation)?;
    let file_run = FileRun {
        file: &options.file,
        mappings: &mappings,
        preparation,
        run: &options.run,
        connection: &options.connection,
        batch_size: batch_size(options.think_exam.batch_size),
        most_mails: options.told.max_emails,
        consent: options.consent,
        losses: &lost,
    };
    then(options, file_run)
}

/// Runs the command.
///
/// # Errors
/// Exit 2 before anything is sent, exit 3 when the file or the output breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    prepare(options, |options, file_run| if options.dry_run { dry_run(options, file_run) } else { file_run.send() })
}

/// Refuses once, before any row, what would be refused of every row: the test and the options.
pub(crate) fn check_once(preparation: &Preparation) -> Result<()> {
    let anybody = Candidate::new("anybody@example.com").and_then(|candidate| candidate.name("Anybody"))?;
    if let Some(test) = &preparation.test {
        if test.as_str().is_empty() {
            return Err(Failure::from(Error::invalid_field("--test", "is blank")));
        }
        Invite::new(preparation.platform, test, &anybody, &preparation.options, preparation.now).map_err(|error| {
            let as_option = |field: &FieldError| FieldError::new(format!("--{}", field.field.replace('_', "-")), field.reason.clone());
            Error::invalid_input(error.fields().iter().map(as_option).collect())
        })?;
    }
    Ok(())
}

fn invite_options(options: &Options) -> Result<InviteOptions> {
    let zone = options.window.zone.as_deref();
    if let Some(zone) = zone {
        // A zone is checked even where every time has its own offset; no clock changes at this noon.
        time("--zone", Some("2000-01-01T12:00"), Some(zone))?;
    }
    let (start, end) = (time("--start", options.window.start.as_deref(), zone)?, time("--end", options.window.end.as_deref(), zone)?);
    let price = options.testinvite.price.as_deref().map(price_from_text).transpose().map_err(|error| {
        let reason = error.fields().first().map_or(String::new(), |fault| fault.reason.clone());
        Error::invalid_field("--price", reason)
    })?;
    Ok(InviteOptions {
        send_email: options.told.send_email,
        email_template: options.told.email_template.clone(),
        send_at: time("--send-at", options.told.send_at.as_deref(), zone)?,
        stakeholder_emails: options.told.stakeholder_emails.clone(),
        window: AccessWindow { start, end },
        time_zone_id: options.window.time_zone_id,
        callback_url: options.afterwards.callback_url.clone(),
        callback_resource: options.afterwards.callback_resource,
        redirect_url: options.afterwards.redirect_url.clone(),
        proctoring: options.imocha.proctoring,
        hide_instruction: options.imocha.hide_instruction,
        skip_password: options.think_exam.skip_password,
        course: options.think_exam.course.clone(),
        group: options.testinvite.group.clone(),
        labels: options.testinvite.labels.clone(),
        tags: options.testinvite.tags.clone(),
        language: options.testinvite.language,
        program_ids: options.testinvite.programs.clone(),
        unique_within: options.testinvite.unique_within,
        no_tracking: options.testinvite.no_tracking,
        price,
    })
}

/// A moment: with its own offset, or local in the zone.
pub(super) fn time(option: &str, text: Option<&str>, zone: Option<&str>) -> Result<Option<Time>> {
    let read = |text: &str| match zone {
        Some(zone) => Time::parse_local(text, zone),
        None => Time::parse(text),
    };
    text.map(read).transpose().map_err(|error| {
        let fault = error.fields().first();
        let field = if fault.is_some_and(|fault| fault.field == "zone") { "--zone" } else { option };
        let hint = "a local time needs --zone, e.g. --zone Europe/Berlin";
        let failure = Failure::from(Error::invalid_field(field, fault.map_or(String::new(), |fault| fault.reason.clone())));
        if zone.is_none() { failure.hint(hint) } else { failure }
    })
}

fn dry_run(options: &Options, file_run: FileRun<'_>) -> Result<ExitCode> {
    #[derive(Serialize)]
    struct Line<'a> {
        dry_run: &'a Review<'a>,
    }
    let show = options.run.show;
    let most = options.told.max_emails;
    file_run.plan(
        Cells::None,
        |_, _, _, _| Ok(()),
        |_| Ok(()),
        |review| {
            if show.json {
                return terminal::print_json(&Line { dry_run: review });
            }
            if !show.quiet {
                note_ignored(review.ignored_columns());
            }
            terminal::print(&format!("Dry run: nothing is sent.\n{}", review.for_people()))?;
            match most.filter(|most| review.mails() > *most) {
                Some(most) => terminal::print(&format!("that is more than --max-emails {most}: the run would be refused")),
                None => Ok(()),
            }
        },
    )
}
