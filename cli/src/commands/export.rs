//! `bidden export`: the whole record, an invitation at a time.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::time::SystemTime;

use bidden::{Error, Kind, Time};
use bidden_ledger::plan::create_private;
use bidden_ledger::record::Record;
use bidden_ledger::status::Invitation;
use bidden_ledger::{Ledger, Place};

use crate::configuration::RecordOptions;
use crate::failure::{Failure, Result};
use crate::rows::report::{harmless, plural, word};
use crate::terminal;

const AFTER_HELP: &str = "\
JSON Lines holds the objects of `bidden history --json`, one per invitation; their
operations come with --operations. In CSV a cell that a spreadsheet would take for a
formula begins with an apostrophe. The file is for its owner's eyes only (0600):
it names people, and holds the links to their tests.

Example: bidden export --format csv -o invitations.csv";

/// The options of `bidden export`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Jsonl, help_heading = "Output")]
    format: Format,
    /// Writes to this file [default: standard output]
    #[arg(long, short = 'o', value_name = "FILE", help_heading = "Files")]
    output: Option<PathBuf>,
    /// With all operations of each invitation; JSON Lines only
    #[arg(long, help_heading = "Output")]
    operations: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// How the record is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Format {
    /// One JSON object per line
    Jsonl,
    /// Comma-separated, with a header
    Csv,
}

/// So many invitations wait at most to be written.
const WAITING: usize = 256;

/// Runs the command.
///
/// # Errors
/// Exit 2 for a file that cannot be written, exit 3 when the record cannot be read or the output breaks off.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.operations && options.format == Format::Csv {
        return Err(Failure::usage("--operations needs --format jsonl: a CSV row has no room for them"));
    }
    let (ledger, location) = options.record.read()?;
    // Operations are asked for while the invitations are still being read.
    let beside = if options.operations { Some(options.record.read()?.0) } else { None };
    let out: Box<dyn Write> = match &options.output {
        Some(path) => Box::new(private(path).map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display())))?),
        None => Box::new(std::io::stdout().lock()),
    };
    let mut writer = Writer::new(BufWriter::with_capacity(1 << 16, out), options.format);
    let written = write(&ledger, beside.as_ref(), &mut writer);
    let count = match written.and_then(|count| writer.finish().map(|()| count).map_err(Broken::Output)) {
        Ok(count) => count,
        Err(Broken::Output(error)) if error.kind() == ErrorKind::BrokenPipe && options.output.is_none() => {
            return Err(Failure::closed_pipe());
        }
        Err(Broken::Output(error)) => {
            return Err(Error::new(Kind::Storage, format!("the export cannot be written: {error}")).into());
        }
        Err(Broken::Record(error)) => return Err(error.into()),
    };
    if let Some(path) = &options.output {
        terminal::note(&format!("{count} {} of {location}: {}", plural(count, "invitation", "invitations"), path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What broke off.
enum Broken {
    Record(Error),
    Output(std::io::Error),
}

fn write(ledger: &Ledger, beside: Option<&Ledger>, writer: &mut Writer<impl Write>) -> std::result::Result<u64, Broken> {
    let now: Time = SystemTime::now().into();
    let (send, records) = sync_channel::<(Place, Record)>(WAITING);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || ledger.each(move |place, record| Ok(send.send((place.clone(), record)).is_ok())));
        let mut count = 0;
        for (place, record) in records {
            let last = record.operation;
            let operations =
                beside.map(|ledger| ledger.ask(move |storage| storage.operations(last))).transpose().map_err(Broken::Record)?;
            writer.write(&Invitation::at(now, &place, &record, operations.as_deref())).map_err(Broken::Output)?;
            count += 1;
        }
        match reading.join() {
            Ok(read) => read.map(|()| count).map_err(Broken::Record),
            Err(_) => Err(Broken::Record(Error::new(Kind::Internal, "the reading of the record ended in a panic"))),
        }
    })
}

const COLUMNS: [&str; 21] = [
    "platform",
    "address",
    "account",
    "test",
    "within",
    "email",
    "external_id",
    "other_id",
    "disposition",
    "status",
    "platform_status",
    "mail",
    "invitation_id",
    "invitation_code",
    "test_url",
    "start",
    "end",
    "under_way",
    "error_kind",
    "error_message",
    "platform_code",
];

enum Writer<W: Write> {
    Lines(W),
    Cells(Box<csv::Writer<W>>, bool),
}

impl<W: Write> Writer<W> {
    fn new(out: W, format: Format) -> Self {
        match format {
            Format::Jsonl => Writer::Lines(out),
            Format::Csv => Writer::Cells(Box::new(csv::Writer::from_writer(out)), false),
        }
    }

    fn header(&mut self) -> std::io::Result<()> {
        if let Writer::Cells(writer, has_header) = self
            && !std::mem::replace(has_header, true)
        {
            writer.write_record(COLUMNS)?;
        }
        Ok(())
    }

    fn write(&mut self, invitation: &Invitation<'_>) -> std::io::Result<()> {
        self.header()?;
        match self {
            Writer::Lines(out) => {
                serde_json::to_writer(&mut *out, invitation)?;
                out.write_all(b"\n")
            }
            Writer::Cells(writer, _) => {
                Ok(writer.write_record(cells(invitation).map(|cell| harmless(cell.unwrap_or_default()).into_owned()))?)
            }
        }
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.header()?;
        match self {
            Writer::Lines(mut out) => out.flush(),
            Writer::Cells(mut writer, _) => writer.flush(),
        }
    }
}

fn cells<'a>(invitation: &Invitation<'a>) -> [Option<Cow<'a, str>>; 21] {
    let Invitation { place, candidate, error, .. } = invitation;
    let given = |text: Option<&'a str>| text.map(Cow::Borrowed);
    let moment = |time: Option<Time>| time.map(|time| Cow::Owned(time.to_string()));
    [
        given(Some(&place.platform)),
        given(Some(&place.address)),
        given(Some(&place.account)),
        given(Some(&place.test)),
        given(place.within.as_deref()),
        given(candidate.email),
        given(candidate.external_id),
        given(candidate.other_id),
        given(invitation.disposition.map(|disposition| disposition.slug())),
        given(invitation.status.map(|status| status.slug())),
        given(invitation.platform_status),
        word(&invitation.email).map(|word| Cow::Owned(word.into_owned())),
        given(invitation.invitation_id),
        given(invitation.invitation_code),
        given(invitation.test_url),
        moment(invitation.start),
        moment(invitation.end),
        given(invitation.under_way.map(|under_way| under_way.deed.slug())),
        given(error.map(|error| error.kind.as_str())),
        given(error.map(|error| error.message.as_str())),
        given(error.and_then(|error| error.platform_code.as_deref())),
    ]
}

/// A file for its owner only, one that was there before included.
fn private(path: &Path) -> std::io::Result<File> {
    let file = create_private(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}
