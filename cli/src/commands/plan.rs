//! `bidden plan`: what `invite` would do, as a file to be reviewed and applied.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use bidden::candidate::Field;
use bidden_ledger::Digest;
use bidden_ledger::plan::{
    Columns, Header, InputFile, PlannedRow, VERSION, Writer, create_private, fields_of, options_to_json, price_to_text,
};

use super::invite;
use crate::configuration::{ProfileOptions, without_password};
use crate::failure::{Failure, Result};
use crate::rows::Task;
use crate::rows::planner::{Planned, invitee};
use crate::rows::report::OutputForm;
use crate::rows::source::Cells;
use crate::table::Reader;
use crate::terminal;

/// Everything that `invite` takes; `-o` names the plan.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "`bidden apply FILE` sends what the plan says, after it has looked whether that still holds.\n\n\
The plan holds the rows of the file with all their columns, but no password and no credential2: `apply --secrets` reads those from\n\
the original. Of a row in whose cells a password may have slipped into another column it holds the address alone.\n\n\
Example: bidden plan candidates.csv --on imocha --test 292930 --send-email -o plan.jsonl")]
pub struct PlanOptions {
    #[command(flatten)]
    invite: invite::Options,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 when the file cannot be used or the plan not be written.
pub fn run(options: &PlanOptions) -> Result<ExitCode> {
    let options = &options.invite;
    let Some(path) = options.run.output.as_deref() else {
        return Err(Failure::usage("-o FILE is missing: the file for the plan; `invite --dry-run` only shows it"));
    };
    if is_input(&options.file.file, path) {
        return Err(Failure::usage("-o names the input file; give the plan a file of its own"));
    }
    let is_output = path.as_os_str() == "-";
    invite::prepare(options, |options, file_run| {
        let file: Box<dyn Write> = if is_output {
            Box::new(std::io::stdout().lock())
        } else {
            Box::new(create_private(path).map_err(|error| Failure::usage(format!("the plan cannot be written: {error}")))?)
        };
        let mut file = Some(BufWriter::with_capacity(1 << 16, file));
        // The writer and the columns of what it writes.
        let writer = std::cell::RefCell::new(None);
        let input = input_file(&options.file)?;
        let consent = file_run.consent.consent();
        file_run.plan(
            Cells::WithoutSecrets,
            |connection, desk, preparation, reader| {
                let columns = columns_of(reader);
                let header = Header {
                    plan: VERSION,
                    made_at: preparation.now.to_string(),
                    place: desk.base().clone(),
                    base_url: connection.base_url.as_str().to_owned(),
                    options: options_to_json(&preparation.options),
                    consent,
                    input: input.clone(),
                    columns: Some(columns.clone()),
                };
                let begun = file.take().map(|file| Writer::new(file, &header)).transpose()?;
                *writer.borrow_mut() = begun.map(|writer| (writer, columns));
                Ok(())
            },
            |planned| match &mut *writer.borrow_mut() {
                Some((writer, columns)) => Ok(writer.row(&row_of(planned, columns))?),
                None => Ok(()),
            },
            |review| {
                if let Some((writer, _)) = writer.borrow_mut().take() {
                    writer.finish()?;
                }
                if is_output {
                    terminal::note(&review.for_people());
                    return Ok(());
                }
                if options.run.show.json {
                    return terminal::print_json(review);
                }
                let apply = apply_command(&path.to_string_lossy(), options.connection.ledger.as_deref(), &options.connection.profile);
                terminal::print(&format!("{}\n\nPlan: {}. `{apply}` sends it.", review.for_people(), path.display()))
            },
        )
    })
}

/// The command that sends a plan: with the record and the profile that it was made with, which the plan does not hold. In another
/// record nobody would be known.
pub(super) fn apply_command(plan: &str, ledger: Option<&str>, profile: &ProfileOptions) -> String {
    let ledger = ledger.map(without_password);
    let config = profile.config.as_deref().map(Path::to_string_lossy);
    let options = [("--ledger", ledger.as_deref()), ("--config", config.as_deref()), ("--profile", profile.profile.as_deref())];
    let mut command = format!("bidden apply {}", as_word(plan));
    for (option, value) in options {
        if let Some(value) = value {
            command.extend([" ", option, " ", &as_word(value)]);
        }
    }
    command
}

/// A word as a shell takes it.
fn as_word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-:@%+,=".contains(&byte) || byte >= 0x80;
    if !text.is_empty() && text.bytes().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// The columns of a file, for the rows of its plan.
pub(crate) fn columns_of(reader: &Reader) -> Columns {
    let OutputForm { delimiter, has_mark, makes_formulas } = OutputForm::of(reader);
    let header = reader.header();
    let mut fields = vec![None; header.texts().len()];
    for field in Field::ALL {
        if let [column] = header.columns(field)
            && let Some(held) = fields.get_mut(*column)
        {
            *held = Some(field.name().to_owned());
        }
    }
    Columns { header: header.texts().to_vec(), fields, delimiter: char::from(delimiter), has_mark, makes_formulas }
}

pub(crate) fn row_of(planned: &Planned, columns: &Columns) -> PlannedRow {
    let line = &planned.line;
    let (candidate, left_out, price) = match invitee(&line.task) {
        Some(invitee) => {
            let (fields, left_out) = fields_of(&invitee.candidate);
            (fields, left_out, invitee.price.as_ref().map(price_to_text))
        }
        None => {
            let person = [("email", &line.person.email), ("name", &line.person.name), ("external_id", &line.person.external_id)];
            let fields = person.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?))).collect();
            (fields, Vec::new(), None)
        }
    };
    PlannedRow {
        row: line.row,
        line: line.line,
        action: planned.action,
        mail: planned.mail,
        cells: columns.untold(&line.cells, &candidate),
        candidate,
        left_out,
        price,
        seen: planned.seen.clone(),
        why: planned.why.clone(),
        faults: faults_of(&line.task),
    }
}

/// The fields that keep a row from being sent.
fn faults_of(task: &Task) -> Vec<(String, String)> {
    let error = match task {
        Task::Settled(outcome) => outcome.error.as_ref(),
        _ => None,
    };
    error.iter().flat_map(|error| error.fields()).map(|fault| (fault.field.clone(), fault.reason.clone())).collect()
}

/// Whether the plan would be written over the input.
pub(crate) fn is_input(input: &str, path: &std::path::Path) -> bool {
    match (std::path::Path::new(input).canonicalize(), path.canonicalize()) {
        (Ok(input), Ok(path)) => input == path,
        _ => false,
    }
}

/// The original file and its digest; none for standard input, which cannot be read again.
pub(crate) fn input_file(options: &super::sending::FileOptions) -> Result<Option<InputFile>> {
    if options.file == "-" || !std::path::Path::new(&options.file).is_file() {
        return Ok(None);
    }
    let digest = digest_of(&options.file)?;
    Ok(Some(InputFile { name: options.file.clone(), digest, mappings: options.mappings.clone(), sheet: options.sheet.clone() }))
}

/// SHA-256 of a file.
///
/// # Errors
/// Exit 2 when it cannot be read.
pub(super) fn digest_of(path: &str) -> Result<Digest> {
    let cannot = |error: std::io::Error| Failure::usage(format!("{path} cannot be read: {error}"));
    let mut file = File::open(path).map_err(cannot)?;
    let mut hasher = bidden_ledger::digest::Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(cannot)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proposed_command_can_be_pasted_and_holds_no_password() {
        let none = ProfileOptions::default();
        assert_eq!(apply_command("plan.jsonl", None, &none), "bidden apply plan.jsonl");
        let profile = ProfileOptions { config: Some("its own.toml".into()), profile: Some("it's".to_owned()) };
        let expected =
            r"bidden apply 'a plan.jsonl' --ledger postgres://ada@db.example.com/bidden --config 'its own.toml' --profile 'it'\''s'";
        assert_eq!(apply_command("a plan.jsonl", Some("postgres://ada:secret@db.example.com/bidden"), &profile), expected);
    }
}
